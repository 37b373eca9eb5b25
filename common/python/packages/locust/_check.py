"""--check: what locustfiles use that is missing or differs here. It reads their syntax trees and those of the modules
of the test that they import, and executes none of them."""

import ast
import os
import sys
import warnings
from typing import NamedTuple

import _locust_host

from . import _check_file, _own_names, _places
from ._limits import TEXTS
from ._modules import BLOCKING

# Modules of packages that block, which do not.
_QUIET = {"requests.auth", "requests.cookies", "requests.exceptions", "requests.structures", "urllib3.exceptions"}

_UNPARSABLE = (SyntaxError, ValueError, RecursionError, MemoryError, OSError)


class _Finding(NamedTuple):
    path: str
    line: int
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}"


def _shown(path):
    """Relative where that is shorter."""
    relative = os.path.relpath(path)
    return relative if len(relative) < len(path) and not relative.startswith("..") else path


class _Test:
    """A locustfile and what it imports of the test's own modules."""

    def __init__(self, path):
        self.path = _shown(path)
        self.findings = {}  # a set in the order of the findings
        self._files = {}  # by path

    def check(self):
        _places.search_in(os.getcwd(), os.path.dirname(os.path.abspath(self.path)))
        self._read(self.path, "")
        files = list(self._files.values())
        classes = _check_file.Classes(files)
        assigned = set().union(*(file.assigned for file in files))
        for file in files:
            uses = _check_file.UseCheck(file, classes, assigned, self._report_for(file.path))
            self._check_imports(file, uses)
            uses.visit(file.tree)
        return sorted(self.findings, key=lambda each: (each.path != self.path, each.path, each.line))

    def _report_for(self, path):
        return lambda line, text: self.findings.setdefault(_Finding(path, line, text))

    def _read(self, path, package):
        """Parses a file and those that it imports."""
        path = _shown(path)
        if path in self._files:
            return
        try:
            with open(path, "rb") as file, warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(file.read(), path)
        except _UNPARSABLE as error:
            text = getattr(error, "msg", None) or str(error) or "too deeply nested"
            self._report_for(path)(getattr(error, "lineno", None) or 1, f"{type(error).__name__}: {text}")
            return
        _places.search_where_file_says(tree, os.path.abspath(path))
        file = self._files[path] = _check_file.File(path, tree, package)
        for each in file.imports:
            for name in (each.module, *(f"{each.module}.{name}" for name in each.names)):
                self._follow(name)

    def _follow(self, name):
        if not name or name.partition(".")[0] in (*_own_names.PACKAGES, *sys.stdlib_module_names):
            return
        parts = name.split(".")
        for end in range(1, len(parts) + 1):
            try:
                spec = _places.find(".".join(parts[:end]))
            except _places.NotFound:
                return
            if _places.is_own(spec):
                is_package = spec.submodule_search_locations is not None
                self._read(spec.origin, spec.name if is_package else spec.name.rpartition(".")[0])

    def _check_imports(self, file, uses):
        report = self._report_for(file.path)
        for each in file.imports:
            top = each.module.partition(".")[0]
            if isinstance(each.node, ast.ImportFrom) and each.node.level and not file.package:
                report(each.node.lineno, "relative import: ImportError, because a locustfile is in no package")
            elif top in _own_names.PACKAGES:
                self._check_ours(each, uses, report)
            else:
                self._check_other(each, uses, report)

    @staticmethod
    def _check_ours(each, uses, report):
        if each.is_optional:
            return
        if problem := _own_names.problem_of_module(each.module):
            report(each.node.lineno, problem)
            return
        for name in each.names:
            if name != "*":
                uses.check_import(each.node.lineno, f"{each.module}.{name}")

    @staticmethod
    def _check_other(each, uses, report):
        line = each.node.lineno
        try:
            _places.find(each.module)
        except _places.NotFound as error:
            if not each.is_optional:
                remedy = "there is no such file" if error.is_own else _places.remedy(each.module)
                report(line, f"no module {error.name!r}: {remedy}")
            return
        if each.module.partition(".")[0] in BLOCKING and each.module not in _QUIET:
            report(line, f"{each.module}: {TEXTS['package']}")
        for name in each.names:
            uses.check_import(line, f"{each.module}.{name}")


def check(paths):
    """Prints the findings. Returns the exit code: 1 if there are any."""
    printed = set()
    for path in paths:
        test = _Test(path)
        findings = test.check()
        new = [str(each) for each in findings if each not in printed]
        printed.update(findings)
        summary = f"{test.path}: {_places.interpreter()}; {_count(findings, new)}"
        print(*map(_locust_host.masked, [summary, *new]), sep="\n")
    return 1 if printed else 0


def _count(findings, new):
    if not findings:
        return "everything it uses is there"
    count = f"{len(findings)} finding{'s' if len(findings) > 1 else ''}"
    return count if new else f"{count}, shown above"
