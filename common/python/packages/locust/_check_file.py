"""The check of one file: what its syntax tree uses of `locust` and `gevent` that is missing or differs."""

import ast
import re
from typing import NamedTuple

from . import _own_names
from ._limits import TEXTS
from .contrib.fasthttp import FastHttpUser
from .user.task import TaskSet
from .user.users import HttpUser, User

_REQUESTS = {"get", "post", "put", "patch", "delete", "head", "options", "request"}
_IMPORT_ERRORS = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
_OTHER_SCHEME = re.compile(r"(?!https?://)[a-z][a-z0-9+.-]*://", re.I)
_STATISTICS = {"stats", "stats_total", "errors"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)

# The kind of an attribute of an object of a kind (_own_names.KINDS).
_KINDS_OF_ATTRIBUTES = {
    ("client", "cookies"): "cookies",
    ("client", "cookiejar"): "cookies",
    ("environment", "events"): "events",
    ("environment", "runner"): "runner",
    ("environment", "stats"): "stats",
    ("runner", "environment"): "environment",
    ("runner", "stats"): "stats",
    ("stats", "total"): "entry",
}
_KINDS_OF_PARAMETERS = {"environment": "environment", "runner": "runner"}


class Import(NamedTuple):
    node: ast.stmt
    module: str
    names: tuple  # of `from module import names`
    is_optional: bool  # the file handles its absence


class OwnClass(NamedTuple):
    """A class of the test."""

    bases: tuple
    assigned: frozenset  # attributes


def _is_test(node, name, value=None):
    """Whether the statement is `if NAME:` or `if NAME == value:`."""
    test = node.test
    if isinstance(test, ast.Compare) and isinstance(test.comparators[0], ast.Constant):
        return getattr(test.left, "id", None) == name and test.comparators[0].value == value
    return value is None and name in (getattr(test, "id", None), getattr(test, "attr", None))


def _is_skipped(node):
    """A block that a run does not execute."""
    return isinstance(node, ast.If) and (_is_test(node, "TYPE_CHECKING") or _is_test(node, "__name__", "__main__"))


def _handles_absence(node):
    """Whether a try statement, or a with statement, goes on if an import in it fails."""
    if isinstance(node, ast.With):
        kinds = [each.context_expr.args for each in node.items if isinstance(each.context_expr, ast.Call)]
        return any(getattr(name, "id", "") in _IMPORT_ERRORS for names in kinds for name in names)
    for handler in getattr(node, "handlers", ()):
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        if any(kind is None or getattr(kind, "id", "") in _IMPORT_ERRORS for kind in kinds):
            return True
    return False


def _executed(node):
    """The nodes below, without those that a run does not execute."""
    for child in ast.iter_child_nodes(node):
        if _is_skipped(child):
            for other in child.orelse:
                yield other
                yield from _executed(other)
        else:
            yield child
            yield from _executed(child)


def _guarded(tree):
    """The imports whose absence is handled."""
    guarded = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Try, ast.With)) and _handles_absence(node):
            guarded.update(inner for statement in node.body for inner in ast.walk(statement))
    return guarded


def dotted_name(node):
    """a.b.c; None for other expressions."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        first = dotted_name(node.value)
        return first and f"{first}.{node.attr}"
    return None


class File:
    """A parsed file of the test, and what it imports and defines."""

    def __init__(self, path, tree, package=""):
        self.path = path
        self.tree = tree
        self.package = package  # that relative imports start from
        self.imports = []
        self.names = {}  # what names of the file stand for: "gevent.event"
        self.classes = {}
        self.assigned = set()  # attributes that the file sets, or asks for by name
        self.listeners = {}  # function: its events
        guarded = _guarded(tree)
        for node in _executed(tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self._add_import(node, node in guarded)
            elif isinstance(node, ast.ClassDef):
                self._add_class(node)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                self.assigned.add(node.attr)
            elif isinstance(node, ast.Call):
                self._add_call(node)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for decorator in node.decorator_list:
                    self._add_listener(decorator, node.name)

    def _add_import(self, node, is_optional):
        if isinstance(node, ast.Import):
            for alias in node.names:
                self.imports.append(Import(node, alias.name, (), is_optional))
                self.names[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
            return
        module = node.module or ""
        if node.level:
            package = self.package.split(".")[: len(self.package.split(".")) - node.level + 1]
            module = ".".join([*package, *filter(None, [module])])
        self.imports.append(Import(node, module, tuple(alias.name for alias in node.names), is_optional))
        for alias in node.names:
            if alias.name == "*":
                self.names.update({name: f"{module}.{name}" for name in _own_names.public_names(module)})
            else:
                self.names[alias.asname or alias.name] = f"{module}.{alias.name}"

    def _add_class(self, node):
        assigned = set()
        for inner in ast.walk(node):
            if isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store):
                assigned.add(inner.attr)
        for statement in node.body:
            targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
            assigned.update(target.id for target in targets if isinstance(target, ast.Name))
            if isinstance(statement, ast.FunctionDef):
                assigned.add(statement.name)
        bases = tuple(self.dotted(base) or "?" for base in node.bases)
        self.classes[node.name] = OwnClass(bases, frozenset(assigned))

    def _add_call(self, node):
        name = getattr(node.func, "id", None)
        if name in ("hasattr", "getattr", "setattr") and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
            self.assigned.add(node.args[1].value)
        for argument in node.args:
            if isinstance(argument, ast.Name):
                self._add_listener(node.func, argument.id)

    def _add_listener(self, function, name):
        if not isinstance(function, ast.Attribute):
            return
        if function.attr == "add_listener":
            self.listeners.setdefault(name, set()).add(getattr(function.value, "attr", ""))
        elif function.attr == "register_message":
            self.listeners.setdefault(name, set()).add(function.attr)

    def dotted(self, node):
        """The name of what an expression refers to outside of the file; as it is written for others."""
        written = dotted_name(node)
        if written is None:
            return None
        first, dot, rest = written.partition(".")
        return self.names.get(first, first) + dot + rest

    def refers_to(self, node):
        """As dotted(), but None for what the file does not import."""
        written = dotted_name(node)
        return self.dotted(node) if written and written.partition(".")[0] in self.names else None


class Classes:
    """The classes of all files of the test."""

    def __init__(self, files):
        self._classes = {name: each for file in files for name, each in file.classes.items()}
        self.any_own_client = any("client" in each.assigned for each in self._classes.values())

    def ancestors(self, name, seen=()):
        """Classes of ours, OwnClass of the test, and None for what is neither."""
        own = self._classes.get(name.rpartition(".")[2])
        if own is None or name in seen:
            yield _own_names.class_of(name) if name.startswith("locust.") else None
            return
        yield own
        for base in own.bases:
            yield from self.ancestors(base, (*seen, name))

    def is_kind_of(self, name, kinds):
        return any(isinstance(each, type) and issubclass(each, kinds) for each in self.ancestors(name))

    def has_our_client(self, name):
        """Whether self.client in a class of the test is ours; `name` is None outside of classes."""
        if name is None:
            return False
        ancestors = list(self.ancestors(name))
        if any(isinstance(each, OwnClass) and "client" in each.assigned for each in ancestors):
            return False
        if self.is_kind_of(name, (HttpUser, FastHttpUser)):
            return True
        return self.is_kind_of(name, TaskSet) and not self.any_own_client


class UseCheck(ast.NodeVisitor):
    """Reports uses of what is missing or differs by `report(line, text)`."""

    def __init__(self, file, classes, assigned, report):
        self._file = file
        self._classes = classes
        self._assigned = assigned
        self._report = report
        self._class = None  # the name of the enclosing one
        self._kinds = {}  # of local names

    def visit_If(self, node):
        for each in node.orelse if _is_skipped(node) else [node.test, *node.body, *node.orelse]:
            self.visit(each)

    def visit_ClassDef(self, node):
        outer, self._class = self._class, node.name
        self._check_settings(node)
        self.generic_visit(node)
        self._class = outer

    def _check_settings(self, node):
        for statement in node.body:
            target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
            use = f"class.{getattr(target, 'id', '')}"
            kind = HttpUser if use == "class.pool_manager" else FastHttpUser
            if use in TEXTS and self._classes.is_kind_of(node.name, kind):
                self._report(statement.lineno, f"{node.name}.{target.id}: {TEXTS[use]}")

    def visit_FunctionDef(self, node):
        outer, self._kinds = self._kinds, dict(self._kinds)
        arguments = [each.arg for each in (*node.args.args, *node.args.kwonlyargs)]
        events = self._file.listeners.get(node.name)
        for name in arguments:
            self._kinds.pop(name, None)
            if events and name in _KINDS_OF_PARAMETERS:
                self._kinds[name] = _KINDS_OF_PARAMETERS[name]
        self._check_listener(node, events or ())
        self.generic_visit(node)
        self._kinds = outer

    visit_AsyncFunctionDef = visit_FunctionDef

    def _check_listener(self, node, events):
        for inner in ast.walk(node):
            if "quit" in events and getattr(inner, "attr", None) == "send_message":
                self._report(inner.lineno, f"send_message in a listener of quit: {TEXTS['quit.send_message']}")
            if "worker_report" in events and isinstance(inner, ast.Subscript):
                key = getattr(inner.slice, "value", None)
                if getattr(inner.value, "id", None) == "data" and key in _STATISTICS:
                    self._report(inner.lineno, f"data[{key!r}] of worker_report: data {TEXTS['worker_report.data']}")

    def visit_Assign(self, node):
        self.generic_visit(node)
        for target in node.targets:
            self._bind(target, node.value)

    def visit_With(self, node):
        for item in node.items:
            self.visit(item.context_expr)
            self._bind(item.optional_vars, item.context_expr)
        for statement in node.body:
            self.visit(statement)

    def _bind(self, target, value):
        if isinstance(target, ast.Name):
            self._kinds[target.id] = self._kind_of(value)

    def visit_Call(self, node):
        self.generic_visit(node)
        if self._kind_of(node) == "response":
            self._check_request(node, node.args[1:2] if node.func.attr == "request" else node.args[:1])

    def _check_request(self, node, urls):
        arguments = {keyword.arg: keyword.value for keyword in node.keywords}
        stream = arguments.get("stream")
        if isinstance(stream, ast.Constant) and stream.value is True:
            self._report(stream.lineno, f"stream=True: {TEXTS['argument.stream']}")
        for name in ("timeout", "cert"):
            if isinstance(arguments.get(name), ast.Tuple):
                self._report(arguments[name].lineno, f"{name}=(…, …): {TEXTS['argument.' + name]}")
        for url in (*urls, arguments.get("url")):
            text = getattr(url, "value", None)
            if isinstance(text, str) and _OTHER_SCHEME.match(text):
                self._report(url.lineno, f"{text}: {TEXTS['argument.url']}")

    def visit_Attribute(self, node):
        kind = self._kind_of(node.value)
        if kind is not None:
            self._check_attribute(node, kind)
            self.visit(node.value)
            return
        dotted = self._file.refers_to(node)
        if dotted is None:
            self.visit(node.value)
            return
        self._check_reached(node, dotted)

    def _check_attribute(self, node, kind):
        text = TEXTS.get(f"{kind}.{node.attr}")
        if text is None and node.attr not in self._assigned:
            text = _own_names.problem_of_attribute(kind, node.attr)
        if text:
            written = dotted_name(node) or f"{kind}.{node.attr}"
            self._report(node.end_lineno, f"{written.removeprefix('self.')}: {text}")

    def check_import(self, line, dotted):
        """Reports a name of `from module import name` that is missing, or that differs wherever it is used."""
        if text := TEXTS.get(dotted):
            self._report(line, f"{dotted}: {text}")
        elif (problem := _own_names.problem_of_name(dotted)) and problem[1] is None:
            self._report(line, f"{problem[0]}: ImportError: {_own_names.MISSING}")

    def visit_Name(self, node):
        dotted = self._file.names.get(node.id, "")
        problem = _own_names.problem_of_name(dotted) if isinstance(node.ctx, ast.Load) else None
        if problem and problem[1]:
            self._report(node.lineno, f"{problem[0]}: {problem[1]}")

    def _check_reached(self, node, dotted):
        """Reports a name that the file reaches through a module, if it is not as in stock."""
        if text := TEXTS.get(dotted):
            self._report(node.end_lineno, f"{dotted}: {text}")
        elif problem := _own_names.problem_of_name(dotted):
            is_set = isinstance(node.ctx, ast.Store)
            missing = f"{_own_names.MISSING}, so setting it has no effect" if is_set else _own_names.NO_ATTRIBUTE
            self._report(node.end_lineno, f"{problem[0]}: {problem[1] or missing}")

    def _kind_of(self, node):
        """The kind of object that an expression is, if it is one of ours; otherwise None."""
        if isinstance(node, ast.Name):
            is_events = self._file.names.get(node.id) == "locust.events"
            return self._kinds.get(node.id, "events" if is_events else None)
        if isinstance(node, ast.Call):
            return self._kind_of_call(node)
        if not isinstance(node, ast.Attribute):
            return None
        if self._is_self(node.value):
            if node.attr == "client" and self._classes.has_our_client(self._class):
                return "client"
            if node.attr == "environment" and self._class and self._classes.is_kind_of(self._class, (User, TaskSet)):
                return "environment"
        kind = self._kind_of(node.value)
        if kind == "events":
            return "event"
        if kind is None and self._file.refers_to(node) == "locust.events":
            return "events"
        return _KINDS_OF_ATTRIBUTES.get((kind, node.attr))

    def _kind_of_call(self, node):
        if self._file.refers_to(node.func) == "locust.env.Environment":
            return "environment"
        kind = self._kind_of(node.func.value) if isinstance(node.func, ast.Attribute) else None
        if kind == "client" and node.func.attr in _REQUESTS:
            return "response"
        return "entry" if kind == "stats" and node.func.attr == "get" else None

    @staticmethod
    def _is_self(node):
        """self, or the user of a task set."""
        return dotted_name(node) in ("self", "self.user")
