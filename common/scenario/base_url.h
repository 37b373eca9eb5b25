// Base URLs, which relative URLs of a scenario continue: of -H, `host:`, the page's form, and of
// what a master sends.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/scenario/scenario.h"

namespace locust {

// Whether a URL stands for itself.
bool is_absolute_url(std::string_view url);

// Why no request can be sent to `url`, with the remedy: "'shop' has no scheme; write http://shop".
// nullopt if nothing speaks against it, or if it is empty, which is none. Not for hosts of Python
// classes, whose clients say themselves what is wrong.
std::optional<std::string> base_url_problem(std::string_view url);

// The first request in file order whose URL is relative whatever its expressions give.
struct RelativeRequest {
  SourcePos pos;
  std::string url;  // as written
};
// Of all steps that a user of the class may run.
std::optional<RelativeRequest> first_relative_request(const Scenario& scenario,
                                                      const UserClassSpec& user);
// Of `test_start` or `test_stop`.
std::optional<RelativeRequest> first_relative_request(const Scenario& scenario,
                                                      const StepList& steps);

// "user class 'Shop' has no host, which the URL '/cart' needs; give …".
std::string missing_host_text(const std::string& what, const RelativeRequest& request);

// A line for each class for which `counts` is true, and for each hook of the test, that has
// relative URLs but neither a host of its own nor the file's: "shop.yaml:14:7: user class 'Shop'
// has no host, …".
std::vector<std::string> missing_hosts(const Scenario& scenario,
                                       const std::function<bool(const UserClassSpec&)>& counts);

}  // namespace locust
