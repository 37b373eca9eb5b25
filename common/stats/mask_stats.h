// What statistics hold of requests and responses, masked.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/base/mask.h"
#include "common/stats/stats.h"

namespace locust {

// How much is kept of the first exchange of each kind of failure (--evidence).
enum class EvidenceLevel : std::uint8_t {
  kNone,  // nothing: no exchange is kept
  kHead,  // request line, status and headers
  kFull,  // also the body's first bytes and the values of the failed check
};

// "none", "head", "full".
std::string_view name_of(EvidenceLevel level);
std::optional<EvidenceLevel> find_evidence_level(std::string_view name);

// A worker's report as it may be shown: failure texts and exchanges by the whole rule, names of
// requests by what was declared. Keys of failures follow their texts. Exchanges keep what `level`
// allows. Masking a report twice changes nothing.
void mask_report(StatsReport& report, const Masker& masker, EvidenceLevel level);

// The process's level for the current test: the lower one of its own and of its master's.
// Thread-safe.
EvidenceLevel evidence_level();
void set_evidence_level(EvidenceLevel own);
void set_masters_evidence_level(EvidenceLevel masters);

}  // namespace locust
