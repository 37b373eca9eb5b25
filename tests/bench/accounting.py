"""What becomes of the counts when something breaks: for each fault of docs/distributed.md, what the master counted less
what the target has served, in several runs.

    scripts/bench accounting [--runs 5] [--at-a-time 3] [--only NAME...]
"""

import argparse
import concurrent.futures
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "conformance"))

import faults  # noqa: E402
import harness  # noqa: E402
from faults import FaultyTest  # noqa: E402

RUN_TIME = 15  # seconds


def run(test):
    """The test's outcome; everything is stopped."""
    try:
        return test.outcome()
    finally:
        test.stop()


def kill_worker():
    test = FaultyTest(run_time=RUN_TIME)
    test.wait_until(7)
    test.first.signal(signal.SIGKILL)
    return run(test)


def freeze_worker():
    test = FaultyTest(run_time=RUN_TIME)
    test.wait_until(4)
    test.first.signal(signal.SIGSTOP)
    test.wait_until(12)
    test.first.signal(signal.SIGCONT)
    return run(test)


def cut_link(begin, end):
    def cut():
        test = FaultyTest(run_time=RUN_TIME)
        test.wait_until(begin)
        test.link.cut()
        test.wait_until(end)
        test.link.mend()
        return run(test)

    return cut


def half_open_link(kind):
    def break_it():
        test = FaultyTest(kind, run_time=RUN_TIME)
        test.wait_until(7)
        test.link.half_open()
        return run(test)

    return break_it


def restart_master():
    test = FaultyTest(run_time=RUN_TIME, fake_clock=bool(faults.FAKETIME))
    test.wait_until(4)
    if test.clock:
        test.clock.set("-3600")
    test.restart_master()
    return run(test)


def set_clock(offset):
    def step():
        test = FaultyTest(run_time=RUN_TIME, fake_clock=True)
        test.wait_until(7)
        test.clock.set(offset)
        return run(test)

    return step


def slow_download():
    return run(FaultyTest(run_time=RUN_TIME, download_rate=200_000))


def scenarios():
    clocks = {"clock forward": set_clock("+3600"), "clock back": set_clock("-3600")} if faults.FAKETIME else {}
    return {
        "worker killed": kill_worker,
        "worker frozen for 8 s": freeze_worker,
        "link cut for 6 s": cut_link(4, 10),
        "link cut across the end": cut_link(RUN_TIME - 2, RUN_TIME + 6),
        "half-open link": half_open_link("native"),
        "half-open link, stock worker": half_open_link(harness.newest()),
        "master restarted, clock behind": restart_master,
        **clocks,
        "-f - over a slow link": slow_download,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--at-a-time", type=int, default=3)
    parser.add_argument("--only", nargs="+", metavar="NAME", default=[])
    arguments = parser.parse_args()
    chosen = {name: fault for name, fault in scenarios().items() if not arguments.only or name in arguments.only}
    print("| fault | requests | difference, each run | exit codes | requests a second |\n|---|---|---|---|---|", flush=True)
    with concurrent.futures.ThreadPoolExecutor(arguments.at_a_time) as pool:
        pending = {name: [pool.submit(fault) for _ in range(arguments.runs)] for name, fault in chosen.items()}
        for name, runs in pending.items():
            outcomes = [r.result() for r in runs]
            served = sum(o.served for o in outcomes) // len(outcomes)
            differences = ", ".join(f"{o.difference:+d}" if o.difference else "0" for o in outcomes)
            codes = ", ".join(sorted({str(o.exit_code) for o in outcomes}))
            rates = [o.requests_per_second for o in outcomes]
            print(f"| {name} | {served} | {differences} | {codes} | {min(rates):.0f}-{max(rates):.0f} |", flush=True)


if __name__ == "__main__":
    main()
