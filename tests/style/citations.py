#!/usr/bin/env python3
"""Checks that what comments cite of the documents is there.

  citations.py ROOT          prints every violation below ROOT as file:line: text; exits 1 if there is one
  citations.py --self-check  proves on a made-up tree that each rule catches its violation

A source cites a document in one of these forms, on one line:

  docs/protocol.md §5.2              a numbered heading, or item 2 of the numbered list in section 5
  docs/scenario.md "Feeders"         a heading
  docs/conformance.md statement 54   a row of the table; also "statements 5, 11 and 12" and "statements 1-42"
  docs/outputs.md                    a page

A bare section sign or statement names no document and is a violation. Within docs/protocol.md and docs/conformance.md
section signs are of docs/protocol.md.
"""

import re
from pathlib import Path
from typing import Iterator, NamedTuple

import checker

SUFFIXES = (".h", ".cc", ".py", ".ts")
NOT_OURS = {"build", "node_modules", ".git"}
MADE_UP = ("tests/docs/", "tests/style/")  # the tests of documents cite some that are not there
PROTOCOL, CONFORMANCE = "docs/protocol.md", "docs/conformance.md"

SIGN, DASH = "\N{SECTION SIGN}", "\N{EN DASH}"
NUMBER = r"\d+(?:\.\d+)?"
CITATION = re.compile(
    rf"(?P<page>\b(?:docs|proto)/\w+\.md)"
    rf"(?: {SIGN}+(?P<section>{NUMBER})(?:{DASH}(?P<last>{NUMBER}))?"
    rf'| "(?P<heading>[^"\n]+)"'
    rf"| statements? (?P<statements>\d[\d ,-]*(?:and \d+)?))?"
)
BARE = re.compile(rf"{SIGN}|\bstatements? \d|\b(?:PROTOCOL|SCENARIO)(?:\.md\b| (?:\"|statement))")


class Violation(NamedTuple):
    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


def headings_of(text: str) -> "set[str]":
    return {heading.strip() for heading in re.findall(r"^#+ (.+)$", text, re.M)}


def sections_of(text: str) -> "set[str]":
    """Numbers of headings, and of the items of numbered lists below them as SECTION.ITEM."""
    found, section = set(), None
    for line in text.splitlines():
        if heading := re.match(r"#+ (?:(\d+(?:\.\d+)?) )?", line):
            section = heading[1]
            found |= {section} if section else set()
        elif section and (item := re.match(r"(\d+)\. ", line)):
            found.add(f"{section}.{item[1]}")
    return found


def numbers_in(text: str) -> "set[int]":
    """Of "5, 11 and 12" and "1-42"."""
    numbers = set()
    for first, last in re.findall(r"(\d+)(?:-(\d+))?", text):
        numbers |= set(range(int(first), int(last or first) + 1))
    return numbers


class Documents:
    def __init__(self, root: Path):
        self.root = root
        self.texts = {}

    def text(self, page: str) -> "str | None":
        if page not in self.texts:
            file = self.root / page
            self.texts[page] = file.read_text(encoding="utf-8") if file.is_file() else None
        return self.texts[page]

    def problem(self, citation: "re.Match") -> "str | None":
        page, text = citation["page"], self.text(citation["page"])
        if text is None:
            return f"there is no {page}"
        missing = {citation["section"], citation["last"]} - {None} - sections_of(text)
        if missing:
            return f"{page} has no section {' and '.join(sorted(missing))}"
        if citation["heading"] and citation["heading"] not in headings_of(text):
            return f'{page} has no heading "{citation["heading"]}"'
        if citation["statements"]:
            rows = set(map(int, re.findall(r"^\| (\d+) \|", text, re.M)))
            missing = numbers_in(citation["statements"]) - rows
            return f"{page} has no statement {min(missing)}" if missing else None
        return None


def check_source(path: str, text: str, documents: Documents) -> Iterator[Violation]:
    for number, line in enumerate(text.splitlines(), 1):
        rest = line
        for citation in CITATION.finditer(line):
            rest = rest.replace(citation.group(), "", 1)
            if problem := documents.problem(citation):
                yield Violation(path, number, problem)
        if bare := BARE.search(rest):
            yield Violation(path, number, f"'{bare.group()}' without a document before it")


def check_page(page: str, documents: Documents) -> Iterator[Violation]:
    sections = sections_of(documents.text(PROTOCOL) or "")
    for number, line in enumerate((documents.text(page) or "").splitlines(), 1):
        for section in re.findall(rf"{SIGN}({NUMBER})", line):
            if section not in sections:
                yield Violation(page, number, f"{PROTOCOL} has no section {section}")


def check_tree(root: Path) -> "tuple[int, list[Violation]]":
    documents = Documents(root)
    files = [f for f in sorted(root.rglob("*")) if f.suffix in SUFFIXES]
    files = [f for f in files if not NOT_OURS & set(f.relative_to(root).parts) and f.is_file()]
    violations = [v for page in (PROTOCOL, CONFORMANCE) for v in check_page(page, documents)]
    for file in files:
        path = file.relative_to(root).as_posix()
        if not path.startswith(MADE_UP):
            violations += check_source(path, file.read_text(encoding="utf-8"), documents)
    return len(files), violations


# What the self-check feeds in: path, text, and the line numbers that must be found.
SELF_CHECK = (
    (PROTOCOL, "# The protocol\n## 5 Statistics\n### 5.2 Bucketing\n## 13 Quirks\n\n1. a\n2. b \u00a75.2\n\u00a76\n", [8]),
    (CONFORMANCE, "# Conformance\n\u00a713.2\n| 1 | a | b | c |\n| 2 | a | b | c |\n\u00a713.3\n", [5]),
    ("docs/scenario.md", "# Scenario files\n## Feeders\n", []),
    ("a.h", "// docs/protocol.md \u00a75.2, docs/protocol.md \u00a75\n// docs/protocol.md \u00a713.2\n", []),
    ("b.cc", "// docs/protocol.md \u00a75.3\n// docs/protocol.md \u00a7\u00a75\u201313\n// docs/protocol.md \u00a7\u00a75\u201314\n", [1, 3]),
    ("c.cc", "// (\u00a75)\n// PROTOCOL.md \u00a75\n// docs/protocol.md \u00a75 and \u00a713\n", [1, 2, 3]),
    ("d.py", '# docs/scenario.md "Feeders"\n# docs/scenario.md "Food"\n# SCENARIO "Feeders"\n', [2, 3]),
    ("e.py", "# docs/conformance.md statements 1 and 2, docs/conformance.md statements 1-3\n# statement 1\n", [1, 2]),
    ("f.ts", "// docs/scenario.md\n// docs/food.md\n// PROTOCOL statements 1-2\n", [2, 3]),
    ("g.py", 'SCENARIO = "x"\nPROTOCOL_TLS = f(SCENARIO)\nread("docs/scenario.md")\n', []),
    ("build/h.cc", "// \u00a75\n", []),
    ("tests/docs/i.py", "# docs/food.md\n", []),
)  # fmt: skip


if __name__ == "__main__":
    checker.main(__doc__, check_tree, lambda: checker.check_lines(SELF_CHECK, check_tree))
