#include "worker/python/python_program.h"

#include <utility>

#include "common/base/log.h"
#include "common/python/exit_request.h"
#include "common/python/stats_module.h"
#include "proto/python_value.h"
#include "worker/python/loop_state.h"
#include "worker/python/session_object.h"
#include "worker/python/user_object.h"

namespace locust::worker {

using python::call_embedded;
using python::Ref;
using python::to_str;

namespace {

constexpr const char* kWorker = "locust._worker";

// What listeners raise is dealt with in Python; what comes out all the same is told.
Ref call_worker(const char* name, const Ref& arguments) {
  Ref result = arguments ? call_embedded(kWorker, name, arguments.get()) : Ref();
  if (!result) python::report_unraisable(name);
  return result;
}

// In a greenlet, because listeners may wait.
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

// sys.exit() ends the test here at once: no task begins any more, and no user.
void begin_no_tasks() {
  LoopState* const loop = LoopState::instance;
  if (loop != nullptr && loop->hub.is_on_thread() && loop->pool != nullptr) {
    loop->pool->limit_tasks(0);
  }
}

Ref no_arguments() { return Ref(PyTuple_New(0)); }

// One run of test_start or test_stop.
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

void set_options(const RunOptions& options) {
  const Ref arguments(PyDict_New());
  for (const auto& [name, value] : options.arguments) {
    const Ref object = plain_object(value);
    PyDict_SetItemString(arguments.get(), name.c_str(), object.get());
  }
  call_worker("set_options",
              Ref(PyTuple_Pack(3, optional_list(options.tags).get(),
                               optional_list(options.exclude_tags).get(), arguments.get())));
}

Ref counts_object(const UserClassesCount& counts) {
  Ref dict(PyDict_New());
  for (const auto& [name, count] : counts) {
    const Ref number(PyLong_FromLongLong(count));
    PyDict_SetItemString(dict.get(), name.c_str(), number.get());
  }
  return dict;
}

proto::Value::Map report_additions(const UserClassesCount& counts) {
  const Ref added =
      call_worker("report_to_master", Ref(PyTuple_Pack(1, counts_object(counts).get())));
  if (!added || added.get() == Py_None) return {};
  auto value = proto::from_python(added.get());
  if (!value) {
    log::runners().error("report_to_master: {}; nothing is added to the report", value.error());
    return {};
  }
  proto::Value::Map* const map = value->get_if<proto::Value::Map>();
  return map == nullptr ? proto::Value::Map() : std::move(*map);
}

}  // namespace

// The interpreter on the users' loop.
class PythonGuest final : public LoopGuest {
 public:
  PythonGuest(PythonProgram& test, EventLoop& loop, HttpEngine& engine)
      : test_(test),
        loop_(loop),
        gil_(PyGILState_Ensure()),
        state_(std::make_unique<LoopState>(
            loop, [&loop](std::function<void()> fn) { loop.post(std::move(fn)); }, engine)),
        watch_(std::make_unique<python::StallWatch>(state_->hub, loop.clock(), test.question_)) {
    state_->request_listeners = has_request_listeners();
    loop.around_wait([this] { waiting_ = PyEval_SaveThread(); },
                     [this] { PyEval_RestoreThread(waiting_); });
  }
  PythonGuest(const PythonGuest&) = delete;
  PythonGuest& operator=(const PythonGuest&) = delete;

  // Python objects that are left must not refer to the loop any more.
  ~PythonGuest() override {
    for (SessionState* session : state_->sessions) session->close();
    state_.reset();
    PyGILState_Release(gil_);
  }

  void enter(UserPool& pool) override {
    state_->pool = &pool;
    python::show_stats(&pool.stats(), &loop_.clock());
  }

  void leave() override {
    {
      const python::GilReleased released;
      watch_.reset();
    }
    loop_.around_wait({}, {});
    test_.fire_quitting();
    // While there is all that their requests refer to.
    state_->hub.abandon_all();
    state_->pool = nullptr;
    python::show_stats(nullptr, nullptr);
  }

 private:
  PythonProgram& test_;
  EventLoop& loop_;
  PyGILState_STATE gil_;
  PyThreadState* waiting_ = nullptr;
  std::unique_ptr<LoopState> state_;
  std::unique_ptr<python::StallWatch> watch_;
};

PythonProgram::PythonProgram() {
  add_worker_module(requests_);
  python::on_exit_request([this] {
    begin_no_tasks();
    if (requests_.exit) requests_.exit();
  });
}

// The interpreter goes with the process.
PythonProgram::~PythonProgram() { python::on_exit_request({}); }

std::optional<int> PythonProgram::load(const python::InterpreterOptions& options,
                                       const std::vector<std::string>& files) {
  return python::load_locustfiles(options, files);
}

std::optional<int> PythonProgram::begin(const Ref& options, const std::string& client_id,
                                        const std::vector<UserConfig>& configs) {
  constexpr int kInitFailed = 1;
  const Ref arguments(
      PyTuple_Pack(3, options.get(), to_str(client_id).get(), python::to_dicts(configs).get()));
  const Ref described = call_embedded(kWorker, "begin", arguments.get());
  if (!described) return python::exit_code_of_exception();
  if (described.get() == Py_None) return kInitFailed;
  classes_ = python::read_classes(described.get());
  const Ref module(PyImport_ImportModule(kWorker));
  environment_ = Ref(module ? PyObject_GetAttrString(module.get(), "environment") : nullptr);
  return environment_ ? std::nullopt : std::optional<int>(kInitFailed);
}

// While its messages can still be sent; a worker that ends without leaving its master comes here
// late.
ProcessEnd PythonProgram::fire_quitting() {
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

UserClass PythonProgram::user_class(const python::LocustfileClass& described) {
  UserClass result;
  result.name = described.name;
  result.weight = described.weight;
  result.fixed_count = described.fixed_count;
  result.host = described.host;
  result.create =
      [this, type = described.type.get(),  // ours: no reference is to be counted without the GIL
       host = described.host](const UserEnvironment& environment) mutable -> std::unique_ptr<User> {
    if (environment.host != host && !environment.host.empty()) {
      host = environment.host;
      call_worker("set_host",
                  Ref(PyTuple_Pack(2, to_str(environment.class_name).get(), to_str(host).get())));
    }
    return std::make_unique<PythonUser>(environment, Ref::borrow(type), environment_);
  };
  result.carrier = [](std::function<void()> ended) {
    return std::make_unique<GreenletCarrier>(LoopState::instance->context, std::move(ended));
  };
  return result;
}

UserClass PythonProgram::hook(const char* name) {
  UserClass result;
  result.name = name;
  result.create = [name](const UserEnvironment& environment) -> std::unique_ptr<User> {
    if (!environment.host.empty()) {
      call_worker("set_host", Ref(PyTuple_Pack(2, Py_None, to_str(environment.host).get())));
    }
    return std::make_unique<HookUser>(environment, name);
  };
  result.carrier = [](std::function<void()> ended) {
    return std::make_unique<GreenletCarrier>(LoopState::instance->context, std::move(ended));
  };
  return result;
}

void PythonProgram::add_to(UserLoopOptions& options) {
  for (const python::LocustfileClass& described : classes_) {
    options.classes.push_back(user_class(described));
  }
  options.hooks = {hook("test_start"), hook("test_stop")};
  options.guest = [this](EventLoop& loop, HttpEngine& engine) {
    return std::make_unique<PythonGuest>(*this, loop, engine);
  };
  options.on_worker_index = [](int index) {
    call_worker("set_worker_index", Ref(Py_BuildValue("(i)", index)));
  };
  options.on_options = set_options;
  options.on_all_spawned = [] {
    const auto users = static_cast<long long>(LoopState::instance->pool->user_count());
    spawn_worker("spawning_complete", Ref(Py_BuildValue("(L)", users)));
  };
  options.on_stopping = [] { call_worker("test_stopping", no_arguments()); };
  options.on_quitting = [this] { return fire_quitting(); };
  options.on_tasks = [](const std::string& name, const std::vector<std::string>& tasks) {
    call_worker("set_tasks",
                Ref(PyTuple_Pack(2, to_str(name).get(), python::to_list(tasks).get())));
  };
  options.on_attributes = [](const std::string& name, const proto::Value::Map& attributes) {
    const Ref dict = proto::to_python(proto::Value(attributes));
    if (!dict) return python::report_unraisable("update_user_class");
    call_worker("set_attributes", Ref(PyTuple_Pack(2, to_str(name).get(), dict.get())));
  };
  options.on_report = report_additions;
}

void PythonProgram::tell_heartbeat() { call_worker("heartbeat_received", no_arguments()); }

void PythonProgram::receive(const std::string& type, const proto::Value& data) {
  const Ref object = proto::to_python(data);
  if (!object) {
    python::report_unraisable("a message");
    return;
  }
  call_worker("receive", Ref(PyTuple_Pack(2, to_str(type).get(), object.get())));
}

int PythonProgram::end(int exit_code) {
  if (exit_code == 0) exit_code = end_.exit_code;
  call_worker("quit", Ref(Py_BuildValue("(i)", exit_code)));
  python::end_interpreter();
  return python::requested_exit_code().value_or(exit_code);
}

}  // namespace locust::worker
