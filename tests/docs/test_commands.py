"""Every block of commands in the project's pages, run as it is printed: by itself, in a folder like a clone of the
repository, with the programs on PATH and ports of its own. What is changed: run times are two seconds.

A block that does not run must be repaired, or say by a mark what it needs (pages.py). LOCUST_DOCS_ONLY restricts the
test to the blocks whose place, such as docs/tuning.md:30, this expression is found in."""

import os
import re
import shutil
import subprocess
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pages
from pages import COMMANDS, ROOT, Block

BUILD = Path(os.environ.get("LOCUST_BUILD_DIR", ROOT / "build" / "release"))
RUNNER = Path(__file__).with_name("run_block.sh")
DEADLINE = 60.0  # seconds; a block needs about five
AT_A_TIME = 6  # they mostly wait

RUN_TIME = re.compile(r"(?<=\s)(-t|--run-time)([ =])\d\w*")
SAMPLE_SERVER = re.compile(r"^(\S*locust-target --port (\d+) &)$", re.M)
STOCK = re.compile(r"build/stock/([\d.]+)/")


def edited(commands: str) -> str:
    """Shorter, and with the moment that a reader's fingers need after starting the sample server."""
    return SAMPLE_SERVER.sub(r"\1\nawait_port \2", RUN_TIME.sub(r"\1\g<2>2s", commands))


def obstacle(block: Block) -> "str | None":
    """Why this block cannot be run, here or in any test."""
    if "needs" in block.marks:
        return f"needs {block.marks['needs']}"
    for version in STOCK.findall(block.text):
        if not (ROOT / "build" / "stock" / version / "bin" / "locust").exists():
            return f"stock Locust {version} is not installed (scripts/setup test)"
    return None


def make_clone(folder: Path) -> None:
    """What the commands find: the repository, built. What they write stays in the folder."""
    for entry in ROOT.iterdir():
        if entry.name == "examples":
            shutil.copytree(entry, folder / entry.name)
        elif entry.name not in pages.NOT_OURS:
            (folder / entry.name).symlink_to(entry)
    (folder / "build").mkdir()
    (folder / "build" / "release").symlink_to(BUILD)
    (folder / "build" / "stock").symlink_to(ROOT / "build" / "stock")


def environment(folder: Path) -> dict:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LOCUST_")}
    return {**kept, "PATH": f"{BUILD}:{kept['PATH']}", "HOME": str(folder), "PYTHONUNBUFFERED": "1"}


def run(block: Block, files: "list[Block]") -> "str | None":
    """What went wrong."""
    with tempfile.TemporaryDirectory(prefix="locust-docs-") as scratch:
        folder, commands = Path(scratch, "clone"), Path(scratch, "commands")
        folder.mkdir()
        make_clone(folder)
        for file in files:
            path = folder / file.marks["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file.text, encoding="utf-8")
        commands.write_text(edited(block.text), encoding="utf-8")
        with open(Path(scratch, "output"), "w+", encoding="utf-8", errors="replace") as output:
            try:
                code = subprocess.run(
                    [RUNNER, commands, *filter(None, [block.marks.get("until")])], cwd=folder, env=environment(folder),
                    stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, timeout=DEADLINE,
                ).returncode  # fmt: skip
            except subprocess.TimeoutExpired:
                code = f"none within {DEADLINE:.0f} s"
            output.seek(0)
            expected = int(block.marks.get("exit", 0))
            return None if code == expected else f"exit code {code}, not {expected}:\n{block.text}---\n{output.read()}"


class NamespacesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        rehearsal = subprocess.run([RUNNER, "--rehearse"], capture_output=True, text=True)
        if rehearsal.returncode:
            raise unittest.SkipTest(f"no namespaces of network and processes here: {rehearsal.stderr.strip()}")


class Commands(NamespacesTest):
    def test_each_block_runs_as_printed(self):
        only = os.environ.get("LOCUST_DOCS_ONLY", "")
        work = []
        for page in pages.read_all():
            files = [block for block in page.blocks if "file" in block.marks]
            commands = [block for block in page.blocks if block.language == COMMANDS and re.search(only, str(block))]
            work += [(block, files) for block in commands]
        self.assertGreater(len(work), 0)

        def timed(item):
            reason = obstacle(item[0])
            begun = time.monotonic()
            return item[0], reason, None if reason else run(*item), time.monotonic() - begun

        with ThreadPoolExecutor(AT_A_TIME) as pool:
            for block, reason, problem, seconds in pool.map(timed, work):
                with self.subTest(str(block)):
                    print(f"{block}: " + (f"not run: {reason}" if reason else f"{seconds:.1f} s"))
                    self.assertIsNone(problem, problem)


class Running(NamespacesTest):
    def run_text(self, text, **marks):
        return run(Block("a.md", 1, COMMANDS, marks, text), [Block("a.md", 2, "text", {"file": "a/b.txt"}, "c\n")])

    def test_what_succeeds_is_good(self):
        self.assertIsNone(self.run_text("grep c a/b.txt\nls build/release/locust\nlocust-worker --version\n"))
        self.assertIsNone(self.run_text("curl -sf http://127.0.0.1:8080/\n"))

    def test_the_first_failure_ends_it(self):
        self.assertIn("exit code 3, not 0", self.run_text("(exit 3)\ntrue\n"))
        self.assertIn("no_such_program", self.run_text("no_such_program | cat\n"))
        self.assertIsNone(self.run_text("(exit 3)\n", exit="3"))
        self.assertIn("exit code 0, not 3", self.run_text("true\n", exit="3"))

    def test_a_background_job_must_not_fail_but_may_go_on(self):
        self.assertIn("exit code 4, not 0", self.run_text("(exit 4) &\ntrue\n"))
        self.assertIsNone(self.run_text("sleep 60 &\ntrue\n"))

    def test_what_goes_on_is_interrupted_when_it_has_got_there(self):
        serve = "trap 'exit 0' INT\ntouch there\nwhile :; do sleep 0.1; done\n"
        self.assertIsNone(self.run_text(serve, until="[[ -e there ]]"))
        self.assertIn("exit code 5, not 0", self.run_text("(exit 5)\n", until="false"))
        self.assertIn("exit code 1, not 0", self.run_text("true\n", until="false"))

    def test_nothing_gets_out(self):
        self.assertIn("exit code 7, not 0", self.run_text("curl -s http://192.0.2.1/\n"))


class Editing(unittest.TestCase):
    def test_run_times_are_shortened_and_nothing_else(self):
        self.assertEqual(edited("locust -u 10 -t 20s --x-t 1m\nlocust -t 1h30m --run-time=5m -s 9\n"),
                         "locust -u 10 -t 2s --x-t 1m\nlocust -t 2s --run-time=2s -s 9\n")  # fmt: skip

    def test_the_sample_server_is_waited_for(self):
        self.assertEqual(edited("build/release/locust-target --port 8080 &\nls\n"),
                         "build/release/locust-target --port 8080 &\nawait_port 8080\nls\n")  # fmt: skip


if __name__ == "__main__":
    unittest.main()
