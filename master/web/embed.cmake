# cmake -D PAGE=FOLDER -D OUT=FILE.cc -P embed.cmake: compresses the files below FOLDER and makes a
# source file that puts them into the program (master/web/assets.h). Does nothing if FILE.cc has them.
cmake_policy(SET CMP0057 NEW)
file(GLOB_RECURSE files LIST_DIRECTORIES false RELATIVE ${PAGE} ${PAGE}/*)
list(FILTER files EXCLUDE REGEX "^\\.")
list(SORT files)
set(packed ${OUT}.files)

include(${CMAKE_CURRENT_LIST_DIR}/../../common/embed_data.cmake)
foreach(file IN LISTS files)
  embed(Asset locust_asset ${file} ${PAGE}/${file} ${packed}/${file}.gz)
endforeach()
make_text(master/web/embed.cmake master/web/assets.h locust::master::web Asset embedded_assets kAssets)
if(EXISTS ${OUT})
  file(READ ${OUT} known)
  if(known STREQUAL text)
    return()
  endif()
endif()

foreach(file IN LISTS files)
  get_filename_component(folder ${packed}/${file} DIRECTORY)
  file(MAKE_DIRECTORY ${folder})
  execute_process(COMMAND gzip -9nc ${PAGE}/${file} OUTPUT_FILE ${packed}/${file}.gz
    COMMAND_ERROR_IS_FATAL ANY)
endforeach()
file(WRITE ${OUT} "${text}")
