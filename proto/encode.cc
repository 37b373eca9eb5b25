#include "common/base/utf8.h"
#include "proto/codec.h"
#include "proto/extension_wire.h"
#include "proto/packer.h"
#include "proto/stats_wire.h"

namespace locust::proto {
namespace {

void encode_counts(Packer& out, const UserCounts& counts) {
  out.str("user_classes_count");
  out.map(counts.size());
  for (const auto& [name, n] : counts) {
    out.str(name);
    out.integer(n);
  }
}

void encode_optional_str(Packer& out, const std::optional<std::string>& text) {
  text ? out.str(*text) : out.nil();
}

// Writes the data of each payload.
struct DataEncoder {
  Packer& out;

  void operator()(const ClientReady& p) const { out.value(p.version); }
  void operator()(const Heartbeat& p) const {
    out.map(2 + (p.current_memory_usage ? 1 : 0) + (p.extension ? 1 : 0) + p.extra.size());
    out.str("state");
    out.str(p.state);
    out.str("current_cpu_usage");
    out.float64(p.current_cpu_usage);
    if (p.current_memory_usage) {
      out.str("current_memory_usage");
      out.integer(*p.current_memory_usage);
    }
    if (p.extension) encode_extension(out, *p.extension);
    out.entries(p.extra);
  }
  void operator()(const Stats& p) const { encode_stats(out, p); }
  void operator()(const Spawning&) const { out.nil(); }
  void operator()(const SpawningComplete& p) const {
    out.map(1 + (p.user_count ? 1 : 0) + p.extra.size());
    encode_counts(out, p.user_classes_count);
    if (p.user_count) {
      out.str("user_count");
      out.integer(*p.user_count);
    }
    out.entries(p.extra);
  }
  void operator()(const ClientStopped&) const { out.nil(); }
  void operator()(const Exception& p) const {
    out.map(2 + p.extra.size());
    out.str("msg");
    out.str(p.msg);
    out.str("traceback");
    encode_optional_str(out, p.traceback);
    out.entries(p.extra);
  }
  void operator()(const Logs& p) const {
    out.map(2 + p.extra.size());
    out.str("worker_id");
    out.str(p.worker_id);
    out.str("logs");
    out.array(p.logs.size());
    for (const std::string& line : p.logs) out.str(line);
    out.entries(p.extra);
  }
  void operator()(const LocustfileRequest& p) const {
    if (p.version.is_nil() && !p.extended && p.extra.empty()) return out.nil();
    out.map(1 + (p.extended ? 1 : 0) + p.extra.size());
    out.str("version");
    out.value(p.version);
    if (p.extended) encode_empty_extension(out);
    out.entries(p.extra);
  }
  void operator()(const Ack& p) const {
    out.map((p.index ? 1 : 0) + (p.extended ? 1 : 0) + p.extra.size());
    if (p.index) {
      out.str("index");
      out.integer(*p.index);
    }
    if (p.extended) encode_ack_secret(out, p.secret);
    out.entries(p.extra);
  }
  void operator()(const HeartbeatReply&) const { out.nil(); }
  void operator()(const Spawn& p) const {
    out.map(5 + (p.extension ? 1 : 0) + p.extra.size());
    out.str("timestamp");
    out.float64(p.timestamp);
    encode_counts(out, p.user_classes_count);
    out.str("host");
    encode_optional_str(out, p.host);
    out.str("stop_timeout");
    p.stop_timeout ? out.float64(*p.stop_timeout) : out.nil();
    out.str("parsed_options");
    out.map(p.parsed_options.size());
    out.entries(p.parsed_options);
    if (p.extension) encode_extension(out, *p.extension);
    out.entries(p.extra);
  }
  void operator()(const MasterSpawningComplete& p) const {
    out.map(1 + p.extra.size());
    out.str("user_count");
    out.integer(p.user_count);
    out.entries(p.extra);
  }
  void operator()(const Stop&) const { out.nil(); }
  void operator()(const Reconnect&) const { out.nil(); }
  void operator()(const UpdateUserClass& p) const {
    out.map(1 + p.attributes.size());
    out.str("user_class_name");
    out.str(p.user_class_name);
    out.entries(p.attributes);
  }
  void operator()(const LocustfileReply& p) const {
    out.map((p.error ? 1 : 0) + (p.single ? 2 : 0) + (p.locustfiles ? 1 : 0) +
            (p.scenarios ? 1 : 0) + p.extra.size());
    if (p.error) {
      out.str("error");
      out.str(*p.error);
    }
    if (p.single) encode_source(*p.single);
    if (p.locustfiles) {
      out.str("locustfiles");
      out.array(p.locustfiles->size());
      for (const auto& element : *p.locustfiles) encode_element(element);
    }
    if (p.scenarios) encode_scenarios(out, *p.scenarios);
    out.entries(p.extra);
  }
  void operator()(const Quit&) const { out.nil(); }
  void operator()(const Custom& p) const { out.value(p.data); }

 private:
  void encode_source(const LocustfileSource& source) const {
    out.str("filename");
    out.str(source.filename);
    out.str("contents");
    is_valid_utf8(source.contents) ? out.str(source.contents) : out.bin(source.contents);
  }
  void encode_element(const std::variant<LocustfileSource, std::string>& element) const {
    if (const auto* url = std::get_if<std::string>(&element)) return out.str(*url);
    out.map(2);
    encode_source(std::get<LocustfileSource>(element));
  }
};

struct TypeName {
  std::string_view operator()(const ClientReady&) const { return "client_ready"; }
  std::string_view operator()(const Heartbeat&) const { return "heartbeat"; }
  std::string_view operator()(const Stats&) const { return "stats"; }
  std::string_view operator()(const Spawning&) const { return "spawning"; }
  std::string_view operator()(const SpawningComplete&) const { return "spawning_complete"; }
  std::string_view operator()(const ClientStopped&) const { return "client_stopped"; }
  std::string_view operator()(const Exception&) const { return "exception"; }
  std::string_view operator()(const Logs&) const { return "logs"; }
  std::string_view operator()(const LocustfileRequest&) const { return "locustfile"; }
  std::string_view operator()(const Ack&) const { return "ack"; }
  std::string_view operator()(const HeartbeatReply&) const { return "heartbeat"; }
  std::string_view operator()(const Spawn&) const { return "spawn"; }
  std::string_view operator()(const MasterSpawningComplete&) const { return "spawning_complete"; }
  std::string_view operator()(const Stop&) const { return "stop"; }
  std::string_view operator()(const Reconnect&) const { return "reconnect"; }
  std::string_view operator()(const UpdateUserClass&) const { return "update_user_class"; }
  std::string_view operator()(const LocustfileReply&) const { return "locustfile"; }
  std::string_view operator()(const Quit&) const { return "quit"; }
  std::string_view operator()(const Custom& p) const { return p.type; }
};

}  // namespace

std::string_view type_name(const Payload& payload) { return std::visit(TypeName{}, payload); }

std::string encode(const Message& message) {
  Packer out;
  out.array(3);
  out.str(type_name(message.payload));
  std::visit(DataEncoder{out}, message.payload);
  out.str(message.node_id);
  return out.take();
}

}  // namespace locust::proto
