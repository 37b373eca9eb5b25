#!/usr/bin/python3
"""Surveys the source of a stock Locust and compares it with what is known of stock.

  survey.py compare PACKAGE KNOWN    prints what is new and what is gone; exits 1 if anything is
  survey.py update PACKAGE KNOWN     makes all of it known; reasons of lines that stay are kept

PACKAGE is the folder `locust` of a release, which is read and not imported; KNOWN the folder of the files
known-KIND.txt, one fact a line:

  options   --option and VARIABLE of the command line
  routes    METHOD /path of the web server
  names     public names by module: functions, classes and their members, constants; what `locust` exports
  files     SHA-256 of the sources that decide the protocol or what processes do

A fact may be followed by " # " and the reason why it has no counterpart here.
"""

import ast
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

KINDS = ("options", "routes", "names", "files")
# What decides messages, statistics, files, exit codes and the life of a user.
FILES = (
    "argument_parser.py clients.py contrib/fasthttp.py dispatch.py env.py event.py exception.py html.py log.py "
    "main.py rpc/protocol.py rpc/zmqrpc.py runners.py shape.py stats.py user/markov_taskset.py "
    "user/sequential_taskset.py user/task.py user/users.py user/wait_time.py web.py"
).split()
NOT_PUBLIC = {"test", "_version.py"}


def calls(tree: ast.AST, method: str) -> "Iterator[ast.Call]":
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", None) == method:
            yield node


def text(node: "ast.AST | None") -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def keyword(call: ast.Call, name: str) -> "ast.AST | None":
    return next((each.value for each in call.keywords if each.arg == name), None)


def options(package: Path) -> "Iterator[str]":
    for call in calls(ast.parse((package / "argument_parser.py").read_text()), "add_argument"):
        yield from (text(each) for each in call.args if text(each).startswith("-"))
        if variable := text(keyword(call, "env_var")):
            yield variable


def routes(package: Path) -> "Iterator[str]":
    for call in calls(ast.parse((package / "web.py").read_text()), "route"):
        methods = keyword(call, "methods")
        for method in [text(each) for each in methods.elts] if isinstance(methods, ast.List) else ["GET"]:
            yield f"{method} {text(call.args[0])}"


def public(body: "list[ast.stmt]", prefix: str) -> "Iterator[str]":
    for node in body:
        found: "list[str]" = []
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found = [node.name]
        elif isinstance(node, ast.Assign):
            found = [each.id for each in node.targets if isinstance(each, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found = [node.target.id]
        elif isinstance(node, (ast.If, ast.Try)):
            yield from public(node.body + node.orelse, prefix)
        for name in found:
            if name.startswith("_"):
                continue
            yield f"{prefix}.{name}"
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, f"{prefix}.{name}")


def exports(tree: ast.Module) -> "Iterator[str]":
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            yield from (f"locust.{name}" for name in ast.literal_eval(node.value))


def names(package: Path) -> "Iterator[str]":
    for path in package.rglob("*.py"):
        parts = path.relative_to(package).with_suffix("").parts
        if NOT_PUBLIC & {*parts, path.name}:
            continue
        tree = ast.parse(path.read_text())
        module = ".".join(("locust", *(part for part in parts if part != "__init__")))
        yield from public(tree.body, module)
        if module == "locust":
            yield from exports(tree)


def files(package: Path) -> "Iterator[str]":
    for name in FILES:
        path = package / name
        if path.exists():
            yield f"{hashlib.sha256(path.read_bytes()).hexdigest()} {name}"


def survey(package: Path) -> "dict[str, set[str]]":
    return {kind: set(globals()[kind](package)) for kind in KINDS}


def known(folder: Path, kind: str) -> "dict[str, str]":
    """Facts with their reasons."""
    facts = {}
    path = folder / f"known-{kind}.txt"
    for line in path.read_text().splitlines() if path.exists() else ():
        fact, _, reason = line.partition(" # ")
        facts[fact.strip()] = reason.strip()
    return facts


def compare(package: Path, folder: Path) -> int:
    news = []
    for kind, found in survey(package).items():
        old = set(known(folder, kind))
        if kind == "files":
            news += [f"changed: {fact.split()[1]}" for fact in sorted(found ^ old, key=lambda fact: fact.split()[1])]
            continue
        news += [f"new in {kind}: {fact}" for fact in sorted(found - old)]
        news += [f"gone from {kind}: {fact}" for fact in sorted(old - found)]
    for line in dict.fromkeys(news):
        print(line)
    return 1 if news else 0


def update(package: Path, folder: Path) -> int:
    for kind, found in survey(package).items():
        old = known(folder, kind)
        order = sorted(found, key=lambda fact: fact.split()[::-1])
        lines = (f"{fact} # {old[fact]}" if old.get(fact) else fact for fact in order)
        (folder / f"known-{kind}.txt").write_text("".join(f"{line}\n" for line in lines))
    return 0


if __name__ == "__main__":
    actions = {"compare": compare, "update": update}
    if len(sys.argv) != 4 or sys.argv[1] not in actions or not Path(sys.argv[2], "runners.py").exists():
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(actions[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3])))
