#include "master/cluster/worker_versions.h"

#include <optional>
#include <string>

#include "master/cluster/worker_registry.h"

namespace locust::master {
namespace {

constexpr WorkerVersion kFirstKnown{2, 12};
constexpr WorkerVersion kLastKnown{2, 47};

// Whether the value is false in Python.
bool is_false(const proto::Value& value) {
  const std::string* text = value.str();
  return value.is_nil() || (text != nullptr && text->empty()) || value.to_double() == 0.0 ||
         (value.get_if<bool>() != nullptr && !*value.get_if<bool>());
}

}  // namespace

VersionVerdict judge_version(const proto::Value& version) {
  if (is_false(version)) return VersionVerdict::kTooOld;
  const std::string* text = version.str();
  if (version.to_double() == -1.0 || (text != nullptr && *text == kLocustVersion)) {
    return VersionVerdict::kSame;
  }
  // Stock warns about every release but its own; here known releases are all equal.
  const auto theirs = text != nullptr ? parse_worker_version(*text) : std::nullopt;
  const bool is_known = theirs && *theirs >= kFirstKnown && *theirs <= kLastKnown;
  return is_known ? VersionVerdict::kKnown : VersionVerdict::kUnknown;
}

}  // namespace locust::master
