#include "proto/codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/fakes/captures.h"
#include "tests/fakes/equal_values.h"
#include "tests/unit/proto/wire_helpers.h"

namespace locust::proto {
namespace {

using testing::HasSubstr;

Value spawn_data() {
  return Value::Map{{"timestamp", 1700000000.5},
                    {"user_classes_count", Value::Map{{"A", 1}}},
                    {"host", Value()},
                    {"stop_timeout", 0.0},
                    {"parsed_options", Value::Map{}}};
}

// ---- what we originate, byte for byte (docs/protocol.md §2) ----

TEST(Encode, WritesTheBytesThatStockWrites) {
  const auto encoded = [](Payload payload) { return encode({std::move(payload), "h_1"}); };
  EXPECT_EQ(encoded(ClientReady{}), from_hex("93ac636c69656e745f7265616479ffa3685f31"));
  EXPECT_EQ(encoded(Ack{.index = 0, .extra = {}}), from_hex("93a361636b81a5696e64657800a3685f31"));
  EXPECT_EQ(encoded(HeartbeatReply{}), from_hex("93a9686561727462656174c0a3685f31"));
  EXPECT_EQ(
      encoded(Heartbeat{"ready", 0.0, 1048576, {}, {}}),
      from_hex("93a968656172746265617483a57374617465a57265616479b163757272656e745f6370755f75736167"
               "65cb0000000000000000b463757272656e745f6d656d6f72795f7573616765ce00100000a3685f31"));
  EXPECT_EQ(
      encoded(Spawn{1700000000.5, {{"A", 1}}, std::nullopt, 0.0, {}, {}, {}}),
      from_hex(
          "93a5737061776e85a974696d657374616d70cb41d954fc40200000b2757365725f636c61737365735f63"
          "6f756e7481a14101a4686f7374c0ac73746f705f74696d656f7574cb0000000000000000ae7061727365"
          "645f6f7074696f6e7380a3685f31"));
  EXPECT_EQ(
      encoded(SpawningComplete{{{"A", 1}}, 1, {}}),
      from_hex(
          "93b1737061776e696e675f636f6d706c65746582b2757365725f636c61737365735f636f756e7481a141"
          "01aa757365725f636f756e7401a3685f31"));
}

TEST(Encode, KeepsTheKeyOrderOfStocksNewestVersion) {
  Stats stats{StatsReport{{}, StatsEntry("Aggregated", "", 1.5), {}}, {{"A", 2}}, 2, {}, {}};
  stats.report.errors.push_back({"key", StatsError{"/x", "GET", "boom", 3, 1.5, 2.5}});
  const Value data = parse(encode({stats, "h_1"}))->array()->at(1);
  const auto keys = [](const Value& map) {
    std::string list;
    for (const auto& [key, value] : *map.map()) list.append(*key.str()).append(" ");
    return list;
  };
  EXPECT_EQ(keys(data), "stats stats_total errors user_classes_count user_count ");
  EXPECT_EQ(keys(*data.find("stats_total")),
            "name method last_request_timestamp start_time num_requests num_none_requests "
            "num_failures total_response_time max_response_time min_response_time "
            "total_content_length response_times num_reqs_per_sec num_fail_per_sec ");
  EXPECT_EQ(keys(*data.find("errors")->find("key")),
            "name method error occurrences first_seen last_seen ");
}

TEST(Encode, RepairsNamesThatAreNotUtf8) {
  const std::string bytes = encode({Exception{"a\xff", "b\xfe", {}}, "h_\xfd"});
  const auto message = decode_from_worker(bytes);
  ASSERT_TRUE(message.ok()) << message.error();
  EXPECT_EQ(message->node_id, "h_\ufffd");
  EXPECT_EQ(std::get<Exception>(message->payload).msg, "a\ufffd");
}

// ---- the captures ----

TEST(Codec, CarriesEveryCapturedFrameThroughItsStruct) {
  std::size_t frames = 0;
  std::set<std::string> types;
  for (const CapturedFrame& captured : load_captures()) {
    SCOPED_TRACE(captured.session + " at " + std::to_string(captured.t));
    const auto message = captured.from_worker ? decode_from_worker(captured.payload)
                                              : decode_from_master(captured.payload);
    ASSERT_TRUE(message.ok()) << message.error();
    EXPECT_EQ(message->node_id, captured.identity);
    const auto original = parse(captured.payload);
    const auto again = parse(encode(*message));
    ASSERT_TRUE(original.ok() && again.ok());
    ASSERT_TRUE(equal_values(*original, *again));
    ++frames;
    std::string type = captured.from_worker ? ">" : "<";
    type += type_name(message->payload);
    if (std::holds_alternative<Custom>(message->payload)) type += " (custom)";
    types.insert(type);
  }
  EXPECT_EQ(frames, 2344U);
  EXPECT_THAT(types,
              testing::ElementsAre("<ack", "<echo (custom)", "<heartbeat", "<locustfile", "<quit",
                                   "<spawn", "<spawning_complete", "<stop", "<update_user_class",
                                   ">client_ready", ">client_stopped", ">echo_back (custom)",
                                   ">exception", ">heartbeat", ">locustfile", ">logs", ">quit",
                                   ">spawning", ">spawning_complete", ">stats"));
}

// ---- the tuple ----

TEST(Decode, RefusesWhatIsNoTupleOfThree) {
  for (const Value& value :
       {Value(), Value(5), Value("spawn"), Value(Value::Array{}),
        Value(Value::Array{"quit", Value()}), Value(Value::Array{"quit", Value(), "h_1", 1}),
        Value(Value::Map{{"a", 1}, {"b", 2}, {"c", 3}})}) {
    EXPECT_THAT(refusal(decode_from_worker(pack(value))), HasSubstr("of 3"));
    EXPECT_THAT(refusal(decode_from_master(pack(value))), HasSubstr("of 3"));
  }
  EXPECT_EQ(refusal(decode_from_worker("")), "not a message: truncated");
  EXPECT_EQ(refusal(decode_from_worker(frame("quit", Value()) + "x")),
            "not a message: 1 bytes left over");
}

TEST(Decode, RefusesATypeOrNodeIdThatIsNoText) {
  const auto tuple = [](Value type, Value node_id) {
    return pack(Value::Array{std::move(type), Value(), std::move(node_id)});
  };
  EXPECT_EQ(refusal(decode_from_worker(tuple(5, "h"))), "the message type is int, not a str");
  EXPECT_EQ(refusal(decode_from_worker(tuple(Value::Bin{"quit"}, "h"))),
            "the message type is bin, not a str");
  EXPECT_EQ(refusal(decode_from_worker(tuple(Value::Array{}, "h"))),
            "the message type is array, not a str");
  EXPECT_EQ(refusal(decode_from_worker(tuple("quit", Value::Bin{"h"}))),
            "node_id is bin, not a str");
}

TEST(Decode, TakesANilNodeIdForAnEmptyOne) {
  const auto message = decode_from_master(frame("quit", Value(), Value()));
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(message->node_id, "");
}

TEST(Decode, TakesOldSpecRawStrings) {  // boomer: raw16 instead of str8
  const std::string id(40, 'i');
  const auto message = decode_from_worker(from_hex("93da000471756974c0da0028") + id);
  ASSERT_TRUE(message.ok()) << message.error();
  EXPECT_EQ(message->node_id, id);
  EXPECT_TRUE(std::holds_alternative<Quit>(message->payload));
}

TEST(Decode, AnyOtherTypeIsCustomAndKeepsItsData) {
  const Value data =
      Value::Map{{"nested", Value::Array{1, 2.5, Value(), Value::Bin{"x"}}}, {4000.0, "k"}};
  const Custom custom = from_worker<Custom>("echo", data);
  EXPECT_EQ(custom.type, "echo");
  EXPECT_EQ(custom.data, data);
  EXPECT_EQ(encode({custom, "h_1"}), frame("echo", data));
}

TEST(Decode, ATypeOfTheOtherDirectionIsCustom) {
  EXPECT_EQ(from_worker<Custom>("spawn", Value()).type, "spawn");
  EXPECT_EQ(from_worker<Custom>("ack", 5).type, "ack");
  EXPECT_EQ(from_master<Custom>("stats", Value()).type, "stats");
  EXPECT_EQ(from_master<Custom>("client_ready", 5).type, "client_ready");
}

TEST(Decode, DoesNotLookAtTheDataOfTypesThatHaveNone) {
  for (const Value& data : {Value(), Value(5), Value(Value::Map{{"a", 1}})}) {
    from_worker<Spawning>("spawning", data);
    from_worker<ClientStopped>("client_stopped", data);
    from_worker<Quit>("quit", data);
    from_master<HeartbeatReply>("heartbeat", data);
    from_master<Stop>("stop", data);
    from_master<Quit>("quit", data);
    from_master<Reconnect>("reconnect", data);
  }
}

// ---- worker to master ----

TEST(Decode, ClientReadyKeepsWhateverVersionItIsGiven) {
  for (const Value& version : {Value("2.46.3"), Value(-1), Value(-1.0), Value(), Value(""),
                               Value(7), Value(Value::Map{})}) {
    EXPECT_EQ(from_worker<ClientReady>("client_ready", version).version, version);
  }
}

TEST(Decode, HeartbeatNeedsStateAndCpu) {
  const Value data = Value::Map{
      {"state", "running"}, {"current_cpu_usage", 12}, {"current_memory_usage", 7.0}, {"x", 1}};
  const auto heartbeat = from_worker<Heartbeat>("heartbeat", data);
  EXPECT_EQ(heartbeat.state, "running");
  EXPECT_EQ(heartbeat.current_cpu_usage, 12.0);
  EXPECT_EQ(heartbeat.current_memory_usage, 7);
  EXPECT_EQ(Value(heartbeat.extra), Value(Value::Map{{"x", 1}}));
  EXPECT_FALSE(from_worker<Heartbeat>("heartbeat", without(data, "current_memory_usage"))
                   .current_memory_usage);

  EXPECT_EQ(worker_refusal("heartbeat", Value()), "heartbeat: data is nil, not a map");
  EXPECT_EQ(worker_refusal("heartbeat", without(data, "state")), "heartbeat: state is missing");
  EXPECT_EQ(worker_refusal("heartbeat", with(data, "state", Value())),
            "heartbeat: state is nil, not a str");
  EXPECT_EQ(worker_refusal("heartbeat", without(data, "current_cpu_usage")),
            "heartbeat: current_cpu_usage is missing");
  for (const Value& cpu : {Value(), Value("12"), Value(kNan), Value(kInf), Value(true)}) {
    EXPECT_THAT(worker_refusal("heartbeat", with(data, "current_cpu_usage", cpu)),
                HasSubstr("heartbeat: current_cpu_usage is "));
  }
}

TEST(Decode, SpawningCompleteNeedsItsCounts) {
  const auto complete = from_worker<SpawningComplete>(
      "spawning_complete",
      Value::Map{{"user_classes_count", Value::Map{{"B", 2.0}, {"A", 1}}}, {"count", 3}});
  EXPECT_THAT(complete.user_classes_count,
              testing::ElementsAre(testing::Pair("B", 2), testing::Pair("A", 1)));
  EXPECT_FALSE(complete.user_count) << "boomer and locust4j send count instead";
  EXPECT_EQ(Value(complete.extra), Value(Value::Map{{"count", 3}}));

  EXPECT_EQ(worker_refusal("spawning_complete", Value::Map{{"user_count", 3}}),
            "spawning_complete: user_classes_count is missing");
  EXPECT_EQ(worker_refusal("spawning_complete", Value::Map{{"user_classes_count", Value::Array{}}}),
            "spawning_complete: user_classes_count is array, not a map");
  EXPECT_EQ(
      worker_refusal("spawning_complete", Value::Map{{"user_classes_count", Value::Map{{1, 1}}}}),
      "spawning_complete: a key of user_classes_count is int, not a str");
  for (const Value& count : {Value("1"), Value(), Value(1e18), Value(kNan), Value(kInf)}) {
    EXPECT_THAT(worker_refusal("spawning_complete",
                               Value::Map{{"user_classes_count", Value::Map{{"A", count}}}}),
                HasSubstr("a value of user_classes_count is "));
  }
}

TEST(Decode, OfRepeatedNamesTheLastCounts) {
  const auto complete = from_worker<SpawningComplete>(
      "spawning_complete",
      Value::Map{{"user_classes_count", Value::Map{{"A", 1}, {"B", 2}, {"A", 3}}}});
  EXPECT_THAT(complete.user_classes_count,
              testing::ElementsAre(testing::Pair("A", 3), testing::Pair("B", 2)));
}

TEST(Decode, ExceptionNeedsItsTexts) {
  const Value data = Value::Map{{"msg", "boom"}, {"traceback", Value()}};
  EXPECT_FALSE(from_worker<Exception>("exception", data).traceback);
  EXPECT_EQ(from_worker<Exception>("exception", with(data, "traceback", "t")).traceback, "t");
  EXPECT_THAT(worker_refusal("exception", Value()), HasSubstr("not a map"));
  EXPECT_THAT(worker_refusal("exception", without(data, "msg")), HasSubstr("msg is missing"));
  EXPECT_THAT(worker_refusal("exception", without(data, "traceback")), HasSubstr("missing"));
  EXPECT_THAT(worker_refusal("exception", with(data, "traceback", Value::Array{"a"})),
              HasSubstr("traceback is array, not a str"));
}

TEST(Decode, LogsAreAListOfLines) {
  const Value data = Value::Map{{"worker_id", "h_1"}, {"logs", Value::Array{"a", "b"}}};
  EXPECT_THAT(from_worker<Logs>("logs", data).logs, testing::ElementsAre("a", "b"));
  EXPECT_EQ(from_worker<Logs>("logs", with(data, "worker_id", Value())).worker_id, "");
  EXPECT_THAT(worker_refusal("logs", Value()), HasSubstr("not a map"));
  EXPECT_THAT(worker_refusal("logs", with(data, "logs", Value::Array{"a", 1})),
              HasSubstr("an element of logs"));
}

TEST(Decode, ALocustfileRequestComesInThreeForms) {
  EXPECT_TRUE(from_worker<LocustfileRequest>("locustfile", Value()).version.is_nil());
  EXPECT_TRUE(from_worker<LocustfileRequest>("locustfile", Value::Map{}).version.is_nil());
  EXPECT_EQ(from_worker<LocustfileRequest>("locustfile", Value::Map{{"version", "2"}}).version,
            Value("2"));
  EXPECT_THAT(worker_refusal("locustfile", 5), HasSubstr("not a map"));
}

TEST(Decode, AHeartbeatOfOursSaysHowItsWorkerIs) {
  Heartbeat heartbeat;
  heartbeat.state = "running";
  heartbeat.extension = HeartbeatExtension{.loop_lag_ms = 12.5,
                                           .late_timers = 3,
                                           .generator_bound = {"loop", "cpu"},
                                           .unfinished = "shop.py:3",
                                           .secret = "s3"};
  const auto again = taken<Heartbeat>(decode_from_worker(encode({heartbeat, "h_1"})));
  ASSERT_TRUE(again.extension);
  EXPECT_EQ(again.extension->loop_lag_ms, 12.5);
  EXPECT_EQ(again.extension->late_timers, 3);
  EXPECT_EQ(again.extension->generator_bound, (std::vector<std::string>{"loop", "cpu"}));
  EXPECT_EQ(again.extension->unfinished, "shop.py:3");
  EXPECT_EQ(again.extension->secret, "s3");

  const Value usual = Value::Map{{"state", "running"}, {"current_cpu_usage", 1.0}};
  EXPECT_FALSE(from_worker<Heartbeat>("heartbeat", usual).extension);
  const Value::Map strange = {{"loop_lag_ms", kNan},
                              {"late_timers", "3"},
                              {"generator_bound", Value::Array{"loop", 5, "ports"}},
                              {"unfinished", 5},
                              {"secret", Value::Bin{"s3"}}};
  const auto odd = from_worker<Heartbeat>("heartbeat", with(usual, kExtensionKey, strange));
  ASSERT_TRUE(odd.extension);
  EXPECT_FALSE(odd.extension->loop_lag_ms);
  EXPECT_EQ(odd.extension->late_timers, 0);
  EXPECT_EQ(odd.extension->generator_bound, (std::vector<std::string>{"loop", "ports"}));
  EXPECT_FALSE(odd.extension->unfinished);
  EXPECT_EQ(odd.extension->secret, "");
  EXPECT_TRUE(from_worker<Heartbeat>("heartbeat", with(usual, kExtensionKey, 5)).extension)
      << "a heartbeat all the same";
}

// ---- master to worker ----

TEST(Decode, AckIsANilAnEmptyMapOrAnIndex) {
  EXPECT_FALSE(from_master<Ack>("ack", Value()).index);
  EXPECT_FALSE(from_master<Ack>("ack", Value::Map{}).index);
  for (const Value& index : {Value(3), Value(3.0), Value(3.0F)}) {
    EXPECT_EQ(from_master<Ack>("ack", Value::Map{{"index", index}}).index, 3);
  }
  EXPECT_FALSE(from_master<Ack>("ack", Value::Map{{"index", 0}}).extended);
  const Ack with_secret{.index = 0, .extended = true, .secret = "s3", .extra = {}};
  const auto decoded = decode_from_master(encode({with_secret, "h_1"}));
  EXPECT_EQ(std::get<Ack>(decoded->payload).secret, "s3");
  EXPECT_EQ(from_master<Ack>("ack", Value::Map{{"locust_cpp", Value::Map{{"secret", 3}}}}).secret,
            "");
  const auto ours = from_master<Ack>("ack", Value::Map{{"index", 0}, {"locust_cpp", Value::Map{}}});
  EXPECT_TRUE(ours.extended);
  EXPECT_NE(encode({ours, "h_1"}).find(kExtensionKey), std::string::npos);
  EXPECT_THAT(master_refusal("ack", 5), HasSubstr("not a map"));
  EXPECT_THAT(master_refusal("ack", Value::Map{{"index", "0"}}), HasSubstr("index is str"));
}

TEST(Decode, SpawnTakesEveryNumberForm) {
  Value data = with(spawn_data(), "timestamp", 1700000000);
  data = with(data, "user_classes_count", Value::Map{{"A", 2.0}, {"B", -1}});
  data = with(data, "stop_timeout", 5);
  data = with(data, "host", "http://x");
  data = with(data, "parsed_options", Value::Map{{"tags", Value::Array{"a"}}, {"n", 1.0}});
  const auto spawn = from_master<Spawn>("spawn", data);
  EXPECT_EQ(spawn.timestamp, 1.7e9);
  EXPECT_THAT(spawn.user_classes_count,
              testing::ElementsAre(testing::Pair("A", 2), testing::Pair("B", -1)));
  EXPECT_EQ(spawn.stop_timeout, 5.0);
  EXPECT_EQ(spawn.host, "http://x");
  EXPECT_EQ(*find(spawn.parsed_options, "n"), Value(1.0)) << "kept as it came";
  EXPECT_FALSE(from_master<Spawn>("spawn", with(data, "stop_timeout", Value())).stop_timeout);
}

TEST(Decode, ASpawnOfOursTellsNativeWorkersMore) {
  auto spawn = from_master<Spawn>("spawn", spawn_data());
  EXPECT_FALSE(spawn.extension);
  spawn.extension =
      SpawnExtension{.iterations = 7, .evidence = EvidenceLevel::kHead, .users_of_test = 50};
  const auto again = taken<Spawn>(decode_from_master(encode({spawn, "h_1"})));
  ASSERT_TRUE(again.extension);
  EXPECT_EQ(again.extension->iterations, 7);
  EXPECT_EQ(again.extension->evidence, EvidenceLevel::kHead);
  EXPECT_EQ(again.extension->users_of_test, 50);

  const auto evidence = [](const Value& told) {
    const Value::Map said = {{"evidence", told}};
    return from_master<Spawn>("spawn", with(spawn_data(), kExtensionKey, said)).extension->evidence;
  };
  EXPECT_EQ(evidence("none"), EvidenceLevel::kNone);
  EXPECT_EQ(evidence("less"), EvidenceLevel::kNone) << "one that a later master may know";
  EXPECT_EQ(evidence(7), std::nullopt) << "no level";
}

TEST(Decode, SpawnNeedsAllFiveKeys) {
  for (const char* key :
       {"timestamp", "user_classes_count", "host", "stop_timeout", "parsed_options"}) {
    EXPECT_EQ(master_refusal("spawn", without(spawn_data(), key)),
              std::string("spawn: ") + key + " is missing");
  }
  EXPECT_EQ(master_refusal("spawn", Value()), "spawn: data is nil, not a map");
  EXPECT_EQ(master_refusal("spawn", with(spawn_data(), "timestamp", "5")),
            "spawn: timestamp is str, not a number");
  EXPECT_EQ(master_refusal("spawn", with(spawn_data(), "timestamp", kNan)),
            "spawn: timestamp is out of range");
  EXPECT_EQ(master_refusal("spawn", with(spawn_data(), "parsed_options", Value())),
            "spawn: parsed_options is nil, not a map");
  EXPECT_EQ(master_refusal("spawn", with(spawn_data(), "stop_timeout", "5")),
            "spawn: stop_timeout is str, not a number or nil");
  EXPECT_EQ(master_refusal("spawn", with(spawn_data(), "host", 5)),
            "spawn: host is int, not a str or nil");
}

TEST(Decode, TheMastersSpawningCompleteNeedsItsCount) {
  EXPECT_EQ(from_master<MasterSpawningComplete>("spawning_complete", Value::Map{{"user_count", 20}})
                .user_count,
            20);
  EXPECT_THAT(master_refusal("spawning_complete", Value()), HasSubstr("not a map"));
  EXPECT_THAT(master_refusal("spawning_complete", Value::Map{}),
              HasSubstr("user_count is missing"));
}

TEST(Decode, UpdateUserClassKeepsItsAttributesInOrder) {
  const auto update = from_master<UpdateUserClass>(
      "update_user_class",
      Value::Map{{"weight", 7}, {"user_class_name", "A"}, {"tasks", Value::Array{"ok"}}});
  EXPECT_EQ(update.user_class_name, "A");
  EXPECT_EQ(Value(update.attributes),
            Value(Value::Map{{"weight", 7}, {"tasks", Value::Array{"ok"}}}));
  EXPECT_THAT(master_refusal("update_user_class", Value::Map{{"weight", 7}}), HasSubstr("missing"));
}

TEST(Decode, ALocustfileRequestOfOursSaysSo) {
  LocustfileRequest request{.version = "0.1.0", .extended = true, .extra = {}};
  const auto again = taken<LocustfileRequest>(decode_from_worker(encode({request, "h"})));
  EXPECT_TRUE(again.extended);
  EXPECT_EQ(again.version, Value("0.1.0"));
  EXPECT_FALSE(from_worker<LocustfileRequest>("locustfile", Value::Map{}).extended);
}

TEST(Decode, ALocustfileReplyOfOursHoldsBytesAndSaysWhichFilesAreScenarios) {
  LocustfileReply reply;
  reply.locustfiles.emplace();
  reply.locustfiles->emplace_back(LocustfileSource{"shop.yaml", "users:"});
  reply.locustfiles->emplace_back(LocustfileSource{"data/a.png", "\x89PNG\xff"});
  reply.scenarios = 1;
  const auto again = taken<LocustfileReply>(decode_from_master(encode({reply, "h"})));
  EXPECT_EQ(again.scenarios, 1);
  EXPECT_EQ(std::get<LocustfileSource>(again.locustfiles->at(1)).contents, "\x89PNG\xff");
  EXPECT_FALSE(from_master<LocustfileReply>(
                   "locustfile", Value::Map{{"error", "no"}, {"locust_cpp", Value::Map{}}})
                   .scenarios);
}

TEST(Decode, ALocustfileReplyComesInAllForms) {
  const Value file = Value::Map{{"filename", "a.py"}, {"contents", "x"}};
  EXPECT_EQ(from_master<LocustfileReply>("locustfile", file).single->filename, "a.py");
  EXPECT_EQ(from_master<LocustfileReply>("locustfile", Value::Map{{"error", "no"}}).error, "no");
  const auto many = from_master<LocustfileReply>(
      "locustfile", with(file, "locustfiles", Value::Array{file, "http://x/b.py"}));
  ASSERT_EQ(many.locustfiles->size(), 2U);
  EXPECT_EQ(std::get<LocustfileSource>(many.locustfiles->at(0)).contents, "x");
  EXPECT_EQ(std::get<std::string>(many.locustfiles->at(1)), "http://x/b.py");
  EXPECT_EQ(taken<LocustfileReply>(decode_from_master(encode({many, "h"}))).locustfiles->size(),
            2U);

  EXPECT_THAT(master_refusal("locustfile", Value()), HasSubstr("not a map"));
  EXPECT_THAT(master_refusal("locustfile", Value::Map{}), HasSubstr("neither"));
  EXPECT_THAT(master_refusal("locustfile", without(file, "contents")), HasSubstr("missing"));
  EXPECT_THAT(master_refusal("locustfile", Value::Map{{"locustfiles", Value::Array{5}}}),
              HasSubstr("an element of locustfiles"));
}

}  // namespace
}  // namespace locust::proto
