"""What the chart starts, without a cluster: the arguments and variables of its containers as processes,
ended as Kubernetes ends them."""

import os
import pathlib
import signal
import tempfile
import unittest

import harness
import test_chart
from harness import BUILD, STOCK, ConformanceTest, Process, Target, free_port
from test_chart import container, pod, render, setUpModule  # noqa: F401

JOB = ("master.kind=Job", "worker.kind=Job", "worker.replicas=2", "test.users=4", "test.spawnRate=4", "test.failOnInvalid=false")


class ChartRuns(ConformanceTest):
    def setUp(self):
        self.target = self.use(Target())
        self.port, self.web = free_port(), free_port()
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def start(self, objects, program, binary=BUILD / "locust"):
        """A container of the chart; host names, ports and folders are those of this machine."""
        said = container(objects, program)
        (self.folder / "results").mkdir(exist_ok=True)
        args = [a.replace("/mnt/locust", str(test_chart.ROOT / "examples")) for a in said["args"]]
        args = [a.replace("--master-host=shop-locust-cpp-master", "--master-host=127.0.0.1") for a in args]
        args = [a.replace("--master-port=5557", f"--master-port={self.port}") for a in args]
        if program == "master":
            args += ["--host", self.target.host, "--master-bind-port", self.port, "--web-port", self.web]
        env = {e["name"]: e["value"] for e in said.get("env", [])}
        return self.use(Process([binary, *args], env, cwd=self.folder))

    def run_job(self, *values, binary=BUILD / "locust"):
        """A master of kind Job with its workers: the ended processes."""
        objects = render(*JOB, *values)
        master = self.start(objects, "master")
        workers = [self.start(objects, "worker", binary) for _ in range(2)]
        master.wait(timeout=60)
        return master, workers

    def test_a_headless_job_ends_with_its_workers_and_tells_the_verdict(self):
        for threshold, code in ("p95 < 60s", 0), ("p50 < 0.001ms", 1):
            master, workers = self.run_job("test.runTime=2s", f"test.thresholds={{{threshold}}}")
            self.assertEqual(master.wait(), code, master.output())
            self.assertEqual([worker.wait() for worker in workers], [0, 0])  # complete for their Job
        written = sorted(os.listdir(self.folder / "results"))
        self.assertLessEqual({"report.html", "junit.xml", "run_stats.csv"}, set(written))

    def test_a_job_with_its_page_ends_too(self):
        master, workers = self.run_job("test.runTime=2s", "master.jobPage=true")
        self.assertEqual(master.wait(), 0, master.output())
        self.assertEqual([worker.wait() for worker in workers], [0, 0])

    def test_stock_workers_run_with_the_same_arguments(self):
        master, workers = self.run_job(
            "test.runTime=2s", "test.locustfile=python/shop.py", *test_chart.STOCK,
            binary=STOCK / harness.newest() / "bin" / "locust",
        )  # fmt: skip
        self.assertEqual(master.wait(), 0, master.output())
        for worker in workers:
            worker.wait()

    def test_a_worker_that_is_deleted_loses_no_sample_and_ends_in_its_grace_period(self):
        objects = render(*JOB, "test.runTime=8s")
        master = self.start(objects, "master")
        workers = [self.start(objects, "worker") for _ in range(2)]
        master.wait_line("All users spawned", timeout=60)
        workers[0].signal(signal.SIGTERM)
        self.assertEqual(workers[0].wait(pod(objects, "worker")["spec"]["terminationGracePeriodSeconds"]), 0)
        self.assertEqual(master.wait(60), 0, master.output())
        self.assertEqual(harness.table(master.output(), "Aggregated"), (self.target.counts()["total"], 0))

    def test_a_master_that_is_deleted_writes_its_files_and_loses_no_sample(self):
        objects = render(*JOB, "test.runTime=10m")
        master = self.start(objects, "master")
        workers = [self.start(objects, "worker") for _ in range(2)]
        master.wait_line("All users spawned", timeout=60)
        master.signal(signal.SIGTERM)
        master.wait(pod(objects, "master")["spec"]["terminationGracePeriodSeconds"])
        self.assertEqual([worker.wait() for worker in workers], [0, 0])
        self.assertEqual(harness.table(master.output(), "Aggregated"), (self.target.counts()["total"], 0))
        self.assertTrue((self.folder / "results" / "report.html").exists())

    def test_a_deployments_workers_join_the_next_master(self):
        objects = render("master.kind=Job", "worker.replicas=1", "test.runTime=1s", "test.users=1")
        for _ in range(2):
            worker = self.start(objects, "worker")  # the kubelet starts it when the one before has ended
            worker.wait_line("Starting Locust")
            master = self.start(objects, "master")
            master.wait(60)
            self.assertEqual(worker.wait(), 0, worker.output())


if __name__ == "__main__":
    unittest.main()
