"""Statements about the native master that need workers which say exactly what the test wants."""

import pathlib
import re
import resource
import signal
import socket
import time
import unittest

import harness
from harness import ConformanceTest, RawWorker, native_master, wait_until


class NativeMaster(ConformanceTest):
    def start(self, *args):
        self.port = harness.free_port()
        self.master = self.use(native_master("--only-summary", *args, port=self.port))

    def worker(self, **how):
        return self.use(RawWorker(self.port, **how))

    def test_43_44_versions_and_duplicate_registrations(self):
        self.start("--expect-workers", "9")
        first = self.worker()
        first.recording.wait("ack")
        for version in (None, ""):
            refused = self.worker(polite=False)
            refused.send("client_ready", version)
        self.master.wait_line(r"An old \(pre 2.0\) worker tried to connect")
        second = self.worker(version="9.9.9")
        self.assertEqual(second.recording.wait("ack").data, {"index": 1})
        self.master.wait_line(r"WARNING.*running a different version \(9.9.9\)")
        second.send("client_ready", "2.46.0")
        self.assertEqual(second.recording.wait("ack", count=2).data, {"index": 1})
        # Of releases whose messages are known, the newest and the oldest too, nothing is said.
        for version in harness.stock_versions():
            self.worker(version=version).recording.wait("ack")
        ready = 2 + len(harness.stock_versions())
        wait_until(lambda: len(self.master.lines("reported as ready")) == ready, "the lines of all workers")
        self.assertEqual(len(self.master.lines("different version")), 1)

    def test_51_66_67_strangers_and_nonsense_are_harmless(self):
        self.start("-u", "2", "-r", "2", "--expect-workers", "2")
        workers = [self.worker(), self.worker()]
        self.master.wait_line("All users spawned")
        stranger = self.worker(polite=False)
        stranger.send("spawning")
        stranger.recording.wait("quit")
        for type, data in (
            ("spawning_complete", {"user_classes_count": {"Shop": 1}}),
            ("spawning_complete", None),
            ("heartbeat", {"state": "running", "current_cpu_usage": 1.0}),
            ("heartbeat", None),
            ("stats", None),
            ("stats", {}),
            ("exception", None),
            ("client_ready", 7),
            ("client_ready", {"a": 1}),
            ("logs", None),
            ("locustfile", None),
            ("hello", [1, {"a": None}]),
            (5, None),
        ):
            stranger.send(type, data)
        for frames in ((b"",), (b"\xc1",), (b"\x93",), (b"\x92\xa1a\xc0",), (b"\x93\xa1\xff\xc0\xa1x",), (b"", b"\x90")):
            stranger.send_raw(*frames)
        for _ in range(2000):
            workers[0].send("exception", {"msg": "boom", "traceback": "the same"})
        since = time.monotonic()
        for worker in workers:
            worker.recording.wait("heartbeat", since=since, count=3)
        self.assertEqual(self.master.lines("setting state to missing"), [])
        self.master.signal(signal.SIGINT)
        self.assertEqual(self.master.wait(), 1)  # the exceptions
        for worker in workers:
            self.assertTrue(worker.recording.all("quit"))

    def test_61_a_worker_that_does_not_deliver_is_named(self):
        self.start("-u", "2", "-r", "2", "--expect-workers", "2")
        workers = [self.worker(), self.worker()]
        self.master.wait_line("All users spawned")
        workers[1].polite = False
        self.master.signal(signal.SIGINT)
        self.assertEqual(self.master.wait(timeout=30), 0)
        self.master.wait_line(rf"WARNING.*1 worker\(s\) did not deliver their last report.*: {workers[1].id} \(index \d, (last report \d+ s before|no report in this test)\)$")

    def test_a_limit_of_connections_is_said_and_does_not_hang_the_others(self):
        self.port = harness.free_port()
        limit = ["prlimit", "--nofile=400:400", harness.BUILD / "locust-master", "--headless"]
        self.master = self.use(harness.Process([*limit, "--master-bind-port", self.port, "--expect-workers", "9"]))
        self.master.wait_line("Starting Locust")
        worker = self.worker()
        worker.recording.wait("ack")
        crowd = [socket.socket() for _ in range(200)]
        for connection in crowd:
            connection.setblocking(False)
            connection.connect_ex(("127.0.0.1", self.port))
        self.master.wait_line("ERROR.*No more workers can connect: the limit of open files allows .* connections")
        worker.recording.wait("heartbeat", since=time.monotonic(), count=2)
        for connection in crowd:
            connection.close()
        self.worker().recording.wait("ack")

    def test_a_refusal_of_memory_is_the_last_line(self):
        self.start("--expect-workers", "9")
        worker = self.worker()
        worker.recording.wait("ack")
        status = pathlib.Path(f"/proc/{self.master.pid}/status").read_text()
        used = int(re.search(r"VmSize:\s+(\d+) kB", status)[1]) << 10
        resource.prlimit(self.master.pid, resource.RLIMIT_AS, (used + (64 << 20), resource.RLIM_INFINITY))
        worker.send("large", [None] * 3_900_000)
        self.assertEqual(self.master.wait(), 1)
        self.master.wait_line("CRITICAL/locust.main: This process ends: the system refuses memory")

    def test_54_late_reports_of_a_stranger_do_not_count(self):
        self.start("-u", "1", "-r", "1", "-t", "3s", "-H", "http://127.0.0.1:1")
        late = {"num_requests": 77}
        stranger = self.worker(polite=False)
        self.worker()
        self.master.wait_line("All users spawned")
        stranger.send("stats", stranger.stats(total=late))
        self.assertEqual(self.master.wait(), 0)
        self.assertRegex(self.master.output(), r"Aggregated\s+0 ")

    def test_58_a_lost_worker_fails_the_test_on_demand(self):
        self.start("-u", "2", "-r", "2", "--expect-workers", "2", "--on-worker-loss", "fail")
        workers = [self.worker(), self.worker()]
        self.master.wait_line("All users spawned")
        workers[1].send("quit")
        self.assertEqual(self.master.wait(), 1)
        self.master.wait_line(r"ERROR.*quit after \d+ s with 1 users: ending the test \(--on-worker-loss fail\)")
        self.assertTrue(workers[0].recording.all("quit"))

    def test_62_expect_workers_and_its_limit(self):
        self.start("-u", "1", "-r", "1", "--expect-workers", "2")
        first = self.worker()
        first.recording.wait("ack")
        second = self.worker()
        ready = second.recording.wait("ack").t
        spawn = wait_until(
            lambda: first.recording.all("spawn") + second.recording.all("spawn"), "a spawn", timeout=harness.DEADLINE
        )[0]
        self.assertLess(spawn.t - ready, 1.5)
        self.master.signal(signal.SIGTERM)
        self.assertEqual(self.master.wait(), 0)
        self.start("--expect-workers", "2", "--expect-workers-max-wait", "1")
        lonely = self.worker()
        self.assertEqual(self.master.wait(), 1)
        self.assertTrue(self.master.lines("Gave up waiting for workers to connect"))
        self.assertTrue(lonely.recording.all("quit"))

    def test_69_both_address_families_and_a_busy_port(self):
        self.start("--expect-workers", "9")
        self.worker().recording.wait("ack")
        with socket.create_connection(("::1", self.port), timeout=harness.DEADLINE):
            pass
        second = self.use(native_master(port=self.port))
        self.assertEqual(second.wait(), 1)
        self.assertTrue(second.lines(r"was busy"))

    def test_71_a_burst_of_a_thousand_workers(self):
        self.start("--expect-workers", "2000")
        crowd = self.worker(polite=False)  # one connection plays them all: the load is the master's
        crowd.polite = False
        entries = [{**RawWorker.ENTRY, "name": f"/{n}", "method": "GET", "num_requests": 1} for n in range(1500)]
        bystander = self.worker()
        bystander.recording.wait("heartbeat")
        crowd.send("client_ready", -1)
        report = crowd.stats(entries=entries)
        since = time.monotonic()
        for n in range(1000):
            crowd.send("client_ready", -1)
            crowd.send("heartbeat", {"state": "ready", "current_cpu_usage": 0.0, "current_memory_usage": 1})
            if n % 10 == 0:
                crowd.send("stats", report)
        crowd.recording.wait("ack", since=since, count=1000)
        crowd.recording.wait("heartbeat", since=since, count=1000)
        bystander.recording.wait("heartbeat", since=time.monotonic(), count=2)
        self.assertEqual(self.master.lines("setting state to missing"), [])


class Usage(ConformanceTest):
    def master(self, *args):
        return self.use(harness.Process([harness.BUILD / "locust-master", *args]))

    def test_usage_errors_exit_with_two(self):
        for args in (("--nope",), ("--headless", "-t", "soon"), ("--headless", "-f", "/nonexistent.yaml")):
            self.assertEqual(self.master(*args).wait(), 2, args)


if __name__ == "__main__":
    unittest.main()
