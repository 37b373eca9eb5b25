// The functions of the scenario language.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <random>
#include <vector>

#include "worker/scenario/encode.h"
#include "worker/scenario/expression_eval.h"
#include "worker/scenario/file_template.h"

namespace locust::worker {
namespace {

// The maximum length of random_string.
constexpr std::int64_t kMaxRandomString = 1 << 20;
// The limits of regex_all: a body of some megabytes may have millions of matches, or need a search
// to its end for each of them, while the other users wait. A sitemap has up to 50,000 entries.
constexpr std::size_t kMaxMatches = 100'000;
constexpr std::chrono::milliseconds kMaxSearchTime{200};

// The arguments of one call, converted to the types that the function needs.
class Arguments {
 public:
  Arguments(const ExprCall& call, const EvalContext& context) : call_(call), context_(context) {}

  std::size_t size() const { return call_.arguments.size(); }
  const Expr& expr(std::size_t i) const { return *call_.arguments[i]; }
  ExprValue value(std::size_t i) const { return evaluate(expr(i), context_); }
  std::string where() const { return std::string(function_name(call_.function)) + "()"; }
  double number(std::size_t i) const { return require_number(value(i), where()).as_double(); }
  std::int64_t integer(std::size_t i) const { return require_number(value(i), where()).to_int(); }
  // Seconds; a bare number is seconds already.
  double seconds_of(std::size_t i) const {
    const ExprValue v = value(i);
    if (const Duration* d = v.as_duration()) return to_seconds(*d);
    return require_number(v, where()).as_double();
  }
  std::string text(std::size_t i) const {
    const ExprValue v = value(i);
    if (v.is_null()) throw ExprFailure(where() + " needs a text, not null");
    return v.to_text();
  }

 private:
  const ExprCall& call_;
  const EvalContext& context_;
};

Rng& rng_of(const EvalContext& context) {
  if (context.rng == nullptr) throw ExprFailure("random values are not available before the run");
  return *context.rng;
}

// --- Files. An unreadable file is an error at load, so the empty text is never used.

ExprValue file_text(const ExprCall& call, const EvalContext& context) {
  const auto found = context.runtime.files.find(&call);
  return ExprValue(found == context.runtime.files.end() ? std::string() : found->second);
}

ExprValue filled_template(const ExprCall& call, const EvalContext& context) {
  const auto found = context.runtime.templates.find(&call);
  if (found == context.runtime.templates.end()) return ExprValue("");
  return ExprValue(found->second->compiled.render(context));
}

// --- The response.

std::optional<std::string_view> response_header(const EvalContext& context, std::string_view name) {
  if (context.exchange == nullptr || context.serial == 0) return std::nullopt;
  return context.exchange->response.header(name);
}

ExprValue header(const Arguments& arguments, const EvalContext& context) {
  const auto value = response_header(context, arguments.text(0));
  return value ? ExprValue(*value) : ExprValue();
}

// The value of a cookie that the response sets.
ExprValue cookie(const Arguments& arguments, const EvalContext& context) {
  if (context.exchange == nullptr || context.serial == 0) return ExprValue();
  constexpr std::string_view kSetCookie = "set-cookie:";
  const std::string wanted = arguments.text(0) + "=";
  std::string_view lines = context.exchange->response.headers;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find("\r\n"), lines.size());
    std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 2, lines.size()));
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    const bool sets = line.size() > kSetCookie.size() &&
                      std::equal(kSetCookie.begin(), kSetCookie.end(), line.begin(),
                                 [&](char a, char b) { return a == lower(b); });
    if (!sets) continue;
    line.remove_prefix(std::min(line.find_first_not_of(' ', kSetCookie.size()), line.size()));
    if (line.starts_with(wanted)) {
      return ExprValue(line.substr(wanted.size(), line.find(';') - wanted.size()));
    }
  }
  return ExprValue();
}

ExprValue json(const Arguments& arguments, const EvalContext& context) {
  if (context.exchange == nullptr || context.serial == 0) return ExprValue();
  std::string storage;
  const auto pointer = text_operand(arguments.expr(0), context, storage);
  if (!pointer) return ExprValue();
  return context.runtime.json.at(context.serial, context.exchange->response.body, *pointer);
}

// The text that regex and regex_all search: their second argument, or the body.
std::optional<std::string_view> searched_text(const Arguments& arguments,
                                              const EvalContext& context, std::string& storage) {
  if (arguments.size() > 1) return text_operand(arguments.expr(1), context, storage);
  if (context.exchange == nullptr || context.serial == 0) return std::nullopt;
  return context.exchange->response.body;
}

// Calls `found` with the first group of each match (the match itself if there is no group) until it
// returns false.
template <typename Found>
void search(const Arguments& arguments, const EvalContext& context, Found&& found) {
  std::string text_storage, pattern_storage;
  const auto text = searched_text(arguments, context, text_storage);
  const auto pattern = text_operand(arguments.expr(0), context, pattern_storage);
  if (!text || !pattern) return;
  const RE2& regex = context.runtime.regexes.get(*pattern);
  const re2::StringPiece input(text->data(), text->size());
  const int groups = std::min(regex.NumberOfCapturingGroups(), 1) + 1;
  std::array<re2::StringPiece, 2> match;
  std::size_t from = 0;
  while (from <= input.size() &&
         regex.Match(input, from, input.size(), RE2::UNANCHORED, match.data(), groups)) {
    const re2::StringPiece& group = match[static_cast<std::size_t>(groups - 1)];
    if (!found(std::string_view(group.data(), group.size()))) return;
    const auto end = static_cast<std::size_t>(match[0].data() - input.data()) + match[0].size();
    from = match[0].empty() ? end + 1 : end;
  }
}

ExprValue regex(const Arguments& arguments, const EvalContext& context) {
  ExprValue first;
  search(arguments, context, [&first](std::string_view group) {
    first = ExprValue(group);
    return false;
  });
  return first;
}

ExprValue regex_all(const Arguments& arguments, const EvalContext& context) {
  ExprList all;
  const TimePoint begin = context.clock == nullptr ? TimePoint() : context.clock->now();
  search(arguments, context, [&](std::string_view group) {
    if (all.size() == kMaxMatches) {
      throw ExprFailure("regex_all() found more than " + std::to_string(kMaxMatches) + " matches");
    }
    if (context.clock != nullptr && context.clock->now() - begin > kMaxSearchTime) {
      throw ExprFailure("regex_all() has searched for " + std::to_string(kMaxSearchTime.count()) +
                        " ms, which the other users wait for");
    }
    all.emplace_back(group);
    return true;
  });
  return ExprValue(std::move(all));
}

// --- Chance.

ExprValue random_int(const Arguments& arguments, Rng& rng) {
  const std::int64_t a = arguments.integer(0);
  const std::int64_t b = arguments.integer(1);
  if (a > b) throw ExprFailure("random_int(a, b) needs a <= b");
  return ExprValue(std::uniform_int_distribution<std::int64_t>(a, b)(rng));
}

ExprValue random_choice(const Arguments& arguments, Rng& rng) {
  const ExprValue value = arguments.value(0);
  const ExprList* list = value.as_list();
  if (list == nullptr || list->empty()) {
    throw ExprFailure("random_choice() needs a list that is not empty");
  }
  return (*list)[std::uniform_int_distribution<std::size_t>(0, list->size() - 1)(rng)];
}

ExprValue random_string(const Arguments& arguments, Rng& rng) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const std::int64_t length = arguments.integer(0);
  if (length < 0 || length > kMaxRandomString) {
    throw ExprFailure("random_string() makes up to " + std::to_string(kMaxRandomString) +
                      " characters");
  }
  std::uniform_int_distribution<std::size_t> pick(0, kAlphabet.size() - 1);
  std::string out(static_cast<std::size_t>(length), ' ');
  for (char& c : out) c = kAlphabet[pick(rng)];
  return ExprValue(std::move(out));
}

// Version 4.
ExprValue uuid(Rng& rng) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
  std::uint64_t bits = 0;
  int left = 0;
  for (char& c : out) {
    if (c != 'x' && c != 'y') continue;
    if (left == 0) {
      bits = rng();
      left = 16;
    }
    c = kHex[c == 'x' ? bits & 0xF : 8 | (bits & 3)];
    bits >>= 4;
    --left;
  }
  return ExprValue(std::move(out));
}

// --- Time.

double wall_time(const EvalContext& context) {
  if (context.clock == nullptr) throw ExprFailure("the clock is not available before the run");
  return context.clock->wall_time();
}

ExprValue now(const Arguments& arguments, const EvalContext& context) {
  const std::string format =
      arguments.size() > 0 ? arguments.text(0) : std::string("%Y-%m-%dT%H:%M:%SZ");
  const double offset = arguments.size() > 1 ? arguments.seconds_of(1) : 0;
  const double at = std::floor(wall_time(context) + offset);
  constexpr double kYear10000 = 253402300800;
  if (!(at >= 0 && at < kYear10000)) throw ExprFailure("now() supports the years 1970 to 9999");
  const auto unix_time = static_cast<std::time_t>(at);
  std::tm utc{};
  gmtime_r(&unix_time, &utc);
  std::array<char, 256> buffer{};
  const std::size_t length = std::strftime(buffer.data(), buffer.size(), format.c_str(), &utc);
  return ExprValue(std::string(buffer.data(), length));
}

// --- Values.

ExprValue len(const Arguments& arguments) {
  const ExprValue value = arguments.value(0);
  if (value.is_null()) return ExprValue(0);
  if (const ExprList* list = value.as_list()) return ExprValue(list->size());
  if (const ExprMap* map = value.as_map()) return ExprValue(map->size());
  const std::string text = value.to_text();
  return ExprValue(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;  // characters, not bytes
  }));
}

// The arguments, or the elements of the only one. Beside a time a bare number is seconds.
ExprValue extreme(const Arguments& arguments, ExprBinaryOp better) {
  ExprList values;
  for (std::size_t i = 0; i < arguments.size(); ++i) values.push_back(arguments.value(i));
  if (values.size() == 1 && values[0].as_list() != nullptr) values = ExprList(*values[0].as_list());
  if (values.empty()) return ExprValue();
  const bool times = std::any_of(values.begin(), values.end(),
                                 [](const ExprValue& v) { return v.as_duration() != nullptr; });
  for (ExprValue& v : values) {
    if (times && v.as_duration() == nullptr) {
      v = ExprValue(seconds(require_number(v, arguments.where()).as_double()));
    }
    if (v.is_null()) throw ExprFailure(arguments.where() + " of null");
    if (v.as_long_number() != nullptr) continue;
    if (const auto number = to_number(v)) v = ExprValue(*number);
  }
  return *std::min_element(
      values.begin(), values.end(),
      [&](const ExprValue& a, const ExprValue& b) { return compare(better, a, b); });
}

ExprValue floor_value(const Arguments& arguments) {
  const Number number = require_number(arguments.value(0), "floor()");
  return ExprValue(number.is_float() ? Number(std::floor(number.as_double())).to_int()
                                     : number.to_int());
}

ExprValue number_value(const Arguments& arguments) {
  ExprValue value = arguments.value(0);
  if (value.as_long_number() != nullptr) return value;
  const auto number = to_number(value);
  return number ? ExprValue(*number) : ExprValue();
}

std::string hex(const std::vector<unsigned char>& bytes) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (const unsigned char byte : bytes) {
    out += kHex[byte >> 4];
    out += kHex[byte & 0xF];
  }
  return out;
}

ExprValue sha256(const std::string& text) {
  std::vector<unsigned char> digest(EVP_MAX_MD_SIZE);
  unsigned int length = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr);
  digest.resize(length);
  return ExprValue(hex(digest));
}

ExprValue hmac_sha256(const std::string& key, const std::string& text) {
  std::vector<unsigned char> digest(EVP_MAX_MD_SIZE);
  unsigned int length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &length);
  digest.resize(length);
  return ExprValue(hex(digest));
}

// --- Waits, in seconds.

ExprValue wait_seconds(const WaitTime& wait, const EvalContext& context) {
  const TimePoint now = context.clock == nullptr ? TimePoint() : context.clock->now();
  PacingState unused(now);
  PacingState& pacing = context.pacing == nullptr ? unused : *context.pacing;
  return ExprValue(to_seconds(wait({.now = now, .pacing = pacing, .rng = rng_of(context)})));
}

double positive(const Arguments& arguments, std::size_t i) {
  const double value = arguments.number(i);
  if (value > 0) return value;
  throw ExprFailure(arguments.where() + " needs a number above 0");
}

}  // namespace

ExprValue call_function(const ExprCall& call, const EvalContext& context) {
  const Arguments a(call, context);
  switch (call.function) {
    case ExprFunction::kHeader:
      return header(a, context);
    case ExprFunction::kCookie:
      return cookie(a, context);
    case ExprFunction::kJson:
      return json(a, context);
    case ExprFunction::kRegex:
      return regex(a, context);
    case ExprFunction::kRegexAll:
      return regex_all(a, context);
    case ExprFunction::kRandomInt:
      return random_int(a, rng_of(context));
    case ExprFunction::kRandomFloat: {
      const double low = a.number(0);
      return ExprValue(low + uniform(rng_of(context)) * (a.number(1) - low));
    }
    case ExprFunction::kRandomChoice:
      return random_choice(a, rng_of(context));
    case ExprFunction::kRandomString:
      return random_string(a, rng_of(context));
    case ExprFunction::kUuid:
      return uuid(rng_of(context));
    case ExprFunction::kNow:
      return now(a, context);
    case ExprFunction::kTimestampMs:
      return ExprValue(Number(std::floor(wall_time(context) * 1000)).to_int());
    case ExprFunction::kLen:
      return len(a);
    case ExprFunction::kMin:
      return extreme(a, ExprBinaryOp::kLess);
    case ExprFunction::kMax:
      return extreme(a, ExprBinaryOp::kGreater);
    case ExprFunction::kFloor:
      return floor_value(a);
    case ExprFunction::kNumber:
      return number_value(a);
    case ExprFunction::kBase64:
      return ExprValue(base64(a.text(0)));
    case ExprFunction::kUrlencode:
      return ExprValue(percent_encode(a.text(0)));
    case ExprFunction::kUnescape:
      return ExprValue(html_unescape(a.text(0)));
    case ExprFunction::kSha256:
      return sha256(a.text(0));
    case ExprFunction::kHmacSha256:
      return hmac_sha256(a.text(0), a.text(1));
    case ExprFunction::kFile:
      return file_text(call, context);
    case ExprFunction::kTemplate:
      return filled_template(call, context);
    case ExprFunction::kConstant:
      return ExprValue(a.seconds_of(0));
    case ExprFunction::kBetween:
      return wait_seconds(between(a.seconds_of(0), a.seconds_of(1)), context);
    case ExprFunction::kConstantPacing:
      return wait_seconds(constant_pacing(a.seconds_of(0)), context);
    case ExprFunction::kConstantThroughput:
      return wait_seconds(constant_throughput(positive(a, 0)), context);
    case ExprFunction::kPoisson:
      return wait_seconds(poisson(positive(a, 0)), context);
    case ExprFunction::kLognormal:
      return wait_seconds(lognormal(a.seconds_of(0), a.number(1)), context);
  }
  return ExprValue();
}

}  // namespace locust::worker
