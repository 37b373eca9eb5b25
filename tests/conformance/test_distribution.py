"""`-f -`: a scenario and its files on their way from our master to its workers, and what -f may name besides."""

import functools
import http.server
import pathlib
import tempfile
import threading
import unittest

import harness
from harness import BUILD, ConformanceTest, Process, Target, native_master, native_worker, stock_worker, table

SCENARIOS = harness.ROOT / "tests" / "conformance" / "scenarios"
SHOP = """\
feeders:
  accounts: {csv: ../data/accounts.csv, pick: sequential}
users:
  Shop:
    wait_time: 0.1
    tasks:
      buys:
        - feed: accounts
        - {get: /, name: "account ${accounts.name}"}
        - {post: /api/cart, name: "${template('order.txt')}", body_file: picture.bin}
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


class Distribution(ConformanceTest):
    def setUp(self):
        self.target = self.use(Target())
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.tmp = self.folder / "tmp"
        self.port = harness.free_port()
        for name, contents in {
            "tests/shop.yaml": SHOP.encode(),
            "data/accounts.csv": b"name\nanna\n",
            "tests/order.txt": b"order of ${accounts.name}",
            "tests/picture.bin": bytes(range(256)) * 4,
            "tmp/keep": b"",
        }.items():
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(contents)

    def start_master(self, file, *args):
        self.master = self.use(
            native_master(
                "-f", file, "-H", self.target.host, "-u", "2", "-r", "2", "-t", "2s", "--only-summary",
                "--expect-workers-max-wait", "10", *args, port=self.port,
            )
        )  # fmt: skip

    def test_68_a_native_worker_runs_the_masters_scenario_with_its_files(self):
        self.start_master(self.folder / "tests" / "shop.yaml")
        worker = self.use(native_worker("-", port=self.port, env={"TMPDIR": self.tmp}))
        self.master.wait(timeout=30)
        self.assertEqual(worker.wait(), 0, worker.output())
        self.assertGreater(table(self.master.output(), "account anna")[0], 0)
        self.assertGreater(table(self.master.output(), "order of anna")[0], 0)
        self.assertEqual([path.name for path in self.tmp.iterdir()], ["keep"])

    def test_68_a_stock_worker_of_a_scenario_is_told_why_not(self):
        self.start_master(self.folder / "tests" / "shop.yaml")
        worker = self.use(stock_worker(harness.newest(), "-", port=self.port))
        self.assertEqual(worker.wait(), 1)
        self.assertTrue(worker.lines("Got error from master: this master has a YAML scenario"), worker.output())

    def test_a_file_that_is_too_large_is_named_to_those_who_ask(self):
        (self.folder / "data" / "accounts.csv").write_bytes(b"x" * (16 << 20))
        self.start_master(self.folder / "tests" / "shop.yaml")
        worker = self.use(native_worker("-", port=self.port))
        self.assertEqual(worker.wait(), 1)
        self.assertRegex(worker.output(), r"Got error from master: .*accounts.csv: with this file .* more than 15 MiB")
        self.assertTrue(self.master.alive())

    def test_files_and_folders_are_read_as_one(self):
        (self.folder / "more" / "deep").mkdir(parents=True)
        (self.folder / "more" / "deep" / "admin.yaml").write_text("users: {Admin: {tasks: {t: [get: /]}}}\n")
        listed = self.use(
            Process([BUILD / "locust-master", "-f", f"{self.folder / 'tests' / 'shop.yaml'},{self.folder / 'more'}", "-l"])
        )
        self.assertEqual(listed.wait(), 0, listed.output())
        self.assertEqual(listed.output().split(), ["Available", "Users:", "Shop", "Admin"])

    def serve(self):
        handler = functools.partial(Quiet, directory=self.folder)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    def test_a_url_is_downloaded_within_bounds(self):
        (self.folder / "plain.yaml").write_text((SCENARIOS / "shop.yaml").read_text())
        (self.folder / "large.yaml").write_bytes(b"#" * (9 << 20))
        url = self.serve()
        self.start_master(f"{url}/plain.yaml?v=1")
        worker = self.use(native_worker("-", port=self.port))
        self.assertEqual(self.master.wait(timeout=30), 0, self.master.output())
        self.assertEqual(worker.wait(), 0, worker.output())
        for name, why in (("large.yaml", "it has more than 8388608 bytes"), ("missing.yaml", "status 404")):
            refused = self.use(native_master("-f", f"{url}/{name}", port=self.port))
            self.assertEqual(refused.wait(), 2)
            self.assertEqual(refused.output(), f"Failed to get locustfile from: {url}/{name}: {why}\n")

    def test_a_master_has_no_master_to_ask(self):
        for program in ("locust-master", "locust"):
            refused = self.use(Process([BUILD / program, "--headless", "-f", "-"]))
            self.assertEqual(refused.wait(), 1)
            self.assertEqual(
                refused.output(),
                "locustfile was set to '-' (meaning to download from master) but --worker was not specified.\n",
            )


if __name__ == "__main__":
    unittest.main()
