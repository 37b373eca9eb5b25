// The releases of Locust whose messages the master knows.
#pragma once

#include <string_view>

#include "proto/value.h"

namespace locust::master {

inline constexpr std::string_view kLocustVersion =
    "2.47.0";  // the release that this master follows

// How a worker's version, from its client_ready, compares with the master's.
enum class VersionVerdict {
  kTooOld,   // before 2.0: it sends none, and no master supports it
  kSame,     // kLocustVersion, or "compatible with every master"
  kKnown,    // another release, whose messages are the same
  kUnknown,  // a release that stock would also warn about
};
VersionVerdict judge_version(const proto::Value& version);

}  // namespace locust::master
