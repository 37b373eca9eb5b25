"""What the native master writes and prints: beside stock's from the same reports, and by itself."""

import csv
import gzip
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import tempfile
import threading
import time
import unittest
from calendar import timegm
from math import floor, isclose

import harness
import msgpack
from harness import ConformanceTest, RawWorker, Target, native_master, native_worker, wait_until

SCENARIOS = harness.ROOT / "tests" / "conformance" / "scenarios"
CAPTURES = harness.ROOT / "tests" / "data" / "captures"
RATES = ("Requests/s", "Failures/s")
FILES = ("_stats.csv", "_stats_history.csv", "_failures.csv", "_exceptions.csv")


def read_csv(path):
    """Rows as dicts; fails if one has not as many fields as the header."""
    with open(path, newline="", encoding="utf-8") as f:
        text = f.read()
    assert text.endswith("\r\n"), path
    header, *rows = csv.reader(text.splitlines(keepends=True))
    for row in rows:
        assert len(row) == len(header), (path, row)
    return [dict(zip(header, row)) for row in rows]


def captured_reports(session):
    """By worker: when its part of the test began by the capture's clock and by its own, and its messages since."""
    workers = {}
    with gzip.open(CAPTURES / f"{session}.jsonl.gz", "rt") as f:
        for line in f:
            record = json.loads(line)
            if record.get("dir") != "w>m" or "hex" not in record:
                continue
            type_, data, _ = msgpack.loads(bytes.fromhex(record["hex"]), raw=False, strict_map_key=False)
            if type_ == "spawning":
                workers.setdefault(record["id"], {"began": record["t"], "clock": None, "messages": []})
            elif type_ in ("stats", "exception") and record["id"] in workers:
                worker = workers[record["id"]]
                if type_ == "stats" and worker["clock"] is None:
                    worker["clock"] = data["stats_total"]["start_time"]
                worker["messages"].append((record["t"] - worker["began"], type_, data))
    return workers


def shifted(report, shift):
    """A report whose times are later by `shift` seconds."""

    def time_(value):
        return value + shift if value else value

    def entry(e):
        seconds = {k: {s + floor(shift): n for s, n in e[k].items()} for k in ("num_reqs_per_sec", "num_fail_per_sec")}
        times = {k: time_(e[k]) for k in ("start_time", "last_request_timestamp")}
        return {**e, **seconds, **times}

    errors = {
        key: {**e, **{k: time_(e[k]) for k in ("first_seen", "last_seen") if k in e}} for key, e in report["errors"].items()
    }
    return {
        **report,
        "stats": [entry(e) for e in report["stats"]],
        "stats_total": entry(report["stats_total"]),
        "errors": errors,
    }


class ReplayingWorker(RawWorker):
    """Registers as the captured worker; in the test it says what that one said, when it did, as if now."""

    def __init__(self, port, id, captured):
        self.captured = captured
        self.waiting = list(captured["messages"])
        self.began = None
        classes = next(data["user_classes_count"] for _, type_, data in self.waiting if type_ == "stats")
        super().__init__(port, classes=classes, id=id)

    @property
    def shift(self):
        return self.began - self.captured["clock"]

    def poll(self, milliseconds):
        super().poll(milliseconds)
        while self.began and self.waiting and time.time() >= self.began + self.waiting[0][0]:
            _, type_, data = self.waiting.pop(0)
            self._send(type_, shifted(data, self.shift) if type_ == "stats" else data)

    def _answer(self, message):
        if message.type == "spawn" and self.began is None:
            self.began = time.time()
        super()._answer(message)

    def _report(self):
        if self.began is None:
            super()._report()


class Replay(ConformanceTest):
    """The reports of six captured tests, of stock workers of four releases, at once to a stock and to a native
    master."""

    SESSIONS = ("2.12.1", "2.20.1", "2.32.10", "head", "mix-master-2.12.1-workers-head", "mix-master-head-workers-2.12.1")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="locust-outputs-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        captured = {}
        for session in cls.SESSIONS:
            captured.update(captured_reports(session if session.startswith("mix") else f"{session}-a-basic"))
        workers = {}
        masters = {}
        for name in ("stock", "native"):
            port = harness.free_port()
            users = str(len(captured))
            prefix = cls.folder / "of" / name / "run"
            options = ("-u", users, "-r", users, "--expect-workers", users, "--csv", prefix, "--csv-full-history")
            options += ("--json-file", prefix)
            if name == "stock":
                master = harness.stock_master(harness.newest(), "shop.py", "--headless", *options, port=port)
            else:
                master = native_master(*options, port=port)
            masters[name] = cls.own(master)
            workers[name] = [cls.own(ReplayingWorker(port, id, worker)) for id, worker in captured.items()]
        everyone = workers["stock"] + workers["native"]
        wait_until(lambda: not any(worker.waiting for worker in everyone), "all reports to be sent", timeout=60)
        # Stock writes its files once a second, not at the end.
        done = time.monotonic()
        wait_until(lambda: time.monotonic() > done + 2.5, "stock's files to be written")
        for master in masters.values():
            master.signal(signal.SIGTERM)
        for master in masters.values():
            assert master.wait() == 1, master.output()
        cls.shift = {name: crew[0].shift for name, crew in workers.items()}
        cls.output = {name: master.output() for name, master in masters.items()}

    def files(self, suffix):
        return [read_csv(self.folder / "of" / name / f"run{suffix}") for name in ("stock", "native")]

    def assert_same_rows(self, stock, native):
        self.assertEqual(len(stock), len(native))
        for theirs, ours in zip(stock, native):
            self.assertEqual(list(theirs), list(ours))
            for column, value in theirs.items():
                if column in RATES:
                    self.assertTrue(isclose(float(value), float(ours[column]), rel_tol=0.01), (column, theirs, ours))
                elif column.endswith(" Seen"):
                    self.assertAlmostEqual(*(self.since_begin(*pair) for pair in zip(("stock", "native"), (value, ours[column]))), delta=1)
                elif "Average" in column:  # sums of floats, in another order
                    self.assertTrue(isclose(float(value), float(ours[column]), rel_tol=1e-9), (column, theirs, ours))
                else:
                    self.assertEqual(value, ours[column], (column, theirs, ours))

    def since_begin(self, name, text):
        """Of a time as failures show it."""
        return timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")) - self.shift[name] if text else 0

    def test_requests_and_failures(self):
        stock, native = self.files("_stats.csv")
        self.assertGreater(int(stock[-1]["Request Count"]), 1500)
        self.assertGreater(int(stock[-1]["Failure Count"]), 100)
        self.assert_same_rows(stock, native)
        stock, native = self.files("_failures.csv")
        self.assertGreater(len(stock), 1)
        self.assert_same_rows(stock, native)

    def test_exceptions(self):
        """Ours puts those together that differ only in the frames of stock's releases."""
        stock, native = self.files("_exceptions.csv")
        rows = {}
        for row in stock:
            frames = [frame for frame in row["Traceback"].split("  File ") if "/locust/user/" not in frame]
            total = rows.setdefault((row["Message"], *frames), row | {"Count": "0", "Nodes": ""})
            total["Count"] = str(int(total["Count"]) + int(row["Count"]))
            total["Nodes"] = ", ".join(filter(None, (total["Nodes"], row["Nodes"])))
        self.assertEqual([len(stock), len(rows)], [4, 1])
        self.assertIn(native[0]["Traceback"], [row["Traceback"] for row in stock])
        expected = [row | {"Traceback": native[0]["Traceback"]} for row in rows.values()]
        for row in expected + native:
            row["Nodes"] = ", ".join(sorted(row["Nodes"].split(", ")))
        self.assert_same_rows(expected, native)

    def test_history(self):
        stock, native = self.files("_stats_history.csv")
        self.assertEqual(list(stock[0]), list(native[0]))
        totals = [column for column in stock[0] if column.startswith("Total ")]
        names = {(row["Type"], row["Name"]) for row in stock}
        self.assertEqual(names, {(row["Type"], row["Name"]) for row in native})
        for name in names:
            last = [[row for row in rows if (row["Type"], row["Name"]) == name][-1] for rows in (stock, native)]
            self.assert_same_rows(*([{column: row[column] for column in totals}] for row in last))
        seconds = [int(row["Timestamp"]) for row in native if row["Name"] == "Aggregated"]
        self.assertEqual(len(seconds), len(set(seconds)))
        self.assertTrue(all(later - earlier <= 2 for earlier, later in zip(seconds, seconds[1:])), seconds)

    def test_json(self):
        of = {}
        for name in ("stock", "native"):
            entries = json.loads((self.folder / "of" / name / "run.json").read_text())
            for e in entries:
                for key in ("num_reqs_per_sec", "num_fail_per_sec"):
                    e[key] = {int(second) - floor(self.shift[name]): count for second, count in e[key].items()}
                for key in ("start_time", "last_request_timestamp"):
                    e[key] = round(e[key] - self.shift[name])
                e["total_response_time"] = round(e["total_response_time"], 6)
                self.assertEqual(list(e), list(RawWorker.ENTRY))
            of[name] = sorted(entries, key=lambda e: (e["name"], e["method"]))
        for theirs, ours in zip(of["stock"], of["native"], strict=True):
            # Seconds of other workers can be rounded otherwise, as their shifts differ by milliseconds.
            for key in ("num_reqs_per_sec", "num_fail_per_sec"):
                self.assertEqual(sum(theirs.pop(key).values()), sum(ours.pop(key).values()))
            for key in ("start_time", "last_request_timestamp"):
                self.assertAlmostEqual(theirs.pop(key), ours.pop(key), delta=1)
            self.assertEqual(theirs, ours)

    def test_a_json_file_takes_the_place_of_the_final_tables(self):
        for output in self.output.values():
            self.assertNotIn("Response time percentiles", output)


class Outputs(ConformanceTest):
    def setUp(self):
        self.port = harness.free_port()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="locust-outputs-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def master(self, *args):
        return self.use(native_master("-u", "1", "-r", "1", *args, port=self.port))

    def busy_worker(self):
        """Reports a few requests, a failure and an exception every fifth of a second."""
        worker = self.use(RawWorker(self.port))
        worker.recording.wait("spawn")
        stop = threading.Event()
        self.addCleanup(stop.set)
        now = time.time()
        entry = {
            **RawWorker.ENTRY,
            "num_requests": 4,
            "num_failures": 1,
            "total_response_time": 100,
            "min_response_time": 10,
            "max_response_time": 40,
            "response_times": {10: 1, 20: 1, 30: 1, 40: 1},
            "last_request_timestamp": now,
            "start_time": now,
        }
        error = {"name": "/x, y", "method": "GET", "error": 'say "no"\nnow', "occurrences": 1}

        def work():
            while not stop.wait(0.2):
                report = worker.stats([{**entry, "name": "/x, y", "method": "GET"}], entry, {"key": error})
                worker.send("stats", report)
                worker.send("exception", {"msg": 'a "b"', "traceback": "line 1\nline, 2"})

        threading.Thread(target=work, daemon=True).start()
        return worker

    def test_files_are_valid_at_any_moment_also_that_of_a_kill(self):
        prefix = self.folder / "new" / "folder" / "run"
        master = self.master("--csv", prefix, "--csv-full-history")
        self.busy_worker()

        def all_valid():
            return [read_csv(f"{prefix}{suffix}") for suffix in FILES]

        wait_until(lambda: (self.folder / "new" / "folder" / "run_exceptions.csv").exists(), "the files")
        # Read as often as possible across two rewrites.
        wait_until(lambda: len(all_valid()[1]) > 10 and int(all_valid()[0][-1]["Request Count"]) > 8, "a second rewrite")
        master.signal(signal.SIGKILL)
        master.wait()
        requests, history, failures, exceptions = all_valid()
        self.assertEqual(requests[0]["Name"], "/x, y")
        self.assertEqual(failures[0]["Error"], 'say "no"\nnow')
        self.assertEqual(exceptions[0]["Traceback"], "line 1\nline, 2")
        self.assertEqual(history[-1]["Total Request Count"], requests[-1]["Request Count"])

    def test_json_alone_is_on_standard_output(self):
        argv = [harness.BUILD / "locust-master", "--headless", "--json", "-u", "1", "--master-bind-port", self.port]
        master = self.use(harness.Process(["sh", "-c", 'exec "$@" 2>/dev/null', "sh", *argv, "-t", "2s"]))
        self.busy_worker()
        self.assertEqual(master.wait(), 1)
        entries = json.loads(master.output())
        self.assertEqual([e["name"] for e in entries], ["/x, y"])
        self.assertEqual(entries[0]["num_requests"], 4 * entries[0]["num_failures"])

    def test_files_that_cannot_be_written_are_told_before_the_test(self):
        master = self.master("--csv", "/dev/null/run")
        self.assertEqual(master.wait(), 1)
        self.assertTrue(master.lines(r"--csv: cannot write /dev/null: "), master.output())

    def test_options_that_contradict_are_told(self):
        master = self.master("--csv-full-history")
        self.assertEqual(master.wait(), 2)
        self.assertIn("'--csv-full-history' requires '--csv'.", master.output())
        master = self.master("--percentiles", "50,p95")
        self.assertEqual(master.wait(), 2)
        self.assertIn("'p95' is not a percentile above 0 and up to 100", master.output())

    def test_the_report_is_one_file_whose_name_tells_of_the_run(self):
        with tempfile.TemporaryDirectory(prefix="locust-conformance-") as folder:
            master = self.master("--html", f"{folder}/users_{{u}}_rate_{{r}}_time_{{t}}.html", "-t", "2s", "-r", "0.5")
            self.busy_worker()
            self.assertEqual(master.wait(), 1, master.output())
            report = (pathlib.Path(folder) / "users_1_rate_0.5_time_2.html").read_text()
        run = harness.report_data(report)
        self.assertEqual([entry["name"] for entry in run["entries"]["entries"]], ["/x, y"])
        self.assertEqual(run["tick"]["run"]["run_time"], 2)
        self.assertEqual(len(run["history"]["columns"]["time"]), len(run["history"]["heat"]["cells"]))
        self.assertTrue(run["failures"]["failures"])

    def test_a_report_names_the_workers_and_hosts_of_a_run_that_is_over(self):
        target = self.use(Target())
        other = target.host.replace("127.0.0.1", "localhost")
        with tempfile.TemporaryDirectory(prefix="locust-conformance-") as folder:
            scenario = pathlib.Path(folder) / "hosts.yaml"
            scenario.write_text(
                f"users:\n  Near: {{host: '{target.host}', wait_time: 0.1, tasks: {{t: [get: /]}}}}\n"
                f"  Far: {{host: '{other}', wait_time: 0.1, tasks: {{t: [get: /]}}}}\n"
            )
            report = pathlib.Path(folder) / "report.html"
            for host, hosts in (((), [other, target.host]), (("-H", target.host), [target.host])):
                with self.subTest(host):
                    master = self.use(
                        native_master(
                            "-u", "4", "-r", "4", "-t", "3s", "--expect-workers", "2", "--html", report, *host, port=self.port
                        )
                    )  # fmt: skip
                    workers = [self.use(native_worker(scenario, port=self.port)) for _ in range(2)]
                    self.assertEqual(master.wait(timeout=30), 0, master.output())
                    for worker in workers:
                        self.assertEqual(worker.wait(), 0)
                    run = harness.report_data(report.read_text())
                    shown = run["workers"]["workers"]
                    self.assertEqual([worker["user_count"] for worker in shown], [2, 2])
                    self.assertEqual({worker["state"] for worker in shown}, {"running"})
                    ids = re.findall(r"(\S+) \(index \d\) reported as ready", master.output())
                    self.assertEqual([worker["id"] for worker in shown], ids)
                    self.assertEqual(run["tick"]["run"]["hosts"], hosts)
                    parameters = {each["name"]: each["value"] for each in run["parameters"]}
                    self.assertEqual(parameters["Host"], ", ".join(hosts))

    def test_without_tables_a_line_tells_of_the_progress(self):
        master = self.master("--only-summary", "-t", "2s", "--percentiles", "99.9")
        self.busy_worker()
        self.assertEqual(master.wait(), 1)
        lines = master.lines(r"^\d:\d\d/0:02  \d users.*  p99\.9 ")
        self.assertEqual(len(lines), 1, master.output())
        self.assertEqual(len(master.lines(r"^Type ")), 2, "the final tables only")

    def test_on_a_terminal_that_line_is_the_last_one_and_gone_at_the_end(self):
        terminal, theirs = pty.openpty()
        self.addCleanup(os.close, terminal)
        argv = [harness.BUILD / "locust-master", "--headless", "--only-summary", "-u", "1", "-t", "4s"]
        script = 'exec "$@" 2>"$TERMINAL"'
        environment = {"TERMINAL": os.ttyname(theirs), "TERM": "xterm"}
        master = self.use(
            harness.Process(["sh", "-c", script, "sh", *argv, "--master-bind-port", self.port], env=environment)
        )
        seen = []

        def read():
            try:
                while data := os.read(terminal, 4096):
                    seen.append(data)
            except OSError:  # the terminal is closed
                pass

        threading.Thread(target=read, daemon=True).start()
        self.busy_worker()
        self.assertEqual(master.wait(), 1)
        os.close(theirs)
        text = b"".join(seen).decode()
        self.assertRegex(text, r"\r\x1b\[K0:0[1-4]/0:04  1 users  \S+ req/s")
        for line in text.replace("\r\n", "\n").split("\n"):
            shown = line.split("\r\x1b[K")[-1]  # what stays of it on the screen
            self.assertNotRegex(shown, r"^\d:\d\d/")
            self.assertNotIn("\x1b", shown)

    def test_reset_stats_forgets_the_ramp_on_master_and_worker(self):
        target = self.use(Target())
        prefix = self.folder / "run"
        options = ("-H", target.host, "-u", "3", "-r", "1", "-t", "6s", "--reset-stats", "--json-file", prefix)
        master = self.use(native_master(*options, port=self.port))
        worker = self.use(native_worker(SCENARIOS / "shop.yaml", "--reset-stats", port=self.port))
        self.assertEqual(master.wait(), 0, master.output())
        for process in master, worker:
            self.assertEqual(len(process.lines(r"INFO/locust\.runners: Resetting stats$")), 1, process.output())
        counted = sum(e["num_requests"] for e in json.loads((self.folder / "run.json").read_text()))
        self.assertTrue(0 < counted < target.counts()["total"], counted)

    @unittest.skipUnless(shutil.which("faketime"), "faketime is not installed")
    def test_a_stock_worker_whose_clock_is_an_hour_ahead_does_not_distort_rates(self):
        target = self.use(Target())
        prefix = self.folder / "run"
        master = self.use(
            native_master(
                "-H", target.host, "-u", "2", "-r", "2", "-t", "8s", "--expect-workers", "2", "--csv", prefix, port=self.port
            )
        )
        self.use(native_worker(SCENARIOS / "shop.yaml", port=self.port))
        locust = harness.STOCK / harness.newest() / "bin" / "locust"
        argv = ["faketime", "-f", "+3600s", locust, "--worker", "-f", harness.LOCUSTFILES / "shop.py"]
        environment = {"FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        self.use(harness.Process([*argv, "--master-port", self.port], env=environment))
        master.wait_line(r"The clock of worker .* is 3[56]\d\d\.\d s ahead of this master's")
        self.assertEqual(master.wait(timeout=30), 0, master.output())
        total = read_csv(f"{prefix}_stats.csv")[-1]
        self.assertEqual(int(total["Request Count"]), target.counts()["total"])
        rate = int(total["Request Count"]) / float(total["Requests/s"])
        self.assertTrue(6 < rate < 10, total)
        rows = read_csv(f"{prefix}_stats_history.csv")
        self.assertGreater(max(float(row["Requests/s"]) for row in rows), 0.5 * float(total["Requests/s"]))


if __name__ == "__main__":
    unittest.main()
