"""Memory of a worker process per idle user: RSS before and after all users have made one request each to
locust-target and wait."""

import argparse
import json
import os
import pathlib
import tempfile
import time
import urllib.request

from processes import CLIENT_CORE, TARGET_CORE, end, free_port, rss_kib, start, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LOCUST_BUILD_DIR", ROOT / "build" / "release"))
SCENARIO = pathlib.Path(__file__).resolve().parent / "idle.yaml"


class Target:
    def __init__(self):
        self._output = tempfile.TemporaryFile("w+")
        self._process = start(TARGET_CORE, BUILD / "locust-target", "--port", "0", stdout=self._output)
        wait_until(self._line, "locust-target")
        self.url = "http://" + self._line().split()[-1]

    def _line(self):
        self._output.seek(0)
        return self._output.read().strip()

    def counts(self):
        return json.load(urllib.request.urlopen(self.url + "/_counts", timeout=30))

    def stop(self):
        end(self._process)


def memory(users, scenario=SCENARIO):
    """KiB per user."""
    target = Target()
    port = free_port()
    worker = start(CLIENT_CORE, BUILD / "locust-worker", "-f", scenario, "--master-port", port)
    time.sleep(1)
    before = rss_kib(worker.pid)
    master = start(TARGET_CORE, BUILD / "locust-master", "--headless", "--only-summary", "-u", users, "-r", users,
                   "--master-bind-port", port, "-H", target.url, "-f", scenario)  # fmt: skip
    try:
        wait_until(lambda: target.counts()["total"] >= users, f"{users} requests", timeout=120)
        time.sleep(1)
        connections = target.counts()["connections"]["open"] - 1
        per_user = (rss_kib(worker.pid) - before) / users
        print(f"{users} idle users, {connections} connections: {per_user:.1f} KiB RSS per user")
        return per_user
    finally:
        end(worker, master)
        target.stop()


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench memory", description=__doc__)
    parser.add_argument("--users", type=int, default=10_000)
    memory(parser.parse_args().users)


if __name__ == "__main__":
    main()
