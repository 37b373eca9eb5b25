"""Links that are slow and lossy for a whole test, and a target that one worker cannot reach for some seconds.

Runs under run.sh and the Python of the conformance tests.
"""

import re
import time
import unittest

from cluster import PATHS, Cluster, harness
from harness import ConformanceTest, table
from topology import LOAD

CUT = 4.5  # seconds; from 3 s on the kernel knows that there is no route to the target


def median(output, name):
    """Response time in ms, from the table of percentiles."""
    return int(re.findall(rf"^GET +{name} +(\d+) .* \d+$", output, re.M)[-1])


def errors(output):
    """The texts of the report's last table of errors, and how often each came."""
    report = output.rsplit("Error report", 1)[-1]
    return {text.strip(): int(count) for count, text in re.findall(r"^(\d+) +(GET .*)$", report, re.M)}


class BadLinks(ConformanceTest):
    def finish(self, cluster):
        """The exit code of the master; workers end well."""
        code = cluster.master.wait(timeout=40)
        self.assertEqual([worker.wait() for worker in cluster.workers.values()], [0, 0], cluster.outputs())
        return code

    def test_delay_and_loss_falsify_nothing(self):
        cluster = self.use(Cluster(delay=0.05))
        cluster.net.lose("first", percent=3)
        cluster.start("-u", "20", "-r", "10", "-t", "8s")
        cluster.wait_for_users(10, 10)
        self.assertEqual(self.finish(cluster), 0, cluster.outputs())
        self.assertGreater(cluster.net.lost(), 10)

        output = cluster.master.output()
        served = cluster.served()
        self.assertEqual({name: table(output, name) for name in PATHS}, {name: (n, 0) for name, n in served.items()})
        self.assertEqual(table(output, "Aggregated"), (sum(served.values()), 0))
        self.assertEqual(cluster.master.lines("setting state to missing|were lost"), [])
        self.assertEqual({sight.users for sight in cluster.sights if sight.state == "running"}, {20})
        # There and back is twice the delay.
        self.assertGreaterEqual(median(output, "first"), 100)
        self.assertLess(median(output, "second"), 100)

    def test_a_target_out_of_reach_gives_stocks_errors_and_is_found_again(self):
        clusters = [self.use(Cluster(first=first, timeout=1)) for first in ("native", harness.newest())]
        for cluster in clusters:
            cluster.start("-u", "20", "-r", "20", "-t", "11s")
        for cluster in clusters:
            cluster.wait_for_users(10, 10)
            cluster.net.cut("first", LOAD)
        time.sleep(CUT)
        before = [cluster.served() for cluster in clusters]
        for cluster in clusters:
            cluster.net.mend("first", LOAD)
        for cluster, first_before in zip(clusters, (b["first"] for b in before)):
            self.assertEqual(self.finish(cluster), 1, cluster.outputs())  # there were failures
            self.assertEqual(cluster.master.lines("setting state to missing|were lost"), [])
            output, served = cluster.master.output(), cluster.served()
            requests, failures = table(output, "first")
            self.assertEqual(table(output, "second"), (served["second"], 0))
            self.assertEqual(table(output, "Aggregated"), (requests + served["second"], failures))
            # The target may have served what failed because the response was lost.
            self.assertGreaterEqual(served["first"], requests - failures)
            self.assertLessEqual(served["first"], requests)
            self.assertGreater(served["first"], first_before + 10, "the users are back")
            url = f"http://{cluster.net.address('target', LOAD)}:8080/"
            self.assertEqual(
                set(errors(output)),
                {
                    f"GET first: RetriesExceeded('{url}', 0, original=timed out)",
                    "GET first: OSError(113, 'No route to host')",
                },
            )
            self.assertEqual(sum(errors(output).values()), failures)


if __name__ == "__main__":
    unittest.main()
