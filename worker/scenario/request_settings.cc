#include "worker/scenario/request_settings.h"

#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "worker/scenario/encode.h"

namespace locust::worker {
namespace {

constexpr double kMaxRedirects = 1'000'000;

std::string quoted_name(RequestSetting key) {
  std::string name("'");
  return name.append(setting_name(key)).append(1, '\'');
}

std::string full_path(const std::string& path, const std::string& directory) {
  const bool is_full = path.starts_with('/') || directory.empty();
  return is_full ? path : directory + '/' + path;
}

Duration as_timeout(const ExprValue& value) {
  const std::string* text = value.as_text();
  const auto duration = text == nullptr ? std::nullopt : parse_duration(*text);
  const Duration timeout = duration ? *duration : to_duration(value, "'timeout'");
  if (timeout <= Duration::zero()) throw ExprFailure("'timeout' must be above 0");
  return timeout;
}

// Accepts a text too, because environment variables are texts.
bool as_switch(const ExprValue& value, RequestSetting key) {
  if (const bool* given = value.as_bool()) return *given;
  const std::string* text = value.as_text();
  if (text != nullptr && (*text == "true" || *text == "false")) return *text == "true";
  throw ExprFailure(quoted_name(key) + " needs true or false, not " + std::string(kind_of(value)));
}

int as_count(const ExprValue& value, RequestSetting key) {
  const Number number = require_number(value, quoted_name(key));
  if (!(number.as_double() >= 0 && number.as_double() <= kMaxRedirects)) {
    throw ExprFailure(quoted_name(key) + " must be a whole number, 0 or more");
  }
  return static_cast<int>(number.as_double());
}

// Null means the engine's default.
void apply(const RequestSettingsPlan::Value& setting, const EvalContext& context,
           RequestOptions& options) {
  const ExprValue value = setting.value.evaluate(context);
  if (value.is_null()) return;
  HttpRoute& route = options.route;
  switch (setting.key) {
    case RequestSetting::kTimeout:
      options.timeout = as_timeout(value);
      return;
    case RequestSetting::kAllowRedirects:
      options.allow_redirects = as_switch(value, setting.key);
      return;
    case RequestSetting::kMaxRedirects:
      options.max_redirects = as_count(value, setting.key);
      return;
    case RequestSetting::kVerify:
      route.verify = as_switch(value, setting.key);
      return;
    case RequestSetting::kCert:
      route.cert_file = full_path(value.to_text(), setting.directory);
      return;
    case RequestSetting::kCa:
      route.ca_file = full_path(value.to_text(), setting.directory);
      return;
    case RequestSetting::kProxy:
      route.proxy = value.to_text();
      return;
    case RequestSetting::kHttp2:
      route.http2 = as_switch(value, setting.key);
      return;
    case RequestSetting::kUnixSocket:
      route.unix_socket = full_path(value.to_text(), setting.directory);
      return;
  }
}

template <typename List, typename Key>
bool has_one(const List& list, const Key& same) {
  return std::any_of(list.begin(), list.end(), same);
}

void add_cookie(const HeaderPlan& plan, const EvalContext& context,
                std::vector<HttpCookie>& cookies) {
  HttpCookie cookie{plan.name, std::nullopt};
  if (plan.value) cookie.value = plan.value->render(context);
  require_valid_cookie(cookie);
  cookies.push_back(std::move(cookie));
}

// Whether an Authorization header is sent: the last change decides.
bool sends_authorization(const HeaderChanges& headers) {
  const auto last = std::find_if(headers.rbegin(), headers.rend(), [](const HeaderChange& header) {
    return strcasecmp(header.name.c_str(), kAuthorization.data()) == 0;
  });
  return last != headers.rend() && last->value;
}

}  // namespace

std::string setting_error(const RequestSettingsPlan::Value& setting) {
  if (setting.key != RequestSetting::kCert && setting.key != RequestSetting::kCa) return "";
  const ExprValue* constant = setting.value.constant();
  if (constant == nullptr || constant->is_null()) return "";
  const std::string path = full_path(constant->to_text(), setting.directory);
  if (::access(path.c_str(), R_OK) == 0) return "";
  return "cannot read " + path + ": " + std::strerror(errno);
}

void apply_settings(const RequestSettingsPlan* of_class, const RequestSettingsPlan* of_request,
                    const EvalContext& context, RequestOptions& options) {
  if (of_class != nullptr) {
    for (const auto& setting : of_class->values) {
      const bool replaced =
          of_request != nullptr &&
          has_one(of_request->values, [&](const auto& own) { return own.key == setting.key; });
      if (!replaced) apply(setting, context, options);
    }
    for (const HeaderPlan& cookie : of_class->cookies) {
      const bool replaced =
          of_request != nullptr &&
          has_one(of_request->cookies, [&](const auto& own) { return own.name == cookie.name; });
      if (!replaced) add_cookie(cookie, context, options.cookies);
    }
  }
  if (of_request != nullptr) {
    for (const auto& setting : of_request->values) apply(setting, context, options);
    for (const HeaderPlan& cookie : of_request->cookies) {
      add_cookie(cookie, context, options.cookies);
    }
  }
  const RequestSettingsPlan* giver =
      of_request != nullptr && of_request->auth ? of_request : of_class;
  if (giver == nullptr || !giver->auth || giver->auth->scheme != AuthSpec::Scheme::kDigest) return;
  if (sends_authorization(options.headers)) return;
  options.digest = {giver->auth->user.render(context), giver->auth->password.render(context)};
}

void add_authorization(const RequestSettingsPlan::Auth& auth, const EvalContext& context,
                       HeaderChanges& headers) {
  std::string value;
  if (auth.scheme == AuthSpec::Scheme::kBearer) {
    value = "Bearer " + auth.user.render(context);
  } else if (auth.scheme == AuthSpec::Scheme::kBasic) {
    value = "Basic " + base64(auth.user.render(context) + ":" + auth.password.render(context));
  } else {
    return headers.push_back({std::string(kAuthorization), std::nullopt});
  }
  headers.push_back({std::string(kAuthorization), std::move(value)});
}

void require_valid_cookie(const HttpCookie& cookie) {
  const bool valid =
      !cookie.value || std::none_of(cookie.value->begin(), cookie.value->end(), [](char c) {
        return c == ';' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
      });
  if (!valid)
    throw ExprFailure("cookie '" + cookie.name + "' cannot contain ';' or control characters");
}

}  // namespace locust::worker
