// How the master's parts send messages, independent of the transport.
#pragma once

#include <functional>
#include <string>

#include "proto/message.h"

namespace locust::master {

// Never blocks. A message to a worker that is not connected, or reads too slowly, is dropped.
using SendToWorker = std::function<void(const std::string& id, proto::Payload payload)>;

}  // namespace locust::master
