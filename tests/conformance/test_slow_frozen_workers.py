"""docs/conformance.md statements 40 and 55 in real time: workers that are frozen for a minute
(LOCUST_STOCK_VERSION names the stock side)."""

import os
import signal
import time
import unittest

import harness
from harness import ConformanceTest, Proxy, Target, native_master, native_worker, stock_master, stock_worker, wait_until

VERSION = os.environ.get("LOCUST_STOCK_VERSION") or harness.newest()
SHOP = harness.ROOT / "tests" / "conformance" / "scenarios" / "shop.yaml"


class FrozenWorkers(ConformanceTest):
    def setUp(self):
        self.target = self.use(Target())
        self.port = harness.free_port()
        self.proxy = self.use(Proxy(self.port))
        self.rec = self.proxy.recording

    def native(self):
        """A native worker and its id."""
        known = {m.id for m in self.rec.all("ack")}
        worker = self.use(native_worker(SHOP, port=self.proxy.port))
        return worker, self.rec.wait("ack", where=lambda m: m.id not in known).id

    def stock(self):
        known = {m.id for m in self.rec.all("ack")}
        worker = self.use(stock_worker(VERSION, "shop.py", port=self.proxy.port))
        return worker, self.rec.wait("ack", where=lambda m: m.id not in known).id

    def users(self, id, since=0.0):
        """User counts that a worker has reported, in order."""
        return [sum(m.data["user_classes_count"].values()) for m in self.rec.all("stats", id=id, since=since)]

    def wait_for(self, seconds, since):
        wait_until(lambda: time.monotonic() - since >= seconds, f"{seconds} s", timeout=seconds + 10)

    def test_40_a_native_worker_survives_a_minute_frozen(self):
        master = self.use(
            stock_master(
                VERSION, "shop.py", "--headless", "-u", "6", "-r", "6", "-t", "110s", "-H", self.target.host,
                "--expect-workers", "2", port=self.port,
            )
        )  # fmt: skip
        frozen, id = self.native()
        self.native()
        master.wait_line("All users spawned")
        self.rec.wait("stats", id=id, where=lambda m: m.data["user_count"] == 3)
        frozen.signal(signal.SIGSTOP)
        began = time.monotonic()
        master.wait_line("failed to send heartbeat, setting state to missing")
        self.wait_for(60, began)
        frozen.signal(signal.SIGCONT)
        thawed = time.monotonic()
        master.wait_line("self-healed with heartbeat")
        self.rec.wait("stats", id=id, since=thawed, where=lambda m: m.data["user_count"] == 3)
        self.rec.wait("stats", id=id, since=thawed, count=3, where=lambda m: m.data["stats_total"]["num_requests"] > 0)
        self.assertTrue(frozen.alive())
        self.assertEqual(frozen.lines("ERROR"), [])
        self.assertEqual(self.rec.all("quit", id=id), [])
        self.assertIn(master.wait(timeout=90), (0, 1))  # the requests in flight when it froze may have failed
        self.assertEqual(frozen.wait(), 0)

    def test_55_a_worker_that_stays_frozen_is_missing_then_lost(self):
        master = self.use(
            native_master("-u", "9", "-r", "9", "-t", "90s", "-H", self.target.host, "--expect-workers", "3", port=self.port)
        )
        frozen, frozen_id = self.stock()
        healthy = [self.stock()[1], self.native()[1]]
        master.wait_line("All users spawned")
        for id in healthy:
            self.rec.wait("stats", id=id, where=lambda m: m.data["user_count"] == 3)
        frozen.signal(signal.SIGSTOP)
        began = time.monotonic()
        master.wait_line("failed to send heartbeat, setting state to missing")
        self.assertAlmostEqual(time.monotonic() - began, 4.5, delta=1.5)
        # Its users stay away until it is given up for lost, a minute later; then the others have them.
        spawn = self.rec.wait("spawn", id=healthy[0], since=began, timeout=90)
        self.assertAlmostEqual(spawn.t - began, 65, delta=3)
        lost = spawn.t
        for id in healthy:
            self.rec.wait("stats", id=id, since=lost, where=lambda m: m.data["user_count"] in (4, 5))
            self.assertEqual(set(self.users(id, since=began)) - {3, 4, 5}, set(), "healthy users dip")
        self.assertEqual(sum(self.users(id)[-1] for id in healthy), 9)
        self.assertEqual(master.wait(timeout=60), 0, master.output())


if __name__ == "__main__":
    unittest.main()
