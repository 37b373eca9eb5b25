"""Many workers on one native master, played by bench_swarm (tests/bench/swarm.cc): nobody is taken for missing,
no request of theirs is lost, memory follows their number."""

import json
import re
import unittest
from pathlib import Path

import harness
from harness import ConformanceTest, Process, native_master, table

USERS_PER_WORKER = 200
RSS_PER_WORKER = 128 << 10  # bytes, most of it ZeroMQ's
RSS_OF_A_MASTER = 64 << 20


def rss(pid):
    return int(re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1]) << 10


class MasterScaleTest(ConformanceTest):
    def hold(self, workers, deadline):
        """A test of fifteen seconds, with five for the ramp."""
        port = harness.free_port()
        users = workers * USERS_PER_WORKER
        master = self.use(
            native_master("--only-summary", "--expect-workers", workers, "-u", users, "-r", users / 5, "-t", "15s", port=port)
        )
        swarm = self.use(Process([harness.BUILD / "bench_swarm", "--port", port, "--workers", workers]))
        master.wait_line("All users spawned|Spawning is complete", timeout=deadline)
        self.assertLess(rss(master.pid), RSS_OF_A_MASTER + workers * RSS_PER_WORKER)
        self.assertEqual(master.wait(timeout=deadline), 0, master.output())
        self.assertEqual(swarm.wait(timeout=deadline), 0)
        done = json.loads(swarm.output().splitlines()[-1])
        self.assertEqual((done["workers"], done["quit"], done["dropped"]), (workers, workers, 0))
        self.assertGreater(done["requests"], workers * 20 * 30)
        self.assertEqual(table(master.output(), "Aggregated"), (done["requests"], 0))
        self.assertEqual(master.lines("setting state to missing|did not deliver"), [])


class ManyWorkers(MasterScaleTest):
    def test_71_three_hundred_workers(self):
        self.hold(300, deadline=60)


if __name__ == "__main__":
    unittest.main()
