// The shop's routes: what the examples and the demo load.
#include <nlohmann/json.hpp>

#include "tests/target/routes.h"

namespace locust {
namespace {

constexpr std::uint32_t kMaxId = 1'000'000;
constexpr std::uint32_t kMaxPage = kMaxId / 10;
constexpr std::uint32_t kOrdersPerPage = 10;
constexpr std::size_t kMaxEmailBytes = 254;

// Multiplication by an odd number modulo
// 2^64 is a bijection, and the second constant is its inverse.
constexpr std::uint64_t kScramble = 0x9e3779b97f4a7c15;
constexpr std::uint64_t kUnscramble = 0xf1de83e19937733d;
static_assert(kScramble * kUnscramble == 1);
constexpr std::size_t kTokenDigits = 16;

std::optional<std::uint32_t> parse_id(std::string_view text) {
  const auto id = parse_target_number(text);
  return id && *id >= 1 && *id <= kMaxId ? id : std::nullopt;
}

// Never throws; anything but a JSON object gives null.
nlohmann::json parse_object(std::string_view body) {
  nlohmann::json object = nlohmann::json::parse(body, nullptr, false);
  return object.is_object() ? object : nlohmann::json();
}

std::string text_member(const nlohmann::json& object, const char* name) {
  const auto it = object.find(name);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

std::uint64_t number_member(const nlohmann::json& object, const char* name,
                            std::uint64_t otherwise) {
  const auto it = object.find(name);
  return it != object.end() && it->is_number_unsigned() ? it->get<std::uint64_t>() : otherwise;
}

}  // namespace

std::string token_of(std::uint64_t number) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::uint64_t scrambled = (number + 1) * kScramble;
  std::string token(kTokenDigits, '0');
  for (auto digit = token.rbegin(); digit != token.rend(); ++digit, scrambled >>= 4)
    *digit = kDigits[scrambled & 0xf];
  return token;
}

std::uint64_t number_of(std::string_view token) {
  std::uint64_t scrambled = 0;
  if (token.size() != kTokenDigits) return ~std::uint64_t{0};
  for (const char c : token) {
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_digit && (c < 'a' || c > 'f')) return ~std::uint64_t{0};
    scrambled = scrambled << 4 | static_cast<std::uint64_t>(is_digit ? c - '0' : c - 'a' + 10);
  }
  return scrambled * kUnscramble - 1;
}

void TargetRoutes::bad_request(TargetReply& reply, std::string_view problem) {
  body_.assign(R"({"error":")").append(problem).append(R"("})");
  reply.send_json(400, body_);
}

std::string TargetRoutes::new_session(std::string email, std::int64_t requests) {
  sessions_.push_back({std::move(email), requests});
  return token_of(sessions_.size() - 1);
}

// The request's session, or null if its token names none. Valid until the next login.
TargetRoutes::Session* TargetRoutes::session(const TargetRequest& request) {
  constexpr std::string_view kScheme = "Bearer ";
  std::string_view credentials = request.header("Authorization");
  if (!credentials.starts_with(kScheme)) return nullptr;
  credentials.remove_prefix(kScheme.size());
  const std::uint64_t number = number_of(credentials);
  if (number >= sessions_.size() || sessions_[number].email.empty()) return nullptr;
  return &sessions_[number];
}

// Whether the request may see what needs a login.
bool TargetRoutes::admit(const TargetRequest& request) {
  Session* const known = session(request);
  if (known == nullptr || known->requests == 0) return false;
  if (known->requests > 0) --known->requests;
  return true;
}

void TargetRoutes::root(const TargetRequest&, std::string_view, TargetReply& reply) {
  reply.send(root_page_);
}

void TargetRoutes::products(const TargetRequest&, std::string_view, TargetReply& reply) {
  reply.send(products_page_);
}

void TargetRoutes::product(const TargetRequest&, std::string_view parameter, TargetReply& reply) {
  const auto id = parse_id(parameter);
  if (!id) return reply.send(not_found_page_);
  body_ = R"({"id":)";
  append_number(body_, *id);
  body_ += R"(,"name":"Product )";
  append_number(body_, *id);
  body_ += R"(","price":)";
  append_number(body_, std::uint64_t{*id} * 100);
  body_ += R"(,"in_stock":true})";
  reply.send_json(200, body_);
}

void TargetRoutes::cart(const TargetRequest& request, std::string_view, TargetReply& reply) {
  const nlohmann::json item = parse_object(request.body);
  if (item.is_null()) return bad_request(reply, "the body is not a JSON object");
  body_ = R"({"status":"added","product_id":)";
  append_number(body_, number_member(item, "product_id", 0));
  body_ += R"(,"quantity":)";
  append_number(body_, number_member(item, "quantity", 1));
  body_ += '}';
  reply.send_json(200, body_);
}

void TargetRoutes::login(const TargetRequest& request, std::string_view, TargetReply& reply) {
  const nlohmann::json credentials = parse_object(request.body);
  if (credentials.is_null()) return bad_request(reply, "the body is not a JSON object");
  std::string email = text_member(credentials, "email");
  const std::string password = text_member(credentials, "password");
  if (email.empty() || email.size() > kMaxEmailBytes || password.empty())
    return bad_request(reply, "email and password are required");
  if (password == "wrong") return reply.send(unauthorized_page_);
  body_.assign(R"({"token":")").append(new_session(std::move(email), -1)).append(R"("})");
  reply.send_json(200, body_);
}

void TargetRoutes::logout(const TargetRequest& request, std::string_view, TargetReply& reply) {
  if (Session* known = session(request)) known->email.clear();
  reply.send(logged_out_page_);
}

void TargetRoutes::dashboard(const TargetRequest&, std::string_view, TargetReply& reply) {
  reply.send(dashboard_page_);
}

// One in five is shipped; the first of each page is open.
void TargetRoutes::append_order(std::uint32_t id) {
  body_ += R"({"id":)";
  append_number(body_, id);
  body_ += R"(,"status":")";
  body_ += id % 5 == 0 ? "shipped" : "open";
  body_ += R"(","product_id":)";
  append_number(body_, id % 100 + 1);
  body_ += '}';
}

void TargetRoutes::orders(const TargetRequest& request, std::string_view, TargetReply& reply) {
  std::optional<std::uint32_t> page = 1;
  if (const auto text = request.query_value("page")) page = parse_target_number(*text);
  if (!page || *page < 1 || *page > kMaxPage) return bad_request(reply, "there is no such page");
  body_ = R"({"orders":[)";
  for (std::uint32_t i = 1; i <= kOrdersPerPage; ++i) {
    if (i > 1) body_ += ',';
    append_order((*page - 1) * kOrdersPerPage + i);
  }
  body_ += R"(],"page":)";
  append_number(body_, *page);
  body_ += '}';
  reply.send_json(200, body_);
}

void TargetRoutes::order(const TargetRequest&, std::string_view parameter, TargetReply& reply) {
  const auto id = parse_id(parameter);
  if (!id) return reply.send(not_found_page_);
  body_.clear();
  append_order(*id);
  reply.send_json(200, body_);
}

void TargetRoutes::profile(const TargetRequest& request, std::string_view, TargetReply& reply) {
  // Emails come from clients as any valid JSON text, which the library leaves valid UTF-8.
  reply.send_json(200, nlohmann::json{{"email", session(request)->email}}.dump());
}

}  // namespace locust
