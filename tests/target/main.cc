// locust-target: command line, file limit and signals; the rest is TargetServer.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>

#include "common/base/clock.h"
#include "tests/target/server.h"

namespace {

constexpr const char* kRoutes =
    R"(Shop:      /  /api/products  /api/products/ID  POST /api/cart
Login:     POST /api/auth/login {"email", "password"} gives {"token"} (password "wrong": 401)
           POST /api/auth/logout
With it:   /api/dashboard  /api/orders?page=N  /api/orders/ID  /api/profile
Stories:   POST /oauth/token (a form; its token is good for 3 requests)
           /api/items?page=N (1 to 3)  /api/items/ID
           POST /api/jobs gives {"id"}  /api/jobs/ID (done when asked twice)  /api/jobs/ID/result
           POST /graphql  /feedback (a form with csrf_token, to be posted back)
           /api/search (429 each sixth time)  /api/search/popular  /static/NAME (may be cached)
Behaviour: /slow?ms=N  /fail  /status/CODE  /bytes/N  /chunked/N  /gzip  /echo
           /close  /abort (no response)  /reset (TCP reset)
           /redirect/HOPS  /redirect-to?url=URL&status=CODE
           /cookies  /cookies/set?NAME=VALUE
Counts:    /_counts  POST /_reset)";

locust::EventLoop* signalled_loop = nullptr;

// EventLoop::stop() may be called from a signal handler.
void stop_on(int signal_number, locust::EventLoop& loop) {
  signalled_loop = &loop;
  std::signal(signal_number, [](int) { signalled_loop->stop(); });
}

// Each connection is a descriptor, and the soft limit is often 1024.
void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int serve(const std::string& host, std::uint16_t port, bool quiet) {
  const locust::SystemClock clock;
  locust::EventLoop loop(clock);
  locust::TargetServer server(loop);
  const auto address = server.listen(host, port);
  if (!address) {
    std::cerr << "locust-target: " << address.error() << "\n";
    return 1;
  }
  stop_on(SIGINT, loop);
  stop_on(SIGTERM, loop);
  std::cout << "listening on " << *address << std::endl;
  loop.run();
  if (!quiet) std::cerr << "served " << server.counts().total() << " requests\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"A sample HTTP server to load."};
  app.footer(kRoutes);
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;
  bool quiet = false;
  app.add_option("--host", host, "address to listen on")->capture_default_str();
  app.add_option("--port", port, "port to listen on, 0 for a free one")->capture_default_str();
  app.add_flag("--quiet", quiet, "do not say at the end how many requests were served");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  raise_file_limit();
  return serve(host, port, quiet);
}
