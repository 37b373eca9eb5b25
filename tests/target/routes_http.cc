// One route for each way a server can behave.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/target/routes.h"

namespace locust {
namespace {

constexpr std::uint32_t kDefaultSlowMs = 1000;
constexpr std::uint32_t kMaxSlowMs = 60'000;
constexpr std::uint32_t kMaxFillerBytes = 64 * 1024 * 1024;
constexpr std::uint32_t kMaxChunks = 100'000;
constexpr std::uint32_t kMaxRedirects = 1000;

// What may stand in a header's value without becoming another header.
bool is_header_text(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::string location(std::string_view url) {
  return std::string("Location: ").append(url).append("\r\n");
}

// Clients may send any bytes; what is not UTF-8 is replaced.
std::string dump(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

void TargetRoutes::slow(const TargetRequest& request, std::string_view, TargetReply& reply) {
  std::optional<std::uint32_t> ms = kDefaultSlowMs;
  if (const auto text = request.query_value("ms")) ms = parse_target_number(*text);
  if (!ms || *ms > kMaxSlowMs) return bad_request(reply, "ms is a number from 0 to 60000");
  body_ = R"({"slept_ms":)";
  append_number(body_, *ms);
  body_ += '}';
  reply.send_json(200, body_);
  reply.wait_before_sending(std::chrono::milliseconds(*ms));
}

void TargetRoutes::fail(const TargetRequest&, std::string_view, TargetReply& reply) {
  reply.send(failed_page_);
}

void TargetRoutes::status(const TargetRequest&, std::string_view parameter, TargetReply& reply) {
  // 1xx are interim: a client would wait for the real response behind one.
  const auto code = parse_target_number(parameter);
  if (!code || *code < 200 || *code > 999)
    return bad_request(reply, "the status is a number from 200 to 999");
  body_ = R"({"status":)";
  append_number(body_, *code);
  body_ += '}';
  reply.send_json(static_cast<int>(*code), body_);
}

void TargetRoutes::bytes(const TargetRequest&, std::string_view parameter, TargetReply& reply) {
  const auto size = parse_target_number(parameter);
  if (!size || *size > kMaxFillerBytes) return bad_request(reply, "n is a number up to 64 MiB");
  reply.send_filler(*size);
}

void TargetRoutes::chunked(const TargetRequest&, std::string_view parameter, TargetReply& reply) {
  const auto count = parse_target_number(parameter);
  if (!count || *count > kMaxChunks) return bad_request(reply, "n is a number up to 100000");
  reply.send_chunks(*count);
}

void TargetRoutes::close(const TargetRequest&, std::string_view, TargetReply& reply) {
  reply.set_end(TargetReply::End::kClose);
  reply.send(root_page_);
}

void TargetRoutes::abort(const TargetRequest&, std::string_view, TargetReply& reply) {
  reply.set_end(TargetReply::End::kClose);
}

void TargetRoutes::reset(const TargetRequest&, std::string_view, TargetReply& reply) {
  reply.set_end(TargetReply::End::kReset);
}

void TargetRoutes::redirect(const TargetRequest&, std::string_view parameter, TargetReply& reply) {
  const auto hops = parse_target_number(parameter);
  if (!hops || *hops > kMaxRedirects) return bad_request(reply, "n is a number up to 1000");
  if (*hops == 0) return reply.send(root_page_);
  std::string next = "/";
  if (*hops > 1) next = "/redirect/" + std::to_string(*hops - 1);
  reply.send_json(302, R"({"status":302})", location(next));
}

void TargetRoutes::redirect_to(const TargetRequest& request, std::string_view, TargetReply& reply) {
  const auto url = request.query_value("url");
  std::optional<std::uint32_t> code = 302;
  if (const auto text = request.query_value("status")) code = parse_target_number(*text);
  if (!url || url->empty() || !is_header_text(*url) || !code || *code < 300 || *code > 399)
    return bad_request(reply, "url is required, status is a number from 300 to 399");
  reply.send_json(static_cast<int>(*code), R"({"status":"redirected"})", location(*url));
}

void TargetRoutes::set_cookies(const TargetRequest& request, std::string_view, TargetReply& reply) {
  std::string headers;
  nlohmann::json cookies = nlohmann::json::object();
  for (const auto& [name, value] : request.query_pairs()) {
    if (!is_header_text(name) || !is_header_text(value))
      return bad_request(reply, "a cookie holds no control characters");
    headers += "Set-Cookie: " + name + "=" + value + "; Path=/\r\n";
    cookies[name] = value;
  }
  reply.send_json(200, dump({{"cookies", cookies}}), headers);
}

void TargetRoutes::cookies(const TargetRequest& request, std::string_view, TargetReply& reply) {
  nlohmann::json cookies = nlohmann::json::object();
  std::string_view rest = request.header("Cookie");
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos)
      cookies[std::string(pair.substr(0, equals))] = pair.substr(equals + 1);
  }
  reply.send_json(200, dump({{"cookies", cookies}}));
}

// Repeated headers become one text, as RFC 9110 5.2 joins them; repeated parameters a list.
void TargetRoutes::echo(const TargetRequest& request, std::string_view, TargetReply& reply) {
  nlohmann::json headers = nlohmann::json::object();
  for (const TargetHeader& header : request.headers) {
    nlohmann::json& known = headers[std::string(header.name)];
    known = known.is_null() ? std::string(header.value)
                            : known.get<std::string>().append(", ").append(header.value);
  }
  nlohmann::json params = nlohmann::json::object();
  for (const auto& [name, value] : request.query_pairs()) {
    nlohmann::json& known = params[name];
    if (known.is_null())
      known = value;
    else if (known.is_array())
      known.push_back(value);
    else
      known = nlohmann::json::array({std::move(known), value});
  }
  reply.send_json(200, dump({{"method", request.method},
                             {"path", request.path},
                             {"query", request.query},
                             {"params", params},
                             {"headers", headers},
                             {"body", request.body}}));
}

void TargetRoutes::gzip(const TargetRequest& request, std::string_view, TargetReply& reply) {
  const bool accepted = request.header("Accept-Encoding").find("gzip") != std::string_view::npos;
  reply.send(accepted ? gzip_page_ : plain_page_);
}

}  // namespace locust
