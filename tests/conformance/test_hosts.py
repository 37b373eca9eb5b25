"""Hosts that are missing, or lead nowhere: YAML refuses them before anything starts, Python does what stock does."""

import json
import pathlib
import re
import tempfile
import unittest
import urllib.parse
import urllib.request

import harness
from harness import BUILD, STOCK, ConformanceTest, Process, free_port

DEADLINE = 60.0
STOCK_LOCUST = STOCK / harness.newest() / "bin" / "locust"
LOCUST = BUILD / "locust"
CART = "users:\n  Shop:\n    tasks:\n      t:\n        - get: /cart\n"
NO_HOST = "shop.yaml:5:11: user class 'Shop' has no host, which the URL '/cart' needs; give -H http://HOST (--host), or 'host:"
NO_SCHEME = "'localhost:8080' has no scheme; write http://localhost:8080"


class HostTest(ConformanceTest):
    def file(self, text, name):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / name
        path.write_text(text)
        return path

    def start(self, *command):
        return self.use(Process([*command]))


class Yaml(HostTest):
    def test_is_refused_before_anything_starts(self):
        file = self.file(CART, "shop.yaml")
        shape = ("--headless", "-t", "30s")
        cases = [
            ((LOCUST, "-f", file, *shape), NO_HOST),
            ((LOCUST, "-f", file, "--autostart", "--web-port", "0"), NO_HOST),
            ((LOCUST, "-f", file, *shape, "-H", "localhost:8080"), f"-H (--host): {NO_SCHEME}"),
            (("env", "LOCUST_HOST=localhost:8080", LOCUST, "-f", file, *shape), f"-H (--host): {NO_SCHEME}"),
            ((BUILD / "locust-master", "-f", file, *shape, "-H", "localhost:8080"), f"-H (--host): {NO_SCHEME}"),
            ((BUILD / "locust-worker", "-f", file, "-H", "localhost:8080"), f"-H (--host): {NO_SCHEME}"),
            ((LOCUST, "-f", self.file("host: localhost:8080\n" + CART, "shop.yaml"), *shape), f"shop.yaml:1:7: 'host': {NO_SCHEME}"),
            (("env", "SHOP=localhost:8080", LOCUST, "-f", self.file("host: ${env.SHOP}\n" + CART, "shop.yaml"), *shape),
             f"shop.yaml:1:7: 'host': {NO_SCHEME}"),
            ((LOCUST, "-f", file, *shape, "--config-users", '{"user_class_name": "Shop", "host": "localhost:8080"}'),
             f"host of 'Shop': {NO_SCHEME}"),
        ]  # fmt: skip
        runs = [(self.start(*command), text) for command, text in cases]
        for run, text in runs:
            with self.subTest(text):
                self.assertEqual(run.wait(20), 2, run.output())
                self.assertIn(text, run.output())
                self.assertNotIn("Sending spawn jobs", run.output())

    def test_a_host_from_anywhere_will_do(self):
        file = self.file(CART, "shop.yaml")
        port = free_port()
        for args in (("-H", f"http://127.0.0.1:{port}"),
                     ("--config-users", f'{{"user_class_name": "Shop", "host": "http://127.0.0.1:{port}"}}')):  # fmt: skip
            run = self.start(LOCUST, "-f", file, "--headless", "--only-summary", "-t", "1s", *args)
            self.assertEqual(run.wait(DEADLINE), 1, run.output())
            self.assertIn("ConnectionRefusedError", run.output())

    def test_a_worker_of_any_master_says_it_once_and_starts_no_user(self):
        shop = self.file(
            "from locust import User, task\nclass Shop(User):\n    @task\n    def t(self): pass\n", "locustfile.py"
        )
        for master in ([STOCK_LOCUST, "--master", "-f", shop], [BUILD / "locust-master"]):
            for host, text in ((), NO_HOST), (("-H", "localhost:8080"), f"the host of user class 'Shop': {NO_SCHEME}"):
                with self.subTest(master=master, host=host):
                    port = free_port()
                    leads = self.start(*master, "--headless", "-u", "5", "-r", "5", "-t", "4s", "--master-bind-port", str(port), *host)
                    worker = self.start(BUILD / "locust-worker", "-f", self.file(CART, "shop.yaml"), "--master-port", str(port))
                    self.assertEqual(leads.wait(DEADLINE), 1, leads.output())
                    worker.wait(DEADLINE)
                    self.assertEqual(worker.output().count(text), 1, worker.output())
                    self.assertIn("this worker starts none of its users", worker.output())
                    self.assertRegex(leads.output(), r"Aggregated +0 ")

    def test_a_host_that_shows_only_at_run_time_fails_slowly(self):
        steps = "        - set: {base: '%s'}\n        - get: ${base}/cart\n"
        for base in ("localhost:8080", "http://localhost:80x"):
            file = self.file("users:\n  Shop:\n    tasks:\n      t:\n" + steps % base, "shop.yaml")
            run = self.start(LOCUST, "-f", file, "--headless", "--only-summary", "-u", "2", "-r", "2", "-t", "3s")
            self.assertEqual(run.wait(DEADLINE), 1, run.output())
            counts = [int(n) for n in re.findall(r"Aggregated +(\d+)", run.output())[:1]]
            self.assertLess(sum(counts), 20, run.output())
            self.assertNotIn("exceptions were not sent", run.output())

    def test_the_page_refuses_it_too(self):
        port = free_port()
        run = self.start(LOCUST, "-f", self.file(CART, "shop.yaml"), "--web-port", str(port))
        run.wait_line("reported as ready")
        form = {"user_count": 1, "spawn_rate": 1}

        def swarm(**more):
            data = urllib.parse.urlencode({**form, **more}).encode()
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/swarm", data, timeout=10) as answer:
                return json.load(answer)

        refused = swarm()
        self.assertFalse(refused["success"])
        self.assertIn(NO_HOST, refused["message"])
        refused = swarm(host="localhost:8080")
        self.assertFalse(refused["success"])
        self.assertIn(NO_SCHEME, refused["message"])
        # Once the worker has reported its classes.
        harness.wait_until(lambda: swarm(host="http://127.0.0.1:9")["success"], "a test of a good host")


PYTHON = (
    "from locust import {0}, task, constant\nclass U({0}):\n    wait_time = constant(0.3)\n    @task\n"
    "    def t(self):\n        try: self.client.get('/x')\n"
    "        except Exception as error:\n            print('SAID', type(error).__name__, error, flush=True)\n            raise\n"
)


class Python(HostTest):
    def test_does_what_stock_does_by_client(self):
        for client in ("HttpUser", "FastHttpUser"):
            for host in ("localhost:8080", "shop", "http://", "http://localhost:99999", ""):
                if client == "HttpUser" or host:
                    with self.subTest(client=client, host=host):
                        self.compare(client, host)

    def test_without_one_the_log_speaks_of_no_step(self):
        run = self.start(LOCUST, "-f", self.file(PYTHON.format("HttpUser"), "locustfile.py"), "--headless", "--only-summary")
        self.assertEqual(run.wait(DEADLINE), 0, run.output())
        self.assertTrue(run.lines("WARNING/locust.runners: Stopping Locust...$"), run.output())
        self.assertTrue(run.lines(r"Worker \S+ \(index 0\) asks to end the test$"), run.output())
        self.assertFalse(run.lines("scenario|stop_test"), run.output())

    def compare(self, client, host):
        file = self.file(PYTHON.format(client), "locustfile.py")
        runs = [
            self.start(locust, "-f", file, "--headless", "--only-summary", "-t", "2s", *(("-H", host) if host else ()))
            for locust in (STOCK_LOCUST, LOCUST)
        ]
        results = []
        for run in runs:
            code = run.wait(DEADLINE)
            failures = re.findall(r"^\d+ +(GET .*?) *$", run.output(), re.MULTILINE)
            results.append((code, sorted(set(run.lines("^SAID "))), sorted(set(failures))))
        self.assertEqual(*results, runs[1].output())


def load_tests(_loader, tests, _pattern):
    return harness.SideBySide(tests)


if __name__ == "__main__":
    unittest.main()
