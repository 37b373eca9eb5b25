// Encodes messages to bytes and decodes them. The typed side of docs/protocol.md §§2–6.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "proto/message.h"

namespace locust::proto {

// Decode one payload frame of a worker or a master. The same type name means different payloads in
// the two directions; a type that does not belong to the direction becomes a Custom. An invalid
// message is an Error, one line that names type and field ("spawn: timestamp is str, not a
// number"). Never throw.
Result<Message> decode_from_worker(std::string_view bytes);
Result<Message> decode_from_master(std::string_view bytes);

// Encodes the payload frame. Keys and number forms are those of stock's newest version; `extra`
// follows the known keys. Invalid UTF-8 in any text is repaired.
std::string encode(const Message& message);

// The type on the wire ("spawning_complete"). Valid as long as the payload.
std::string_view type_name(const Payload& payload);

}  // namespace locust::proto
