// Masks the texts of requests and responses in statistics.
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

// Masks a worker's report: failure texts and exchanges by the whole rule, names of requests only by
// declared secrets. Keys of failures are recomputed from the masked texts. Exchanges keep what
// `level` allows. Masking a report twice has no further effect.
void mask_report(StatsReport& report, const Masker& masker, EvidenceLevel level);

// The process's level for the current test: the lower one of its own and of its master's.
// Thread-safe.
EvidenceLevel evidence_level();
void set_evidence_level(EvidenceLevel own);
void set_masters_evidence_level(EvidenceLevel masters);

}  // namespace locust
