#include "common/stats/stats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "common/stats/stats_summary.h"

namespace locust {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> names(const std::vector<StatsEntry>& entries) {
  std::vector<std::string> names;
  for (const StatsEntry& entry : entries) names.push_back(*entry.method + " " + entry.name);
  return names;
}

TEST(RequestStats, a_logged_request_counts_in_its_entry_and_in_the_total) {
  RequestStats stats(100);
  stats.log_request(100.5, "GET", "/", 147.5, 1000);
  stats.log_request(101.5, "GET", "/", 20.25, 500);
  stats.log_request(101.6, "POST", "/", std::nullopt, 0);
  const StatsEntry& entry = *stats.find("/", "GET");
  EXPECT_EQ(entry.num_requests, 2);
  EXPECT_EQ(entry.total_response_time.repr(), "167.75");
  EXPECT_EQ(entry.min_response_time, Number(20.25));
  EXPECT_EQ(entry.max_response_time, Number(147.5));
  EXPECT_EQ(entry.total_content_length, 1500);
  EXPECT_EQ(entry.last_request_timestamp, 101.5);
  EXPECT_EQ(entry.start_time, 100.5);
  EXPECT_EQ(entry.num_reqs_per_sec.count(101), 1);
  EXPECT_EQ(stats.total().num_requests, 3);
  EXPECT_EQ(stats.total().num_none_requests, 1);
  EXPECT_EQ(stats.total().start_time, 100);
  EXPECT_EQ(stats.total().avg_response_time(), 83.875);
}

TEST(RequestStats, a_response_time_that_is_no_number_counts_as_none) {
  RequestStats stats(100);
  stats.log_request(100, "GET", "/", std::nan(""), 0);
  stats.log_request(100, "GET", "/", std::numeric_limits<double>::infinity(), 0);
  EXPECT_EQ(stats.total().num_requests, 2);
  EXPECT_EQ(stats.total().num_none_requests, 2);
  EXPECT_EQ(stats.total().avg_response_time(), 0);
}

TEST(RequestStats, a_failure_may_come_without_a_request) {
  RequestStats stats(100);
  stats.log_error(100, "GET", "/", "boom");
  EXPECT_EQ(stats.total().num_requests, 0);
  EXPECT_EQ(stats.total().fail_ratio(), 1);
  EXPECT_THAT(names(stats.get_stripped_report(101).stats), ElementsAre("GET /"));
}

TEST(RequestStats, equal_errors_are_counted_together_wherever_their_objects_lived) {
  RequestStats stats(100);
  stats.log_error(100.5, "GET", "/", "<Boom object at 0x7f01>");
  stats.log_error(103.5, "GET", "/", "<Boom object at 0x7f02>");
  stats.log_error(104.5, "GET", "/other", "<Boom object at 0x7f02>");
  ASSERT_EQ(stats.errors().size(), 2U);
  const StatsError& error = stats.errors()[0].second;
  EXPECT_EQ(error.error, "<Boom object at 0x....>");
  EXPECT_EQ(error.occurrences, 2);
  EXPECT_EQ(error.first_seen, 100.5);
  EXPECT_EQ(error.last_seen, 103.5);
}

TEST(RequestStats, a_report_holds_what_was_logged_since_the_last_one_without_idle_entries) {
  RequestStats stats(100, StatsRole::kWorker);
  stats.log_request(100.5, "GET", "/b", 5, 0);
  stats.log_request(100.5, "GET", "/a", 5, 0);
  stats.log_error(100.5, "GET", "/a", "boom");
  const StatsReport first = stats.get_stripped_report(103);
  EXPECT_THAT(names(first.stats), ElementsAre("GET /b", "GET /a"));
  EXPECT_EQ(first.stats_total.num_requests, 2);
  EXPECT_EQ(first.stats_total.name, "Aggregated");
  EXPECT_EQ(first.errors.size(), 1U);

  stats.log_request(104, "GET", "/a", 6, 0);
  const StatsReport second = stats.get_stripped_report(106);
  EXPECT_THAT(names(second.stats), ElementsAre("GET /a"));
  EXPECT_EQ(second.stats[0].num_requests, 1);
  EXPECT_EQ(second.stats[0].start_time, 103);
  EXPECT_THAT(second.errors, IsEmpty());

  // An entry that was idle has not been reset, so it started earlier.
  stats.log_request(107, "GET", "/b", 6, 0);
  EXPECT_EQ(stats.get_stripped_report(109).stats[0].start_time, 103);
}

TEST(RequestStats, an_idle_worker_reports_a_zero_total) {
  RequestStats stats(100, StatsRole::kWorker);
  const StatsReport report = stats.get_stripped_report(103);
  EXPECT_THAT(report.stats, IsEmpty());
  EXPECT_EQ(report.stats_total.start_time, 100);
  EXPECT_EQ(report.stats_total.last_request_timestamp, std::nullopt);
  EXPECT_EQ(report.stats_total.min_response_time, std::nullopt);
}

TEST(RequestStats, merging_takes_sums_extremes_and_the_earliest_start) {
  RequestStats a(100, StatsRole::kWorker);
  RequestStats b(99, StatsRole::kWorker);
  a.log_request(102, "GET", "/", 10, 1);
  b.log_request(101, "GET", "/", 2000.5, 2);
  b.log_error(101, "GET", "/", "boom");
  a.log_error(102, "GET", "/", "boom");
  RequestStats master(98);
  master.extend(a.get_stripped_report(103), 103);
  master.extend(b.get_stripped_report(103), 103.5);
  const StatsEntry& entry = *master.find("/", "GET");
  EXPECT_EQ(entry.num_requests, 2);
  EXPECT_EQ(entry.start_time, 101);
  EXPECT_EQ(entry.last_request_timestamp, 102);
  EXPECT_EQ(entry.min_response_time->repr(), "10");
  EXPECT_EQ(entry.max_response_time.repr(), "2000.5");
  EXPECT_EQ(entry.num_fail_per_sec.count(101), 1);
  EXPECT_EQ(master.total().start_time, 98);
  ASSERT_EQ(master.errors().size(), 1U);
  EXPECT_EQ(master.errors()[0].second.occurrences, 2);
  EXPECT_EQ(master.errors()[0].second.first_seen, 101);
  EXPECT_EQ(master.errors()[0].second.last_seen, 102);
}

TEST(RequestStats, the_total_is_what_workers_say_and_not_recomputed) {
  StatsReport report{{}, StatsEntry("Aggregated", std::nullopt, 100), {}};
  report.stats_total.num_requests = 7;
  RequestStats master(100);
  master.extend(report, 103);
  EXPECT_EQ(master.total().num_requests, 7);
  EXPECT_EQ(master.total().method, "");
  EXPECT_THAT(master.entries(), IsEmpty());
}

TEST(RequestStats, errors_without_times_as_older_workers_send_them_are_merged) {
  const auto report = [](std::optional<double> seen) {
    return StatsReport{
        {}, StatsEntry("Aggregated", "", 100), {{"key", {"/", "GET", "boom", 2, seen, seen}}}};
  };
  RequestStats master(100);
  master.extend(report(std::nullopt), 101);
  EXPECT_EQ(master.errors()[0].second.first_seen, std::nullopt);
  master.extend(report(50), 101);
  master.extend(report(0), 101);  // 0 counts as none, as in stock
  EXPECT_EQ(master.errors()[0].second.first_seen, 50);
  EXPECT_EQ(master.errors()[0].second.occurrences, 6);
}

TEST(RequestStats, hostile_counts_saturate) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  StatsReport report{{}, StatsEntry("Aggregated", "", 100), {}};
  StatsEntry& entry = report.stats.emplace_back("/", "GET", 100);
  entry.num_requests = kMax;
  entry.num_none_requests = -kMax;
  entry.total_content_length = kMax;
  entry.last_request_timestamp = 1e300;
  entry.response_times.add(5, kMax);
  entry.num_reqs_per_sec.add(kMax, kMax);
  report.stats_total = entry;
  RequestStats master(100);
  master.extend(report, 101);
  master.extend(report, 102);
  const StatsEntry& merged = *master.find("/", "GET");
  EXPECT_EQ(merged.num_requests, kMax);
  EXPECT_EQ(merged.num_timed_requests(), kMax);
  EXPECT_EQ(merged.get_response_time_percentile(0.5), 5);
  EXPECT_EQ(merged.current_rps(master.total()), 0);
}

TEST(RequestStats, reset_keeps_entries_and_clear_drops_them) {
  RequestStats stats(100);
  stats.log_request(101, "GET", "/", 10, 1);
  stats.log_error(101, "GET", "/", "boom");
  stats.reset_all(110);
  ASSERT_NE(stats.find("/", "GET"), nullptr);
  EXPECT_EQ(stats.find("/", "GET")->num_requests, 0);
  EXPECT_EQ(stats.total().start_time, 110);
  EXPECT_THAT(stats.errors(), IsEmpty());
  stats.clear_all(120);
  EXPECT_EQ(stats.find("/", "GET"), nullptr);
  EXPECT_EQ(stats.total().start_time, 120);
  stats.log_request(121, "GET", "/", 10, 1);
  EXPECT_EQ(stats.entries().size(), 1U);
}

TEST(RequestStats, entries_sort_by_name_then_method_in_code_point_order) {
  RequestStats stats(100);
  for (const char* name : {"é", "\U0001f600", "\uffee", "a", "Z", ""}) {
    stats.log_request(100, "GET", name, 1, 0);
  }
  stats.log_request(100, "DELETE", "a", 1, 0);
  std::string order;
  for (const StatsEntry* entry : stats.sorted_entries())
    order += *entry->method + entry->name + " ";
  EXPECT_EQ(order, "GET GETZ DELETEa GETa GETé GET\uffee GET\U0001f600 ");
}

TEST(StatsEntry, a_median_beyond_the_extremes_is_clipped_and_keeps_their_kind) {
  StatsEntry entry("/", "GET", 100);
  entry.log(100, 1150.0, 0);  // bucket 1200
  EXPECT_EQ(entry.median_response_time().repr(), "1150.0");
  entry.reset(100);
  entry.log(100, 1140, 0);  // bucket 1100
  EXPECT_EQ(entry.median_response_time().repr(), "1140");
}

// Of two, the larger, as the 50th percentile is (stock since 2.47).
TEST(StatsEntry, the_median_is_the_percentile_of_a_half) {
  StatsEntry entry("/", "GET", 100);
  EXPECT_EQ(entry.median_response_time(), 0);
  entry.log(100, 10, 0);
  entry.log(100, 20, 0);
  EXPECT_EQ(entry.median_response_time(), 20);
  entry.log(100, 10, 0);
  EXPECT_EQ(entry.median_response_time(), 10);
  entry.log(100, std::nullopt, 0);
  EXPECT_EQ(entry.median_response_time(), 10);
}

TEST(StatsEntry, current_rates_leave_out_the_last_two_seconds_of_the_run) {
  RequestStats stats(1000);
  for (int second = 1000; second <= 1020; ++second) {
    for (int i = 0; i < second - 999; ++i) stats.log_request(second + 0.5, "GET", "/", 1, 0);
  }
  // Seconds 1008 to 1017, in which 9 to 18 requests were made.
  EXPECT_EQ(stats.find("/", "GET")->current_rps(stats.total()), 13.5);
  EXPECT_EQ(stats.total().current_fail_per_sec(stats.total()), 0);
}

TEST(StatsEntry, total_rates_are_over_the_time_between_start_and_last_request) {
  RequestStats stats(1000);
  EXPECT_EQ(stats.total().total_rps(stats.total()), 0);
  stats.log_request(1000, "GET", "/", 1, 0);
  EXPECT_EQ(stats.total().total_rps(stats.total()), 0);
  stats.log_request(1004, "GET", "/other", 1, 0);
  EXPECT_EQ(stats.total().total_rps(stats.total()), 0.5);
  EXPECT_EQ(stats.find("/", "GET")->total_rps(stats.total()), 0.25);
}

TEST(StatsEntry, current_percentiles_forget_what_is_older_than_ten_seconds) {
  RequestStats stats(1000);
  for (int second = 1000; second < 1010; ++second) stats.log_request(second, "GET", "/", 900, 0);
  for (int second = 1010; second < 1030; ++second) stats.log_request(second, "GET", "/", 20, 0);
  const StatsEntry& entry = *stats.find("/", "GET");
  EXPECT_EQ(entry.get_response_time_percentile(0.95), 900);
  EXPECT_EQ(entry.get_current_response_time_percentile(0.95, 1030), Number(20));
  EXPECT_EQ(entry.get_current_response_time_percentile(0.95, 1100), std::nullopt);
}

TEST(StatsSummary, chosen_percentiles_have_three_digits_unless_a_stock_worker_took_part) {
  RequestStats precise(100);
  precise.record_precisely(true);
  precise.log_request(101, "GET", "/", 1234, 0);
  RequestStats stock(100);
  stock.log_request(101, "GET", "/", 1234, 0);

  const StatsSummary alone = summarize(precise, 110, {0.5, 0.999});
  EXPECT_EQ(alone.percentiles, (std::vector<double>{0.5, 0.999}));
  EXPECT_TRUE(alone.total.is_precise);
  ASSERT_EQ(alone.entries.at(0).chosen.size(), 2U);
  EXPECT_NEAR(alone.entries[0].chosen[1].whole_run, 1234, 0.001);
  EXPECT_NEAR(alone.total.chosen[1].current.value(), 1234, 0.001);
  EXPECT_EQ(alone.entries[0].chosen[1].current, 1200) << "of names, the last ten seconds have two";

  precise.extend(stock.get_stripped_report(102), 102);
  const StatsSummary mixed = summarize(precise, 110, {0.5});
  EXPECT_FALSE(mixed.total.is_precise);
  EXPECT_FALSE(mixed.entries[0].is_precise);
  EXPECT_EQ(mixed.total.chosen[0].whole_run, 1200);
  EXPECT_EQ(mixed.total.chosen[0].current, 1200);
}

TEST(StatsSummary, the_median_below_a_millisecond_is_exact_in_our_views_and_stocks_in_its_own) {
  RequestStats stats(100);
  stats.record_precisely(true);
  for (const double ms : {0.031, 0.172, 0.184, 0.401}) stats.log_request(101, "GET", "/", ms, 0);
  const StatsSummary summary = summarize(stats, 110, {0.5});
  for (const StatsRow* row : {&summary.total, &summary.entries[0]}) {
    EXPECT_NEAR(row->best_median_response_time.as_double(), 0.184, 0.0005);
    EXPECT_EQ(row->best_median_response_time.as_double(), row->chosen[0].whole_run);
    // All are in bucket 0, which the minimum bounds.
    EXPECT_EQ(row->median_response_time, Number(0.031));
  }
  EXPECT_NEAR(summary.total.chosen[0].current.value(), 0.184, 0.0005);
}

TEST(StatsSummary, without_three_digits_the_median_is_stocks_and_keeps_its_kind) {
  RequestStats stats(100);
  EXPECT_EQ(summarize(stats, 110).total.best_median_response_time.repr(), "0");
  for (const int ms : {1100, 1234}) stats.log_request(101, "GET", "/", ms, 0);
  EXPECT_EQ(summarize(stats, 110).total.best_median_response_time.repr(), "1200");
}

TEST(Percentiles, are_numbers_above_0_and_up_to_100_each_once) {
  EXPECT_EQ(*parse_percentiles("50,95, 99.9%,50,100"),
            (std::vector<double>{0.5, 0.95, 99.9 / 100, 1}));
  for (const char* text : {"", "50,", "0", "101", "-1", "p95", "nan", "1e"}) {
    EXPECT_FALSE(parse_percentiles(text)) << text;
  }
  EXPECT_EQ(parse_percentiles("50,x").error(), "'x' is not a percentile above 0 and up to 100");
  EXPECT_FALSE(parse_percentiles("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21"));
}

TEST(StatsEntry, current_percentiles_of_the_total_have_three_digits_if_all_requests_have) {
  RequestStats stats(1000);
  stats.record_precisely(true);
  for (int second = 1000; second < 1010; ++second) stats.log_request(second, "GET", "/", 900, 0);
  for (int second = 1010; second < 1030; ++second) stats.log_request(second, "GET", "/", 0.25, 0);
  const StatsEntry& total = stats.total();
  EXPECT_NEAR(total.best_current_response_time_percentile(0.95, 1030).value(), 0.25, 0.0005);
  EXPECT_EQ(total.get_current_response_time_percentile(0.95, 1030), Number(0));
  // Not known, or no request: no number.
  EXPECT_EQ(total.best_current_response_time_percentile(0.95, 1100), std::nullopt);
  EXPECT_EQ(total.best_current_response_time_percentile(0.95, 1047), std::nullopt);
  stats.reset_all(1050);
  EXPECT_EQ(total.best_current_response_time_percentile(0.95, 1055), std::nullopt);
  stats.log_request(1055, "GET", "/", 0.75, 0);
  EXPECT_NEAR(total.best_current_response_time_percentile(0.95, 1060).value(), 0.75, 0.0005);
  stats.record_precisely(false);
  stats.log_request(1061, "GET", "/", 4.4, 0);
  EXPECT_EQ(total.best_current_response_time_percentile(0.95, 1062), 4);
}

TEST(StatsEntry, without_cache_there_are_no_current_percentiles) {
  RequestStats stats(1000, StatsRole::kWorker);
  stats.log_request(1001, "GET", "/", 20, 0);
  EXPECT_EQ(stats.total().get_current_response_time_percentile(0.5, 1010), std::nullopt);
}

TEST(StatsEntry, precise_times_are_recorded_on_demand_reported_and_merged) {
  RequestStats workers[] = {RequestStats(1000, StatsRole::kWorker),
                            RequestStats(1000, StatsRole::kWorker)};
  RequestStats master(1000);
  for (RequestStats& worker : workers) {
    worker.log_request(1001, "GET", "/", Number(1.0), 0);
    worker.record_precisely(true);
    for (int i = 1; i <= 50; ++i) {
      worker.log_request(1001, "GET", "/", Number(200.0 + i), 0,
                         {.dns = std::nullopt,
                          .connect = std::chrono::microseconds(i),
                          .tls = std::nullopt,
                          .first_byte = std::chrono::milliseconds(i)});
    }
    worker.log_request(1001, "GET", "/", std::nullopt, 0);
    master.extend(worker.get_stripped_report(1002), 1002);
    EXPECT_TRUE(worker.get_stripped_report(1003).stats_total.precise.response_time.empty());
  }
  for (const StatsEntry* entry : {&master.total(), master.find("/", "GET")}) {
    EXPECT_EQ(entry->precise.response_time.count(), 100);
    EXPECT_EQ(entry->precise.connect.percentile(0.5), std::chrono::microseconds(26));
    EXPECT_EQ(entry->precise.first_byte.count(), 100);
    EXPECT_TRUE(entry->precise.dns.empty());
  }
}

TEST(StatsEntry, percentiles_have_three_digits_only_if_every_worker_sent_them) {
  RequestStats stats(1000, StatsRole::kWorker);
  stats.record_precisely(true);
  for (int i = 1; i <= 100; ++i) stats.log_request(1001, "GET", "/", Number(1000.0 + i), 0);
  const StatsEntry& entry = *stats.find("/", "GET");
  EXPECT_TRUE(entry.is_precise());
  EXPECT_NEAR(entry.best_response_time_percentile(0.5), 1051, 1.1);
  EXPECT_EQ(entry.best_response_time_percentile(1), 1100) << "bounded by the exact maximum";
  EXPECT_EQ(entry.best_response_time_percentile(0), 1001);
  stats.record_precisely(false);
  stats.log_request(1001, "GET", "/", Number(1000.0), 0);
  EXPECT_FALSE(entry.is_precise());
  EXPECT_EQ(entry.best_response_time_percentile(0.5), entry.get_response_time_percentile(0.5));
}

TEST(StatsError, a_master_keeps_the_first_exchange_of_each_and_not_too_many) {
  const auto exchange = [](const std::string& request) {
    return std::make_shared<const FailedExchange>(FailedExchange{request, "", "", {}});
  };
  RequestStats master(1000);
  const auto report = [&](const std::string& key, const std::string& request) {
    StatsReport one{{}, StatsEntry("Aggregated", "", 1000), {}};
    one.errors.push_back({key, {"/", "GET", "boom", 1, 1000.0, 1000.0, exchange(request)}});
    master.extend(one, 1001);
  };
  report("a", "first");
  report("a", "second");
  EXPECT_EQ(master.errors().at(0).second.exchange->request, "first");
  for (int i = 0; i < 2000; ++i) report("b" + std::to_string(i), "x");
  std::size_t kept = 0;
  for (const auto& [key, error] : master.errors()) kept += error.exchange ? 1 : 0;
  EXPECT_EQ(master.errors().size(), 2001U);
  EXPECT_EQ(kept, 1000U);
}

TEST(StatsError, its_key_is_the_digest_stock_makes) {
  // As in stock's vectors.
  EXPECT_EQ(StatsError::create_key("POST", "/c", "404 Client Error: Not Found for url: /x"),
            "631343128906f91d01d806971c829a566f900657b8234d743b311369d57ceb4d");
  EXPECT_EQ(StatsError::create_key("POST", "/c", "naïve \"quoted\", comma"),
            "1b7a4ea9f3326fae3d2d0b7b7a2902165754d490a2bfe12864a05318c4c36afd");
}

TEST(StatsError, only_the_first_objects_address_is_hidden_wherever_it_stands) {
  EXPECT_EQ(StatsError::parse_error("no address"), "no address");
  EXPECT_EQ(StatsError::parse_error("<A object at 0x12> 0x12 <B object at 0x34>"),
            "<A object at 0x....> 0x.... <B object at 0x34>");
  EXPECT_EQ(StatsError::parse_error("object at 0x12 without end"), "object at 0x12 without end");
}

TEST(StatsError, the_console_unwraps_catch_response_errors) {
  const auto to_name = [](const char* error) {
    return StatsError{"/p", "GET", error, 1, std::nullopt, std::nullopt}.to_name();
  };
  EXPECT_EQ(to_name("CatchResponseError('soft')"), "GET /p: 'soft'");
  EXPECT_EQ(to_name("CatchResponseError(日本"), "GET /p: 日");
  EXPECT_EQ(to_name("CatchResponseError("), "GET /p: ");
  EXPECT_EQ(to_name("ValueError('x')"), "GET /p: ValueError('x')");
}

TEST(RequestStats, CountsNamesAndFailuresBeyondItsLimitsTogether) {
  RequestStats worker(1000, StatsRole::kWorker);
  constexpr std::size_t kMany = RequestStats::kMaxEntries + 50;
  for (std::size_t i = 0; i < kMany; ++i) {
    const std::string name = "/item/" + std::to_string(i);
    worker.log_request(1000, "GET", name, Number(5), 1);
    worker.log_error(1000, "GET", name, "closed");
  }
  RequestStats master(1000);
  EXPECT_FALSE(master.has_other_entries());
  for (int worker_number = 0; worker_number < 2; ++worker_number) {
    StatsReport report = worker.get_stripped_report(1000 + 3);
    for (StatsEntry& entry : report.stats) {
      if (worker_number == 1 && entry.name != RequestStats::kOthers) entry.name += "/more";
    }
    master.extend(report, 1000 + 3);
    for (std::size_t i = 0; i < kMany; ++i) {
      worker.log_request(1000, "GET", "/item/" + std::to_string(i), Number(5), 1);
    }
  }
  EXPECT_TRUE(master.has_other_entries());
  EXPECT_TRUE(master.has_other_errors());
  EXPECT_EQ(master.entries().size(), RequestStats::kMaxEntries + 1);
  EXPECT_EQ(master.errors().size(), RequestStats::kMaxErrors + 1);
  const StatsEntry* others = master.find(RequestStats::kOthers, "");
  ASSERT_NE(others, nullptr);
  EXPECT_EQ(others->num_requests, 50 + static_cast<std::int64_t>(kMany));
  EXPECT_EQ(master.errors().back().second.occurrences, 50);
  std::int64_t sum = 0;
  for (const StatsEntry& entry : master.entries()) sum += entry.num_requests;
  EXPECT_EQ(sum, master.total().num_requests);
}

TEST(RequestStats, CutsTextsThatNobodyCanMean) {
  RequestStats stats(1000, StatsRole::kWorker);
  const std::string name = std::string(RequestStats::kMaxTextBytes - 1, 'x') + "\u20ac and more";
  stats.log_request(1000, "GET", name, Number(5), 1);
  stats.log_request(1000, "GET", name + "!", Number(5), 1);
  stats.log_error(1000, "GET", name, name);
  ASSERT_EQ(stats.entries().size(), 1U);
  EXPECT_EQ(stats.entries()[0].name, std::string(RequestStats::kMaxTextBytes - 1, 'x'));
  EXPECT_EQ(stats.errors()[0].second.error.size(), RequestStats::kMaxTextBytes - 1);
}

TEST(RequestStats, KeepsTransactionsOutOfTheTotal) {
  RequestStats worker(100, StatsRole::kWorker);
  worker.log_request(101, "GET", "/", Number(10), 5);
  worker.log_transaction(101, "order", Number(1500), "");
  worker.log_transaction(102, "order", Number(500), "GET /: broken");
  const StatsEntry* row = worker.find("order", "TX");
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->num_requests, 2);
  EXPECT_EQ(row->num_failures, 1);
  EXPECT_EQ(worker.total().num_requests, 1);
  EXPECT_EQ(worker.total().num_failures, 0);
  ASSERT_EQ(worker.errors().size(), 1U);
  EXPECT_EQ(worker.errors()[0].second.to_name(), "TX order: GET /: broken");

  // A master merges entries and the total by themselves.
  RequestStats master(100);
  master.extend(worker.get_stripped_report(103), 103);
  EXPECT_EQ(master.find("order", "TX")->num_requests, 2);
  EXPECT_EQ(master.total().num_requests, 1);
}

}  // namespace
}  // namespace locust
