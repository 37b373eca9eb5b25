"""Python locustfiles: what listeners set on the environment and on user classes, and what tasks fire, counts as it does in
stock."""

import json
import pathlib
import tempfile
import urllib.request

import harness
from harness import BUILD, STOCK, ConformanceTest, Process, free_port

DEADLINE = 60.0
STOCK_LOCUST = STOCK / harness.newest() / "bin" / "locust"
LOCUST = BUILD / "locust"

# Users end the run themselves once they have said what is asked.
HOST = """
import os
from locust import HttpUser, constant, events, task

def host(environment, **_):
    environment.host = "http://chosen:9/path"

getattr(events, os.environ["EVENT"]).add_listener(host)

class Shop(HttpUser):
    host = "http://of-the-class"
    wait_time = constant(1)

    @task
    def say(self):
        print("SAID", self.host, self.client.base_url, flush=True)
        self.environment.runner.quit()
"""

WEIGHTS = """
import os
from locust import User, constant, events, task

class Base(User):
    abstract = True
    wait_time = constant(1)

    @task
    def nothing(self): pass

class Left(Base): pass
class Right(Base): pass
class Fixed(Base): pass
class Hidden(Base): pass

def weigh(environment, **_):
    Left.weight, Right.weight, Fixed.fixed_count = 0, 3, 2
    Hidden.abstract = True

def remove(environment, **_):
    environment.user_classes.remove(Hidden)

for name in os.environ["EVENT"].split():
    getattr(events, name).add_listener(weigh)
if "REMOVE" in os.environ:
    events.init.add_listener(remove)
"""

SHAPE = """
import os
from locust import LoadTestShape, User, constant, events, task

class Shop(User):
    wait_time = constant(1)

    @task
    def nothing(self): pass

class Base(LoadTestShape):
    abstract = True

    def __init__(self, users):
        super().__init__()
        self.users = users

    def tick(self):
        return (self.users, self.users) if self.get_run_time() < 1.5 else None

class OfTheFile(Base):
    abstract = False

    def __init__(self):
        super().__init__(1)

SHAPES = {"new": lambda: type("Chosen", (Base,), {})(3), "same": lambda: type("OfTheFile", (Base,), {})(2), "none": lambda: None}

@events.init.add_listener
def choose(environment, **_):
    if os.environ["SHAPE"] in SHAPES:
        environment.shape_class = SHAPES[os.environ["SHAPE"]]()
"""

SETTINGS = """
import os
from locust import User, constant, events, task
import time

def set_it(environment, **_):
    exec(os.environ["SETTING"])

for name in os.environ["EVENT"].split():
    getattr(events, name).add_listener(set_it)

class Slow(User):
    wait_time = constant(0)

    @task
    def work(self):
        print("SAID began", flush=True)
        if "FAILS" in os.environ:
            raise ValueError("of the task")
        time.sleep(1.6)
        print("SAID finished", flush=True)
"""

TASKS = """
import functools
from locust import User, constant, events, task

VISITED = []

def visit(user, page):
    VISITED.append(page)
    print("SAID visit", page, flush=True)

class Visit:
    def __call__(self, user):
        if not VISITED:
            return
        for event in FIRED:
            events.request.fire(**event)
            print("SAID goes on", flush=True)
        user.environment.runner.quit()

@events.request.add_listener
def heard(name, **_):
    print("SAID heard", name, flush=True)

FIRED = [
    dict(request_type="X", name="no length", response_time=3, exception=None),
    dict(request_type="X", name="of a wrong type", response_time="3", response_length=1),
    dict(request_type="X", name="right", response_time=3, response_length=0, context={}, url="/", more=1),
]

class Shop(User):
    wait_time = constant(0.1)
    tasks = {functools.partial(visit, page=1): 3, Visit(): 1}
"""

CLIENTS = """
import time
from locust import User, constant, events, task
from locust.runners import MasterRunner

def names(nodes):
    return len(list(nodes))

@events.spawning_complete.add_listener
def say(user_count, **_):
    runner = ENVIRONMENT.runner
    if not isinstance(runner, MasterRunner):
        return
    clients = runner.clients
    while not (clients.running and runner.user_count):  # the event may come before a worker's report
        time.sleep(0.05)
    counts = [names(getattr(clients, each)) for each in ("ready", "spawning", "running", "missing", "all")]
    (node_id, node), = clients.items()
    print("SAID", counts, runner.worker_count, len(clients), node_id in clients, clients[node_id].id == node_id, node.state,
          node.user_count, node.user_classes_count, type(node.memory_usage).__name__, node.cpu_usage >= 0,
          type(node.cpu_warning_emitted).__name__, type(node.heartbeat).__name__, clients.get("nobody"), flush=True)
    runner.quit()

@events.init.add_listener
def keep(environment, **_):
    global ENVIRONMENT
    ENVIRONMENT = environment

class Shop(User):
    wait_time = constant(1)

    @task
    def nothing(self): pass
"""


class ListenersTest(ConformanceTest):
    def file(self, text):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "locustfile.py"
        path.write_text(text)
        return path

    def run_alone(self, program, file, *args, **env):
        run = self.use(Process([program, "-f", file, "--headless", "--only-summary", *args], env))
        run.code = run.wait(DEADLINE)
        return run

    def both(self, text, *args, **env):
        """The runs of stock and of ours."""
        file = self.file(text)
        return [self.run_alone(program, file, *args, **env) for program in (STOCK_LOCUST, LOCUST)]

    def run_with_worker(self, master, worker, text, *args, **env):
        """(the master's run, the worker's)"""
        file, port = self.file(text), str(free_port())
        joins = self.use(Process([*worker, "-f", file, "--master-port", port], env))
        leads = self.run_alone(
            master, file, *(["--master"] if master == STOCK_LOCUST else []),
            "--master-bind-port", port, "--expect-workers", "1", *args, **env,
        )  # fmt: skip
        joins.wait(DEADLINE)
        return leads, joins

    def same(self, runs, pattern):
        """The lines of the runs from where the pattern begins, which must be the same, and some."""
        lines = [[line[line.index(pattern) :] for line in run.lines(pattern)] for run in runs]
        self.assertTrue(lines[0], runs[0].output())
        self.assertEqual(lines[1], lines[0], runs[1].output())
        return lines[0]


class Host(ListenersTest):
    def test_is_that_of_users_alone_and_with_processes(self):
        for event in ("init", "test_start"):
            for args in ((), ("-H", "http://of-the-command-line")):
                with self.subTest(event, args=args):
                    runs = self.both(HOST, *args, EVENT=event)
                    self.assertEqual(self.same(runs, "SAID")[:1], ["SAID http://chosen:9/path http://chosen:9/path"])
        run = self.run_alone(LOCUST, self.file(HOST), "--processes", "2", EVENT="init")
        self.assertTrue(run.lines("^SAID http://chosen:9/path"), run.output())

    def test_is_that_of_users_of_a_worker(self):
        for event in ("init", "test_start"):
            for master in (STOCK_LOCUST, BUILD / "locust-master"):
                with self.subTest(event, master=master):
                    _, worker = self.run_with_worker(master, [BUILD / "locust-worker"], HOST, EVENT=event)
                    self.assertTrue(worker.lines("^SAID http://chosen:9/path"), worker.output())

    def test_is_that_of_the_form(self):
        port = free_port()
        master = self.use(Process(
            [BUILD / "locust-master", "-f", self.file(HOST), "-H", "http://of-the-command-line", "--web-port", str(port),
             "--web-host", "127.0.0.1", "--master-bind-port", str(free_port())], {"EVENT": "init"}
        ))  # fmt: skip
        master.wait_line("Starting web interface")

        def host():
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/form", timeout=DEADLINE) as answer:
                return json.load(answer)["host"]

        harness.wait_until(lambda: host() == "http://chosen:9/path", "the host in the form")


class Weights(ListenersTest):
    def test_share_out_users_as_they_are_when_the_test_starts(self):
        for event in ("init", "test_start"):
            with self.subTest(event):
                runs = self.both(WEIGHTS, "-u", "8", "-r", "8", "-t", "2s", EVENT=event)
                said = self.same(runs, "All users spawned")
                self.assertEqual(said, ['All users spawned: {"Fixed": 2, "Hidden": 2, "Left": 0, "Right": 4} (8 total users)'])

    def test_go_before_equal_weights_if_they_are_set_later(self):
        for event in ("init", "test_start"):
            with self.subTest(event):
                runs = self.both(WEIGHTS, "-u", "8", "-r", "8", "-t", "2s", "--equal-weights", EVENT=event)
                self.same(runs, "All users spawned")

    def test_are_those_that_the_page_has_set(self):
        file, web, port = self.file(WEIGHTS), free_port(), str(free_port())
        master = self.use(Process(
            [BUILD / "locust-master", "-f", file, "--web-port", str(web), "--web-host", "127.0.0.1", "--master-bind-port", port],
            {"EVENT": ""},
        ))  # fmt: skip
        worker = self.use(Process([BUILD / "locust-worker", "-f", file, "--master-port", port], {"EVENT": ""}))
        master.wait_line("1 workers connected")

        def post(path, kind, data):
            request = urllib.request.Request(f"http://127.0.0.1:{web}{path}", data.encode(), {"Content-Type": kind})
            with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
                return json.load(answer)

        def starts():
            form = "user_count=7&spawn_rate=7"
            return post("/swarm", "application/x-www-form-urlencoded", form)["success"]

        post("/user", "application/json", json.dumps({"user_class_name": "Left", "weight": 4}))
        harness.wait_until(starts, "the test to start")
        line = master.wait_line("All users spawned")
        self.assertIn('{"Fixed": 1, "Hidden": 1, "Left": 4, "Right": 1}', line)
        self.assertTrue(worker.alive())

    def test_without_a_class_that_was_removed(self):
        runs = self.both(WEIGHTS, "-u", "6", "-r", "6", "-t", "2s", EVENT="init", REMOVE="1")
        said = self.same(runs, "All users spawned")
        self.assertEqual(said, ['All users spawned: {"Fixed": 2, "Left": 0, "Right": 4} (6 total users)'])


class ShapeClass(ListenersTest):
    def test_is_the_shape_that_runs(self):
        for shape, users in (("new", 3), ("same", 2), ("of the file", 1)):
            with self.subTest(shape):
                runs = self.both(SHAPE, SHAPE=shape)
                self.same(runs, "Shape test updating")
                said = self.same(runs, "All users spawned")
                self.assertEqual(said, [f'All users spawned: {{"Shop": {users}}} ({users} total users)'])

    def test_none_is_a_test_without_a_shape(self):
        for run in self.both(SHAPE, "-u", "2", "-r", "2", "-t", "1s", SHAPE="none"):
            self.assertEqual(run.lines("Shape test"), [])
            self.assertTrue(run.lines(r'All users spawned: {"Shop": 2}'), run.output())


class Settings(ListenersTest):
    def test_stop_timeout(self):
        for event in ("init", "test_start"):
            with self.subTest(event):
                runs = self.both(SETTINGS, "-t", "1s", EVENT=event, SETTING="environment.stop_timeout = 30")
                self.assertEqual(self.same(runs, "SAID"), ["SAID began", "SAID finished"])

    def test_stop_timeout_of_a_worker(self):
        for master, worker in (
            (STOCK_LOCUST, [BUILD / "locust-worker"]),
            (BUILD / "locust-master", [STOCK_LOCUST, "--worker"]),
            (BUILD / "locust-master", [BUILD / "locust-worker"]),
        ):
            with self.subTest(master, worker=worker):
                _, joined = self.run_with_worker(
                    master, worker, SETTINGS, "-t", "1s", EVENT="init test_start", SETTING="environment.stop_timeout = 30"
                )
                self.assertEqual(joined.lines("^SAID"), ["SAID began", "SAID finished"], joined.output())

    def test_reset_stats(self):
        for event in ("init", "test_start"):
            with self.subTest(event):
                runs = self.both(SETTINGS, "-t", "1s", EVENT=event, SETTING="environment.reset_stats = True")
                for run in runs:
                    self.assertTrue(run.lines("Resetting stats"), run.output())

    def test_catch_exceptions(self):
        runs = self.both(
            SETTINGS, "-t", "1s", EVENT="init", SETTING="environment.catch_exceptions = False", FAILS="1"
        )
        self.assertEqual(self.same(runs, "SAID"), ["SAID began"])


class Tasks(ListenersTest):
    def test_may_lack_a_name_and_fire_incomplete_requests(self):
        runs = self.both(TASKS)
        said = self.same([Said(run) for run in runs], "SAID")
        self.assertIn("SAID visit 1", said)
        self.assertEqual(said.count("SAID heard no length"), 1)
        self.assertEqual([run.code for run in runs], [2, 2])
        self.assertIn("Uncaught exception in event handler", runs[1].output())


class Said:
    """The distinct lines that a run has said, as the order of tasks is chance."""

    def __init__(self, run):
        self._lines = sorted(set(run.lines("^SAID")))
        self.output = run.output

    def lines(self, pattern):
        return self._lines


class Clients(ListenersTest):
    def test_of_a_master_are_lists_of_nodes_by_state(self):
        stock, _ = self.run_with_worker(STOCK_LOCUST, [STOCK_LOCUST, "--worker"], CLIENTS, "-t", "30s")
        for worker in ([BUILD / "locust-worker"], [STOCK_LOCUST, "--worker"]):
            with self.subTest(worker):
                ours, _ = self.run_with_worker(BUILD / "locust-master", worker, CLIENTS, "-t", "30s")
                self.assertEqual(self.same([stock, ours], "SAID")[0][:29], "SAID [0, 0, 1, 0, 1] 1 1 True")
