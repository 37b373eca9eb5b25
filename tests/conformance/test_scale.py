"""Thousands of connected users in one worker process: heartbeats go on while they start, no request is
lost or counted twice, and a file limit that is too low for them is said."""

import pathlib
import resource
import time
import unittest

import harness
from harness import ConformanceTest, Process, RawMaster, Target, native_worker, wait_until

SCENARIO = harness.ROOT / "tests" / "conformance" / "scenarios" / "idle.yaml"
OTHER_FILES = 100  # that a process with a connection per user opens besides
HEARTBEAT_GAP = 2.0  # seconds; one is sent each second, and a master misses a worker after three


def hard_file_limit():
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]


class ScaleTest(ConformanceTest):
    """A worker of `idle.yaml`; its users make one request each and keep their connection."""

    def needs_files(self, per_process):
        if hard_file_limit() < per_process + OTHER_FILES:
            self.skipTest(f"{per_process} connections need a higher hard file limit than {hard_file_limit()}")

    def start(self, *args, processes=1, env=None):
        self.target = self.use(Target())
        self.master = self.use(RawMaster())
        self.rec = self.master.recording
        self.worker = self.use(native_worker(SCENARIO, *args, port=self.master.port, env=env))
        wait_until(lambda: len(self.ids()) == processes, f"{processes} workers")

    def ids(self):
        return {m.id for m in self.rec.all("stats")}

    def spawn(self, counts, host=None):
        """Spawns all users at once, on every worker, and returns when that was."""
        began = time.monotonic()
        for id in self.ids():
            self.master.spawn(id, counts, host=host, stop_timeout=10.0)  # requests in flight are finished
        return began

    def wait_spawned(self, since):
        self.rec.wait("spawning_complete", since=since, count=len(self.ids()))

    def connections(self, target):
        return target.counts()["connections"]["open"] - 1  # the one that asks

    def assert_heartbeats_came(self, since):
        for id in self.ids():
            times = [since, *(m.t for m in self.rec.all("heartbeat", id=id, since=since)), time.monotonic()]
            worst = max(after - before for before, after in zip(times, times[1:]))
            self.assertLess(worst, HEARTBEAT_GAP, f"heartbeats of {id} {[round(t - since, 2) for t in times]}")

    def quit(self):
        """Ends all workers and returns the requests and failures that they have reported."""
        for id in self.ids():
            self.master.send(id, "quit")
        self.rec.wait("quit", count=len(self.ids()))
        self.assertEqual(self.worker.wait(), 0)
        totals = [m.data["stats_total"] for m in self.rec.all("stats")]
        return tuple(sum(total[key] for total in totals) for key in ("num_requests", "num_failures"))


class ManyUsers(ScaleTest):
    def test_ten_thousand_connected_users_at_once(self):
        self.needs_files(10_000)
        self.start()
        began = self.spawn({"Idle": 10_000}, host=self.target.host)
        self.wait_spawned(began)
        wait_until(lambda: self.connections(self.target) == 10_000, "10,000 connections")
        self.assert_heartbeats_came(began)
        self.assertEqual(self.quit(), (10_000, 0))
        self.assertEqual(self.target.counts()["total"], 10_000)


class FileLimit(ScaleTest):
    def start_limited(self, soft, hard):
        """A worker with that limit of open files."""
        self.target = self.use(Target())
        self.master = self.use(RawMaster())
        self.rec = self.master.recording
        self.worker = self.use(
            Process(
                ["prlimit", f"--nofile={soft}:{hard}", harness.BUILD / "locust-worker",
                 "-f", SCENARIO, "--master-port", self.master.port]
            )
        )  # fmt: skip
        self.rec.wait("stats")

    def test_it_is_raised_to_the_hard_limit(self):
        self.start_limited(100, 300)
        limits = pathlib.Path(f"/proc/{self.worker.pid}/limits").read_text()
        self.assertRegex(limits, r"Max open files +300 +300 ")

    def test_too_many_users_for_it_are_said_and_the_others_run(self):
        self.start_limited(100, 300)
        began = self.spawn({"Idle": 350}, host=self.target.host)
        self.worker.wait_line("asked for 350 users, each of which needs a file descriptor .* may open 300 files only")
        self.wait_spawned(began)
        self.worker.wait_line(r"This worker limits the test: \d+ of 300 file descriptors are open")
        requests, failures = self.quit()
        self.assertEqual(requests, 350)
        self.assertEqual(self.target.counts()["total"], 350 - failures)
        self.assertLess(failures, 350 - 300 + OTHER_FILES)
        errors = {error["error"] for m in self.rec.all("stats") for error in m.data["errors"].values()}
        self.assertEqual(errors, {"OSError(24, 'Too many open files')"})


if __name__ == "__main__":
    unittest.main()
