#include "worker/control/download.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <utility>

#include "common/base/event_loop.h"
#include "common/base/printable.h"
#include "common/base/signals.h"
#include "common/base/sysinfo.h"
#include "common/base/version.h"
#include "proto/codec.h"
#include "proto/node_id.h"
#include "proto/socket.h"

namespace locust::worker {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFiles = 100;
constexpr std::size_t kMaxBytes = std::size_t{16} << 20;  // of all files together
constexpr std::size_t kMaxDepth = 32;                     // of folders
constexpr std::size_t kMaxShown = 500;                    // bytes of a text of the master

// Makes a text of the master safe for a line on the terminal.
std::string shown(std::string_view text) {
  std::string line;
  append_printable(line, text.substr(0, kMaxShown));
  return line;
}

// Whether it is valid as a file name. Commas separate the files of -f.
bool is_plain_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && shown(name) == name &&
         name.find(',') == std::string_view::npos;
}

// Returns the path of a file within the folder: `name` if it only leads down, otherwise its
// os.path.basename, as in stock. Empty if the result is not a valid file of -f.
std::string place_in_folder(const std::string& name) {
  std::string_view rest = name;
  bool leads_down = true;
  std::size_t depth = 0;
  for (std::size_t slash = 0; (slash = rest.find('/')) != std::string_view::npos;) {
    leads_down = leads_down && is_plain_name(rest.substr(0, slash)) && ++depth <= kMaxDepth;
    rest.remove_prefix(slash + 1);
  }
  if (!is_plain_name(rest)) return {};
  return leads_down ? name : std::string(rest);
}

bool is_scenario(const std::string& name) {
  return name.ends_with(".yaml") || name.ends_with(".yml");
}

Result<void> write_file(const fs::path& path, const std::string& contents) {
  std::error_code ec;
  fs::create_directories(path.parent_path(), ec);
  if (ec) return Error{path.string() + ": cannot be written: " + ec.message()};
  errno = 0;
  std::ofstream file(path, std::ios::binary);
  file.write(contents.data(), static_cast<std::streamsize>(contents.size()));
  file.close();
  if (!file) return Error{path.string() + ": cannot be written: " + std::strerror(errno)};
  return {};
}

// The files of a reply, which has one of two forms.
Result<std::vector<proto::LocustfileSource>> files_of(const proto::LocustfileReply& reply) {
  std::vector<proto::LocustfileSource> files;
  if (!reply.locustfiles) {
    if (reply.single) files.push_back(*reply.single);
    return files;
  }
  for (const auto& element : *reply.locustfiles) {
    if (const auto* url = std::get_if<std::string>(&element)) {
      return Error{"The master names '" + shown(*url) +
                   "' as its locustfile; download it, and give the worker the file with -f FILE"};
    }
    files.push_back(std::get<proto::LocustfileSource>(element));
  }
  return files;
}

Result<proto::LocustfileReply> ask_master(const std::string& host, int port, Duration patience) {
  SystemClock clock;
  EventLoop loop(clock);
  const std::string client_id = proto::make_node_id(host_name() + "_download_locustfile");
  auto dealer = proto::Dealer::connect(loop, host, port, client_id);
  if (!dealer) return Error{"Failed to connect to the Locust master: " + dealer.error()};
  Result<proto::LocustfileReply> result = Error{};
  LocustfileDownload download(
      loop, **dealer, client_id, std::cerr,
      [&](Result<proto::LocustfileReply> outcome) {
        result = std::move(outcome);
        loop.stop();
      },
      patience);
  download.begin();
  loop.run();
  return result;
}

}  // namespace

LocustfileDownload::LocustfileDownload(Scheduler& scheduler, proto::WorkerTransport& transport,
                                       std::string client_id, std::ostream& notices, Done done,
                                       Duration patience)
    : scheduler_(scheduler),
      transport_(transport),
      client_id_(std::move(client_id)),
      notices_(notices),
      done_(std::move(done)),
      patience_(patience),
      next_notice_(patience_ == Duration::zero() ? kFirstNotice
                                                 : std::min(kFirstNotice, patience_ / 2)) {
  transport_.on_message([this](std::string_view payload) { receive(payload); });
  transport_.on_error([this](const std::string& what) {
    finish(Error{"Got an answer from master that cannot be read: " + what});
  });
}

LocustfileDownload::~LocustfileDownload() {
  scheduler_.cancel(timer_);
  transport_.on_connected({});
}

void LocustfileDownload::begin() {
  transport_.on_connected([this] {
    connected_ = true;
    interval_ = kInterval;
    next_ask_ = scheduler_.clock().now() + kInterval;
  });
  began_ = scheduler_.clock().now();
  next_ask_ = began_;
  tick();
}

void LocustfileDownload::tick() {
  const TimePoint now = scheduler_.clock().now();
  const Duration waited = now - began_;
  if (patience_ != Duration::zero() && waited >= patience_) {
    std::string error = "Got no locustfile response from master, gave up after " +
                        std::to_string(patience_ / std::chrono::seconds(1)) + "s";
    if (connected_) {
      error += ". It was connected: over a slow link its files may take longer (--connect-timeout)";
    }
    finish(Error{std::move(error)});
    return;
  }
  if (waited >= next_notice_) {
    notices_ << (connected_ ? "Connected to master, waiting for it to send the locustfile...\n"
                            : "Waiting to connect to master to receive locustfile...\n")
             << std::flush;
    next_notice_ = waited + kNoticeInterval;
  }
  if (now >= next_ask_) {
    if (!ask()) return;
    next_ask_ = now + interval_;
    interval_ = std::min(2 * interval_, kLongestInterval);
  }
  Duration wait = kInterval;
  if (patience_ != Duration::zero()) wait = std::min(wait, patience_ - waited);
  timer_ = scheduler_.call_after(wait, [this] { tick(); });
}

// Returns false if the download has failed.
bool LocustfileDownload::ask() {
  proto::LocustfileRequest request;
  request.version = proto::Value(kVersion);
  request.extended = true;
  const auto sent = transport_.send_unless_waiting(proto::encode({std::move(request), client_id_}));
  if (!sent) {
    finish(Error{"Cannot ask the master for its locustfile: " + sent.error()});
    return false;
  }
  return true;
}

void LocustfileDownload::receive(std::string_view payload) {
  auto message = proto::decode_from_master(payload);
  if (!message) {
    finish(Error{"Got an answer from master that cannot be read: " + shown(message.error())});
    return;
  }
  auto* reply = std::get_if<proto::LocustfileReply>(&message->payload);
  if (reply == nullptr) {
    finish(
        Error{"Got wrong message type from master " + shown(proto::type_name(message->payload))});
  } else if (reply->error) {
    finish(Error{"Got error from master: " + shown(*reply->error)});
  } else {
    finish(std::move(*reply));
  }
}

// Ignores later replies: they answer requests that were sent before the first reply.
void LocustfileDownload::finish(Result<proto::LocustfileReply> result) {
  scheduler_.cancel(std::exchange(timer_, 0));
  if (const Done done = std::exchange(done_, nullptr)) done(std::move(result));
}

Result<std::unique_ptr<TemporaryFolder>> TemporaryFolder::create() {
  std::error_code ec;
  std::string path = (fs::temp_directory_path(ec) / "locust-worker-XXXXXX").string();
  if (ec || ::mkdtemp(path.data()) == nullptr) {
    return Error{"cannot make a temporary folder: " + (ec ? ec.message() : std::strerror(errno)) +
                 "; TMPDIR chooses where"};
  }
  return std::unique_ptr<TemporaryFolder>(new TemporaryFolder(std::move(path)));
}

TemporaryFolder::TemporaryFolder(std::string path) : path_(std::move(path)), owner_(::getpid()) {
  static const int registered = std::at_quick_exit([] {
    if (newest != nullptr) newest->remove();
  });
  if (registered == 0) newest = this;
}

TemporaryFolder::~TemporaryFolder() {
  newest = nullptr;
  remove();
}

void TemporaryFolder::remove() const {
  std::error_code ignored;
  if (::getpid() == owner_) fs::remove_all(path_, ignored);
}

Result<std::vector<std::string>> write_locustfiles(const proto::LocustfileReply& reply,
                                                   const std::string& folder) {
  const auto files = files_of(reply);
  if (!files) return Error{files.error()};
  if (files->size() > kMaxFiles) {
    return Error{"The master sent " + std::to_string(files->size()) +
                 " files; a worker takes up to " + std::to_string(kMaxFiles)};
  }
  std::vector<std::string> scenarios;
  std::vector<std::string> locustfiles;  // of Python
  std::size_t left = kMaxBytes;
  std::size_t number = 0;
  for (const proto::LocustfileSource& file : *files) {
    const std::string name = place_in_folder(file.filename);
    // If the master says which files are scenarios, their suffix does not matter.
    const bool is_named = reply.scenarios && std::cmp_greater_equal(number++, *reply.scenarios);
    if (name.empty()) {
      return Error{"The master sent a file named '" + shown(file.filename) +
                   "', which is not a valid file name"};
    }
    if (file.contents.size() > left) {
      return Error{"The master sent files of more than 16 MiB; a worker takes no more"};
    }
    left -= file.contents.size();
    const fs::path path = fs::path(folder) / name;
    std::error_code ignored;
    if (fs::exists(path, ignored)) return Error{"The master sent two files named '" + name + "'"};
    if (const auto written = write_file(path, file.contents); !written) {
      return Error{written.error()};
    }
    if (name.ends_with(".py") && !is_named) {
      locustfiles.push_back(path.string());
    } else if (reply.scenarios ? !is_named : is_scenario(name)) {
      scenarios.push_back(path.string());
    }
  }
  if (!locustfiles.empty() && !scenarios.empty()) {
    return Error{"The master sent '" + shown(fs::path(scenarios.front()).filename().string()) +
                 "' beside Python files; a test is one or the other"};
  }
  if (!locustfiles.empty()) return locustfiles;
  if (scenarios.empty()) {
    return Error{"The master sent no scenario; give this worker one with -f FILE"};
  }
  return scenarios;
}

Result<DownloadedScenario> download_scenario(const std::string& master_host, int master_port,
                                             Duration patience) {
  const auto reply = ask_master(master_host, master_port, patience);
  if (!reply) return Error{reply.error()};
  SignalWatcher::block(ending_signals());
  auto folder = TemporaryFolder::create();
  if (!folder) return Error{folder.error()};
  auto files = write_locustfiles(*reply, (*folder)->path());
  if (!files) return Error{files.error()};
  return DownloadedScenario{*std::move(folder), *std::move(files)};
}

}  // namespace locust::worker
