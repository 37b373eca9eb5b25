"""locust --check: what locustfiles use that is missing or differs, found without executing them."""

import pathlib
import re
import subprocess
import tempfile
import unittest

import harness
from harness import BUILD, LOCUSTFILES, STOCK

INTERPRETER = r"Python 3\.11\.\d+ of /usr/bin/python3"
HAS_ALL = "; everything it uses is there"
SCENARIO = "users: {A: {host: 'http://x', tasks: {t: [get: /]}}}\n"
WEB_USER = "from locust import HttpUser, task\nclass A(HttpUser):\n  @task\n  def t(self):\n    "
INIT = "from locust import events\n@events.init.add_listener\ndef f(environment, runner, **kwargs):\n  "

# (a file, the line of its only finding, what is said of it)
FINDINGS = (
    ("import os\nimport nosuch.part\n", 2, "no module 'nosuch': pip install nosuch"),
    ("import websocket._app\n", 1, "no module 'websocket': pip install websocket-client"),
    ("def f():\n  from nosuch import x\n", 2, "no module 'nosuch'"),
    ("import own.gone\n", 1, "no module 'own.gone': there is no such file"),
    ("from . import own\n", 1, "relative import: ImportError"),
    ("import redis\n", 1, "redis: while a call waits, it blocks all users"),
    ("from locust import (task,\n  nothing)\n", 1, "locust.nothing: ImportError: locust-cpp does not have it"),
    ("from locust.contrib.mongodb import MongoDBUser\n", 1, "ModuleNotFoundError: locust.contrib.mongodb is not among"),
    ("import gevent.subprocess\n", 1, "ModuleNotFoundError: gevent.subprocess is not among"),
    ("import gevent as g\ng.get_hub()\n", 2, "gevent.get_hub: NotImplementedError: gevent.get_hub() is not supported"),
    ("import locust.stats as s\ns.NOTHING = 5\n", 2, "locust.stats.NOTHING: locust-cpp does not have it, so setting"),
    ("import locust.stats\nx = locust.stats.NOTHING\n", 2, "locust.stats.NOTHING: AttributeError: locust-cpp does not"),
    ("from locust import *\nrun_single_user(3)\n", 2, "locust.run_single_user: NotImplementedError: run_single_user"),
    ("from locust.runners import LocalRunner\n", 1, "locust.runners.LocalRunner: locust -f loads the file in two"),
    ("import threading as t\nt.Thread()\n", 2, "threading.Thread: run while the loop waits"),
    ("from locust import events\n@events.nothing.add_listener\ndef f(): pass\n", 2, "events.nothing: AttributeError"),
    (INIT + "environment.web_ui.app\n", 4, "environment.web_ui: is None"),
    (INIT + "environment.nothing\n", 4, "environment.nothing: AttributeError"),
    (INIT + "environment.events.nothing\n", 4, "environment.events.nothing: AttributeError"),
    (INIT + "environment.stats.total.nothing\n", 4, "environment.stats.total.nothing: AttributeError"),
    (INIT + "runner.nothing\n", 4, "runner.nothing: AttributeError"),
    (INIT + "environment.create_master_runner()\n", 4, "environment.create_master_runner: NotImplementedError: "),
    ("from locust.env import Environment as E\ne = E()\ne.create_web_ui()\n", 3, "e.create_web_ui: NotImplemented"),
    (INIT + "1\n@events.quit.add_listener\ndef g(**_):\n  r.send_message()\n", 7, "send_message in a listener of quit: are"),
    (INIT + "1\nevents.worker_report.add_listener(g)\ndef g(data):\n  data['stats']\n", 7, "data['stats'] of worker_report"),
    (WEB_USER + "self.client.mount('x', 1)\n", 5, "client.mount: NotImplementedError: transport adapters are not"),
    (WEB_USER + "self.client.nothing\n", 5, "client.nothing: AttributeError"),
    (WEB_USER + "self.client.get('/', stream=True)\n", 5, "stream=True: the whole body is read"),
    (WEB_USER + "self.client.get('/', timeout=(1, 2))\n", 5, "timeout=(…, …): one limit"),
    (WEB_USER + "self.client.get('/', cert=('a', 'b'))\n", 5, "cert=(…, …): NotImplementedError: give one PEM file"),
    (WEB_USER + "self.client.request('GET', 'ftp://x')\n", 5, "ftp://x: HttpUser raises InvalidSchema"),
    (WEB_USER + "self.client.get('/').links\n", 5, "response.links: NotImplementedError"),
    (WEB_USER + "with self.client.get('/') as r: r.history\n", 5, "r.history: has one element per redirect"),
    (WEB_USER + "self.client.cookies.add_cookie_header(1)\n", 5, "client.cookies.add_cookie_header: adds nothing"),
    (WEB_USER + "self.environment.nothing\n", 5, "environment.nothing: AttributeError"),
    (WEB_USER + "pass\nclass B(A): pool_manager = 1\n", 6, "B.pool_manager: NotImplementedError: every user has"),
    ("from locust import FastHttpUser as F\nclass B(F):\n  max_retries: int = 1\n", 3, "B.max_retries: no effect"),
    ("x = 1\ndef f(:\n", 2, "SyntaxError: invalid syntax"),
    ("x = 1\n\0", 1, "ValueError: source code string cannot contain null bytes"),
)

FINE = (
    "import os.path, json, own.part\nfrom own import part\nfrom locust import *\nimport gevent.event, locust.stats\n",
    "try:\n  import nosuch\nexcept ImportError:\n  nosuch = None\n",
    "from contextlib import suppress\nwith suppress(ImportError):\n  from locust.contrib import mongodb\n",
    "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n  import nosuch\n",
    "from locust import run_single_user\nif __name__ == '__main__':\n  run_single_user(1)\n",
    INIT + "environment.mine = 1; environment.mine; hasattr(environment, 'other') and environment.other\n",
    "def f(environment):\n  environment.upper()\n",
    "from locust import User\nclass A(User):\n  def on_start(self): self.client = 1; self.client.anything\n",
    WEB_USER + "pass\n    self.client.verify = False; self.client.cookies.clear(); self.client.get('/').json()\n",
    "import sys, os\nsys.path.append(os.path.join(os.path.dirname(__file__), 'library'))\nimport of_library\n",
)


class CheckTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        packages = self.folder / "site-packages"
        for name in ("own/__init__.py", "own/part.py", "library/of_library.py"):
            self.write(name, "raise Exception('was executed')\n")
        (packages / "redis").mkdir(parents=True)
        (packages / "redis" / "__init__.py").write_text("raise Exception('was executed')\n")

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def check(self, *arguments, program="locust", **environment):
        """(exit code, stdout, stderr)"""
        result = subprocess.run(
            [BUILD / program, "--check", *arguments],
            capture_output=True,
            text=True,
            timeout=harness.DEADLINE,
            cwd=self.folder,
            env={"PATH": f"{BUILD}:/usr/bin:/bin", "PYTHONPATH": str(self.folder / "site-packages"), **environment},
        )
        return result.returncode, result.stdout, result.stderr


class Findings(CheckTest):
    def test_each_is_told_with_its_line(self):
        for number, (text, line, said) in enumerate(FINDINGS):
            self.write(f"f{number}.py", text)
        code, output, errors = self.check(*(f"f{number}.py" for number in range(len(FINDINGS))))
        self.assertEqual((code, errors), (1, ""))
        for number, (text, line, said) in enumerate(FINDINGS):
            with self.subTest(text):
                lines = [each for each in output.splitlines() if each.startswith(f"f{number}.py:")]
                self.assertRegex(lines[0], f"^f{number}.py: {INTERPRETER}; 1 finding$")
                self.assertEqual(len(lines), 2, lines)
                self.assertIn(f"f{number}.py:{line}: {said}", lines[1])

    def test_what_is_fine_takes_one_line(self):
        for number, text in enumerate(FINE):
            self.write(f"f{number}.py", text)
        code, output, errors = self.check(*(f"f{number}.py" for number in range(len(FINE))), LOCUSTFILES)
        for number, text in enumerate(FINE):
            with self.subTest(text):
                lines = [each for each in output.splitlines() if each.startswith(f"f{number}.py:")]
                self.assertRegex("\n".join(lines), f"^f{number}.py: {INTERPRETER}{HAS_ALL}$")
        self.assertEqual((code, errors), (0, ""))

    def test_no_module_is_executed(self):
        self.write("locustfile.py", "import own.part\nopen('executed', 'w')\nraise SystemExit(7)\n")
        code, output, _ = self.check()
        self.assertEqual(code, 0, output)
        self.assertFalse((self.folder / "executed").exists())

    def test_own_modules_are_followed_and_told_once(self):
        self.write("own/part.py", "from .deeper import x\n")
        self.write("own/deeper.py", "\nimport nosuch\n")
        self.write("one.py", "import own.part\n")
        self.write("two.py", "from own import part\n")
        code, output, _ = self.check("one.py", "two.py")
        self.assertEqual(code, 1)
        told = re.sub(INTERPRETER, "PYTHON", output).splitlines()
        self.assertEqual(told[0], "one.py: PYTHON; 1 finding")
        self.assertRegex(told[1], "^own/deeper.py:2: no module 'nosuch'")
        self.assertEqual(told[2:], ["two.py: PYTHON; 1 finding, shown above"])


class Truth(CheckTest):
    """The check against a run: each attribute of stock's objects that ours lack is found, and no other."""

    def test_attributes_that_are_missing_in_a_run_are_found(self):
        clients = ["Slow(self.environment).client", "Fast(self.environment).client"]
        lines = {}
        text = "from locust import *\nclass Slow(HttpUser): pass\nclass Fast(FastHttpUser): pass\n"
        text += "class Never(HttpUser):\n  abstract = True\n  def f(self):\n"
        for written, names in self.names_of_stock().items():
            for name in names:
                lines[text.count("\n") + 1] = f"{written}.{name}"
                text += f"    {written}.{name}\n"
        run = "class Run(HttpUser):\n  host = 'http://x'\n  @task\n  def t(self):\n"
        for full in lines.values():
            written, _, name = full.rpartition(".")
            objects = clients if written == "self.client" else [written]
            run += f"    if not any(has(each, {name!r}) for each in [{', '.join(objects)}]): print('LACKS {full}')\n"
        run += "    print('ASKED FOR ALL')\n    self.environment.runner.quit()\n"
        helper = (
            "def has(value, name):\n  try: getattr(value, name)\n  except AttributeError: return False\n"
            "  except NotImplementedError: pass\n  return True\n"
        )
        self.write("locustfile.py", text)
        self.write("run.py", helper + text.replace("User): pass", "User): host = 'http://x'") + run)
        output = self.check("locustfile.py")[1]
        found = {lines[int(n)] for n in re.findall(r"(?m)^locustfile.py:(\d+): .*AttributeError", output)}
        runs = harness.Process([BUILD / "locust", "-f", "run.py", "--headless", "Run"], cwd=self.folder)
        self.addCleanup(runs.stop)
        runs.wait(60)
        lacking = {line.removeprefix("LACKS ") for line in runs.lines("^LACKS ")}
        self.assertTrue(runs.lines("^ASKED FOR ALL"), runs.output())
        self.assertEqual(found, lacking)

    @staticmethod
    def names_of_stock():
        from locust.clients import HttpSession
        from locust.contrib.fasthttp import FastHttpSession
        from locust.env import Environment

        environment = Environment()
        clients = dir(HttpSession("http://x", environment.events.request, None)) + dir(FastHttpSession)
        names = {
            "self.environment": dir(environment),
            "self.environment.events": dir(environment.events),
            "self.environment.stats": dir(environment.stats),
            "self.environment.stats.total": dir(environment.stats.total),
            "self.client": clients,
        }
        return {written: sorted({name for name in each if name[0] != "_"}) for written, each in names.items()}


class Files(CheckTest):
    def test_folders_and_several_files_are_those_of_a_run(self):
        self.write("tests/a.py", "x = 1\n")
        self.write("tests/deeper/b.py", "import nosuch\n")
        self.write("tests/_c.py", "import nosuch\n")
        self.write("d.py", "x = 1\n")
        told = ["d.py", "tests/a.py", "tests/deeper/b.py"]
        for program, *arguments in (
            ("locust", "d.py", "tests"),
            ("locust-master", "-f", "d.py,tests"),
            ("locust-worker", "tests", "-f", "d.py"),
        ):
            code, output, _ = self.check(*arguments, program=program)
            self.assertEqual((code, sorted(re.findall(r"(?m)^(\S+): Python", output))), (1, told))

    def test_scenarios_are_validated(self):
        self.write("fine.yaml", SCENARIO)
        self.write("wrong.yaml", SCENARIO + "more: 1\n")
        self.write("fine.py", "x = 1\n")
        code, output, _ = self.check("fine.yaml", "fine.py")
        self.assertEqual(code, 0)
        self.assertIn("fine.yaml is valid", output)
        self.assertIn(HAS_ALL, output)
        code, _, errors = self.check("wrong.yaml")
        self.assertEqual(code, 2)
        self.assertIn("wrong.yaml:2:1: unknown key 'more'", errors)

    def test_mistakes_in_the_command_line_end_with_2(self):
        self.write("a.py", "x = 1\n")
        for arguments, said in (
            ([], "no scenario: give one with -f FILE"),
            (["missing.py"], "Could not find 'missing.py'"),
            (["missing.yaml"], "missing.yaml: cannot be read"),
            (["http://x/a.py"], "http://x/a.py: download it"),
            (["-f", "-"], "--check is for files"),
            (["a.py", "--zzz"], "unrecognized arguments: --zzz"),
        ):
            with self.subTest(arguments):
                code, output, errors = self.check(*arguments)
                self.assertEqual((code, output), (2, ""))
                self.assertIn(said, errors)


class Interpreter(CheckTest):
    def test_that_of_a_virtual_environment_is_named_and_searched(self):
        home = STOCK / harness.newest()
        self.write("a.py", "from requests.auth import HTTPBasicAuth\nimport nosuch\n")
        for arguments, environment in (([], {"VIRTUAL_ENV": str(home)}), (["--python-home", home], {})):
            output = self.check("a.py", *arguments, **environment)[1]
            self.assertRegex(output, rf"^a.py: Python 3\.11\.\d+ of {re.escape(str(home))}; 1 finding\n")
            self.assertIn(f"a.py:2: no module 'nosuch': {home}/bin/pip install nosuch\n", output)

    def test_an_environment_of_another_python_is_refused(self):
        self.write("other/pyvenv.cfg", "home = /usr/bin\nversion = 3.9.2\n")
        self.write("a.py", "x = 1\n")
        code, _, errors = self.check("a.py", VIRTUAL_ENV=str(self.folder / "other"))
        self.assertEqual(code, 1)
        self.assertIn("is a virtual environment of Python 3.9.2, but this program runs Python 3.11", errors)


if __name__ == "__main__":
    unittest.main()
