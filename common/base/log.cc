#include "common/base/log.h"

#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "common/base/log_flush.h"
#include "common/base/mask.h"
#include "common/base/output_file.h"
#include "common/base/printable.h"
#include "common/base/sysinfo.h"
#include "common/base/utf8.h"

namespace locust::log {
namespace {

constexpr std::size_t kQueuedLines = 8192;

// Python's names of the levels: WARNING where spdlog says "warning" or "W".
class PythonLevel final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& msg, const std::tm&,
              spdlog::memory_buf_t& dest) override {
    static constexpr std::array<std::string_view, 7> kNames = {
        "DEBUG", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "OFF"};
    const std::string_view name = kNames[static_cast<std::size_t>(msg.level)];
    dest.append(name.data(), name.data() + name.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<PythonLevel>();
  }
};

std::optional<spdlog::level::level_enum> parse_level(std::string level) {
  std::transform(level.begin(), level.end(), level.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? c - 32 : c; });
  if (level == "DEBUG") return spdlog::level::debug;
  if (level == "INFO") return spdlog::level::info;
  if (level == "WARNING") return spdlog::level::warn;
  if (level == "ERROR") return spdlog::level::err;
  if (level == "CRITICAL") return spdlog::level::critical;
  return std::nullopt;
}

// All loggers of the process. They exist from the first use on, and only their sinks change, so
// that references stay valid for the life of the process.
struct Loggers {
  spdlog::logger main{"locust.main"};
  spdlog::logger runners{"locust.runners"};
  spdlog::logger user{"locust.user"};
  spdlog::logger foreign{""};  // its lines begin with a name of their own
  spdlog::logger console{"locust.stats_logger"};
  spdlog::logger status{"locust.status"};

  std::array<spdlog::logger*, 4> prefixed() { return {&main, &runners, &user, &foreign}; }
};

Loggers& loggers() {
  static auto* instance = new Loggers;  // never destroyed: other statics may log while they are
  return *instance;
}

// The file of Options::logfile, which only the log thread writes to; all loggers share it.
struct LogFile {
  explicit LogFile(GrowingFile opened) : file(std::move(opened)) {}

  GrowingFile file;
  std::size_t lost = 0;  // lines
  std::string failure;   // why
};

std::shared_ptr<LogFile>& log_file() {
  static auto* instance = new std::shared_ptr<LogFile>;  // never destroyed, as the loggers
  return *instance;
}

class FileSink final : public spdlog::sinks::sink {
 public:
  explicit FileSink(std::shared_ptr<LogFile> log) : log_(std::move(log)) {}
  void log(const spdlog::details::log_msg& msg) override {
    spdlog::memory_buf_t line;
    formatter_->format(msg, line);
    if (const auto appended = log_->file.append({line.data(), line.size()}); !appended) {
      ++log_->lost;
      log_->failure = appended.error();
    }
  }
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter> formatter) override {
    formatter_ = std::move(formatter);
  }

 private:
  const std::shared_ptr<LogFile> log_;
  std::unique_ptr<spdlog::formatter> formatter_;
};

// Passes a line to the log thread, which writes it to `target`.
class QueueSink final : public spdlog::sinks::sink {
 public:
  QueueSink(spdlog::sink_ptr target, std::shared_ptr<spdlog::details::thread_pool> pool)
      : logger_(
            std::make_shared<spdlog::async_logger>("", std::move(target), std::move(pool),
                                                   spdlog::async_overflow_policy::overrun_oldest)) {
    logger_->set_level(spdlog::level::trace);
    logger_->flush_on(spdlog::level::trace);
  }
  void log(const spdlog::details::log_msg& msg) override {
    logger_->log(msg.time, msg.source, msg.level, msg.payload);
  }
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

 private:
  std::shared_ptr<spdlog::async_logger> logger_;
};

// Records that the log thread has reached it.
class MarkSink final : public spdlog::sinks::sink {
 public:
  void log(const spdlog::details::log_msg&) override { reached_.set_value(); }
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

  void wait(Duration patience) { reached_.get_future().wait_for(patience); }

 private:
  std::promise<void> reached_;
};

// Masks a line and makes it printable before any other sink receives it: its text may come from
// anywhere. In tables, whose rows are stock's, only declared secrets are masked.
class MaskingSink final : public spdlog::sinks::sink {
 public:
  enum class Kind { kLines, kTables };
  MaskingSink(Kind kind, spdlog::sink_ptr target) : kind_(kind), targets_{std::move(target)} {}
  void add(spdlog::sink_ptr target) { targets_.push_back(std::move(target)); }
  void log(const spdlog::details::log_msg& msg) override {
    const std::string_view text(msg.payload.data(), msg.payload.size());
    const std::string shown =
        printable_lines(kind_ == Kind::kLines ? masked(text) : masker()->without_declared(text));
    spdlog::details::log_msg line = msg;
    line.payload = shown;
    for (const spdlog::sink_ptr& target : targets_) target->log(line);
  }
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

 private:
  const Kind kind_;
  std::vector<spdlog::sink_ptr> targets_;
};

// Standard error, which only the log thread writes to. A status stays the last line until the next
// line or status takes its place.
class StandardError final : public spdlog::sinks::sink {
 public:
  enum class Kind { kLines, kStatus };
  explicit StandardError(Kind kind) : kind_(kind) {}
  void log(const spdlog::details::log_msg& msg) override {
    static bool status_shown = false;
    constexpr std::string_view kClearLine = "\r\x1b[K";
    spdlog::memory_buf_t text;
    const bool shows_status = kind_ == Kind::kStatus && msg.payload.size() > 0;
    if (std::exchange(status_shown, shows_status)) {
      text.append(kClearLine.data(), kClearLine.data() + kClearLine.size());
    }
    formatter_->format(msg, text);
    std::fwrite(text.data(), 1, text.size(), stderr);
  }
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter> formatter) override {
    formatter_ = std::move(formatter);
  }

 private:
  const Kind kind_;
  std::unique_ptr<spdlog::formatter> formatter_;
};

// `eol` ends each text.
spdlog::sink_ptr plain_standard_error(StandardError::Kind kind, std::string eol) {
  auto sink = std::make_shared<StandardError>(kind);
  sink->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      "%v", spdlog::pattern_time_type::local, std::move(eol)));
  return sink;
}

// The last lines of all loggers.
struct Memory {
  std::mutex mutex;
  std::deque<std::string> lines;
  std::uint64_t total = 0;
};

Memory& memory() {
  static auto* instance = new Memory;  // never destroyed, as the loggers
  return *instance;
}

class MemorySink final : public spdlog::sinks::sink {
 public:
  void log(const spdlog::details::log_msg& msg) override {
    spdlog::memory_buf_t line;
    Memory& memory = log::memory();
    const std::lock_guard lock(memory.mutex);
    formatter_->format(msg, line);
    std::string_view text(line.data(), line.size());
    while (text.ends_with('\n')) text.remove_suffix(1);
    memory.lines.emplace_back(cut_utf8(text, kMaxRememberedBytes));
    if (memory.lines.size() > kMaxRemembered) memory.lines.pop_front();
    ++memory.total;
  }
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter> formatter) override {
    formatter_ = std::move(formatter);
  }

 private:
  std::unique_ptr<spdlog::formatter> formatter_;
};

}  // namespace

Remembered remembered() {
  Memory& memory = log::memory();
  const std::lock_guard lock(memory.mutex);
  return {{memory.lines.begin(), memory.lines.end()}, memory.total};
}

std::uint64_t remembered_total() {
  Memory& memory = log::memory();
  const std::lock_guard lock(memory.mutex);
  return memory.total;
}

Result<void> setup(const Options& options) {
  const auto level = parse_level(options.level);
  if (!level) {
    return Error{"--loglevel: invalid choice: '" + options.level +
                 "' (choose from DEBUG, INFO, WARNING, ERROR, CRITICAL)"};
  }
  log_file().reset();
  if (options.logfile) {
    std::error_code ignored;  // the file cannot be opened either
    std::filesystem::create_directories(std::filesystem::path(*options.logfile).parent_path(),
                                        ignored);
    auto opened = GrowingFile::open(*options.logfile, GrowingFile::Start::kAppend);
    if (!opened) return Error{"--logfile: cannot write " + opened.error()};
    log_file() = std::make_shared<LogFile>(*std::move(opened));
  }
  const auto pool = std::make_shared<spdlog::details::thread_pool>(kQueuedLines, 1);
  spdlog::details::registry::instance().set_tp(pool);
  for (spdlog::logger* logger : loggers().prefixed()) {
    spdlog::sink_ptr target = std::make_shared<StandardError>(StandardError::Kind::kLines);
    if (log_file()) target = std::make_shared<FileSink>(log_file());
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<PythonLevel>('*').set_pattern("[%Y-%m-%d %H:%M:%S,%e] " +
                                                      short_host_name() + "/%*/" + logger->name() +
                                                      (logger->name().empty() ? "%v" : ": %v"));
    target->set_formatter(formatter->clone());
    const auto masking = std::make_shared<MaskingSink>(
        MaskingSink::Kind::kLines, std::make_shared<QueueSink>(std::move(target), pool));
    logger->sinks() = {masking};
    if (options.remember) {
      auto sink = std::make_shared<MemorySink>();
      sink->set_formatter(std::move(formatter));
      masking->add(std::move(sink));
    }
    logger->set_level(options.quiet ? spdlog::level::warn : *level);
  }
  const auto queue = [&pool](StandardError::Kind kind, const char* eol) {
    return std::make_shared<MaskingSink>(
        MaskingSink::Kind::kTables,
        std::make_shared<QueueSink>(plain_standard_error(kind, eol), pool));
  };
  loggers().console.sinks() = {queue(StandardError::Kind::kLines, "\n")};
  loggers().console.set_level(options.quiet ? spdlog::level::off : spdlog::level::info);
  loggers().status.sinks() = {queue(StandardError::Kind::kStatus, "")};
  loggers().status.set_level(options.quiet ? spdlog::level::off : spdlog::level::info);
  return {};
}

void flush(Duration patience) {
  const auto pool = spdlog::details::registry::instance().get_tp();
  if (!pool) return;
  const auto mark = std::make_shared<MarkSink>();
  const auto logger = std::make_shared<spdlog::async_logger>(
      "", mark, pool, spdlog::async_overflow_policy::overrun_oldest);
  logger->critical("");
  mark->wait(patience);
}

bool shutdown() {
  for (spdlog::logger* logger : loggers().prefixed()) logger->sinks().clear();
  loggers().console.sinks().clear();
  loggers().status.sinks().clear();
  auto pool = spdlog::details::registry::instance().get_tp();
  const std::size_t lost = pool ? pool->overrun_counter() : 0;
  pool.reset();
  spdlog::shutdown();  // joins the log thread after it has written what is queued
  if (lost > 0)
    std::fprintf(stderr, "%zu lines of the log were lost: it was read too slowly\n", lost);
  const std::shared_ptr<LogFile> file = std::exchange(log_file(), nullptr);
  if (!file || file->lost == 0) return true;
  std::fprintf(
      stderr, "--logfile: %s; %s left out\n", file->failure.c_str(),
      file->lost == 1 ? "a line was" : (std::to_string(file->lost) + " lines were").c_str());
  return false;
}

spdlog::logger& main() { return loggers().main; }
spdlog::logger& runners() { return loggers().runners; }
spdlog::logger& user() { return loggers().user; }
spdlog::logger& console() { return loggers().console; }

void write(std::string_view logger, spdlog::level::level_enum level, std::string_view text) {
  loggers().foreign.log(level, "{}: {}", logger, text);
}

void show_status(std::string_view line) { loggers().status.info("{}", line); }

void capture(spdlog::sink_ptr sink) {
  std::vector<spdlog::logger*> all{&loggers().console, &loggers().status};
  for (spdlog::logger* logger : loggers().prefixed()) all.push_back(logger);
  for (spdlog::logger* logger : all) {
    logger->sinks().clear();
    if (sink) logger->sinks().push_back(sink);
    logger->set_level(spdlog::level::debug);
  }
}

}  // namespace locust::log
