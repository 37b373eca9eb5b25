#include "tests/target/routes.h"

#include <zlib.h>

#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace locust {
namespace {

constexpr int kProducts = 20;

std::string products_json() {
  nlohmann::ordered_json products = nlohmann::ordered_json::array();
  for (int id = 1; id <= kProducts; ++id)
    products.push_back(
        {{"id", id}, {"name", "Product " + std::to_string(id)}, {"price", id * 100}});
  return nlohmann::ordered_json{{"products", products}, {"total", kProducts}}.dump();
}

// What /gzip says, long enough for compression to show.
std::string compressible_json() {
  nlohmann::ordered_json lines = nlohmann::ordered_json::array();
  for (int i = 0; i < 100; ++i) lines.push_back("the same line again and again");
  return nlohmann::ordered_json{{"compressible", true}, {"lines", lines}}.dump();
}

std::string gzipped(std::string text) {
  constexpr int kGzipWindowBits = 15 + 16;  // zlib's way to ask for a gzip header
  constexpr int kMemoryLevel = 8;
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindowBits, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib: deflateInit2 failed");
  std::string compressed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_out = static_cast<uInt>(compressed.size());
  const int result = deflate(&stream, Z_FINISH);
  compressed.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::runtime_error("zlib: deflate failed");
  return compressed;
}

}  // namespace

TargetRoutes::TargetRoutes()
    : counts_(patterns()),
      root_page_(make_target_page(200, R"({"service":"locust-target","status":"ok"})")),
      products_page_(make_target_page(200, products_json())),
      dashboard_page_(make_target_page(200, R"({"open_orders":2,"messages":0})")),
      logged_out_page_(make_target_page(200, R"({"status":"logged out"})")),
      unauthorized_page_(make_target_page(401, R"({"error":"unauthorized"})",
                                          "WWW-Authenticate: Bearer realm=\"shop\"\r\n")),
      not_found_page_(make_target_page(404, R"({"error":"not found"})")),
      failed_page_(make_target_page(500, R"({"error":"this route always fails"})")),
      plain_page_(make_target_page(200, compressible_json(), "Vary: Accept-Encoding\r\n")),
      gzip_page_(make_target_page(200, gzipped(compressible_json()),
                                  "Vary: Accept-Encoding\r\nContent-Encoding: gzip\r\n")) {}

std::span<const TargetRoutes::Route> TargetRoutes::table() {
  using R = TargetRoutes;
  static constexpr std::array kTable = {
      Route{"/", "GET", &R::root},
      Route{"/api/products", "GET", &R::products},
      Route{"/api/products/{id}", "GET", &R::product},
      Route{"/api/cart", "POST", &R::cart},
      Route{"/api/auth/login", "POST", &R::login},
      Route{"/api/auth/logout", "POST", &R::logout},
      Route{"/api/dashboard", "GET", &R::dashboard, true},
      Route{"/api/orders", "GET", &R::orders, true},
      Route{"/api/orders/{id}", "GET", &R::order, true},
      Route{"/api/profile", "GET", &R::profile, true},
      Route{"/oauth/token", "POST", &R::oauth_token},
      Route{"/api/items", "GET", &R::items},
      Route{"/api/items/{id}", "GET", &R::item},
      Route{"/api/jobs", "POST", &R::create_job},
      Route{"/api/jobs/{id}", "GET", &R::job},
      Route{"/api/jobs/{id}/result", "GET", &R::job_result},
      Route{"/graphql", "POST", &R::graphql},
      Route{"/feedback", "GET", &R::feedback_form},
      Route{"/feedback", "POST", &R::send_feedback},
      Route{"/api/search", "GET", &R::search},
      Route{"/api/search/popular", "GET", &R::popular},
      Route{"/static/{name}", "GET", &R::static_file},
      Route{"/slow", "", &R::slow},
      Route{"/fail", "", &R::fail},
      Route{"/status/{code}", "", &R::status},
      Route{"/bytes/{n}", "", &R::bytes},
      Route{"/chunked/{n}", "", &R::chunked},
      Route{"/close", "", &R::close},
      Route{"/abort", "", &R::abort},
      Route{"/reset", "", &R::reset},
      Route{"/redirect/{n}", "", &R::redirect},
      Route{"/redirect-to", "", &R::redirect_to},
      Route{"/cookies/set", "", &R::set_cookies},
      Route{"/cookies", "", &R::cookies},
      Route{"/echo", "", &R::echo},
      Route{"/gzip", "", &R::gzip},
      Route{"/_counts", "GET", &R::show_counts, false, false},
      Route{"/_reset", "POST", &R::reset_counts, false, false},
      Route{"(not found)", "", &R::not_found},  // last: taken where no other matches
  };
  return kTable;
}

std::vector<std::string_view> TargetRoutes::patterns() {
  std::vector<std::string_view> patterns;
  for (const Route& route : table()) patterns.push_back(route.pattern);
  return patterns;
}

bool TargetRoutes::matches(const Route& route, const TargetRequest& request,
                           std::string_view& parameter) {
  const std::size_t open = route.pattern.find('{');
  if (open == std::string_view::npos) {
    if (request.path != route.pattern) return false;
  } else {
    const std::string_view before = route.pattern.substr(0, open);
    const std::string_view behind = route.pattern.substr(route.pattern.find('}') + 1);
    std::string_view path = request.path;
    if (!path.starts_with(before) || !path.ends_with(behind)) return false;
    path.remove_prefix(before.size());
    if (path.size() <= behind.size()) return false;
    parameter = path.substr(0, path.size() - behind.size());
    if (parameter.find('/') != std::string_view::npos) return false;
  }
  return route.method.empty() || request.method == route.method ||
         (route.method == "GET" && request.method == "HEAD");
}

void TargetRoutes::handle(const TargetRequest& request, TargetReply& reply) {
  const std::span<const Route> routes = table();
  std::string_view parameter;
  std::size_t index = 0;
  while (index + 1 < routes.size() && !matches(routes[index], request, parameter)) ++index;
  const Route& route = routes[index];
  if (route.needs_login && !admit(request))
    reply.send(unauthorized_page_);
  else
    (this->*route.handler)(request, parameter, reply);
  if (route.is_counted)
    counts_.add_request(index, request.method, reply.status());
  else
    reply.do_not_count();
}

void TargetRoutes::show_counts(const TargetRequest&, std::string_view, TargetReply& reply) {
  reply.send_json(200, counts_.to_json());
}

void TargetRoutes::reset_counts(const TargetRequest&, std::string_view, TargetReply& reply) {
  counts_.reset();
  reply.send_json(200, R"({"status":"reset"})");
}

void TargetRoutes::not_found(const TargetRequest&, std::string_view, TargetReply& reply) {
  reply.send(not_found_page_);
}

}  // namespace locust
