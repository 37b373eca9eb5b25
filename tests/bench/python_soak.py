"""Starts and stops a test of Python users whose requests, tasks and greenlets fail, time out and are killed
(soak_users.py), again and again: memory of worker and master over time, and the greenlets that live. Fails
if a greenlet outlives its user or if memory grows. Prints Markdown."""

import argparse
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

from idle_memory import BUILD, Target
from processes import CLIENT_CORE, TARGET_CORE, end, free_port, rss_kib, start, wait_until

LOCUSTFILE = pathlib.Path(__file__).resolve().parent / "soak_users.py"
CORES = f"{CLIENT_CORE},{TARGET_CORE}"
WARM_UP = 0.25  # of the time
MAX_GROWTH_KIB = 1024  # of a process over the rest of the time
ROWS = 20
PATIENCE = 300  # seconds, for a machine that has other things to do


class Cluster:
    """A master that is steered by its web API, and a worker."""

    def __init__(self, folder, url):
        port, web_port = free_port(), free_port()
        self._logs = {who: folder / f"{who}.log" for who in ("worker", "master")}
        self._web = f"http://127.0.0.1:{web_port}"
        self.master = start(
            CORES, BUILD / "locust-master", "-f", LOCUSTFILE, "-H", url, "--master-bind-port", port,
            "--web-port", web_port, "--web-host", "127.0.0.1", **self._output("master"),
        )  # fmt: skip
        self.worker = start(
            CORES, BUILD / "locust-worker", "-f", LOCUSTFILE, "--master-port", port, **self._output("worker")
        )
        wait_until(self.alive, "the worker to count its greenlets")

    def _output(self, who):
        return {"stdout": self._logs[who].open("w"), "stderr": subprocess.STDOUT}

    def fail(self, why):
        ends = (f"-- {who}:\n{log.read_text()[-3000:]}" for who, log in self._logs.items())
        sys.exit("\n".join((f"bench: {why}", *ends)))

    def ask(self, path, data=None):
        body = None if data is None else urllib.parse.urlencode(data).encode()
        with urllib.request.urlopen(self._web + path, body, timeout=30) as response:
            return json.load(response)

    def alive(self):
        """What the worker has last said: users, greenlets of theirs, greenlets."""
        said = re.findall(r"^ALIVE (\d+) (\d+) (\d+)$", self._logs["worker"].read_text(), re.M)
        return tuple(map(int, said[-1])) if said else ()

    def wait_count(self, is_over=False):
        """Until no greenlet lives beside the users and theirs, and none at all once the test is over. It need not be so
        at once, because a greenlet that has ended goes in a later turn."""

        def found():
            present, children, greenlets = self.alive()
            return greenlets == (0 if is_over else present + children)

        try:
            wait_until(found, "", timeout=PATIENCE)
        except TimeoutError:
            present, children, greenlets = self.alive()
            when = "after" if is_over else "during"
            self.fail(f"{greenlets} greenlets {when} a test, of {present} users and {children} that they have spawned")

    def cycle(self, users, seconds):
        """One test: (requests, failures, RSS of worker and master in its last second)."""
        self.ask("/swarm", {"user_count": users, "spawn_rate": users})
        time.sleep(seconds)
        self.wait_count()
        memory = rss_kib(self.worker.pid), rss_kib(self.master.pid)
        total = next(row for row in self.ask("/stats/requests")["stats"] if row["name"] == "Aggregated")
        self.ask("/stop")
        self.wait_count(is_over=True)
        wait_until(lambda: self.ask("/stats/requests")["state"] == "stopped", "the test to end")
        return total["num_requests"], total["num_failures"], memory

    def stop(self):
        end(self.worker, self.master)


def growth(times, kib):
    """KiB that the line of best fit rises by."""
    return statistics.linear_regression(times, kib).slope * (times[-1] - times[0])


def soak(cluster, minutes, users, seconds):
    began = time.monotonic()
    samples = []  # (minutes, requests, failures, KiB of the worker, KiB of the master)
    while (passed := (time.monotonic() - began) / 60) < minutes:
        requests, failures, memory = cluster.cycle(users, seconds)
        samples.append((passed, requests, failures, *memory))
    return samples


def report(samples, minutes, users):
    requests, failures = (sum(column) for column in list(zip(*samples))[1:3])
    print(f"{minutes:g} minutes, {len(samples)} tests of {users} users, {requests:,} requests, {failures:,} failures\n")
    print("| minute | worker, KiB RSS | master, KiB RSS |")
    print("|---|---|---|")
    for minute, _, _, worker, master in samples[:: max(1, len(samples) // ROWS)]:
        print(f"| {minute:.1f} | {worker:,} | {master:,} |")
    print("\n- greenlets: in each test one per user and those that users had spawned, after it none, as required")
    steady = [sample for sample in samples if sample[0] >= minutes * WARM_UP]
    if len(steady) < 2:
        sys.exit("bench: too short to tell whether memory grows")
    times = [sample[0] for sample in steady]
    grows = False
    for who, column in (("worker", 3), ("master", 4)):
        kib = growth(times, [sample[column] for sample in steady])
        flat = kib <= MAX_GROWTH_KIB
        grows = grows or not flat
        print(
            f"- {who}: {kib:+,.0f} KiB in the last {times[-1] - times[0]:.1f} minutes, required at most "
            f"{MAX_GROWTH_KIB:,}: {'reached' if flat else 'NOT reached'}"
        )
    return not grows


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--users", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=5, help="length of a test")
    options = parser.parse_args()
    target = Target()
    try:
        with tempfile.TemporaryDirectory(prefix="locust-bench-") as folder:
            cluster = Cluster(pathlib.Path(folder), target.url)
            try:
                samples = soak(cluster, options.minutes, options.users, options.seconds)
            finally:
                cluster.stop()
    finally:
        target.stop()
    sys.exit(not report(samples, options.minutes, options.users))


if __name__ == "__main__":
    main()
