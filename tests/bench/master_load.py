"""CPU of one master process per worker, ours beside stock's and beside a bare ROUTER socket that throws
away what it reads (tests/bench/bare_router.cc: the floor over libzmq), on core 0 with all workers on
core 1.

The workers are those of bench_swarm (tests/bench/swarm.cc): one process, a ZeroMQ connection each, a
heartbeat each second and a report of 20 request names each three seconds. Of each master the CPU time
is read at both ends of a window that begins when all users are spawned. Prints Markdown: the median
of some alternating rounds, how many workers it took for missing and, of ours, how many requests that
the workers reported its total lacks at the end. A master that does not come so far says why.

Exit code 1 if ours needs more than half a core at 5,000 workers, or lost a report.
"""

import argparse
import json
import pathlib
import re
import signal
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass

from processes import CLIENT_CORE, TARGET_CORE, cpu_seconds, end, free_port, rss_kib, start, wait_until

BENCH = pathlib.Path(__file__).resolve().parent
BUILD = BENCH.parents[1] / "build" / "release"
STOCK = pathlib.Path(sys.executable).with_name("locust")
OURS, FLOOR, STOCKS = "locust-master", "bare ROUTER", f"stock {STOCK.parents[1].name}"
MOST_WORKERS = 5_000
HALF_A_CORE = 0.5
USERS_PER_WORKER = 200
BURN_IN = 4  # seconds; more than a report's period
SPAWNED = re.compile(r"All users spawned|Spawning is complete")


@dataclass
class Sample:
    """One window."""

    cores: float
    rss_kib: int
    missing: int  # workers taken for missing
    lost: int  # requests; only of ours: stock's master has been seen not to end


def start_master(name, port, workers, output):
    users = workers * USERS_PER_WORKER
    if name == FLOOR:
        command = [BUILD / "bench_bare_router", "--port", port, "--workers", workers, "--users", USERS_PER_WORKER]
        return start(CLIENT_CORE, *command, stdout=output, stderr=output)
    options = ["--headless", "--only-summary", "--master-bind-port", port, "--expect-workers", workers,
               "-u", users, "-r", users / 5]  # fmt: skip
    command = [BUILD / "locust-master"] if name == OURS else [STOCK, "--master", "-f", BENCH / "swarm.py"]
    return start(CLIENT_CORE, *command, *options, stdout=output, stderr=output)


def measure(name, workers, seconds, limit):
    """A Sample, or the text of what went wrong."""
    print(f"{workers} workers: {name}", file=sys.stderr, flush=True)
    with tempfile.NamedTemporaryFile("w+") as log, tempfile.NamedTemporaryFile("w+") as said:
        port = free_port()
        master = start_master(name, port, workers, log)
        swarm = start(TARGET_CORE, BUILD / "bench_swarm", "--port", port, "--workers", workers,
                      "--max-seconds", 3 * limit, stdout=said)  # fmt: skip

        def output():
            return pathlib.Path(log.name).read_text(errors="replace")

        try:
            wait_until(lambda: SPAWNED.search(output()), f"{workers} workers with all users", timeout=limit)
            time.sleep(BURN_IN)
            began, cpu = time.monotonic(), cpu_seconds(master.pid)
            time.sleep(seconds)
            cores = (cpu_seconds(master.pid) - cpu) / (time.monotonic() - began)
            sample = Sample(cores, rss_kib(master.pid), output().count("setting state to missing"), 0)
            if name == OURS:
                master.send_signal(signal.SIGINT)
                wait_until(lambda: master.poll() is not None, "the end of the master", timeout=limit)
                wait_until(lambda: swarm.poll() is not None, "the end of the workers", timeout=limit)
                done = json.loads(pathlib.Path(said.name).read_text().splitlines()[-1])
                sample.lost = done["requests"] - int(re.search(r"Aggregated +(\d+)", output())[1])
            return sample
        except TimeoutError as e:
            return str(e)
        finally:
            end(master, swarm)


def median(samples, value):
    return statistics.median(value(sample) for sample in samples)


def row(name, workers, results):
    """Markdown, with how often our CPU (the ratio of each round) its own is."""
    failures = [result for result in results[name] if isinstance(result, str)]
    if failures:
        return f"| {workers} | {name} | {failures[0]} | | | | |"
    cores = median(results[name], lambda s: s.cores)
    ratio = "-"
    if name != OURS and all(isinstance(result, Sample) for result in results[OURS]):
        ratios = [peer.cores / max(ours.cores, 1e-6) for ours, peer in zip(results[OURS], results[name])]
        ratio = f"{statistics.median(ratios):.2f}"
    rss = median(results[name], lambda s: s.rss_kib) / 1024
    missing = max(s.missing for s in results[name])
    lost = max(s.lost for s in results[name]) if name == OURS else "-"
    return (
        f"| {workers} | {name} | {100 * cores:.1f} % | {1e6 * cores / workers:.0f} | {ratio} "
        f"| {rss:.0f} MiB | {missing} / {lost} |"
    )


def compare(workers, with_stock, options):
    """Prints the rows of that many workers; whether what is required holds."""
    names = [OURS, FLOOR, STOCKS] if with_stock else [OURS, FLOOR]
    results = {name: [] for name in names}
    for _ in range(options.rounds):
        for name in names:
            results[name].append(measure(name, workers, options.seconds, options.limit))
    for name in names:
        print(row(name, workers, results), flush=True)
    if not all(isinstance(result, Sample) and result.lost == 0 for result in results[OURS]):
        return False
    return workers < MOST_WORKERS or median(results[OURS], lambda s: s.cores) <= HALF_A_CORE


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, nargs="+", default=[100, 500, 1000, 2000, 5000])
    parser.add_argument("--most-for-stock", type=int, default=2000, help="stock's master is left out above")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10, help="of the window")
    parser.add_argument("--limit", type=float, default=120, help="seconds that spawning may take")
    options = parser.parse_args()
    print(f"{USERS_PER_WORKER} users a worker; {options.rounds} rounds, windows of {options.seconds:g} s\n")
    print("| workers | master | CPU of a core | us per worker and second | to ours | RSS | missing / requests lost |")
    print("|---|---|---|---|---|---|---|")
    met = [compare(workers, workers <= options.most_for_stock, options) for workers in options.workers]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
