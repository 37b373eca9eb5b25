"""HTTP load of one worker process beside its peers: CPU per request, and memory per idle user.

http:   64 users without wait, a small GET, client on core 0, locust-target on core 1. The peers take
        turns for some rounds; for each, the CPU time of the process and the target's own count are
        read at both ends of a window. Prints the median and range of each peer, and of the ratio to
        the bare curl loop of the same round.
memory: RSS of a worker before and after 10,000 users have made one request each and wait.
"""

import argparse
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import json

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release"
BENCH = pathlib.Path(__file__).resolve().parent
STOCK = pathlib.Path(sys.executable).with_name("locust")
TICKS = os.sysconf("SC_CLK_TCK")


def start(core, *argv, **kwargs):
    return subprocess.Popen(
        ["taskset", "-c", str(core), *map(str, argv)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **kwargs
    )


def end(process):
    process.send_signal(signal.SIGKILL)
    process.wait()


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss_kib(pid):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(condition, what, timeout=60):
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"bench: not within {timeout} s: {what}")
        time.sleep(0.05)


class Target:
    def __init__(self):
        self.output = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(["taskset", "-c", "1", str(BUILD / "locust-target"), "--port", "0"], stdout=self.output)
        wait_until(lambda: self._line(), "locust-target")
        self.url = "http://" + self._line().split()[-1]

    def _line(self):
        self.output.seek(0)
        return self.output.read().strip()

    def counts(self):
        return json.load(urllib.request.urlopen(self.url + "/_counts", timeout=30))


def with_worker(target, scenario, users, body, before=lambda pid: None):
    """Runs `body(worker pid)` while a native worker runs that many users, `before(pid)` while it has none."""
    port = free_port()
    worker = start(0, BUILD / "locust-worker", "-f", BENCH / scenario, "--master-port", port)
    time.sleep(1)
    before(worker.pid)
    master = start(1, BUILD / "locust-master", "--headless", "--only-summary", "-u", users, "-r", users,
                   "--master-bind-port", port, "-H", target.url, "-f", BENCH / scenario)  # fmt: skip
    try:
        return body(worker.pid)
    finally:
        end(worker)
        end(master)


def window(target, pid, seconds):
    """CPU microseconds per request and requests per CPU second of a running client."""
    before = target.counts()["total"]
    wait_until(lambda: target.counts()["total"] > before + 2000, "requests")
    requests, cpu = target.counts()["total"], cpu_seconds(pid)
    time.sleep(seconds)
    requests, cpu = target.counts()["total"] - requests, cpu_seconds(pid) - cpu
    return 1e6 * cpu / requests


def measure(peer, target, seconds):
    limit = str(int(seconds + 30))
    if peer == "locust-worker":
        return with_worker(target, "fast.yaml", 64, lambda pid: window(target, pid, seconds))
    if peer == "wrk":
        client = start(0, "wrk", "-t1", "-c64", f"-d{limit}s", target.url + "/")
    elif peer == "bare curl loop":
        client = start(0, BUILD / "bench_bare_curl", "--users", 64, "--seconds", limit, "--url", target.url + "/")
    else:
        client = start(0, STOCK, "-f", BENCH / "fast.py", "--headless", "-u", 64, "-r", 64, "-t", limit, "-H", target.url)
    try:
        return window(target, client.pid, seconds)
    finally:
        end(client)


def http(rounds, seconds):
    peers = ["bare curl loop", "locust-worker", "wrk", "stock FastHttpUser"]
    target = Target()
    results = {peer: [] for peer in peers}
    try:
        for n in range(rounds):
            for peer in peers:
                results[peer].append(measure(peer, target, seconds))
    finally:
        end(target.process)
    print(f"{rounds} rounds of {seconds:g} s each\n")
    print("| client | CPU us per request: median (range) | ratio to the bare loop: median (range) |")
    print("|---|---|---|")
    for peer in peers:
        costs = results[peer]
        ratios = [cost / bare for cost, bare in zip(costs, results[peers[0]])]
        print(
            f"| {peer} | {statistics.median(costs):.1f} ({min(costs):.1f}-{max(costs):.1f}) "
            f"| {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}) |"
        )
    faster = [stock / ours for stock, ours in zip(results[peers[3]], results[peers[1]])]
    print(f"\nrequests per CPU second, locust-worker to stock FastHttpUser: {statistics.median(faster):.1f} times")


def memory(users):
    target = Target()

    before = []

    def body(pid):
        wait_until(lambda: target.counts()["total"] >= users, f"{users} requests", timeout=120)
        time.sleep(1)
        open_connections = target.counts()["connections"]["open"]
        per_user = (rss_kib(pid) - before[0]) / users
        print(f"{users} idle users, {open_connections - 1} connections: {per_user:.1f} KiB RSS per user")

    try:
        with_worker(target, "idle.yaml", users, body, lambda pid: before.append(rss_kib(pid)))
    finally:
        end(target.process)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["http", "memory"])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--users", type=int, default=10_000)
    options = parser.parse_args()
    if options.what == "http":
        http(options.rounds, options.seconds)
    else:
        memory(options.users)


if __name__ == "__main__":
    main()
