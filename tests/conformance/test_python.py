"""Python locustfiles: our worker does with one what a stock worker does, row by row and line by line."""

import csv
import pathlib
import re
import signal
import tempfile
import unittest

import harness
from harness import BUILD, LOCUSTFILES, STOCK, ConformanceTest, Process, free_port

DEADLINE = 60.0
API = LOCUSTFILES / "python_api.py"
STOCK_LOCUST = STOCK / harness.newest() / "bin" / "locust"


def start_target():
    target = Process([BUILD / "locust-target", "--port", "0"])
    address = target.wait_line(r"^listening on ").removeprefix("listening on ")
    return target, f"http://{address}"


class PythonTest(ConformanceTest):
    def folder(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return pathlib.Path(folder.name)

    def file(self, text):
        path = self.folder() / "locustfile.py"
        path.write_text(text)
        return path

    def run_under_stock_master(self, worker, locustfile, *args, until=()):
        """(lines of the worker, rows of the statistics, rows of the failures) after three seconds, or when the worker
        has said all of `until`"""
        folder, port = self.folder(), free_port()
        target, url = start_target()
        self.use(target)
        master = self.use(Process(
            [STOCK_LOCUST, "-f", locustfile, "--master", "--headless", "--only-summary", "-u", "4", "-r", "100",
             "-t", "60s" if until else "3s", "-H", url, "--expect-workers", "1", "--master-bind-port", str(port),
             "--csv", folder / "r"]
        ))  # fmt: skip
        runs = self.use(Process([*worker, "-f", locustfile, "--master-port", str(port), *args]))
        for line in until:
            runs.wait_line(line)
        if until:
            master.signal(signal.SIGTERM)
        self.assertEqual(runs.wait(DEADLINE), 0, runs.output())
        master.wait(DEADLINE)
        return runs, self.rows(folder / "r_stats.csv", 4), self.rows(folder / "r_failures.csv", 4)

    @staticmethod
    def rows(path, columns):
        with path.open(newline="") as file:
            return sorted(row[:columns] for row in csv.reader(file))


class Worker(PythonTest):
    def test_does_what_a_stock_worker_does(self):
        def run(*worker):
            ends = [f"^SAID {user}.on_stop$" for user in ("Requests", "Sequence", "Chain", "Fast")]
            return self.run_under_stock_master(worker, API, "--colour", "green", "--quick", until=ends)

        stock, stock_rows, stock_failures = run(STOCK_LOCUST, "--worker")
        ours, our_rows, our_failures = run(BUILD / "locust-worker")
        # stock names a line of its own there, which this package has not
        own_frame = re.compile(r"/\S*/locust/user/users\.py:\d+ in rest, ")
        said = [{own_frame.sub("", line) for line in run.lines(r"^SAID ")} for run in (ours, stock)]
        self.assertEqual(*map(sorted, said))
        self.assertIn("SAID init WorkerRunner green 3", ours.output())
        self.assertEqual(our_rows, stock_rows)
        for row in stock_failures + our_failures:
            row[2] = own_frame.sub("", row[2])[:150]
        self.assertEqual(our_failures, stock_failures)
        self.assertIn("/WARNING/mine: a warning of mine", ours.output())

    def test_ends_as_stock_does_where_a_file_cannot_be_run(self):
        for text, code, told in (
            ("import nosuchmodule\n", 1, "ModuleNotFoundError: No module named 'nosuchmodule'"),
            ("def f(:\n", 1, "SyntaxError: invalid syntax"),
            ("import sys; sys.exit(7)\n", 7, ""),
            ("import sys; sys.exit('told')\n", 1, "told"),
            ("1/0\n", 1, "ZeroDivisionError: division by zero"),
            ("x = 1\n", 1, "No User class found!"),
        ):
            file = self.file(text)
            runs = [
                self.use(Process([*program, "-f", file, "--master-port", str(free_port())]))
                for program in ([BUILD / "locust-worker"], [STOCK_LOCUST, "--worker"])
            ]
            for run in runs:
                with self.subTest(text):
                    self.assertEqual(run.wait(), code, run.output())
                    self.assertIn(told, run.output())

    def test_a_shape_that_one_file_imports_from_another_is_one(self):
        folder = self.folder()
        shape = "from locust import LoadTestShape\nclass Steps(LoadTestShape):\n    def tick(self): return None\n"
        (folder / "first.py").write_text(shape)
        users = "from locust import User, task\nclass Shop(User):\n    @task\n    def buy(self): pass\n"
        for text, code, told in (("from first import Steps\n", 0, "Shop"), (shape, 1, "Duplicate shape classes: Steps")):
            (folder / "second.py").write_text(text + users)
            files = f"{folder}/first.py,{folder}/second.py"
            for program in ([BUILD / "locust-worker"], [STOCK_LOCUST]):
                with self.subTest(f"{program[0]} {text}"):
                    run = self.use(Process([*program, "-f", files, "--list"]))
                    self.assertEqual(run.wait(DEADLINE), code, run.output())
                    self.assertIn(told, run.output())

    def test_shows_the_line_of_a_file_that_cannot_be_imported(self):
        run = self.use(Process([BUILD / "locust-worker", "-f", self.file("import os\n1/0\n")]))
        self.assertEqual(run.wait(), 1)
        self.assertRegex(run.output(), r'(?m)^Traceback .*\n  File "/.*/locustfile.py", line 2, in <module>\n    1/0\n')

    def test_masks_the_line_of_a_file_that_cannot_be_imported(self):
        file = self.file("key = 'http://u:pass-xyzzy@host'\nraise ValueError(key, 'leak-plugh', 'token=abc-123')\n")
        for program in ("locust-worker", "locust-master"):
            run = self.use(Process([BUILD / program, "-f", file, "--mask", "leak-[a-z]+", "--headless"]))
            self.assertEqual(run.wait(), 1)
            self.assertIn("ValueError: (", run.output())
            for secret in ("pass-xyzzy", "leak-plugh", "abc-123"):
                self.assertNotIn(secret, run.output())

    def test_masks_each_value_of_secret_lists(self):
        file = self.file(
            "import logging\nfrom locust import User, events\nclass One(User): pass\n"
            "@events.init_command_line_parser.add_listener\ndef add(parser):\n"
            "    parser.add_argument('--pair', nargs=2, action='append', is_secret=True)\n"
            "@events.init.add_listener\ndef say(environment, **_):\n"
            "    for each in environment.parsed_options.pair: logging.warning('SAID %s and %s.', *each)\n"
        )
        run = self.use(Process([BUILD / "locust-worker", "-f", file, "--pair", "key-one", "key-two", "--master-port", "1"]))
        self.assertNotIn("key-", run.wait_line("SAID .* and .*[.]$"))

    def test_config_users_sets_any_attribute(self):
        """As stock does (env.py update_user_class)."""
        file = self.file(
            "from locust import User, constant, events, task\nclass One(User):\n    limit = 1\n    wait_time = constant(1)\n"
            "    @task\n    def t(self): pass\n    @events.init.add_listener\n"
            "    def say(environment, **_): print('SAID', One.limit, One.more, One.weight)\n"
        )
        config = '{"user_class_name": "One", "limit": {"a": [1, null]}, "more": "\u00e9", "weight": 2}'
        for program in (BUILD / "locust", STOCK_LOCUST):
            run = self.use(Process([program, "-f", file, "--headless", "-t", "1s", "--config-users", config]))
            self.assertEqual(run.wait(DEADLINE), 0, run.output())
            self.assertRegex(run.output(), r"SAID \{'a': \[1, None\]\} \u00e9 2")

    def test_says_what_it_has_not(self):
        run = self.use(Process([BUILD / "locust-worker", "-f", self.file("import locust.contrib.mongodb\n")]))
        self.assertEqual(run.wait(), 1)
        self.assertIn("locust.contrib.mongodb is not among what locust-cpp has of locust", run.output())

    def test_tells_of_the_classes_as_stock_does(self):
        for options in (["--list"], ["--show-task-ratio"], ["--show-task-ratio-json", "-u", "9"]):
            with self.subTest(options):
                runs = [
                    self.use(Process([*program, "-f", LOCUSTFILES / "task_sets.py", *options]))
                    for program in ([STOCK_LOCUST], [BUILD / "locust-worker"])
                ]
                shown = []
                for run in runs:
                    self.assertEqual(run.wait(), 0, run.output())
                    shown.append([line for line in run.output().splitlines() if not line.startswith("[")])
                self.assertEqual(shown[0], shown[1])

    def test_names_the_line_that_blocks_all_users(self):
        file = self.file(
            "import subprocess\nfrom locust import User, task\n\nclass U(User):\n    @task\n    def t(self):\n"
            "        subprocess.run(['sleep', '1'])\n"
        )
        worker, _, _ = self.run_under_stock_master([BUILD / "locust-worker"], file)
        self.assertRegex(worker.output(), r"has blocked all users of this worker for \d+ ms so far: .* called from "
                                          r"/.*/locustfile\.py:7 in t")  # fmt: skip

    def test_warns_once_of_modules_whose_calls_block(self):
        file = self.file("import smtplib, ftplib\nfrom locust import User, task\nclass U(User):\n    @task\n    def t(self): pass\n")
        worker, _, _ = self.run_under_stock_master([BUILD / "locust-worker"], file)
        self.assertEqual(len(worker.lines("such calls block all users")), 1, worker.output())
        self.assertIn("The test imports smtplib, ftplib:", worker.output())

    def test_refuses_an_environment_of_another_python(self):
        folder = self.folder()
        (folder / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.9.2\n")
        run = self.use(Process([BUILD / "locust-worker", "-f", API, "--python-home", folder]))
        self.assertEqual(run.wait(), 1)
        self.assertIn(f"{folder} is a virtual environment of Python 3.9.2, but this program runs Python 3.11", run.output())

    def test_programs_of_the_test_hear_signals(self):
        file = self.file(
            "import subprocess\nfrom locust import User, task, events\n"
            "@events.init.add_listener\ndef init(**_):\n    child = subprocess.Popen(['sleep', '60'])\n"
            "    child.terminate()\n    try:\n        print('SAID', child.wait(10), flush=True)\n    finally:\n"
            "        child.kill()\nclass U(User):\n    @task\n    def t(self): pass\n"
        )
        worker, _, _ = self.run_under_stock_master([BUILD / "locust-worker"], file)
        self.assertIn("SAID -15", worker.output())

    def test_a_signal_ends_it_within_a_listener_of_init(self):
        file = self.file(
            "import time\nfrom locust import User, task, events\n@events.init.add_listener\ndef init(**_):\n"
            "    print('SAID init', flush=True)\n    time.sleep(300)\nclass U(User):\n    @task\n    def t(self): pass\n"
        )
        for program in ([BUILD / "locust-worker"], [BUILD / "locust-master", "--headless"]):
            run = self.use(Process([*program, "-f", file]))
            run.wait_line("^SAID init")
            run.signal(signal.SIGTERM)
            self.assertEqual(run.wait(), -signal.SIGTERM, run.output())

    def test_messages_of_quitting_arrive_and_later_ones_are_told_of(self):
        file = self.file(
            "from locust import User, task, events\nclass U(User):\n    @task\n    def t(self): pass\n"
            "@events.init.add_listener\ndef init(environment, **_):\n    global there\n    there = environment\n"
            "    environment.runner.register_message('bye', lambda msg, **_: print('SAID', msg.data, flush=True))\n"
            "@events.quitting.add_listener\ndef quitting(environment, **_):\n"
            "    if 'Worker' in type(environment.runner).__name__: environment.runner.send_message('bye', 1)\n"
            "@events.quit.add_listener\ndef quit(**_):\n"
            "    if 'Worker' in type(there.runner).__name__: there.runner.send_message('late', 2)\n"
        )
        run = self.use(Process([BUILD / "locust", "-f", file, "--headless", "-t", "2s"]))
        self.assertEqual(run.wait(DEADLINE), 0, run.output())
        self.assertIn("SAID 1", run.output())
        self.assertIn("The message 'late' is too late to be sent", run.output())

    def test_ends_with_requests_of_greenlets_in_flight(self):
        target, url = start_target()
        self.use(target)
        file = self.file(
            "import gevent\nfrom locust import HttpUser, task, constant\nclass U(HttpUser):\n    wait_time = constant(1)\n"
            "    def on_start(self): gevent.spawn(self.client.get, '/slow?ms=60000')\n    @task\n"
            "    def t(self): self.client.get('/')\n"
        )
        run = self.use(Process([BUILD / "locust", "-f", file, "--headless", "-H", url, "-u", "5", "-r", "5", "-t", "2s"]))
        self.assertEqual(run.wait(DEADLINE), 0, run.output())

    def test_one_process_is_not_forked(self):
        file = self.file(
            "import os\nfrom locust import User, task, events\nimported = os.getpid()\n@events.init.add_listener\n"
            "def init(**_): print('SAID', imported == os.getpid(), flush=True)\n"
            "class U(User):\n    @task\n    def t(self): pass\n"
        )
        run = self.use(Process([BUILD / "locust", "-f", file, "--headless", "-t", "1s"]))
        self.assertEqual(run.wait(DEADLINE), 0, run.output())
        self.assertEqual(run.lines("^SAID "), ["SAID True", "SAID True"], run.output())

    def test_says_that_threads_do_not_come_along(self):
        file = self.file(
            "import threading\nfrom locust import User, task\nthreading.Thread(target=threading.Event().wait, daemon=True, "
            "name='mine').start()\nclass U(User):\n    @task\n    def t(self): pass\n"
        )
        run = self.use(Process([BUILD / "locust-worker", "-f", file, "--processes", "2", "--master-port", str(free_port())]))
        self.assertRegex(run.wait_line("has started threads"), r"threads \(mine\), which the processes of --processes")

    def test_processes_share_the_users(self):
        port = free_port()
        target, url = start_target()
        self.use(target)
        file = self.file(
            "import os\nfrom locust import HttpUser, task, constant\nclass U(HttpUser):\n    wait_time = constant(0.1)\n"
            "    def on_start(self): print('PID', os.getpid(), flush=True)\n    @task\n    def t(self): self.client.get('/')\n"
        )
        master = self.use(Process(
            [STOCK_LOCUST, "-f", file, "--master", "--headless", "-u", "4", "-r", "4", "-t", "3s", "-H", url,
             "--expect-workers", "2", "--master-bind-port", str(port)]
        ))  # fmt: skip
        workers = self.use(Process([BUILD / "locust-worker", "-f", file, "--processes", "2", "--master-port", str(port)]))
        self.assertEqual(workers.wait(DEADLINE), 0, workers.output())
        self.assertEqual(master.wait(DEADLINE), 0, master.output())
        self.assertEqual(len(set(workers.lines("^PID"))), 2, workers.output())


EXAMPLES = harness.ROOT / "examples" / "python"
ROWS = {
    "minimal.py": {("GET", "/api/products")},
    "shop.py": {("GET", "/api/products"), ("GET", "/api/products/42"), ("POST", "/api/cart")},
    "login.py": {("POST", "/api/auth/login"), ("GET", "/api/dashboard"), ("GET", "/api/orders"), ("POST", "/api/auth/logout")},
    "credentials.py": {("POST", "/api/auth/login"), ("GET", "/api/profile")},
    "thresholds.py": {("GET", "/api/products")},
}
OURS, STOCKS = [BUILD / "locust-master"], [STOCK_LOCUST, "--master"]


class Cluster:
    """A master with a worker of either kind, all with the same file."""

    def __init__(self, test, master, file, host, *args, cwd=EXAMPLES):
        self._csv, port = test.folder() / "r", free_port()
        self.master = test.use(Process(
            [*master, "-f", file, "--headless", "--only-summary", "-H", host, "--expect-workers", "2", "--master-bind-port",
             str(port), "--csv", self._csv, "-s", "5", *args], cwd=cwd
        ))  # fmt: skip
        self.workers = [
            test.use(Process([*worker, "-f", file, "--master-port", str(port)], cwd=cwd))
            for worker in ([STOCK_LOCUST, "--worker"], [BUILD / "locust-worker"])
        ]
        self._test = test

    def end(self):
        """(exit code of the master, {(method, name): [requests, failures]})"""
        code = self.master.wait(DEADLINE)
        for worker in self.workers:
            worker.wait(DEADLINE)
        rows = self._test.rows(pathlib.Path(f"{self._csv}_stats.csv"), 4)
        return code, {(row[0], row[1]): [int(n) for n in row[2:]] for row in rows if row[1] not in ("Name", "Aggregated")}


class Examples(PythonTest):
    def test_all_are_tested(self):
        self.assertEqual({file.name for file in EXAMPLES.glob("*.py")}, {*ROWS, "step_shape.py"})

    def test_run_in_clusters_of_both_kinds_under_either_master(self):
        clusters = []
        for name in ROWS:
            target, url = start_target()
            self.use(target)
            for master in (OURS, STOCKS):
                clusters.append((name, Cluster(self, master, name, url, "-u", "6", "-r", "6", "-t", "5s")))
        for name, cluster in clusters:
            with self.subTest(name):
                code, rows = cluster.end()
                self.assertEqual(code, 0, cluster.master.output())
                self.assertLessEqual(set(rows), ROWS[name])
                self.assertGreaterEqual(len(rows), min(2, len(ROWS[name])), cluster.master.output())
                self.assertEqual([row for row, (_, failures) in rows.items() if failures], [])
                self.assertIn("6 users at 6.00 spawn rate to 2 ready workers", cluster.master.output())

    def test_thresholds_make_the_exit_code(self):
        target, url = start_target()
        self.use(target)
        clusters = [
            Cluster(self, master, "thresholds.py", f"{url}/status/500?", "-u", "2", "-r", "2", "-t", "3s")
            for master in (OURS, STOCKS)
        ]
        for cluster in clusters:
            code, rows = cluster.end()
            self.assertEqual(code, 1)
            self.assertIn("FAIL: error rate 100.0% exceeds 1%", cluster.master.output())
            self.assertEqual(list(rows), [("GET", "/status/500?/api/products")])
        text = (EXAMPLES / "thresholds.py").read_text()
        self.assertIn("(0.95) > 500", text)
        patient = self.file(text.replace("(0.95) > 500", "(0.95) > 30_000"))  # as machines that run tests are busy
        alone = self.use(Process([BUILD / "locust", "-f", patient, "--headless", "-H", url, "-u", "2", "-t", "3s"]))
        self.assertEqual(alone.wait(DEADLINE), 0, alone.output())

    def test_the_shape_leads_the_test(self):
        text = (EXAMPLES / "step_shape.py").read_text()
        for written, short in (
            ("run_time < 60", "run_time < 2"), ("run_time < 120", "run_time < 4"), ("run_time < 180", "run_time < 6"),
            ("(50, 10)", "(2, 10)"), ("(100, 10)", "(4, 10)"), ("(200, 20)", "(6, 20)"),
        ):  # fmt: skip
            self.assertIn(written, text)
            text = text.replace(written, short)
        file = self.file(text)
        target, url = start_target()
        self.use(target)
        for cluster in [Cluster(self, master, file, url) for master in (OURS, STOCKS)]:
            code, _ = cluster.end()
            self.assertEqual(code, 0, cluster.master.output())
            updates = [re.search(r"to (\d+) users", line)[1] for line in cluster.master.lines("Shape test updating to")]
            self.assertEqual(updates, ["2", "4", "6"], cluster.master.output())
            self.assertIn("Shape test stopping", cluster.master.output())


QUITTING_SHAPE = """\
from locust import LoadTestShape, User, constant, task

class A(User):
    wait_time = constant(0.1)

    @task
    def t(self):
        self.environment.events.request.fire(
            request_type="own", name="t", response_time=1, response_length=0, exception=None, context={})
        print("RAN", flush=True)

class Quits(LoadTestShape):
    def tick(self):
        if self.get_run_time() > 2:
            self.runner.quit()
        return 2, 10
"""


class Master(PythonTest):
    def test_a_shape_that_quits_within_its_tick_loses_no_request(self):
        for program in (STOCK_LOCUST, BUILD / "locust"):
            run = self.use(Process([program, "-f", self.file(QUITTING_SHAPE), "--headless", "--only-summary", "--json"]))
            self.assertEqual(run.wait(DEADLINE), 0, run.output())
            self.assertIn(f'"num_requests": {len(run.lines("^RAN$"))},', run.output())

    def test_listeners_and_messages_work_between_both_kinds(self):
        file = self.file(
            "import gevent, time\nfrom locust import HttpUser, task, constant, events\n"
            "asked = []\nclass U(HttpUser):\n    wait_time = constant(0.1)\n"
            "    def on_start(self): say('asked before', asked)\n    @task\n    def t(self): self.client.get('/')\n"
            "def say(*words): print('SAID', *words, flush=True)\n"
            "@events.init.add_listener\ndef init(environment, **_):\n"
            "    kind = type(environment.runner).__name__\n    say('init', kind)\n"
            "    environment.runner.register_message('ask', lambda environment, msg, **_:"
            " (asked.append(msg.data['n']), say(kind, 'asked', msg.data), environment.runner.send_message('answer', {'n': msg.data['n'] + 1})))\n"
            "    environment.runner.register_message('answer', lambda environment, msg, **_: say(kind, 'answered', msg.data))\n"
            "@events.test_start.add_listener\ndef start(environment, **_):\n"
            "    if 'Master' in type(environment.runner).__name__: environment.runner.send_message('ask', {'n': 1})\n"
            "    time.sleep(0.2)\n"
            "import locust.runners\nlocust.runners.CPU_MONITOR_INTERVAL = 0.5\nlocust.runners.CPU_WARNING_THRESHOLD = -1\n"
            "@events.usage_monitor.add_listener\ndef used(environment, cpu_usage, memory_usage):\n"
            "    say('usage', type(environment.runner).__name__, type(cpu_usage).__name__, memory_usage > 1e6)\n"
            "@events.cpu_warning.add_listener\ndef busy(environment, cpu_usage): say('busy', type(cpu_usage).__name__)\n"
            "@events.heartbeat_sent.add_listener\ndef sent(client_id, timestamp): say('sent', timestamp > 1e9)\n"
            "@events.heartbeat_received.add_listener\ndef received(client_id, timestamp): say('received', timestamp > 1e9)\n"
            "@events.report_to_master.add_listener\ndef report(client_id, data): data['mine'] = [1, 'a']\n"
            "@events.worker_report.add_listener\ndef reported(client_id, data): say('report', data['mine'])\n"
            "@events.spawning_complete.add_listener\ndef spawned(user_count): say('spawned', user_count)\n"
            "@events.test_stop.add_listener\ndef stop(environment, **_): say('stop')\n"
            "@events.quitting.add_listener\ndef quitting(environment, **_):\n"
            "    total = environment.stats.total\n"
            "    if 'Master' in type(environment.runner).__name__:\n"
            "        say('quitting', total.num_requests > 10, total.fail_ratio, sorted(environment.stats.entries))\n"
            "        environment.process_exit_code = 7\n"
        )
        target, url = start_target()
        self.use(target)
        said = []
        for cluster in [Cluster(self, master, file, url, "-u", "4", "-r", "9", "-t", "4s") for master in (OURS, STOCKS)]:
            code, _ = cluster.end()
            self.assertEqual(code, 7, cluster.master.output())
            said.append(sorted(set(cluster.master.lines("^SAID "))))
            for worker in cluster.workers:
                self.assertIn("SAID WorkerRunner asked {'n': 1}", worker.output())
                self.assertIn("SAID asked before [1]", worker.output())
                for line in ("SAID received True", "SAID usage WorkerRunner float True", "SAID busy float"):
                    self.assertIn(line, worker.output())
        self.assertEqual(said[0], said[1])
        self.assertIn("SAID MasterRunner answered {'n': 2}", said[0])

    def test_workers_of_both_kinds_get_the_file(self):
        port = free_port()
        target, url = start_target()
        self.use(target)
        master = self.use(Process(
            [*OURS, "-f", EXAMPLES / "minimal.py", "--headless", "-H", url, "--expect-workers", "2", "-u", "4", "-r", "4",
             "-t", "3s", "--master-bind-port", str(port)]
        ))  # fmt: skip
        for worker in ([STOCK_LOCUST, "--worker"], [BUILD / "locust-worker"]):
            self.use(Process([*worker, "-f", "-", "--master-port", str(port)]))
        self.assertEqual(master.wait(DEADLINE), 0, master.output())
        self.assertIn('All users spawned: {"APIUser": 4}', master.output())

    def test_exceptions_of_both_kinds_of_workers_are_one_row(self):
        file = self.file(
            "from locust import User, task, constant, events\nclass U(User):\n    wait_time = constant(0.2)\n    @task\n"
            "    def t(self):\n        raise ValueError('oops')\n"
            "@events.quitting.add_listener\ndef quitting(environment, **_):\n"
            "    for row in environment.runner.exceptions.values(): print('ROW', row['msg'], len(row['nodes']), flush=True)\n"
        )
        cluster = Cluster(self, OURS, file, "http://127.0.0.1", "-u", "4", "-r", "4", "-t", "3s")
        self.assertEqual(cluster.end()[0], 1, cluster.master.output())
        self.assertEqual(cluster.master.lines("^ROW "), ["ROW oops 2"])

    def test_all_in_one_gives_the_files_own_arguments_to_both(self):
        target, url = start_target()
        self.use(target)
        run = self.use(Process(
            [BUILD / "locust", "-f", API, "--headless", "-H", url, "-u", "4", "-r", "4", "-t", "2s", "--colour", "green"]
        ))  # fmt: skip
        run.wait(DEADLINE)
        self.assertIn("SAID init MasterRunner green 3", run.output())
        self.assertIn("SAID init WorkerRunner green 3", run.output())

    def test_a_body_beyond_the_limit_is_a_counted_failure_that_names_the_option(self):
        target, url = start_target()
        self.use(target)
        for base in ("HttpUser", "FastHttpUser"):
            file = self.file(
                f"from locust import *\nclass U({base}):\n    wait_time = constant(0.1)\n    @task\n    def t(self):\n"
                "        self.client.get('/bytes/2000000')\n"
            )
            for limit, failed in (("1MB", True), ("2000000", False)):
                with self.subTest(base=base, limit=limit):
                    folder = self.folder()
                    run = self.use(Process(
                        [BUILD / "locust", "-f", file, "--headless", "-t", "2s", "-H", url, "--only-summary",
                         "--max-body-size", limit, "--csv", folder / "r"]
                    ))  # fmt: skip
                    self.assertEqual(run.wait(DEADLINE), int(failed), run.output())
                    requests, failures = map(int, self.rows(folder / "r_stats.csv", 4)[0][2:])
                    self.assertGreater(requests, 5)
                    self.assertEqual(failures, requests if failed else 0)
                    self.assertEqual("--max-body-size raises the limit" in run.output(), failed)

    def test_the_time_of_a_shape_begins_with_its_test(self):
        file = self.file(
            "import time\nfrom locust import User, task, events, LoadTestShape\nclass U(User):\n    @task\n    def t(self): pass\n"
            "@events.init.add_listener\ndef init(**_): time.sleep(1.5)\n"
            "class Shape(LoadTestShape):\n    def tick(self): return (1, 1) if self.get_run_time() < 1 else None\n"
        )
        run = self.use(Process([BUILD / "locust", "-f", file, "--headless"]))
        self.assertEqual(run.wait(DEADLINE), 0, run.output())
        self.assertIn("Shape test updating to 1 users", run.output())

    def test_ends_with_two_where_the_shape_fails(self):
        runs = {}
        for tick in ("(1,)", "('many', 1)", "(1, 1, [1])", "1 / 0"):
            file = self.file(
                "from locust import User, task, LoadTestShape\nclass U(User):\n    @task\n    def t(self): pass\n"
                f"class Shape(LoadTestShape):\n    def tick(self): return {tick}\n"
            )
            runs[tick] = self.use(Process([BUILD / "locust", "-f", file, "--headless"]))
        for tick, run in runs.items():
            with self.subTest(tick):
                self.assertEqual(run.wait(DEADLINE), 2, run.output())
                self.assertIn("The shape has failed, which ends the test:", run.output())

    def test_a_file_that_cannot_be_imported_ends_it(self):
        for program in ("locust-master", "locust"):
            run = self.use(Process([BUILD / program, "-f", self.file("1/0\n"), "--headless"]))
            self.assertEqual(run.wait(), 1, run.output())
            self.assertIn("ZeroDivisionError: division by zero", run.output())


def load_tests(_loader, tests, _pattern):
    return harness.SideBySide(tests)


if __name__ == "__main__":
    unittest.main()
