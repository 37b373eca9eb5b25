"""docs/conformance.md statements 5, 11 and 12 in real time: a native worker and a master that falls silent.

All of them wait at the same time; the longest takes five minutes.
"""

import time
import unittest

import harness
from harness import ConformanceTest, RawMaster, native_worker, wait_until

SCENARIO = harness.ROOT / "tests" / "conformance" / "scenarios" / "mixed.yaml"


class SilentMasters(ConformanceTest):
    """Every worker has a master of its own, and all of them are silent from the beginning on."""

    @classmethod
    def setUpClass(cls):
        cls.deaf = cls.own(RawMaster(polite=False))
        cls.ignored = cls.own(native_worker(SCENARIO, port=cls.deaf.port))
        cls.deaf.recording.wait("client_ready")
        cls.abandoned = cls.connected_pair()
        cls.armless = cls.connected_pair()
        cls.stopping = cls.connected_pair()

        # 11: three heartbeats are answered, and none after that. 12: the same, and a stop at once,
        # whose end the worker waits for longer than the silence may last.
        cls.fell_silent = time.monotonic()
        for master, worker, id in (cls.abandoned, cls.stopping):
            for _ in range(3):
                master.send(id, "heartbeat")
        master, worker, id = cls.stopping
        master.spawn(id, {"Shop": 1}, stop_timeout=70.0, host="http://127.0.0.1:1")
        master.recording.wait("spawning_complete")
        master.send(id, "stop")
        cls.stop_sent = time.monotonic()

    @classmethod
    def connected_pair(cls):
        """A worker with its ack from a master that answers no heartbeat."""
        master = cls.own(RawMaster(polite=False))
        worker = cls.own(native_worker(SCENARIO, port=master.port))
        id = master.recording.wait("client_ready").id
        master.send(id, "ack", {"index": 0})
        master.recording.wait("stats")
        return master, worker, id

    def test_05_client_ready_is_repeated_sixty_one_times(self):
        self.assertNotEqual(self.ignored.wait(timeout=330), 0)
        sent = self.deaf.recording.all("client_ready")
        self.assertEqual(len(sent), 61)
        for before, after in zip(sent, sent[1:]):
            self.assertAlmostEqual(after.t - before.t, 5.0, delta=0.5)
        self.assertEqual(set(m.type for m in self.deaf.recording.all()), {"client_ready"})

    def test_11_a_silent_master_is_given_up_after_sixty_seconds(self):
        master, worker, id = self.abandoned
        quit = master.recording.wait("quit", timeout=75)
        self.assertAlmostEqual(quit.t - self.fell_silent, 61, delta=2)
        self.assertEqual(worker.wait(), 0)
        self.assertTrue(worker.lines("Didn't get heartbeat from master in over 60s"))

    def test_11_a_master_that_never_answers_is_never_given_up(self):
        master, worker, id = self.armless
        wait_until(lambda: time.monotonic() - self.fell_silent > 75, "the window", timeout=90)
        self.assertTrue(worker.alive())
        self.assertEqual(master.recording.all("quit"), [])

    def test_12_silence_counts_again_only_after_a_stop(self):
        master, worker, id = self.stopping
        ready = master.recording.wait("client_ready", count=2, timeout=90)
        self.assertAlmostEqual(ready.t - self.stop_sent, 70, delta=3)
        quit = master.recording.wait("quit", timeout=75)
        self.assertAlmostEqual(quit.t - ready.t, 61, delta=2)
        self.assertEqual(worker.wait(), 0)


if __name__ == "__main__":
    unittest.main()
