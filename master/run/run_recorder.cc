#include "master/run/run_recorder.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/base/log.h"
#include "common/base/mask.h"
#include "master/run/validity.h"

namespace locust::master {
namespace {

constexpr double kSampleInterval = 0.9;  // seconds; takes all snapshots that are a second apart

// Bounds of the histogram of /metrics in seconds, from 31 microseconds to a minute: powers of the
// square root of two, as in Prometheus' native histograms of schema 1, so they convert without
// loss.
std::vector<double> metric_bounds_ms() {
  constexpr int kFirst = -30;  // halves of the exponent
  constexpr int kLast = 12;
  std::vector<double> bounds;
  for (int i = kFirst; i <= kLast; ++i) bounds.push_back(std::pow(2.0, i / 2.0) * 1000);
  return bounds;
}

std::vector<double> times_of(const Histogram& histogram, const std::vector<double>& percentiles) {
  std::vector<double> times;
  if (histogram.empty()) return times;
  for (const double percentile : percentiles) {
    times.push_back(to_ms(histogram.percentile(percentile).value_or(Duration::zero())));
  }
  return times;
}

PhaseTimes phases_of(const StatsEntry& entry, const std::vector<double>& percentiles) {
  return {.dns = times_of(entry.precise.dns, percentiles),
          .connect = times_of(entry.precise.connect, percentiles),
          .tls = times_of(entry.precise.tls, percentiles),
          .first_byte = times_of(entry.precise.first_byte, percentiles)};
}

// Denser where it matters.
std::vector<std::pair<double, double>> curve_of(const StatsEntry& total) {
  std::vector<std::pair<double, double>> curve;
  if (total.num_timed_requests() <= 0) return curve;
  const auto add = [&](double percent) {
    curve.emplace_back(percent, total.best_response_time_percentile(percent / 100));
  };
  for (int i = 1; i < 99; ++i) add(i);
  for (int i = 0; i < 9; ++i) add(99 + i / 10.0);
  for (int i = 0; i < 10; ++i) add(99.9 + i / 100.0);
  add(100);
  return curve;
}

// Keeps only the chosen tasks and scales their shares to a sum of 1.
void keep_only(std::vector<TaskRatio>& shares, const std::vector<std::string>& chosen) {
  std::erase_if(shares, [&chosen](const TaskRatio& share) {
    return std::find(chosen.begin(), chosen.end(), share.name) == chosen.end();
  });
  double sum = 0;
  for (const TaskRatio& share : shares) sum += share.ratio;
  for (TaskRatio& share : shares) share.ratio /= sum;
}

MetricRow metric_row(const StatsEntry& entry, const std::vector<double>& bounds) {
  return {.method = entry.method.value_or(""),
          .name = entry.name,
          .num_requests = entry.num_requests,
          .num_failures = entry.num_failures,
          .total_response_time = entry.total_response_time.as_double(),
          .time_counts = count_by_bounds(entry, bounds)};
}

bool runs(const Snapshot& snapshot) {
  return snapshot.state == "spawning" || snapshot.state == "running";
}

}  // namespace

void RunRecorder::see(const Snapshot& snapshot, const RunPlan& plan) {
  if (snapshot.start_time && snapshot.start_time != run_.start_time) begin_test(snapshot);
  if (!in_test_) return;
  run_.target_user_count = master_.target_user_count();
  run_.spawn_rate = master_.spawn_rate();
  run_.host = master_.host();
  if (run_.host) run_.host = masked(*run_.host);
  run_.hosts = hosts();
  run_.run_time = plan.run_time;
  run_.shape = plan.shape;
  see_workers(runs(snapshot));
  if (runs(snapshot)) {
    tasks_users_ = snapshot.user_classes_count;
  } else if (!run_.end_time) {
    run_.end_time = snapshot.time;
    history_.mark({snapshot.time, HistoryMarker::Kind::kStop, "The test was stopped"});
  }
  if (snapshot.time - last_sample_ >= kSampleInterval) add_sample(snapshot);
  if (!runs(snapshot) && snapshot.state != "stopping") end_test(snapshot);
}

void RunRecorder::begin_test(const Snapshot& snapshot) {
  run_ = RunInfo{.id = run_.id + 1, .start_time = snapshot.start_time};
  in_test_ = true;
  test_workers_.clear();
  last_sample_ = *snapshot.start_time;
  history_.begin(*snapshot.start_time);
  history_.mark({*snapshot.start_time, HistoryMarker::Kind::kStart, "The test was started"});
}

// All workers have sent their last report of the test.
void RunRecorder::end_test(const Snapshot& snapshot) {
  in_test_ = false;
  history_.finish(master_.stats().total());
  history_.mark({snapshot.time, HistoryMarker::Kind::kEnd, "All users have stopped"});
}

// Once the users have stopped, a worker's figures no longer belong to the test. But a short test
// may end before its workers were recorded at all.
void RunRecorder::see_workers(bool users_run) {
  for (const WorkerNode* worker : master_.registry().all()) {
    if (!worker->in_test) continue;
    const auto known = test_workers_.find(worker->index);
    if (known == test_workers_.end()) {
      if (test_workers_.size() == RunView::kMaxReportedWorkers) continue;
      test_workers_.emplace(worker->index, master_.view_of(*worker));
    } else if (users_run) {
      known->second = master_.view_of(*worker);
    }
  }
}

std::vector<std::string> RunRecorder::hosts() const {
  if (master_.host() && !master_.host()->empty()) return {masked(*master_.host())};
  std::vector<std::string> hosts;
  for (const ClassView& user_class : classes()) {
    if (!user_class.in_test || !user_class.host || user_class.host->empty()) continue;
    if (std::find(hosts.begin(), hosts.end(), *user_class.host) == hosts.end()) {
      hosts.push_back(*user_class.host);
    }
  }
  return hosts;
}

void RunRecorder::note_edit(double time) {
  history_.mark({time, HistoryMarker::Kind::kEdit,
                 std::to_string(master_.target_user_count()) + " users, " +
                     float_repr(master_.spawn_rate()) + " a second"});
}

void RunRecorder::on_before_stats_reset() {
  if (in_test_) history_.before_reset(master_.stats().total());
  history_.mark(
      {master_.clock().wall_time(), HistoryMarker::Kind::kReset, "The statistics were reset"});
}

void RunRecorder::add_sample(const Snapshot& snapshot) {
  static const std::vector<double> bounds = heat_bounds();
  const StatsEntry& total = master_.stats().total();
  last_sample_ = snapshot.time;
  History::Sample sample{.time = snapshot.time,
                         .user_count = snapshot.user_count,
                         .total_response_time = total.total_response_time.as_double(),
                         .num_timed_requests = total.num_timed_requests(),
                         .percentiles = {},
                         .heat = count_by_bounds(total, bounds)};
  for (const ChosenPercentile& percentile : snapshot.stats.total.chosen) {
    sample.percentiles.push_back(percentile.current);
  }
  history_.add(std::move(sample), total);
}

RunViewPtr RunRecorder::view(SnapshotPtr snapshot, std::vector<Verdict> verdicts,
                             const FormView& form) {
  auto view = std::make_shared<RunView>();
  view->snapshot = std::move(snapshot);
  view->run = run_;
  view->expected_workers = expected_workers_;
  // Before the first test there is nothing to judge.
  if (run_.id > 0) view->thresholds = std::move(verdicts);
  view->warnings = invalid_reasons(master_);
  if (run_.id == 0) {
    view->test_workers = view->snapshot->workers;
  } else {
    for (const auto& [index, worker] : test_workers_) view->test_workers.push_back(worker);
  }
  view->classes = classes();
  view->tasks_users = tasks_users_;
  view->history = history_.view();
  view->form = form;
  add_details(*view);
  add_metrics(*view);
  count_versions(*view);
  view->versions = versions_;
  return view;
}

void RunRecorder::add_details(RunView& view) const {
  const std::vector<double>& percentiles = view.snapshot->stats.percentiles;
  const RequestStats& stats = master_.stats();
  view.total_phases = phases_of(stats.total(), percentiles);
  for (const StatsEntry* entry : stats.sorted_entries()) {
    view.entry_phases.push_back(phases_of(*entry, percentiles));
  }
  view.curve = curve_of(stats.total());
}

void RunRecorder::add_metrics(RunView& view) const {
  view.metric_bounds = metric_bounds_ms();
  view.metrics_total = metric_row(master_.stats().total(), view.metric_bounds);
  for (const StatsEntry& entry : master_.stats().entries()) {
    if (view.metrics.size() == kMaxMetricNames) break;
    view.metrics.push_back(metric_row(entry, view.metric_bounds));
  }
}

std::vector<ClassView> RunRecorder::classes() const {
  std::vector<ClassView> views;
  for (const auto& [user_class, in_test] : master_.catalog().known()) {
    ClassView view{.name = user_class.name,
                   .weight = user_class.weight,
                   .fixed_count = user_class.fixed_count,
                   .in_test = in_test};
    const auto described = master_.described_classes().find(user_class.name);
    if (described != master_.described_classes().end()) {
      view.host = described->second.host;
      if (view.host) view.host = masked(*view.host);
      view.tasks = described->second.tasks;
    }
    const auto chosen = master_.chosen_tasks().find(user_class.name);
    if (chosen != master_.chosen_tasks().end()) keep_only(view.tasks, chosen->second);
    views.push_back(std::move(view));
  }
  std::sort(views.begin(), views.end(),
            [](const ClassView& a, const ClassView& b) { return a.name < b.name; });
  return views;
}

void RunRecorder::count_versions(const RunView& view) {
  const Snapshot& snapshot = *view.snapshot;
  const StatsRow& total = snapshot.stats.total;
  std::int64_t failures = static_cast<std::int64_t>(snapshot.stats.errors.size());
  for (const auto& [key, error] : snapshot.stats.errors) failures += error.occurrences;
  std::int64_t exceptions = static_cast<std::int64_t>(snapshot.exceptions.size());
  for (const ExceptionView& exception : snapshot.exceptions) exceptions += exception.count;
  const auto count = [](std::uint64_t& version, auto& seen, const auto& now) {
    if (seen == now) return;
    seen = now;
    ++version;
  };
  count(versions_.entries, seen_.requests, total.num_requests);
  count(versions_.entries, seen_.rps, total.current_rps);
  count(versions_.entries, seen_.state, snapshot.state);
  count(versions_.failures, seen_.failures, failures);
  count(versions_.exceptions, seen_.exceptions, exceptions);
  count(versions_.workers, seen_.workers, snapshot.workers);
  count(versions_.tasks, seen_.tasks_users, view.tasks_users);
  if (seen_.classes != view.classes) {
    ++versions_.form;
    count(versions_.tasks, seen_.classes, view.classes);
  }
  count(versions_.form, seen_.form, view.form);
  versions_.logs = master_.worker_logs().version() + log::remembered_total();
  versions_.history = view.history.version;
}

}  // namespace locust::master
