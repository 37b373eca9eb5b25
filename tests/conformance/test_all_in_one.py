"""Runs on one machine: `locust` and `locust-master --processes`, and what their workers are told."""

import os
import pathlib
import re
import signal
import tempfile
import termios
import unittest

import harness
from harness import BUILD, ConformanceTest, Process, RawMaster, Target, table, wait_until

SCENARIOS = harness.ROOT / "tests" / "conformance" / "scenarios"
LIMITED = """\
arguments:
  tenant: {default: acme}
thresholds: [GET everybody's: requests > 1000000]
users:
  Shop:
    wait_time: 0.1
    tasks:
      reads: {tags: [read], steps: [{get: /, name: "reads ${arg.tenant}"}]}
      writes: {tags: [write], steps: [{get: /, name: writes}]}
"""


class AllInOne(ConformanceTest):
    @classmethod
    def setUpClass(cls):
        cls.target = cls.own(Target())

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def run_locust(self, *args, program="locust", env=None):
        env = {"HOME": self.folder, **(env or {})}
        return self.use(Process([BUILD / program, *args], env, cwd=self.folder))

    def short(self, *args, **how):
        """A run of two seconds."""
        return self.run_locust("--headless", "--only-summary", "-u", "2", "-r", "2", "-t", "2s", *args, **how)

    def names(self, run):
        """The request names of the final table."""
        return set(re.findall(r"^GET +(.+?) +\d+ +\d+\(", run.output(), re.M))

    def test_what_the_line_says_reaches_the_workers(self):
        run = self.short(
            f"-f{SCENARIOS / 'tagged.yaml'}", "-H", self.target.host, "--tenant", "globex", "-T", "read", "--processes", "2"
        )
        self.assertEqual(run.wait(timeout=30), 0, run.output())
        self.assertEqual(self.names(run), {"reads globex"})
        self.assertEqual(len(run.lines("reported as ready")), 2)

    def test_what_the_environment_and_files_say_reaches_them_too(self):
        (self.folder / "own.conf").write_text("exclude-tags = [read]\nprocesses = 2\n")
        (self.folder / "locust.conf").write_text(f"headless\nhost = {self.target.host}\nlocustfile = {SCENARIOS / 'tagged.yaml'}\n")
        (self.folder / ".locust.conf").write_text("users = 2\nrun-time = 2s\nonly-summary = true\n")
        (self.folder / "pyproject.toml").write_text("[tool.locust]\nspawn-rate = 2\n")
        run = self.run_locust("--config", "own.conf", env={"LOCUST_TENANT": "globex"})
        self.assertEqual(run.wait(timeout=30), 0, run.output())
        self.assertEqual(self.names(run), {"writes"})
        self.assertEqual(len(run.lines("reported as ready")), 2)

    def test_what_has_no_effect_is_told_once(self):
        python = self.folder / "one.py"
        python.write_text("from locust import User, constant, task\nclass One(User):\n    wait_time = constant(1)\n    @task\n    def t(self): pass\n")
        for file in (python, SCENARIOS / "tagged.yaml"):
            for settings in (["--otel", "--build-path", "x"], []):
                with self.subTest(file=file.name, settings=settings):
                    env = {} if settings else {"LOCUST_ENABLE_OPENTELEMETRY": "1", "LOCUST_BUILD_PATH": "x"}
                    run = self.short("-f", file, "-H", self.target.host, "-i", "2", "--master-bind-port", "6000", *settings, env=env)
                    self.assertEqual(run.wait(timeout=30), 0, run.output())
                    for told in ("--otel has no effect", "--build-path has no effect", "--master-bind-host and --master-bind-port have no effect"):
                        self.assertEqual(len(run.lines(f"WARNING.*{told}")), 1, run.output())
                    self.assertEqual(run.lines("--iterations has no effect"), [])

    def test_a_worker_alone_says_that_iterations_are_the_masters(self):
        worker = self.run_locust("-f", SCENARIOS / "tagged.yaml", "-i", "5", "--master-port", "1", program="locust-worker")
        worker.wait_line("WARNING.*--iterations has no effect on a worker: give it to the master")

    def test_the_default_file_is_read_by_both(self):
        (self.folder / "locustfile.yaml").write_text(LIMITED)
        run = self.short("-H", self.target.host, "--tenant", "x", "--processes", "-1", "-Eread")
        self.assertEqual(run.wait(timeout=30), 1, run.output())
        self.assertEqual(self.names(run), {"writes"})
        self.assertTrue(run.lines("^FAILED .*requests > 1000000"), run.output())

    def test_without_a_scenario_nothing_is_started(self):
        run = self.short()
        self.assertEqual(run.wait(), 2)
        self.assertEqual(
            run.output().splitlines(),
            ["no scenario: give one with -f FILE, or put locustfile.yaml or locustfile.py into the working directory"],
        )

    def test_a_variable_makes_it_a_worker(self):
        for value in ("TRUE", "1"):
            master = self.use(RawMaster())
            worker = self.run_locust(
                "-f", SCENARIOS / "shop.yaml", "--master-port", master.port, env={"LOCUST_MODE_WORKER": value}
            )
            ready = master.recording.wait("client_ready")
            master.send(ready.id, "quit")
            self.assertEqual(worker.wait(), 0)
        both = self.run_locust("--master", env={"LOCUST_MODE_WORKER": "yes"})
        self.assertEqual(both.wait(), 255)

    def test_ctrl_c_ends_it_with_nothing_lost(self):
        run = self.run_locust(
            "--headless", "--only-summary", "-u", "4", "-r", "4", "-H", self.target.host, "-f", SCENARIOS / "shop.yaml",
            "--processes", "2",
        )  # fmt: skip
        run.wait_line("All users spawned")
        self.target.reset()
        wait_until(lambda: self.target.counts()["total"] > 20, "requests")
        for process in (run.pid, *children(run.pid)):  # as from a terminal
            if process == run.pid or "locust-master" in cmdline(process):
                os.kill(process, signal.SIGINT)
        self.assertEqual(run.wait(), 0, run.output())
        self.assertEqual(run.lines("did not deliver"), [])
        self.assertGreaterEqual(table(run.output(), "Aggregated")[0], self.target.counts()["total"])

    def test_iterations_are_those_of_all_workers_together(self):
        run = self.run_locust(
            "--headless", "--only-summary", "-u", "3", "-r", "3", "-i", "25", "-f", SCENARIOS / "tagged.yaml",
            "-H", self.target.host, "--processes", "2",
        )  # fmt: skip
        self.assertEqual(run.wait(timeout=30), 0, run.output())
        self.assertEqual(table(run.output(), "Aggregated"), (25, 0))
        self.assertEqual(len(run.lines("All users have stopped by themselves, shutting down")), 1)
        self.assertEqual(len(run.lines(r"Iteration limit reached \(\d+\), stopping Users from")), 2)

    def test_keys_of_a_terminal_change_the_users_and_ctrl_c_ends_it(self):
        keyboard, terminal = os.openpty()
        self.addCleanup(os.close, keyboard)
        self.addCleanup(os.close, terminal)
        before = termios.tcgetattr(terminal)

        def own_terminal():
            os.setsid()
            harness.make_controlling_terminal(terminal)

        run = self.use(
            Process(
                [BUILD / "locust", "--headless", "--only-summary", "-f", SCENARIOS / "shop.yaml", "-H", self.target.host],
                {"HOME": self.folder}, cwd=self.folder, stdin=terminal, preexec_fn=own_terminal,
            )
        )  # fmt: skip
        run.wait_line("All users spawned: .*1 total users")
        self.assertFalse(termios.tcgetattr(terminal)[3] & termios.ICANON)
        os.write(keyboard, b"W")
        run.wait_line("All users spawned: .*11 total users")
        os.write(keyboard, b"s")
        run.wait_line("All users spawned: .*10 total users")
        os.write(keyboard, b"\x03")
        self.assertEqual(run.wait(), 0, run.output())
        self.assertEqual(run.lines("did not deliver"), [])
        self.assertEqual(termios.tcgetattr(terminal), before)

    def test_a_worker_that_cannot_start_ends_it(self):
        (self.folder / "bad.yaml").write_text("feeders: {f: {csv: missing.csv}}\n" + LIMITED)
        run = self.short("-f", "bad.yaml", "-H", self.target.host)
        self.assertEqual(run.wait(), 2, run.output())
        self.assertTrue(run.lines("missing.csv cannot be read"), run.output())


def children(pid):
    return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def cmdline(pid):
    return pathlib.Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


if __name__ == "__main__":
    unittest.main()
