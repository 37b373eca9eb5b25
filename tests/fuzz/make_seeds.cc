// make_seeds DIR: writes captured frames as files, for the fuzzers to start from, and messages with
// all that locust-cpp adds to them. Of captured frames of the same direction, type and length, which
// differ in little but numbers, one is enough.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "proto/codec.h"
#include "proto/value.h"
#include "tests/fakes/captures.h"

namespace {

using namespace locust;

using Seeds = std::vector<std::pair<std::string, std::string>>;  // type and bytes

Seeds captured_seeds() {
  Seeds seeds;
  std::set<std::tuple<bool, std::string, std::size_t>> seen;
  for (const CapturedFrame& frame : load_captures()) {
    const auto message = proto::parse(frame.payload);
    const std::string& type = *message->array()->at(0).str();
    if (!seen.emplace(frame.from_worker, type, frame.payload.size()).second) continue;
    seeds.emplace_back(type, frame.payload);
  }
  return seeds;
}

proto::Stats report() {
  RequestStats stats(1.7e9, StatsRole::kWorker);
  stats.record_precisely(true);
  stats.log_request(1.7e9, "GET", "/", Number(5), 1);
  stats.log_error(1.7e9, "GET", "/", "boom");
  return {.report = stats.get_stripped_report(1.7e9),
          .user_classes_count = {{"Shop", 1}},
          .user_count = 1,
          .extension = {},
          .extra = {}};
}

Seeds extended_seeds() {
  proto::Heartbeat heartbeat;
  heartbeat.state = "running";
  heartbeat.extension = proto::HeartbeatExtension{.loop_lag_ms = 1.5,
                                                  .late_timers = 2,
                                                  .generator_bound = {"cpu"},
                                                  .unfinished = "shop.py:3",
                                                  .secret = "s3"};
  proto::Stats usual = report();
  usual.extension = proto::StatsExtension{.tasks = 7};
  proto::Stats full = report();
  full.extension = proto::StatsExtension{
      .user_classes = {{.name = "Shop",
                        .weight = 2,
                        .fixed_count = 1,
                        .host = "http://x",
                        .tasks = {{"set", 0.75, {{"inner", 1}}}, {"task", 0.25}}}},
      .files = {{"shop.yaml", std::string(kFileDigestBytes, 'x')}},
      .tasks = 0,
      .stop_test = true,
      .exit_code = 3,
      .uncaught = true};
  proto::Spawn spawn;
  spawn.user_classes_count = {{"Shop", 1}};
  spawn.extension =
      proto::SpawnExtension{.iterations = 7, .evidence = EvidenceLevel::kHead, .users_of_test = 50};
  proto::LocustfileReply files;
  files.locustfiles = {proto::LocustfileSource{"shop.yaml", "users: {}"}};
  files.scenarios = 1;
  Seeds seeds;
  for (const proto::Payload& payload :
       {proto::Payload(heartbeat), proto::Payload(usual), proto::Payload(full),
        proto::Payload(spawn), proto::Payload(files),
        proto::Payload(proto::Ack{.index = 0, .extended = true, .secret = "s3", .extra = {}})}) {
    seeds.emplace_back(proto::type_name(payload), proto::encode({payload, "h_1"}));
  }
  return seeds;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_seeds DIR\n");
    return 2;
  }
  const std::filesystem::path dir = argv[1];
  std::filesystem::create_directories(dir);
  int number = 0;
  for (const Seeds& seeds : {captured_seeds(), extended_seeds()}) {
    for (const auto& [type, bytes] : seeds) {
      std::ofstream out(dir / (type + "-" + std::to_string(++number)), std::ios::binary);
      out << bytes;
      if (!out.flush()) {
        std::fprintf(stderr, "cannot write to %s\n", dir.c_str());
        return 1;
      }
    }
  }
  return 0;
}
