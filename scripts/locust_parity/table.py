"""The result on the terminal."""

from __future__ import annotations

import shutil
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .program import Report

FINDINGS = 8  # of a file; the rest is in the page
LONGEST = 400  # characters of a finding
NARROWEST = 40
VERDICTS = ("not run", "differs", "equal")  # what needs attention first
SUMMARY = (
    ("differs", "differs", "differ"), ("not run", "cannot be compared", "cannot be compared"),
    ("equal", "is equal", "are equal"),
)  # fmt: skip


def counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def in_order(reports: list[Report]) -> list[Report]:
    return sorted(reports, key=lambda report: VERDICTS.index(report.verdict))


def summary(reports: list[Report]) -> str:
    said = []
    for verdict, one, several in SUMMARY:
        number = sum(report.verdict == verdict for report in reports)
        if number:
            said.append(f"{number} {one if number == 1 else several}")
    return f"{counted(len(reports), 'file')}: {', '.join(said)}"


def details(report: Report) -> list[str]:
    if report.comparison.refusal:
        return [report.comparison.refusal]
    if not report.comparison.findings:
        requests = sum(sum(run.requests.values()) for run in report.ours)
        rows = counted(len(report.comparison.rows), "row")
        return [f"{rows}, {counted(requests, 'request')} under ours", *report.comparison.notes]
    return [str(finding) for finding in report.comparison.findings] + report.comparison.notes


def _shown(report: Report) -> list[str]:
    lines = details(report)
    if len(lines) > FINDINGS:
        lines = [*lines[: FINDINGS - 1], f"and {len(lines) - FINDINGS + 1} more, which --html shows"]
    return [line if len(line) <= LONGEST else line[:LONGEST] + "…" for line in lines]


def text(title: str, reports: list[Report]) -> str:
    reports = in_order(reports)
    file_width = max(len("file"), *(len(report.file) for report in reports))
    left = f"{{:<{file_width}}}  {{:<7}}  "
    width = max(NARROWEST, shutil.get_terminal_size((120, 24)).columns - file_width - 11)
    lines = [f"{title}: {summary(reports)}", "", left.format("file", "result") + "what differs"]
    lines.append("-" * file_width + "  -------  " + "-" * min(width, 60))
    for report in reports:
        first = left.format(report.file, report.verdict)
        for detail in _shown(report):
            for part in textwrap.wrap(detail, width, subsequent_indent="    ") or [""]:
                lines.append((first + part).rstrip())
                first = " " * len(first)
    return "\n".join(lines)
