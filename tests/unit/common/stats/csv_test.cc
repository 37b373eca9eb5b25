#include "common/stats/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace locust {
namespace {

using ::testing::EndsWith;
using ::testing::StartsWith;

std::string row(const std::vector<std::string>& fields) { return csv_row(fields); }

TEST(Csv, fields_are_quoted_only_where_python_quotes_them) {
  EXPECT_EQ(row({"a", "b,c", "d\"e", "f\ng", "h\ri", " x ", "'", ""}),
            "a,\"b,c\",\"d\"\"e\",\"f\ng\",\"h\ri\", x ,',\r\n");
  EXPECT_EQ(row({""}), "\"\"\r\n");
  EXPECT_EQ(row({"", ""}), ",\r\n");
}

TEST(Csv, requests_end_with_the_total_and_numbers_keep_their_kind) {
  RequestStats stats(1000);
  stats.log_request(1001, "GET", "/a,b", 1150.0, 10);
  stats.log_request(1002, "GET", "/c", 1150, 11);
  EXPECT_EQ(requests_csv(summarize(stats, 1002)),
            "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min "
            "Response Time,Max Response Time,Average Content "
            "Size,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%\r\n"
            "GET,\"/a,b\",1,0,1150.0,1150.0,1150.0,1150.0,10.0,0.5,0.0,1200,1200,1200,1200,1200,"
            "1200,1200,1200,1200,1200,1200\r\n"
            "GET,/c,1,0,1150,1150.0,1150,1150,11.0,0.5,0.0,1200,1200,1200,1200,1200,1200,1200,"
            "1200,1200,1200,1200\r\n"
            ",Aggregated,2,0,1150.0,1150.0,1150.0,1150.0,10.5,1.0,0.0,1200,1200,1200,1200,1200,"
            "1200,1200,1200,1200,1200,1200\r\n");
}

TEST(Csv, a_run_without_requests_has_no_percentiles) {
  EXPECT_THAT(requests_csv(summarize(RequestStats(1000), 1000)),
              EndsWith("\r\n,Aggregated,0,0,0,0.0,0,0,0,0.0,0.0,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,"
                       "N/A,N/A,N/A\r\n"));
}

TEST(Csv, failures_are_sorted_by_key_and_times_are_utc) {
  StatsSummary stats;
  stats.errors = {{"b", {"/x", "GET", "<A object at 0x12>", 3, 1700205099.9, 1700205100.0}},
                  {"a", {"/y", "PUT", "say \"x\"", 1, std::nullopt, std::nullopt}}};
  EXPECT_EQ(failures_csv(stats),
            "Method,Name,Error,Occurrences,First Seen,Last Seen\r\n"
            "PUT,/y,\"say \"\"x\"\"\",1,,\r\n"
            "GET,/x,<A object at 0x....>,3,2023-11-17T07:11:39Z,2023-11-17T07:11:40Z\r\n");
}

TEST(Csv, exceptions_name_their_nodes_in_one_field) {
  EXPECT_THAT(exceptions_csv_header(), StartsWith("Count,Message,Traceback,Nodes"));
  EXPECT_EQ(exceptions_csv_row(2, "boom", "line 1\nline 2", {"w_1", "w_2"}),
            "2,boom,\"line 1\nline 2\",\"w_1, w_2\"\r\n");
}

TEST(Csv, texts_that_a_spreadsheet_takes_for_formulas_can_be_marked) {
  for (const char* text : {"=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"}) {
    EXPECT_EQ(csv_text(text, CsvCells::kSafe), std::string("'") + text);
    EXPECT_EQ(csv_text(text, CsvCells::kRaw), text);
  }
  for (const char* text : {"", "a=1", "/x", "'=1", " =1"}) {
    EXPECT_EQ(csv_text(text, CsvCells::kSafe), text);
  }
  EXPECT_EQ(exceptions_csv_row(2, "=x", "@y", {"-w"}, CsvCells::kSafe), "2,'=x,'@y,'-w\r\n");
}

TEST(Csv, percentiles_of_headers_show_no_more_digits_than_stocks) {
  EXPECT_EQ(readable_percentile(0.5), "50%");
  EXPECT_EQ(readable_percentile(0.55), "55.0%");
  EXPECT_EQ(readable_percentile(0.9999), "99.99%");
  EXPECT_EQ(readable_percentile(0.123456789), "12.345679%");
  EXPECT_EQ(readable_percentile(1.0), "100%");
}

}  // namespace
}  // namespace locust
