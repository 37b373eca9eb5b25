"""One run of one program, to the end of all its processes."""

from __future__ import annotations

import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
from typing import NamedTuple, Optional

PRELUDE = pathlib.Path(__file__).with_name("prelude.py")
CSV = "csv"  # prefix of the files that the run writes
GRACE = 5.0  # seconds that processes have to end by themselves
PR_SET_CHILD_SUBREAPER = 36
# These would make the run another one than the command line says.
MODES = ("LOCUST_MODE_MASTER", "LOCUST_MODE_WORKER", "LOCUST_PROCESSES")


class Ended(NamedTuple):
    exit_code: Optional[int]  # None: it did not end within the limit
    seconds: float


class Plan(NamedTuple):
    """What is the same for all runs of a file."""

    file: pathlib.Path
    users: int
    options: list[str]  # of the rest of the load: spawn rate, time, host
    extra: list[str]  # given by the user for both programs
    limit: float  # seconds
    virtual_env: Optional[str]


def adopt_orphans() -> None:
    """Processes whose parents have ended become children of this one, which can then end them."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _parents() -> dict[int, int]:
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = pathlib.Path("/proc", entry, "stat").read_text("utf-8", "replace")
            except OSError:
                continue  # it has ended
            state, parent = stat.rpartition(")")[2].split()[:2]
            if state != "Z":
                parents[int(entry)] = int(parent)
    return parents


def descendants() -> list[int]:
    parents = _parents()
    found, generation = [], {os.getpid()}
    while generation:
        generation = {pid for pid, parent in parents.items() if parent in generation}
        found += generation
    return found


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _all_ended_within(seconds: float) -> bool:
    end = time.monotonic() + seconds
    while descendants():
        _reap()
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def _signal_all(number: int) -> None:
    for pid in descendants():
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def end_all() -> None:
    """Ends every process that was started from here: politely, and then by force."""
    _signal_all(signal.SIGTERM)
    if not _all_ended_within(GRACE):
        while descendants():  # one that forks meanwhile is found the next time
            _signal_all(signal.SIGKILL)
            _reap()
            time.sleep(0.02)
    _reap()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(folder: pathlib.Path, seed: int, virtual_env: Optional[str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in MODES}
    kept.update(PYTHONHASHSEED=str(seed), PARITY_SEED=str(seed), PARITY_FOLDER=str(folder))
    if virtual_env:
        kept["VIRTUAL_ENV"] = virtual_env
    return kept


def command(program: list[str], plan: Plan, folder: pathlib.Path) -> list[str]:
    prelude = folder / "parity_prelude.py"
    shutil.copyfile(PRELUDE, prelude)  # so that compiled code of it is written there
    return [
        *program, "-f", f"{prelude},{plan.file}", "--headless", "--only-summary", "--csv", str(folder / CSV),
        "-u", str(plan.users), *plan.options, *plan.extra,
    ]  # fmt: skip


def run(program: list[str], plan: Plan, folder: pathlib.Path, seed: int) -> Ended:
    """Leaves in `folder` what the program prints and writes."""
    folder.mkdir(parents=True)
    begun = time.monotonic()
    with open(folder / "stdout", "wb") as stdout, open(folder / "stderr", "wb") as stderr:
        try:
            process = subprocess.Popen(
                command(program, plan, folder), stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
                env=environment(folder, seed, plan.virtual_env), start_new_session=True,
            )  # fmt: skip
            try:
                exit_code = process.wait(plan.limit)
            except subprocess.TimeoutExpired:
                exit_code = None
            if exit_code is not None:
                _all_ended_within(GRACE)
        finally:
            end_all()
    return Ended(exit_code, time.monotonic() - begun)
