#include "master/report/junit.h"

#include <algorithm>
#include <pugixml.hpp>
#include <sstream>
#include <string_view>
#include <vector>

#include "common/base/printable.h"
#include "common/base/utf8.h"
#include "common/stats/csv.h"
#include "master/report/verdict_table.h"

namespace locust::master {
namespace {

// XML does not allow most control characters.
std::string printable(std::string_view text) {
  std::string clean;
  append_printable(clean, repair_utf8(text));
  return clean;
}

void set(pugi::xml_node node, const char* name, std::string_view value) {
  node.append_attribute(name).set_value(printable(value).c_str());
}

void set(pugi::xml_node node, const char* name, int value) {
  node.append_attribute(name).set_value(value);
}

struct Case {
  std::string name;
  std::string message;  // the reason of the failure; empty if it passed
  std::string details;
  const char* kind = "failure";  // or "error"

  bool is(std::string_view k) const { return !message.empty() && kind == k; }
};

struct Suite {
  std::string name;
  std::vector<Case> cases;

  int count(std::string_view kind) const {
    return static_cast<int>(
        std::count_if(cases.begin(), cases.end(), [&](const Case& one) { return one.is(kind); }));
  }
};

Suite threshold_suite(const RunResult& result) {
  Suite suite{"thresholds", {}};
  for (const Verdict& verdict : result.verdicts) {
    const std::string margin = margin_text(verdict);
    const std::string measured = "measured " + measured_text(verdict) +
                                 (margin.empty() ? "" : ", margin " + margin) +
                                 (verdict.two_digits ? ", with two digits" : "");
    suite.cases.push_back(
        {threshold_text(verdict.threshold), verdict.holds ? "" : measured, measured});
  }
  return suite;
}

Suite check_suite(const RunResult& result) {
  Suite suite{"checks", {}};
  for (const CheckResult& check : result.checks) {
    suite.cases.push_back({check.text.substr(0, check.text.find(" was ")),
                           check.passed ? "" : check.text, check.text});
  }
  return suite;
}

Suite run_suite(const RunResult& result, const ExitRules& rules) {
  std::string reasons;
  for (const std::string& reason : result.invalid_reasons) {
    reasons += (reasons.empty() ? "" : "; ") + reason;
  }
  Suite suite{"run", {}};
  if (result.forced_exit_code) {
    suite.cases.push_back({"complete",
                           "the test could not start, or was ended because a worker was lost; see "
                           "the log",
                           "", "error"});
  }
  suite.cases.push_back({"valid", rules.fail_on_invalid ? reasons : "", reasons, "error"});
  if (errors_decide(result, rules)) {
    suite.cases.push_back({"no failures or exceptions",
                           result.has_errors ? "requests failed or tasks raised exceptions" : "",
                           ""});
  }
  return suite;
}

void write(pugi::xml_node parent, const Suite& suite, double time) {
  pugi::xml_node node = parent.append_child("testsuite");
  set(node, "name", suite.name);
  set(node, "tests", static_cast<int>(suite.cases.size()));
  set(node, "failures", suite.count("failure"));
  set(node, "errors", suite.count("error"));
  set(node, "skipped", 0);
  set(node, "time", 0);
  set(node, "timestamp", format_utc_timestamp(time).substr(0, 19));  // without its zone
  for (const Case& one : suite.cases) {
    pugi::xml_node test = node.append_child("testcase");
    set(test, "classname", "locust." + suite.name);
    set(test, "name", one.name);
    set(test, "time", 0);
    pugi::xml_node text = test;
    if (!one.message.empty()) {
      text = test.append_child(one.kind);
      set(text, "message", one.message);
      set(text, "type", suite.name);
    } else if (!one.details.empty()) {
      text = test.append_child("system-out");
    }
    if (!one.details.empty()) text.text().set(printable(one.details).c_str());
  }
}

}  // namespace

std::string junit_xml(const RunResult& result, const ExitRules& rules, double time) {
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  set(declaration, "version", "1.0");
  set(declaration, "encoding", "UTF-8");
  pugi::xml_node root = document.append_child("testsuites");
  set(root, "name", "locust");
  for (const Suite& suite :
       {threshold_suite(result), check_suite(result), run_suite(result, rules)}) {
    if (!suite.cases.empty()) write(root, suite, time);
  }
  std::ostringstream text;
  document.save(text, "  ", pugi::format_default, pugi::encoding_utf8);
  return text.str();
}

}  // namespace locust::master
