// FileSizeLimit: simulates a full disk for this process during its lifetime.
#pragma once

#include <sys/resource.h>

#include <csignal>

namespace locust::fakes {

// Files cannot grow beyond `bytes`. The destructor restores the previous limit.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    std::signal(SIGXFSZ, SIG_IGN);  // as the programs do
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
};

}  // namespace locust::fakes
