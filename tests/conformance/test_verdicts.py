"""What a CI job sees of a run by our master and worker: exit codes, the table of verdicts, JUnit XML."""

import os
import pathlib
import re
import signal
import tempfile
import unittest
import xml.etree.ElementTree

import harness
from harness import ConformanceTest, Target, native_master, native_worker

SCENARIOS = harness.ROOT / "tests" / "conformance" / "scenarios"


class Verdicts(ConformanceTest):
    @classmethod
    def setUpClass(cls):
        cls.target = cls.own(Target())

    def begin(self, scenario, *args, workers=1, run_time="3s"):
        """A master with its workers; several may run at the same time."""
        port = harness.free_port()
        master = self.use(
            native_master(
                "-f", SCENARIOS / scenario, "-H", self.target.host, "-u", "2", "-r", "2", "-t", run_time,
                "--expect-workers", workers, "--only-summary", *args, port=port,
            )
        )
        master.workers = [self.use(native_worker(SCENARIOS / scenario, port=port)) for _ in range(workers)]
        return master

    def assert_exit(self, master, code):
        self.assertEqual(master.wait(timeout=30), code, master.output())

    def test_thresholds_make_the_exit_code_and_are_written_down(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        good = self.begin("shop.yaml", "--threshold", "p95 < 10s, rps > 1", "--junit", folder / "good.xml")
        bad = self.begin(
            "shop.yaml", "--threshold", "fail_ratio < 1%", "--threshold", "GET /nowhere: rps > 1", "--junit", folder / "bad.xml"
        )
        self.assert_exit(good, 0)
        self.assertEqual(len(good.lines(r"^ok +(p95 < 10s|rps > 1) .* \+\d+\.\d%$")), 2, good.output())
        suite = xml.etree.ElementTree.parse(folder / "good.xml").getroot().find("testsuite[@name='thresholds']")
        self.assertEqual((suite.get("tests"), suite.get("failures")), ("2", "0"))
        self.assert_exit(bad, 1)
        self.assertEqual(len(bad.lines(r"^FAILED +GET /nowhere: rps > 1 +no requests")), 1, bad.output())
        failures = xml.etree.ElementTree.parse(folder / "bad.xml").getroot().findall(".//failure")
        self.assertEqual([f.get("message") for f in failures], ["measured no requests"])
        self.assertEqual(sorted(os.listdir(folder)), ["bad.xml", "good.xml"])  # nothing is left aside

    def test_failures_count_as_the_command_line_says(self):
        runs = [
            (1, self.begin("failing.yaml")),
            (0, self.begin("failing.yaml", "--threshold", "p95 < 10s")),
            (7, self.begin("failing.yaml", "--threshold", "p95 < 10s", "--exit-code-on-error", "7")),
            (0, self.begin("failing.yaml", "--check-fail-ratio", "1.0")),
            (3, self.begin("failing.yaml", "--check-fail-ratio", "0.5")),
            (3, self.begin("shop.yaml", "--check-rps", "100000")),
        ]
        for code, master in runs:
            self.assert_exit(master, code)
        self.assertEqual(len(runs[4][1].lines(r"CHECK FAILED: fail ratio was 100\.00% \(threshold 50\.00%\)")), 1)

    def test_an_abort_ends_the_test_early(self):
        self.assert_exit(self.begin("aborting.yaml", run_time="10m"), 1)

    def test_a_lost_worker_makes_a_run_invalid(self):
        master = self.begin("shop.yaml", "--fail-on-invalid", workers=2, run_time="5s")
        master.wait_line("All users spawned")
        master.workers[0].signal(signal.SIGKILL)
        self.assert_exit(master, 3)
        self.assertTrue(master.lines(r"did not deliver their last report|were lost"))

    def fed_scenario(self, folder, user):
        """A scenario in a folder of its own, with a feeder file if there is a `user`."""
        folder.mkdir()
        (folder / "fed.yaml").write_text(
            "feeders: {users: {csv: users.csv}}\n"
            "users: {Fed: {wait_time: 0.2, tasks: {t: [feed: users, get: '/?u=${users.name}']}}}\n"
        )
        if user:
            (folder / "users.csv").write_text(f"name\n{user}\n")
        return folder / "fed.yaml"

    def test_workers_with_other_files_make_a_run_invalid(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        ann, same, bob, bare = (
            self.fed_scenario(folder / name, user) for name, user in (("ann", "ann"), ("same", "ann"), ("bob", "bob"), ("bare", ""))
        )
        runs = []
        for code, file, second in ((3, ["-f", same], bob), (3, [], bob), (0, ["-f", bare], same)):
            port = harness.free_port()
            master = self.use(
                native_master(
                    *file, "-H", self.target.host, "-t", "3s", "--expect-workers", "2", "--only-summary", "--fail-on-invalid",
                    port=port,
                )
            )
            for index, scenario in enumerate((ann, second)):
                self.use(native_worker(scenario, port=port))
                master.wait_line(rf"\(index {index}\) reported as ready")
            runs.append((code, master))
        for code, master in runs:
            self.assert_exit(master, code)
        for (_, master), reference in zip(runs, ("this master", "the rest")):
            name = re.search(r"(\S+) \(index 1\) reported as ready", master.output())[1]
            said = master.lines(r"WARNING.* worker\(s\) have different files from ")
            self.assertEqual(len(said), 2, master.output())  # when the test begins, and as the reason of the exit code
            for line in said:
                self.assertIn(f" 1 worker(s) have different files from {reference}, ", line)
                self.assertTrue(line.endswith(f": {name} (users.csv)"), line)

    def test_a_threshold_that_is_none_ends_before_anything_is_sent(self):
        master = self.use(native_master("--threshold", "p95 < 500", port=harness.free_port()))
        self.assert_exit(master, 2)
        self.assertEqual(
            master.output().splitlines(), ["--threshold 'p95 < 500': a time needs a unit: 500ms or 500s"]
        )


if __name__ == "__main__":
    unittest.main()
