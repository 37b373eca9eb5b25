// The fields of the page's form: how the command line fills them in, and what they mean for the
// arguments of the test.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/scenario/expression.h"
#include "common/scenario/scenario.h"
#include "master/report/run_view.h"
#include "master/run/master_options.h"
#include "master/web/http.h"
#include "proto/value.h"

namespace locust::master {

// The arguments of a Python locustfile, which reads their texts itself. Control thread.
class LocustfileArguments {
 public:
  virtual ~LocustfileArguments() = default;
  // With the values that the command line gave them, in the order of the file.
  virtual std::vector<FormArgument> form_arguments() const = 0;
  // What the texts of a form's field mean for an argument. The error names it and is for who sent the
  // form.
  virtual Result<proto::Value> read(const FormArgument& argument,
                                    const std::vector<std::string>& texts) const = 0;
};

// As the command line and the scenario fill it in, or instead of a scenario's arguments those of a
// locustfile. Both may be null.
FormView initial_form(const MasterOptions& options, const Scenario* scenario,
                      const LocustfileArguments* locustfile = nullptr);

// What workers are told of tags and of the scenario's arguments: what was given on the command line,
// or a default that needs no environment, which is the worker's business.
proto::Value::Map parsed_options(const MasterOptions& options, const Scenario* scenario);

// What a form's text means for an argument: text "true" is true where the default is a truth, and so
// on. The error names the argument.
Result<proto::Value> argument_value(const ArgumentSpec& argument, const std::string& text);

// What /swarm gets beside the form's own fields: arguments by name, `tags` and `exclude_tags`. Changes
// `form`, which has the arguments as they are, and `values`, which go to the workers. The names of
// stock's other options are accepted as in stock, and the log says that they have no effect. The error
// is for who sent the form; it names the fields that nobody knows.
Result<void> take_fields(const web::Fields& fields, const Scenario* scenario,
                         const LocustfileArguments* locustfile, FormView& form,
                         proto::Value::Map& values);

}  // namespace locust::master
