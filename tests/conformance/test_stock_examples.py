"""Stock Locust's own examples: under our `locust` each makes the requests, failures, exceptions, printed
lines and exit code that it makes under stock.

The examples are not in this repository. scripts/setup takes them from the newest source package of stock
that has them; LOCUST_EXAMPLES names the folder `examples` of any other, such as a checkout's of the newest.
"""

import concurrent.futures
import csv
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

import harness
from harness import BUILD, STOCK, ConformanceTest, free_port
from stock_examples.server import ExampleServer

EXAMPLES = pathlib.Path(os.environ.get("LOCUST_EXAMPLES", STOCK / "examples"))
PACE = pathlib.Path(__file__).resolve().parent / "stock_examples" / "pace.py"
ENVIRONMENT = STOCK / harness.newest()
DEADLINE = 120.0
AT_A_TIME = 10  # runs
SECONDS = 4  # of each run
# What rest() of stock names in a failure before the lines of the example.
OWN_FRAME = re.compile(r"/\S*/locust/user/users\.py:\d+ in rest, ")

NOT_RUN = {
    "bottlenecked_server.py": "asks for stock's web page",
    "browse_docs_sequence_test.py": "needs the package pyquery",
    "browse_docs_test.py": "needs the package pyquery",
    "custom_xmlrpc_client/server.py": "is a server",
    "dns_ex.py": "needs the package dnspython",
    "grpc/*": "needs the package grpcio",
    "milvus/*": "needs a service",
    "mongodb/*": "needs a service",
    "mqtt/*": "needs a service",
    "openai_ex.py": "needs a service",
    "postgres/*": "needs a service",
    "qdrant/*": "needs a service",
    "sdk_session_patching/*": "needs the package archivist",
    "socketio/*": "needs a service",
    "test_pytest.py": "is for pytest",
    "use_as_lib.py": "uses Locust as a library",
    "worker_index.py": "needs the package locust-plugins",
}


def listed(name, table):
    return name in table or f"{name.partition('/')[0]}/*" in table


def without_numbers(text):
    return re.sub(r"\d+([.:]\d+)*", "N", re.sub(r"[0-9a-f]{32}", "ID", text))


class Run:
    """An example under one of the two, from its begin to its end."""

    def __init__(self, program, example, url, seconds):
        with tempfile.TemporaryDirectory(prefix="locust-conformance-") as folder:
            self._folder = pathlib.Path(folder)
            shutil.copytree(EXAMPLES, self._folder / "examples")
            file = self._folder / "examples" / example
            # What is on the Internet is asked of the server here; nothing listens where nothing did.
            text = re.sub(r"https?://[a-z.-]+\.(com|org|io):\d+", "http://127.0.0.1:1", file.read_text())
            file.write_text(re.sub(r"https?://[a-z.-]+\.(com|org|io)", url, text))
            self._url = url
            self._run(program, file, seconds)

    def _run(self, program, file, seconds):
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("LOCUST_", "PYTHON"))}
        environment.update(API_HOST=self._url, VIRTUAL_ENV=str(ENVIRONMENT))
        argv = [
            *program, "-f", f"{PACE},{file}", "--headless", "--only-summary", "-H", self._url, "-u", "5", "-r", "100",
            "-t", f"{seconds}s", "--csv", self._folder / "r",
        ]  # fmt: skip
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
            cwd=self._folder, start_new_session=True,
        )  # fmt: skip
        try:
            printed, self.log = process.communicate(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            printed, self.log = process.communicate()
        self.outcome = {
            "exit code": process.returncode,
            "requests": self._rows("stats", 2),
            "failures": self._rows("failures", 3),
            "exceptions": self._exceptions(),
            "printed": {without_numbers(line) for line in printed.splitlines()},
        }

    def _rows(self, table, columns):
        path = self._folder / f"r_{table}.csv"
        if not path.exists():
            return None
        with path.open(newline="") as file:
            return {tuple(self._plain(cell) for cell in row[:columns]) for row in list(csv.reader(file))[1:]}

    def _plain(self, text):
        # Ours masks it in a failure that quotes the page.
        text = text.replace('value="f00d"', 'value="***"')
        text = OWN_FRAME.sub("", text.replace(str(self._folder), "").replace(self._url, "URL"))
        return re.sub(r"\d+:\d+\.\d+", "TIME", text)

    def _exceptions(self):
        """Messages, and the lines of the example that they come from."""
        path = self._folder / "r_exceptions.csv"
        if not path.exists():
            return None
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        return {(row["Message"], *re.findall(r"/(examples/.*)", row["Traceback"])) for row in rows}


def run_stock(example, url, seconds):
    port = str(free_port())
    locust = ENVIRONMENT / "bin" / "locust"
    return Run([locust, "--processes", "1", "--master-bind-port", port, "--master-port", port], example, url, seconds)


def run_ours(example, url, seconds):
    return Run([BUILD / "locust", "--master-bind-port", str(free_port())], example, url, seconds)


class StockExamples(ConformanceTest):
    maxDiff = None

    def test_those_that_are_not_run_are_documented(self):
        text = (harness.ROOT / "docs" / "python.md").read_text()
        section = text.partition("## Stock's own examples\n")[2].partition("\n## ")[0]
        self.assertEqual(dict(re.findall(r"^\| `(\S+)` \| (.*) \|$", section, re.M)), NOT_RUN)

    @unittest.skipUnless(EXAMPLES.is_dir(), "scripts/setup could not get the examples of stock Locust")
    def test_do_what_they_do_under_stock(self):
        server = self.use(ExampleServer())
        names = sorted(str(file.relative_to(EXAMPLES)) for file in EXAMPLES.rglob("*.py"))
        names = [name for name in names if not listed(name, NOT_RUN)]
        self.assertGreater(len(names), 20)
        with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
            runs = {name: [pool.submit(run, name, server.url, SECONDS) for run in (run_ours, run_stock)] for name in names}
        results = {name: [run.result() for run in of_both] for name, of_both in runs.items()}
        for name, (ours, stock) in results.items():
            with self.subTest(name):
                # On a busy machine stock may not come as far: once more, with nothing beside it and for longer.
                if ours.outcome != stock.outcome:
                    ours, stock = (run(name, server.url, 4 * SECONDS) for run in (run_ours, run_stock))
                self.assertEqual(ours.outcome, stock.outcome, f"{ours.log}\n-- stock:\n{stock.log}")
                self.assertTrue(stock.outcome["requests"], stock.log)


if __name__ == "__main__":
    unittest.main()
