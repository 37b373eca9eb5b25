// RunForm: the form of the page that starts and edits a test: its current values, which are at
// first those of the command line, and the result of submitting it.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "common/base/result.h"
#include "master/cluster/master.h"
#include "master/report/run_view.h"
#include "master/run/form_fields.h"
#include "master/run/master_options.h"
#include "master/run/run_request.h"
#include "master/run/run_setup.h"
#include "master/shape/shape.h"
#include "master/web/swarm_form.h"

namespace locust::master {

// Control thread. All that it is given must outlive it.
class RunForm final {
 public:
  RunForm(const Master& master, const MasterOptions& options, const RunSetup& setup);

  const FormView& view() const { return view_; }
  // The form of the test that --headless or --autostart starts.
  web::SwarmForm of_command_line() const;

  struct Filled {
    FormView view;
    proto::Value::Map values;    // of the test's arguments, for the workers
    std::optional<Shape> shape;  // nullopt: a test without a load shape
  };
  // The result of submitting the request's form. Fields that it leaves out keep their values. The
  // error is for the sender. The only side effect is that values of secret arguments are masked
  // from now on.
  Result<Filled> fill(const RunRequest& request) const;
  // Why the classes of the test cannot send requests to this host; nullopt if they can, or if only
  // the workers know.
  std::optional<std::string> host_problem(const std::string& host) const;
  // Makes these the current values.
  void accept(FormView view) { view_ = std::move(view); }
  void set_host(std::string host) { view_.host = std::move(host); }
  // Test code has chosen another shape.
  void refresh_shape();

 private:
  struct ChosenShape {
    std::optional<Shape> shape = std::nullopt;  // nullopt: none
    std::string name = {};
  };

  ChosenShape default_shape() const;
  Result<ChosenShape> shape_of(const RunRequest& request, const FormView& view) const;
  std::optional<std::string> unknown_choice(const web::SwarmForm& form) const;
  FormView filled_view(const web::SwarmForm& form) const;
  MasterOptions shape_options(const web::SwarmForm& form, const FormView& view) const;
  std::string name_of_shape(const MasterOptions& options) const;

  const Master& master_;
  const MasterOptions& options_;
  const RunSetup& setup_;
  FormView view_;
};

}  // namespace locust::master
