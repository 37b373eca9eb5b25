"""Runs that must end although code of the test never gives control back: who is stuck is ended and named, the exit
code says it, and no process is left behind. And SIGHUP, which ends a run as SIGTERM does."""

import os
import signal
import time
import unittest

import ending
import harness
from ending import BLOCKS_PYTHON, DEADLOCK, GRACE, SLACK, SPINS, EndingTest, stuck_master
from harness import Target, wait_until

SHOP = harness.ROOT / "tests" / "conformance" / "scenarios" / "shop.yaml"


def load_tests(loader, tests, pattern):
    return harness.SideBySide(tests)


class StuckUsers(EndingTest):
    def test_a_user_that_spins_is_ended_after_the_run_and_named(self):
        run = self.run_here("locust", "--headless", "--only-summary", "-t", "2s", file=SPINS)
        self.assertEqual(run.wait(2 + GRACE + SLACK), 1, run.output())
        held_up_by = rf"{self.folder}/locustfile\.py:8 in t"
        self.assertTrue(run.lines(f"ERROR/locust.runners: The users of this worker did not stop in time; .*held up by {held_up_by}"))
        self.assertTrue(
            run.lines(
                r"WARNING/locust.main: 1 worker\(s\) ended without their last report, because their users did not stop "
                rf"in time; .* is missing: \S+ \(index 0, (last report \d+ s before|no report in this test)\): {held_up_by}"
            ),
            run.output(),
        )
        self.assertTrue(run.lines(r"Shutting down \(exit code 1\)"))
        self.wait_until_nobody_is_left(time.monotonic() - GRACE)

    def test_users_that_block_python_itself_are_ended_after_their_stop_timeout(self):
        run = self.run_here(
            "locust", "--headless", "--only-summary", "-t", "1s", "-s", "2", "-u", "2", "-r", "2", "--processes", "2", file=BLOCKS_PYTHON
        )
        self.assertEqual(run.wait(1 + 2 + GRACE + SLACK), 1, run.output())
        self.assertGreater(time.monotonic() - run.started, 2 + GRACE - 1)
        self.assertTrue(
            run.lines(r"2 worker\(s\) ended without .*: code of an extension that does not release Python's lock"), run.output()
        )
        self.wait_until_nobody_is_left(time.monotonic() - GRACE)

    def test_nobody_outlives_a_launcher_that_is_killed(self):
        run = self.run_here("locust", "--headless", "--only-summary", "-u", "2", "-r", "2", "--processes", "2", file=SPINS)
        wait_until(lambda: len(set(run.lines("^STUCK"))) == 2, "users that are stuck")
        self.assertEqual(len(self.alive()), 5)  # with the master, and the parent of the workers
        run.signal(signal.SIGKILL)
        self.wait_until_nobody_is_left(time.monotonic())

    def test_a_second_interrupt_does_not_wait_for_them(self):
        run = self.run_here("locust", "--headless", "--only-summary", file=BLOCKS_PYTHON)
        run.wait_line("^STUCK")
        run.signal(signal.SIGINT)
        time.sleep(0.5)  # two within a moment are one
        run.signal(signal.SIGINT)
        self.assertEqual(run.wait(GRACE - 3), 0, run.output())
        self.wait_until_nobody_is_left(time.monotonic() - GRACE)


class StuckMasters(EndingTest):
    """Signals are the business of the thread that is stuck."""

    ENDED = "CRITICAL/locust.main: This process did not end in time and ends now: held up by "

    def start_master(self, file, *args):
        port = harness.free_port()
        master = self.run_here("locust-master", "--headless", "--only-summary", "--master-bind-port", port, *args, file=file)
        worker = self.run_here("locust-worker", "--master-port", port, file=file)
        master.wait_line("^STUCK")
        return master, worker

    def test_a_master_alone_ends_by_a_signal_and_says_what_held_it_up(self):
        for file, number in (
            (stuck_master("start"), signal.SIGTERM),
            (stuck_master("tick"), signal.SIGINT),
            (stuck_master("start", DEADLOCK), signal.SIGHUP),
        ):
            with self.subTest(file):
                master, worker = self.start_master(file, "-s", "1")
                signalled = time.monotonic()
                master.signal(number)
                self.assertEqual(master.wait(1 + GRACE + SLACK), 1, master.output())
                self.assertGreater(time.monotonic() - signalled, 1 + GRACE - 1)
                self.assertTrue(master.lines(rf"{self.ENDED}{self.folder}/locustfile\.py:13 in stuck$"), master.output())
                worker.stop()

    def test_one_of_several_processes_ends_with_the_others(self):
        run = self.run_here("locust", "--headless", "--only-summary", file=stuck_master("tick"))
        run.wait_line("^STUCK")
        run.signal(signal.SIGTERM)
        self.assertEqual(run.wait(GRACE + SLACK), 1, run.output())
        self.assertTrue(run.lines(self.ENDED), run.output())
        self.wait_until_nobody_is_left(time.monotonic() - GRACE)

    def test_nobody_outlives_a_launcher_that_is_killed(self):
        run = self.run_here("locust", "--headless", "--only-summary", file=stuck_master("start", DEADLOCK))
        run.wait_line("^STUCK")
        run.signal(signal.SIGKILL)
        self.wait_until_nobody_is_left(time.monotonic())

    def test_one_that_comes_back_ends_as_usual(self):
        master, worker = self.start_master(stuck_master("start", "ctypes.CDLL(None).sleep(3)"))
        master.signal(signal.SIGTERM)
        self.assertEqual(master.wait(), 0, master.output())
        self.assertTrue(master.lines("Got SIGTERM signal"))
        self.assertEqual(worker.wait(), 0, worker.output())


class Hangups(EndingTest):
    def setUp(self):
        super().setUp()
        self.target = self.use(Target())

    def start(self, program, *args, **how):
        return self.run_here(program, "-f", SHOP, "-H", self.target.host, *args, **how)

    def test_a_hangup_ends_a_run_as_sigterm_does(self):
        for processes in ("1", "2"):
            with self.subTest(processes=processes):
                run = self.start(
                    "locust", "--headless", "--only-summary", "-u", "2", "--html", "r.html", "--processes", processes
                )
                run.wait_line("All users spawned")
                run.signal(signal.SIGHUP)
                self.assertEqual(run.wait(), 0, run.output())
                self.assertTrue(run.lines("Got SIGHUP signal"))
                self.assertEqual(run.lines("did not deliver"), [])
                self.assertTrue((self.folder / "r.html").exists())
                self.assertEqual(self.alive(), {})

    def test_a_terminal_that_is_closed_ends_it_too(self):
        keyboard, terminal = os.openpty()

        def own_terminal():
            os.setsid()
            harness.make_controlling_terminal(terminal)

        run = self.start("locust", "--headless", "--only-summary", "--json-file", "r", stdin=terminal, preexec_fn=own_terminal)
        run.wait_line("All users spawned")
        os.close(terminal)
        os.close(keyboard)
        self.assertEqual(run.wait(), 0, run.output())
        self.assertTrue((self.folder / "r.json").exists())
        self.assertEqual(self.alive(), {})

    def test_masters_with_a_page_and_workers_end_by_it(self):
        port = harness.free_port()
        master = self.start("locust-master", "--web-port", "0", "--master-bind-port", port, "--autostart", "-u", "2", "--expect-workers", "3")
        workers = [
            self.start("locust-worker", "--master-port", port),
            self.start("locust-worker", "--master-port", port, "--processes", "2"),
        ]
        master.wait_line("All users spawned")
        workers[0].signal(signal.SIGHUP)
        self.assertEqual(workers[0].wait(), 0, workers[0].output())
        master.wait_line("Worker '.*' .* quit")
        workers[1].signal(signal.SIGHUP)
        self.assertEqual(workers[1].wait(), 0, workers[1].output())
        master.signal(signal.SIGHUP)
        self.assertEqual(master.wait(), 0, master.output())
        self.assertEqual(master.lines("did not deliver"), [])

    def test_under_nohup_it_is_ignored(self):
        def ignore():
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

        run = self.start("locust", "--headless", "--only-summary", "--processes", "2", "-u", "2", preexec_fn=ignore)
        run.wait_line("All users spawned")
        for pid in self.alive():
            os.kill(pid, signal.SIGHUP)
        before = self.target.counts()["total"]
        wait_until(lambda: self.target.counts()["total"] > before + 5, "requests after the hangup")
        run.signal(signal.SIGTERM)
        self.assertEqual(run.wait(), 0, run.output())
        self.assertEqual(run.lines("SIGHUP"), [])


if __name__ == "__main__":
    unittest.main()
