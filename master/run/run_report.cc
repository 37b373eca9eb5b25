#include "master/run/run_report.h"

#include <cmath>
#include <iostream>
#include <utility>

#include "common/base/log.h"
#include "common/base/output_file.h"
#include "common/base/text.h"
#include "master/report/stats_json.h"
#include "master/web/api_json.h"
#include "master/web/assets.h"

namespace locust::master {
namespace {

constexpr int kCannotCreate = 1;  // stock's
constexpr int kOutputLost = 2;

// {u}, {r} and {t} in the name stand for users, spawn rate and run time of the last test (html.py
// process_html_filename).
std::string html_file_name(std::string name, const FormView& form, const RunPlan& plan) {
  replace_all(name, "{u}", std::to_string(form.users));
  // As in stock since 2.47, with the digits of a rate such as 0.5.
  const bool is_whole = form.spawn_rate == std::trunc(form.spawn_rate);
  replace_all(name, "{r}", is_whole ? truncated(form.spawn_rate) : float_repr(form.spawn_rate));
  if (plan.run_time) replace_all(name, "{t}", std::to_string(*plan.run_time));
  return name;
}

// The time until the test ends by itself.
std::optional<Duration> planned_time(const RunPlan& plan) {
  if (!plan.run_time) return std::nullopt;
  return std::chrono::seconds(*plan.run_time);
}

}  // namespace

RunReport::RunReport(Scheduler& scheduler, const Master& master, const RunController& run,
                     const MasterOptions& options)
    : master_(master),
      run_(run),
      run_options_(options),
      options_(options.report),
      loop_(scheduler, [&master] { return master.snapshot(); }),
      progress_(planned_time(run.plan())) {}

void RunReport::record(RunRecorder& recorder) {
  recorder_ = &recorder;
  loop_.add([this](const SnapshotPtr& snapshot) { recorder_->see(*snapshot, run_.plan()); });
}

// Skips names with {u}, {r} or {t}, which are known only at the end.
Result<void> RunReport::create_folders() const {
  const std::pair<const char*, const std::optional<std::string>&> files[] = {
      {"--html", options_.html_file},
      {"--json-file", options_.json_file},
      {"--junit", run_options_.verdicts.junit_file}};
  for (const auto& [option, path] : files) {
    if (!path) continue;
    // Only --html replaces {u}, {r} and {t}, and creates such a folder at the end.
    const bool has_place = path->substr(0, path->rfind('/') + 1).find('{') != std::string::npos;
    if (has_place && &path == &options_.html_file) continue;
    if (const auto created = create_folder_of(*path); !created) {
      return Error{std::string(option) + ": cannot create " + created.error()};
    }
  }
  return {};
}

int RunReport::begin() {
  if (const auto created = create_folders(); !created) {
    log::main().error("{}", created.error());
    return kCannotCreate;
  }
  if (options_.csv_prefix) {
    auto files = CsvFiles::create({.prefix = *options_.csv_prefix,
                                   .full_history = options_.csv_full_history,
                                   .cells = options_.csv_cells()});
    if (!files) {
      log::main().error("--csv: cannot write {}", files.error());
      return kCannotCreate;
    }
    csv_.emplace(*std::move(files));
    if (const auto begun = csv_->begin(*master_.snapshot()); !begun) {
      log::main().error("--csv: cannot write {}", begun.error());
      return kOutputLost;
    }
    loop_.add([this](const SnapshotPtr& snapshot) { csv_->see(*snapshot); });
  }
  if (options_.only_summary) {
    loop_.add([this](const SnapshotPtr& snapshot) { progress_.see(*snapshot); });
  } else if (run_options_.headless || options_.print_stats) {
    loop_.add([this](const SnapshotPtr& snapshot) { console_.see(*snapshot); });
  }
  loop_.start();
  return 0;
}

bool RunReport::finish() {
  loop_.stop();
  if (options_.only_summary) progress_.finish();
  const SnapshotPtr snapshot = master_.snapshot();
  bool complete = true;
  if (csv_) complete = csv_->finish(*snapshot);
  if (options_.html_file) complete = write_html(snapshot) && complete;
  if (options_.json) std::cout << stats_json(master_.stats()) << std::endl;
  // As in stock, a JSON file replaces the tables.
  if (!options_.json_file) {
    print_final(*snapshot);
  } else if (const auto written =
                 replace_file(*options_.json_file + ".json", stats_json(master_.stats()));
             !written) {
    log::main().error("--json-file: cannot write {}", written.error());
    complete = false;
  }
  return complete;
}

bool RunReport::write_html(const SnapshotPtr& snapshot) {
  const web::Asset* page = web::find_asset(web::embedded_assets(), "report.html");
  if (recorder_ == nullptr || page == nullptr) {
    log::main().error("--html: this program was built without its page");
    return false;
  }
  recorder_->see(*snapshot, run_.plan());
  const RunViewPtr view = recorder_->view(snapshot, run_.verdicts(), run_.form());
  const std::string path = html_file_name(*options_.html_file, run_.form(), run_.plan());
  auto written = create_folder_of(path);
  if (written) {
    written = replace_file(
        path, web::filled_report(page->content(),
                                 web::report_json(*view, run_.result().invalid_reasons)));
  }
  if (!written) log::main().error("--html: cannot write {}", written.error());
  return written.ok();
}

}  // namespace locust::master
