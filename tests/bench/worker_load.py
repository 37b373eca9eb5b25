"""HTTP load of one worker process beside its peers, each alone on core 0 with nginx on core 1.

Every user gets a JSON document of 200 bytes without a pause; where the client runs user scenarios it
checks the status and a field and keeps another field. Of each client the CPU time and, as nginx
counts them, the requests are read at both ends of a window that begins when all its users are
connected. Prints Markdown:

goals:  in alternating rounds at 64 users, what check and save add to the worker's CPU per request, and
        its ratio to the bare curl loop (tests/bench/bare_curl.cc).
tables: CPU per request, requests per second and memory of all clients, by scheme and number of users.

A client whose row cannot be measured says why in the table.
"""

import argparse
import os
import pathlib
import resource
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass

import worker_peers
from processes import TARGET_CORE, cpu_seconds, rss_kib, wait_until
from worker_peers import BARE_LOOP, OURS, OURS_PLAIN
from worker_target import WorkerTarget

GOAL_USERS = 64
MAX_CHECK_AND_SAVE = 1.10  # times the CPU per request without them
MAX_BARE = 1.25  # times the bare loop's CPU per request
MAX_MEMORY_KIB = 14 << 20  # a client that needs more is ended: the machine has other tenants
BURN_IN = 0.5  # seconds under load before the window


@dataclass
class Sample:
    """One window."""

    cpu_us: float  # of the client, per request
    rate: float  # requests per second
    target_percent: float  # of its core that the target used
    rss_kib: int


class Bench:
    def __init__(self, target, folder, seconds):
        self._target = target
        self._folder = folder
        self._seconds = seconds

    def measure(self, peer, scheme, users):
        """A Sample, or the text of what went wrong."""
        print(f"{scheme}, {users} users: {peer.name}", file=sys.stderr, flush=True)
        folder = pathlib.Path(tempfile.mkdtemp(dir=self._folder))
        ca = self._target.ca if scheme == "https" else None
        client = peer.start(worker_peers.Load(self._target.next_url(scheme), users, ca, folder))
        try:
            self._wait_until_loaded(client, users)
            return self._window(client)
        except (TimeoutError, RuntimeError) as e:
            return f"{e}: {client.last_error()[:100]}"
        finally:
            client.stop()
            shutil.rmtree(folder, ignore_errors=True)

    def _wait_until_loaded(self, client, users):
        wait_until(lambda: self._target.counts()[1] <= 1, "connections of the client before are gone", timeout=180)
        began = self._target.counts()[0]

        def loaded():
            self._check(client)
            requests, connections = self._target.counts()
            return connections >= users and requests > began + 2 * users

        wait_until(loaded, f"{users} users connected", timeout=60 + users / 50)
        time.sleep(BURN_IN)

    def _check(self, client):
        if client.process.poll() is not None:
            raise RuntimeError(f"ended with {client.process.returncode}")
        if rss_kib(client.pid) > MAX_MEMORY_KIB:
            raise RuntimeError(f"needs more than {MAX_MEMORY_KIB >> 20} GiB")

    def _read(self, client):
        return time.monotonic(), self._target.counts()[0], cpu_seconds(client.pid), self._target.cpu_seconds()

    def _window(self, client):
        before = self._read(client)
        time.sleep(self._seconds)
        self._check(client)
        wall, requests, cpu, target_cpu = (b - a for a, b in zip(before, self._read(client)))
        requests -= 1  # the count's own
        if requests < 100:
            raise RuntimeError(f"only {requests} requests in {wall:.1f} s")
        return Sample(1e6 * cpu / requests, requests / wall, 100 * target_cpu / wall, rss_kib(client.pid))


def spread(values, digits):
    values = sorted(values)
    text = f"{statistics.median(values):,.{digits}f}"
    return text if len(values) == 1 else f"{text} ({values[0]:,.{digits}f}-{values[-1]:,.{digits}f})"


def peer_named(name):
    return next(peer for peer in worker_peers.ALL if peer.name == name)


def goals(bench, schemes, rounds):
    """CPU per request of three clients that take turns, and their ratios within each round."""
    print(f"{GOAL_USERS} users, {rounds} alternating rounds: median (range)\n")
    print("| | worker, check and save: CPU us per request | worker without them | bare curl loop | first to second | second to third |")
    print("|---|---|---|---|---|---|")
    verdicts = []
    for scheme in schemes:
        by_name = {name: [] for name in (OURS, OURS_PLAIN, BARE_LOOP)}
        for _ in range(rounds):
            samples = {name: bench.measure(peer_named(name), scheme, GOAL_USERS) for name in by_name}
            for name, sample in samples.items():
                if isinstance(sample, str):
                    sys.exit(f"bench: {scheme}, {name}: {sample}")
                by_name[name].append(sample.cpu_us)
        checked, plain, bare = by_name.values()
        added = [a / b for a, b in zip(checked, plain)]
        to_bare = [a / b for a, b in zip(plain, bare)]
        print(
            f"| {scheme.upper()} | {spread(checked, 1)} | {spread(plain, 1)} | {spread(bare, 1)} "
            f"| {spread(added, 2)} | {spread(to_bare, 2)} |",
            flush=True,
        )
        verdicts.append((f"{scheme.upper()}: check and save", statistics.median(added), MAX_CHECK_AND_SAVE))
        verdicts.append((f"{scheme.upper()}: worker without them to the bare loop", statistics.median(to_bare), MAX_BARE))
    print()
    for what, ratio, most in verdicts:
        print(f"- {what}: {ratio:.2f}, required at most {most:.2f}: {'reached' if ratio <= most else 'NOT reached'}")


def table(bench, peers, scheme, users, rounds):
    """Prints one table and returns the samples by peer; peers take turns."""
    results = {peer.name: [] for peer in peers}
    for _ in range(rounds):
        for peer in peers:
            if not any(isinstance(sample, str) for sample in results[peer.name]):
                results[peer.name].append(bench.measure(peer, scheme, users))
    print(f"\n{scheme.upper()}, {users:,} users\n")
    print("| client | user scenario | CPU us per request | requests per CPU second | requests/s | target's core | RSS, MiB |")
    print("|---|---|---|---|---|---|---|")
    for peer in peers:
        samples = results[peer.name]
        scenario = "yes" if peer.runs_scenarios else "no"
        if isinstance(samples[-1], str):
            print(f"| {peer.name} | {scenario} | {samples[-1]} | | | | |")
            continue
        costs = [sample.cpu_us for sample in samples]
        busy = statistics.median(sample.target_percent for sample in samples)
        print(
            f"| {peer.name} | {scenario} | {spread(costs, 1)} | {1e6 / statistics.median(costs):,.0f} "
            f"| {spread([sample.rate for sample in samples], 0)} | {busy:.0f} % | {samples[-1].rss_kib / 1024:,.0f} |"
        )
    sys.stdout.flush()
    return {name: samples for name, samples in results.items() if not isinstance(samples[-1], str)}


def memory_table(peers, schemes, few, many, results):
    """KiB per user: what the runs of the most users hold more than those of the fewest."""
    print(f"\nKiB RSS per user under load: from {few:,} to {many:,} users\n")
    print("| client | " + " | ".join(scheme.upper() for scheme in schemes) + " |")
    print("|---" * (len(schemes) + 1) + "|")
    for peer in peers:
        cells = []
        for scheme in schemes:
            small, large = (results[scheme, users].get(peer.name) for users in (few, many))
            known = small and large
            cells.append(f"{(large[-1].rss_kib - small[-1].rss_kib) / (many - few):.1f}" if known else "")
        print(f"| {peer.name} | {' | '.join(cells)} |")


def ranking(peers, results):
    """Who makes the most requests per CPU second of the tools that run user scenarios."""
    tools = [peer.name for peer in peers if peer.runs_scenarios]
    print("\nTools that run user scenarios, by requests per CPU second:\n")
    for (scheme, users), by_name in results.items():
        costs = {name: statistics.median(s.cpu_us for s in by_name[name]) for name in tools if name in by_name}
        best = sorted(costs, key=costs.get)
        print(f"- {scheme.upper()}, {users:,} users: " + ", ".join(f"{name} {1e6 / costs[name]:,.0f}" for name in best))


def survey(bench, peers, schemes, counts, rounds):
    results = {}
    for scheme in schemes:
        for users in counts:
            # One turn is enough where the ramp takes longer than the window.
            results[scheme, users] = table(bench, peers, scheme, users, rounds if users < 1000 else 1)
    if len(counts) > 1:
        memory_table(peers, schemes, counts[0], counts[-1], results)
    ranking(peers, results)


def raise_file_limit(users):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard < users + 1000:
        sys.exit(f"bench: the hard limit of open files is {hard}; {users} users need more (ulimit -Hn, or --users)")
    return min(hard, 100_000)


def words(text):
    return text.split(",")


def main():
    parser = argparse.ArgumentParser(
        prog="scripts/bench worker", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--goal-rounds", type=int, default=9, help="rounds of the goals; 0 leaves them out")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each table; 0 leaves them out")
    parser.add_argument("--seconds", type=float, default=4, help="length of a window")
    parser.add_argument("--users", type=words, default=words("1,64,1000,10000"), help="numbers of users, ascending")
    parser.add_argument("--schemes", type=words, default=words("http,https"))
    parser.add_argument("--peers", type=words, default=[], help="only those whose names contain one of these words")
    options = parser.parse_args()
    counts = [int(users) for users in options.users]
    files = raise_file_limit(max(counts))
    os.sched_setaffinity(0, {TARGET_CORE})
    missing = [peer.name for peer in worker_peers.ALL if not peer.program.exists()]
    peers = [peer for peer in worker_peers.ALL if peer.name not in missing]
    if options.peers:
        peers = [peer for peer in peers if any(word in peer.name for word in options.peers)]

    with tempfile.TemporaryDirectory(prefix="locust-bench-") as folder:
        target = WorkerTarget(folder, files)
        try:
            bench = Bench(target, pathlib.Path(folder), options.seconds)
            if options.goal_rounds:
                goals(bench, options.schemes, options.goal_rounds)
            if options.rounds:
                survey(bench, peers, options.schemes, counts, options.rounds)
        finally:
            target.stop()
    left_out = dict.fromkeys(missing, "not installed (scripts/peers)") | worker_peers.LEFT_OUT
    print("\nLeft out: " + "; ".join(f"{name}: {why}" for name, why in left_out.items()))
    print("Verify no certificate: " + ", ".join(peer.name for peer in peers if peer.note))


if __name__ == "__main__":
    main()
