"""locust-parity, as a user runs it: stock and ours, the sample server, and two small locustfiles."""

import pathlib
import re
import shutil
import signal
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

import harness
from harness import BUILD, STOCK, ConformanceTest, Process, Target, wait_until

PARITY = harness.ROOT / "scripts" / "parity"
FILES = pathlib.Path(__file__).resolve().parent / "parity"
LONG = 300.0  # seconds; on a machine with nothing else to do, a minute is enough


def processes_with(text):
    """Command lines of the processes that have `text` in theirs."""
    found = []
    for file in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue  # it has ended
        if text in line:
            found.append(line)
    return found


class Parity(ConformanceTest):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory(prefix="locust-conformance-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.target = self.use(Target())

    def start(self, *args, stock=STOCK / harness.newest() / "bin" / "locust"):
        argv = [sys.executable, PARITY, "--stock", stock, "--ours", BUILD / "locust", "-H", self.target.host, *args]
        return self.use(Process(argv))

    def run_files(self, exit_code, *args):
        """What is printed. On a busy machine stock loses reports and runs again: then all run for longer."""
        for seconds in (5, 25):
            for name in ("r.xml", "r.html", "kept"):
                shutil.rmtree(self.folder / name, ignore_errors=True)
            run = self.start("-t", f"{seconds}s", "--keep", self.folder / "kept", "--rounds", "1", *args)
            ended = run.wait(LONG)
            if not run.lines(r"run 4, stock|machine is too busy"):
                break
        self.assertEqual(ended, exit_code, run.output())
        return run.output()

    def own(self, name, text):
        file = self.folder / name
        file.write_text(text)
        return file

    def test_an_equal_and_a_different_file(self):
        junit, page, keep = self.folder / "r.xml", self.folder / "r.html", self.folder / "kept"
        files = FILES / "equal.py", FILES / "differing.py"
        self.check_table(self.run_files(1, "-u", "10", "--junit", junit, "--html", page, *files))
        self.check_junit(ElementTree.parse(junit).getroot())
        self.check_page(page.read_text())
        printed = {file.parent.name.partition("-")[2]: file.read_text() for file in keep.glob("2-differing/*/stdout")}
        self.assertIn("runs under stock", printed["stock"])
        self.assertIn("runs under locust-cpp", printed["ours"])
        self.assertTrue(list(keep.glob("1-equal/*-ours/csv_stats.csv")))
        self.assertEqual(processes_with(str(self.folder)), [])

    def check_table(self, output):
        self.assertIn(f"stock Locust {harness.newest()} and locust-cpp", output)
        self.assertIn("2 files: 1 differs, 1 is equal", output)
        results = re.findall(r"/(\w+)\.py +(equal|differs|not run)  ", output)
        self.assertEqual(results, [("differing", "differs"), ("equal", "equal")], output)
        text = " ".join(output.split())
        for part in (
            "exit code: stock 0; ours 1",
            'exception "only here" (differing.py:21 in break_down): stock none; ours',
            'failure of GET /status/404 "HTTPError(',
            "request GET /echo: stock",
            "request GET /status/404: stock none; ours",
        ):
            self.assertIn(part, text)

    def check_junit(self, root):
        equal, differing = root
        self.assertEqual((equal.get("failures"), equal.get("errors")), ("0", "0"))
        failed = {case.get("name"): case.find("failure") for case in differing if len(case)}
        self.assertEqual(set(failed), {"exit code", "exceptions", "failures", "requests", "printed lines", "times"})
        self.assertIn('prints "runs under locust-cpp": stock none; ours', failed["printed lines"].text)
        self.assertIn("time of a task outside of its requests: stock", failed["times"].text)

    def check_page(self, text):
        for part in ("GET /api/products/N", "only here", "1 Admin, 9 Shop", "runs under locust-cpp"):
            self.assertIn(part, text)

    def test_equal_files_give_exit_code_0_and_arguments_go_to_both(self):
        file = self.own(
            "tagged.py",
            "from locust import HttpUser, constant, tag, task\n"
            "class Shop(HttpUser):\n"
            "    wait_time = constant(0.05)\n"
            "    @task\n    @tag('a')\n    def a(self): self.client.get('/')\n"
            "    @task\n    @tag('b')\n    def b(self): self.client.get('/echo')\n",
        )
        output = self.run_files(0, "-u", "2", file, "--", "--tags", "a")
        self.assertRegex(output, r"tagged\.py +equal +1 row, \d+ requests under ours")
        self.assertEqual(self.target.route("/echo"), 0)

    def test_a_run_that_does_not_end_is_ended_with_its_children(self):
        file = self.own(
            "endless.py",
            "import subprocess, signal\nfrom locust import HttpUser, events, task\n"
            f"subprocess.Popen(['sleep', '1000.{harness.free_port()}'], start_new_session=True)\n"
            "@events.test_stop.add_listener\ndef stop(**kwargs):\n    while True: pass\n"
            "class Shop(HttpUser):\n    @task\n    def t(self): self.client.get('/')\n",
        )
        run = self.start("-t", "2s", "--limit", "6s", file)
        self.assertEqual(run.wait(LONG), 2, run.output())
        self.assertRegex(run.output(), r"endless\.py +not run +stock does not end within the time limit")
        self.assertEqual(processes_with(re.search(r"1000\.\d+", file.read_text())[0]), [])
        self.assertEqual(processes_with(str(self.folder)), [])

    def test_ctrl_c_leaves_no_process(self):
        keep, broken = self.folder / "kept", self.own("broken.py", "import no_such_module\n")
        run = self.start("-t", "60s", "--keep", keep, broken, FILES / "equal.py")
        wait_until((keep / "2-equal" / "1-stock" / "prelude.json").exists, "the test to start", LONG)
        run.signal(signal.SIGINT)
        self.assertEqual(run.wait(LONG), 130, run.output())
        self.assertTrue(run.lines("interrupted: 1 of 2 files were compared"), run.output())
        self.assertTrue(run.lines(r"broken\.py +not run +stock cannot run it: exit code 1"), run.output())
        self.assertIn("No module named 'no_such_module'", " ".join(run.output().split()))
        self.assertEqual(processes_with(str(keep)), [])

    def test_wrong_programs_are_usage_errors(self):
        run = self.start(FILES / "equal.py", stock=BUILD / "locust")
        self.assertEqual(run.wait(LONG), 2, run.output())
        self.assertIn("is no stock Locust", run.output())
        run = self.start(FILES / "equal.py", "--ours", STOCK / harness.newest() / "bin" / "locust")
        self.assertEqual(run.wait(LONG), 2, run.output())
        self.assertIn("is not locust of locust-cpp", run.output())
        run = self.start(harness.ROOT / "examples" / "shop.yaml")
        self.assertEqual(run.wait(LONG), 2, run.output())
        self.assertIn("YAML scenario", run.output())

    def test_installed_beside_its_package_it_finds_both(self):
        (self.folder / "bin").mkdir()
        shutil.copy(PARITY, self.folder / "bin" / "locust-parity")
        shutil.copytree(PARITY.with_name("locust_parity"), self.folder / "share" / "locust-cpp" / "locust_parity")
        (self.folder / "bin" / "locust").symlink_to(BUILD / "locust")
        (self.folder / "link").symlink_to(self.folder / "bin" / "locust-parity")
        run = self.use(Process([sys.executable, self.folder / "link", "--help"]))
        self.assertEqual(run.wait(LONG), 0, run.output())
        self.assertIn("--stock PROGRAM", run.output())
        run = self.use(Process([sys.executable, self.folder / "link", "--stock", "/bin/true", FILES / "equal.py"]))
        self.assertEqual(run.wait(LONG), 2, run.output())
        self.assertIn("is no stock Locust", run.output())


if __name__ == "__main__":
    unittest.main()
