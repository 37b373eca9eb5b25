"""Faults between a worker and our master, and clocks that are set: the counts and rates stay right."""

import unittest

import faults
import harness
from faults import FaultyTest
from harness import ConformanceTest

# Requests that were in flight when a connection was reset, and those of one report at most.
IN_FLIGHT = 8


class Faults(ConformanceTest):
    def assert_right(self, outcome, most_missing=IN_FLIGHT):
        self.assertEqual(outcome.exit_code, 0, outcome.output)
        self.assertLessEqual(outcome.difference, IN_FLIGHT, outcome.output)
        self.assertGreaterEqual(outcome.difference, -most_missing, outcome.output)
        self.assertGreater(outcome.served, 500, outcome.output)

    def run_half_open(self, kind):
        test = self.use(FaultyTest(kind))
        test.wait_until(5)
        test.link.half_open()
        return test.outcome()

    def test_a_half_open_link_does_not_lock_a_worker_out(self):
        outcome = self.run_half_open("native")
        self.assert_right(outcome)
        self.assertNotIn("does not answer", outcome.first)

    def test_nor_a_stock_worker(self):
        self.assert_right(self.run_half_open(harness.newest()))

    def test_a_link_that_is_cut_across_the_end_loses_nothing(self):
        test = self.use(FaultyTest(run_time=12))
        test.wait_until(10)
        test.link.cut()
        test.wait_until(18)
        test.link.mend()
        outcome = test.outcome()
        self.assert_right(outcome)
        self.assertIn("self-healed", outcome.output)

    @unittest.skipUnless(faults.FAKETIME, "libfaketime is not installed")
    def test_the_masters_clock_may_be_set_during_the_test(self):
        tests = [(step, self.use(FaultyTest(run_time=12, fake_clock=True))) for step in ("+3600", "-3600")]
        for step, test in tests:
            test.wait_until(5)
            test.clock.set(step)
        for step, test in tests:
            outcome = test.outcome()
            self.assert_right(outcome)
            self.assertAlmostEqual(outcome.requests_per_second, outcome.counted / 12, delta=outcome.counted / 60)
            self.assertIn("The clock of this machine was set 3600.0 s", outcome.output)
            self.assertNotIn("The clock of worker", outcome.output)

    @unittest.skipUnless(faults.FAKETIME, "libfaketime is not installed")
    def test_a_master_that_is_restarted_with_its_clock_behind_has_users(self):
        for kind in ("native", harness.newest()):
            with self.subTest(kind):
                test = self.use(FaultyTest(kind, run_time=10, fake_clock=True))
                test.wait_until(3)
                test.clock.set("-3600")
                test.restart_master()
                self.assertGreater(test.outcome().counted, 500)


def load_tests(_loader, tests, _pattern):
    return harness.SideBySide(tests)


if __name__ == "__main__":
    unittest.main()
