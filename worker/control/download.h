// `-f -`: downloads the worker's scenario from the master (argument_parser.py
// download_locustfile_from_master).
#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/base/scheduler.h"
#include "proto/message.h"
#include "proto/transport.h"

namespace locust::worker {

// Requests the locustfile until a reply arrives: every second at first, then at growing intervals,
// because a reply may be in transit over a slow link. A new connection resets the interval.
// `scheduler`, `transport` and `notices` must outlive it.
class LocustfileDownload {
 public:
  static constexpr Duration kInterval = std::chrono::seconds(1);
  static constexpr Duration kLongestInterval = std::chrono::seconds(8);
  static constexpr Duration kPatience = std::chrono::seconds(300);
  static constexpr Duration kFirstNotice = std::chrono::seconds(10);
  static constexpr Duration kNoticeInterval = std::chrono::seconds(60);

  // Called once, with a reply that contains files or with an error in stock's words. Must not
  // destroy the download or the transport.
  using Done = std::function<void(Result<proto::LocustfileReply>)>;

  // Writes lines to `notices` from time to time until a master replies. Gives up after `patience`;
  // never if it is zero.
  LocustfileDownload(Scheduler& scheduler, proto::WorkerTransport& transport, std::string client_id,
                     std::ostream& notices, Done done, Duration patience = kPatience);
  ~LocustfileDownload();
  LocustfileDownload(const LocustfileDownload&) = delete;
  LocustfileDownload& operator=(const LocustfileDownload&) = delete;

  void begin();

 private:
  void tick();
  bool ask();
  void receive(std::string_view payload);
  void finish(Result<proto::LocustfileReply> result);

  Scheduler& scheduler_;
  proto::WorkerTransport& transport_;
  const std::string client_id_;
  std::ostream& notices_;
  Done done_;  // empty after the call
  const Duration patience_;
  TimePoint began_{};
  TimePoint next_ask_{};
  Duration interval_ = kInterval;
  Duration next_notice_;
  bool connected_ = false;  // has ever been connected
  TimerId timer_ = 0;
};

// Creates a new folder that only this account can read. The destructor removes it with its
// contents, but only in the process that created it, not in forked ones. std::quick_exit() removes
// the newest folder.
class TemporaryFolder {
 public:
  static Result<std::unique_ptr<TemporaryFolder>> create();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::string path);
  void remove() const;

  static inline const TemporaryFolder* newest = nullptr;
  const std::string path_;
  const int owner_;  // a process id
};

// Writes the files of `reply` to `folder`, never outside of it. Returns the paths of the scenario
// files or of the Python files, at least one. Fails if the reply has a URL, files of both kinds, an
// invalid name, or too many or too large files.
Result<std::vector<std::string>> write_locustfiles(const proto::LocustfileReply& reply,
                                                   const std::string& folder);

struct DownloadedScenario {
  std::unique_ptr<TemporaryFolder> folder;
  std::vector<std::string> files;  // in the folder
};

// Downloads the locustfile from the master at this address and writes it to a temporary folder.
// Call it before the first thread starts: it leaves no thread, but the ending_signals() blocked, so
// that a later SignalWatcher lets the folder be removed. `patience` is that of LocustfileDownload.
Result<DownloadedScenario> download_scenario(const std::string& master_host, int master_port,
                                             Duration patience);

}  // namespace locust::worker
