// Has nothing: CMake compiles with it the headers that most sources include (LOCUST_PRECOMPILED).
