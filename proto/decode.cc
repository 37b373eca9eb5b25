#include <algorithm>
#include <span>

#include "proto/codec.h"
#include "proto/extension_wire.h"
#include "proto/fields.h"
#include "proto/stats_reader.h"
#include "proto/stats_wire.h"

namespace locust::proto {
namespace {

using Decoded = Result<Payload>;

// Decodes a payload that is a map: `read` fills it from the fields and may keep the remaining keys
// by rest().
template <typename Read>
Decoded from_map(Value& data, Read read) {
  Value::Map* map = data.get_if<Value::Map>();
  if (map == nullptr) return not_a("data", data, "a map");
  FieldReader in(*map);
  Payload payload = read(in);
  if (!in.ok()) return in.error();
  return payload;
}

// Receivers ignore the data of these messages; stock sends nil.
template <typename T>
Decoded without_data(Value&) {
  return Payload(T{});
}

Decoded decode_client_ready(Value& data) { return Payload(ClientReady{std::move(data)}); }

Decoded decode_heartbeat(Value& data) {
  return from_map(data, [](FieldReader& in) {
    Heartbeat heartbeat;
    heartbeat.state = in.str("state");
    heartbeat.current_cpu_usage = in.number("current_cpu_usage");
    heartbeat.current_memory_usage = in.optional_integer("current_memory_usage");
    if (const Value* extension = in.optional_value(kExtensionKey)) {
      heartbeat.extension = decode_heartbeat_extension(*extension);
    }
    heartbeat.extra = in.rest();
    return heartbeat;
  });
}

Decoded decode_report(Value& data) {
  auto stats = decode_stats(data);
  if (!stats) return Error{stats.error()};
  return Payload(std::move(*stats));
}

Decoded decode_spawning_complete(Value& data) {
  return from_map(data, [](FieldReader& in) {
    SpawningComplete complete;
    complete.user_classes_count = in.user_classes_count("user_classes_count");
    complete.user_count = in.optional_integer("user_count");
    complete.extra = in.rest();
    return complete;
  });
}

Decoded decode_exception(Value& data) {
  return from_map(data, [](FieldReader& in) {
    Exception exception;
    exception.msg = in.str("msg");
    exception.traceback = in.str_or_nil("traceback");
    exception.extra = in.rest();
    return exception;
  });
}

Decoded decode_logs(Value& data) {
  return from_map(data, [](FieldReader& in) {
    Logs logs;
    logs.worker_id = in.str_or_nil("worker_id").value_or("");
    for (Value& line : in.array("logs")) {
      std::string* text = line.get_if<std::string>();
      if (text == nullptr) {
        in.fail(not_a("an element of logs", line, "a str"));
        break;
      }
      logs.logs.push_back(std::move(*text));
    }
    logs.extra = in.rest();
    return logs;
  });
}

Decoded decode_locustfile_request(Value& data) {
  if (data.is_nil()) return Payload(LocustfileRequest{});
  return from_map(data, [](FieldReader& in) {
    LocustfileRequest request;
    if (Value* version = in.optional_value("version")) request.version = std::move(*version);
    request.extended = in.optional_value(kExtensionKey) != nullptr;
    request.extra = in.rest();
    return request;
  });
}

Decoded decode_ack(Value& data) {
  if (data.is_nil()) return Payload(Ack{});
  return from_map(data, [](FieldReader& in) {
    Ack ack;
    ack.index = in.optional_integer("index");
    if (const Value* extension = in.optional_value(kExtensionKey)) {
      ack.extended = true;
      ack.secret = decode_ack_secret(*extension);
    }
    ack.extra = in.rest();
    return ack;
  });
}

Decoded decode_spawn(Value& data) {
  return from_map(data, [](FieldReader& in) {
    Spawn spawn;
    spawn.timestamp = in.number("timestamp");
    spawn.user_classes_count = in.user_classes_count("user_classes_count");
    spawn.host = in.str_or_nil("host");
    spawn.stop_timeout = in.number_or_nil("stop_timeout");
    spawn.parsed_options = in.map("parsed_options");
    if (const Value* extension = in.optional_value(kExtensionKey)) {
      spawn.extension = decode_spawn_extension(*extension);
    }
    spawn.extra = in.rest();
    return spawn;
  });
}

Decoded decode_master_spawning_complete(Value& data) {
  return from_map(data, [](FieldReader& in) {
    MasterSpawningComplete complete;
    complete.user_count = in.integer("user_count");
    complete.extra = in.rest();
    return complete;
  });
}

Decoded decode_update_user_class(Value& data) {
  return from_map(data, [](FieldReader& in) {
    UpdateUserClass update;
    update.user_class_name = in.str("user_class_name");
    update.attributes = in.rest();
    return update;
  });
}

LocustfileSource locustfile_source(FieldReader& in) {
  std::string filename = in.str("filename");
  return {std::move(filename), in.str_or_bin("contents")};
}

// An element of `locustfiles`: a file, or a URL to load it from.
std::variant<LocustfileSource, std::string> locustfile_element(FieldReader& in, Value& element) {
  if (std::string* url = element.get_if<std::string>()) return std::move(*url);
  Value::Map* map = element.get_if<Value::Map>();
  if (map == nullptr) {
    in.fail(not_a("an element of locustfiles", element, "a map or a str"));
    return std::string();
  }
  FieldReader fields(*map);
  LocustfileSource source = locustfile_source(fields);
  if (!fields.ok()) in.fail(Error{"an element of locustfiles: " + fields.error().message});
  return source;
}

Decoded decode_locustfile_reply(Value& data) {
  return from_map(data, [&data](FieldReader& in) {
    LocustfileReply reply;
    reply.error = in.optional_str("error");
    if (auto elements = in.optional_array("locustfiles")) {
      reply.locustfiles.emplace();
      for (Value& element : *elements) {
        reply.locustfiles->push_back(locustfile_element(in, element));
      }
    }
    const bool has_single = data.find("filename") != nullptr || data.find("contents") != nullptr;
    if (has_single) reply.single = locustfile_source(in);
    if (!reply.error && !reply.locustfiles && !reply.single) {
      in.fail(Error{"neither error nor locustfiles nor filename"});
    }
    if (const Value* extension = in.optional_value(kExtensionKey)) {
      reply.scenarios = decode_scenarios(*extension);
    }
    reply.extra = in.rest();
    return reply;
  });
}

struct Type {
  std::string_view name;
  Decoded (*decode)(Value& data);
};

constexpr Type kFromWorker[] = {
    {"stats", decode_report},
    {"heartbeat", decode_heartbeat},
    {"spawning", without_data<Spawning>},
    {"spawning_complete", decode_spawning_complete},
    {"exception", decode_exception},
    {"logs", decode_logs},
    {"client_ready", decode_client_ready},
    {"client_stopped", without_data<ClientStopped>},
    {"quit", without_data<Quit>},
    {"locustfile", decode_locustfile_request},
};

constexpr Type kFromMaster[] = {
    {"heartbeat", without_data<HeartbeatReply>},
    {"spawn", decode_spawn},
    {"spawning_complete", decode_master_spawning_complete},
    {"ack", decode_ack},
    {"stop", without_data<Stop>},
    {"quit", without_data<Quit>},
    {"reconnect", without_data<Reconnect>},
    {"update_user_class", decode_update_user_class},
    {"locustfile", decode_locustfile_reply},
};

Result<Message> decode(std::string_view bytes, std::span<const Type> types) {
  auto value = parse(bytes);
  if (!value) return Error{value.error()};
  Value::Array* tuple = value->get_if<Value::Array>();
  if (tuple == nullptr) return not_a("a message", *value, "an array of 3");
  if (tuple->size() != 3) {
    return Error{"a message is an array of " + std::to_string(tuple->size()) + ", not of 3"};
  }
  std::string* type = (*tuple)[0].get_if<std::string>();
  if (type == nullptr) return not_a("the message type", (*tuple)[0], "a str");
  std::string* node_id = (*tuple)[2].get_if<std::string>();
  if (node_id == nullptr && !(*tuple)[2].is_nil()) {
    return not_a("node_id", (*tuple)[2], "a str");
  }

  Message message;
  if (node_id != nullptr) message.node_id = std::move(*node_id);
  Value& data = (*tuple)[1];
  const auto known = std::ranges::find(types, std::string_view(*type), &Type::name);
  if (known == types.end()) {
    message.payload = Custom{std::move(*type), std::move(data)};
    return message;
  }
  auto payload = known->decode(data);
  if (!payload) return Error{*type + ": " + payload.error()};
  message.payload = std::move(*payload);
  return message;
}

}  // namespace

Result<Message> decode_from_worker(std::string_view bytes) {
  if (auto report = read_usual_report(bytes)) return *std::move(report);
  return decode(bytes, kFromWorker);
}

Result<Message> decode_from_master(std::string_view bytes) { return decode(bytes, kFromMaster); }

}  // namespace locust::proto
