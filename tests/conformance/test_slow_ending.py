"""Like test_ending: who else must not be waited for, and what is left when one of several processes is killed."""

import os
import signal
import time
import unittest

import harness
from ending import BLOCKS, BLOCKS_PYTHON, GRACE, SLACK, SPINS, EndingTest, stuck_master
from harness import RawMaster, free_port, wait_until

MASTER_GRACE = 60.0  # seconds beside the stop timeout, once it has taken up a signal


def load_tests(loader, tests, pattern):
    return harness.SideBySide(tests)


class StuckUsers(EndingTest):
    def test_nobody_outlives_a_master_that_is_killed(self):
        for file in (SPINS, BLOCKS):
            with self.subTest(file):
                run = self.run_here("locust", "--headless", "--only-summary", "-u", "2", "-r", "2", "--processes", "2", file=file)
                wait_until(lambda: len(set(run.lines("^STUCK"))) == 2, "users that are stuck")
                [master] = set(self.alive_of("locust-master")) - {run.pid}
                os.kill(master, signal.SIGKILL)
                killed = time.monotonic()
                self.assertEqual(run.wait(GRACE + SLACK), 128 + signal.SIGKILL, run.output())
                self.wait_until_nobody_is_left(killed)

    def test_a_worker_that_is_frozen_is_killed(self):
        run = self.run_here("locust", "--headless", "--only-summary", "-t", "2s", file=SPINS)
        run.wait_line("^STUCK")
        [worker] = self.alive_of("locust-worker")
        os.kill(worker, signal.SIGSTOP)
        self.assertEqual(run.wait(2 + 12 + GRACE + SLACK), 1, run.output())  # 12 s: it may come back
        self.assertTrue(run.lines(rf"^locust: locust-worker \(pid {worker}\) did not end in time and was killed"), run.output())
        self.assertTrue(run.lines(r"WARNING.* 1 worker\(s\) did not deliver their last report"), run.output())
        self.assertEqual(self.alive(), {})

    def test_processes_of_a_worker_that_are_frozen_are_killed(self):
        master = self.use(RawMaster())
        worker = self.run_here("locust-worker", "--processes", "2", "--master-port", master.port, file=SPINS)
        wait_until(lambda: len({m.id for m in master.recording.all("stats")}) == 2, "two workers")
        frozen = [pid for pid in self.alive() if pid != worker.pid][0]
        os.kill(frozen, signal.SIGSTOP)
        worker.signal(signal.SIGTERM)
        self.assertEqual(worker.wait(GRACE + SLACK), 1, worker.output())
        self.assertTrue(worker.lines(rf"^locust-worker: process \d of 2 \(pid {frozen}\) did not end in time and was killed"))
        self.assertEqual(self.alive(), {})

    def test_under_a_stock_master_and_by_a_signal_a_stuck_worker_ends_and_says_quit(self):
        for how in ("quit", "stop", signal.SIGTERM):
            with self.subTest(how):
                master = self.use(RawMaster())
                worker = self.run_here("locust-worker", "--master-port", master.port, file=BLOCKS_PYTHON)
                id = master.recording.wait("client_ready").id
                master.recording.wait("stats")
                master.spawn(id, {"U": 1}, stop_timeout=1.0)
                worker.wait_line("^STUCK")
                began = time.monotonic()
                worker.signal(how) if how == signal.SIGTERM else master.send(id, how)
                self.assertEqual(worker.wait(1 + GRACE + SLACK), 1, worker.output())
                self.assertGreater(time.monotonic() - began, GRACE - 1)
                self.assertIsNone(master.recording.wait("quit").data)

    def test_a_worker_elsewhere_is_named_by_its_master(self):
        port = free_port()
        master = self.run_here(
            "locust-master", "--headless", "--only-summary", "-t", "2s", "-u", "2", "-r", "2", "--expect-workers", "2",
            "--master-bind-port", port, file=SPINS,
        )  # fmt: skip
        workers = [self.run_here("locust-worker", "--master-port", port, file=SPINS) for _ in range(2)]
        self.assertEqual(master.wait(harness.DEADLINE + GRACE), 1, master.output())
        self.assertTrue(master.lines(r"2 worker\(s\) ended without their last report.*locustfile.py:8 in t"), master.output())
        self.assertEqual([worker.wait() for worker in workers], [1, 1])

    def test_a_master_that_is_stuck_after_it_has_taken_up_the_signal_ends_later(self):
        port = free_port()
        file = stuck_master("stop")
        master = self.run_here("locust-master", "--headless", "--only-summary", "--master-bind-port", port, file=file)
        worker = self.run_here("locust-worker", "--master-port", port, file=file)
        master.wait_line("All users spawned")
        signalled = time.monotonic()
        master.signal(signal.SIGTERM)
        self.assertEqual(master.wait(MASTER_GRACE + SLACK), 1, master.output())
        self.assertGreater(time.monotonic() - signalled, MASTER_GRACE - 2)
        self.assertTrue(master.lines("ends now: held up by .*locustfile.py:13 in stuck"), master.output())
        self.assertEqual(worker.wait(), 0, worker.output())


if __name__ == "__main__":
    unittest.main()
