"""Results of runs that never were."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "scripts"))

from locust_parity.comparison import compare  # noqa: E402
from locust_parity.outcome import Outcome, Row  # noqa: E402
from locust_parity.program import Report  # noqa: E402


def requests(median=10.0, **counts):
    """Rows of GET: `requests(a=5)` has five of GET /a."""
    return {("GET", f"/{name}"): Row(count, median, median, 2 * median) for name, count in counts.items()}


def run(**fields):
    """Five users who made a hundred requests in as many tasks, but for what `fields` say."""
    given = {"rows": requests(a=100), "users": {"Shop": 5}, "iterations": 100, "user_seconds": 50.0, **fields}
    return Outcome(**given)


def printed(*lines):
    return {(line,): 1 for line in lines}


def findings(stock, ours, users=5):
    return [str(finding) for finding in compare(stock, ours, users).findings]


def report(file, stock, ours):
    return Report(file, stock, ours, compare(stock, ours, 5), 12.5)
