"""One Python locustfile (stock_users.py) on a worker of ours and on stock Locust: requests per CPU second,
in alternating rounds at 64 users, each client alone on core 0 with nginx on core 1, and the memory of a
worker of ours per idle user. Prints Markdown."""

import argparse
import os
import pathlib
import statistics
import sys
import tempfile

import idle_memory
from processes import TARGET_CORE, free_port, start
from worker_load import GOAL_USERS, Bench, raise_file_limit, spread
from worker_peers import BENCH, BUILD, STOCK, Client, Peer, stock
from worker_target import WorkerTarget

LOCUSTFILE = BENCH / "stock_users.py"
FAST, REQUESTS = "FastHttpUser", "HttpUser"
GOALS = ((FAST, 3), (REQUESTS, 10))  # times the requests per CPU second of stock with the same class
MAX_KIB_PER_USER = 60


def ours(user_class):
    def start_ours(load):
        port = free_port()
        master = start(
            TARGET_CORE, BUILD / "locust-master", "--headless", "--only-summary", "-u", load.users, "-r", load.users,
            "--master-bind-port", port, "-H", load.url, "-f", LOCUSTFILE, user_class,
        )  # fmt: skip
        return Client(load, [BUILD / "locust-worker", "-f", LOCUSTFILE, "--master-port", port], master)

    return start_ours


PEERS = [
    Peer(f"{who} {name}", True, how(user_class), STOCK)
    for name, user_class in ((FAST, "Fast"), (REQUESTS, "Requests"))
    for who, how in (("ours", ours), ("stock", stock))
]


def compare(bench, rounds):
    costs = {peer.name: [] for peer in PEERS}
    for _ in range(rounds):
        for peer in PEERS:
            sample = bench.measure(peer, "http", GOAL_USERS)
            if isinstance(sample, str):
                sys.exit(f"bench: {peer.name}: {sample}")
            costs[peer.name].append(sample.cpu_us)
    print(f"{GOAL_USERS} users, {rounds} alternating rounds: median (range)\n")
    print("| class | ours: CPU us per request | stock | requests per CPU second: ours | stock | ratio within a round |")
    print("|---|---|---|---|---|---|")
    verdicts = []
    for name, least in GOALS:
        own, theirs = costs[f"ours {name}"], costs[f"stock {name}"]
        ratios = [b / a for a, b in zip(own, theirs)]
        print(
            f"| {name} | {spread(own, 1)} | {spread(theirs, 1)} | {1e6 / statistics.median(own):,.0f} "
            f"| {1e6 / statistics.median(theirs):,.0f} | {spread(ratios, 1)} |",
            flush=True,
        )
        verdicts.append((name, statistics.median(ratios), least))
    print()
    for name, ratio, least in verdicts:
        print(f"- {name}: {ratio:.1f} times, required at least {least}: {'reached' if ratio >= least else 'NOT reached'}")


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench python", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="0 leaves the comparison out")
    parser.add_argument("--seconds", type=float, default=4, help="length of a window")
    parser.add_argument("--users", type=int, default=10_000, help="of the memory; 0 leaves it out")
    options = parser.parse_args()
    files = raise_file_limit(max(options.users, GOAL_USERS))
    os.sched_setaffinity(0, {TARGET_CORE})
    if options.rounds:
        with tempfile.TemporaryDirectory(prefix="locust-bench-") as folder:
            target = WorkerTarget(folder, files)
            try:
                compare(Bench(target, pathlib.Path(folder), options.seconds), options.rounds)
            finally:
                target.stop()
    if options.users:
        per_user = idle_memory.memory(options.users, BENCH / "idle.py")
        verdict = "reached" if per_user <= MAX_KIB_PER_USER else "NOT reached"
        print(f"- memory per user: {per_user:.1f} KiB, required at most {MAX_KIB_PER_USER}: {verdict}")


if __name__ == "__main__":
    main()
