"""Python locustfiles: our worker does with one what a stock worker does, row by row and line by line."""

import csv
import pathlib
import re
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

    def run_under_stock_master(self, worker, locustfile, *args):
        """(lines of the worker, rows of the statistics, rows of the failures)"""
        folder, port = self.folder(), free_port()
        target, url = start_target()
        self.use(target)
        master = self.use(Process(
            [STOCK_LOCUST, "-f", locustfile, "--master", "--headless", "--only-summary", "-u", "4", "-r", "100",
             "-t", "3s", "-H", url, "--expect-workers", "1", "--master-bind-port", str(port), "--csv", folder / "r"]
        ))  # fmt: skip
        runs = self.use(Process([*worker, "-f", locustfile, "--master-port", str(port), *args]))
        self.assertEqual(runs.wait(DEADLINE), 0, runs.output())
        master.wait(DEADLINE)
        return runs, self.rows(folder / "r_stats.csv", 4), self.rows(folder / "r_failures.csv", 4)

    @staticmethod
    def rows(path, columns):
        with path.open(newline="") as file:
            return sorted(row[:columns] for row in csv.reader(file))


class Worker(PythonTest):
    def test_does_what_a_stock_worker_does(self):
        args = ("--colour", "green", "--quick")
        stock, stock_rows, stock_failures = self.run_under_stock_master([STOCK_LOCUST, "--worker"], API, *args)
        ours, our_rows, our_failures = self.run_under_stock_master([BUILD / "locust-worker"], API, *args)
        said = r"^SAID "
        self.assertEqual(sorted(set(ours.lines(said))), sorted(set(stock.lines(said))))
        self.assertIn("SAID init WorkerRunner green 3", ours.output())
        self.assertEqual(our_rows, stock_rows)
        # stock names a line of its own there, which this package has not
        own_frame = re.compile(r"/\S*/locust/contrib/fasthttp\.py:\d+ in rest, ")
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
            with self.subTest(text):
                file = self.file(text)
                for program in ([BUILD / "locust-worker"], [STOCK_LOCUST, "--worker"]):
                    run = self.use(Process([*program, "-f", file, "--master-port", str(free_port())]))
                    self.assertEqual(run.wait(), code, run.output())
                    self.assertIn(told, run.output())

    def test_shows_the_line_of_a_file_that_cannot_be_imported(self):
        run = self.use(Process([BUILD / "locust-worker", "-f", self.file("import os\n1/0\n")]))
        self.assertEqual(run.wait(), 1)
        self.assertRegex(run.output(), r'(?m)^Traceback .*\n  File "/.*/locustfile.py", line 2, in <module>\n    1/0\n')

    def test_says_what_it_has_not(self):
        run = self.use(Process([BUILD / "locust-worker", "-f", self.file("import locust.contrib.mongodb\n")]))
        self.assertEqual(run.wait(), 1)
        self.assertIn("locust.contrib.mongodb is not among what locust-cpp has of locust", run.output())

    def test_tells_of_the_classes_as_stock_does(self):
        for options in (["--list"], ["--show-task-ratio"], ["--show-task-ratio-json", "-u", "9"]):
            with self.subTest(options):
                shown = []
                for program in ([STOCK_LOCUST], [BUILD / "locust-worker"]):
                    run = self.use(Process([*program, "-f", LOCUSTFILES / "task_sets.py", *options]))
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


if __name__ == "__main__":
    unittest.main()
