// What the examples need beside the shop: tokens that expire, pages, jobs, a form, limits, GraphQL.
#include <nlohmann/json.hpp>

#include "tests/target/routes.h"

namespace locust {
namespace {

constexpr std::uint32_t kItemPages = 3;
constexpr std::uint32_t kItemsPerPage = 5;
constexpr std::uint8_t kPollsUntilDone = 2;
constexpr std::uint64_t kLimitedSearch = 6;  // one search of so many is refused

std::optional<std::string> form_value(const TargetRequest& request, std::string_view name) {
  TargetRequest form;
  form.query = request.body;  // encoded alike
  return form.query_value(name);
}

}  // namespace

void TargetRoutes::oauth_token(const TargetRequest& request, std::string_view, TargetReply& reply) {
  const auto client = form_value(request, "client_id");
  if (form_value(request, "grant_type") != "client_credentials" || !client || client->empty())
    return bad_request(reply, "grant_type=client_credentials and client_id are required");
  if (form_value(request, "client_secret") != "secret") return reply.send(unauthorized_page_);
  body_.assign(R"({"access_token":")").append(new_session(*client, kOauthRequests));
  body_ += R"(","token_type":"Bearer"})";
  reply.send_json(200, body_);
}

void TargetRoutes::items(const TargetRequest& request, std::string_view, TargetReply& reply) {
  std::optional<std::uint32_t> page = 1;
  if (const auto text = request.query_value("page")) page = parse_target_number(*text);
  if (!page || *page < 1 || *page > kItemPages) return bad_request(reply, "there is no such page");
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (std::uint32_t i = 1; i <= kItemsPerPage; ++i)
    list.push_back({{"id", (*page - 1) * kItemsPerPage + i}});
  nlohmann::ordered_json next;
  if (*page < kItemPages) next = "/api/items?page=" + std::to_string(*page + 1);
  reply.send_json(200, nlohmann::ordered_json{{"items", list}, {"next", next}}.dump());
}

void TargetRoutes::item(const TargetRequest&, std::string_view parameter, TargetReply& reply) {
  const auto id = parse_target_number(parameter);
  if (!id || *id < 1 || *id > kItemPages * kItemsPerPage) return reply.send(not_found_page_);
  reply.send_json(200, R"({"id":)" + std::to_string(*id) + "}");
}

void TargetRoutes::create_job(const TargetRequest& request, std::string_view, TargetReply& reply) {
  if (request.body.empty()) return bad_request(reply, "a job needs a body");
  job_polls_.push_back(0);
  reply.send_json(202, R"({"id":)" + std::to_string(job_polls_.size()) + R"(,"state":"queued"})");
}

std::uint8_t* TargetRoutes::find_job(std::string_view parameter) {
  const auto id = parse_target_number(parameter);
  return id && *id >= 1 && *id <= job_polls_.size() ? &job_polls_[*id - 1] : nullptr;
}

void TargetRoutes::job(const TargetRequest&, std::string_view parameter, TargetReply& reply) {
  std::uint8_t* const polls = find_job(parameter);
  if (polls == nullptr) return reply.send(not_found_page_);
  if (*polls < kPollsUntilDone) ++*polls;
  reply.send_json(200, *polls < kPollsUntilDone ? R"({"state":"running"})" : R"({"state":"done"})");
}

void TargetRoutes::job_result(const TargetRequest&, std::string_view parameter,
                              TargetReply& reply) {
  const std::uint8_t* const polls = find_job(parameter);
  if (polls == nullptr || *polls < kPollsUntilDone) return reply.send(not_found_page_);
  reply.send_json(200, R"({"rows":1})");
}

// Knows two queries by their names.
void TargetRoutes::graphql(const TargetRequest& request, std::string_view, TargetReply& reply) {
  const nlohmann::json call = nlohmann::json::parse(request.body, nullptr, false);
  if (!call.is_object() || !call.contains("query") || !call["query"].is_string())
    return bad_request(reply, "a GraphQL request is a JSON object with a query");
  const std::string query = call["query"];
  if (query.find("products(") != std::string::npos)
    return reply.send_json(200, R"({"data":{"products":[{"id":"1","name":"Product 1"}]}})");
  if (query.find("product(") != std::string::npos)
    return reply.send_json(200, R"({"data":{"product":{"id":"42","name":"Product 42"}}})");
  reply.send_json(200, R"({"errors":[{"message":"no such field"}]})");
}

void TargetRoutes::feedback_form(const TargetRequest&, std::string_view, TargetReply& reply) {
  const std::string token = token_of(forms_++);
  reply.send_html(200,
                  "<!DOCTYPE html>\n<title>Feedback</title>\n<form method=\"post\">\n"
                  "<input type=\"hidden\" name=\"csrf_token\" value=\"" +
                      token +
                      "\">\n<textarea name=\"text\"></textarea>\n<button>Send</button>\n</form>\n");
}

void TargetRoutes::send_feedback(const TargetRequest& request, std::string_view,
                                 TargetReply& reply) {
  const std::uint64_t form = number_of(form_value(request, "csrf_token").value_or(""));
  if (form >= forms_) return reply.send_json(403, R"({"error":"wrong csrf_token"})");
  reply.send_html(200, "<!DOCTYPE html>\n<title>Thank you</title>\n");
}

void TargetRoutes::search(const TargetRequest&, std::string_view, TargetReply& reply) {
  if (++searches_ % kLimitedSearch == 0)
    return reply.send_json(429, R"({"error":"too many requests"})", "Retry-After: 1\r\n");
  reply.send_json(200, R"({"results":[{"id":1}]})");
}

void TargetRoutes::popular(const TargetRequest&, std::string_view, TargetReply& reply) {
  reply.send_json(200, R"({"results":[{"id":7}]})");
}

void TargetRoutes::static_file(const TargetRequest& request, std::string_view, TargetReply& reply) {
  constexpr std::string_view kHeaders = "Cache-Control: max-age=3600\r\nETag: \"1\"\r\n";
  const bool is_known = request.header("If-None-Match") == "\"1\"";
  reply.send_json(is_known ? 304 : 200, R"({"version":1})", kHeaders);
}

}  // namespace locust
