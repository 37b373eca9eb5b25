// The parts of responses that the steps of a plan read.
#pragma once

#include "worker/scenario/plan.h"

namespace locust::worker {

void add_reads(ExprReads& reads, const Expr& expr);
void add_reads(ExprReads& reads, const HeaderPlans& headers);
void add_reads(ExprReads& reads, const RequestSettingsPlan* settings);  // null: none

// Sets reads_before and reads_own of a compiled step.
void note_reads(StepPlan& step);

}  // namespace locust::worker
