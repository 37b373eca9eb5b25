#!/usr/bin/env python3
"""Checks that the modules below common/python/packages import each other in one direction.

  python_imports.py ROOT          prints every cycle; exits 1 if there is one
  python_imports.py --list ROOT   prints what each module imports, with a * where a function does
  python_imports.py --self-check  proves on made-up modules that cycles are found

An import inside a function counts as one of the module, so it cannot hide a cycle. A module's own packages, which are
imported before it, do not count unless it names them.
"""

import ast
import sys
import tempfile
from pathlib import Path
from typing import Iterator, NamedTuple

PACKAGES = Path("common") / "python" / "packages"


class Import(NamedTuple):
    module: str
    in_function: bool


def modules_below(folder: Path) -> "dict[str, Path]":
    named = {}
    for file in sorted(folder.rglob("*.py")):
        parts = file.relative_to(folder).with_suffix("").parts
        named[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return named


def names_in(statement: ast.stmt, module: str, file: Path) -> Iterator[str]:
    """Dotted names of what an import statement reaches: for `from a import b`, a.b."""
    if isinstance(statement, ast.Import):
        yield from (alias.name for alias in statement.names)
        return
    package = module.split(".") if file.name == "__init__.py" else module.split(".")[:-1]
    origin = package[: len(package) - statement.level + 1] if statement.level else []
    origin += statement.module.split(".") if statement.module else []
    yield from (".".join([*origin, alias.name]) for alias in statement.names)


def imports_of(module: str, modules: "dict[str, Path]") -> "set[Import]":
    found = set()

    def visit(node: ast.AST, in_function: bool) -> None:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for name in names_in(node, module, modules[module]):
                target = name if name in modules else name.rpartition(".")[0]
                if target in modules and target != module:
                    found.add(Import(target, in_function))
        in_function = in_function or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for child in ast.iter_child_nodes(node):
            visit(child, in_function)

    visit(ast.parse(modules[module].read_text(encoding="utf-8")), False)
    return found


def graph_of(folder: Path) -> "dict[str, set[Import]]":
    modules = modules_below(folder)
    return {module: imports_of(module, modules) for module in modules}


def cycles(graph: "dict[str, set[Import]]") -> "list[list[str]]":
    """One for each import that leads back to a module on the way to it."""
    found, done = [], set()

    def walk(module: str, way: "list[str]") -> None:
        if module in way:
            found.append([*way[way.index(module) :], module])
        elif module not in done:
            for target in sorted({each.module for each in graph[module]}):
                walk(target, [*way, module])
            done.add(module)

    for module in sorted(graph):
        walk(module, [])
    return found


# What the self-check feeds in, and whether there must be a cycle.
SELF_CHECK = (
    ({"p/__init__.py": "from .a import f", "p/a.py": "import p.b", "p/b.py": "import os"}, False),
    ({"p/__init__.py": "", "p/a.py": "from . import b", "p/b.py": "from .a import f"}, True),
    ({"p/__init__.py": "", "p/a.py": "from . import b", "p/b.py": "def g():\n  from .a import f"}, True),
    ({"p/__init__.py": "from .a import f\ng = 1", "p/a.py": "def f():\n  from . import g"}, True),
    ({"p/__init__.py": "", "p/q/__init__.py": "", "p/a.py": "from .q import b", "p/q/b.py": "from ..a import f"}, True),
    ({"p/__init__.py": "", "p/a.py": "import q", "q.py": "from p import a"}, True),
    ({"p/__init__.py": "", "p/a.py": "try:\n  import p.b\nexcept ImportError:\n  pass", "p/b.py": ""}, False),
)


def self_check() -> int:
    failures = 0
    for files, expected in SELF_CHECK:
        with tempfile.TemporaryDirectory() as scratch:
            for path, text in files.items():
                file = Path(scratch, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            found = cycles(graph_of(Path(scratch)))
        if bool(found) != expected:
            print(f"found {found} in {files}")
            failures += 1
    print(f"self-check: {len(SELF_CHECK)} cases, {failures} failures")
    return 1 if failures else 0


def main(arguments: "list[str]") -> int:
    if arguments == ["--self-check"]:
        return self_check()
    wants_list = arguments[:1] == ["--list"]
    roots = arguments[1:] if wants_list else arguments
    if len(roots) != 1 or roots[0].startswith("-"):
        print(__doc__)
        return 0 if arguments == ["-h"] else 2
    graph = graph_of(Path(roots[0]) / PACKAGES)
    if wants_list:
        for module, targets in graph.items():
            print(f"{module}: {' '.join(each.module + '*' * each.in_function for each in sorted(targets))}")
    found = cycles(graph)
    for cycle in found:
        print(" -> ".join(cycle))
    print(f"{len(graph)} modules, {len(found)} cycles")
    return 1 if found or not graph else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
