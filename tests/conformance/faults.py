"""Faults between a worker and its master, and a test that has one: what the master counted beside what the target
has served. For the conformance tests and for tests/bench/accounting.py.
"""

import contextlib
import csv
import pathlib
import socket
import struct
import tempfile
import threading
import time
from dataclasses import dataclass

import harness
from harness import Target, native_master, native_worker, stock_worker

SCENARIO = "users: {Shop: {wait_time: 0.02, tasks: {ok: [{get: /}]}}}\n"
LOCUSTFILE = "shop.py"
FAKETIME = next(iter(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)


def _reset(s):
    """Closes a connection so that the peer sees it reset, also where another thread waits for its data."""
    with contextlib.suppress(OSError):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.shutdown(socket.SHUT_RD)
    s.close()


class Link:
    """Forwards TCP connections to a port of this machine, with the faults that links have."""

    def __init__(self, to_port, bytes_per_second=None):
        self._to_port = to_port
        self._rate = bytes_per_second
        self._passes = threading.Event()
        self._passes.set()
        self._pairs = []  # of sockets: the client's, the server's
        self._half_open = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client):
        self._passes.wait()
        try:
            server = socket.create_connection(("127.0.0.1", self._to_port))
        except OSError:
            return _reset(client)
        pair = (client, server)
        self._pairs.append(pair)
        for source, to in (pair, reversed(pair)):
            threading.Thread(target=self._pump, args=(source, to, pair), daemon=True).start()

    def _pump(self, source, to, pair):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._passes.wait()
                if pair in self._half_open and source is pair[1]:
                    continue  # nobody is there any more
                to.sendall(data)
                if self._rate:
                    time.sleep(len(data) / self._rate)
        if pair not in self._half_open:
            for s in pair:
                with contextlib.suppress(OSError):
                    s.shutdown(socket.SHUT_RDWR)

    def cut(self):
        """Nothing passes, and nobody is told."""
        self._passes.clear()

    def mend(self):
        """What was sent meanwhile arrives."""
        self._passes.set()

    def half_open(self):
        """Resets the client's side of each connection and leaves the server's open: a NAT or a balancer that lost its
        state. New connections pass.
        """
        for pair in self._pairs:
            self._half_open.add(pair)
            _reset(pair[0])

    def stop(self):
        self._listener.close()
        self._passes.set()
        for pair in self._pairs:
            for s in pair:
                _reset(s)


@dataclass
class Outcome:
    exit_code: int
    counted: int  # by the master
    served: int  # by the target
    requests_per_second: float  # by the master
    output: str  # the master's
    first: str  # the first worker's

    @property
    def difference(self):
        return self.counted - self.served


class FaultyTest:
    """A test of `run_time` seconds of a master and two workers of four users each, about 40 requests a second of each
    user. The first worker, native or of a version of stock Locust, comes by `link`. With a `download_rate`, bytes a
    second of its link, it takes its test from the master, which is then one of a megabyte.
    """

    def __init__(self, kind="native", run_time=15, fake_clock=False, download_rate=None):
        self._folder = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self._folder.name)
        self.clock = FakeClock(self.folder) if fake_clock else None  # the master's
        scenario = self.folder / "shop.yaml"
        scenario.write_text(SCENARIO)
        if download_rate:
            scenario.write_text("feeders: {rows: {csv: rows.csv}}\n" + SCENARIO)
            (self.folder / "rows.csv").write_text("row\n" + ("x" * 99 + "\n") * 10_000)
        self.target = Target()
        self.port = harness.free_port()
        self.run_time = run_time
        self._arguments = ("-f", scenario, "-H", self.target.host, "-u", 8, "-r", 8, "-t", f"{run_time}s",
                           "-s", 3, "--expect-workers", 2, "--only-summary",
                           "--csv", self.folder / "run")  # fmt: skip
        self.start_master()
        self.master.wait_line("Starting Locust")
        self.link = Link(self.port, download_rate)
        if download_rate:
            self.first = native_worker("-", port=self.link.port)
        elif kind == "native":
            self.first = native_worker(scenario, port=self.link.port)
        else:
            self.first = stock_worker(kind, LOCUSTFILE, port=self.link.port)
        self.second = native_worker(scenario, port=self.port)
        self.wait_for_start()

    def start_master(self):
        self.master = native_master(*self._arguments, port=self.port, env=self.clock.env if self.clock else None)

    def restart_master(self):
        """Kills it and starts another one in its place; the target counts from then on."""
        self.master.process.kill()
        self.master.stop()
        self.start_master()
        self.master.wait_line("Run time limit set", 40)
        self.target.reset()
        self.wait_for_start()

    def wait_for_start(self):
        self.master.wait_line("All users spawned", 40)
        self.began = time.monotonic()

    def wait_until(self, seconds):
        """Of the test."""
        time.sleep(max(0.0, self.began + seconds - time.monotonic()))

    def outcome(self):
        code = self.master.wait(self.run_time + 40)
        with open(self.folder / "run_stats.csv", newline="") as f:
            total = list(csv.DictReader(f))[-1]
        return Outcome(code, int(total["Request Count"]), self.target.route("GET /"), float(total["Requests/s"]),
                       self.master.output(), self.first.output())  # fmt: skip

    def stop(self):
        self.link.stop()
        for process in (self.master, self.first, self.second, self.target):
            process.stop()
        self._folder.cleanup()


class FakeClock:
    """The wall clock of a program, which can be set while it runs."""

    def __init__(self, folder):
        self._file = folder / "clock"
        self.set("+0")
        self.env = {"LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(self._file),
                    "FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1"}  # fmt: skip

    def set(self, offset):
        self._file.write_text(offset)
