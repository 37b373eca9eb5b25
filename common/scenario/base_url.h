// Base URLs of a scenario's relative URLs: from -H, `host:`, the page's form, and the master.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/scenario/scenario.h"

namespace locust {

// Whether a URL is absolute.
bool is_absolute_url(std::string_view url);

// Why no request can be sent to `url`, with the remedy: "'shop' has no scheme; write http://shop".
// nullopt if requests are possible, or if `url` is empty, which means no URL. Not for hosts of
// Python classes, whose clients report such errors themselves.
std::optional<std::string> base_url_problem(std::string_view url);

// The first request in file order whose URL is relative for all values of its expressions.
struct RelativeRequest {
  SourcePos pos;
  std::string url;  // as written
};
// Searches all steps that a user of the class may run.
std::optional<RelativeRequest> first_relative_request(const Scenario& scenario,
                                                      const UserClassSpec& user);
// Searches `test_start` or `test_stop`.
std::optional<RelativeRequest> first_relative_request(const Scenario& scenario,
                                                      const StepList& steps);

// "user class 'Shop' has no host, which the URL '/cart' needs; give …".
std::string missing_host_text(const std::string& what, const RelativeRequest& request);

// One line for each class for which `counts` is true, and for each hook of the test, that has
// relative URLs but neither a host of its own nor the file's: "shop.yaml:14:7: user class 'Shop'
// has no host, …".
std::vector<std::string> missing_hosts(const Scenario& scenario,
                                       const std::function<bool(const UserClassSpec&)>& counts);

}  // namespace locust
