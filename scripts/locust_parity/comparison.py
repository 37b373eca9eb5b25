"""What differs between the runs of stock and of locust-cpp; docs/python.md "Trying your own files" defines "equal".

Numbers are never compared exactly. Something differs if all runs of one program have it and no run of the other, or if
the numbers differ by more than chance and by more than a fraction that nobody would mind. What chance does is
estimated from the runs of stock, which differ by nothing else.
"""

from __future__ import annotations

import math
from typing import Callable, NamedTuple, Optional

from .likeness import Item, items
from .outcome import Outcome

# In the order in which a reader wants to know.
ASPECTS = ("start", "exit code", "exceptions", "failures", "requests", "users", "printed lines", "times")

LOST = "the last report of stock's worker"
SIGMAS = 4.0  # standard deviations that are chance
INDEPENDENT = 4  # counts that are assumed to belong to independent events, beside those of stock
FRACTION_OF_REQUESTS = 0.1
FRACTION_OF_USERS = 0.1
FRACTION_OF_LINES = 1.0  # each of two processes may print a line, or one for both
# Times differ by a clear factor if this, the milliseconds, and three times stock's own spread are exceeded.
FACTOR = 1.5
LEAST_TIME = 20.0
LEAST_PAUSE = 100.0
SPREADS = 3.0
FEWEST_ITERATIONS = 20  # for which a mean pause says something


class Finding(NamedTuple):
    aspect: str
    what: str
    stock: str
    ours: str

    def __str__(self) -> str:
        return f"{self.what}: stock {self.stock}; ours {self.ours}"


class Times(NamedTuple):
    """Of a row, in milliseconds: a value for each run that has the row."""

    key: tuple
    stock: list[float]
    ours: list[float]
    stock_p95: list[float]
    ours_p95: list[float]
    verdict: str  # "slower", "faster", or "" if it is within the spread of stock


class Comparison(NamedTuple):
    refusal: Optional[str]  # why stock cannot run the file: nothing was compared then
    findings: list[Finding]
    rows: list[Item]
    times: list[Times]
    lost: int = 0  # last reports of stock

    @property
    def notes(self) -> list[str]:
        faster = sum(each.verdict == "faster" for each in self.times)
        notes = [f"shorter times under ours in {faster} of {len(self.times)} rows"] if faster else []
        if self.lost and self.findings:
            notes.append(f"{LOST} was lost in {self.lost} of its runs, so that chance is greater: try a longer -t")
        return notes


def mean(numbers: list) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0


def dispersion(counts: list[int]) -> float:
    """The variance of stock's counts relative to that of independent events, at least theirs. Two counts say little of
    it: it is as if there were more, of independent events."""
    middle = mean(counts)
    if not middle:
        return 1.0
    squares = sum((count - middle) ** 2 for count in counts) / middle
    return max(1.0, (INDEPENDENT + squares) / (INDEPENDENT + len(counts) - 1))


class Scale(NamedTuple):
    """How often things may happen under ours, relative to stock: as often in the same time, as `ratio` says because
    they belong to iterations, of which a faster program makes more, or anything between as they may belong to both."""

    ratio: float
    slack: int  # one for each user, who may have been about to

    def differs(self, item: Item, fraction: float) -> bool:
        expected, actual = mean(item.stock), mean(item.ours)
        low, high = (expected * factor for factor in sorted((1.0, self.ratio)))
        return actual < low / (1 + fraction) - self._chance(item, low) or (
            actual > high * (1 + fraction) + self._chance(item, high)
        )

    def _chance(self, item: Item, bound: float) -> float:
        relative = 1 / len(item.ours) + bound / max(mean(item.stock), 1e-9) / len(item.stock)
        return SIGMAS * math.sqrt(dispersion(item.stock) * bound * relative) + self.slack


def is_only_on_one_side(item: Item) -> bool:
    return (all(item.stock) and not any(item.ours)) or (all(item.ours) and not any(item.stock))


def listed(values: list) -> str:
    """'3 and 4', '3, 4 and 5'; '3' if all are the same."""
    texts = [str(value) for value in values]
    if len(set(texts)) == 1:
        return texts[0]
    return f"{', '.join(texts[:-1])} and {texts[-1]}"


def times_seen(counts: list[int]) -> str:
    return listed([f"{count} times" if count != 1 else "once" for count in counts]) if any(counts) else "none"


class Fact(NamedTuple):
    """Something of which a run has one value."""

    aspect: str
    what: str
    value: Callable[[Outcome], str]

    def compare(self, stock: list[Outcome], ours: list[Outcome]) -> list[Finding]:
        of_stock, of_ours = ({self.value(run) for run in runs} for runs in (stock, ours))
        if of_stock & of_ours:
            return []
        return [Finding(self.aspect, self.what, listed(sorted(of_stock)), listed(sorted(of_ours)))]


def exit_code(run: Outcome) -> str:
    if run.exit_code is None:
        return "none within the time limit"
    return str(run.exit_code) if run.exit_code >= 0 else f"none, ended by signal {-run.exit_code}"


def users(run: Outcome) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(run.users.items())) or "none"


def _start(run: Outcome) -> str:
    return "starts" if run.began else f'does not start: "{run.last_words}"'


START = Fact("start", "test", _start)
EXIT_CODE = Fact("exit code", "exit code", exit_code)
USERS = Fact("users", "users at full load", users)


def _users(stock: list[Outcome], ours: list[Outcome], wanted: int) -> list[Finding]:
    """By class, unless the runs ended during the ramp, each with another number."""
    of_stock, of_ours = ([sum(run.users.values()) for run in runs] for runs in (stock, ours))
    if max(of_stock) < wanted:
        low, high = min(of_stock) * (1 - FRACTION_OF_USERS) - 1, max(of_stock) * (1 + FRACTION_OF_USERS) + 1
        if all(low <= count <= high for count in of_ours):
            return []
    return USERS.compare(stock, ours)


def ratio_of(count: Callable[[Outcome], int], stock: list[Outcome], ours: list[Outcome]) -> float:
    of_stock, of_ours = (mean([count(run) for run in runs]) for runs in (stock, ours))
    return of_ours / of_stock if of_stock and of_ours else 1.0


def scale_of(stock: list[Outcome], ours: list[Outcome]) -> Scale:
    def iterations(run: Outcome) -> int:
        return run.iterations or sum(run.requests.values())

    return Scale(ratio_of(iterations, stock, ours), max(sum(run.users.values()) for run in [*stock, *ours]))


class Family(NamedTuple):
    """One kind of things that are counted."""

    aspect: str
    counts: Callable[[Outcome], dict]
    named: Callable[[tuple], str]
    fraction: float


def row_name(key: tuple) -> str:
    return " ".join(part for part in key[:2] if part)


def _failure_name(key: tuple) -> str:
    return f'failure of {row_name(key)} "{key[2]}"'


def _exception_name(key: tuple) -> str:
    message, *places = key
    return f'exception "{message}"' + (f" ({places[-1]})" if places else "")


FAMILIES = (
    Family("exceptions", lambda run: run.exceptions, _exception_name, FRACTION_OF_REQUESTS),
    Family("failures", lambda run: run.failures, _failure_name, FRACTION_OF_REQUESTS),
    Family("requests", lambda run: run.requests, lambda key: f"request {row_name(key)}", FRACTION_OF_REQUESTS),
    Family("printed lines", lambda run: run.printed, lambda key: f'prints "{key[0]}"', FRACTION_OF_LINES),
)


def _counted(family: Family, stock: list[Outcome], ours: list[Outcome], scale: Scale) -> list[Finding]:
    def of_tasks(counts: list[int], runs: list[Outcome]) -> str:
        tasks = f" in {listed([run.iterations for run in runs])} tasks" if any(run.iterations for run in runs) else ""
        return times_seen(counts) + tasks

    findings = []
    for item in items(*([family.counts(run) for run in runs] for runs in (stock, ours))):
        if is_only_on_one_side(item):
            texts = times_seen(item.stock), times_seen(item.ours)
            findings.append(Finding(family.aspect, family.named(item.key), *texts))
        elif scale.differs(item, family.fraction):
            texts = of_tasks(item.stock, stock), of_tasks(item.ours, ours)
            findings.append(Finding(family.aspect, family.named(item.key), *texts))
    return findings


def clearly_more(first: list[float], second: list[float], spread: float, least: float) -> bool:
    """Whether each of `first` exceeds all of `second` by a clear factor."""
    if not first or not second:
        return False
    lowest, highest = min(first), max(second)
    return lowest > highest * FACTOR and lowest > highest + max(least, SPREADS * spread)


def compare_times(stock: list[Outcome], ours: list[Outcome]) -> list[Times]:
    found = []
    for item in items(*([run.requests for run in runs] for runs in (stock, ours))):
        rows = [[run.rows[item.key] for run in runs if item.key in run.rows] for runs in (stock, ours)]
        if not all(rows):
            continue
        medians = [[row.median for row in of_runs] for of_runs in rows]
        spread = max(medians[0]) - min(medians[0])
        slower = clearly_more(medians[1], medians[0], spread, LEAST_TIME)
        faster = clearly_more(medians[0], medians[1], spread, LEAST_TIME)
        p95 = [[row.p95 for row in of_runs] for of_runs in rows]
        found.append(Times(item.key, *medians, *p95, "slower" if slower else "faster" if faster else ""))
    return found


def pause(run: Outcome) -> float:
    """Milliseconds of an iteration outside of its requests: the wait time, and what the test's own code takes."""
    requests = sum(row.count * row.average for row in run.rows.values())
    return (1000 * run.user_seconds - requests) / run.iterations


def _pauses(stock: list[Outcome], ours: list[Outcome]) -> list[Finding]:
    if min(run.iterations for run in [*stock, *ours]) < FEWEST_ITERATIONS:
        return []
    of_stock, of_ours = ([pause(run) for run in runs] for runs in (stock, ours))
    if min(*of_stock, *of_ours) < 0:  # requests at the same time
        return []
    spread = max(of_stock) - min(of_stock)
    if not any(clearly_more(*pair, spread, LEAST_PAUSE) for pair in ((of_stock, of_ours), (of_ours, of_stock))):
        return []
    texts = (listed([f"{value:.0f} ms" for value in values]) for values in (of_stock, of_ours))
    return [Finding("times", "time of a task outside of its requests", *texts)]


def _slower(times: list[Times]) -> list[Finding]:
    return [
        Finding("times", f"median response time of {row_name(each.key)}", *(
            listed([f"{value:.0f} ms" for value in values]) for values in (each.stock, each.ours)
        ))
        for each in times if each.verdict == "slower"
    ]  # fmt: skip


def refusal_of(stock: list[Outcome]) -> Optional[str]:
    for run in stock:
        if run.exit_code is None:
            return "stock does not end within the time limit"
        if not run.began:
            return f'stock cannot run it: exit code {run.exit_code}, "{run.last_words}"'
        if not (run.is_whole or run.rows or run.users):
            return "no report of stock's worker has arrived: the machine is too busy, or the run time is too short"
    return None


def compare(stock: list[Outcome], ours: list[Outcome], wanted_users: int) -> Comparison:
    refusal = refusal_of(stock)
    if refusal:
        return Comparison(refusal, [], [], [])
    findings = START.compare(stock, ours) + EXIT_CODE.compare(stock, ours)
    rows = items(*([run.requests for run in runs] for runs in (stock, ours)))
    if findings and findings[0].aspect == "start":
        return Comparison(None, findings, rows, [])
    scale = scale_of(stock, ours)
    for family in FAMILIES:
        findings += _counted(family, stock, ours, scale)
    times = compare_times(stock, ours)
    findings += _users(stock, ours, wanted_users) + _slower(times) + _pauses(stock, ours)
    findings.sort(key=lambda finding: ASPECTS.index(finding.aspect))
    return Comparison(None, findings, rows, times, sum(not run.is_whole for run in stock))
