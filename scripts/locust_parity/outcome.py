"""What a run left behind, as data."""

from __future__ import annotations

import csv
import json
import pathlib
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple, Optional

from . import running

MOST_PRINTED = 32 << 20  # bytes that are read of what a file prints
FRAME = re.compile(r'File "([^"]+)", line (\d+), in (\S+)')
LIBRARY = re.compile(r"/(?:site|dist)-packages/|/lib/python|^<|/parity_prelude\.py$")
# Stock names a line of its own in failures of rest() before those of the file.
OWN_LINE = re.compile(r"\S*/locust/user/\w+\.py:\d+ in \w+, ")


class Row(NamedTuple):
    """A line of the table of requests; times in milliseconds."""

    count: int
    average: float
    median: float
    p95: float


@dataclass
class Outcome:
    exit_code: Optional[int] = 0  # None: it did not end within the limit
    began: bool = True  # a test was started
    is_whole: bool = True  # the last report of a worker has arrived: stock loses it if the machine is busy
    rows: dict[tuple, Row] = field(default_factory=dict)  # (method, name)
    failures: dict[tuple, int] = field(default_factory=dict)  # (method, name, text)
    exceptions: dict[tuple, int] = field(default_factory=dict)  # (message, place in the file...)
    printed: dict[tuple, int] = field(default_factory=dict)  # (line,)
    users: dict[str, int] = field(default_factory=dict)  # by class, when there were most
    iterations: int = 0
    user_seconds: float = 0.0
    last_words: str = ""  # of its log

    @property
    def requests(self) -> dict[tuple, int]:
        return {key: row.count for key, row in self.rows.items()}


def _table(folder: pathlib.Path, name: str) -> list[dict[str, str]]:
    path = folder / f"{running.CSV}_{name}.csv"
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        return list(csv.DictReader(file))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:  # N/A
        return 0.0


def _rows(folder: pathlib.Path) -> dict[tuple, Row]:
    return {
        (line["Type"], line["Name"]): Row(
            int(line["Request Count"]), _number(line["Average Response Time"]), _number(line["Median Response Time"]),
            _number(line["95%"]),
        )
        for line in _table(folder, "stats")
        if (line["Type"], line["Name"]) != ("", "Aggregated")
    }  # fmt: skip


def _failures(folder: pathlib.Path) -> dict[tuple, int]:
    found: Counter = Counter()
    for line in _table(folder, "failures"):
        found[line["Method"], line["Name"], OWN_LINE.sub("", line["Error"])] += int(line["Occurrences"])
    return dict(found)


def places(traceback: str) -> list[str]:
    """The lines of a traceback that are not of a library."""
    frames = [frame for frame in FRAME.findall(traceback) if not LIBRARY.search(frame[0])]
    return [f"{pathlib.PurePath(path).name}:{line} in {function}" for path, line, function in frames]


def _exceptions(folder: pathlib.Path) -> dict[tuple, int]:
    found: Counter = Counter()
    for line in _table(folder, "exceptions"):
        found[(line["Message"], *places(line["Traceback"]))] += int(line["Count"])
    return dict(found)


def _text(path: pathlib.Path) -> str:
    with path.open("rb") as file:
        return file.read(MOST_PRINTED).decode("utf-8", "replace")


def _last_words(log: str) -> str:
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"[\w.]*(Error|Exception)\b|.*\berror: ", line)]
    return (errors or lines or [""])[-1]


def read(folder: pathlib.Path, exit_code: Optional[int]) -> Outcome:
    path = folder / "prelude.json"
    prelude = json.loads(path.read_text()) if path.exists() else {}
    lines = [line.rstrip() for line in _text(folder / "stdout").splitlines()]
    return Outcome(
        exit_code=exit_code,
        began=prelude.get("began", False),
        is_whole=prelude.get("whole", False),
        rows=_rows(folder),
        failures=_failures(folder),
        exceptions=_exceptions(folder),
        printed=dict(Counter((line,) for line in lines if line)),
        users={name: count for name, count in prelude.get("users", {}).items() if count},
        iterations=prelude.get("iterations", 0),
        user_seconds=prelude.get("user_seconds", 0.0),
        last_words=_last_words(_text(folder / "stderr")),
    )
