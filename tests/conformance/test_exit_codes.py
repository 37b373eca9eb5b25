"""How a run ends that test code ends: by sys.exit(), by exceptions that nothing catches, or by doing nothing."""

import pathlib
import tempfile
import unittest

import harness
from harness import BUILD, STOCK, ConformanceTest, Process, free_port

DEADLINE = 60.0
STOCK_LOCUST = STOCK / harness.newest() / "bin" / "locust"
LOCUST = BUILD / "locust"

# WHERE names the place at which the test leaves, HOW what it does there.
FILE = """
import os, sys, gevent
from locust import User, TaskSet, task, events, LoadTestShape
WHERE, HOW = os.environ["WHERE"], os.environ["HOW"]
made = []
def leave(*_args, **_kwargs):
    if HOW == "raise": raise ValueError("broken")
    sys.exit(HOW if HOW == "words" else int(HOW))
def later(*_args, **_kwargs):
    if len(made) > 3: leave()
if WHERE == "import": leave()
if WHERE in vars(events): getattr(events, WHERE).add_listener(later if WHERE == "request" else leave)
if WHERE == "greenlet":
    events.test_start.add_listener(lambda **_: gevent.spawn_later(0.5, leave))
if WHERE == "message":
    events.init.add_listener(lambda environment, **_: environment.runner.register_message("leave", leave))
    @events.test_start.add_listener
    def send(environment, **_):
        if type(environment.runner).__name__ != "WorkerRunner": environment.runner.send_message("leave", {})
if WHERE == "tick":
    class Shape(LoadTestShape):
        tick = leave
class U(User):
    def __init__(self, environment):
        super().__init__(environment)
        if WHERE == "__init__": leave()
    def wait_time(self):
        if WHERE == "wait_time": leave()
        return 0.1
    def on_start(self):
        if WHERE == "on_start": leave()
    def on_stop(self):
        if WHERE == "on_stop": leave()
    @task
    def t(self):
        self.environment.events.request.fire(
            request_type="GET", name="x", response_time=1, response_length=1, exception=None, context={})
        made.append(1)
        if WHERE == "task": later()
        if WHERE == "user_error": raise ValueError("of the task")
    if WHERE == "set":
        @task
        class Set(TaskSet):
            def on_start(self): leave()
"""


class RunTest(ConformanceTest):
    def folder(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return pathlib.Path(folder.name)

    def file(self, text, name="locustfile.py"):
        path = self.folder() / name
        path.write_text(text)
        return path


class ExitCodes(RunTest):
    def run_alone(self, locust, where, how, *args):
        return self.use(Process(
            ["env", f"WHERE={where}", f"HOW={how}", locust, "-f", self.file(FILE), "--headless", "--only-summary", "-u", "2",
             "-r", "9", "-t", "2s", *args]
        ))  # fmt: skip

    def test_sys_exit_ends_the_run_with_its_code_wherever_it_is_called(self):
        places = (
            "import", "init", "test_start", "spawning_complete", "__init__", "on_start", "task", "wait_time", "request",
            "user_error", "set", "on_stop", "message", "greenlet", "tick", "test_stopping", "test_stop", "quitting", "quit",
        )  # fmt: skip
        for group in (places[:7], places[7:13], places[13:]):
            ours = {where: self.run_alone(LOCUST, where, "7") for where in group}
            codes = {where: run.wait(DEADLINE) for where, run in ours.items()}
            self.assertEqual(codes, dict.fromkeys(group, 7), "\n".join(run.output() for run in ours.values()))

    def test_stock_says_the_same(self):
        for where, how in (("task", "7"), ("test_start", "0"), ("quitting", "words"), ("__init__", "raise"), ("request", "raise"),
                           ("on_start", "raise"), ("test_stop", "raise")):  # fmt: skip
            with self.subTest(where=where, how=how):
                runs = [self.run_alone(locust, where, how) for locust in (STOCK_LOCUST, LOCUST)]
                codes = [run.wait(DEADLINE) for run in runs]
                self.assertEqual(*codes, "\n".join(run.output() for run in runs))

    def test_the_other_codes_of_sys_exit_are_pythons(self):
        runs = {how: self.run_alone(LOCUST, "task", how) for how in ("0", "300", "-1", "words")}
        self.assertEqual({how: run.wait(DEADLINE) for how, run in runs.items()}, {"0": 0, "300": 44, "-1": 255, "words": 1})
        self.assertIn("words", runs["words"].output())
        self.assertIn("sys.exit(300) called", runs["300"].output())

    def test_it_ends_at_once_and_keeps_what_was_measured(self):
        run = self.run_alone(LOCUST, "task", "7", "-t", "60s")
        self.assertEqual(run.wait(30), 7, run.output())
        self.assertRegex(run.output(), r"Aggregated +[1-9]")
        before = self.run_alone(LOCUST, "test_start", "7")
        self.assertEqual(before.wait(DEADLINE), 7, before.output())
        self.assertRegex(before.output(), r"Aggregated +0 ")

    def test_of_several_workers_one_is_enough(self):
        run = self.run_alone(LOCUST, "task", "7", "--processes", "2", "-t", "60s")
        self.assertEqual(run.wait(30), 7, run.output())

    def test_in_distributed_runs_each_process_has_its_own_code_as_in_stock(self):
        for where, codes in (("task", (0, 7)), ("worker_report", (7, 0)), ("quitting", (7, 7))):
            for master in ([STOCK_LOCUST, "--master"], [BUILD / "locust-master"]):
                if master[0] == STOCK_LOCUST and where == "worker_report":
                    continue  # its worker then waits a minute for it
                with self.subTest(where=where, master=master):
                    port, file = free_port(), self.file(FILE)
                    env = ["env", f"WHERE={where}", "HOW=7"]
                    leads = self.use(Process(
                        [*env, *master, "-f", file, "--headless", "-u", "2", "-r", "9", "-t", "4s", "--master-bind-port", str(port)]
                    ))  # fmt: skip
                    worker = self.use(Process([*env, BUILD / "locust-worker", "-f", file, "--master-port", str(port)]))
                    self.assertEqual((leads.wait(DEADLINE), worker.wait(DEADLINE)), codes, leads.output() + worker.output())

    def test_what_locust_cpp_does_not_have_makes_no_green_run(self):
        texts = {
            "on_start": "    def on_start(self): self.environment.create_local_runner()\n",
            "__init__": "    def __init__(self, environment): environment.create_local_runner()\n",
            "on_stop": "    def on_stop(self): self.environment.create_local_runner()\n",
            "task": "    @task\n    def u(self): self.environment.create_local_runner()\n",
            "greenlet": "    def on_start(self): gevent.spawn(self.environment.create_local_runner)\n",
        }
        begin = "import gevent\nfrom locust import User, task, constant\nclass U(User):\n    wait_time = constant(0.1)\n"
        runs = {
            place: self.use(Process([
                LOCUST, "-f", self.file(f"{begin}{text}    @task\n    def t(self): pass\n"), "--headless", "--only-summary",
                "-t", "2s",
            ]))
            for place, text in texts.items()
        }  # fmt: skip
        codes = {place: run.wait(DEADLINE) for place, run in runs.items()}
        self.assertEqual(codes, {"on_start": 1, "__init__": 2, "on_stop": 2, "task": 1, "greenlet": 2})


NOTHING = (
    "from locust import User, task\nimport time\nclass U(User):\n    def on_start(self): time.sleep(60)\n    @task\n"
    "    def t(self): pass\n"
)
SILENT = "Users were to run, but no request was made and no task began"


class SilentRuns(RunTest):
    def test_one_warning_says_that_nothing_happened(self):
        report = self.folder() / "report.html"
        run, failed = (
            self.use(Process([LOCUST, "-f", self.file(NOTHING), "--headless", "--only-summary", "-t", "2s", *args]))
            for args in (("--html", report), ("--fail-on-invalid",))
        )
        self.assertEqual(run.wait(DEADLINE), 0, run.output())
        self.assertEqual(len(run.lines(f"WARNING.*{SILENT}")), 1, run.output())
        self.assertIn(SILENT, report.read_text())
        self.assertEqual(failed.wait(DEADLINE), 3, failed.output())

    def test_a_task_without_requests_is_something(self):
        files = {
            "t.py": "from locust import User, task\nclass U(User):\n    @task\n    def t(self): self.environment.runner\n",
            "t.yaml": "users:\n  U:\n    wait_time: constant(0.1)\n    tasks:\n      t:\n        - log: hello\n",
        }
        runs = {
            name: self.use(Process(
                [LOCUST, "-f", self.file(text, name), "--headless", "--only-summary", "-t", "1s", "--fail-on-invalid"]
            ))
            for name, text in files.items()
        }  # fmt: skip
        for name, run in runs.items():
            self.assertEqual(run.wait(DEADLINE), 0, f"{name}: {run.output()}")
            self.assertNotIn(SILENT, run.output())

    def test_of_stock_workers_nobody_knows(self):
        port, file = free_port(), self.file(NOTHING)
        master = self.use(Process(
            [BUILD / "locust-master", "--headless", "-t", "3s", "--fail-on-invalid", "--master-bind-port", str(port)]
        ))  # fmt: skip
        worker = self.use(Process([STOCK_LOCUST, "--worker", "-f", file, "--master-port", str(port)]))
        self.assertEqual(master.wait(DEADLINE), 0, master.output())
        worker.wait(DEADLINE)
        self.assertNotIn(SILENT, master.output())


# Paces all users together, as constant_total_ips of locust-plugins does.
PACED = (
    "from locust import User, task, events\nclass U(User):\n"
    "    def wait_time(self): return self.environment.runner.target_user_count / 5\n    @task\n"
    "    def t(self):\n        self.environment.events.request.fire(request_type='GET', name='x', response_time=1,"
    " response_length=1, exception=None, context={})\n"
    "@events.test_start.add_listener\n@events.spawning_complete.add_listener\n@events.test_stop.add_listener\n"
    "def say(**_):\n    from gevent import sleep\n    there = kept[0].runner\n"
    "    print('SAID', type(there).__name__, there.target_user_count, there.target_user_classes_count, flush=True)\n"
    "kept = []\n@events.init.add_listener\ndef init(environment, **_): kept.append(environment)\n"
)


class Targets(RunTest):
    """runner.target_user_count and target_user_classes_count."""

    def said(self, run, runner):
        return [line.split(" ", 2)[2] for line in run.lines("^SAID ") if line.split()[1] == runner]

    def test_in_one_process_they_are_the_whole_tests(self):
        file = self.file(PACED)
        stock, ours = (
            self.use(Process([locust, "-f", file, "--headless", "-u", "10", "-r", "5", "-t", "5s", "--json"]))
            for locust in (STOCK_LOCUST, LOCUST)
        )
        for run in (stock, ours):
            self.assertEqual(run.wait(DEADLINE), 0, run.output())
        self.assertEqual(self.said(ours, "WorkerRunner"), self.said(stock, "LocalRunner"), ours.output() + stock.output())
        self.assertEqual(self.said(ours, "WorkerRunner"), ["10 {}", "10 {'U': 10}", "10 {'U': 10}"])

    def test_in_distributed_runs_they_are_what_stock_says_on_either_side(self):
        said = []
        for master, worker in (
            ([STOCK_LOCUST, "--master"], [STOCK_LOCUST, "--worker"]), ([BUILD / "locust-master"], [BUILD / "locust-worker"]),
        ):  # fmt: skip
            port, file = free_port(), self.file(PACED)
            leads = self.use(Process(
                [*master, "-f", file, "--headless", "-u", "10", "-r", "10", "-t", "4s", "--expect-workers", "2",
                 "--master-bind-port", str(port)]
            ))  # fmt: skip
            workers = [self.use(Process([*worker, "-f", file, "--master-port", str(port)])) for _ in range(2)]
            self.assertEqual(leads.wait(DEADLINE), 0, leads.output())
            for each in workers:
                each.wait(DEADLINE)
            said.append((self.said(leads, "MasterRunner"), [self.said(each, "WorkerRunner") for each in workers]))
        self.assertEqual(*said)
        self.assertIn("5 {'U': 5}", said[0][1][0])


def load_tests(_loader, tests, _pattern):
    return harness.SideBySide(tests)


if __name__ == "__main__":
    unittest.main()
