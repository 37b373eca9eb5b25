#include "common/scenario/base_url.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <tuple>
#include <utility>
#include <variant>

#include "common/base/printable.h"

namespace locust {
namespace {

constexpr std::string_view kHttp = "http://";
constexpr std::string_view kHttps = "https://";

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [rest, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
  return ec == std::errc{} && rest == text.data() + text.size() && port <= 65535;
}

// The URL for display: a name and a password before the host are "***".
std::string without_user(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t at = url.substr(0, url.find_first_of("/?#", begin)).rfind('@');
  if (at == std::string_view::npos || at < begin) return std::string(url);
  return std::string(url.substr(0, begin)).append("***").append(url.substr(at));
}

// "host", "host:80", "[::1]:80"; an empty port is the scheme's.
std::optional<std::string> authority_problem(std::string_view authority) {
  std::string_view place = authority.substr(authority.rfind('@') + 1);
  std::size_t end = place.find(':');
  if (place.starts_with('[')) {
    end = place.find(']');
    if (end == std::string_view::npos) return "has '[' without ']'";
    ++end;
  }
  const std::string_view host = place.substr(0, end);
  if (host.empty()) return "names no host";
  if (end >= place.size()) return std::nullopt;
  const std::string_view port = place.substr(end);
  if (port == ":" || (port.starts_with(':') && is_port(port.substr(1)))) return std::nullopt;
  return "has a port that is not from 0 to 65535";
}

// Whether the URL is relative for all values of its expressions.
bool is_relative(const TextTemplate& url) {
  if (url.parts.empty()) return true;
  const TextTemplate::Part& first = url.parts.front();
  if (first.expr) return false;
  const std::string begin = lower(first.literal);
  if (is_absolute_url(begin)) return false;
  // "http" before an expression may become a scheme.
  return url.parts.size() == 1 || (!kHttp.starts_with(begin) && !kHttps.starts_with(begin));
}

std::string as_written(const TextTemplate& url) {
  std::string text;
  for (const TextTemplate::Part& part : url.parts) {
    text += part.expr ? "${" + part.source + "}" : part.literal;
  }
  return text;
}

// Walks the steps of a user class, or of a hook, in file order.
class RelativeRequestSearch {
 public:
  explicit RelativeRequestSearch(const Scenario& scenario) : scenario_(scenario) {}

  void look_at(const UserClassSpec& user) {
    look_at(user.after);
    look_at(user.on_start);
    look_at(user.tasks);
    look_at(user.on_stop);
  }

  void look_at(const StepList& steps) {
    for (const ScenarioStep& step : steps) {
      if (const auto* request = std::get_if<RequestStep>(&step.action)) {
        look_at(*request, step.pos);
      } else if (const auto* parallel = std::get_if<ParallelStep>(&step.action)) {
        for (const ParallelRequest& one : parallel->requests) look_at(one.request, one.pos);
      } else if (const auto* run = std::get_if<RunStep>(&step.action)) {
        const auto named = scenario_.steps.find(run->name);
        if (named != scenario_.steps.end() && seen_.insert(run->name).second) {
          look_at(named->second.steps);
        }
      }
      for (const StepList* inner : inner_steps(step)) look_at(*inner);
    }
  }

  std::optional<RelativeRequest> take() { return std::move(found_); }

 private:
  void look_at(const RequestStep& request, SourcePos pos) {
    if (!is_relative(request.url)) return;
    const auto place = [](SourcePos p) { return std::tuple(p.file, p.line, p.column); };
    if (!found_ || place(pos) < place(found_->pos)) found_ = {pos, as_written(request.url)};
  }

  void look_at(const std::vector<TaskSpec>& tasks) {
    for (const TaskSpec& task : tasks) {
      look_at(task.steps);
      look_at(task.on_start);
      look_at(task.tasks);
      look_at(task.on_stop);
    }
  }

  const Scenario& scenario_;
  std::set<std::string> seen_;  // named steps, which may run in several places
  std::optional<RelativeRequest> found_;
};

}  // namespace

bool is_absolute_url(std::string_view url) {
  const std::string begin = lower(url.substr(0, kHttps.size()));
  return begin.starts_with(kHttp) || begin.starts_with(kHttps);
}

std::optional<std::string> base_url_problem(std::string_view url) {
  if (url.empty()) return std::nullopt;
  const std::string shown = "'" + quoted_part(without_user(url)) + "'";
  const std::size_t scheme = url.find("://");
  const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::string_view origin = url.substr(0, url.find_first_of("/?#", begin));
  const auto is_wrong = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; };
  if (std::any_of(origin.begin(), origin.end(), is_wrong)) {
    return shown + " has a blank or a control character in it";
  }
  if (is_absolute_url(url)) {
    const auto problem = authority_problem(origin.substr(begin));
    return problem ? std::optional(shown + " " + *problem) : std::nullopt;
  }
  if (scheme != std::string_view::npos) return shown + " has a scheme other than http and https";
  const std::size_t host = url.find_first_not_of('/');
  if (host == std::string_view::npos) return shown + " names no host";
  return shown + " has no scheme; write http://" + quoted_part(without_user(url.substr(host)));
}

std::optional<RelativeRequest> first_relative_request(const Scenario& scenario,
                                                      const UserClassSpec& user) {
  RelativeRequestSearch search(scenario);
  search.look_at(user);
  return search.take();
}

std::optional<RelativeRequest> first_relative_request(const Scenario& scenario,
                                                      const StepList& steps) {
  RelativeRequestSearch search(scenario);
  search.look_at(steps);
  return search.take();
}

std::string missing_host_text(const std::string& what, const RelativeRequest& request) {
  return what + " has no host, which the URL '" + request.url +
         "' needs; give -H http://HOST (--host), or 'host: http://HOST' in the file";
}

std::vector<std::string> missing_hosts(const Scenario& scenario,
                                       const std::function<bool(const UserClassSpec&)>& counts) {
  std::vector<std::string> lines;
  if (scenario.host) return lines;
  const auto add = [&](const std::string& what, const std::optional<RelativeRequest>& request) {
    if (!request) return;
    lines.push_back(to_string(scenario, request->pos) + ": " + missing_host_text(what, *request));
  };
  for (const UserClassSpec& user : scenario.users) {
    if (user.host || !counts(user)) continue;
    add("user class '" + user.name + "'", first_relative_request(scenario, user));
  }
  add("'test_start'", first_relative_request(scenario, scenario.test_start));
  add("'test_stop'", first_relative_request(scenario, scenario.test_stop));
  return lines;
}

}  // namespace locust
