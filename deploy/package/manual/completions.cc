#include <spdlog/fmt/fmt.h>

#include "deploy/package/manual/program_manual.h"

namespace locust::manual {
namespace {

// "locust-master" as part of a shell function's name.
std::string identifier(std::string_view name) {
  std::string result = "_";
  for (const char c : name) result += c == '-' ? '_' : c;
  return result;
}

std::string joined(const std::vector<std::string_view>& words, std::string_view between) {
  std::string text;
  for (const std::string_view word : words) {
    if (!text.empty()) text += between;
    text += word;
  }
  return text;
}

// In single quotes of a POSIX shell or of zsh.
std::string shell_quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? "'\\''" : std::string(1, c);
  return result + '\'';
}

// In single quotes of fish, which knows backslashes there.
std::string fish_quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result + '\'';
}

// What _arguments takes for the text of a description or of a message.
std::string zsh_text(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

std::string zsh_action(const OptionSpec& spec) {
  switch (value_of(spec)) {
    case Value::kNone:
      return {};
    case Value::kText:
      return ": ";
    case Value::kChoice:
      return fmt::format(":({})", spec.choices);
    case Value::kFile:
      return ":_files";
    case Value::kFolder:
      return ":_files -/";
  }
  return {};
}

// The names of the options whose value is of one kind, as patterns of a case.
std::string bash_patterns(const ProgramManual& program, Value value) {
  std::vector<std::string_view> names;
  for (const OptionSpec* spec : shown_options(program)) {
    if (value_of(*spec) != value) continue;
    for (const std::string_view name : option_names(*spec)) names.push_back(name);
  }
  return joined(names, "|");
}

std::string bash_case(std::string_view patterns, std::string_view commands) {
  return patterns.empty() ? std::string()
                          : fmt::format("    {})\n{}      ;;\n", patterns, commands);
}

constexpr std::string_view kBashWords =
    "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "  # --name=value is three words.\n"
    "  if [[ $current == = ]]; then\n"
    "    current=\n"
    "  elif [[ $previous == = ]]; then\n"
    "    previous=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "  fi\n"
    "  case $previous in\n";

// The commands that offer what compgen gives.
std::string bash_offer(std::string_view compgen) {
  return fmt::format("      mapfile -t COMPREPLY < <(compgen {} -- \"$current\")\n", compgen);
}

}  // namespace

std::string bash_completion(const ProgramManual& program) {
  const std::string function = identifier(program.name);
  std::vector<std::string_view> names;
  std::string text = fmt::format("# bash completion for {}\n{}() {{\n", program.name, function);
  text += kBashWords;
  for (const OptionSpec* spec : shown_options(program)) {
    const auto own = option_names(*spec);
    names.insert(names.end(), own.begin(), own.end());
    if (value_of(*spec) != Value::kChoice) continue;
    text += bash_case(joined(own, "|"), bash_offer(fmt::format("-W '{}'", spec->choices)));
  }
  constexpr std::string_view kNames = "      compopt -o filenames\n";
  text += bash_case(bash_patterns(program, Value::kFile),
                    fmt::format("{}{}", kNames, bash_offer("-f")));
  text += bash_case(bash_patterns(program, Value::kFolder),
                    fmt::format("{}{}", kNames, bash_offer("-d")));
  text += bash_case(bash_patterns(program, Value::kText), "      COMPREPLY=()\n");
  text += bash_case("*", bash_offer(fmt::format("-W '{}'", joined(names, " "))));
  return text + fmt::format("  esac\n}}\ncomplete -F {} {}\n", function, program.name);
}

std::string zsh_completion(const ProgramManual& program) {
  std::string text = fmt::format("#compdef {}\n_arguments -s -S", program.name);
  for (const OptionSpec* spec : shown_options(program)) {
    const auto names = option_names(*spec);
    const std::string again = spec->is_list() || spec->key() == "--threshold"
                                  ? std::string("*")
                                  : fmt::format("({})", joined(names, " "));
    for (const std::string_view name : names) {
      std::string entry = fmt::format("{}{}", again, name);
      if (!spec->is_flag()) entry += name.starts_with("--") ? "=" : "+";
      entry += fmt::format("[{}]", zsh_text(short_help(*spec)));
      if (!spec->is_flag()) {
        entry += fmt::format(":{}{}", zsh_text(bare_metavar(*spec)), zsh_action(*spec));
      }
      text += fmt::format(" \\\n  {}", shell_quoted(entry));
    }
  }
  // Nothing rather than a message, for which zsh would leave names of options unfinished.
  return text + " \\\n  '*:user class:()'\n";
}

std::string fish_completion(const ProgramManual& program) {
  const std::string begin = "complete -c " + std::string(program.name);
  std::string text = begin + " -f\n";
  for (const OptionSpec* spec : shown_options(program)) {
    text += begin;
    for (const std::string_view name : option_names(*spec)) {
      const bool is_long = name.starts_with("--");
      text.append(is_long ? " -l " : " -s ").append(name.substr(is_long ? 2 : 1));
    }
    switch (value_of(*spec)) {
      case Value::kNone:
        break;
      case Value::kText:
        text += " -x";
        break;
      case Value::kChoice:
        text += " -x -a " + fish_quoted(spec->choices);
        break;
      case Value::kFile:
        text += " -r -F";
        break;
      case Value::kFolder:
        text += " -x -a '(__fish_complete_directories)'";
        break;
    }
    text += " -d " + fish_quoted(short_help(*spec)) + '\n';
  }
  return text;
}

}  // namespace locust::manual
