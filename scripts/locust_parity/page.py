"""The result as one HTML page that loads nothing."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from . import comparison as compared
from .table import details, in_order, summary

if TYPE_CHECKING:
    from .program import Report

STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
table { border-collapse: collapse; margin: 0.5rem 0 1.5rem; width: 100%; }
th, td { border-bottom: 1px solid #8884; padding: 0.3rem 0.6rem; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; }
.differs, .not-run { color: #c62828; font-weight: bold; white-space: nowrap; }
.equal { color: #2e7d32; white-space: nowrap; }
@media (prefers-color-scheme: dark) { .differs, .not-run { color: #ff8a80; } .equal { color: #a5d6a7; } }
"""


def _table(head: list[str], rows: list[list[str]]) -> str:
    """Of cells that are HTML."""
    lines = ["".join(f"<th>{escape(cell)}</th>" for cell in head)]
    lines += ["".join(f"<td>{cell}</td>" for cell in row) for row in rows]
    return "<table>" + "".join(f"<tr>{line}</tr>\n" for line in lines) + "</table>\n"


def _verdict(report: Report) -> str:
    return f'<span class="{report.verdict.replace(" ", "-")}">{report.verdict}</span>'


def _summary(reports: list[Report]) -> str:
    rows = []
    for number, report in enumerate(reports):
        link = f'<a href="#file{number}">{escape(report.file)}</a>'
        rows.append([link, _verdict(report), "<br>".join(map(escape, details(report)))])
    return _table(["file", "result", "what differs"], rows)


def _findings(report: Report) -> str:
    if not report.comparison.findings:
        return ""
    rows = [[escape(cell) for cell in finding] for finding in report.comparison.findings]
    return "<h3>Differences</h3>\n" + _table(["aspect", "what", "stock", "ours"], rows)


def _runs(report: Report) -> str:
    rows = []
    for name, runs in (("stock", report.stock), ("ours", report.ours)):
        for run in runs:
            cells = (name, compared.exit_code(run), compared.users(run), run.iterations, sum(run.requests.values()))
            rows.append([escape(str(cell)) for cell in cells])
    return "<h3>Runs</h3>\n" + _table(["program", "exit code", "users at full load", "tasks", "requests"], rows)


def _milliseconds(values: list[float]) -> str:
    return ", ".join(f"{value:.0f}" for value in values)


def _rows(report: Report) -> str:
    times = {each.key: each for each in report.comparison.times}
    rows = []
    for item in report.comparison.rows:
        cells = [compared.row_name(item.key), *(", ".join(map(str, counts)) for counts in (item.stock, item.ours))]
        each = times.get(item.key)
        if each:
            cells += [_milliseconds(values) for values in (each.stock, each.ours, each.stock_p95, each.ours_p95)]
        cells += [""] * (7 - len(cells)) + [each.verdict if each else ""]
        rows.append([escape(cell) for cell in cells])
    head = [
        "row", "requests, stock", "ours", "median ms, stock", "ours", "95 % ms, stock", "ours", "times of ours",
    ]  # fmt: skip
    return "<h3>Rows, with a value for each run</h3>\n" + _table(head, rows)


def _file(number: int, report: Report) -> str:
    head = f'<h2 id="file{number}">{escape(report.file)}: {_verdict(report)}</h2>\n'
    if report.comparison.refusal:
        return head + f"<p>{escape(report.comparison.refusal)}</p>\n"
    return head + _findings(report) + _runs(report) + _rows(report)


def text(title: str, reports: list[Report]) -> str:
    reports = in_order(reports)
    head = f"{title}: {summary(reports)}"
    body = f"<h1>{escape(head)}</h1>\n" + _summary(reports)
    body += "".join(_file(number, report) for number, report in enumerate(reports))
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(head)}</title>\n'
        f"<style>{STYLE}</style></head>\n<body>\n{body}</body></html>\n"
    )
