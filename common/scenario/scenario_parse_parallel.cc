// `parallel: [requests]` and `parallel: LIST, as: x, do: [requests]`.
#include <string>

#include "common/base/nearest_name.h"
#include "common/scenario/scenario_parse_parts.h"

namespace locust {
namespace {

void read_requests(ScenarioReader& reader, const YamlNode& value, std::string_view what,
                   ParallelStep& parallel) {
  for (ScenarioStep& step : read_steps(reader, value, what)) {
    if (auto* request = std::get_if<RequestStep>(&step.action)) {
      parallel.requests.push_back({step.pos, std::move(*request)});
    } else {
      reader.errors().add(step.pos,
                          "only requests can be sent together: put this step before or "
                          "behind 'parallel'");
    }
  }
}

}  // namespace

void read_parallel(ScenarioReader& reader, const YamlNode& step, ScenarioStep& target) {
  ParallelStep parallel;
  for (const auto& [key, value] : step.entries) {
    if (key->text == "parallel" || key->text == "as" || key->text == "do") continue;
    reader.error(*key, unknown_key(key->text, "'parallel'", {"parallel", "as", "do"}));
  }
  const YamlNode& value = *find_entry(step, "parallel")->second;
  const YamlNode::Entry* as = find_entry(step, "as");
  const YamlNode::Entry* body = find_entry(step, "do");
  if (as == nullptr && body == nullptr) {
    read_requests(reader, value, "'parallel'", parallel);
  } else if (body == nullptr) {
    reader.error(*as->first, "'as' needs the requests of each element: 'do: […]'");
  } else {
    parallel.list = reader.value(value);
    const bool can_be_list =
        parallel.list && (std::holds_alternative<ValueTemplate::List>(parallel.list->node) ||
                          (std::holds_alternative<TextTemplate>(parallel.list->node) &&
                           std::get<TextTemplate>(parallel.list->node).sole_expression()));
    if (parallel.list && !can_be_list) {
      reader.error(value, "'parallel' needs a list, such as ${urls} or [a, b]");
    }
    if (as != nullptr && reader.is_text(*as->second, "'as'")) {
      parallel.slot = reader.assigned_variable(*as->second);
    }
    read_requests(reader, *body->second, "'do'", parallel);
  }
  target.action = std::move(parallel);
}

}  // namespace locust
