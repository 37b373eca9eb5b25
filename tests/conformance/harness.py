"""What the conformance tests share: processes with deadlines, a recording proxy between masters and
workers, and a raw master and a raw worker that say exactly what a test wants.

Runs under the Python of build/stock/<newest>, which brings pyzmq and msgpack. Nothing here sleeps to
hope: every wait is for a condition and has a deadline.
"""

import atexit
import concurrent.futures
import fcntl
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import termios
import threading
import time
import unittest
import urllib.request
import uuid
from dataclasses import dataclass, field

import msgpack
import zmq

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LOCUST_BUILD_DIR", ROOT / "build" / "release"))
STOCK = ROOT / "build" / "stock"
LOCUSTFILES = pathlib.Path(__file__).resolve().parent / "locustfiles"

DEADLINE = 15.0  # seconds; what must happen does so long before, even on a busy machine


def stock_versions():
    """The stock releases that scripts/setup could install, newest first."""
    return (STOCK / "versions").read_text().split()


def newest():
    return stock_versions()[0]


def oldest():
    return stock_versions()[-1]


def numbers(version):
    """A release to compare with others: (2, 47, 0)."""
    return tuple(int(part) for part in version.split("."))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def make_controlling_terminal(terminal):
    """For a process that has just begun a session."""
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)


def wait_until(condition, what, timeout=DEADLINE):
    """Polls `condition` until it is true and returns its value; fails naming `what`."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(0.01)


def table(output, name):
    """Requests and failures of a row of the last table of that kind."""
    rows = re.findall(rf"^\S*\s+{re.escape(name)}\s+(\d+)\s+(\d+)\(", output, re.M)
    return tuple(map(int, rows[-1]))


def report_data(page):
    """What a report of --html or /stats/report shows, as /api/v1/run.json has it."""
    return json.loads(re.search(r'<script type="application/json" id="report-data">(.*?)</script>', page, re.S)[1])


class Process:
    """A child process whose output goes to a file that tests search for lines."""

    _running = []

    def __init__(self, argv, env=None, cwd=None, stdin=subprocess.DEVNULL, preexec_fn=None):
        self.argv = [str(a) for a in argv]
        self._output = tempfile.NamedTemporaryFile("w+b", prefix="locust-conformance-")
        environment = {k: v for k, v in os.environ.items() if not k.startswith("LOCUST_")}
        environment["PYTHONUNBUFFERED"] = "1"
        environment.update(env or {})
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.argv,
            stdin=stdin,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=cwd,
            preexec_fn=preexec_fn,
        )
        Process._running.append(self)

    @property
    def pid(self):
        return self.process.pid

    def output(self):
        with open(self._output.name, "rb") as f:
            return f.read().decode("utf-8", "replace")

    def lines(self, pattern):
        return [line for line in self.output().splitlines() if re.search(pattern, line)]

    def wait_line(self, pattern, timeout=DEADLINE):
        def found():
            lines = self.lines(pattern)
            if not lines and self.process.poll() is not None and not self.lines(pattern):
                raise AssertionError(
                    f"{self.argv[0]} ended with {self.process.returncode} before {pattern!r}:\n{self.output()}"
                )
            return lines

        try:
            return wait_until(found, f"line {pattern!r}", timeout)[0]
        except AssertionError as e:
            raise AssertionError(f"{e}\noutput of {self.argv[0]}:\n{self.output()}") from None

    def wait(self, timeout=DEADLINE):
        """The exit code; fails if the process goes on."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.argv[0]} did not end within {timeout} s:\n{self.output()}") from None

    def alive(self):
        return self.process.poll() is None

    def signal(self, number):
        os.kill(self.pid, number)

    def stop(self):
        """Ends the process whatever it does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(3)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self in Process._running:
            Process._running.remove(self)

    @staticmethod
    def stop_all():
        for process in list(Process._running):
            process.stop()


atexit.register(Process.stop_all)


def native_master(*args, port, env=None):
    return Process([BUILD / "locust-master", "--headless", "--master-bind-port", port, *args], env)


def native_worker(scenario, *args, port, env=None):
    return Process([BUILD / "locust-worker", "-f", scenario, "--master-host", "127.0.0.1", "--master-port", port, *args], env)


def _stock(version, *args, env=None):
    return Process([STOCK / version / "bin" / "locust", *args], env)


def stock_master(version, locustfile, *args, port, env=None):
    return _stock(version, "--master", "--master-bind-port", port, "-f", LOCUSTFILES / locustfile, *args, env=env)


def stock_worker(version, locustfile, *args, port, env=None):
    """`locustfile` is one of LOCUSTFILES, or "-" for the master's."""
    file = "-" if locustfile == "-" else LOCUSTFILES / locustfile
    return _stock(version, "--worker", "--master-host", "127.0.0.1", "--master-port", port, "-f", file, *args, env=env)


class Target:
    """The sample server on a port of its own."""

    def __init__(self):
        self.process = Process([BUILD / "locust-target", "--port", "0", "--quiet"])
        line = self.process.wait_line(r"listening on 127\.0\.0\.1:\d+")
        self.host = "http://127.0.0.1:" + line.rsplit(":", 1)[1]

    def counts(self):
        with urllib.request.urlopen(self.host + "/_counts", timeout=DEADLINE) as response:
            return json.load(response)

    def route(self, name):
        return self.counts()["routes"].get(name, 0)

    def reset(self):
        urllib.request.urlopen(urllib.request.Request(self.host + "/_reset", method="POST"), timeout=DEADLINE).close()

    def stop(self):
        self.process.stop()


@dataclass
class Message:
    t: float  # monotonic seconds
    to_master: bool
    id: str  # ZeroMQ identity of the worker
    raw: bytes
    frames: int = 1  # payload frames
    decoded: list = field(default=None)

    def __post_init__(self):
        try:
            self.decoded = msgpack.loads(self.raw, raw=False, strict_map_key=False)
        except Exception:
            self.decoded = None

    @property
    def type(self):
        return self.decoded[0] if isinstance(self.decoded, list) and self.decoded else None

    @property
    def data(self):
        return self.decoded[1]

    @property
    def node_id(self):
        return self.decoded[2]

    def __repr__(self):
        arrow = "w>m" if self.to_master else "m>w"
        return f"{self.t:.3f} {arrow} {self.id[-6:]} {self.decoded}"


class Recording:
    """Messages in order of arrival, searchable with deadlines. Thread-safe."""

    def __init__(self):
        self._messages = []
        self._lock = threading.Lock()

    def add(self, message):
        with self._lock:
            self._messages.append(message)

    def all(self, type=None, id=None, to_master=None, since=0.0):
        with self._lock:
            return [
                m
                for m in self._messages
                if (type is None or m.type == type)
                and (id is None or m.id == id)
                and (to_master is None or m.to_master == to_master)
                and m.t >= since
            ]

    def wait(self, type=None, id=None, to_master=None, since=0.0, count=1, where=None, timeout=DEADLINE):
        """The `count`-th message that fits, and `where(message)` if given."""

        def found():
            messages = [m for m in self.all(type, id, to_master, since) if where is None or where(m)]
            return messages[count - 1] if len(messages) >= count else None

        try:
            return wait_until(found, f"{count} x {type}", timeout)
        except AssertionError as e:
            seen = "\n".join(repr(m)[:300] for m in self.all(since=since)[-30:])
            raise AssertionError(f"{e}; the last messages were:\n{seen}") from None


class _Loop(threading.Thread):
    """A thread that owns ZeroMQ sockets; others hand it work through `call`."""

    def __init__(self):
        super().__init__(daemon=True)
        self.recording = Recording()
        self.context = zmq.Context()
        self._tasks = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()

    def call(self, task):
        with self._lock:
            self._tasks.append(task)

    def run(self):
        self.open()
        while not self._stopping.is_set():
            with self._lock:
                tasks, self._tasks = self._tasks, []
            for task in tasks:
                task()
            self.poll(5)
        self.context.destroy(linger=200)

    def stop(self):
        if self.is_alive():
            wait_until(lambda: not self._tasks, "queued messages to go out")
            self._stopping.set()
            self.join()


class Proxy(_Loop):
    """A man in the middle: workers connect to `port`, it connects to the master for each of them."""

    def __init__(self, master_port):
        super().__init__()
        self.master_port = master_port
        self.router = self.context.socket(zmq.ROUTER)
        self.port = self.router.bind_to_random_port("tcp://127.0.0.1")
        self.dealers = {}
        self.start()

    def open(self):
        pass

    def poll(self, milliseconds):
        sockets = [self.router, *self.dealers.values()]
        poller = zmq.Poller()
        for s in sockets:
            poller.register(s, zmq.POLLIN)
        for s, _ in poller.poll(milliseconds):
            if s is self.router:
                identity, *payload = s.recv_multipart()
                self.recording.add(Message(time.monotonic(), True, identity.decode(), payload[0], len(payload)))
                self._dealer(identity).send_multipart(payload)
            else:
                identity = s.getsockopt(zmq.IDENTITY)
                payload = s.recv_multipart()
                self.recording.add(Message(time.monotonic(), False, identity.decode(), payload[0], len(payload)))
                self.router.send_multipart([identity, *payload])

    def _dealer(self, identity):
        if identity not in self.dealers:
            dealer = self.context.socket(zmq.DEALER)
            dealer.setsockopt(zmq.IDENTITY, identity)
            dealer.connect(f"tcp://127.0.0.1:{self.master_port}")
            self.dealers[identity] = dealer
        return self.dealers[identity]


class RawMaster(_Loop):
    """A master that does only what the test says; with `polite`, it also answers client_ready with
    ack and heartbeat with heartbeat."""

    def __init__(self, polite=True, port=0):
        super().__init__()
        self.polite = polite
        self.indexes = {}
        self.last_timestamp = 0.0
        self.router = self.context.socket(zmq.ROUTER)
        if port:
            self.router.bind(f"tcp://127.0.0.1:{port}")
            self.port = port
        else:
            self.port = self.router.bind_to_random_port("tcp://127.0.0.1")
        self.start()

    def open(self):
        pass

    def poll(self, milliseconds):
        while self.router.poll(milliseconds):
            identity, *payload = self.router.recv_multipart()
            message = Message(time.monotonic(), True, identity.decode(), payload[0], len(payload))
            self.recording.add(message)
            if self.polite and message.type == "client_ready":
                index = self.indexes.setdefault(message.id, len(self.indexes))
                self._send(message.id, ["ack", {"index": index}, message.id])
            if self.polite and message.type == "heartbeat":
                self._send(message.id, ["heartbeat", None, message.id])
            milliseconds = 0

    def _send(self, identity, tuple_):
        self.router.send_multipart([identity.encode(), msgpack.dumps(tuple_)])

    def send(self, identity, type, data=None):
        self.call(lambda: self._send(identity, [type, data, identity]))

    def send_raw(self, identity, payload):
        self.call(lambda: self.router.send_multipart([identity.encode(), payload]))

    def spawn(self, identity, counts, timestamp=None, **fields):
        if timestamp is None:
            timestamp = max(time.time(), self.last_timestamp + 0.001)
        self.last_timestamp = max(self.last_timestamp, timestamp)
        data = {
            "timestamp": timestamp,
            "user_classes_count": counts,
            "host": None,
            "stop_timeout": 0.0,
            "parsed_options": {},
        }
        data.update(fields)
        self.send(identity, "spawn", data)


class RawWorker(_Loop):
    """A worker that says only what the test says; with `polite`, it heartbeats and reports, and
    answers spawn, stop and quit at once as a stock worker without users' work would."""

    ENTRY = {
        "name": "Aggregated",
        "method": "",
        "last_request_timestamp": None,
        "start_time": 0.0,
        "num_requests": 0,
        "num_none_requests": 0,
        "num_failures": 0,
        "total_response_time": 0,
        "max_response_time": 0,
        "min_response_time": None,
        "total_content_length": 0,
        "response_times": {},
        "num_reqs_per_sec": {},
        "num_fail_per_sec": {},
    }

    def __init__(self, port, classes=("Shop",), polite=True, id=None, version=-1):
        super().__init__()
        self.id = id or f"raw_{uuid.uuid4().hex}"
        self.version = version
        self.polite = polite
        self.counts = dict.fromkeys(classes, 0)
        self.state = "ready"
        self.acked = False
        self._next_heartbeat = 0.0
        self._next_report = 0.0
        self.dealer = self.context.socket(zmq.DEALER)
        self.dealer.setsockopt(zmq.IDENTITY, self.id.encode())
        self.dealer.connect(f"tcp://127.0.0.1:{port}")
        self.start()
        if polite:
            self.send("client_ready", version)

    def open(self):
        pass

    def poll(self, milliseconds):
        if self.dealer.poll(milliseconds):
            payload = self.dealer.recv_multipart()
            message = Message(time.monotonic(), False, self.id, payload[0], len(payload))
            self.recording.add(message)
            if self.polite:
                self._answer(message)
        now = time.monotonic()
        if self.polite and self.acked:
            if now >= self._next_heartbeat:
                self._next_heartbeat = now + 1.0
                self._send("heartbeat", {"state": self.state, "current_cpu_usage": 0.0, "current_memory_usage": 1 << 20})
            if now >= self._next_report:
                self._next_report = now + 3.0
                self._report()

    def _answer(self, message):
        if message.type == "ack":
            self.acked = True
        elif message.type == "spawn":
            self._send("spawning")
            self.counts.update(message.data["user_classes_count"])
            self._send("spawning_complete", {"user_classes_count": self.counts, "user_count": sum(self.counts.values())})
            self.state = "running"
        elif message.type == "stop":
            self.counts = dict.fromkeys(self.counts, 0)
            self._send("client_stopped")
            self._send("client_ready", self.version)
            self.state = "ready"
        elif message.type == "quit":
            self.counts = dict.fromkeys(self.counts, 0)
            self._report()
            self._send("quit")
            self.polite = False

    def _report(self):
        self._send("stats", self.stats())

    def stats(self, entries=(), total=None, errors=None):
        return {
            "stats": list(entries),
            "stats_total": {**self.ENTRY, "start_time": time.time(), **(total or {})},
            "errors": errors or {},
            "user_classes_count": dict(self.counts),
            "user_count": sum(self.counts.values()),
        }

    def _send(self, type, data=None):
        self.dealer.send(msgpack.dumps([type, data, self.id]))

    def send(self, type, data=None):
        self.call(lambda: self._send(type, data))

    def send_raw(self, *frames):
        self.call(lambda: self.dealer.send_multipart(frames))


class SideBySide(unittest.TestSuite):
    """Runs its tests at the same time: for those that mostly wait, each for processes of its own."""

    AT_A_TIME = 4

    def run(self, result, debug=False):
        with concurrent.futures.ThreadPoolExecutor(self.AT_A_TIME) as pool:
            for test, own in pool.map(self._run_alone, self._tests_of(self)):
                result.startTest(test)
                for kind in ("failures", "errors", "skipped"):
                    getattr(result, kind).extend(getattr(own, kind))
                if own.wasSuccessful():
                    result.addSuccess(test)
                result.stopTest(test)
        return result

    @classmethod
    def _tests_of(cls, suite):
        for test in suite:
            if isinstance(test, unittest.TestSuite):
                yield from cls._tests_of(test)
            else:
                yield test

    @staticmethod
    def _run_alone(test):
        own = unittest.TestResult()
        test.run(own)
        return test, own


class ConformanceTest(unittest.TestCase):
    """Stops, after each test and after each class, what that test or class has started."""

    @classmethod
    def own(cls, thing):
        """Stops `thing` when the class is done."""
        cls.addClassCleanup(thing.stop)
        return thing

    def use(self, thing):
        """Stops `thing` when the test is done."""
        self.addCleanup(thing.stop)
        return thing
