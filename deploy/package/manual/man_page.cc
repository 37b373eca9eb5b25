#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>

#include "common/base/version.h"
#include "deploy/package/manual/program_manual.h"

namespace locust::manual {
namespace {

// Text that means nothing but itself to roff.
std::string roff(std::string_view text) {
  std::string escaped;
  if (text.starts_with('.') || text.starts_with('\'')) escaped = "\\&";
  for (const char c : text) {
    switch (c) {
      case '\\':
        escaped += "\\(rs";
        break;
      case '-':
        escaped += "\\-";
        break;
      case '\'':
        escaped += "\\(aq";
        break;
      case '`':
        escaped += "\\(ga";
        break;
      case '^':
        escaped += "\\(ha";
        break;
      case '~':
        escaped += "\\(ti";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string bold(std::string_view text) { return fmt::format("\\fB{}\\fR", roff(text)); }

std::string italic(std::string_view text) { return fmt::format("\\fI{}\\fR", roff(text)); }

std::string paragraphs(std::string_view text) {
  std::string roffed;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\n\n"), text.size());
    if (!roffed.empty()) roffed += ".PP\n";
    roffed += roff(text.substr(0, end)) + '\n';
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return roffed;
}

std::string option_entry(const OptionSpec& spec) {
  std::string names;
  for (const std::string_view name : option_names(spec)) {
    if (!names.empty()) names += ", ";
    names += bold(name);
  }
  std::string entry = ".TP\n" + names;
  if (!spec.is_flag()) entry += ' ' + italic(bare_metavar(spec));
  if (spec.is_list()) entry += " ...";
  entry += '\n' + roff(spec.help) + (spec.help.ends_with('.') ? "" : ".");
  if (!spec.remark.empty()) entry += ' ' + roff(spec.remark);
  if (!spec.env.empty()) entry += "\nEnvironment variable: " + bold(spec.env) + '.';
  return entry + '\n';
}

std::string upper(std::string_view text) {
  std::string result;
  for (const char c : text) {
    result += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return result;
}

constexpr std::string_view kSources =
    "Arguments override environment variables, which override configuration files, which override "
    "defaults. A flag\\(aqs variable is true or false. Long options may be "
    "abbreviated. The arguments that a scenario defines are options too.\n";

constexpr std::string_view kFiles =
    ".TP\n\\fIlocustfile.yaml\\fR, \\fIlocustfile.py\\fR\nThe test, if no other is given.\n"
    ".TP\n\\fIpyproject.toml\\fR, \\fIlocust.conf\\fR, \\fI\\(ti/.locust.conf\\fR\n"
    "Configuration, after the file of \\fB\\-\\-config\\fR; the first that sets an option "
    "wins.\n";

constexpr std::string_view kExitStatus =
    ".TP\n0\nAll went well.\n"
    ".TP\n1\nA threshold does not hold; without thresholds, a request failed; or the test could "
    "not "
    "start.\n"
    ".TP\n2\nAn invalid command line or scenario, or a report that could not be written.\n"
    ".TP\n3\nA check does not hold, or with \\fB\\-\\-fail\\-on\\-invalid\\fR the run is not "
    "valid.\n"
    ".TP\n255\nOptions that contradict each other, user classes of \\fB\\-\\-config\\-users\\fR "
    "that "
    "nobody has, or a master that never answered.\n";

}  // namespace

std::string man_page(const ProgramManual& program) {
  std::string page = fmt::format(
      ".TH {0} 1 \"\" \"locust\\-cpp {1}\" \"User Commands\"\n"
      ".SH NAME\n{2} \\- {3}\n"
      ".SH SYNOPSIS\n.B {2}\n[\\fIoption\\fR ...] [\\fIUserClass\\fR ...]\n",
      roff(upper(program.name)), kVersion, roff(program.name), roff(program.summary));
  page += ".SH DESCRIPTION\n" + paragraphs(program.description);
  page += ".SH OPTIONS\n";
  page += kSources;
  for (const OptionGroup& group : option_groups()) {
    const auto shown = shown_options(group, program);
    if (shown.empty()) continue;
    page += ".SS " + roff(group.title) + '\n';
    for (const OptionSpec* spec : shown) page += option_entry(*spec);
  }
  page += ".SH FILES\n";
  page += kFiles;
  page += ".SH EXIT STATUS\n";
  page += kExitStatus;
  page += ".SH SEE ALSO\n";
  std::string others;
  for (const ProgramManual& other : program_manuals()) {
    if (other.name == program.name) continue;
    if (!others.empty()) others += ",\n";
    others += fmt::format(".BR {} (1)", roff(other.name));
  }
  return page + others + '\n';
}

}  // namespace locust::manual
