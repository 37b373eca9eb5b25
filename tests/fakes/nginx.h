// Nginx: a real server as the peer of a test, where one that is scripted would prove nothing:
// HTTP/2, client certificates, unix sockets, proxying.
#pragma once

#include <sys/types.h>

#include <string>

namespace locust::fakes {

// One process with one directory of its own, both gone with the object.
class Nginx {
 public:
  static bool installed();

  // `servers` is what stands in http { }; every "@DIR@" in it is the directory. Returns when
  // "@DIR@/ready.sock" answers, on which the servers listen too where they say so.
  explicit Nginx(const std::string& servers);
  ~Nginx();
  Nginx(const Nginx&) = delete;
  Nginx& operator=(const Nginx&) = delete;

  const std::string& directory() const { return directory_; }

 private:
  std::string directory_;
  pid_t pid_ = -1;
};

// A port of the loopback interface that nobody listens on now.
int free_port();

}  // namespace locust::fakes
