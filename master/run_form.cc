#include "master/run_form.h"

#include <charconv>
#include <filesystem>

#include "common/number.h"
#include "common/printable.h"

namespace locust::master {
namespace {

// Nothing: null, or no plain value.
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

}  // namespace

FormView initial_form(const MasterOptions& options, const Scenario* scenario) {
  FormView form;
  form.users = options.users.value_or(1);
  form.spawn_rate = options.spawn_rate.value_or(1);
  form.host = options.common.host.value_or("");
  form.run_time = span_text(options.run_time.value_or(0));
  form.class_picker = options.web.class_picker;
  form.locustfile = options.common.locustfile
                        ? std::filesystem::path(*options.common.locustfile).filename().string()
                        : "locustfile";
  form.full_history = options.report.csv_full_history;
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

}  // namespace locust::master
  form.profile = options.profile.value_or("");
