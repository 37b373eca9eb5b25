#include "master/web/routes.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

#include "common/base/log.h"
#include "common/base/mask.h"
#include "common/base/text.h"
#include "master/web/api_json.h"
#include "master/web/http_text.h"
#include "master/web/routes_call.h"

namespace locust::master::web {

namespace {

// The same text as Flask's, for clients that read it.
Response http_error(int status, std::string_view name, std::string_view text) {
  const std::string title(name);
  return html(status, "<!doctype html>\n<html lang=en>\n<title>" + std::to_string(status) + " " +
                          title + "</title>\n<h1>" + title + "</h1>\n<p>" + std::string(text) +
                          "</p>\n");
}

Response not_found() {
  return http_error(404, "Not Found",
                    "The requested URL was not found on the server. If you entered the URL "
                    "manually please check your spelling and try again.");
}

Response not_allowed(std::string allowed) {
  Response response =
      http_error(405, "Method Not Allowed", "The method is not allowed for the requested URL.");
  response.headers.emplace_back("Allow", std::move(allowed));
  return response;
}

// The response to a method that the path does not have.
Response other_method(std::string_view method, std::string allowed) {
  if (method != "OPTIONS") return not_allowed(std::move(allowed));
  Response response = html(200, "");
  response.headers.emplace_back("Allow", std::move(allowed));
  return response;
}

bool is_method(std::string_view name, Method method) {
  return method == Method::kPost ? name == "POST" : name == "GET" || name == "HEAD";
}

// The page may load only its own files. The report is one file with its script and style.
void add_security_headers(Response& response) {
  const auto has = [&response](std::string_view name) {
    return find_field(response.headers, name) != nullptr;
  };
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("X-Frame-Options", "DENY");
  // Not "no-referrer", with which browsers send the forms of our own pages with "Origin: null".
  response.headers.emplace_back("Referrer-Policy", "same-origin");
  if (!has("Content-Security-Policy")) {
    response.headers.emplace_back(
        "Content-Security-Policy",
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src "
        "'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
  }
  if (!has("Cache-Control")) response.headers.emplace_back("Cache-Control", "no-store");
}

// A page for people or JSON for programs, both with the reason.
Response forbidden(const Request& request, const std::string& reason) {
  if (request.header("accept").find("text/html") != std::string_view::npos) {
    return http_error(403, "Forbidden", escape_html(reason));
  }
  return json_response(refusal_json(reason), 403);
}

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

// "2023-11-17-07h11", of local time (util/date.py format_safe_timestamp).
std::string safe_timestamp(double seconds_since_epoch) {
  const auto second = static_cast<std::time_t>(to_second(seconds_since_epoch));
  std::tm local{};
  ::localtime_r(&second, &local);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d-%Hh%M", &local)};
}

}  // namespace

Routes::Routes(RouteOptions options, RunControl& control, Access* access)
    : options_(std::move(options)),
      control_(control),
      access_(access),
      refusals_logged_(system_clock()) {}

Text Routes::show(RunViewPtr view) {
  view_ = std::move(view);
  shared_.clear();
  tick_ = std::make_shared<const std::string>("event: tick\ndata: " + tick_json(*view_) + "\n\n");
  return tick_;
}

void Routes::handle(const Request& request, const Respond& respond) {
  const Respond respond_safely = [respond](Response response) {
    add_security_headers(response);
    respond(std::move(response));
  };
  const auto path = below_base_path(request.path, options_.base_path);
  if (!path) return respond_safely(not_found());
  if (path->empty()) return respond_safely(redirect(308, "/"));
  answer(request, percent_decode(*path, Plus::kIsPlus), respond_safely);
}

bool Routes::may_read(const std::string& stream_owner) const {
  return access_ == nullptr || access_->is_open(stream_owner);
}

// The routes of the path. With login cookies, routes that change something accept only POST.
std::vector<const Routes::Route*> Routes::offered(std::string_view path) const {
  std::vector<const Route*> found;
  for (const Route& route : table()) {
    const Operation& known = route.operation;
    const bool is_protected = access_ != nullptr && known.rule == Rule::kChange;
    if (known.path != path || (is_protected && known.method != Method::kPost)) continue;
    found.push_back(&route);
  }
  return found;
}

std::string Routes::allowed_methods(const std::vector<const Route*>& routes) {
  std::string text;
  for (const Route* route : routes) {
    text += route->operation.method == Method::kPost ? "POST, " : "GET, HEAD, ";
  }
  return text + "OPTIONS";
}

void Routes::answer(const Request& request, std::string_view path, const Respond& respond) {
  const std::vector<const Route*> routes = offered(path);
  const auto wanted = std::find_if(routes.begin(), routes.end(), [&request](const Route* route) {
    return is_method(request.method, route->operation.method);
  });
  // A method that does not exist is treated like the first one of the path.
  const auto judged = wanted != routes.end() ? wanted : routes.begin();
  const Rule rule = routes.empty() ? Rule::kRead : (*judged)->operation.rule;
  if (const auto reason = foreign(request, rule)) return respond(forbidden(request, *reason));
  if (routes.empty()) return respond(asset(request, path.substr(1)));
  if (wanted == routes.end()) {
    return respond(other_method(request.method, allowed_methods(routes)));
  }
  const Route& route = **wanted;
  Call call{route.operation.path, request, respond, parse_form(request.query), {}};
  if (request.method == "POST") {
    const std::string_view type = request.header("content-type");
    call.form = is_media_type(type, "application/x-www-form-urlencoded")
                    ? parse_form(request.body)
                    : parse_multipart(type, request.body);
    if (call.form.size() > kMaxFields) {
      return respond(html(413, "A form has up to " + std::to_string(kMaxFields) + " fields"));
    }
  }
  if (access_ != nullptr) call.session = access_->find(request);
  if (auto response = denial(rule, call)) return respond(*std::move(response));
  (this->*route.answer)(call);
}

// Returns the reason to refuse a request that another site has caused, or that has the host name of
// another site; nullopt for other requests. The operator reads it too and may have to allow a name.
std::optional<std::string> Routes::foreign(const Request& request, Rule rule) {
  if (rule == Rule::kProbe) return std::nullopt;
  auto reason = options_.origins.refusal(request, rule == Rule::kChange);
  if (reason && refusals_logged_.allow()) {
    log::main().warn("The web server refused a request from {}: {}", request.peer, *reason);
  }
  return reason;
}

// The response that denies the request; nullopt if it is allowed.
std::optional<Response> Routes::denial(Rule rule, const Call& call) const {
  if (access_ == nullptr || rule == Rule::kOpen || rule == Rule::kProbe) {
    return std::nullopt;
  }
  if (call.session == nullptr) {
    // A person is redirected to the login, a program gets an error.
    if (call.request.header("accept").find("text/html") != std::string_view::npos) {
      return redirect(302, "/login");
    }
    return html(401, "Log in first: POST username and password to login");
  }
  if (rule == Rule::kChange && !Access::is_ours(*call.session, call.request, call.form)) {
    return html(403, "The header X-CSRF-Token is missing or wrong; /api/v1/form has the token");
  }
  return std::nullopt;
}

Response Routes::redirect(int status, std::string_view path) const {
  Response response = html(status, "");
  response.headers.emplace_back("Location", options_.base_path + std::string(path));
  return response;
}

// ---- Files ----

std::string Routes::download_name(std::string_view what) const {
  const Snapshot& snapshot = *view_->snapshot;
  std::string name = "Locust_" + safe_timestamp(snapshot.start_time.value_or(snapshot.time)) + "_" +
                     view_->form.locustfile;
  if (!view_->form.host.empty()) name.append("_").append(masked(view_->form.host));
  return name.append(what);
}

Response Routes::download(std::string_view type, std::string_view what, Text body) const {
  Response response = body_response(std::string(type), std::move(body));
  response.headers.emplace_back("Content-Disposition", attachment(download_name(what)));
  return response;
}

Text Routes::asset_body(const Asset& asset, bool compressed) {
  Text& body = asset_bodies_[{asset.path, compressed}];
  if (!body) {
    body =
        std::make_shared<const std::string>(compressed ? std::string(asset.gzip) : asset.content());
  }
  return body;
}

Response Routes::asset(const Request& request, std::string_view path) {
  const Asset* found = find_asset(options_.assets, path);
  // These are filled in, so they have paths of their own.
  if (found == nullptr || path.ends_with(".html")) return not_found();
  if (request.method != "GET" && request.method != "HEAD") {
    return not_allowed("GET, HEAD, OPTIONS");
  }
  const bool compressed = accepts_gzip(request.header("accept-encoding"));
  Response response =
      body_response(std::string(found->content_type()), asset_body(*found, compressed));
  if (compressed) response.headers.emplace_back("Content-Encoding", "gzip");
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (found->is_hashed()) {
    response.headers.emplace_back("Cache-Control", "public, max-age=31536000, immutable");
  }
  return response;
}

Response Routes::page(std::string_view name) {
  const Asset* found = find_asset(options_.assets, name);
  if (found == nullptr) {
    return html(404,
                "This locust-master was built without its page (LOCUST_PAGE); api/v1/openapi.json "
                "describes what programs can ask for");
  }
  return body_response(kHtml, asset_body(*found, /*compressed=*/false));
}

void Routes::index(const Call& call) {
  const Asset* found = find_asset(options_.assets, "index.html");
  if (found == nullptr || !accepts_gzip(call.request.header("accept-encoding"))) {
    return call.respond(page("index.html"));
  }
  Response response = body_response(kHtml, asset_body(*found, /*compressed=*/true));
  response.headers.emplace_back("Content-Encoding", "gzip");
  response.headers.emplace_back("Vary", "Accept-Encoding");
  call.respond(std::move(response));
}

// ---- Login ----

std::string Routes::cookie(const Request& request, std::string_view name,
                           std::string_view value) const {
  return std::string(name).append("=").append(value) + "; Path=" + options_.base_path +
         "/; HttpOnly; SameSite=Strict" + (request.secure ? "; Secure" : "");
}

Response Routes::login_page(const Request& request, std::string_view error) {
  Response response = page("login.html");
  const std::string token = Access::new_token();
  if (response.status == 200) {
    std::string text = *response.body;
    replace_all(text, "{{error}}", escape_html(error));
    replace_all(text, "{{csrf}}", token);
    replace_all(text, "{{base}}", escape_html(options_.base_path));
    response.body = std::make_shared<const std::string>(std::move(text));
  }
  response.headers.emplace_back("Set-Cookie", cookie(request, access_->login_cookie(), token));
  return response;
}

void Routes::login(const Call& call) {
  if (access_ == nullptr || call.session != nullptr) return call.respond(redirect(302, "/"));
  if (call.request.method != "POST") return call.respond(login_page(call.request, ""));
  const Fields cookies = parse_cookies(call.request.header("cookie"));
  const auto field = [&call](std::string_view name) {
    const std::string* value = find_field(call.form, name);
    return value == nullptr ? std::string() : *value;
  };
  const std::string* token = find_field(cookies, access_->login_cookie());
  Response refused;
  if (token == nullptr || !same_secret(*token, field("csrf"))) {
    refused = login_page(call.request, "The form was too old. Please try again.");
    refused.status = 403;
    return call.respond(std::move(refused));
  }
  const Access::Login login =
      access_->log_in(field("username"), field("password"), call.request.peer);
  switch (login.outcome) {
    case Access::Outcome::kWrong:
      refused = login_page(call.request, "User name or password is wrong.");
      refused.status = 401;
      return call.respond(std::move(refused));
    case Access::Outcome::kTooOften:
      refused = login_page(call.request, "Too many wrong passwords. Please wait a minute.");
      refused.status = 429;
      refused.headers.emplace_back("Retry-After", "60");
      return call.respond(std::move(refused));
    case Access::Outcome::kLoggedIn:
      break;
  }
  Response response = redirect(302, "/");
  response.headers.emplace_back("Set-Cookie",
                                cookie(call.request, access_->session_cookie(), login.token));
  call.respond(std::move(response));
}

void Routes::logout(const Call& call) {
  if (access_ == nullptr) return call.respond(redirect(302, "/"));
  Response response = redirect(302, "/login");
  access_->log_out(call.request);
  call.respond(std::move(response));
}

}  // namespace locust::master::web
