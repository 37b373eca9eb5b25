"""One short run in either role with a stock release between the newest and the oldest (LOCUST_STOCK_VERSION)."""

import functools
import os
import unittest

import harness
from harness import ConformanceTest, Target, native_master, native_worker, stock_master, stock_worker, table

VERSION = os.environ.get("LOCUST_STOCK_VERSION") or harness.newest()
SCENARIO = harness.ROOT / "tests" / "conformance" / "scenarios" / "shop.yaml"


class Smoke(ConformanceTest):
    def start(self, start_master):
        target = self.use(Target())
        port = harness.free_port()
        master = self.use(
            start_master(
                "-H", target.host, "-u", "4", "-r", "4", "-t", "3s", "-s", "4", "--expect-workers", "2", port=port
            )
        )  # fmt: skip
        workers = [stock_worker(VERSION, "shop.py", port=port), native_worker(SCENARIO, port=port)]
        return target, master, [self.use(worker) for worker in workers]

    def test_mixed_workers_under_either_master_lose_nothing(self):
        stock = functools.partial(stock_master, VERSION, "shop.py", "--headless")
        for target, master, workers in [self.start(native_master), self.start(stock)]:
            self.assertEqual(master.wait(timeout=45), 0, master.output())
            for worker in workers:
                self.assertEqual(worker.wait(), 0, worker.output())
            made = target.counts()["total"]
            self.assertGreater(made, 8)
            self.assertEqual(table(master.output(), "Aggregated"), (made, 0))


if __name__ == "__main__":
    unittest.main()
