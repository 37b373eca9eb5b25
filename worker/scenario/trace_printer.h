// TracePrinter: prints what users do, for the author of the scenario (--dry-run).
#pragma once

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <string_view>

#include "common/base/mask.h"
#include "worker/scenario/trace.h"

namespace locust::worker {

// One line per event, flushed immediately, so that a hanging request is visible:
//
//   ShopUser.view_product
//     product_id = 482
//     1 > GET http://127.0.0.1:8080/api/products/482
//     1 < HTTP 200, 70 bytes in 1.9 ms (dns 0.1, connect 0.2, first byte 1.5)
//         Content-Type: application/json
//       | {"id":482,…
//         holds: status == 200
//         ok: GET /api/products/[product_id]
//
// Masked by common/base/mask.h; control characters are escaped. Used on the loop's thread; `out`
// must outlive it.
class TracePrinter final : public ScenarioTrace {
 public:
  // `wait` steps take no longer than this.
  static constexpr Duration kLongestWait = std::chrono::seconds(2);
  // The number of shown bytes of a body.
  static constexpr std::size_t kShownBytes = 1000;

  // With iterations 0 each user runs each of its tasks once, in the order of the file; otherwise
  // this many tasks, chosen as in a test.
  TracePrinter(std::ostream& out, std::int64_t iterations);

  void begin(const std::string& user_class, std::string_view part, PartKind kind) override;
  void step(const StepPlan& step) override;
  void sending(const Exchange& exchange);
  void responded(const Exchange& exchange) override;
  void checked(const CheckPlan& check, bool holds, const EvalContext& context) override;
  void judged(const RequestPlan& request, std::string_view name, std::string_view failure) override;
  void assigned(const std::string& variable, const ExprValue& value) override;
  void decided(std::string_view keyword, bool holds, const Expr& condition,
               const EvalContext& context) override;
  void note(const std::string& text) override;
  Duration wait(Duration asked) override;
  Duration wait_time(Duration asked) override;
  bool each_task_once() const override { return iterations_ == 0; }

  // A task, or a hook, ended by an exception.
  void exception(std::string_view where, const std::string& message, const std::string& traceback);
  // The next user starts; its tasks are counted from zero.
  void begin_user() { tasks_ = 0; }
  // A line about an error outside of the users.
  void problem(const std::string& text);
  void summary();
  // Stops writing.
  void mute() { muted_ = true; }

  // A request failed or an exception ended something.
  bool failed() const { return failures_ + exceptions_ + problems_ > 0; }

 private:
  void line(std::string_view indent, std::string text);
  // The first line after `first`, the others indented.
  void head(const std::string& first, std::string_view text);
  void body(std::string_view body, std::uint64_t size, TextKind kind = TextKind::kDocument);

  std::ostream& out_;
  const std::int64_t iterations_;
  bool muted_ = false;
  std::int64_t tasks_ = 0;                    // started by the current user
  std::map<const Exchange*, int> in_flight_;  // their numbers
  int requests_ = 0;
  int failures_ = 0;
  int exceptions_ = 0;
  int problems_ = 0;
};

}  // namespace locust::worker
