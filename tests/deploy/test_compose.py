"""deploy/compose.yaml and compose.stock-workers.yaml: valid by the compose specification; the commands of
their services, in the numbers that they say, are run as processes and make a test."""

import json
import re
import unittest
import urllib.parse
import urllib.request

import harness
import tools
import yaml
from harness import BUILD, STOCK, ConformanceTest, Process, Target, free_port, wait_until
from tools import DEPLOY


def services(*files):
    """The services of the files, later ones over earlier ones, with no variable set."""
    merged = {}
    for file in files:
        text = (DEPLOY / file).read_text()
        while "${" in text:  # defaults may hold variables
            text = re.sub(r"\$\{\w+:-([^${}]*)\}", r"\1", text)
        for name, service in yaml.safe_load(text)["services"].items():
            merged[name] = {**merged.get(name, {}), **service}
    return merged


class Compose(ConformanceTest):
    def start(self, *files):
        """All containers of the files as processes; the address of the page."""
        target = self.use(Target())
        port, web = free_port(), free_port()
        for name, service in services(*files).items():
            self.assertIn("/mnt/locust:ro", " ".join(service["volumes"]))
            command = service["command"].replace("/mnt/locust", str(tools.ROOT / "examples"))
            command = command.replace("--master-host master", f"--master-host 127.0.0.1 --master-port {port}")
            stock = service["image"].startswith("locustio/locust:")
            program = STOCK / harness.newest() / "bin" / "locust" if stock else BUILD / "locust"
            options = [] if "--worker" in command else ["-H", target.host, "--master-bind-port", port, "--web-port", web]
            for _ in range(service.get("deploy", {}).get("replicas", 1)):
                self.use(Process([program, *command.split(), *options]))
        return f"http://127.0.0.1:{web}"

    def swarm(self, page, expected):
        """A test of a few seconds on so many workers; its rows."""

        def ask(path, **form):
            data = urllib.parse.urlencode(form).encode() if form else None
            with urllib.request.urlopen(page + path, data, timeout=harness.DEADLINE) as response:
                return json.load(response)

        def workers():
            try:
                return ask("/worker-count")["worker_count"] == expected
            except OSError:  # not yet there
                return False

        wait_until(workers, f"{expected} workers", timeout=60)
        self.assertTrue(ask("/swarm", user_count=12, spawn_rate=12, run_time="6s")["success"])
        wait_until(lambda: ask("/stats/requests")["state"] == "stopped", "the end of the test", timeout=60)
        stats = ask("/stats/requests")
        self.assertEqual(stats["errors"], [])
        return {row["name"]: row["num_requests"] for row in stats["stats"]}

    def test_the_files_are_valid(self):
        for file in sorted(DEPLOY.glob("compose*.yaml")):
            tools.validate("compose-spec", file)

    def test_a_master_and_four_workers(self):
        self.assertGreater(self.swarm(self.start("compose.yaml"), 4)["/api/products"], 0)

    def test_stock_workers_join(self):
        page = self.start("compose.yaml", "compose.stock-workers.yaml")
        self.assertGreater(self.swarm(page, 6)["/api/products"], 0)


if __name__ == "__main__":
    unittest.main()
