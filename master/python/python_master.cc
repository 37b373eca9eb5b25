#include "master/python/python_master.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/base/printable.h"
#include "common/base/signals.h"
#include "common/python/exit_request.h"
#include "common/python/stats_module.h"
#include "master/python/master_module.h"
#include "proto/python_value.h"

namespace locust::master {

using python::call_embedded;
using python::Ref;
using python::text_of;
using python::to_str;

namespace {

constexpr const char* kMasterPackage = "locust._master";
constexpr const char* kHostPackage = "locust._host";

Ref call_listeners(const char* name, const Ref& arguments) {
  Ref result = arguments ? call_embedded(kMasterPackage, name, arguments.get()) : Ref();
  if (!result) python::report_unraisable(name);
  return result;
}

// Binds `name` of locust._master to these arguments. Call the result in a greenlet, because
// listeners may wait. Reports an error and returns null on failure.
Ref bound_listeners(const char* name, const Ref& arguments) {
  const Ref module(PyImport_ImportModule(kMasterPackage));
  const Ref function(module ? PyObject_GetAttrString(module.get(), name) : nullptr);
  const Ref functools(PyImport_ImportModule("functools"));
  const Ref partial(functools ? PyObject_GetAttrString(functools.get(), "partial") : nullptr);
  const Ref first(function ? PyTuple_Pack(1, function.get()) : nullptr);
  const Ref all(first ? PySequence_Concat(first.get(), arguments.get()) : nullptr);
  Ref call(partial && all ? PyObject_Call(partial.get(), all.get(), nullptr) : nullptr);
  if (!call) python::report_unraisable(name);
  return call;
}

void spawn_listeners(const char* name, const Ref& arguments) {
  if (Ref call = bound_listeners(name, arguments)) python::Hub::spawn(std::move(call));
}

// Reads an item of LocustArgumentParser.form_arguments.
FormArgument form_argument(PyObject* tuple) {
  FormArgument argument{.name = text_of(PyTuple_GetItem(tuple, 0)),
                        .value = text_of(PyTuple_GetItem(tuple, 2)),
                        .help = text_of(PyTuple_GetItem(tuple, 3)),
                        .secret = PyObject_IsTrue(PyTuple_GetItem(tuple, 4)) == 1};
  const std::string kind = text_of(PyTuple_GetItem(tuple, 1));
  if (kind == "bool") argument.type = FormArgument::Type::kBool;
  if (kind == "number") argument.type = FormArgument::Type::kNumber;
  argument.choices = python::texts_of(PyTuple_GetItem(tuple, 5));
  argument.multiple = PyObject_IsTrue(PyTuple_GetItem(tuple, 6)) == 1;
  argument.hidden = PyObject_IsTrue(PyTuple_GetItem(tuple, 7)) == 1;
  return argument;
}

// What stock's /swarm stores in parsed_options, except for the host; the run time as a text.
Ref form_object(const FormView& form) {
  Ref dict(PyDict_New());
  python::set_option(dict, "num_users", static_cast<std::int64_t>(form.users));
  python::set_option(dict, "spawn_rate", form.spawn_rate);
  if (!form.run_time.empty()) python::set_option(dict, "run_time", form.run_time);
  if (!form.profile.empty()) python::set_option(dict, "profile", form.profile);
  return dict;
}

std::vector<TaskSpec> task_specs(const std::vector<TaskRatio>& tasks) {
  std::vector<TaskSpec> specs;
  for (const TaskRatio& task : tasks) {
    TaskSpec spec;
    spec.name = task.name;
    spec.weight = task.ratio;
    spec.tasks = task_specs(task.tasks);
    specs.push_back(std::move(spec));
  }
  return specs;
}

UserClassSpec class_spec(const python::LocustfileClass& described) {
  UserClassSpec spec;
  spec.name = described.name;
  spec.weight = described.weight;
  spec.fixed_count = described.fixed_count;
  if (!described.host.empty()) {
    TextTemplate::Part literal;
    literal.literal = described.host;
    spec.host.emplace().parts.push_back(std::move(literal));
  }
  spec.tasks = task_specs(described.tasks);
  return spec;
}

}  // namespace

PythonMaster::PythonMaster() { add_master_module(*this); }

// The interpreter is left to the end of the process.
PythonMaster::~PythonMaster() = default;

std::optional<int> PythonMaster::load(const python::InterpreterOptions& options,
                                      const std::vector<std::string>& files) {
  return python::load_locustfiles(options, files);
}

std::optional<int> PythonMaster::begin(const Ref& options, const std::vector<UserConfig>& configs,
                                       const std::optional<std::string>& shape) {
  const Ref name = shape ? to_str(*shape) : Ref::borrow(Py_None);
  const Ref arguments(PyTuple_Pack(3, options.get(), python::to_dicts(configs).get(), name.get()));
  const Ref begun = call_embedded(kMasterPackage, "begin", arguments.get());
  if (!begun) {
    const int exit_code = python::exit_code_of_exception();
    python::end_interpreter();
    return exit_code;
  }
  for (const auto& described : python::read_classes(PyTuple_GetItem(begun.get(), 0))) {
    scenario_.users.push_back(class_spec(described));
  }
  PyObject* const shapes = PyTuple_GetItem(begun.get(), 1);
  for (Py_ssize_t i = 0; i < PyList_Size(shapes); ++i) {
    scenario_.shapes.push_back(shape_spec(PyList_GetItem(shapes, i)));
  }
  if (auto value = proto::from_python(PyTuple_GetItem(begun.get(), 2))) {
    if (auto* const map = value->get_if<proto::Value::Map>()) arguments_ = std::move(*map);
  }
  return std::nullopt;
}

// Reads an item of the second result of locust._master.begin.
ShapeSpec PythonMaster::shape_spec(PyObject* described) {
  ShapeSpec spec;
  spec.name = text_of(PyTuple_GetItem(described, 0));
  spec.load =
      ShapeCode{[this, name = spec.name](Duration run_time) { return tick(name, run_time); },
                PyObject_IsTrue(PyTuple_GetItem(described, 1)) == 1};
  return spec;
}

std::optional<ShapeSpec> PythonMaster::shape() {
  const Ref described = call_listeners("shape", Ref(PyTuple_New(0)));
  if (!described || described.get() == Py_None) return std::nullopt;
  return shape_spec(described.get());
}

std::vector<FormArgument> PythonMaster::form_arguments() const {
  std::vector<FormArgument> arguments;
  const Ref none(PyTuple_New(0));
  const Ref list = call_embedded(kHostPackage, "form_arguments", none.get());
  if (!list) python::report_unraisable("form_arguments");
  for (Py_ssize_t i = 0; list && i < PyList_Size(list.get()); ++i) {
    arguments.push_back(form_argument(PyList_GetItem(list.get(), i)));
  }
  return arguments;
}

Result<proto::Value> PythonMaster::read(const FormArgument& argument,
                                        const std::vector<std::string>& texts) const {
  const Ref call(PyTuple_Pack(2, to_str(argument.name).get(), python::to_list(texts).get()));
  const Ref answer = call_embedded(kHostPackage, "value_from_form", call.get());
  if (!answer) {
    python::report_unraisable(argument.name.c_str());
    return Error{argument.name + ": cannot be read; the log says why"};
  }
  PyObject* const value = PyTuple_GetItem(answer.get(), 1);
  if (PyObject_IsTrue(PyTuple_GetItem(answer.get(), 0)) != 1) {
    if (argument.secret) return Error{argument.name + ": the value does not fit"};
    return Error{argument.name + ": '" + quoted_part(texts.front()) + "' " + text_of(value)};
  }
  auto converted = proto::from_python(value);
  if (!converted) return Error{argument.name + ": cannot be sent: " + converted.error()};
  return converted;
}

std::optional<ShapeCode::Tick> PythonMaster::tick(const std::string& shape, Duration run_time) {
  is_asked_ = true;
  const Ref now = call_listeners("tick", Ref(Py_BuildValue("(Ni)", to_str(shape).release(),
                                                           run_time <= Duration::zero() ? 1 : 0)));
  is_asked_ = false;
  if (!now || now.get() == Py_None) return std::nullopt;
  ShapeCode::Tick tick{PyLong_AsLongLong(PyTuple_GetItem(now.get(), 0)),
                       PyFloat_AsDouble(PyTuple_GetItem(now.get(), 1)), std::nullopt};
  if (PyObject* const names = PyTuple_GetItem(now.get(), 2); names != Py_None) {
    tick.classes = python::texts_of(names);
  }
  return tick;
}

std::optional<int> PythonMaster::enter(EventLoop& loop, Master& master, RunController& run) {
  constexpr int kInitFailed = 1;
  loop_ = &loop;
  master_ = &master;
  run_ = &run;
  hub_ = std::make_unique<python::Hub>(
      loop, [&loop](std::function<void()> fn) { loop.post(std::move(fn)); });
  loop.around_wait([this] { waiting_ = PyEval_SaveThread(); },
                   [this] { PyEval_RestoreThread(waiting_); });
  watch_ = std::make_unique<python::StallWatch>(question_);
  python::show_stats(&master.stats_of_test(), &master.clock());
  for (const std::string& type : std::exchange(registered_, {})) register_message(type);
  master.subscribe(*this);
  Ref well;
  {
    const SignalWatcher::LetThrough by_listeners(ending_signals());
    well = call_listeners("init", Ref(PyTuple_New(0)));
  }
  if (const auto code = python::requested_exit_code()) return leave(*code);
  if (!well || well.get() != Py_True) return leave(kInitFailed);
  read_classes();
  python::on_exit_request([this] {
    loop_->post([this] {
      if (!master_->quitting()) run_->interrupt();
    });
  });
  return std::nullopt;
}

int PythonMaster::leave(int exit_code) {
  python::on_exit_request({});
  const bool had_code = python::requested_exit_code().has_value();
  call_listeners("quit", Ref(Py_BuildValue("(i)", exit_code)));
  master_->unsubscribe(*this);
  loop_->around_wait({}, {});
  {
    const python::GilReleased gil;
    watch_.reset();
  }
  hub_.reset();
  python::show_stats(nullptr, nullptr);
  master_ = nullptr;
  python::end_interpreter();
  return had_code ? exit_code : python::requested_exit_code().value_or(exit_code);
}

// Listeners may have changed the weights of classes, and which classes there are.
void PythonMaster::read_classes() {
  const Ref list = call_listeners("weights", Ref(PyTuple_New(0)));
  if (!list) return;
  constexpr int kMaxFixed = 1 << 30;
  std::vector<DispatchClass> classes;
  for (Py_ssize_t i = 0; i < PyList_Size(list.get()); ++i) {
    PyObject* const described = PyList_GetItem(list.get(), i);
    const double weight = PyFloat_AsDouble(PyTuple_GetItem(described, 1));
    const long long fixed_count = PyLong_AsLongLong(PyTuple_GetItem(described, 2));
    classes.push_back(
        {.name = text_of(PyTuple_GetItem(described, 0)),
         .weight = std::isfinite(weight) ? weight : 0,
         .fixed_count = static_cast<int>(std::clamp<long long>(fixed_count, 0, kMaxFixed))});
  }
  if (PyErr_Occurred() != nullptr) return python::report_unraisable("fixed_count");
  master_->describe_classes(classes);
}

void PythonMaster::register_message(const std::string& type) {
  if (master_ == nullptr) {
    registered_.push_back(type);
    return;
  }
  master_->register_message(type, [type](const std::string& id, const proto::Value& data) {
    const Ref object = proto::to_python(data);
    if (object) {
      call_listeners("receive",
                     Ref(PyTuple_Pack(3, to_str(type).get(), object.get(), to_str(id).get())));
    } else {
      python::report_unraisable("a message");
    }
  });
}

void PythonMaster::on_worker_connected(const std::string& id) {
  spawn_listeners("worker_connect", Ref(PyTuple_Pack(1, to_str(id).get())));
}

void PythonMaster::on_heartbeat(const std::string& id) {
  call_listeners("heartbeat_sent", Ref(PyTuple_Pack(1, to_str(id).get())));
}

// As on the workers.
void PythonMaster::on_class_updated(const proto::UpdateUserClass& update) {
  const Ref attributes = proto::to_python(proto::Value(update.attributes));
  if (!attributes) return python::report_unraisable("update_user_class");
  call_listeners("update_user_class",
                 Ref(PyTuple_Pack(2, to_str(update.user_class_name).get(), attributes.get())));
}

// Runs listeners immediately: their messages must reach the workers before the users start.
void PythonMaster::on_test_start() {
  const Ref arguments = proto::to_python(proto::Value(master_->parsed_options()));
  const Ref host = master_->host() ? to_str(*master_->host()) : Ref::borrow(Py_None);
  const Ref form = form_object(run_->form());
  Ref call = arguments
                 ? bound_listeners("test_start",
                                   Ref(PyTuple_Pack(3, arguments.get(), host.get(), form.get())))
                 : Ref();
  if (call) {
    is_asked_ = true;
    hub_->run_now(std::move(call));
    is_asked_ = false;
    read_classes();
  }
  if (python::exit_requested()) master_->abandon_start();
}

void PythonMaster::start(const RunRequest& request) {
  carry_out([run = run_, request] { (void)run->request(request); });
}

void PythonMaster::control(void (RunController::*what)()) {
  carry_out([run = run_, what] { (run->*what)(); });
}

// Requests have no effect once the master is quitting: a second end would not wait for reports.
void PythonMaster::carry_out(std::function<void()> request) {
  auto unless_quitting = [master = master_, request = std::move(request)] {
    if (!master->quitting()) request();
  };
  if (is_asked_) {
    loop_->post(std::move(unless_quitting));
  } else {
    unless_quitting();
  }
}

void PythonMaster::on_spawning_complete(std::int64_t users) {
  spawn_listeners("spawning_complete", Ref(Py_BuildValue("(L)", static_cast<long long>(users))));
}

void PythonMaster::on_test_stopping() { spawn_listeners("test_stopping", Ref(PyTuple_New(0))); }

void PythonMaster::on_test_stop() { call_listeners("test_stop", Ref(PyTuple_New(0))); }

void PythonMaster::on_stats_reset() { spawn_listeners("reset_stats", Ref(PyTuple_New(0))); }

void PythonMaster::on_worker_report(const std::string& id, const proto::Stats& report) {
  const Ref wanted = call_listeners("wants_reports", Ref(PyTuple_New(0)));
  if (!wanted || wanted.get() != Py_True) return;
  proto::Value::Map data = report.extra;
  data.emplace_back("user_count", report.user_count);
  proto::Value::Map counts;
  for (const auto& [name, count] : report.user_classes_count) counts.emplace_back(name, count);
  data.emplace_back("user_classes_count", std::move(counts));
  const Ref object = proto::to_python(proto::Value(std::move(data)));
  if (object) {
    spawn_listeners("worker_report", Ref(PyTuple_Pack(2, to_str(id).get(), object.get())));
  } else {
    python::report_unraisable("a report");
  }
}

void PythonMaster::on_quitting() {
  const Ref code = call_listeners("quitting", Ref(PyTuple_New(0)));
  if (const auto wanted = python::requested_exit_code()) {
    master_->want_exit_code(*wanted);
  } else if (code && code.get() != Py_None) {
    master_->want_exit_code(static_cast<int>(PyLong_AsLong(code.get())));
  }
}

}  // namespace locust::master
