#include "master/loaded_test.h"

#include <spdlog/fmt/ranges.h>

#include <utility>

#include "common/base/log.h"
#include "common/base/printable.h"
#include "common/base/run_program.h"
#include "common/options/locustfile_paths.h"
#include "master/python/python_options.h"
#include "master/run/distribution.h"
#include "master/run/option_refusals.h"

namespace locust::master {

bool LoadedTest::is_of_python() const { return file_ && is_python(*file_); }

std::optional<int> LoadedTest::load(int argc, const char* const* argv) {
  const LocustfilePlace place = find_locustfile(argc, argv);
  program_ = argv[0];
  arguments_.assign(argv + 1, argv + argc);
  file_ = place.file;
  for_others_ = place.for_others;
  if (is_of_python()) return for_others_ ? std::nullopt : load_python(place);
  if (file_ && *file_ != kFromMaster) parsed_ = parse_scenario_files({*file_});
  return std::nullopt;
}

std::optional<int> LoadedTest::load_python(const LocustfilePlace& place) {
  const auto files = python_files(*file_);
  if (!files) return fail(files.error(), kUsageError);
  // Errors are reported when the options are read next.
  static_cast<void>(apply_mask_options(place.mask));
  std::vector<std::string> all = {program_};
  all.insert(all.end(), arguments_.begin(), arguments_.end());
  python_ = std::make_unique<PythonMaster>();
  if (const auto failed = python_->load({place.python_home, all}, *files)) return failed;
  python::OtherArguments others = python::take_arguments(arguments_, place.config);
  arguments_ = std::move(others.arguments);
  options_of_locustfile_ = std::move(others.options);
  return others.exit_code;
}

ParseOutcome LoadedTest::parse_options(MasterOptions& options) const {
  std::vector<const char*> argv = {program_.c_str()};
  for (const std::string& argument : arguments_) argv.push_back(argument.c_str());
  std::optional<LocustfileOptions> of_locustfile = options_of_locustfile_;
  if (is_of_python() && for_others_) of_locustfile.reset();
  ParseOutcome outcome =
      parse_master_options(static_cast<int>(argv.size()), argv.data(), parsed_.scenario.arguments,
                           options, std::move(of_locustfile));
  if (!outcome.proceed && outcome.exit_code != 0 && !parsed_.errors.empty()) {
    outcome.text = printable_lines(fmt::format("{}", fmt::join(parsed_.errors, "\n"))) + '\n';
    outcome.exit_code = kUsageError;
  }
  return outcome;
}

std::string LoadedTest::help() const { return python_ ? python::help_of_arguments() : ""; }

std::optional<int> LoadedTest::begin(const MasterOptions& options) {
  if (!python_) return std::nullopt;
  const auto& configs = config_users(options);
  if (configs) return python_->begin(options_object(options), *configs, options.shape);
  log::main().error("{}", configs.error());
  return kUsageError;
}

Result<RunInputs> LoadedTest::read_inputs(const MasterOptions& options) {
  auto test = take_test();
  if (!test) return Error{test.error()};
  const auto& configs = config_users(options);
  if (!configs) return Error{configs.error()};
  return locust::master::read_inputs(options, *std::move(test), *configs);
}

const Result<std::vector<UserConfig>>& LoadedTest::config_users(const MasterOptions& options) {
  if (!config_users_) config_users_ = parse_config_users(options.config_users);
  return *config_users_;
}

Result<TestFile> LoadedTest::take_test() {
  if (!file_) return TestFile{};
  if (!python_) return yaml_test(std::move(parsed_));
  auto reply = read_python_files(*file_);
  if (!reply) return Error{reply.error()};
  TestFile test{.kind = TestFile::Kind::kPython,
                .reply = *std::move(reply),
                .arguments = python_->arguments()};
  test.scenario = python_->take_scenario();
  return test;
}

}  // namespace locust::master
