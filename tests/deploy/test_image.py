"""deploy/docker: the image is built as its Dockerfile says, up to the compilation, whose programs are
those of this build; containers of it are run by podman, without a registry."""

import json
import re
import subprocess
import unittest

import harness
import tools
from harness import ConformanceTest, Target, free_port, wait_until
from tools import IMAGE, Podman

SHOP = tools.ROOT / "tests" / "conformance" / "scenarios" / "shop.yaml"


class Image(ConformanceTest):
    @classmethod
    def setUpClass(cls):
        cls.podman = cls.own(Podman())
        tools.build_image(cls.podman)
        cls.target = cls.own(Target())

    def start(self, name, *args, options=()):
        """A container on the host's network, with the tests' scenarios where compose files mount theirs."""
        self.podman.run(
            "run", "--detach", "--name", name, "--network", "host", "--volume", f"{SHOP.parent}:/mnt/locust:ro", *options,
            IMAGE, *args,
        )  # fmt: skip
        self.addCleanup(self.podman.run, "rm", "--force", "--time", "0", name)

    def logs(self, name):
        return subprocess.run(
            ["podman", "logs", name], env=self.podman.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True
        ).stdout

    def wait_line(self, name, pattern):
        wait_until(lambda: re.search(pattern, self.logs(name)), f"{pattern} in the log of {name}")

    def is_healthy(self, name):
        return not subprocess.run(
            ["podman", "exec", name, "/usr/lib/locust-cpp/health"], env=self.podman.environment, stdout=subprocess.DEVNULL, check=False
        ).returncode

    def exit_code(self, name):
        return int(self.podman.run("wait", name))

    def test_it_says_what_orchestrators_ask(self):
        image = json.loads(self.podman.run("image", "inspect", IMAGE))[0]
        config = image["Config"]
        self.assertEqual(config["User"], "1000:1000")
        self.assertEqual(config["Entrypoint"], ["locust"])
        self.assertEqual(config["WorkingDir"], "/home/locust")
        self.assertEqual(config["StopSignal"], "SIGTERM")
        self.assertEqual(sorted(config["ExposedPorts"]), ["5557/tcp", "8089/tcp"])
        self.assertEqual(image["Healthcheck"]["Test"], ["CMD", "/usr/lib/locust-cpp/health"])

    def test_it_has_all_libraries_that_the_programs_need(self):
        for program in ("locust", "locust-master", "locust-worker"):
            said = self.podman.run("run", "--rm", "--network", "none", "--entrypoint", "ldd", IMAGE, f"/usr/bin/{program}")
            self.assertIn("libstdc++", said)
            self.assertNotIn("not found", said)
        self.assertIn("uid=1000(locust)", self.podman.run("run", "--rm", "--network", "none", "--entrypoint", "id", IMAGE))

    def test_containers_take_stocks_arguments_and_a_stopped_worker_loses_no_sample(self):
        port, web = free_port(), free_port()
        self.target.reset()
        self.start("master", *f"-f /mnt/locust/shop.yaml --master -H {self.target.host} --master-bind-port {port}".split(),
                   *f"--web-port {web} --autostart --autoquit 0 -u 4 -r 4 -t 8s --stop-timeout 5 --expect-workers 2".split())  # fmt: skip
        for name in ("worker1", "worker2"):
            self.start(name, *f"-f /mnt/locust/shop.yaml --worker --master-host 127.0.0.1 --master-port {port}".split())
        self.wait_line("master", "All users spawned")
        for name in ("master", "worker1", "worker2"):
            wait_until(lambda name=name: self.is_healthy(name), f"{name} to be healthy")
        self.podman.run("stop", "worker1")
        self.assertEqual(self.exit_code("worker1"), 0)
        self.assertEqual(self.exit_code("master"), 0, self.logs("master"))
        self.assertEqual(self.exit_code("worker2"), 0)
        requests, failures = harness.table(self.logs("master"), "Aggregated")
        self.assertEqual((requests, failures), (self.target.counts()["total"], 0))

    def test_variables_configure_it_and_a_headless_master_is_healthy_before_workers_come(self):
        port = free_port()
        variables = {
            "LOCUST_MODE_MASTER": "true", "LOCUST_HEADLESS": "true", "LOCUST_LOCUSTFILE": "/mnt/locust/shop.yaml",
            "LOCUST_HOST": self.target.host, "LOCUST_MASTER_BIND_PORT": port, "LOCUST_RUN_TIME": "1s", "LOCUST_WEB_PORT": free_port(),
            "LOCUST_EXPECT_WORKERS": 1,
        }  # fmt: skip
        self.start("master", options=[f"--env={name}={value}" for name, value in variables.items()])
        wait_until(lambda: self.is_healthy("master"), "the master to be healthy")
        joins = {"LOCUST_MODE_WORKER": "true", "LOCUST_LOCUSTFILE": "-", "LOCUST_MASTER_NODE_PORT": port}
        self.start("worker", options=[f"--env={name}={value}" for name, value in joins.items()])
        self.assertEqual(self.exit_code("master"), 0, self.logs("master"))
        self.assertEqual(self.exit_code("worker"), 0, self.logs("worker"))

    def test_a_worker_without_a_master_is_not_healthy(self):
        self.start("worker", "-f", "/mnt/locust/shop.yaml", "--worker", "--master-port", free_port())
        self.wait_line("worker", "Starting Locust")
        self.assertFalse(self.is_healthy("worker"))
        self.podman.run("stop", "worker")

    def test_it_runs_a_python_locustfile_and_tells_the_verdict(self):
        locustfiles = harness.LOCUSTFILES
        self.start("run", *f"-f /locustfiles/shop.py --headless -H {self.target.host} -u 2 -r 2 -t 2s".split(),
                   "--threshold", "p95 < 0.001ms", options=[f"--volume={locustfiles}:/locustfiles:ro"])  # fmt: skip
        self.assertEqual(self.exit_code("run"), 1, self.logs("run"))
        self.assertRegex(self.logs("run"), r"FAILED +p95 < 0\.001ms")


if __name__ == "__main__":
    unittest.main()
