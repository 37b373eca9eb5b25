#!/usr/bin/python3
"""Proves that a stock Locust installation works: one headless run with one HttpUser and one
FastHttpUser against a local server, which must see requests of both.

  smoke.py VENV VERSION    exits 1, with Locust's output, if anything is wrong
"""

import collections
import http.server
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

RUN_SECONDS = 2
LIMIT_SECONDS = 60
LOCUSTFILE = """
from locust import FastHttpUser, HttpUser, constant, task

class Slow(HttpUser):
    fixed_count = 1
    wait_time = constant(0.1)
    @task
    def get(self):
        self.client.get("/http")

class Fast(FastHttpUser):
    fixed_count = 1
    wait_time = constant(0.1)
    @task
    def get(self):
        self.client.get("/fast")
"""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    counts: "collections.Counter[str]" = collections.Counter()

    def do_GET(self) -> None:
        self.counts[self.path] += 1
        body = b"{}"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def locust(venv: Path, home: str, *arguments: str) -> "tuple[int, str]":
    """Runs Locust away from the caller's configuration files and variables."""
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": home, "LANG": "C.UTF-8"}
    result = subprocess.run(
        [str(venv / "bin" / "locust"), *arguments],
        cwd=home, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=LIMIT_SECONDS, check=False,
    )
    return result.returncode, result.stdout


def main(venv: Path, version: str) -> int:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as home:
        locustfile = Path(home, "smoke_locustfile.py")
        locustfile.write_text(LOCUSTFILE, encoding="utf-8")
        # Named, because old releases look for one in the folders above.
        _, said = locust(venv, home, "-f", str(locustfile), "--version")
        code, output = locust(
            venv, home, "-f", str(locustfile), "--headless", "-u", "2", "-r", "2",
            "-t", f"{RUN_SECONDS}s", "-H", f"http://127.0.0.1:{server.server_port}",
        )
    server.shutdown()
    problems = [f"no request to {path}" for path in ("/http", "/fast") if not Handler.counts[path]]
    if said.split()[:2] != ["locust", version]:
        problems.append(f"says it is {said.strip()!r}")
    if code != 0:
        problems.append(f"exit code {code}")
    if problems:
        print(f"stock Locust {version}: {'; '.join(problems)}\n{output}")
    return 1 if problems else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print(__doc__)
        sys.exit(2)
    sys.exit(main(Path(sys.argv[1]).absolute(), sys.argv[2]))
