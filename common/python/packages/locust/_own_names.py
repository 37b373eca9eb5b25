"""What our `locust` and `gevent` have, for the check of a locustfile: read from the packages themselves."""

import ast
import functools
import importlib
import importlib.util
import inspect
import sys
import types

from . import clients, contrib, env, runners, stats  # noqa: F401
from ._cookies import EngineCookieJar, EngineRequestsCookieJar
from .contrib import fasthttp
from .event import EventHook, Events

PACKAGES = ("locust", "gevent")
MISSING = "locust-cpp does not have it"
NO_ATTRIBUTE = f"AttributeError: {MISSING}"

# What an expression of a locustfile may be, and the classes of ours that it then is an instance of.
KINDS = {
    "client": (clients.HttpSession, fasthttp.FastHttpSession),
    "response": (clients.Response, fasthttp.FastResponse),
    "cookies": (EngineRequestsCookieJar, EngineCookieJar),
    "environment": (env.Environment,),
    "runner": (runners.MasterRunner, runners.WorkerRunner),
    "stats": (stats.RequestStats,),
    "entry": (stats.StatsEntry,),
    "events": (Events,),
    "event": (EventHook,),
}


@functools.cache
def _tree_of(module_name):
    """The syntax tree of a module; empty if it has no source."""
    loader = getattr(sys.modules.get(module_name), "__loader__", None)
    try:
        return ast.parse(loader.get_source(module_name) or "")
    except (AttributeError, ImportError):
        return ast.parse("")


def _definition(module_name, qualified_name):
    """The class or function of this name; None if there is none."""
    node = _tree_of(module_name)
    for name in qualified_name.split("."):
        kinds = (ast.ClassDef, ast.FunctionDef)
        node = next((each for each in node.body if isinstance(each, kinds) and each.name == name), None)
        if node is None:
            return None
    return node


def _text(node):
    """The text of a literal, with … for what an f-string computes."""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(each) for each in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else "…"


def refusal(value):
    """What the exception says that this function, property or class always raises; None if it raises none."""
    if isinstance(value, type):
        value = vars(value).get("__init__")
    function = value.fget if isinstance(value, property) else value
    if not isinstance(function, types.FunctionType):
        return None
    node = _definition(function.__module__, function.__qualname__)
    last = node.body[-1] if isinstance(node, ast.FunctionDef) else None
    if not isinstance(last, ast.Raise) or not isinstance(last.exc, ast.Call):
        return None
    straight = all(isinstance(each, (ast.Expr, ast.Import, ast.ImportFrom)) for each in node.body[:-1])
    if not straight or getattr(last.exc.func, "id", "") != "Unsupported":
        return None
    return _text(last.exc.args[0])


@functools.cache
def _attributes(owner):
    """The attributes of instances, including those that methods set; None if they cannot be known."""
    if hasattr(owner, "__getattr__"):
        return None
    names = set(dir(owner))
    for each in owner.__mro__:
        definition = _definition(each.__module__, each.__qualname__)
        for node in ast.walk(definition) if definition else ():
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                names.add(node.attr)
    return names | set(getattr(owner, "_NAMES", ()))


def problem_of_attribute(kind, name):
    """What happens where the attribute of an object of this kind is used; None if it is there."""
    known = [(each, _attributes(each)) for each in KINDS[kind]]
    if any(names is None for _, names in known):
        return None
    having = [each for each, names in known if name in names]
    if not having:
        return NO_ATTRIBUTE
    refusals = [refusal(inspect.getattr_static(each, name, None)) for each in having]
    return f"NotImplementedError: {refusals[0]}" if all(refusals) else None


def problem_of_module(name):
    """What happens where a module of ours is imported; None if it is there."""
    try:
        importlib.import_module(name)
    except ImportError as error:
        return f"ModuleNotFoundError: {error}"
    return None


def problem_of_name(dotted):
    """(the part of the name that is not as in stock, what happens where it is used or None if it is missing), or
    None."""
    parts = dotted.split(".")
    if parts[0] not in PACKAGES:
        return None
    value = importlib.import_module(parts[0])
    for end, part in enumerate(parts[1:], 2):
        if not isinstance(value, types.ModuleType):
            return None
        if not hasattr(value, part):
            missing = ".".join(parts[:end])
            if problem_of_module(missing) is not None:
                return missing, None
        value = getattr(value, part)
        if text := refusal(value):
            return ".".join(parts[:end]), f"NotImplementedError: {text}"
    return None


def class_of(dotted):
    """The class of ours with this name; None if there is none."""
    value = sys.modules.get(dotted.partition(".")[0])
    for part in dotted.split(".")[1:]:
        value = getattr(value, part, None)
    return value if isinstance(value, type) else None


def public_names(module_name):
    """What `from module import *` imports of a module of ours; empty for others."""
    if module_name.partition(".")[0] not in PACKAGES or problem_of_module(module_name) is not None:
        return ()
    module = sys.modules[module_name]
    return getattr(module, "__all__", [name for name in vars(module) if not name.startswith("_")])
