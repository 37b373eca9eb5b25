// The fields of the page's form: their initial values from the command line, and their effect on
// the arguments of the test.
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

// The arguments of a Python locustfile, which parses their texts itself. Control thread.
class LocustfileArguments {
 public:
  virtual ~LocustfileArguments() = default;
  // With the values that the command line gave them, in the order of the file.
  virtual std::vector<FormArgument> form_arguments() const = 0;
  // The value of an argument for the texts of a form's field. The error names the argument and is
  // for the sender of the form.
  virtual Result<proto::Value> read(const FormArgument& argument,
                                    const std::vector<std::string>& texts) const = 0;
};

// The form with the values of the command line, and with the arguments of the scenario or of the
// locustfile. Both may be null.
FormView initial_form(const MasterOptions& options, const Scenario* scenario,
                      const LocustfileArguments* locustfile = nullptr);

// The tags and the scenario's arguments that workers receive: values of the command line, or
// defaults that do not depend on the environment, which is the worker's.
proto::Value::Map parsed_options(const MasterOptions& options, const Scenario* scenario);

// The value of an argument for a form's text. It has the type of the argument's default: "true" is
// a boolean if that is one. The error names the argument.
Result<proto::Value> argument_value(const ArgumentSpec& argument, const std::string& text);

// Takes the fields of /swarm that are not the form's own: arguments by name, `tags` and
// `exclude_tags`. Changes `form`, which has the current arguments, and `values`, which go to the
// workers. The names of stock's other options are accepted as in stock, and a warning says that
// they have no effect. The error is for the sender of the form; it names the unknown fields.
Result<void> take_fields(const web::Fields& fields, const Scenario* scenario,
                         const LocustfileArguments* locustfile, FormView& form,
                         proto::Value::Map& values);

}  // namespace locust::master
