#include <array>
#include <string>

#include "common/base/nearest_name.h"
#include "common/scenario/scenario_parse_parts.h"

namespace locust {
namespace {

bool is_http_token(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

// --- Keys of a request step.

void read_url(ScenarioReader& reader, const YamlNode& value, std::string method,
              RequestStep& request) {
  request.method = std::move(method);
  if (auto url = reader.text(value, "the URL")) request.url = std::move(*url);
}

void read_method(ScenarioReader& reader, const YamlNode& value, RequestStep& request) {
  if (!reader.is_text(value, "'method'")) return;
  if (!is_http_token(value.text)) {
    reader.error(value, in_quotes(value.text) + " cannot be an HTTP method");
  }
  request.method = value.text;
}

void read_request(ScenarioReader& reader, const YamlNode& value, RequestStep& request) {
  static constexpr std::array kKeys = {
      KeyRow<RequestStep>{"method", read_method},
      KeyRow<RequestStep>{"url",
                          [](ScenarioReader& r, const YamlNode& v, RequestStep& q) {
                            if (auto url = r.text(v, "the URL")) q.url = std::move(*url);
                          }},
  };
  if (!reader.is_map(value, "'request'")) return;
  read_keys<RequestStep>(reader, value, kKeys, "'request'", request);
  for (const std::string_view needed : {"method", "url"}) {
    const bool given = std::any_of(value.entries.begin(), value.entries.end(),
                                   [&](const auto& entry) { return entry.first->text == needed; });
    if (!given) reader.error(value, "'request' needs " + in_quotes(needed));
  }
}

void read_name(ScenarioReader& reader, const YamlNode& value, RequestStep& request) {
  request.name = reader.text(value, "'name'");
}

void read_params(ScenarioReader& reader, const YamlNode& value, RequestStep& request) {
  request.params = reader.named_values(value, "'params'");
}

void read_request_headers(ScenarioReader& reader, const YamlNode& value, RequestStep& request) {
  request.headers = reader.headers(value, "'headers'");
}

bool is_only_body(ScenarioReader& reader, const YamlNode& value, const RequestStep& request) {
  if (std::holds_alternative<std::monostate>(request.body)) return true;
  reader.error(value, "a request has one of 'json', 'form', 'body', 'body_file' and 'multipart'");
  return false;
}

void read_json(ScenarioReader& reader, const YamlNode& value, RequestStep& request) {
  if (!is_only_body(reader, value, request)) return;
  if (auto json = reader.value(value)) request.body = JsonBody{std::move(*json)};
}

void read_form(ScenarioReader& reader, const YamlNode& value, RequestStep& request) {
  if (!is_only_body(reader, value, request)) return;
  request.body = FormBody{reader.named_values(value, "'form'")};
}

void read_body(ScenarioReader& reader, const YamlNode& value, RequestStep& request) {
  if (!is_only_body(reader, value, request)) return;
  if (auto text = reader.text(value, "'body'")) request.body = RawBody{std::move(*text)};
}

void read_body_file(ScenarioReader& reader, const YamlNode& value, RequestStep& request) {
  if (!is_only_body(reader, value, request)) return;
  if (auto path = reader.text(value, "'body_file'")) request.body = FileBody{std::move(*path)};
}

void read_multipart_body(ScenarioReader& reader, const YamlNode& value, RequestStep& request) {
  if (!is_only_body(reader, value, request)) return;
  if (auto multipart = read_multipart(reader, value)) request.body = std::move(*multipart);
}

// A condition, or a mapping of names to conditions.
void read_one_check(ScenarioReader& reader, const YamlNode& value, std::vector<CheckSpec>& checks) {
  if (value.kind != YamlNode::Kind::kMap) {
    if (auto condition = reader.expression(value, "a condition")) {
      checks.push_back({{}, std::move(*condition)});
    }
    return;
  }
  for (const auto& [name, node] : value.entries) {
    // "body contains 'a: b'" without quotes around it is a mapping for YAML.
    const auto quotes = std::count(name->text.begin(), name->text.end(), '\'') +
                        std::count(name->text.begin(), name->text.end(), '"');
    if (name->plain && quotes % 2 != 0) {
      reader.error(*name, "this text is cut off by ': '; quote it");
    } else if (auto condition = reader.expression(*node, "a condition")) {
      checks.push_back({name->text, std::move(*condition)});
    }
  }
}

void read_check(ScenarioReader& reader, const YamlNode& value, RequestStep& request) {
  read_checks(reader, value, request.checks);
}

void read_save(ScenarioReader& reader, const YamlNode& value, RequestStep& request) {
  if (!reader.is_map(value, "'save'")) return;
  for (const auto& [name, node] : value.entries) {
    const int slot = reader.assigned_variable(*name);
    if (auto expression = reader.expression(*node, in_quotes(name->text))) {
      request.saves.push_back({slot, std::move(*expression)});
    }
  }
}

constexpr std::array kRequestKeys = {
    KeyRow<RequestStep>{"get", [](ScenarioReader& r, const YamlNode& v,
                                  RequestStep& q) { read_url(r, v, "GET", q); }},
    KeyRow<RequestStep>{"post", [](ScenarioReader& r, const YamlNode& v,
                                   RequestStep& q) { read_url(r, v, "POST", q); }},
    KeyRow<RequestStep>{"put", [](ScenarioReader& r, const YamlNode& v,
                                  RequestStep& q) { read_url(r, v, "PUT", q); }},
    KeyRow<RequestStep>{"patch", [](ScenarioReader& r, const YamlNode& v,
                                    RequestStep& q) { read_url(r, v, "PATCH", q); }},
    KeyRow<RequestStep>{"delete", [](ScenarioReader& r, const YamlNode& v,
                                     RequestStep& q) { read_url(r, v, "DELETE", q); }},
    KeyRow<RequestStep>{"head", [](ScenarioReader& r, const YamlNode& v,
                                   RequestStep& q) { read_url(r, v, "HEAD", q); }},
    KeyRow<RequestStep>{"options", [](ScenarioReader& r, const YamlNode& v,
                                      RequestStep& q) { read_url(r, v, "OPTIONS", q); }},
    KeyRow<RequestStep>{"request", read_request},
    // The first kRequestForms rows make a step a request; the others are its properties.
    KeyRow<RequestStep>{"name", read_name},
    KeyRow<RequestStep>{"params", read_params},
    KeyRow<RequestStep>{"headers", read_request_headers},
    KeyRow<RequestStep>{"json", read_json},
    KeyRow<RequestStep>{"form", read_form},
    KeyRow<RequestStep>{"body", read_body},
    KeyRow<RequestStep>{"body_file", read_body_file},
    KeyRow<RequestStep>{"multipart", read_multipart_body},
    KeyRow<RequestStep>{"check", read_check},
    KeyRow<RequestStep>{"save", read_save},
    cookies_row<RequestStep>(),
    auth_row<RequestStep>(),
    setting_row<RequestStep, RequestSetting::kTimeout>("timeout"),
    setting_row<RequestStep, RequestSetting::kVerify>("verify"),
    setting_row<RequestStep, RequestSetting::kCert>("cert"),
    setting_row<RequestStep, RequestSetting::kCa>("ca"),
    setting_row<RequestStep, RequestSetting::kProxy>("proxy"),
    setting_row<RequestStep, RequestSetting::kHttp2>("http2"),
    setting_row<RequestStep, RequestSetting::kUnixSocket>("unix_socket"),
    setting_row<RequestStep, RequestSetting::kAllowRedirects>("allow_redirects"),
    setting_row<RequestStep, RequestSetting::kMaxRedirects>("max_redirects"),
    KeyRow<RequestStep>{"after", [](ScenarioReader& r, const YamlNode& v,
                                    RequestStep& q) { q.after = read_after(r, v); }},
    KeyRow<RequestStep>{"record",
                        [](ScenarioReader& r, const YamlNode& v,
                           RequestStep& q) { q.record = r.boolean(v, "'record'").value_or(true); }},
};
constexpr std::size_t kRequestForms = 8;

// --- The other steps.

void read_run(ScenarioReader& reader, const YamlNode& value, ScenarioStep& step) {
  if (reader.is_text(value, "'run'")) step.action = RunStep{value.text};
}

void read_set(ScenarioReader& reader, const YamlNode& value, ScenarioStep& step) {
  if (!reader.is_map(value, "'set'")) return;
  SetStep set;
  for (const auto& [name, node] : value.entries) {
    const int slot = reader.assigned_variable(*name);
    if (auto v = reader.value(*node)) set.assignments.push_back({slot, std::move(*v)});
  }
  step.action = std::move(set);
}

void read_headers(ScenarioReader& reader, const YamlNode& value, ScenarioStep& step) {
  step.action = HeadersStep{reader.headers(value, "'headers'")};
}

void read_cookies_step(ScenarioReader& reader, const YamlNode& value, ScenarioStep& step) {
  RequestSettings read;
  read_cookies(reader, value, read);
  step.action = CookiesStep{std::move(read.cookies)};
}

void read_new_session(ScenarioReader& reader, const YamlNode& value, ScenarioStep& step) {
  if (value.text != "true") return reader.error(value, "write 'new_session: true'");
  step.action = NewSessionStep{};
}

void read_wait(ScenarioReader& reader, const YamlNode& value, ScenarioStep& step) {
  if (value.text == "all_spawned") {
    step.action = WaitStep{};
    return;
  }
  auto seconds = reader.expression(value, "'wait'");
  if (!seconds) return;
  if (expression_reads(*seconds->root).pacing) {
    reader.error(value, "constant_pacing and constant_throughput belong in 'wait_time'");
  }
  step.action = WaitStep{std::move(*seconds)};
}

void read_feed(ScenarioReader& reader, const YamlNode& value, ScenarioStep& step) {
  if (!reader.is_text(value, "'feed'")) return;
  reader.note_feeder_use({.pos = value.pos, .feeder = value.text, .adds = false, .columns = {}});
  step.action = FeedStep{value.text};
}

void read_add(ScenarioReader& reader, const YamlNode& value, ScenarioStep& step) {
  if (!reader.is_map(value, "'add'")) return;
  AddStep add;
  for (const auto& [feeder, columns] : value.entries) {
    if (!reader.is_map(*columns, "a row of feeder " + in_quotes(feeder->text))) continue;
    AddStep::Row& row = add.rows.emplace_back();
    row.feeder = feeder->text;
    ScenarioReader::FeederUse use{
        .pos = feeder->pos, .feeder = feeder->text, .adds = true, .columns = {}};
    for (const auto& [name, node] : columns->entries) {
      use.columns.push_back(name->text);
      if (auto v = reader.value(*node)) row.columns.push_back({name->text, std::move(*v)});
    }
    reader.note_feeder_use(std::move(use));
  }
  step.action = std::move(add);
}

void read_stop_test(ScenarioReader& reader, const YamlNode& value, ScenarioStep& step) {
  if (value.text != "true") reader.error(value, "'stop_test' can only be true");
  step.action = StopTestStep{};
}

constexpr std::array kStepKeys = {
    KeyRow<ScenarioStep>{"run", read_run},
    KeyRow<ScenarioStep>{"set", read_set},
    KeyRow<ScenarioStep>{"headers", read_headers},
    KeyRow<ScenarioStep>{"cookies", read_cookies_step},
    KeyRow<ScenarioStep>{"new_session", read_new_session},
    KeyRow<ScenarioStep>{"wait", read_wait},
    KeyRow<ScenarioStep>{"feed", read_feed},
    KeyRow<ScenarioStep>{"parallel", nullptr},  // has keys of its own: read_parallel
    KeyRow<ScenarioStep>{"add", read_add},
    KeyRow<ScenarioStep>{"log", read_log},
    KeyRow<ScenarioStep>{"fail", read_fail},
    KeyRow<ScenarioStep>{"retry", read_retry},
    KeyRow<ScenarioStep>{"end_task", read_end_task},
    KeyRow<ScenarioStep>{"interrupt", read_interrupt},
    KeyRow<ScenarioStep>{"stop_user", read_stop_user},
    KeyRow<ScenarioStep>{"stop_test", read_stop_test},
};

bool is_request_form(std::string_view key) {
  const auto forms = std::span(kRequestKeys).first(kRequestForms);
  return std::any_of(forms.begin(), forms.end(), [&](const auto& row) { return row.key == key; });
}

void read_request_step(ScenarioReader& reader, const YamlNode& node, ScenarioStep& step) {
  int forms = 0;
  for (const auto& entry : node.entries) {
    if (is_request_form(entry.first->text) && ++forms > 1) {
      reader.error(*entry.first,
                   "a step is one request; start another with '- " + entry.first->text + ":'");
    }
  }
  RequestStep request;
  read_keys<RequestStep>(reader, node, kRequestKeys, "a request", request);
  step.action = std::move(request);
}

void read_plain_step(ScenarioReader& reader, const YamlNode& node, ScenarioStep& step) {
  const auto find = [](const YamlNode& key) {
    return std::find_if(kStepKeys.begin(), kStepKeys.end(),
                        [&](const auto& row) { return row.key == key.text; });
  };
  bool has_action = false;
  for (const auto& [key, value] : node.entries) {
    const auto row = find(*key);
    if (row == kStepKeys.end()) {
      if (const std::string_view block = block_of(key->text); !block.empty()) {
        return reader.error(*key,
                            in_quotes(key->text) + " belongs to a step with " + in_quotes(block));
      }
      std::vector<std::string_view> known = block_keys();
      for (const auto& r : kStepKeys) known.push_back(r.key);
      for (const auto& r : kRequestKeys) known.push_back(r.key);
      reader.error(*key, "unknown step " + in_quotes(key->text) + did_you_mean(key->text, known));
    } else if (has_action) {
      reader.error(*key, "a step does one thing; start another with '- " + key->text + ":'");
    } else {
      row->read(reader, *value, step);
    }
    has_action = true;
  }
  if (!has_action) reader.error(node, "this step does nothing");
}

}  // namespace

std::vector<std::string_view> request_keys() { return readable_keys<RequestStep>(kRequestKeys); }
std::vector<std::string_view> request_forms() {
  return readable_keys(std::span(kRequestKeys).first(kRequestForms));
}
std::vector<std::string_view> action_keys() { return readable_keys<ScenarioStep>(kStepKeys); }

void read_checks(ScenarioReader& reader, const YamlNode& value, std::vector<CheckSpec>& checks) {
  if (value.kind != YamlNode::Kind::kList) return read_one_check(reader, value, checks);
  for (const YamlNode* item : value.items) read_one_check(reader, *item, checks);
}

StepList read_steps(ScenarioReader& reader, const YamlNode& node, std::string_view what) {
  StepList steps;
  if (node.kind == YamlNode::Kind::kMap) {
    reader.error(node, std::string(what) + " must be a list of steps: start each with '- '");
    return steps;
  }
  if (!reader.is_list(node, what)) return steps;
  steps.reserve(node.items.size());
  for (const YamlNode* item : node.items) {
    if (item->kind != YamlNode::Kind::kMap) {
      const bool may_be_cut = item->plain && item->in_flow;
      reader.error(*item, std::string("a step is a mapping such as 'get: /path'") +
                              (may_be_cut ? "; quote texts with a comma inside [ ]" : ""));
      continue;
    }
    ScenarioStep& step = steps.emplace_back();
    step.pos = item->pos;
    const bool is_request =
        std::any_of(item->entries.begin(), item->entries.end(),
                    [](const auto& entry) { return is_request_form(entry.first->text); });
    if (is_request) {
      read_request_step(reader, *item, step);
    } else if (find_entry(*item, "parallel") != nullptr) {
      read_parallel(reader, *item, step);
    } else if (!read_block_step(reader, *item, step)) {
      read_plain_step(reader, *item, step);
    }
  }
  return steps;
}

}  // namespace locust
