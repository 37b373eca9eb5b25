"""What a run writes ends up where its path points, whatever is there; on a full disk, or at the limit of file sizes, it has
whole lines, goes on when there is room, and what is missing is said and gives exit code 2."""

import csv
import json
import pathlib
import re
import resource
import shutil
import subprocess
import tempfile
import time
import unittest

import harness
from harness import ConformanceTest, Process, RawWorker, Target, native_master, table, wait_until

SHOP = harness.ROOT / "tests" / "conformance" / "scenarios" / "shop.yaml"
QUICK = "users:\n  Quick:\n    tasks:\n      ok: [get: /]\n    wait_time: 0.001\n"
LOCUST = harness.BUILD / "locust"
PROGRAMS = ("locust", "locust-master", "locust-worker")


def can_mount():
    """Whether this user may mount something, in a namespace of its own."""
    done = subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False)
    return done.returncode == 0


def limit_files(size):
    """For preexec_fn: a soft limit, which the test may raise again. What the process prints is a file, too."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def with_files_up_to(size, argv):
    """A command whose files, but not what it prints, may have so many bytes."""
    return ["bash", "-c", 'set -o pipefail; prlimit --fsize="$0": -- "$@" 2>&1 | cat', size, *argv]


class OutputsTest(ConformanceTest):
    @classmethod
    def setUpClass(cls):
        cls.target = cls.own(Target())

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="locust-outputs-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.quick = self.folder / "quick.yaml"
        self.quick.write_text(QUICK)

    def locust(self, *args):
        """A short headless run of all in one process."""
        return [LOCUST, "--headless", "-f", self.quick, "-H", self.target.host, "--only-summary", *args]


class WhereThePathPoints(OutputsTest):
    def test_links_stay_and_their_files_are_written(self):
        targets = self.folder / "targets"
        links = self.folder / "links"
        for folder in (targets, links):
            folder.mkdir()
        names = ("report.html", "stats.json", "junit.xml", "run_stats.csv", "run_stats_history.csv", "samples.csv", "log.txt")
        for name in names:
            (targets / name).write_text("old\n" * 100)
            (links / name).symlink_to(targets / name)
        arguments = ("--html", links / "report.html", "--json-file", links / "stats", "--junit", links / "junit.xml", "--csv",
                     links / "run", "--samples", links / "samples.csv", "--logfile", links / "log.txt")  # fmt: skip
        run = self.use(Process(self.locust("-t", "1s", "--threshold", "fail_ratio < 100%", *arguments)))
        self.assertEqual(run.wait(), 0, run.output())
        for name in names:
            self.assertTrue((links / name).is_symlink(), name)
            text = (targets / name).read_text()
            self.assertEqual(text.startswith("old\n"), name == "log.txt", name)  # which is added to
            self.assertNotEqual(text, "old\n" * 100, name)
        json.loads((targets / "stats.json").read_text())
        self.assertIn("</html>", (targets / "report.html").read_text())
        self.assertFalse([p.name for folder in (targets, links) for p in folder.glob("*.tmp")])

    @unittest.skipUnless(can_mount(), "this user may not mount anything")
    def test_missing_folders_are_created(self):
        """As by stock 2.47."""
        options = {"--html": "a/{u}/r.html", "--json-file": "c/d/stats", "--junit": "e/f/j.xml", "--csv": "g/h/run"}
        arguments = [str(each) for option, name in options.items() for each in (option, self.folder / name)]
        run = self.use(Process(self.locust("-t", "1s", *arguments)))
        self.assertEqual(run.wait(), 0, run.output())
        for name in ("a/1/r.html", "c/d/stats.json", "e/f/j.xml", "g/h/run_stats.csv"):
            self.assertTrue((self.folder / name).is_file(), name)

    def test_mounts_and_devices_stay_and_get_the_content(self):
        """As docker -v $PWD/report.html:/report.html; a device of the system's stands for all."""
        outside, inside = self.folder / "outside", self.folder / "inside"
        for folder in (outside, inside):
            folder.mkdir()
            for name in ("report.html", "run_stats.csv", "device"):
                (folder / name).touch()
        mounts = " && ".join(f"mount --bind {outside / name} {inside / name}" for name in ("report.html", "run_stats.csv"))
        device = inside / "device"
        check = f"test -c {device} && test ! -e {device}.tmp"
        command = [str(a) for a in self.locust("-t", "1s", "--html", inside / "report.html", "--csv", inside / "run", "--junit", device)]
        script = f'{mounts} && mount --bind /dev/null {device} && "$@" && {check}'
        run = self.use(Process(["unshare", "-rm", "bash", "-c", script, "bash", *command]))
        self.assertEqual(run.wait(), 0, run.output())
        self.assertIn("</html>", (outside / "report.html").read_text())
        self.assertIn("Aggregated", (outside / "run_stats.csv").read_text())

    def test_a_pipe_gets_the_report(self):
        run = self.use(Process(["bash", "-c", '"$@" --html >(cat >report.html; touch done)', "bash",
                                *map(str, self.locust("-t", "1s"))], cwd=self.folder))  # fmt: skip
        self.assertEqual(run.wait(), 0, run.output())
        wait_until((self.folder / "done").exists, "the reader to end")
        self.assertIn("</html>", (self.folder / "report.html").read_text())


class FullDisk(OutputsTest):
    @unittest.skipUnless(can_mount(), "this user may not mount anything")
    def test_samples_on_a_full_disk(self):
        disk = self.folder / "disk"
        disk.mkdir()
        fill = f"mount -t tmpfs -o size=64k tmpfs {disk} && head -c 44k /dev/zero >{disk}/fill"
        command = [str(a) for a in self.locust("-u", "5", "-r", "5", "-t", "3s", "--samples", disk / "s.csv")]
        script = f'{fill} && "$@"; code=$?; cp {disk}/s.csv {self.folder}; exit $code'
        run = self.use(Process(["unshare", "-rm", "bash", "-c", script, "bash", *command]))
        self.assertEqual(run.wait(), 2, run.output())
        text = (self.folder / "s.csv").read_bytes().decode()
        self.assertTrue(text.endswith("\r\n"))
        rows = list(csv.reader(text.splitlines()))
        self.assertGreater(len(rows), 100, "what fits is there")
        self.assertEqual({len(row) for row in rows}, {8})
        requests, _ = table(run.output(), "Aggregated")
        missing = requests - (len(rows) - 1)
        run.wait_line(rf"ERROR.*--samples: {disk}/s\.csv: No space left on device; {missing} requests were left out")

    def test_what_waits_for_room_is_written_once_there_is(self):
        """The limit of file sizes stands for the disk: it can be raised from outside."""
        port = harness.free_port()
        prefix = self.folder / "run"
        worker = self.use(
            Process(
                [harness.BUILD / "locust-worker", "-f", self.quick, "--master-host", "127.0.0.1", "--master-port", port, "--samples",
                 self.folder / "s.csv"], preexec_fn=limit_files(20_000))
        )  # fmt: skip
        master = self.use(
            Process(
                [harness.BUILD / "locust-master", "--headless", "--master-bind-port", port, "-H", self.target.host, "-u", "2", "-r", "2",
                 "-t", "60s", "--only-summary", "--csv", prefix, "--csv-full-history"], preexec_fn=limit_files(4_000))
        )  # fmt: skip
        limit = r"the limit of file sizes is reached \(ulimit -f\)"
        worker.wait_line(rf"WARNING.*--samples: .*s\.csv: {limit}; it is tried again")
        master.wait_line(rf"ERROR.*--csv: cannot write .*run_stats_history\.csv: {limit}; it is tried again", 60)
        for process in (worker, master):
            hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)[1]
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        master.signal(2)
        self.assertEqual((master.wait(), worker.wait()), (0, 0), master.output() + worker.output())
        requests, _ = table(master.output(), "Aggregated")
        self.assertEqual((self.folder / "s.csv").read_text().count("\n") - 1, requests)
        with open(f"{prefix}_stats_history.csv", newline="") as f:
            totals = [row for row in csv.DictReader(f) if row["Name"] == "Aggregated"]
        seconds = [int(row["Timestamp"]) for row in totals]
        self.assertEqual(seconds, sorted(set(seconds)))
        self.assertEqual(int(totals[-1]["Total Request Count"]), requests)

    def test_each_output_that_is_lost_is_named_and_gives_exit_code_2(self):
        for option, name in (("--html", "report.html"), ("--junit", "junit.xml"), ("--json-file", "stats"), ("--logfile", "log.txt")):
            with self.subTest(option):
                (self.folder / "log.txt").write_text("")
                path = self.folder / name
                run = self.use(Process(with_files_up_to(100, self.locust("-t", "1s", option, path))))
                self.assertEqual(run.wait(), 2, run.output())
                self.assertTrue(run.lines(rf"{option}.*{re.escape(str(path))}.*\(ulimit -f\)"), run.output())
        self.assertTrue((self.folder / "log.txt").read_text().endswith("\n") or not (self.folder / "log.txt").read_text())

    def test_standard_output_on_a_full_disk(self):
        for arguments in (self.locust("-t", "1s", "--json"), [LOCUST, "--print-schema"], [LOCUST, "--help"]):
            with self.subTest(arguments[-1]), open("/dev/full", "w") as full:
                done = subprocess.run([str(a) for a in arguments], stdout=full, stderr=subprocess.PIPE, text=True, timeout=30, check=False)
                self.assertEqual(done.returncode, 2)
                self.assertIn("Standard output is incomplete: No space left on device", done.stderr)


class Limits(OutputsTest):
    def test_too_few_open_files_are_one_line(self):
        for program in PROGRAMS:
            with self.subTest(program):
                done = subprocess.run(
                    ["bash", "-c", 'ulimit -n 8; exec "$@"', "bash", harness.BUILD / program, "-f", SHOP, "--headless", "-t", "1s"],
                    capture_output=True, text=True, timeout=30, check=False)  # fmt: skip
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertEqual(done.stderr, "The limit of open files is 8, and at least 64 are needed: raise it (ulimit -n, LimitNOFILE=)\n")

    def test_a_run_works_with_few_open_files(self):
        run = self.use(
            Process(
                ["bash", "-c", 'ulimit -n 64; exec "$@"', "bash", *map(str, self.locust("-t", "1s", "--csv", self.folder / "run", "--html",
                 self.folder / "report.html", "--samples", self.folder / "s.csv"))])  # fmt: skip
        )
        self.assertEqual(run.wait(), 0, run.output())

    def test_a_file_size_of_nothing_is_named(self):
        for arguments in (("--csv", self.folder / "run"), ("--samples", self.folder / "s.csv"), ("--html", self.folder / "report.html")):
            with self.subTest(arguments[0]):
                run = self.use(Process(with_files_up_to(0, self.locust("-t", "1s", *arguments))))
                self.assertEqual(run.wait(), 2, run.output())
                self.assertTrue(run.lines(rf"{arguments[0]}.*\(ulimit -f\)"), run.output())


class TextsOfOthers(OutputsTest):
    """What a worker says, whom nobody authenticates."""

    STEERS = "\x1b]0;PWNED\x07\x1b[2J"
    FORGES = "a\nGET /forged 999"
    FORMULA = "=cmd|' /C calc'!A0"
    NAMES = (STEERS, FORGES, FORMULA, "\u202egnp.exe", "\x9b31m", "/ok")

    def entry(self, name):
        now = int(time.time())
        return {**RawWorker.ENTRY, "name": name, "method": "GET", "start_time": float(now), "last_request_timestamp": float(now),
                "num_requests": 2, "num_failures": 1, "total_response_time": 20, "max_response_time": 10, "min_response_time": 10,
                "response_times": {10: 2}, "num_reqs_per_sec": {now: 2}, "num_fail_per_sec": {now: 1}}  # fmt: skip

    def run_of(self, *args):
        port = harness.free_port()
        master = self.use(native_master("-t", "3s", "--csv", self.folder / "run", *args, port=port))
        worker = self.use(RawWorker(port, classes=("Shop", self.STEERS, self.FORGES)))
        worker.recording.wait("spawn")
        errors = {str(i): {"name": n, "method": "GET", "error": n, "occurrences": 1} for i, n in enumerate(self.NAMES)}
        entries = [self.entry(name) for name in self.NAMES]
        worker.send("stats", worker.stats(entries, {**self.entry("Aggregated"), "num_requests": 12}, errors))
        worker.send(self.FORGES, {})
        for text in (self.STEERS, self.FORGES):
            worker.send("exception", {"msg": text, "traceback": text})
        limits = {"generator_bound": [self.FORGES, self.STEERS]}
        worker.send("heartbeat", {"state": "running", "current_cpu_usage": 99.0, "locust_cpp": limits})
        self.assertEqual(master.wait(), 1, master.output())
        return master

    def test_neither_steer_the_terminal_nor_forge_lines(self):
        master = self.run_of()
        with open(master._output.name, "rb") as f:
            output = f.read()
        self.assertFalse(set(output) & {0x1B, 0x07, 0x0D, 0x9B}, output)
        self.assertFalse(re.search(rb"^GET /forged|^a$", output, re.M), output)
        self.assertNotIn("\u202e".encode(), output)
        for shown in (rb"\x1b]0;PWNED\x07\x1b[2J", rb"a\x0aGET /forged 999", rb"\u202egnp.exe"):
            self.assertGreaterEqual(output.count(shown), 3, shown)  # of each table at least one
        self.assertTrue(master.lines(r"limits the test: a\\x0aGET /forged"), master.output())
        self.assertTrue(master.lines(r"Unknown message type.*: a\\x0aGET /forged"), master.output())
        names = {row["Name"] for row in self.rows("_stats.csv")}
        self.assertLessEqual(set(self.NAMES), names, "files have the names as they are")

    def test_formulas_in_csv_files_can_be_marked(self):
        self.run_of("--csv-safe")
        self.assertIn("'" + self.FORMULA, {row["Name"] for row in self.rows("_stats.csv")})
        self.assertIn("'" + self.FORMULA, {row["Error"] for row in self.rows("_failures.csv")})

    def rows(self, ending):
        with open(f"{self.folder}/run{ending}", newline="", encoding="utf-8") as f:
            return list(csv.DictReader(f))


if __name__ == "__main__":
    unittest.main()
