#!/usr/bin/env python3
"""Checks docs/conformance.md: that it has every statement of the checklist, that each holds, and that the tests it
names are there; and that those which docs/differences.md names are.

  conformance_table.py ROOT     prints what is wrong; exits 1 if anything is
"""

import re
import sys
from pathlib import Path

STATEMENTS = 71


def numbers_of(method: str) -> "set[int]":
    """Of test_04_14_17_natives and test_43_to_50_a_ramp."""
    numbers = {int(n) for n in re.findall(r"_(\d\d)(?=_)", method)}
    for first, last in re.findall(r"_(\d\d)_to_(\d\d)_", method):
        numbers |= set(range(int(first), int(last) + 1))
    return numbers


class Tests:
    """What may stand in the table."""

    def __init__(self, root: Path):
        self.numbers = {}  # of a topology
        for file in (root / "tests" / "conformance").glob("test_*.py"):
            methods = re.findall(r"def (test_\w+)", file.read_text())
            self.numbers[file.stem.removeprefix("test_")] = set().union(*map(numbers_of, methods))
        sources = [f for folder in ("unit", "fuzz") for f in (root / "tests" / folder).rglob("*.cc")]
        self.files = {f.stem for f in sources}
        text = "".join(f.read_text() for f in sources)
        self.cases = {".".join(case) for case in re.findall(r"TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", text)}
        self.suites = {case.split(".")[0] for case in self.cases}

    def has(self, reference: str) -> bool:
        if numbered := re.fullmatch(r"(slow )?(\w+) (\d\d)", reference):
            topology = ("slow_" if numbered[1] else "") + numbered[2]
            return int(numbered[3]) in self.numbers.get(topology, ())
        if reference.endswith("…"):
            return any(case.startswith(reference[:-1]) for case in self.cases)
        return reference in self.cases | self.suites | self.files | {f"test_{name}" for name in self.numbers}


def references(cell: str) -> "list[str]":
    """The tests of a cell in full: "stock_workers 57 and 58" are two, ".SecondCase" is of the suite before it."""
    found = []
    for part in re.split(r"[;,]| and ", re.sub(r"\([^)]*\)", "", cell)):
        part = part.strip()
        if re.fullmatch(r"\d\d", part):
            part = found[-1][:-2] + part
        if part.startswith("."):
            part = found[-1].split(".")[0] + part
        found.append(part)
    return found


def problems(root: Path) -> "list[str]":
    tests = Tests(root)
    text = (root / "docs" / "conformance.md").read_text()
    rows = re.findall(r"^\| (\d+) \| .*? \| (.*?) \| (.*?) \|$", text, re.M)
    found = []
    if [int(number) for number, *_ in rows] != list(range(1, STATEMENTS + 1)):
        found.append(f"the rows are not 1 to {STATEMENTS}")
    for number, cell, state in rows:
        if not state.startswith("holds"):
            found.append(f"{number}: {state}")
        found += [f"{number}: there is no test {name}" for name in references(cell) if not tests.has(name)]
    return found


def problems_of_differences(root: Path) -> "list[str]":
    tests = Tests(root)
    text = (root / "docs" / "differences.md").read_text()
    found = []
    for difference, cell in re.findall(r"^\| (.*?) \| .*? \| (.*?) \|$", text, re.M):
        if cell == "proof":
            continue
        names, numbers = re.sub(r"statements? [\d, ]+", "", cell.replace("`", "")), re.findall(r"\d+", cell)
        found += [f"'{difference}': no statement {number}" for number in numbers if int(number) > STATEMENTS]
        proofs = [name for name in re.split(r"[,; ]+", names) if name]
        found += [f"'{difference}': no test {name}" for name in proofs if not tests.has(name)]
        if not proofs and not numbers:
            found.append(f"'{difference}': no proof")
    return found


if __name__ == "__main__":
    root = Path(sys.argv[1])
    wrong = problems(root) + problems_of_differences(root)
    print("\n".join(wrong) or "all tests of docs/conformance.md and docs/differences.md are there")
    sys.exit(1 if wrong else 0)
