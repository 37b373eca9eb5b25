// Which releases of Locust the master knows the messages of.
#pragma once

#include <string_view>

#include "proto/value.h"

namespace locust::master {

inline constexpr std::string_view kLocustVersion = "2.47.0";  // whose behaviour ours follows

// What a worker's client_ready says of its version.
enum class VersionVerdict {
  kTooOld,   // none: before 2.0, which no master talks to
  kSame,     // ours, or "compatible with every master"
  kKnown,    // another release, whose messages are known to be alike
  kUnknown,  // one that stock, too, would warn of
};
VersionVerdict judge_version(const proto::Value& version);

}  // namespace locust::master
