#include "master/cluster/locustfile_server.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "common/base/log.h"
#include "proto/codec.h"

namespace locust::master {
namespace {

std::size_t size_of(const proto::LocustfileReply& reply) {
  std::size_t bytes = reply.single ? reply.single->contents.size() : 0;
  if (!reply.locustfiles) return bytes;
  for (const auto& file : *reply.locustfiles) {
    if (const auto* source = std::get_if<proto::LocustfileSource>(&file)) {
      bytes += source->contents.size();
    }
  }
  return bytes;
}

}  // namespace

LocustfileServer::LocustfileServer(proto::MasterTransport& transport,
                                   std::optional<proto::LocustfileReply> reply, Kind kind)
    : transport_(transport),
      reply_(std::move(reply)),
      kind_(kind),
      bytes_(1 + (reply_ ? size_of(*reply_) : 0)) {}

std::optional<std::string> LocustfileServer::answer(const std::string& id,
                                                    const proto::LocustfileRequest& request) {
  auto reason = refusal(request);
  if (!reason) {
    send_test(id);
    return std::nullopt;
  }
  proto::LocustfileReply reply;
  reply.error = reason;
  transport_.send(id, proto::encode({std::move(reply), id}));
  return reason;
}

std::optional<std::string> LocustfileServer::refusal(
    const proto::LocustfileRequest& request) const {
  if (!reply_) {
    return "this master has no test to send; give it one with -f FILE, or start the worker with -f "
           "FILE";
  }
  if (kind_ == Kind::kScenario && !request.extended) {
    return "this master has a YAML scenario, which stock workers cannot run; start locust-worker "
           "-f "
           "- (locust-cpp) instead, or give this worker a Python file with -f FILE";
  }
  return reply_->error;
}

void LocustfileServer::send_test(const std::string& id) {
  const std::size_t affordable = kMaxBytes / bytes_;
  if (replies_ >= std::clamp<std::size_t>(affordable, 1, kMaxReplies)) return;
  if (!on_their_way_.may_send(id, bytes_)) return;
  ++replies_;
  log::runners().debug("Sending the locustfile to {}", id);
  on_their_way_.sent(id, bytes_, transport_.send_watched(id, proto::encode({*reply_, id})));
}

}  // namespace locust::master
