"""The result as JUnit XML: a suite for each file, and in it a case for each aspect."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from typing import TYPE_CHECKING

from .comparison import ASPECTS

if TYPE_CHECKING:
    from .program import Report

NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _clean(text: str) -> str:
    return NOT_IN_XML.sub("\ufffd", text)


def _add_suite(root: ElementTree.Element, report: Report) -> None:
    cases = ["stock"] if report.comparison.refusal else list(ASPECTS)
    failed = {finding.aspect for finding in report.comparison.findings}
    suite = ElementTree.SubElement(
        root, "testsuite", name=_clean(report.file), tests=str(len(cases)), failures=str(len(failed)),
        errors=str(int(bool(report.comparison.refusal))), time=f"{report.seconds:.3f}",
    )  # fmt: skip
    for name in cases:
        case = ElementTree.SubElement(suite, "testcase", classname=_clean(report.file), name=name, time="0")
        if report.comparison.refusal:
            ElementTree.SubElement(case, "error", message=_clean(report.comparison.refusal))
        findings = [str(finding) for finding in report.comparison.findings if finding.aspect == name]
        if findings:
            ElementTree.SubElement(case, "failure", message=_clean(findings[0])).text = _clean("\n".join(findings))


def text(reports: list[Report]) -> str:
    root = ElementTree.Element("testsuites", name="locust-parity")
    for report in reports:
        _add_suite(root, report)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
