"""Instructions per request on the worker's side, counted by valgrind --tool=callgrind in user space: the
difference of two runs of one user by the difference of their requests. Unlike times they hardly depend
on what else the machine does: within 2 %, as turns of the loop come and go."""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import tempfile

from worker_peers import BUILD, CHECK_AND_SAVE, SCENARIO
from worker_target import WorkerTarget

CHECK = """          check: status == 200
"""
AFTER = CHECK_AND_SAVE + """          after: [{if: failed, then: [end_task: true]}]
"""
CASES = {
    "no check": ("", []),
    "check of the status": (CHECK, []),
    "check and save": (CHECK_AND_SAVE, []),
    "check and save, `after`": (AFTER, []),
    "check and save, histograms": (CHECK_AND_SAVE, ["--precise"]),
}


def run(arguments, folder):
    """Instructions and requests of one run."""
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/callgrind.out", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise SystemExit(f"bench: {' '.join(command)}:\n{done.stderr}")
    return int(re.search(r"Collected : (\d+)", done.stderr).group(1)), json.loads(done.stdout)["requests"]


def per_request(target, scheme, more, options, requests, folder):
    scenario = folder / "scenario.yaml"
    ca = f"    ca: {target.ca}\n" if scheme == "https" else ""
    scenario.write_text(SCENARIO.format(ca=ca, more=more))
    command = [BUILD / "bench_scenario", "--scenario", scenario, "--host", target.next_url(scheme), *options]
    (short, few), (long, many) = (run([*command, "--requests", n], folder) for n in (requests, 3 * requests))
    return (long - short) / (many - few)


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench instructions", description=__doc__)
    parser.add_argument("--requests", type=int, default=2000, help="of the shorter run")
    options = parser.parse_args()
    if shutil.which("valgrind") is None:
        raise SystemExit("bench: valgrind is not installed (Debian's package valgrind)")
    print("| | HTTP | HTTPS |\n|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="locust-bench-") as name:
        folder = pathlib.Path(name)
        target = WorkerTarget(folder, 1000)
        try:
            for case, (more, extra) in CASES.items():
                counts = [per_request(target, s, more, extra, options.requests, folder) for s in ("http", "https")]
                print(f"| {case} | {counts[0]:,.0f} | {counts[1]:,.0f} |", flush=True)
        finally:
            target.stop()


if __name__ == "__main__":
    main()
