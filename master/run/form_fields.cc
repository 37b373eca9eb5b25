#include "master/run/form_fields.h"

#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <sstream>
#include <utility>

#include "common/base/log.h"
#include "common/base/mask.h"
#include "common/base/nearest_name.h"
#include "common/base/number.h"
#include "common/base/printable.h"
#include "common/base/text.h"
#include "common/options/option_specs.h"

namespace locust::master {
namespace {

constexpr std::size_t kMaxNamedFields = 5;  // fields in a message

// Null if the default is absent or not a constant.
const ExprValue* constant_default(const ArgumentSpec& argument) {
  if (!argument.default_value) return nullptr;
  return std::get_if<ExprValue>(&argument.default_value->node);
}

std::optional<proto::Value> plain_value(const ExprValue& value) {
  if (const std::string* text = value.as_text()) return *text;
  if (const bool* truth = value.as_bool()) return *truth;
  if (const Number* number = value.as_number()) {
    if (number->is_float()) return number->as_double();
    return number->to_int();
  }
  return std::nullopt;
}

std::string text_of(const ExprValue& value) {
  if (const std::string* text = value.as_text()) return *text;
  if (const bool* truth = value.as_bool()) return *truth ? "true" : "false";
  if (const Number* number = value.as_number()) return number->repr();
  return "";
}

FormArgument form_argument(const ArgumentSpec& spec, const MasterOptions& options) {
  FormArgument argument{.name = spec.name,
                        .value = "",
                        .help = spec.help,
                        .secret = spec.secret,
                        .choices = spec.choices};
  const ExprValue* value = constant_default(spec);
  if (value != nullptr && value->as_bool() != nullptr) argument.type = FormArgument::Type::kBool;
  if (value != nullptr && value->as_number() != nullptr) {
    argument.type = FormArgument::Type::kNumber;
  }
  if (spec.secret) return argument;
  const auto given = options.arguments.find(spec.name);
  if (given != options.arguments.end() && given->second) {
    argument.value = *given->second;
  } else if (value != nullptr) {
    argument.value = text_of(*value);
  }
  return argument;
}

// By name; `scenario` has it.
const ArgumentSpec& spec_of(const Scenario& scenario, const std::string& name) {
  return *std::find_if(scenario.arguments.begin(), scenario.arguments.end(),
                       [&name](const ArgumentSpec& argument) { return argument.name == name; });
}

std::vector<std::string> texts_of(const web::Fields& fields, std::string_view name) {
  std::vector<std::string> texts;
  for (const auto& [field, text] : fields) {
    if (field == name) texts.push_back(text);
  }
  return texts;
}

void set_value(proto::Value::Map& values, const std::string& name, proto::Value value) {
  std::erase_if(values, [&name](const auto& entry) {
    const std::string* key = entry.first.str();
    return key != nullptr && *key == name;
  });
  values.emplace_back(name, std::move(value));
}

constexpr std::array kTagFields = {"tags", "exclude_tags"};

// Tags of one or more fields, separated by commas; nil for no filter, as stock sends it.
proto::Value tags_of(const std::vector<std::string>& texts) {
  proto::Value::Array tags;
  for (const std::string& text : texts) {
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part, ',');) {
      if (const auto tag = trimmed(part); !tag.empty()) tags.emplace_back(std::string(tag));
    }
  }
  return tags.empty() ? proto::Value() : proto::Value(std::move(tags));
}

// The error names fields that neither the test nor stock has. A warning names stock's options that
// a form cannot set.
std::optional<Error> check_names(const web::Fields& fields, const FormView& form) {
  std::vector<std::string_view> known = {"user_count", "spawn_rate",   "host",       "run_time",
                                         "profile",    "user_classes", "shape_class"};
  known.insert(known.end(), kTagFields.begin(), kTagFields.end());
  for (const FormArgument& argument : form.arguments) known.push_back(argument.name);
  std::vector<std::string> unknown;
  std::vector<std::string> without_effect;
  for (const auto& [name, text] : fields) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    std::vector<std::string>& list = is_attribute_of_stock(name) ? without_effect : unknown;
    if (list.size() < kMaxNamedFields) list.push_back(quoted_part(name));
  }
  if (!unknown.empty()) {
    return Error{fmt::format("Unknown field(s) in /swarm request: {}{}", fmt::join(unknown, ", "),
                             did_you_mean(unknown.front(), known))};
  }
  if (!without_effect.empty()) {
    log::main().warn("/swarm: {}: an option of the command line, which has no effect in a form",
                     fmt::join(without_effect, ", "));
  }
  return std::nullopt;
}

std::string span_text(std::int64_t seconds) {
  std::string text;
  const auto add = [&text](std::int64_t count, const char* unit) {
    if (count > 0) text += std::to_string(count) + unit;
  };
  add(seconds / 3600, "h");
  add(seconds / 60 % 60, "m");
  add(seconds % 60, "s");
  return text;
}

// The texts to mask for a secret argument. Of a list, also each value.
std::vector<std::string> secrets_of(const FormArgument& argument, std::vector<std::string> texts) {
  if (!argument.multiple) return texts;
  for (std::size_t i = texts.size(); i-- > 0;) {
    std::istringstream values(texts[i]);
    for (std::string value; std::getline(values, value, ',');) texts.emplace_back(trimmed(value));
  }
  return texts;
}

}  // namespace

FormView initial_form(const MasterOptions& options, const Scenario* scenario,
                      const LocustfileArguments* locustfile) {
  FormView form;
  form.users = options.users.value_or(1);
  form.spawn_rate = options.spawn_rate.value_or(1);
  form.host = options.common.host.value_or("");
  form.run_time = span_text(options.run_time.value_or(0));
  form.profile = options.profile.value_or("");
  form.class_picker = options.web.class_picker && !options.headless;
  form.locustfile = options.common.locustfile
                        ? std::filesystem::path(*options.common.locustfile).filename().string()
                        : "locustfile";
  form.full_history = options.report.csv_full_history;
  if (locustfile != nullptr) form.arguments = locustfile->form_arguments();
  if (scenario == nullptr) return form;
  for (const ShapeSpec& shape : scenario->shapes) form.shapes.push_back(shape.name);
  for (const ArgumentSpec& argument : scenario->arguments) {
    form.arguments.push_back(form_argument(argument, options));
  }
  return form;
}

proto::Value::Map parsed_options(const MasterOptions& options, const Scenario* scenario) {
  proto::Value::Map parsed;
  const auto add_tags = [&parsed](const char* name, const std::vector<std::string>& tags) {
    if (!tags.empty()) parsed.emplace_back(name, proto::Value::Array(tags.begin(), tags.end()));
  };
  add_tags("tags", options.tags.tags);
  add_tags("exclude_tags", options.tags.exclude_tags);
  if (scenario == nullptr) return parsed;
  for (const ArgumentSpec& argument : scenario->arguments) {
    const auto given = options.arguments.find(argument.name);
    if (given != options.arguments.end() && given->second) {
      parsed.emplace_back(argument.name, *given->second);
    } else if (const ExprValue* constant = constant_default(argument)) {
      if (auto value = plain_value(*constant)) {
        parsed.emplace_back(argument.name, *std::move(value));
      }
    }
  }
  return parsed;
}

Result<proto::Value> argument_value(const ArgumentSpec& argument, const std::string& text) {
  if (auto wrong = not_a_choice(argument, text)) return Error{*std::move(wrong)};
  const ExprValue* value = constant_default(argument);
  if (value == nullptr) return proto::Value(text);
  if (value->as_bool() != nullptr) return proto::Value(text == "true");
  const Number* number = value->as_number();
  if (number == nullptr) return proto::Value(text);
  const char* end = text.data() + text.size();
  std::int64_t whole = 0;
  if (const auto [rest, ec] = std::from_chars(text.data(), end, whole);
      ec == std::errc{} && rest == end) {
    return proto::Value(whole);
  }
  double real = 0;
  if (const auto [rest, ec] = std::from_chars(text.data(), end, real);
      ec == std::errc{} && rest == end) {
    return proto::Value(real);
  }
  return Error{argument.name + ": '" + quoted_part(text) + "' is not a number"};
}

Result<void> take_fields(const web::Fields& fields, const Scenario* scenario,
                         const LocustfileArguments* locustfile, FormView& form,
                         proto::Value::Map& values) {
  if (auto problem = check_names(fields, form)) return *std::move(problem);
  for (FormArgument& argument : form.arguments) {
    const std::vector<std::string> texts = texts_of(fields, argument.name);
    if (texts.empty()) continue;
    const std::string text =
        argument.multiple ? fmt::format("{}", fmt::join(texts, ",")) : texts[0];
    // The form shows neither secrets nor defaults from the workers' environment: an empty field
    // keeps the value.
    if (text == argument.value) continue;
    auto value = locustfile != nullptr ? locustfile->read(argument, texts)
                                       : argument_value(spec_of(*scenario, argument.name), text);
    if (!value) return Error{value.error()};
    set_value(values, argument.name, *std::move(value));
    if (argument.secret) {
      add_secrets(secrets_of(argument, texts));
    } else {
      argument.value = text;
    }
  }
  for (const char* name : kTagFields) {
    if (const auto texts = texts_of(fields, name); !texts.empty()) {
      set_value(values, name, tags_of(texts));
    }
  }
  return {};
}

}  // namespace locust::master
