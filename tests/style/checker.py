"""What the checks of this folder have in common: their command line, and made-up trees to be checked."""

import sys
import tempfile
from pathlib import Path
from typing import Callable, Iterable


def main(doc: str, check_tree: Callable, self_check: Callable) -> None:
    """ROOT: prints what `check_tree(ROOT)` finds, which is (how many files, violations); exits 1 if there is any.
    --self-check: exits with what `self_check()` returns."""
    arguments = sys.argv[1:]
    if arguments == ["--self-check"]:
        sys.exit(self_check())
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(doc)
        sys.exit(0 if arguments == ["-h"] else 2)
    files, violations = check_tree(Path(arguments[0]))
    for violation in violations:
        print(violation)
    print(f"{files} files, {len(violations)} violations")
    sys.exit(1 if violations or not files else 0)


def check_lines(cases: "Iterable[tuple[str, str, list[int]]]", check_tree: Callable) -> int:
    """Checks a made-up tree of (path, text, numbers of the lines that must be found); returns the exit code."""
    failures = 0
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        for path, text, _ in cases:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        _, violations = check_tree(root)
    for path, text, expected in cases:
        found = sorted({v.line for v in violations if v.file == path})
        if found != expected:
            print(f"{path}: expected lines {expected}, found {found} in:\n{text}")
            failures += 1
    print(f"self-check: {len(cases)} files, {failures} failures")
    return 1 if failures else 0
