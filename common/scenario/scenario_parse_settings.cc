// The settings of requests: `cookies`, `auth`, `timeout` … of a request or a user class, and the
// keys for their addresses.
#include <algorithm>
#include <array>
#include <string>

#include "common/base/nearest_name.h"
#include "common/scenario/scenario_parse_parts.h"

namespace locust {
namespace {

constexpr std::string_view kSwitch = "must be true or false";

// RFC 6265 with what browsers accept: no separators in the name, no controls anywhere.
bool is_cookie_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7f && c != '=' && c != ';' && c != ',';
  });
}

bool is_proxy(std::string_view text) {
  constexpr std::array<std::string_view, 6> kSchemes = {"http",    "https",  "socks4",
                                                        "socks4a", "socks5", "socks5h"};
  if (text == "env") return true;
  const auto end = text.find("://");
  return end != std::string_view::npos && end + 3 < text.size() &&
         std::find(kSchemes.begin(), kSchemes.end(), text.substr(0, end)) != kSchemes.end();
}

std::optional<Duration> as_time(const ExprValue& value) {
  if (const std::string* text = value.as_text()) {
    if (const auto duration = parse_duration(*text)) return duration;
  }
  const auto number = to_number(value);
  constexpr double kMaxSeconds = 1e9;
  if (!number || !(number->as_double() <= kMaxSeconds)) return std::nullopt;
  return seconds(number->as_double());
}

// Converts a constant value to the type of its key. Returns the error; empty if there is none.
std::string settle(RequestSetting key, ExprValue& value) {
  switch (key) {
    case RequestSetting::kTimeout: {
      const auto time = as_time(value);
      if (!time || *time <= Duration::zero()) return "must be a time above 0, such as 5 or 500ms";
      value = ExprValue(*time);
      return "";
    }
    case RequestSetting::kAllowRedirects:
    case RequestSetting::kVerify:
    case RequestSetting::kHttp2:
      return value.as_bool() == nullptr ? std::string(kSwitch) : "";
    case RequestSetting::kMaxRedirects: {
      const Number* number = value.as_number();
      const bool fits =
          number != nullptr && !number->is_float() && *number >= 0 && *number <= 1'000'000;
      return fits ? "" : "must be a whole number, 0 or more";
    }
    case RequestSetting::kProxy:
      if (value.as_text() == nullptr || !is_proxy(*value.as_text())) {
        return "must be a URL such as http://10.0.0.1:3128, or env";
      }
      return "";
    case RequestSetting::kCert:
    case RequestSetting::kCa:
    case RequestSetting::kUnixSocket:
      return value.as_text() == nullptr || value.as_text()->empty() ? "must be a path" : "";
  }
  return "";
}

}  // namespace

std::string_view setting_name(RequestSetting key) {
  constexpr std::array<std::string_view, 9> kSettingNames = {
      "timeout", "allow_redirects", "max_redirects", "verify",     "cert",
      "ca",      "proxy",           "http2",         "unix_socket"};
  return kSettingNames[static_cast<std::size_t>(key)];
}

void read_cookies(ScenarioReader& reader, const YamlNode& value, RequestSettings& settings) {
  if (!reader.is_map(value, "'cookies'")) return;
  for (const auto& [key, entry] : value.entries) {
    if (!is_cookie_name(key->text)) {
      reader.error(*key, in_quotes(key->text) + " cannot be the name of a cookie");
      continue;
    }
    HeaderSpec cookie{key->pos, key->text, std::nullopt};
    if (entry->kind != YamlNode::Kind::kNull) {
      cookie.value = reader.text(*entry, "cookie " + in_quotes(key->text));
      if (!cookie.value) continue;
    }
    settings.cookies.push_back(std::move(cookie));
  }
}

void read_auth(ScenarioReader& reader, const YamlNode& value, RequestSettings& settings) {
  constexpr std::string_view kForm =
      "'auth' is {basic: [user, password]}, {digest: [user, password]} or {bearer: token}";
  AuthSpec auth;
  if (value.kind != YamlNode::Kind::kNull) {
    if (value.kind != YamlNode::Kind::kMap || value.entries.size() != 1) {
      return reader.error(value, std::string(kForm));
    }
    const auto& [key, secret] = value.entries.front();
    if (key->text == "bearer") {
      auth.scheme = AuthSpec::Scheme::kBearer;
      auto token = reader.text(*secret, "'bearer'");
      if (!token) return;
      auth.user = std::move(*token);
    } else if (key->text == "basic" || key->text == "digest") {
      auth.scheme = key->text == "basic" ? AuthSpec::Scheme::kBasic : AuthSpec::Scheme::kDigest;
      if (secret->kind != YamlNode::Kind::kList || secret->items.size() != 2) {
        return reader.error(*secret, in_quotes(key->text) + " must be [user, password]");
      }
      auto user = reader.text(*secret->items[0], "the user's name");
      auto password = reader.text(*secret->items[1], "the password");
      if (!user || !password) return;
      auth.user = std::move(*user);
      auth.password = std::move(*password);
    } else {
      return reader.error(*key, std::string(kForm));
    }
  }
  settings.auth = std::move(auth);
}

void read_setting(ScenarioReader& reader, const YamlNode& value, RequestSetting key,
                  RequestSettings& settings) {
  auto read = reader.value(value);
  if (!read) return;
  const std::string name = in_quotes(setting_name(key));
  if (auto* constant = std::get_if<ExprValue>(&read->node)) {
    const std::string wrong = constant->is_null() ? "" : settle(key, *constant);
    if (!wrong.empty()) return reader.error(value, name + " " + wrong);
  } else if (!std::holds_alternative<TextTemplate>(read->node)) {
    return reader.error(value, name + " must be a single value");
  }
  settings.values.push_back({key, std::move(*read)});
}

void read_resolve(ScenarioReader& reader, const YamlNode& value, Scenario& scenario) {
  if (!reader.is_map(value, "'resolve'")) return;
  for (const auto& [host, address] : value.entries) {
    if (!reader.define("resolve", *host)) continue;
    HeaderSpec entry{host->pos, host->text, std::nullopt};
    entry.value = reader.text(*address, "the address of " + in_quotes(host->text));
    if (entry.value) scenario.resolve.push_back(std::move(entry));
  }
}

void read_dns_ttl(ScenarioReader& reader, const YamlNode& value, Scenario& scenario) {
  const auto time =
      value.kind == YamlNode::Kind::kText ? as_time(ExprValue(value.text)) : std::nullopt;
  if (!time || *time < Duration::zero()) {
    return reader.error(value, "'dns_ttl' must be a time, such as 60 or 5m");
  }
  scenario.dns_ttl = *time;
}

void read_source_ip(ScenarioReader& reader, const YamlNode& value, UserClassSpec& user) {
  const auto add = [&](const YamlNode& node) {
    if (auto text = reader.text(node, "'source_ip'")) user.source_ip.push_back(std::move(*text));
  };
  if (value.kind != YamlNode::Kind::kList) return add(value);
  for (const YamlNode* item : value.items) add(*item);
}

}  // namespace locust
