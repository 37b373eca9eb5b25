#include "worker/python/python_program.h"

#include <utility>

#include "common/base/log.h"
#include "common/base/signals.h"
#include "common/options/locustfile_paths.h"
#include "common/python/exit_request.h"
#include "common/python/stats_module.h"
#include "common/python/user_counts.h"
#include "proto/python_value.h"
#include "worker/python/loop_state.h"
#include "worker/python/session_object.h"
#include "worker/python/user_object.h"
#include "worker/python/worker_module.h"

namespace locust::worker {

using python::call_embedded;
using python::Ref;
using python::text_of;
using python::to_str;

namespace {

constexpr const char* kWorker = "locust._worker";

// Python code handles the exceptions of listeners. Any other exception is reported.
Ref call_worker(const char* name, const Ref& arguments) {
  Ref result = arguments ? call_embedded(kWorker, name, arguments.get()) : Ref();
  if (!result) python::report_unraisable(name);
  return result;
}

// Calls it in a greenlet, because listeners may wait.
void spawn_worker(const char* name, const Ref& arguments) {
  const Ref functools(PyImport_ImportModule("functools"));
  const Ref module(PyImport_ImportModule(kWorker));
  const Ref function(module ? PyObject_GetAttrString(module.get(), name) : nullptr);
  Ref call(function && functools
               ? PyObject_CallMethod(functools.get(), "partial", "OO", function.get(),
                                     PyTuple_GetItem(arguments.get(), 0))
               : nullptr);
  if (call) {
    python::Hub::spawn(std::move(call));
  } else {
    python::report_unraisable(name);
  }
}

// sys.exit() ends the test on this worker immediately: no further task or user starts.
void begin_no_tasks() {
  LoopState* const loop = module_state.loop;
  if (loop != nullptr && loop->hub.is_on_thread() && loop->pool != nullptr) {
    loop->pool->limit_tasks(0);
  }
}

Ref no_arguments() { return Ref(PyTuple_New(0)); }

// Fires test_start or test_stop once.
class HookUser final : public User {
 public:
  HookUser(const UserEnvironment& environment, const char* name)
      : User(environment, no_tasks()), name_(name) {}

  void run() override {
    set_state(UserState::kRunning);
    call_worker(name_, no_arguments());
    set_state(UserState::kStopped);
  }

 private:
  static const TaskList& no_tasks() {
    static const TaskList tasks;
    return tasks;
  }

  const char* name_;
};

Ref optional_list(const std::optional<std::vector<std::string>>& texts) {
  return texts ? python::to_list(*texts) : Ref::borrow(Py_None);
}

Ref plain_object(const ExprValue& value) {
  if (const bool* b = value.as_bool()) return Ref(PyBool_FromLong(*b ? 1 : 0));
  if (const std::string* text = value.as_text()) return to_str(*text);
  if (const Number* number = value.as_number()) {
    return Ref(number->is_float() ? PyFloat_FromDouble(number->as_double())
                                  : PyLong_FromLongLong(number->to_int()));
  }
  if (const ExprList* list = value.as_list()) {
    Ref objects(PyList_New(0));
    for (const ExprValue& item : *list) PyList_Append(objects.get(), plain_object(item).get());
    return objects;
  }
  return Ref::borrow(Py_None);
}

// What _host.parsed_options() makes environment.parsed_options of: the given options as texts, and
// values that are known otherwise.
Ref options_object(const WorkerOptions& options) {
  Ref dict(PyDict_New());
  python::set_option(dict, "worker", true);
  python::set_option(dict, "master", false);
  if (options.as_one_process) python::set_option(dict, "as_one_process", true);
  return Ref(PyTuple_Pack(2, python::to_dict(options.common.given).get(), dict.get()));
}

// environment.host and environment.stop_timeout.
OrderSettings changed_settings(OrderSettings settings) {
  const Ref now = call_worker("order_settings", no_arguments());
  if (!now) return settings;
  return {text_of(PyTuple_GetItem(now.get(), 0)),
          seconds(PyFloat_AsDouble(PyTuple_GetItem(now.get(), 1)))};
}

UserClass hook(const char* name) {
  UserClass result;
  result.name = name;
  result.create = [name](const UserEnvironment& environment) -> std::unique_ptr<User> {
    return std::make_unique<HookUser>(environment, name);
  };
  result.carrier = [](std::function<void()> ended) {
    return std::make_unique<GreenletCarrier>(module_state.loop->context, std::move(ended));
  };
  return result;
}

}  // namespace

// What Python code uses while the users' loop exists.
class PythonProgram::Stay {
 public:
  Stay(const UserThread& thread, const std::shared_ptr<python::StallQuestion>& question)
      : loop_(thread.loop),
        state_(std::make_unique<LoopState>(
            loop_, [&loop = loop_](std::function<void()> fn) { loop.post(std::move(fn)); },
            thread.engine)),
        watch_(std::make_unique<python::StallWatch>(state_->hub, loop_.clock(), question)) {
    state_->pool = &thread.pool;
    python::show_stats(&thread.pool.stats(), &loop_.clock());
    loop_.around_wait([this] { waiting_ = PyEval_SaveThread(); },
                      [this] { PyEval_RestoreThread(waiting_); });
  }
  Stay(const Stay&) = delete;
  Stay& operator=(const Stay&) = delete;

  // Remaining Python objects must not refer to the loop.
  ~Stay() {
    for (SessionState* session : state_->sessions) session->close();
    state_.reset();
  }

  void end_waits() {
    {
      const python::GilReleased released;
      watch_.reset();
    }
    loop_.around_wait({}, {});
  }

  // Call it while everything that their requests refer to is alive.
  void end_greenlets() {
    state_->hub.abandon_all();
    state_->pool = nullptr;
    python::show_stats(nullptr, nullptr);
  }

 private:
  EventLoop& loop_;
  PyThreadState* waiting_ = nullptr;
  std::unique_ptr<LoopState> state_;
  std::unique_ptr<python::StallWatch> watch_;
};

PythonProgram::PythonProgram() {
  python::on_exit_request([] {
    begin_no_tasks();
    if (module_state.control != nullptr) module_state.control->exit();
  });
}

PythonProgram::~PythonProgram() { python::on_exit_request({}); }

void PythonProgram::configure(const WorkerOptions& options, const std::vector<UserConfig>& configs,
                              std::vector<std::string> files) {
  options_ = options_object(options);
  configs_ = python::to_dicts(configs);
  files_ = std::move(files);
}

std::optional<int> PythonProgram::begin(const std::string& client_id, WorkerControl& worker) {
  module_state.control = &worker;
  if (!options_) configure({}, {}, {});
  return make_environment(client_id);
}

std::optional<int> PythonProgram::make_environment(const std::string& client_id) {
  constexpr int kInitFailed = 1;
  const SignalWatcher::LetThrough by_listeners(ending_signals());
  const Ref arguments(PyTuple_Pack(3, options_.get(), to_str(client_id).get(), configs_.get()));
  const Ref described = call_embedded(kWorker, "begin", arguments.get());
  if (!described) return python::exit_code_of_exception();
  if (described.get() == Py_None) return kInitFailed;
  classes_ = python::read_classes(described.get());
  const Ref module(PyImport_ImportModule(kWorker));
  environment_ = Ref(module ? PyObject_GetAttrString(module.get(), "environment") : nullptr);
  return environment_ ? std::nullopt : std::optional<int>(kInitFailed);
}

std::vector<UserClass> PythonProgram::user_classes() const {
  std::vector<UserClass> classes;
  for (const python::LocustfileClass& described : classes_) {
    classes.push_back(user_class(described));
  }
  return classes;
}

UserClass PythonProgram::user_class(const python::LocustfileClass& described) const {
  UserClass result;
  result.name = described.name;
  result.weight = described.weight;
  result.fixed_count = described.fixed_count;
  result.host = described.host;
  result.create = [this, type = described.type.get()](
                      const UserEnvironment& environment) -> std::unique_ptr<User> {
    return std::make_unique<PythonUser>(environment, Ref::borrow(type), environment_);
  };
  result.carrier = [](std::function<void()> ended) {
    return std::make_unique<GreenletCarrier>(module_state.loop->context, std::move(ended));
  };
  return result;
}

TestHooks PythonProgram::hooks() const {
  return {hook("test_start"), hook("test_stop"), changed_settings};
}

std::vector<proto::ClassInfo> PythonProgram::class_infos() const {
  std::vector<proto::ClassInfo> infos;
  for (const python::LocustfileClass& each : classes_) {
    proto::ClassInfo info{each.name, each.weight, each.fixed_count, {}, each.tasks};
    if (!each.host.empty()) info.host = each.host;
    infos.push_back(std::move(info));
  }
  return infos;
}

FileDigests PythonProgram::files() const { return digest_files(with_different_names(files_)); }

void PythonProgram::enter(const UserThread& thread) {
  stay_ = std::make_unique<Stay>(thread, question_);
}

void PythonProgram::loop_ended() {
  stay_->end_waits();
  quitting();
  stay_->end_greenlets();
}

void PythonProgram::leave() { stay_.reset(); }

void PythonProgram::set_worker_index(int index) {
  call_worker("set_worker_index", Ref(Py_BuildValue("(i)", index)));
}

void PythonProgram::set_options(const RunOptions& options) {
  const Ref arguments(PyDict_New());
  for (const auto& [name, value] : options.arguments) {
    const Ref object = plain_object(value);
    PyDict_SetItemString(arguments.get(), name.c_str(), object.get());
  }
  call_worker("set_options",
              Ref(PyTuple_Pack(3, optional_list(options.tags).get(),
                               optional_list(options.exclude_tags).get(), arguments.get())));
}

void PythonProgram::set_order(const OrderSettings& settings) {
  call_worker("set_order", Ref(Py_BuildValue("(Nd)", to_str(settings.host).release(),
                                             to_seconds(settings.stop_timeout))));
}

bool PythonProgram::resets_stats(bool /*by_command_line*/) const {
  const Ref resets(PyObject_GetAttrString(environment_.get(), "reset_stats"));
  const int is_true = resets ? PyObject_IsTrue(resets.get()) : -1;
  if (is_true < 0) python::report_unraisable("reset_stats");
  return is_true == 1;
}

void PythonProgram::all_spawned() {
  const auto users = static_cast<long long>(module_state.loop->pool->user_count());
  spawn_worker("spawning_complete", Ref(Py_BuildValue("(L)", users)));
}

void PythonProgram::set_tasks(const std::string& class_name, std::vector<std::string> tasks) {
  call_worker("set_tasks",
              Ref(PyTuple_Pack(2, to_str(class_name).get(), python::to_list(tasks).get())));
}

void PythonProgram::set_attributes(const std::string& class_name,
                                   const proto::Value::Map& attributes) {
  const Ref dict = proto::to_python(proto::Value(attributes));
  if (!dict) return python::report_unraisable("update_user_class");
  call_worker("set_attributes", Ref(PyTuple_Pack(2, to_str(class_name).get(), dict.get())));
}

proto::Value::Map PythonProgram::report_extra(const UserCounts& counts) {
  const Ref added =
      call_worker("report_to_master", Ref(PyTuple_Pack(1, python::to_dict(counts).get())));
  if (!added || added.get() == Py_None) return {};
  auto value = proto::from_python(added.get());
  if (!value) {
    log::runners().error("report_to_master: {}; nothing is added to the report", value.error());
    return {};
  }
  proto::Value::Map* const map = value->get_if<proto::Value::Map>();
  return map == nullptr ? proto::Value::Map() : std::move(*map);
}

void PythonProgram::stopping() { call_worker("test_stopping", no_arguments()); }

// Called while messages of listeners can still be sent, or later by loop_ended() if the worker ends
// without leaving its master.
ProcessEnd PythonProgram::quitting() {
  if (std::exchange(has_quit_, true)) return end_;
  if (const Ref told = call_worker("quitting", no_arguments()); told) {
    end_.exit_code = static_cast<int>(PyLong_AsLong(PyTuple_GetItem(told.get(), 0)));
    end_.uncaught = PyTuple_GetItem(told.get(), 1) == Py_True;
  }
  if (const auto code = python::requested_exit_code()) {
    end_.exit_code = *code;
    end_.asked_for = true;
  }
  return end_;
}

void PythonProgram::heartbeat() { call_worker("heartbeat_received", no_arguments()); }

void PythonProgram::receive(const std::string& type, const proto::Value& data) {
  const Ref object = proto::to_python(data);
  if (!object) {
    python::report_unraisable("a message");
    return;
  }
  call_worker("receive", Ref(PyTuple_Pack(2, to_str(type).get(), object.get())));
}

void PythonProgram::disconnect() { module_state.control = nullptr; }

int PythonProgram::end(int exit_code) {
  if (exit_code == 0) exit_code = end_.exit_code;
  call_worker("quit", Ref(Py_BuildValue("(i)", exit_code)));
  return exit_code;
}

}  // namespace locust::worker
