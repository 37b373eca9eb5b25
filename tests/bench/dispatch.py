#!/usr/bin/env python3
"""Compares our UsersDispatcher with stock Locust's on the same ramp, in alternating runs.

Prints medians and their ratio. Exit code 1 if both did not dispatch the same users to the same
workers, or if ours is less than 10 times faster per iteration or 50 times to instantiate.
"""
import argparse
import json
import pathlib
import random
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
RUN_TIMEOUT_S = 600
REQUIRED = {"instantiate": 50, "iteration": 10}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=ROOT / "build/release", type=pathlib.Path,
                        help="where bench_dispatch is built")
    parser.add_argument("--python", default=ROOT / "build/stock/2.47.0/bin/python",
                        help="stock Locust's interpreter")
    parser.add_argument("--workers", type=int, default=1000)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--classes", type=int, default=100)
    parser.add_argument("--rate", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3, help="runs of each side")
    return parser.parse_args()


def worker_ids(count):
    """Ids as Locust makes them, four workers to a host."""
    source = random.Random(1)
    return [f"locust-worker-{i // 4}_{source.getrandbits(128):032x}" for i in range(count)]


def run(command, arguments):
    parameters = [str(arguments.users), str(arguments.rate), str(arguments.classes)]
    done = subprocess.run(command + parameters, input="\n".join(worker_ids(arguments.workers)) + "\n",
                          stdout=subprocess.PIPE, text=True, check=True, timeout=RUN_TIMEOUT_S)
    return json.loads(done.stdout)


def row(label, ours, stock, required):
    """One line of the table; whether the required ratio is met."""
    ratio = statistics.median(stock) / statistics.median(ours)
    wanted = f">= {required}" if required else ""
    print(f"{label:<34}{statistics.median(ours):>12.3f}{statistics.median(stock):>12.3f}"
          f"{ratio:>9.1f}  {wanted}")
    return ratio >= required


def main():
    arguments = parse_arguments()
    ours, stock = [], []
    for _ in range(arguments.runs):
        ours.append(run([str(arguments.build / "bench_dispatch")], arguments))
        stock.append(run([str(arguments.python), str(HERE / "dispatch_stock.py")], arguments))
    if any(result["users"] != stock[0]["users"] for result in ours + stock):
        sys.exit("the dispatchers did not dispatch the same users to the same workers")

    def values(results, key):
        return [value for result in results for value in result[key]]

    iterations = len(ours[0]["iteration_ms"])
    print(f"{arguments.workers} workers, {arguments.users} users, {arguments.classes} classes of "
          f"weights 1 to {arguments.classes}, {arguments.rate} users/s: {iterations} iterations, "
          f"{arguments.runs} alternating runs")
    print(f"{'median, ms':<34}{'locust-cpp':>12}{'stock':>12}{'ratio':>9}")
    met = [
        row("instantiate", values(ours, "instantiate_ms"), values(stock, "instantiate_ms"),
            REQUIRED["instantiate"]),
        row("one iteration", values(ours, "iteration_ms"), values(stock, "iteration_ms"),
            REQUIRED["iteration"]),
        row("redistribution after a join", [result["redistribution_ms"] for result in ours],
            [result["redistribution_ms"] for result in stock], 0),
    ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
