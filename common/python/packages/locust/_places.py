"""Where modules of a test are, found without executing any of them."""

import ast
import importlib.machinery
import importlib.util
import os
import pathlib
import sys

# Packages whose name differs from that of the module.
_PACKAGES = {
    "Crypto": "pycryptodome",
    "MySQLdb": "mysqlclient",
    "OpenSSL": "pyOpenSSL",
    "PIL": "Pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "google.protobuf": "protobuf",
    "grpc": "grpcio",
    "jose": "python-jose",
    "jwt": "PyJWT",
    "kafka": "kafka-python",
    "mysql": "mysql-connector-python",
    "paho": "paho-mqtt",
    "psycopg2": "psycopg2-binary",
    "sklearn": "scikit-learn",
    "socketio": "python-socketio",
    "stomp": "stomp.py",
    "websocket": "websocket-client",
    "yaml": "PyYAML",
    "zmq": "pyzmq",
}

_PATH_NAMES = {
    "Path", "PurePath", "__file__", "abspath", "absolute", "curdir", "dirname", "getcwd", "join", "normpath", "os",
    "pardir", "parent", "parents", "path", "pathlib", "realpath", "resolve", "str",
}  # fmt: skip
_PATH_NODES = (
    ast.Add, ast.Attribute, ast.BinOp, ast.Call, ast.Constant, ast.Div, ast.Expression, ast.Load, ast.Name,
    ast.Subscript,
)  # fmt: skip


class NotFound(Exception):
    """`name` is the module that is missing, and `package` the spec of the one that it should be in, or None."""

    def __init__(self, name, package):
        super().__init__(name)
        self.name = name
        self.is_own = package is not None and is_own(package)


def find(name):
    """The spec of a module; that of the last package or module that can be known without executing it."""
    parts = name.split(".")
    try:
        spec = importlib.util.find_spec(parts[0])
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        raise NotFound(parts[0], None)
    for end in range(2, len(parts) + 1):
        folders = spec.submodule_search_locations
        if folders is None:
            return spec
        package, name = spec, ".".join(parts[:end])
        spec = importlib.machinery.PathFinder.find_spec(name, list(folders))
        if spec is None:
            raise NotFound(name, package)
    return spec


def is_own(spec):
    """Whether the module is part of the test, not an installed package or Python's."""
    if spec.name.partition(".")[0] in sys.stdlib_module_names or not (spec.origin or "").endswith(".py"):
        return False
    return not {"site-packages", "dist-packages"} & set(pathlib.Path(spec.origin).parts)


def search_in(*folders):
    """As a run of the file does."""
    for folder in folders:
        if folder in sys.path:
            sys.path.remove(folder)
        sys.path.insert(0, folder)


def _value_of_path(node, file):
    """The value of an expression that computes with paths only; None for others."""
    for each in ast.walk(node):
        name = getattr(each, "id", None) or getattr(each, "attr", None)
        if not isinstance(each, _PATH_NODES) or (name is not None and name not in _PATH_NAMES):
            return None
    names = {"__builtins__": {}, "__file__": file, "os": os, "path": os.path, "pathlib": pathlib, "str": str}
    names |= {name: getattr(os.path, name) for name in ("abspath", "dirname", "join", "normpath", "realpath")}
    names |= {"Path": pathlib.Path, "PurePath": pathlib.PurePath, "getcwd": os.getcwd}
    try:
        return eval(compile(ast.Expression(node), file, "eval"), names)
    except Exception:
        return None


def search_where_file_says(tree, file):
    """Follows sys.path.append(…) and sys.path.insert(…) with a path that can be computed."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) not in ("sys.path.append", "sys.path.insert"):
            continue
        folder = _value_of_path(node.args[-1], file) if node.args else None
        if isinstance(folder, (str, os.PathLike)):
            sys.path.append(os.fspath(folder))


def _environment():
    """The virtual environment whose packages can be imported; empty if there is none."""
    for folder in map(pathlib.Path, sys.path):
        if folder.name == "site-packages" and (folder.parents[2] / "pyvenv.cfg").is_file():
            return str(folder.parents[2])
    return ""


def interpreter():
    """ "Python 3.11.2 of /usr/bin/python3" """
    version = "Python " + ".".join(map(str, sys.version_info[:3]))
    if environment := _environment():
        return f"{version} of {environment}"
    is_of_prefix = os.path.dirname(os.path.dirname(sys.executable)) == sys.prefix
    return f"{version} of {sys.executable if is_of_prefix else sys.prefix}"


def remedy(module):
    """How to install what has a module."""
    top = module.partition(".")[0]
    package = _PACKAGES.get(module) or _PACKAGES.get(top, top)
    if environment := _environment():
        return f"{environment}/bin/pip install {package}"
    return f"pip install {package}, in a virtual environment of Python 3.11 that --python-home names"
