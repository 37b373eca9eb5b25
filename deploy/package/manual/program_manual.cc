#include "deploy/package/manual/program_manual.h"

#include <array>

namespace locust::manual {
namespace {

constexpr std::array kPrograms = {
    ProgramManual{
        "locust", "load test of web services, in one command",
        "Runs a test, a YAML scenario or a Python locustfile, with a master and the number "
        "of workers that --processes gives, by default one.\n\n"
        "With --master it is locust-master, with --worker locust-worker.",
        true, true},
    ProgramManual{
        "locust-master", "leads a distributed load test",
        "Waits for workers, distributes the virtual users to them and merges their statistics. Its "
        "workers are locust-worker processes, those of stock Locust, or both.\n\n"
        "Without --headless it has a web page and an API, on port 8089.",
        true, false},
    ProgramManual{"locust-worker", "runs the virtual users of a distributed load test",
                  "Connects to a master, locust-master or that of stock Locust, runs the users "
                  "that it assigns, and reports to it.",
                  false, true},
};

}  // namespace

std::span<const ProgramManual> program_manuals() { return kPrograms; }

std::vector<const OptionSpec*> shown_options(const OptionGroup& group,
                                             const ProgramManual& program) {
  std::vector<const OptionSpec*> shown;
  for (const OptionSpec& spec : group.options) {
    const bool own = spec.effect == OptionEffect::kBoth || spec.effect == OptionEffect::kNone ||
                     (spec.effect == OptionEffect::kMaster && program.leads) ||
                     (spec.effect == OptionEffect::kWorker && program.works);
    if (own) shown.push_back(&spec);
  }
  return shown;
}

std::vector<const OptionSpec*> shown_options(const ProgramManual& program) {
  std::vector<const OptionSpec*> all;
  for (const OptionGroup& group : option_groups()) {
    const auto shown = shown_options(group, program);
    all.insert(all.end(), shown.begin(), shown.end());
  }
  return all;
}

Value value_of(const OptionSpec& spec) {
  if (spec.is_flag()) return Value::kNone;
  if (!spec.choices.empty()) return Value::kChoice;
  const std::string_view metavar = bare_metavar(spec);
  if (metavar == "filename" || metavar == "file" || metavar == "json") return Value::kFile;
  if (metavar == "folder" || metavar == "directory") return Value::kFolder;
  return Value::kText;
}

std::string_view bare_metavar(const OptionSpec& spec) {
  if (spec.is_flag()) return {};
  return spec.metavar.substr(1, spec.metavar.find('>') - 1);
}

std::string short_help(const OptionSpec& spec) {
  std::string_view help = spec.help;
  for (const std::string_view end : {", e.g.", ". ", ": ", " ("})
    help = help.substr(0, help.find(end));
  if (help.ends_with('.')) help.remove_suffix(1);
  return std::string(help);
}

}  // namespace locust::manual
