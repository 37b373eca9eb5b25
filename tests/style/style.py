#!/usr/bin/env python3
"""Checks the rules of the source tree that no compiler checks.

  style.py ROOT          prints every violation below ROOT as file:line: text; exits 1 if there is one
  style.py --self-check  proves on a made-up tree that each rule catches its violation

Rules
  rooms       A file includes only what its room may know (ROOMS below). Includes name a file by its
              path from the root, never relative to the including file.
  libraries   Some libraries are included in one place only (LIBRARIES below).
  real time   Only common/base/clock.cc reads a clock or sleeps. A line that must, outside the product's
              logic (a benchmark, a sample server), says so with the comment `// real-time`.
"""

import re
from pathlib import Path
from typing import Iterator, NamedTuple

import checker

TREES = ("common", "proto", "worker", "master", "deploy", "tests", "examples")
SUFFIXES = (".h", ".cc")

# Which of our files a file may include, by path prefix. The longest matching prefix decides; a file
# that none matches (tests, examples) may include everything.
BASE = ("common/base/",)
STATS = (*BASE, "common/stats/")
OPTIONS = (*STATS, "common/options/")
SCENARIO = (*OPTIONS, "common/scenario/")
COMMON = (*SCENARIO, "common/python/")
PURE_DISPATCH = tuple(f"master/cluster/{part}" for part in ("dispatcher", "kl_sequence", "worker_cycle"))
PURE_REGISTRY = tuple(f"master/cluster/{part}" for part in ("clock_offset", "connection_guard", "reported_counts", "worker_clock", "worker_registry"))
WORKER_PARTS = ("worker/http/", "worker/user/")
WORKER_LOOP = ("proto/", *WORKER_PARTS, "worker/program.h", "worker/loop/")
# What the command line of a worker leads to, for what makes a program of it.
WORKER_START = ("worker/program.h", "worker/program_start.h", "worker/worker_options.h")
ROOMS = {
    "common/base/": BASE,
    "common/stats/": STATS,
    "common/options/": OPTIONS,
    "common/scenario/": SCENARIO,
    "common/python/": COMMON,
    "proto/": (*SCENARIO, "proto/"),
    "proto/python_value": (*COMMON, "proto/"),
    "worker/": (*COMMON, "proto/", "worker/"),
    "worker/http/": (*STATS, "worker/http/"),
    "worker/user/": (*SCENARIO, *WORKER_PARTS),
    "worker/program": (*SCENARIO, "proto/", *WORKER_PARTS, *WORKER_START),
    "worker/worker_options": (*SCENARIO, "worker/http/", "worker/worker_options.h"),
    "worker/scenario/": (*SCENARIO, "proto/class_info.h", *WORKER_PARTS, *WORKER_START, "worker/scenario/"),
    "worker/loop/": (*STATS, *WORKER_LOOP),
    "worker/control/": (*SCENARIO, *WORKER_LOOP, "worker/control/"),
    # environment.runner and environment.stats are views of the pool, and messages carry values of test code.
    "worker/python/": (*COMMON, *WORKER_LOOP, *WORKER_START, "worker/python/"),
    "master/": (*COMMON, "proto/", "master/"),
    "master/shape/": (*SCENARIO, "master/shape/"),
    # Of the master, the reports and the page see what is in report/ and nothing else; what POST /user
    # says goes to the workers as it is.
    "master/report/": (*SCENARIO, "master/report/"),
    "master/web/": (*SCENARIO, "master/report/", "master/web/", "proto/message.h"),
    "master/cluster/": (*SCENARIO, "proto/", "master/report/", "master/cluster/"),
    # The pure parts of the cluster know no wire.
    "master/cluster/dispatcher": (*BASE, "common/scenario/load_shape.h", *PURE_DISPATCH),
    "master/cluster/worker_cycle": (*BASE, *PURE_DISPATCH),
    "master/cluster/kl_sequence": (*BASE, *PURE_DISPATCH),
    "master/cluster/worker_registry": (*SCENARIO, *PURE_REGISTRY),
    "master/cluster/connection_guard": (*BASE, "proto/transport.h", *PURE_REGISTRY),
    "master/cluster/clock_offset": (*STATS, *PURE_REGISTRY),
    "master/cluster/worker_clock": (*STATS, *PURE_REGISTRY),
    "master/cluster/reported_counts": (*STATS, "master/cluster/reported_counts"),
    "master/run/": (
        *SCENARIO, "proto/", "master/shape/", "master/report/", "master/web/", "master/cluster/", "master/run/",
    ),
    "master/python/": (*COMMON, "proto/", "master/"),
}

# Libraries with one home each: <prefix of the include> -> who may include it. Product code only.
LIBRARIES = {
    "CLI/": ("common/options/option_table.", "common/options/option_lookup."),
    "curl/": ("common/base/fetch_url.", "worker/http/"),
    "yaml-cpp/": ("common/scenario/scenario_parse",),
    "muParser": ("common/scenario/formula.",),
    "Python.h": ("common/python/ref.h",),
    "greenlet/": ("common/python/greenlet_api.",),
    "pugixml": ("master/report/junit.",),
    "boost/asio": ("master/web/http_core.", "master/web/http_server.", "master/web/http_connection."),
    "boost/beast": ("master/web/http_connection.",),
    "msgpack": ("proto/",),
    "zmq": ("proto/",),
}

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
REAL_TIME = re.compile(
    r"_clock::now\b"
    r"|\bsleep_(?:for|until)\b"
    r"|\b(?:usleep|nanosleep|clock_nanosleep|clock_gettime|gettimeofday)\s*\("
    r"|(?<![\w.>])time\s*\("
)
REAL_TIME_MARK = "// real-time"
CLOCK = "common/base/clock.cc"
COMMENT_OR_STRING = re.compile(
    r"//[^\n]*|/\*.*?\*/"
    r'|R"([^(\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"'
    r"|'(?:\\.|[^'\\\n])'",
    re.DOTALL,
)


class Violation(NamedTuple):
    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


def longest_prefix(table: dict, path: str):
    matches = [prefix for prefix in table if path.startswith(prefix)]
    return max(matches, key=len) if matches else None


def check_include(path: str, quoted: bool, name: str) -> "str | None":
    room = longest_prefix(ROOMS, path)
    if quoted and not name.startswith(tuple(tree + "/" for tree in TREES)):
        return f'"{name}" is not a path from the root'
    if room is None:
        return None
    if quoted and not name.startswith(ROOMS[room]):
        return f"{room} must not include {name}"
    library = None if quoted else longest_prefix(LIBRARIES, name)
    if library and not path.startswith(LIBRARIES[library]):
        return f"<{name}> belongs in {' '.join(LIBRARIES[library])} only"
    return None


def without_comments_and_strings(text: str) -> str:
    """The same lines with comments and string literals emptied."""
    return COMMENT_OR_STRING.sub(lambda m: '""' + "\n" * m.group().count("\n"), text)


def check_file(path: str, text: str) -> Iterator[Violation]:
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        problem = match and check_include(path, match[1] == '"', match[2])
        if problem:
            yield Violation(path, number, problem)
    if path == CLOCK:
        return
    for number, code in enumerate(without_comments_and_strings(text).splitlines(), 1):
        match = REAL_TIME.search(code)
        if match and REAL_TIME_MARK not in lines[number - 1]:
            yield Violation(path, number, f"{match.group()} outside {CLOCK} (see {REAL_TIME_MARK})")


def check_tree(root: Path) -> "tuple[int, list[Violation]]":
    files = sorted(
        file
        for tree in TREES
        for file in (root / tree).rglob("*")
        if file.suffix in SUFFIXES and "node_modules" not in file.parts
    )
    violations = []
    for file in files:
        path = file.relative_to(root).as_posix()
        violations += check_file(path, file.read_text(encoding="utf-8"))
    return len(files), violations


# What the self-check feeds in: path, source, and the line numbers that must be found.
SELF_CHECK = (
    ("common/base/a.cc", '#include "common/base/b.h"\n#include "common/stats/stats.h"\n', [2]),
    ("common/stats/a.cc", '#include "common/base/b.h"\n#include "common/options/options.h"\n', [2]),
    ("common/options/a.h", '#include "common/stats/b.h"\n#include "common/scenario/scenario.h"\n', [2]),
    ("common/scenario/a.h", '#  include "worker/control/worker.h"\n#include "master/cluster/master.h"\n', [1, 2]),
    ("common/scenario/b.h", '#include "common/options/o.h"\n#include "common/python/ref.h"\n', [2]),
    ("common/base/d.cc", '#include "b.h"\n#include "../proto/codec.h"\n', [1, 2]),
    ("proto/a.cc", '#include "proto/codec.h"\n#include "worker/control/worker.h"\n', [2]),
    ("worker/control/a.cc", '#include "worker/loop/l.h"\n#include "worker/scenario/run.h"\n', [2]),
    ("worker/main.cc", '#include "worker/scenario/run.h"\n#include "master/shape/shape.h"\n', [2]),
    ("worker/loop/a.cc", '#include "worker/user/u.h"\n#include "worker/control/worker.h"\n', [2]),
    ("worker/http/a.cc", '#include <curl/curl.h>\n#include "worker/user/user.h"\n', [2]),
    ("worker/http/b.cc", '#include "proto/codec.h"\n', [1]),
    ("worker/user/a.cc", '#include "worker/http/e.h"\n#include "worker/scenario/run.h"\n', [2]),
    ("worker/user/b.cc", "#include <curl/curl.h>\n", [1]),
    ("worker/scenario/a.cc", '#include "worker/user/u.h"\n#include "worker/python/p.h"\n', [2]),
    ("worker/scenario/b.cc", '#include "worker/program.h"\n#include "worker/loop/user_loop.h"\n', [2]),
    ("worker/program.h", '#include "worker/user/user_class.h"\n#include "worker/loop/user_pool.h"\n', [2]),
    ("worker/worker_run.cc", "#include <yaml-cpp/yaml.h>\n#include <msgpack.hpp>\n", [1, 2]),
    ("common/scenario/scenario_parse.cc", "#include <yaml-cpp/yaml.h>\n", []),
    ("master/main.cc", '#include "master/report/csv_files.h"\n#include "worker/control/worker.h"\n', [2]),
    ("master/cluster/master.h", '#include <zmq.hpp>\n#include "master/run/run_form.h"\n', [1, 2]),
    ("master/cluster/dispatcher.cc", '#include "master/cluster/kl_sequence.h"\n#include "proto/message.h"\n', [2]),
    ("master/cluster/worker_registry.h", '#include "proto/socket.h"\n', [1]),
    ("master/shape/shape.cc", '#include "common/base/result.h"\n#include "master/cluster/master.h"\n', [2]),
    ("master/report/a.cc", '#include "master/report/snapshot.h"\n#include "master/cluster/master.h"\n', [2]),
    ("master/run/a.cc", '#include "master/web/routes.h"\n#include "master/python/python_master.h"\n', [2]),
    ("master/web/routes.cc", "#include <boost/asio/post.hpp>\n", [1]),
    ("master/web/a.cc", '#include "master/report/snapshot.h"\n#include "proto/codec.h"\n', [2]),
    ("tests/unit/a.cc", '#include "worker/control/worker.h"\n#include <curl/curl.h>\n', []),
    ("common/base/clock.cc", "auto t = std::chrono::steady_clock::now();\n", []),
    ("common/base/t1.cc", "x();\nauto t = std::chrono::steady_clock::now();\n", [2]),
    ("common/base/t2.cc", "auto t = system_clock::now();  // real-time\n", []),
    ("worker/t3.cc", "std::this_thread::sleep_for(1s);\nusleep(3);\n", [1, 2]),
    ("master/t4.cc", "srand(time(nullptr));\nauto t = std::time (0);\nclock_gettime(a, b);\n", [1, 2, 3]),
    ("tests/bench/t5.cc", "/* a\n time(0) */ auto t = steady_clock::now();\n", [2]),
    ("master/t5.cc", """char c = '"'; auto t = time(0); d = '"';\n""", [1]),
    ("master/t6.cc", 'run_time(); s.time(); p->time(); f("time(0)");  // time(0)\n', []),
)


if __name__ == "__main__":
    checker.main(__doc__, check_tree, lambda: checker.check_lines(SELF_CHECK, check_tree))
