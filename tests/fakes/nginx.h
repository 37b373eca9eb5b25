// Nginx: a real server as the peer of a test, for features for which a scripted one is no proof:
// HTTP/2, client certificates, unix sockets, proxying.
#pragma once

#include <sys/types.h>

#include <string>

namespace locust::fakes {

// One process with a directory of its own. The destructor removes both.
class Nginx {
 public:
  static bool installed();

  // `servers` is the content of http { }, in which "@DIR@" is replaced by the directory. Returns
  // when "@DIR@/ready.sock" answers; a server in `servers` may listen on it too.
  explicit Nginx(const std::string& servers);
  ~Nginx();
  Nginx(const Nginx&) = delete;
  Nginx& operator=(const Nginx&) = delete;

  const std::string& directory() const { return directory_; }

 private:
  std::string directory_;
  pid_t pid_ = -1;
};

// A port of the loopback interface that is free now.
int free_port();

}  // namespace locust::fakes
