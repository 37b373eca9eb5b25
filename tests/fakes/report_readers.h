// Compares the two decoders of reports.
#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "proto/codec.h"
#include "proto/stats_reader.h"
#include "proto/stats_wire.h"

namespace locust::fakes {

// The general decoder, by a tree of values: it supports every report and reports every error.
inline std::optional<proto::Message> read_any_report(std::string_view bytes) {
  auto value = proto::parse(bytes);
  auto* tuple = value ? value->get_if<proto::Value::Array>() : nullptr;
  if (tuple == nullptr || tuple->size() != 3) return std::nullopt;
  auto stats = proto::decode_stats((*tuple)[1]);
  if (!stats) return std::nullopt;
  const std::string* id = (*tuple)[2].str();
  return proto::Message{*std::move(stats), id == nullptr ? "" : *id};
}

inline bool equal_times(const PreciseTimes& a, const PreciseTimes& b) {
  return a.response_time.buckets() == b.response_time.buckets() &&
         a.dns.buckets() == b.dns.buckets() && a.connect.buckets() == b.connect.buckets() &&
         a.tls.buckets() == b.tls.buckets() && a.first_byte.buckets() == b.first_byte.buckets();
}

// Whether read_usual_report() leaves the bytes to the general decoder or has the same result.
inline bool readers_agree(std::string_view bytes) {
  const auto usual = proto::read_usual_report(bytes);
  if (!usual) return true;
  const auto any = read_any_report(bytes);
  if (!any || proto::encode(*usual) != proto::encode(*any)) return false;
  const StatsReport& a = std::get<proto::Stats>(usual->payload).report;
  const StatsReport& b = std::get<proto::Stats>(any->payload).report;
  for (std::size_t i = 0; i < a.stats.size(); ++i) {
    if (!equal_times(a.stats[i].precise, b.stats[i].precise)) return false;
  }
  return equal_times(a.stats_total.precise, b.stats_total.precise);
}

}  // namespace locust::fakes
