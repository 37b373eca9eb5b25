"""Leads: which runs, in which order, and the exit code."""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from typing import Iterator, NamedTuple, Optional

from . import arguments as command_line
from . import junit, outcome, page, running, table
from .comparison import Comparison, compare
from .outcome import Outcome

EQUAL, DIFFERS, UNUSABLE = 0, 1, 2
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
INTERRUPTED = 128 + signal.SIGINT
OLDEST_STOCK = (2, 20)  # the first with --processes
OUR_PYTHON = "3.11"
MARGIN = 60  # seconds of a run beyond its run time
ASKING = 60.0  # seconds that a program may take to say its version


class Report(NamedTuple):
    """The result for one file."""

    file: str
    stock: list[Outcome]
    ours: list[Outcome]
    comparison: Comparison
    seconds: float

    @property
    def verdict(self) -> str:
        if self.comparison.refusal:
            return "not run"
        return "differs" if self.comparison.findings else "equal"


class Programs(NamedTuple):
    stock: str
    ours: str
    title: str  # of both, with versions
    virtual_env: Optional[str]


class Interrupted(Exception):
    """By Ctrl-C or another signal."""


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _version(program: str) -> str:
    try:
        result = subprocess.run(
            [program, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=ASKING
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"cannot be run: {error}"
    return (result.stdout or result.stderr).strip().partition("\n")[0]


def _ours_beside(here: pathlib.Path) -> Optional[str]:
    """Installed beside this program, where the Debian package calls it locust-cpp, or built in the same clone."""
    for path in (here / "locust-cpp", here / "locust", here.parent / "build" / "release" / "locust"):
        if path.is_file():
            return str(path)
    return None


def _virtual_env(stock: str) -> Optional[str]:
    """The environment of stock, from which locust-cpp imports packages if they are for its Python."""
    home = pathlib.Path(shutil.which(stock) or stock).absolute().parent.parent
    settings = home / "pyvenv.cfg"
    if "VIRTUAL_ENV" in os.environ or not settings.is_file():
        return None
    version = re.search(r"^version(?:_info)?\s*=\s*(\d+\.\d+)", settings.read_text(), re.M)
    if version and version[1] != OUR_PYTHON:
        _say(f"note: locust-cpp, with Python {OUR_PYTHON}, cannot import the packages for {version[1]} in {home}")
        return None
    return str(home)


def find_programs(arguments: argparse.Namespace, here: pathlib.Path) -> Programs:
    said = _version(arguments.stock)
    stock = re.match(r"locust (\d+)\.(\d+)\S*", said)
    if not stock:
        arguments.error(f'--stock {arguments.stock} is no stock Locust: its --version is "{said}"')
    if (int(stock[1]), int(stock[2])) < OLDEST_STOCK:
        arguments.error(f"--stock {arguments.stock} is {stock[0]}; it must be 2.20 or newer")
    program = arguments.ours or _ours_beside(here)
    if not program:
        arguments.error("locust of locust-cpp is neither installed beside this program nor built: --ours names it")
    said = _version(program)
    ours = re.match(r"locust-master (\S+)", said)
    if not ours:
        arguments.error(f'--ours {program} is not locust of locust-cpp: its --version is "{said}"')
    title = f"stock L{stock[0][1:]} and locust-cpp {ours[1]}"
    return Programs(arguments.stock, program, title, _virtual_env(arguments.stock))


class FileComparison:
    """The runs of one file."""

    def __init__(self, programs: Programs, plan: running.Plan, folder: pathlib.Path, seed: int):
        self._programs = programs
        self._plan = plan
        self._folder = folder
        self._seed = seed
        self._number = 0  # of the last run
        self.stock: list[Outcome] = []
        self.ours: list[Outcome] = []
        self.seconds = 0.0

    def _run(self, name: str, program: list[str], outcomes: list[Outcome]) -> Outcome:
        self._number += 1
        folder = self._folder / f"{self._number}-{name}"
        _say(f"{self._plan.file}: run {self._number}, {name}")
        ended = running.run(program, self._plan, folder, self._seed + len(outcomes))
        self.seconds += ended.seconds
        outcomes.append(outcome.read(folder, ended.exit_code))
        return outcomes[-1]

    def run_stock(self) -> Outcome:
        """Once more if its last report is lost, as stock's master does not wait long for it."""
        run = self._run_stock_once()
        if run.began and run.exit_code is not None and not run.is_whole:
            self.stock.pop()
            run = self._run_stock_once()
        return run

    def _run_stock_once(self) -> Outcome:
        port = str(running.free_port())
        program = [self._programs.stock, "--master-bind-port", port, "--master-port", port]
        if not any(each.partition("=")[0] == "--processes" for each in self._plan.extra):
            program += ["--processes", "1"]
        return self._run("stock", program, self.stock)

    def run_ours(self) -> Outcome:
        return self._run("ours", [self._programs.ours], self.ours)

    def compare(self, rounds: int) -> Comparison:
        first = self.run_stock()
        if first.exit_code is None or not first.began:
            return compare(self.stock, self.ours, self._plan.users)
        for number in range(rounds):
            self.run_ours()
            self.run_stock()
            comparison = compare(self.stock, self.ours, self._plan.users)
            if comparison.refusal or not comparison.findings:
                break
        return comparison


def _plan(arguments: argparse.Namespace, name: str, programs: Programs) -> running.Plan:
    options = [
        "-r", arguments.spawn_rate or str(arguments.users),
        "-t", f"{arguments.run_time}s",
    ]  # fmt: skip
    if arguments.host:
        options += ["-H", arguments.host]
    limit = float(arguments.limit or arguments.run_time + MARGIN)
    return running.Plan(pathlib.Path(name), arguments.users, options, arguments.extra, limit, programs.virtual_env)


def _compare_files(arguments: argparse.Namespace, programs: Programs, folder: pathlib.Path) -> Iterator[Report]:
    for number, name in enumerate(arguments.files, 1):
        place = folder / f"{number}-{pathlib.Path(name).stem}"
        comparing = FileComparison(programs, _plan(arguments, name, programs), place, arguments.seed)
        comparison = comparing.compare(arguments.rounds)
        yield Report(name, comparing.stock, comparing.ours, comparison, comparing.seconds)


def _on_signal(_number: int, _frame: object) -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # the processes are being ended already
    raise Interrupted


def _write(arguments: argparse.Namespace, programs: Programs, reports: list[Report]) -> None:
    print(table.text(programs.title, reports))
    if arguments.junit:
        pathlib.Path(arguments.junit).write_text(junit.text(reports), encoding="utf-8")
    if arguments.html:
        pathlib.Path(arguments.html).write_text(page.text(programs.title, reports), encoding="utf-8")


def exit_code_of(reports: list[Report]) -> int:
    verdicts = {report.verdict for report in reports}
    return UNUSABLE if "not run" in verdicts else DIFFERS if "differs" in verdicts else EQUAL


def main(argv: list[str], here: pathlib.Path) -> int:
    arguments = command_line.parse(pathlib.Path(sys.argv[0]).name, argv)
    programs = find_programs(arguments, here)
    running.adopt_orphans()
    reports: list[Report] = []
    interrupted = False
    with tempfile.TemporaryDirectory(prefix="locust-parity-") as scratch:
        try:
            for number in SIGNALS:
                signal.signal(number, _on_signal)
            for report in _compare_files(arguments, programs, pathlib.Path(arguments.keep or scratch).absolute()):
                reports.append(report)
        except Interrupted:
            interrupted = True
            running.end_all()
            _say(f"interrupted: {len(reports)} of {len(arguments.files)} files were compared")
    if reports:
        _write(arguments, programs, reports)
    return INTERRUPTED if interrupted else exit_code_of(reports)
