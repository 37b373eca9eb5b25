// What the steps of a plan read of responses.
#pragma once

#include "worker/scenario/plan.h"

namespace locust::worker {

void add_reads(ExprReads& reads, const Expr& expr);
void add_reads(ExprReads& reads, const HeaderPlans& headers);
void add_reads(ExprReads& reads, const RequestSettingsPlan* settings);  // null: none

// Sets reads_before and reads_own of a step that is compiled.
void note_reads(StepPlan& step);

}  // namespace locust::worker
