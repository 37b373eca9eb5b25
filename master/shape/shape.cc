#include "master/shape/shape.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "common/base/nearest_name.h"
#include "common/scenario/named_files.h"
#include "master/shape/shape_rows.h"

namespace locust::master {
namespace {

constexpr double kMinRate = 1e-6;  // users per second, as --spawn-rate
constexpr double kMaxRate = 1e9;
constexpr int kSecondsTried = 100'000;  // of a formula, before it is used

std::int64_t whole_users(double users) {
  if (!(users > 0)) return 0;
  return std::llround(std::min(users, static_cast<double>(Shape::kMaxUsers)));
}

// --- Stages.

// Users by class; those of all classes, by weight, under the empty name.
using Population = std::map<std::string, double>;

Population asked_for(const ShapeStage& stage) {
  if (stage.classes.empty()) return {{"", static_cast<double>(stage.users)}};
  Population population;
  for (const ClassCount& users : stage.classes) population[users.name] += users.count;
  return population;
}

// The number of users that start between the two, or that stop if that is more.
double distance(const Population& from, const Population& to) {
  double started = 0;
  double stopped = 0;
  Population change = to;
  for (const auto& [name, users] : from) change[name] -= users;
  for (const auto& [name, users] : change) (users > 0 ? started : stopped) += std::abs(users);
  return std::max(started, stopped);
}

class StagedLoad final : public Shape::Load {
 public:
  explicit StagedLoad(const std::vector<ShapeStage>& stages) {
    Population there;  // at the start of the stage, if users start and stop on schedule
    Duration begin = Duration::zero();
    for (const ShapeStage& stage : stages) {
      const Population wanted = asked_for(stage);
      if (stage.classes.empty()) there = {{"", total(there)}};
      const double way = distance(there, wanted);
      const double length = to_seconds(stage.end - begin);
      const double even_rate = way > 0 ? way / length : 1;
      const double rate = std::clamp(stage.spawn_rate.value_or(even_rate), kMinRate, kMaxRate);
      ShapeTick tick{stage.users, rate};
      if (!stage.classes.empty()) tick.class_counts = stage.classes;
      there = moved(there, wanted, way > 0 ? std::min(rate * length / way, 1.0) : 1);
      stages_.push_back({stage.end, std::move(tick)});
      begin = stage.end;
    }
  }

  std::optional<ShapeTick> at(Duration run_time) const override {
    const auto stage = std::upper_bound(
        stages_.begin(), stages_.end(), run_time,
        [](Duration time, const auto& candidate) { return time < candidate.first; });
    if (stage == stages_.end()) return std::nullopt;
    return stage->second;
  }

 private:
  static double total(const Population& population) {
    double sum = 0;
    for (const auto& [name, users] : population) sum += users;
    return sum;
  }

  // `part` of the way.
  static Population moved(const Population& from, const Population& to, double part) {
    Population there = from;
    for (auto& [name, users] : there) users *= 1 - part;
    for (const auto& [name, users] : to) there[name] += users * part;
    return there;
  }

  std::vector<std::pair<Duration, ShapeTick>> stages_;  // with their ends
};

// --- Formulas.

class FormulaLoad final : public Shape::Load {
 public:
  FormulaLoad(Formula users, std::optional<Formula> spawn_rate, const ShapeOptions& options,
              std::optional<Duration> until)
      : users_(std::move(users)), spawn_rate_(std::move(spawn_rate)), until_(until) {
    input_.users = static_cast<double>(options.users);
    input_.spawn_rate = options.spawn_rate;
    input_.run_time = to_seconds(options.run_time.value_or(Duration::zero()));
    if (options.run_time && reads("run_time")) {
      until_ = std::min(until_.value_or(*options.run_time), *options.run_time);
    }
  }

  std::optional<ShapeTick> at(Duration run_time) const override {
    if (until_ && run_time >= *until_) return std::nullopt;
    const double t = to_seconds(run_time);
    ShapeTick tick{whole_users(value(users_, t)), std::nullopt};
    if (spawn_rate_) {
      const double rate = value(*spawn_rate_, t);
      tick.spawn_rate = rate >= kMinRate ? std::min(rate, kMaxRate) : kMinRate;
    }
    return tick;
  }

  bool reads(std::string_view option) const override {
    return users_.reads(option) || (spawn_rate_ && spawn_rate_->reads(option));
  }

  // The first second at which a formula has an unusable value, and the reason; nullopt if there is
  // none among the first ones.
  struct Failure {
    bool of_users;
    std::string message;
  };
  std::optional<Failure> try_all() const {
    const double end = std::min(until_ ? to_seconds(*until_) : kSecondsTried, 1.0 * kSecondsTried);
    for (double t = 0; t < end; ++t) {
      const bool bad_users = !std::isfinite(value(users_, t));
      if (!bad_users && (!spawn_rate_ || value(*spawn_rate_, t) > 0)) continue;
      return Failure{bad_users, (bad_users ? "'users' is not a number at t = "
                                           : "'spawn_rate' is not above 0 at t = ") +
                                    std::to_string(static_cast<int>(t))};
    }
    return std::nullopt;
  }

 private:
  double value(const Formula& formula, double t) const {
    FormulaInput input = input_;
    input.t = t;
    return formula.at(input);
  }

  Formula users_;
  std::optional<Formula> spawn_rate_;
  std::optional<Duration> until_;
  FormulaInput input_;
};

// --- Rows of a file.

class RowLoad final : public Shape::Load {
 public:
  explicit RowLoad(std::vector<ShapeRow> rows) : rows_(std::move(rows)) {}

  std::optional<ShapeTick> at(Duration run_time) const override {
    const double t = to_seconds(run_time);
    if (t >= rows_.back().time) return std::nullopt;
    const auto next =
        std::upper_bound(rows_.begin(), rows_.end(), t,
                         [](double time, const ShapeRow& r) { return time < r.time; });
    if (next == rows_.begin()) return ShapeTick{0, std::nullopt};
    const ShapeRow& row = *std::prev(next);
    if (row.spawn_rate) return ShapeTick{whole_users(row.users), row.spawn_rate};
    const double part = (t - row.time) / (next->time - row.time);
    return ShapeTick{whole_users(row.users + (next->users - row.users) * part), std::nullopt};
  }

 private:
  const std::vector<ShapeRow> rows_;
};

// --- Code.

class CodeLoad final : public Shape::Load {
 public:
  explicit CodeLoad(ShapeCode code) : code_(std::move(code)) {}

  std::optional<ShapeTick> at(Duration run_time) const override {
    auto tick = code_.tick(run_time);
    if (!tick) return std::nullopt;
    const std::int64_t users = std::clamp<std::int64_t>(tick->users, 0, Shape::kMaxUsers);
    std::optional<double> spawn_rate;
    if (tick->spawn_rate > 0) spawn_rate = tick->spawn_rate;
    return ShapeTick{users, spawn_rate, std::nullopt, std::move(tick->classes)};
  }
  bool reads(std::string_view) const override { return code_.reads_options; }

 private:
  const ShapeCode code_;
};

// --- Created from the scenario.

Result<std::shared_ptr<const Shape::Load>> make_load(const Scenario& scenario,
                                                     const ShapeSpec& spec,
                                                     const ShapeFormulas& formulas,
                                                     const ShapeOptions& options) {
  const auto wrong = [&](SourcePos pos, const std::string& what) {
    return Error{to_string(scenario, pos) + ": " + what};
  };
  Formula::ParseError error;
  auto users = Formula::parse(formulas.users.text, error);
  if (!users) return wrong(formulas.users.pos, error.message);
  std::optional<Formula> spawn_rate;
  if (formulas.spawn_rate) {
    spawn_rate = Formula::parse(formulas.spawn_rate->text, error);
    if (!spawn_rate) return wrong(formulas.spawn_rate->pos, error.message);
  }
  auto load = std::make_shared<FormulaLoad>(std::move(*users), std::move(spawn_rate), options,
                                            formulas.until);
  if (load->reads("run_time") && !options.run_time) {
    return wrong(spec.pos, "the shape " + in_quotes(spec.name) + " reads run_time; give it by -t");
  }
  if (const auto failure = load->try_all()) {
    return wrong(failure->of_users ? formulas.users.pos : formulas.spawn_rate->pos,
                 failure->message);
  }
  return std::shared_ptr<const Shape::Load>(std::move(load));
}

}  // namespace

Result<Shape> Shape::make(const Scenario& scenario, const ShapeSpec& spec,
                          const ShapeOptions& options) {
  if (const auto* formulas = std::get_if<ShapeFormulas>(&spec.load)) {
    auto load = make_load(scenario, spec, *formulas, options);
    if (!load) return Error{load.error()};
    return Shape(std::move(*load));
  }
  if (const auto* file = std::get_if<ShapeFile>(&spec.load)) {
    auto rows = read_shape_rows(path_from(scenario, file->pos, file->path));
    if (!rows) return Error{to_string(scenario, file->pos) + ": " + rows.error()};
    return Shape(std::make_shared<RowLoad>(std::move(*rows)));
  }
  if (const auto* code = std::get_if<ShapeCode>(&spec.load)) {
    return Shape(std::make_shared<CodeLoad>(*code));
  }
  return Shape(std::make_shared<StagedLoad>(std::get<std::vector<ShapeStage>>(spec.load)));
}

std::optional<ShapeTick> Shape::at(Duration run_time) const { return load_->at(run_time); }
bool Shape::reads(std::string_view option) const { return load_->reads(option); }

}  // namespace locust::master
