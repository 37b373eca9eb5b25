#include "worker/scenario/plan_reads.h"

#include <type_traits>
#include <variant>

namespace locust::worker {

void add_reads(ExprReads& reads, const Expr& expr) {
  const ExprReads more = expression_reads(expr);
  reads.body |= more.body;
  reads.headers |= more.headers;
}

void add_reads(ExprReads& reads, const RequestSettingsPlan* settings) {
  if (settings == nullptr) return;
  const auto add_one = [&reads](const Expr& e) { add_reads(reads, e); };
  add_reads(reads, settings->cookies);
  if (settings->auth) {
    settings->auth->user.each_expression(add_one);
    settings->auth->password.each_expression(add_one);
  }
  for (const auto& value : settings->values) value.value.each_expression(add_one);
}

void add_reads(ExprReads& reads, const HeaderPlans& headers) {
  for (const HeaderPlan& header : headers) {
    if (header.value) header.value->each_expression([&](const Expr& e) { add_reads(reads, e); });
  }
}

namespace {

void note_request_reads(const RequestPlan& request, StepPlan& step) {
  const auto before = [&step](const Expr& e) { add_reads(step.reads_before, e); };
  request.url.each_expression(before);
  request.params.each_expression(before);
  if (request.name) request.name->each_expression(before);
  add_reads(step.reads_before, request.headers);
  add_reads(step.reads_before, request.settings.get());
  std::visit(
      [&](const auto& body) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(body)>, std::monostate>) {
          body.each_expression(before);
        }
      },
      request.body);
  for (const CheckPlan& check : request.checks) add_reads(step.reads_own, *check.condition);
  for (const SavePlan& save : request.saves) add_reads(step.reads_own, *save.value);
}

}  // namespace

void note_reads(StepPlan& step) {
  if (const auto* request = std::get_if<RequestPlan>(&step.action)) {
    note_request_reads(*request, step);
  } else if (const auto* set = std::get_if<SetPlan>(&step.action)) {
    for (const auto& assignment : set->assignments) {
      assignment.value.each_expression([&](const Expr& e) { add_reads(step.reads_before, e); });
    }
  } else if (const auto* headers = std::get_if<HeadersPlan>(&step.action)) {
    add_reads(step.reads_before, headers->headers);
  } else if (const auto* cookies = std::get_if<CookiesPlan>(&step.action)) {
    add_reads(step.reads_before, cookies->cookies);
  } else if (const auto* parallel = std::get_if<ParallelPlan>(&step.action)) {
    if (!parallel->list) return;
    parallel->list->each_expression([&](const Expr& e) { add_reads(step.reads_before, e); });
  } else if (const auto* wait = std::get_if<WaitPlan>(&step.action)) {
    if (wait->seconds != nullptr) add_reads(step.reads_before, *wait->seconds);
  } else if (const auto* rows = std::get_if<AddPlan>(&step.action)) {
    for (const AddPlan::Row& row : rows->rows) {
      row.columns.each_expression([&](const Expr& e) { add_reads(step.reads_before, e); });
    }
  } else if (const auto* branch = std::get_if<IfPlan>(&step.action)) {
    add_reads(step.reads_before, *branch->condition);
  } else if (const auto* loop = std::get_if<LoopPlan>(&step.action)) {
    const auto before = [&step](const Expr& e) { add_reads(step.reads_before, e); };
    if (loop->condition != nullptr) before(*loop->condition);
    if (loop->repeat) loop->repeat->each_expression(before);
    if (loop->within) loop->within->each_expression(before);
  } else if (const auto* log = std::get_if<LogPlan>(&step.action)) {
    log->text.each_expression([&](const Expr& e) { add_reads(step.reads_before, e); });
  } else if (const auto* transaction = std::get_if<TransactionPlan>(&step.action)) {
    transaction->name.each_expression([&](const Expr& e) { add_reads(step.reads_before, e); });
  } else if (const auto* fail = std::get_if<FailPlan>(&step.action)) {
    fail->text.each_expression([&](const Expr& e) { add_reads(step.reads_before, e); });
  }
}

}  // namespace locust::worker
