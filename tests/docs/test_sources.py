"""What the pages say of the sources: each path leads somewhere, and each `file: function` is there.

A name in code that begins with a folder of the sources is a path; `*` stands for any characters, and a folder may end
with a slash.
"""

import re
import unittest
from pathlib import Path

import pages

FOLDERS = ("common", "proto", "worker", "master", "deploy", "tests", "scripts", "examples", "docs")
CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
PATH = re.compile(rf"(?:{'|'.join(FOLDERS)})/[\w./*-]*")
FUNCTION = re.compile(rf"({PATH.pattern}): ([\w.:~]+)")


def is_defined(function: str, text: str, suffix: str) -> bool:
    """`Class::member` or `function` of C++, at the start of a line that declares nothing only; `Class.method` of
    Python. Overloads are one."""
    if suffix == ".py":
        return all(re.search(rf"^ *(?:class|def) {name}\b", text, re.M) for name in function.split("."))
    return bool(re.search(rf"^(?![\s/#}}]).*(?<![\w:.>]){re.escape(function)}\((?:.*[^;\n])?$", text, re.M))


def problem_of(code: str) -> "str | None":
    flow = FUNCTION.fullmatch(code)
    if not flow:
        found = not PATH.fullmatch(code) or "…" in code or "VERSION" in code or any(pages.ROOT.glob(code.rstrip("/")))
        return None if found else "there is no such file"
    file = pages.ROOT / flow[1]
    if not file.is_file():
        return f"there is no file {flow[1]}"
    found = is_defined(flow[2], file.read_text(encoding="utf-8"), file.suffix)
    return None if found else f"{flow[1]} defines no {flow[2]}"


class Sources(unittest.TestCase):
    def test_each_path_and_function_of_a_page_is_there(self):
        functions = 0
        for page in pages.read_all():
            for code in CODE.findall((pages.ROOT / page.path).read_text(encoding="utf-8")):
                functions += bool(FUNCTION.fullmatch(code))
                with self.subTest(f"{page.path}: {code}"):
                    self.assertIsNone(problem_of(code))
        self.assertGreater(functions, 40)

    def test_each_room_is_in_the_table(self):
        rooms = {f.parent.relative_to(pages.ROOT).as_posix() for f in pages.ROOT.glob("*/*/CMakeLists.txt")}
        rooms = {room for room in rooms if room.startswith(("common/", "worker/", "master/"))} | {"proto"}
        text = (pages.ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
        self.assertEqual(rooms - set(re.findall(r"^\| `([\w/]+)` \|", text, re.M)), set())


class Checking(unittest.TestCase):
    def test_what_is_not_there_is_noticed(self):
        self.assertIsNone(problem_of("common/base/clock.h"))
        self.assertIsNone(problem_of("common/base/clock.*"))
        self.assertIsNone(problem_of("worker/"))
        self.assertIsNone(problem_of("no/such/file.h"))
        self.assertIsNotNone(problem_of("common/base/clocks.h"))
        self.assertIsNotNone(problem_of("common/clock.*"))

    def test_functions_that_are_not_there_are_noticed(self):
        self.assertIsNone(problem_of("worker/user/http_session.cc: HttpSession::finish_as"))
        self.assertIsNotNone(problem_of("worker/user/http_session.cc: HttpSession::finish_a"))
        self.assertIsNotNone(problem_of("worker/user/http_session.cc: finish_as"))
        self.assertIsNotNone(problem_of("worker/user/http_sessions.cc: HttpSession::finish_as"))

    def test_a_call_is_no_definition(self):
        self.assertTrue(is_defined("f", "int f() {\n", ".cc"))
        self.assertTrue(is_defined("f", "Result<int> f(int a,\n", ".cc"))
        self.assertTrue(is_defined("A::f", "void A::f() const {\n", ".cc"))
        self.assertFalse(is_defined("f", "  return f();\n", ".cc"))
        self.assertFalse(is_defined("f", "  f({.a = 1,\n", ".cc"))
        self.assertFalse(is_defined("f", "int f();\n", ".cc"))
        self.assertTrue(is_defined("A.f", "class A(B):\n    def f(self):\n", ".py"))
        self.assertFalse(is_defined("A.f", "class A(B):\n    f()\n", ".py"))


if __name__ == "__main__":
    unittest.main()
