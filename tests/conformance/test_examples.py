"""Every file of examples/, as a user runs it: `locust --dry-run` and a short headless test, against the
sample server, which must have answered exactly the requests that are reported. A new file is picked up
by itself."""

import json
import re
import signal
import tempfile
import unittest
import urllib.request

import harness
from harness import BUILD, ConformanceTest, Process, wait_until

EXAMPLES = sorted((harness.ROOT / "examples").glob("*.yaml"))
DEADLINE = 60.0  # all examples run at the same time


def start_target():
    target = Process([BUILD / "locust-target", "--port", "0"])
    address = target.wait_line(r"^listening on ").removeprefix("listening on ")
    return target, f"http://{address}"


def counts(url):
    with urllib.request.urlopen(f"{url}/_counts", timeout=harness.DEADLINE) as response:
        return json.load(response)


class Examples(ConformanceTest):
    def test_each_example_runs_dry(self):
        target, url = start_target()
        self.use(target)
        runs = {file.name: self.use(Process([BUILD / "locust", "--dry-run", "-f", file, "-H", url])) for file in EXAMPLES}
        self.assertGreaterEqual(len(runs), 11)
        for name, run in runs.items():
            with self.subTest(name):
                self.assertEqual(run.wait(DEADLINE), 0, run.output())
                self.assertRegex(run.output(), r"\n[1-9]\d* requests?, 0 failed, 0 exceptions\n$")

    def test_each_example_runs_headless_and_reports_what_the_target_saw(self):
        runs = []
        for file in EXAMPLES:
            target, url = start_target()
            self.use(target)
            # Tasks are finished, so that no request is cancelled that the target has counted. A shape would go on.
            shape = ["--shape", "none"] if re.search(r"^shapes?:", file.read_text(), re.M) else []
            runs.append((file, url, self.use(Process(
                [BUILD / "locust", "--headless", "--only-summary", "-f", file, "-H", url, "-u", "2", "-r", "2",
                 "-t", "2s", "-s", "20", *shape]))))  # fmt: skip
        for file, url, run in runs:
            with self.subTest(file.name):
                self.assertEqual(run.wait(DEADLINE), 0, run.output())
                requests, failures = re.findall(r"^\s*Aggregated\s+(\d+)\s+(\d+)\(", run.output(), re.M)[-1]
                self.assertEqual(int(failures), 0, run.output())
                self.assertGreater(int(requests), 0)
                self.assertEqual(counts(url)["total"], int(requests), run.output())


class DryRun(ConformanceTest):
    def run_dry(self, *args):
        return self.use(Process([BUILD / "locust-worker", "--dry-run", *args]))

    def test_exit_codes(self):
        target, url = start_target()
        self.use(target)
        shop = harness.ROOT / "examples" / "shop.yaml"
        chosen = self.run_dry("-f", shop, "-H", url, "AuthenticatedUser")
        self.assertEqual(chosen.wait(), 0, chosen.output())
        self.assertIn("AuthenticatedUser.get_dashboard", chosen.output())
        self.assertNotIn("ShopUser", chosen.output())
        down = self.run_dry("-f", shop, "-H", f"http://127.0.0.1:{harness.free_port()}")
        self.assertEqual(down.wait(), 1)
        self.assertIn("FAILED: GET /api/products: ConnectionRefusedError(111, 'Connection refused')", down.output())
        for args in (
            ("-f", "/nonexistent.yaml"),
            ("-f", shop, "NoSuchUser"),
            ("-f", shop, "--iterations", "0"),
            ("-f", shop, "--nope"),
        ):
            self.assertEqual(self.run_dry(*args).wait(), 2, args)
        self.assertEqual(self.use(Process([BUILD / "locust-worker", "-f", shop, "ShopUser"])).wait(), 2)

    def test_iterations_reach_a_token_that_has_expired(self):
        target, url = start_target()
        self.use(target)
        run = self.run_dry("-f", harness.ROOT / "examples" / "oauth_refresh.yaml", "-H", url, "--iterations", "6")
        self.assertEqual(run.wait(), 0, run.output())
        self.assertEqual(len(run.lines("^ApiUser.list_orders$")), 6)
        self.assertEqual(len(run.lines("^  retry 1 of 1$")), 3)  # a token is good for 3 of 12 requests and 3 retries
        self.assertEqual(counts(url)["statuses"]["401"], 3)

    def test_a_signal_ends_it_at_once(self):
        target, url = start_target()
        self.use(target)
        stalled = tempfile.NamedTemporaryFile("w", suffix=".yaml")
        self.addCleanup(stalled.close)
        stalled.write("users: {U: {tasks: {t: [get: \"/slow?ms=60000\"]}}}\n")
        stalled.flush()
        for number in (signal.SIGINT, signal.SIGTERM):
            run = self.run_dry("-f", stalled.name, "-H", url)
            run.wait_line(r"1 > GET .*/slow")
            wait_until(lambda: counts(url)["in_flight"] > 0, "the request to be under way")
            run.signal(number)
            self.assertEqual(run.wait(5), 1)
            self.assertIn("Interrupted", run.output())
            wait_until(lambda: counts(url)["in_flight"] == 0, "the request to be given up")


if __name__ == "__main__":
    unittest.main()
