"""As many connected users as a hard file limit of 20,000 leaves room for: 18,000 in one worker process, and
30,000 in two, which also are more than one pair of addresses has ports for."""

import time
import unittest

from harness import Target, wait_until
import test_scale

SLOW = 60  # seconds; a busy machine accepts a few thousand connections per second


class MostUsers(test_scale.ScaleTest):
    def test_eighteen_thousand_connected_users_in_one_process(self):
        self.needs_files(18_000)
        self.start()
        began = time.monotonic()
        for users in (9_000, 18_000):  # as a master that spawns about 10,000 users/s
            step = self.spawn({"Idle": users}, host=self.target.host)
            wait_until(lambda: time.monotonic() - step > 1, "the next second")
        wait_until(lambda: self.connections(self.target) == 18_000, "18,000 connections", timeout=SLOW)
        self.assert_heartbeats_came(began)
        self.assertEqual(self.quit(), (18_000, 0))
        self.assertEqual(self.target.counts()["total"], 18_000)

    def test_thirty_thousand_in_two_processes_to_two_targets_from_two_addresses(self):
        self.needs_files(15_000)
        targets = [self.use(Target()) for _ in range(2)]
        self.start("--processes", "2", processes=2, env={"NORTH": targets[0].host, "SOUTH": targets[1].host})
        began = self.spawn({"North": 7_500, "South": 7_500})
        for target in targets:
            wait_until(lambda: self.connections(target) == 15_000, "15,000 connections", timeout=SLOW)
        self.assert_heartbeats_came(began)
        self.assertEqual(self.quit(), (30_000, 0))
        self.assertEqual([target.counts()["total"] for target in targets], [15_000, 15_000])


if __name__ == "__main__":
    unittest.main()
