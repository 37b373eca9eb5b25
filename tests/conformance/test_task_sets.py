"""Nested task sets: a scenario does and tells what stock does and tells of the locustfile that says the same."""

import http.server
import json
import threading
import unittest

import harness
from harness import ConformanceTest, Process, Proxy, RawMaster, native_master, native_worker, wait_until

LOCUSTFILE = harness.LOCUSTFILES / "task_sets.py"
SCENARIO = harness.ROOT / "tests" / "conformance" / "scenarios" / "task_sets.yaml"


class Recorder:
    """A server that remembers what it was asked for."""

    def __init__(self):
        requests = self.requests = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                requests.append(f"{self.command} {self.path}")
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST = do_PUT = answer

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.host = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


class TaskSets(ConformanceTest):
    def stock(self, *args):
        return self.use(Process([harness.STOCK / harness.newest() / "bin" / "locust", "-f", LOCUSTFILE, *args]))

    def shown(self, process):
        """What it prints, without the lines of its log."""
        self.assertEqual(process.wait(), 0, process.output())
        return [line for line in process.output().splitlines() if not line.startswith("[")]

    def test_are_told_of_as_stock_does(self):
        for options in (["--list"], ["--show-task-ratio"], ["--show-task-ratio-json", "-u", "9"]):
            with self.subTest(options):
                stock = self.shown(self.stock(*options))
                for program in ("locust-worker", "locust-master"):
                    ours = self.use(Process([harness.BUILD / program, "-f", SCENARIO, *options]))
                    self.assertEqual(self.shown(ours), stock)

    def test_are_reported_to_a_master_which_takes_the_weights_of_their_classes(self):
        recorder = self.use(Recorder())
        port = harness.free_port()
        master = self.use(native_master("-u", "4", "-r", "4", "-t", "1s", "-H", recorder.host, port=port))
        proxy = self.use(Proxy(port))
        self.use(native_worker(SCENARIO, port=proxy.port))
        report = proxy.recording.wait("stats", where=lambda m: "locust_cpp" in m.data)
        classes = report.data["locust_cpp"]["user_classes"]
        shown = self.use(Process([harness.BUILD / "locust-worker", "-f", SCENARIO, "--show-task-ratio-json"]))
        per_class = json.loads("\n".join(self.shown(shown)))["per_class"]
        self.assertEqual({name: info["tasks"] for name, info in classes.items()}, {name: info["tasks"] for name, info in per_class.items()})
        master.wait_line(r'All users spawned: \{"Reader": 3, "Walker": 1\}')
        self.assertEqual(master.wait(), 0, master.output())

    def walk_of_stock(self, *tags):
        recorder = self.use(Recorder())
        run = self.stock("Walker", "--headless", "-u", "1", "-H", recorder.host, *tags)
        wait_until(lambda: "GET /stop" in recorder.requests, "the end of the walk")
        run.stop()
        return recorder.requests

    def walk_of_ours(self, *tags):
        recorder = self.use(Recorder())
        master = self.use(RawMaster())
        self.use(native_worker(SCENARIO, "-H", recorder.host, *tags, port=master.port))
        master.spawn(master.recording.wait("client_ready").id, {"Reader": 0, "Walker": 1})
        wait_until(lambda: "GET /stop" in recorder.requests, "the end of the walk")
        return recorder.requests

    def test_are_walked_through_as_in_stock(self):
        for tags in ([], ["-T", "write", "way out"], ["-T", "way out"], ["-E", "slow"], ["-E", "write"]):
            with self.subTest(tags):
                self.assertEqual(self.walk_of_ours(*tags), self.walk_of_stock(*tags))


if __name__ == "__main__":
    unittest.main()
