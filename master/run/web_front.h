// WebFront: connects the web server to the run, which are on two threads. Publishes a RunView every
// second, and executes the requests of the routes on the control thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/event_loop.h"
#include "common/base/result.h"
#include "master/cluster/master.h"
#include "master/run/master_options.h"
#include "master/run/run_controller.h"
#include "master/run/run_recorder.h"
#include "master/web/access.h"
#include "master/web/http_server.h"
#include "master/web/routes.h"
#include "master/web/run_control.h"

namespace locust::master {

// Control thread, except for RunControl's functions, which the server's thread calls. All that it
// is given must outlive it.
class WebFront final : public web::RunControl {
 public:
  // Listens, but answers no request before begin(). The error is a line that names the option.
  static Result<std::unique_ptr<WebFront>> listen(EventLoop& loop, Master& master,
                                                  RunController& run, RunRecorder& recorder,
                                                  const MasterOptions& options);
  ~WebFront() override;
  // Call after the first show().
  void begin();
  // Call once a second, after the recorder has seen the snapshot.
  void show(const SnapshotPtr& snapshot);
  int port() const { return server_->port(); }

  void swarm(web::SwarmForm form, std::function<void(web::SwarmReply)> reply) override;
  void stop(std::function<void()> reply) override;
  void reset_stats(std::function<void()> reply) override;
  void update_user_class(proto::UpdateUserClass update,
                         std::function<void(Result<void>)> reply) override;
  void worker_logs(std::function<void(web::WorkerLines)> reply) override;

 private:
  WebFront(EventLoop& loop, Master& master, RunController& run, RunRecorder& recorder,
           std::unique_ptr<web::HttpServer> server, std::unique_ptr<web::Access> access,
           web::RouteOptions options);
  // Calls `reply` on the server's thread once it has a view of the current state.
  void reply_after_view(std::function<void()> reply);

  // A view takes milliseconds, so requests must not cause more than this.
  static constexpr Duration kViewInterval = std::chrono::milliseconds(100);

  EventLoop& loop_;
  Master& master_;
  RunController& run_;
  RunRecorder& recorder_;
  std::unique_ptr<web::Access> access_;
  TimePoint shown_{};                           // when the last view was made
  TimerId view_timer_ = 0;                      // of the next view
  std::vector<std::function<void()>> replies_;  // that wait for it
  web::Routes routes_;                          // used by the server's thread after begin()
  std::unique_ptr<web::HttpServer> server_;     // last: its thread uses the others until it ends
};

// The URL of the page, as stock logs it.
std::string web_url(const WebOptions& options, int port);

}  // namespace locust::master
