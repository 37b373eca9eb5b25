// The fast path for reports, which are most of a master's input. For the codec.
#pragma once

#include <optional>
#include <string_view>

#include "proto/message.h"

namespace locust::proto {

// Decodes the report in `bytes` if it has the form that stock and native workers normally send:
// only known keys, each once, with valid values. Returns nullopt for any other message, which
// decode_stats (proto/stats_wire.h) then decodes. The results are equal; this function takes about
// a third of the time, because it fills the entries directly from the bytes.
std::optional<Message> read_usual_report(std::string_view bytes);

}  // namespace locust::proto
