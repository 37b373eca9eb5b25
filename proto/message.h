// The messages between master and worker, one plain struct per payload, with Locust's names. The
// table is in docs/protocol.md §4; proto/codec.h encodes and decodes them.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/file_digests.h"
#include "common/stats/mask_stats.h"
#include "common/stats/stats.h"
#include "common/stats/task_ratio.h"
#include "common/stats/user_counts.h"
#include "proto/value.h"

namespace locust::proto {

// The key of everything beyond stock's protocol (docs/protocol.md §19), in maps where stock ignores
// unknown keys. Its values are the extensions below. Unknown keys in them are ignored, and so are
// values of a wrong kind, except where noted.
inline constexpr const char kExtensionKey[] = "locust_cpp";

// In every payload below, `extra` has the unknown keys of the map, in order. Counts are within
// ±kMaxCount, so that adding them up cannot overflow; all floating-point fields are finite. User
// counts are in the sender's order; negative ones are legal and mean 0.
inline constexpr std::int64_t kMaxCount = std::int64_t{1} << 48;

// The start time of an entry that arrived without one. Omitted again when encoded.
inline constexpr double kUnknownStartTime = std::numeric_limits<double>::infinity();

// ---- worker to master ----

struct ClientReady {
  // A version string, or int -1 for "compatible with every master". The master checks any other
  // value (docs/protocol.md §3).
  Value version{-1};
};

// The additional data of a native worker.
struct HeartbeatExtension {
  std::optional<double> loop_lag_ms = {};  // the greatest of the users' loop since the last report
  std::int64_t late_timers = 0;            // in the same time
  std::vector<std::string> generator_bound = {};  // what limits the worker in this test
  // In the last heartbeat before a quit: the code that kept users from stopping in time; may be
  // empty.
  std::optional<std::string> unfinished = {};
  std::string secret = {};  // that of the ack; empty: none
};

struct Heartbeat {
  std::string state;             // "ready", "spawning", "running"; others are kept verbatim
  double current_cpu_usage = 0;  // percent of one core
  std::optional<std::int64_t> current_memory_usage;  // bytes
  std::optional<HeartbeatExtension> extension;
  Value::Map extra;
};

// A native worker's description of a user class that it has loaded.
struct ClassInfo {
  std::string name;
  double weight = 1;
  std::int64_t fixed_count = 0;
  std::optional<std::string> host;
  std::vector<TaskRatio> tasks;
};

// The additional data of a native worker's report. A report whose classes or files are of a wrong
// kind is rejected.
struct StatsExtension {
  // In the first report after each ack: the classes, and to native masters the files of the test.
  std::vector<ClassInfo> user_classes = {};  // names are unique
  FileDigests files = {};
  std::optional<std::int64_t> tasks = {};  // that have started since the last report
  bool stop_test = false;                  // a step or test code asks for the end of the test
  // In the last report.
  std::optional<std::int64_t> exit_code = {};  // of test code that has called sys.exit()
  bool uncaught = false;  // test code has raised an exception that nothing caught
};

struct Stats {
  // Entries without a start time have kUnknownStartTime, which never wins a minimum.
  StatsReport report;
  UserCounts user_classes_count;
  std::int64_t user_count = 0;
  std::optional<StatsExtension> extension;
  Value::Map extra;
};

struct Spawning {};

// From a worker: the number of its users after a spawn.
struct SpawningComplete {
  UserCounts user_classes_count;
  std::optional<std::int64_t> user_count;  // some third-party workers omit it
  Value::Map extra;
};

struct ClientStopped {};

struct Exception {
  std::string msg;
  std::optional<std::string> traceback;  // nil is tolerated
  Value::Map extra;
};

struct Logs {
  std::string worker_id;  // empty: ignore it
  std::vector<std::string> logs;
  Value::Map extra;
};

struct LocustfileRequest {
  Value version;          // nil (before 2.31.0, or {}), or the worker's version
  bool extended = false;  // has locust_cpp: a native worker, which runs YAML scenarios
  Value::Map extra;
};

// ---- master to worker ----

struct Ack {
  std::optional<std::int64_t> index;  // none before 2.11.0
  bool extended = false;  // has locust_cpp: a native master, which understands extensions
  // From a native master: the worker sends it with its heartbeats; empty: none.
  std::string secret = {};
  Value::Map extra;
};

// The answer to a worker's heartbeat; nil.
struct HeartbeatReply {};

// A native master's settings of a test for native workers.
struct SpawnExtension {
  std::optional<std::int64_t> iterations = {};  // the number of tasks the worker's users may start
  std::optional<EvidenceLevel> evidence = {};   // the highest; an unknown level counts as none
  std::optional<std::int64_t> users_of_test = {};  // when the ramp is over, if the worker has all
};

struct Spawn {
  double timestamp = 0;  // seconds since the epoch
  UserCounts user_classes_count;
  std::optional<std::string> host;
  std::optional<double> stop_timeout;  // seconds; nil means 0
  Value::Map parsed_options;
  std::optional<SpawnExtension> extension;
  Value::Map extra;
};

// From a master: the ramp is over; `user_count` users were dispatched over all workers.
struct MasterSpawningComplete {
  std::int64_t user_count = 0;
  Value::Map extra;
};

struct Stop {};
struct Reconnect {};

struct UpdateUserClass {
  std::string user_class_name;
  Value::Map attributes;  // host, weight, fixed_count, tasks, …: every other key
};

struct LocustfileSource {
  std::string filename;
  std::string contents;  // a str, or a bin if it is not UTF-8
};

// Either `error`, or the files. A native master serves all versions: filename and contents of the
// first file (2.23–2.30) as well as `locustfiles`, whose elements are files or URLs (2.31.0).
struct LocustfileReply {
  std::optional<std::string> error;
  std::optional<LocustfileSource> single;
  std::optional<std::vector<std::variant<LocustfileSource, std::string>>> locustfiles;
  // From a native master with a YAML scenario, {"locust_cpp": {"scenarios": n}}: the first n of
  // `locustfiles` are the scenario's files, the others are files to which they refer.
  std::optional<std::int64_t> scenarios;
  Value::Map extra;
};

// ---- both ----

// From the master: end the process. From a worker: it has ended.
struct Quit {};

// Any other type, with whatever data.
struct Custom {
  std::string type;
  Value data;
};

using Payload = std::variant<ClientReady, Heartbeat, Stats, Spawning, SpawningComplete,
                             ClientStopped, Exception, Logs, LocustfileRequest, Ack, HeartbeatReply,
                             Spawn, MasterSpawningComplete, Stop, Reconnect, UpdateUserClass,
                             LocustfileReply, Quit, Custom>;

struct Message {
  Payload payload;
  // The third element of the tuple: the worker's client id in both directions. Empty if the peer
  // sent nil. Workers ignore it.
  std::string node_id;
};

}  // namespace locust::proto
