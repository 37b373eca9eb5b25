#include "master/report/stats_json.h"

#include <nlohmann/json.hpp>
#include <optional>

namespace locust::master {
namespace {

using Json = nlohmann::ordered_json;

Json json(const Number& number) {
  return number.is_float() ? Json(number.as_double()) : Json(number.to_int());
}

template <typename T>
Json json(const std::optional<T>& value) {
  return value ? json(Number(*value)) : Json();
}

Json json(const SecondCounts& counts) {
  Json object = Json::object();
  for (const auto& [second, count] : counts.seconds()) object[std::to_string(second)] = count;
  return object;
}

Json json(const ResponseTimes& times) {
  Json object = Json::object();
  for (std::size_t i = 0; i < times.size(); ++i) {
    object[times[i].response_time.repr()] = times[i].count;
  }
  return object;
}

Json json(const StatsEntry& entry) {
  return {{"name", entry.name},
          {"method", entry.method.value_or("")},
          {"last_request_timestamp", json(entry.last_request_timestamp)},
          {"start_time", entry.start_time},
          {"num_requests", entry.num_requests},
          {"num_none_requests", entry.num_none_requests},
          {"num_failures", entry.num_failures},
          {"total_response_time", json(entry.total_response_time)},
          {"max_response_time", json(entry.max_response_time)},
          {"min_response_time", json(entry.min_response_time)},
          {"total_content_length", entry.total_content_length},
          {"response_times", json(entry.response_times)},
          {"num_reqs_per_sec", json(entry.num_reqs_per_sec)},
          {"num_fail_per_sec", json(entry.num_fail_per_sec)}};
}

}  // namespace

std::string stats_json(const RequestStats& stats) {
  Json entries = Json::array();
  for (const StatsEntry& entry : stats.entries()) {
    if (entry.num_requests > 0 || entry.num_failures > 0) entries.push_back(json(entry));
  }
  return entries.dump(4, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
}

}  // namespace locust::master
