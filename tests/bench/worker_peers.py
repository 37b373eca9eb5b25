"""The clients that `scripts/bench worker` measures: how each is told to be so many users of one URL."""

import os
import pathlib
import sys
from dataclasses import dataclass
from typing import Callable

from processes import CLIENT_CORE, TARGET_CORE, end, free_port, start

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release"
PEERS = ROOT / "build" / "peers" / "bin"
BENCH = pathlib.Path(__file__).resolve().parent
STOCK = pathlib.Path(sys.executable).with_name("locust")
ENDLESS = 3600  # seconds; each client is ended when its window is over

SCENARIO = """users:
  Bench:
{ca}    tasks:
      get:
        - get: /
{more}"""
CHECK_AND_SAVE = """          check: [status == 200, "json('/status') == 'open'"]
          save: {id: json('/id')}
"""


@dataclass
class Load:
    """What a client is to do."""

    url: str
    users: int
    ca: pathlib.Path | None  # with https
    folder: pathlib.Path  # for its files


class Client:
    """A running client: the process that is measured, and what it needs beside it. What it says of
    errors goes to a file."""

    def __init__(self, load, argv, *helpers, **how):
        self._errors = load.folder / "errors"
        with open(self._errors, "wb") as errors:
            self.process = start(CLIENT_CORE, *argv, stderr=errors, cwd=load.folder, **how)
        self._helpers = helpers

    def last_error(self):
        lines = self._errors.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "without a word"

    @property
    def pid(self):
        return self.process.pid

    def stop(self):
        end(self.process, *self._helpers)


@dataclass
class Peer:
    name: str
    runs_scenarios: bool  # its users can check a response and keep a value of it, and here do
    start: Callable[[Load], Client]
    program: pathlib.Path
    note: str = ""


def native(more):
    def start_native(load):
        scenario = load.folder / "scenario.yaml"
        scenario.write_text(SCENARIO.format(ca=f"    ca: {load.ca}\n" if load.ca else "", more=more))
        port = free_port()
        worker = [BUILD / "locust-worker", "-f", scenario, "--master-port", port]
        master = start(
            TARGET_CORE, BUILD / "locust-master", "--headless", "--only-summary", "--expect-workers", 1, "-u", load.users,
            "-r", load.users, "--master-bind-port", port, "-H", load.url, "-f", scenario,
        )  # fmt: skip
        return Client(load, worker, master)

    return start_native


def alone(*argv, ca_option=None, ca_environment=None):
    """A client that is one command; texts in `argv` may name {url} and {users}."""

    def start_alone(load):
        command = [str(argument).format(url=load.url, users=load.users) for argument in argv]
        environment = dict(os.environ)
        if load.ca and ca_option:
            command += [ca_option, str(load.ca)]
        if load.ca and ca_environment:
            environment[ca_environment] = str(load.ca)
        return Client(load, command, env=environment)

    return start_alone


def stock(user_class):
    options = ["--headless", "--only-summary", "--loglevel", "ERROR", "-u", "{users}", "-r", "{users}", "-t", ENDLESS]
    return alone(STOCK, "-f", BENCH / "stock_users.py", *options, "-H", "{url}", user_class, ca_environment="BENCH_CA")


BARE = BUILD / "bench_bare_curl"
OURS, OURS_PLAIN, BARE_LOOP = "locust-worker", "locust-worker, no check, no save", "bare curl loop"
ALL = [
    Peer(OURS, True, native(CHECK_AND_SAVE), BUILD / "locust-worker"),
    Peer(OURS_PLAIN, False, native(""), BUILD / "locust-worker"),
    Peer(BARE_LOOP, False, alone(BARE, "--seconds", ENDLESS, "--users", "{users}", "--url", "{url}/", ca_option="--ca"), BARE),
    Peer("stock FastHttpUser", True, stock("Fast"), STOCK),
    Peer("stock HttpUser", True, stock("Requests"), STOCK),
    Peer(
        "goose", True,
        alone(PEERS / "bench-goose", "--host", "{url}", "--users", "{users}", "--increase-rate", "{users}",
              "--run-time", ENDLESS, "--no-print-metrics", "--no-telnet", "-qq", ca_environment="SSL_CERT_FILE"),
        PEERS / "bench-goose",
    ),
    Peer("wrk", False, alone("/usr/bin/wrk", "-t1", "-c{users}", f"-d{ENDLESS}s", "{url}/"), pathlib.Path("/usr/bin/wrk"),
         "verifies no certificate"),
    Peer("hey", False, alone("/usr/bin/hey", "-c", "{users}", "-z", f"{ENDLESS}s", "{url}/"), pathlib.Path("/usr/bin/hey"),
         "verifies no certificate"),
    Peer("oha", False, alone(PEERS / "oha", "-c", "{users}", "-z", f"{ENDLESS}s", "--no-tui", "{url}/", ca_option="--cacert"),
         PEERS / "oha"),
]  # fmt: skip
# Wanted beside them, but their registry does not hand them out here.
LEFT_OUT = {"boomer": "the Go module proxy refuses it", "k6": "not to be used here: its licence is the AGPL"}
