"""A test in a Topology: a master, two workers and their target, each on a node of its own.

The workers have classes of the same name, but the first one's users get "/" and the second one's
"/api/products". So the target's counts tell whose requests it has seen, and the rows of the master's table
whose it was told of.
"""

import http.client
import json
import pathlib
import sys
import tempfile
import time
from dataclasses import dataclass

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "conformance"))

import harness  # noqa: E402
from harness import BUILD, STOCK, Process, wait_until  # noqa: E402
from topology import CONTROL, LOAD, Topology  # noqa: E402

PATHS = {"first": "/", "second": "/api/products"}
PORT = 8080  # of the target; the other ports are their programs' defaults
WEB_PORT = 8089

SCENARIO = """\
users:
  Shop:
    wait_time: {wait}
    timeout: {timeout}
    tasks:
      ok: [{{get: {path}, name: {name}}}]
"""
LOCUSTFILE = """\
from locust import FastHttpUser, constant, task


class Shop(FastHttpUser):
    wait_time = constant({wait})
    network_timeout = connection_timeout = {timeout}

    @task
    def ok(self):
        self.client.get("{path}", name="{name}")
"""


@dataclass
class Sight:
    """What the master says at a time."""

    t: float  # monotonic seconds
    state: str
    workers: dict  # id: (state, users)
    rows: dict  # name: (requests, failures)

    @property
    def users(self):
        return sum(users for _, users in self.workers.values())


class Cluster:
    """`master` and the values of `workers` are "native" or a version of stock Locust."""

    def __init__(self, master="native", first="native", second="native", delay=0.0, wait=0.2, timeout=60):
        self.kinds = {"master": master, "first": first, "second": second}
        self._file_values = {"wait": wait, "timeout": timeout}
        self._folder = tempfile.TemporaryDirectory()
        self.net = Topology()
        self.net.add("master", CONTROL)
        self.net.add("target", LOAD)
        self.net.add("first", CONTROL, LOAD, delay=delay)
        self.net.add("second", CONTROL, LOAD)
        self.target = self._run("target", BUILD / "locust-target", "--host", "0.0.0.0", "--port", PORT, "--quiet")
        self.target.wait_line("listening on")
        self.master = None
        self.ids = {}
        self.workers = {}
        self.ended = []  # former workers
        self.sights = []

    def _run(self, node, *argv):
        return Process(self.net.command(node, *argv))

    def _file(self, name, kind):
        """The test file of that worker."""
        path = pathlib.Path(self._folder.name) / f"{name}.{'yaml' if kind == 'native' else 'py'}"
        text = SCENARIO if kind == "native" else LOCUSTFILE
        path.write_text(text.format(name=name, path=PATHS[name], **self._file_values))
        return path

    def start(self, *args):
        """The master with these arguments, and both workers, which have joined it in order."""
        kind = self.kinds["master"]
        host = f"http://{self.net.address('target', LOAD)}:{PORT}"
        common = ("-H", host, "--expect-workers", 2, "--autostart", "--autoquit", 1, "--stop-timeout", 5, *args)
        if kind == "native":
            program = [BUILD / "locust-master"]
        else:
            program = [STOCK / kind / "bin" / "locust", "--master", "-f", self._file("first", kind)]
        self.master = self._run("master", *program, *common)
        for name in PATHS:
            self._start_worker(name)

    def _start_worker(self, name):
        kind = self.kinds[name]
        program = [BUILD / "locust-worker"] if kind == "native" else [STOCK / kind / "bin" / "locust", "--worker"]
        address = self.net.address("master", CONTROL)
        self.workers[name] = self._run(name, *program, "-f", self._file(name, kind), "--master-host", address)
        new = wait_until(lambda: set(self.look().workers) - set(self.ids.values()), f"{name} with the master", 30)
        (self.ids[name],) = new

    def restart(self, name):
        """A new worker in the place of one that has ended."""
        self.ended.append(self.workers[name])
        self._start_worker(name)

    def _get(self, node, port, path):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=harness.DEADLINE)
        with self.net.inside(node):
            connection.connect()
        try:
            connection.request("GET", path)
            return json.load(connection.getresponse())
        finally:
            connection.close()

    def look(self):
        """A Sight, kept in `sights`; an empty one if the master cannot be asked (yet)."""
        sight = Sight(time.monotonic(), "", {}, {})
        try:
            page = self._get("master", WEB_PORT, "/stats/requests")
        except (OSError, http.client.HTTPException):
            return sight
        sight.state = page["state"]
        sight.workers = {w["id"]: (w["state"], w["user_count"]) for w in page["workers"]}
        sight.rows = {row["name"]: (row["num_requests"], row["num_failures"]) for row in page["stats"]}
        self.sights.append(sight)
        return sight

    def wait_for(self, condition, what, timeout=harness.DEADLINE):
        """The first Sight for which the condition holds."""

        def found():
            sight = self.look()
            return sight if condition(sight) else None

        try:
            return wait_until(found, what, timeout)
        except AssertionError as e:
            raise AssertionError(f"{e}\nlast seen: {self.sights[-1:]}\n{self.outputs()}") from None

    def wait_for_users(self, first, second, timeout=30):
        """Until both workers have reported that they run so many users."""
        wanted = {self.ids["first"]: first, self.ids["second"]: second}
        what = f"{first} and {second} users"
        return self.wait_for(lambda s: {id: users for id, (_, users) in s.workers.items()} == wanted, what, timeout)

    def reported(self, sight, name):
        """Requests and failures of that worker that the master knows of."""
        return sight.rows.get(name, (0, 0))

    def served(self):
        """Requests that the target has seen, by worker."""
        routes = self._get("target", PORT, "/_counts")["routes"]
        return {name: routes.get(f"GET {path}", 0) for name, path in PATHS.items()}

    def outputs(self):
        processes = [("master", self.master), *self.workers.items(), *(("ended", worker) for worker in self.ended)]
        return "\n".join(f"--- {name}\n{process.output()}" for name, process in processes)

    def stop(self):
        for process in (*self.workers.values(), *self.ended, self.master, self.target):
            if process:
                process.stop()
        self.net.stop()
        self._folder.cleanup()
