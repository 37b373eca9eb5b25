#include "worker/scenario/trace_printer.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>

#include "common/base/printable.h"
#include "common/base/utf8.h"
#include "worker/http/header_name.h"
#include "worker/scenario/describe.h"
#include "worker/user/evidence.h"
#include "worker/user/http_session.h"
#include "worker/user/user.h"

namespace locust::worker {
namespace {

constexpr std::string_view kStep = "  ";
constexpr std::string_view kDetail = "      ";
constexpr std::string_view kBody = "    | ";

// `text` without an incomplete last character.
std::string_view whole_characters(std::string_view text) {
  for (std::size_t cut = 0; cut < std::min<std::size_t>(4, text.size()); ++cut) {
    const auto byte = static_cast<unsigned char>(text[text.size() - cut - 1]);
    if (byte < 0x80) break;
    if (byte >= 0xc0) return is_valid_utf8(text) ? text : text.substr(0, text.size() - cut - 1);
  }
  return text;
}

bool is_text(std::string_view body) {
  return is_valid_utf8(body) && std::none_of(body.begin(), body.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != '\x1b';
         });
}

TextKind kind_of_body(const HttpRequest& request) {
  for (const HttpHeader& header : request.headers) {
    if (!same_name(header.name, "Content-Type")) continue;
    const bool is_form = header.value.starts_with("application/x-www-form-urlencoded");
    return is_form ? TextKind::kForm : TextKind::kDocument;
  }
  return TextKind::kDocument;
}

std::string in_ms(Duration d) { return fmt::format("{:.1f}", to_ms(d)); }

std::string describe_phases(const RequestPhases& phases) {
  std::string text;
  const auto add = [&text](const char* name, const std::optional<Duration>& time) {
    if (!time) return;
    text += (text.empty() ? " (" : ", ") + std::string(name) + " " + in_ms(*time);
  };
  add("dns", phases.dns);
  add("connect", phases.connect);
  add("tls", phases.tls);
  add("first byte", phases.first_byte);
  return text.empty() ? text : text + ")";
}

std::string names_of(const HeaderPlans& headers) {
  std::string names;
  for (const HeaderPlan& header : headers) names += (names.empty() ? "" : ", ") + header.name;
  return names;
}

// The text of a step before it runs; empty for steps that are printed when they run.
struct StepText {
  std::string operator()(const HeadersPlan& plan) const {
    return "headers: " + names_of(plan.headers);
  }
  std::string operator()(const CookiesPlan& plan) const {
    return "cookies: " + names_of(plan.cookies);
  }
  std::string operator()(const NewSessionPlan&) const { return "new_session"; }
  std::string operator()(const RunPlan& plan) const { return "run: " + plan.name; }
  std::string operator()(const ParallelPlan&) const { return "parallel"; }
  std::string operator()(const FeedPlan& plan) const { return "feed: " + plan.feeder->spec().name; }
  std::string operator()(const AddPlan& plan) const {
    std::string names;
    for (const AddPlan::Row& row : plan.rows)
      names += (names.empty() ? "add: " : ", ") + row.feeder->spec().name;
    return names;
  }
  std::string operator()(const WaitPlan& plan) const {
    return plan.seconds == nullptr ? "wait: all_spawned, which returns immediately here" : "";
  }
  std::string operator()(const EndTaskPlan&) const { return "end_task"; }
  std::string operator()(const InterruptPlan&) const { return "interrupt"; }
  std::string operator()(const StopUserPlan&) const { return "stop_user"; }
  std::string operator()(const StopTestPlan&) const { return "stop_test"; }
  template <typename Plan>
  std::string operator()(const Plan&) const {
    return {};
  }
};

}  // namespace

TracePrinter::TracePrinter(std::ostream& out, std::int64_t iterations)
    : out_(out), iterations_(iterations) {}

void TracePrinter::begin(const std::string& user_class, std::string_view part, PartKind kind) {
  if (kind == PartKind::kTask && iterations_ > 0 && tasks_++ == iterations_) throw StopUser{};
  line("", "");
  // The hooks of a test are users of a class with this name.
  const bool is_test_hook = user_class == "test_start" || user_class == "test_stop";
  line("", is_test_hook ? user_class : fmt::format("{}.{}", user_class, part));
}

void TracePrinter::step(const StepPlan& step) {
  if (std::string text = std::visit(StepText{}, step.action); !text.empty()) {
    line(kStep, std::move(text));
  }
}

void TracePrinter::sending(const Exchange& exchange) {
  in_flight_[&exchange] = ++requests_;
  head(std::to_string(requests_) + " > ", request_head(exchange.request));
  const std::string& sent = exchange.request.body;
  if (!sent.empty()) body(sent, sent.size(), kind_of_body(exchange.request));
  for (const HttpBodyPart& part : exchange.request.body_parts) {
    if (part.file.empty()) {
      body(part.text, part.text.size());
    } else {
      line(kBody, "(the file " + part.file + ")");
    }
  }
}

void TracePrinter::responded(const Exchange& exchange) {
  const HttpResponse& response = exchange.response;
  const auto sent = in_flight_.extract(&exchange);
  if (sent.empty()) {
    const std::string number = std::to_string(++requests_);
    line(kStep, number + " > GET " + exchange.request.url + ", which is in the cache");
    line(kStep, number + " < HTTP " + std::to_string(response.status) + ", not sent");
    return;
  }
  const std::string number = std::to_string(sent.mapped()) + " < ";
  const std::string time = " in " + in_ms(response.response_time) + " ms" +
                           describe_phases(request_phases(response.phases));
  std::string text = response_head(response);
  if (text.empty()) return line(kStep, number + "no response" + time);
  text.insert(text.find('\n'), fmt::format(", {} bytes{}", response.content_length, time));
  head(number, text);
  if (response.redirects > 0) {
    line(kDetail, fmt::format("after {} redirect{} to {}", response.redirects,
                              response.redirects > 1 ? "s" : "", response.redirected_url));
  }
  if (response.content_length > 0) body(response.body, response.content_length);
}

void TracePrinter::checked(const CheckPlan& check, bool holds, const EvalContext& context) {
  line(kDetail, (holds ? "holds: " : "does not hold: ") + check.failure);
  if (holds) return;
  for (const std::string& value : describe_values(*check.condition, context)) {
    line(kDetail, "  " + value);
  }
}

void TracePrinter::judged(const RequestPlan& request, std::string_view name,
                          std::string_view failure) {
  if (!failure.empty()) ++failures_;
  line(kDetail, fmt::format("{}: {} {}{}{}{}", failure.empty() ? "ok" : "FAILED", request.method,
                            name, failure.empty() ? "" : ": ", failure,
                            request.record ? "" : " (not in the statistics)"));
}

void TracePrinter::assigned(const std::string& variable, const ExprValue& value) {
  line(kStep, describe_value(variable, value));
}

void TracePrinter::decided(std::string_view keyword, bool holds, const Expr& condition,
                           const EvalContext& context) {
  std::string text = fmt::format("{}: {}", keyword, holds);
  const char* separator = " (";
  for (const std::string& value : describe_values(condition, context)) {
    text += std::exchange(separator, ", ") + value;
  }
  if (*separator == ',') text += ')';
  line(kStep, std::move(text));
}

void TracePrinter::note(const std::string& text) { line(kStep, text); }

Duration TracePrinter::wait(Duration asked) {
  const Duration real = std::min(asked, kLongestWait);
  line(kStep, fmt::format("wait: {:.3g} s{}", to_ms(asked) / 1000,
                          real < asked ? fmt::format(", {:g} s here", to_ms(real) / 1000) : ""));
  return real;
}

Duration TracePrinter::wait_time(Duration asked) {
  line(kStep, fmt::format("wait_time: {:.3g} s, none here", to_ms(asked) / 1000));
  return Duration::zero();
}

void TracePrinter::exception(std::string_view where, const std::string& message,
                             const std::string& traceback) {
  ++exceptions_;
  line(kStep, fmt::format("EXCEPTION in {}: {}", where, message));
  std::string_view rest = traceback;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    line(kStep, std::string(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

void TracePrinter::problem(const std::string& text) {
  ++problems_;
  line("", "");
  line("", text);
}

void TracePrinter::summary() {
  line("", "");
  line("",
       fmt::format("{} request{}, {} failed, {} exception{}", requests_, requests_ == 1 ? "" : "s",
                   failures_, exceptions_, exceptions_ == 1 ? "" : "s"));
}

void TracePrinter::line(std::string_view indent, std::string text) {
  if (muted_) return;
  std::string printable(indent);
  append_printable(printable, masked(text));
  out_ << printable << '\n' << std::flush;
}

void TracePrinter::head(const std::string& first, std::string_view text) {
  std::string indent = std::string(kStep) + first;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    line(indent, std::string(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
    indent = kDetail;
  }
}

// Masks the body before truncating it, because a truncated secret would not be found.
void TracePrinter::body(std::string_view body, std::uint64_t size, TextKind kind) {
  const std::string_view seen = whole_characters(body.substr(0, kEvidenceBytes));
  if (!is_text(seen)) return line(kBody, fmt::format("({} bytes, no text)", size));
  const std::string text = masked(seen, kind, seen.size() < size);
  const bool whole = text.size() <= kShownBytes && seen.size() == size;
  std::string_view rest = whole_characters(std::string_view(text).substr(0, kShownBytes));
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view row = rest.substr(0, end);
    if (row.ends_with('\r')) row.remove_suffix(1);
    line(kBody, std::string(row));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (!whole) line(kBody, fmt::format("… ({} bytes)", size));
}

}  // namespace locust::worker
