#include "common/stats/mask_stats.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <utility>

namespace locust {
namespace {

constexpr std::array<std::string_view, 3> kLevels = {"none", "head", "full"};

std::atomic<EvidenceLevel> own_level = EvidenceLevel::kFull;
std::atomic<EvidenceLevel> masters_level = EvidenceLevel::kFull;

void mask_exchange(FailedExchange& exchange, const Masker& masker, EvidenceLevel level) {
  if (level != EvidenceLevel::kFull) {
    exchange.body.clear();
    exchange.values.clear();
  }
  exchange.request = masker.masked(exchange.request, TextKind::kDocument);
  exchange.response = masker.masked(exchange.response, TextKind::kDocument);
  exchange.body = masker.masked(exchange.body, TextKind::kDocument);
  for (std::string& value : exchange.values) value = masker.masked(value);
}

void mask_error(std::string& key, StatsError& error, const Masker& masker, EvidenceLevel level) {
  std::string name = masker.without_declared(error.name);
  std::string text = masker.masked(error.error);
  if (name != error.name || text != error.error) {
    error.name = std::move(name);
    error.error = std::move(text);
    key = StatsError::create_key(error.method, error.name, error.error);
  }
  if (level == EvidenceLevel::kNone) error.exchange = nullptr;
  if (!error.exchange) return;
  FailedExchange exchange = *error.exchange;
  mask_exchange(exchange, masker, level);
  error.exchange = std::make_shared<const FailedExchange>(std::move(exchange));
}

}  // namespace

std::string_view name_of(EvidenceLevel level) {
  return kLevels.at(static_cast<std::size_t>(level));
}

std::optional<EvidenceLevel> find_evidence_level(std::string_view name) {
  const auto found = std::find(kLevels.begin(), kLevels.end(), name);
  if (found == kLevels.end()) return std::nullopt;
  return static_cast<EvidenceLevel>(found - kLevels.begin());
}

void mask_report(StatsReport& report, const Masker& masker, EvidenceLevel level) {
  if (masker.has_declared()) {
    for (StatsEntry& entry : report.stats) entry.name = masker.without_declared(entry.name);
  }
  for (auto& [key, error] : report.errors) mask_error(key, error, masker, level);
}

EvidenceLevel evidence_level() { return std::min(own_level.load(), masters_level.load()); }
void set_evidence_level(EvidenceLevel own) { own_level = own; }
void set_masters_evidence_level(EvidenceLevel masters) { masters_level = masters; }

}  // namespace locust
