"""Native workers, alone and beside a stock worker, under a real stock master (LOCUST_STOCK_VERSION)."""

import json
import os
import re
import unittest
import urllib.parse
import urllib.request

import harness
from harness import ConformanceTest, Proxy, Target, native_worker, stock_master, stock_worker, table, wait_until

VERSION = os.environ.get("LOCUST_STOCK_VERSION") or harness.newest()
SCENARIOS = harness.ROOT / "tests" / "conformance" / "scenarios"


class Headless(ConformanceTest):
    def run_test(self, *workers, locustfile="shop.py", args=()):
        """Runs a stock master for some seconds over the workers that `workers` start on its port."""
        self.target = self.use(Target())
        port = harness.free_port()
        self.master = self.use(
            stock_master(
                VERSION, locustfile, "--headless", "-u", "6", "-r", "3", "-t", "6s", "-H", self.target.host,
                "--expect-workers", str(len(workers)), *args, port=port,
            )
        )  # fmt: skip
        self.proxy = self.use(Proxy(port))
        self.workers = [self.use(start(self.proxy.port)) for start in workers]
        return self.master.wait(timeout=30)

    def test_04_14_17_native_workers_under_a_stock_master(self):
        native = lambda port: native_worker(SCENARIOS / "shop.yaml", port=port)  # noqa: E731
        self.assertEqual(self.run_test(native, native), 0, self.master.output())
        self.assertEqual(self.master.lines(r"/(WARNING|ERROR)/"), [])
        self.master.wait_line(r"All users spawned: \{\"Admin\": 3, \"Shop\": 3\} \(6 total users\)")
        for worker in self.workers:
            self.assertEqual(worker.wait(), 0)
        made = self.target.counts()["total"]
        reported = table(self.master.output(), "Aggregated")[0]
        # Requests in flight when the users were killed reached the target and nobody's table.
        self.assertLessEqual(reported, made)
        self.assertLessEqual(made, reported + 6)
        self.assertGreater(reported, 60)

    def test_mixed_workers_under_a_stock_master(self):
        self.assertEqual(
            self.run_test(
                lambda port: native_worker(SCENARIOS / "shop.yaml", port=port),
                lambda port: stock_worker(VERSION, "shop.py", port=port),
            ),
            0,
            self.master.output(),
        )
        self.assertEqual(self.master.lines(r"/(WARNING|ERROR)/"), [])
        made = self.target.counts()["total"]
        reported = table(self.master.output(), "Aggregated")[0]
        self.assertLessEqual(reported, made + 0)
        self.assertLessEqual(made, reported + 6 + 1)
        users = [m.data["user_classes_count"] for m in self.proxy.recording.all("spawning_complete", to_master=True)]
        self.assertEqual({sum(u.values()) for u in users[-2:]}, {3})

    def test_17_equal_failures_are_one_line(self):
        self.run_test(
            lambda port: native_worker(SCENARIOS / "failing.yaml", port=port),
            lambda port: stock_worker(VERSION, "failing.py", port=port),
            locustfile="failing.py",
        )
        lines = [line for line in self.master.output().splitlines() if re.search(r"^\d+\s+GET /fail: ", line)]
        reports = self.proxy.recording.all("stats")
        keys = {key for m in reports for key in m.data["errors"]}
        senders = {m.id for m in reports if m.data["errors"]}
        self.assertEqual(len(senders), 2)
        if VERSION == harness.newest():
            self.assertEqual(len(keys), 1, keys)
            self.assertEqual(len(lines), 1, lines)
        self.assertEqual(self.master.wait(), 1)

    def test_31_nothing_is_lost_when_tasks_end_within_the_stop_timeout(self):
        """A stock master listens for half a second after quit; what a worker delivers by then counts."""
        native = lambda port: native_worker(SCENARIOS / "shop.yaml", port=port)  # noqa: E731
        self.assertEqual(self.run_test(native, args=("-s", "2")), 0, self.master.output())
        self.assertEqual(table(self.master.output(), "Aggregated")[0], self.target.counts()["total"])


class WebStop(ConformanceTest):
    def test_30_stop_and_start_again_over_the_web(self):
        target = self.use(Target())
        port, web = harness.free_port(), harness.free_port()
        master = self.use(stock_master(VERSION, "shop.py", "--web-host", "127.0.0.1", "--web-port", str(web), port=port))
        worker = self.use(native_worker(SCENARIOS / "shop.yaml", port=port))
        master.wait_line("reported as ready")

        def get(path, method="GET"):
            request = urllib.request.Request(f"http://127.0.0.1:{web}{path}", method=method)
            with urllib.request.urlopen(request, timeout=harness.DEADLINE) as response:
                return response.read()

        def state():
            return json.loads(get("/stats/requests"))["state"]

        form = urllib.parse.urlencode({"user_count": 4, "spawn_rate": 4, "host": target.host}).encode()
        wait_until(lambda: get("/"), "the page")
        for _ in range(2):
            urllib.request.urlopen(f"http://127.0.0.1:{web}/swarm", form, timeout=harness.DEADLINE).close()
            wait_until(lambda: state() == "running", "running")
            wait_until(lambda: target.counts()["total"] > 10, "requests")
            get("/stop", "POST" if harness.numbers(VERSION) >= (2, 47) else "GET")
            wait_until(lambda: state() in ("stopped", "ready"), "stopped", timeout=4)
            wait_until(lambda: json.loads(get("/stats/requests"))["workers"][0]["state"] == "ready", "worker ready")
            target.reset()
        worker.signal(15)
        self.assertEqual(worker.wait(), 0)


if __name__ == "__main__":
    unittest.main()
