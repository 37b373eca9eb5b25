"""The native master over real stock workers (LOCUST_STOCK_VERSION), alone and beside a native one."""

import os
import signal
import unittest

import harness
from harness import ConformanceTest, Proxy, Target, native_master, native_worker, stock_worker, table, wait_until

VERSION = os.environ.get("LOCUST_STOCK_VERSION") or harness.newest()
SCENARIOS = harness.ROOT / "tests" / "conformance" / "scenarios"
OLD = VERSION == "2.12.1"  # knows neither heartbeats nor spawning_complete of a master


class StockWorkers(ConformanceTest):
    def setUp(self):
        self.target = self.use(Target())
        self.port = harness.free_port()

    def start_master(self, *args):
        self.master = self.use(native_master("-H", self.target.host, *args, port=self.port))
        self.proxy = self.use(Proxy(self.port))
        self.rec = self.proxy.recording

    def stock(self, locustfile="shop.py"):
        return self.use(stock_worker(VERSION, locustfile, port=self.proxy.port))

    def native(self, scenario="shop.yaml"):
        return self.use(native_worker(SCENARIOS / scenario, port=self.proxy.port))

    def totals(self, id):
        """Users in each spawn sent to that worker, and when."""
        return [(sum(m.data["user_classes_count"].values()), m.t) for m in self.rec.all("spawn", id=id)]

    def users(self):
        """Users of each worker by its newest report."""
        newest = {m.id: m.data["user_classes_count"] for m in self.rec.all("stats") + self.rec.all("spawning_complete", to_master=True)}
        return {id: sum(counts.values()) for id, counts in newest.items()}

    def reported(self):
        return sum(m.data["stats_total"]["num_requests"] for m in self.rec.all("stats"))

    def test_43_to_50_a_ramp_over_two_stock_workers(self):
        self.start_master("-u", "20", "-r", "5", "-t", "7s", "--expect-workers", "2")
        workers = [self.stock(), self.stock()]
        self.assertEqual(self.master.wait(timeout=30), 0, self.master.output())
        # 44: an index each, in order of arrival, which for these two may be any; 43: the version is taken
        acks = sorted(self.rec.all("ack"), key=lambda m: m.data["index"])
        self.assertEqual([m.data["index"] for m in acks], [0, 1])
        # 45, 50: old workers hear nothing that they do not know
        self.assertEqual(bool(self.rec.all("heartbeat", to_master=False)), not OLD)
        complete = self.rec.all("spawning_complete", to_master=False)
        self.assertEqual([m.data for m in complete], [] if OLD else [{"user_count": 20}] * 2)
        for worker in workers:
            self.assertEqual(worker.lines(r"WARNING|ERROR"), [])
        # 46, 47, 49
        first, second = (m.id for m in acks)
        for m in self.rec.all("spawn"):
            self.assertEqual(
                set(m.data), {"timestamp", "user_classes_count", "host", "stop_timeout", "parsed_options"}
            )
            self.assertIsInstance(m.data["timestamp"], float)
            self.assertIsInstance(m.data["stop_timeout"], float)
            self.assertEqual(list(m.data["user_classes_count"]), ["Admin", "Shop"])
        for id in (first, second):
            stamps = [m.data["timestamp"] for m in self.rec.all("spawn", id=id)]
            self.assertEqual(stamps, sorted(set(stamps)))
        # 48: 5, 10, 15, 20 at 0, 1, 2, 3 s
        a, b = self.totals(first), self.totals(second)
        self.assertEqual([x + y for (x, _), (y, _) in zip(a, b)], [5, 10, 15, 20])
        for (x, _), (y, _) in zip(a, b):
            self.assertLessEqual(abs(x - y), 1)
        for n in range(1, 4):
            self.assertAlmostEqual(a[n][1] - a[0][1], n, delta=0.4)
        self.master.wait_line(r'All users spawned: \{"Admin": 10, "Shop": 10\} \(20 total users\)')

    def test_48_fractional_rate(self):
        self.start_master("-u", "4", "-r", "2.5", "-t", "3s")
        self.stock()
        self.assertEqual(self.master.wait(timeout=30), 0, self.master.output())
        totals = self.totals(self.rec.all("ack")[0].id)
        self.assertEqual([users for users, _ in totals], [2, 4])
        self.assertAlmostEqual(totals[1][1] - totals[0][1], 0.8, delta=0.4)

    def test_53_61_no_request_is_lost_with_a_stop_timeout(self):
        self.start_master("-u", "4", "-r", "4", "-t", "5s", "-s", "4", "--expect-workers", "2")
        self.stock("slow.py")
        self.stock("slow.py")
        self.assertEqual(self.master.wait(timeout=30), 0, self.master.output())
        made = self.target.counts()["total"]
        self.assertGreaterEqual(made, 8)
        self.assertEqual(table(self.master.output(), "/slow")[0], made)

    def test_53_no_request_is_lost_by_a_ramp_down(self):
        self.start_master("-f", SCENARIOS / "ramp_down.yaml", "-s", "4", "--expect-workers", "2")
        self.stock("slow.py"), self.stock("slow.py")
        self.assertEqual(self.master.wait(timeout=30), 0, self.master.output())
        made = self.target.counts()["total"]
        self.assertGreaterEqual(made, 12)  # six in the first two seconds, and all of them end
        self.assertEqual(table(self.master.output(), "/slow")[0], made)

    def test_53_58_no_request_is_lost_by_a_stock_worker_that_leaves(self):
        # On SIGTERM it sends no last report; what it made was in the ones before.
        self.start_master("-u", "4", "-r", "4", "--expect-workers", "2", "--print-stats")
        leaving = self.stock("once.py")
        self.stock("once.py")
        wait_until(lambda: self.reported() == 4, "a request of each user")
        leaving.signal(signal.SIGTERM)
        wait_until(lambda: self.reported() == 6, "the requests of the two users that moved")
        self.master.signal(signal.SIGINT)
        self.assertEqual(self.master.wait(), 0, self.master.output())
        self.assertEqual(self.target.counts()["total"], 6)
        self.assertEqual(table(self.master.output(), "Aggregated")[0], 6)
        self.master.wait_line(r"1 worker\(s\) were lost during the test: .* quit after")
        self.assertEqual(self.master.lines("did not deliver"), [])

    def test_56_a_frozen_worker_heals(self):
        self.start_master("-u", "6", "-r", "6", "-t", "30s", "--expect-workers", "2")
        frozen = self.stock()
        frozen_id = self.rec.wait("ack", to_master=False).id
        self.stock()
        self.master.wait_line("All users spawned")
        frozen.signal(signal.SIGSTOP)
        self.master.wait_line("failed to send heartbeat, setting state to missing")
        frozen.signal(signal.SIGCONT)
        self.master.wait_line("self-healed with heartbeat")
        wait_until(lambda: sorted(self.users().values()) == [3, 3], "three users each")
        self.assertEqual(self.users()[frozen_id], 3)
        self.master.signal(signal.SIGINT)
        self.assertEqual(self.master.wait(), 0)

    def test_57_58_joins_and_leaves_while_running(self):
        self.start_master("-u", "12", "-r", "12", "--enable-rebalancing")
        workers = [self.stock()]
        self.master.wait_line("All users spawned")
        for joined in (2, 3):
            workers.append(self.stock())
            wait_until(lambda: sorted(self.users().values()) == [12 // joined] * joined, f"{joined} workers share")
        # A worker that says quit leaves its users to the others.
        workers[0].signal(signal.SIGTERM)
        self.assertEqual(workers[0].wait(), 0)
        wait_until(lambda: sorted(self.users().values())[-2:] == [6, 6], "two workers share")
        # With rebalancing so does one that was killed, once it is missing.
        workers[1].signal(signal.SIGKILL)
        wait_until(lambda: list(self.users().values()).count(12) == 1, "the last one takes all")
        workers[2].signal(signal.SIGTERM)
        self.assertEqual(self.master.wait(), 0, self.master.output())
        self.master.wait_line(r"WARNING.*3 worker\(s\) were lost.* quit .*went missing after \d+ s with 6 users; .*quit")

    def test_60_61_failures_make_the_exit_code(self):
        self.start_master("-u", "2", "-r", "2", "-t", "4s", "--exit-code-on-error", "7")
        self.stock("failing.py")
        self.assertEqual(self.master.wait(timeout=30), 7)
        self.assertEqual(len(self.rec.all("quit", to_master=True)), 1)
        requests, failures = table(self.master.output(), "/fail")
        self.assertEqual(requests, failures)

    def test_70_workers_of_a_killed_master_are_taken_back(self):
        self.start_master("-u", "2", "-r", "2")
        self.stock()
        self.master.wait_line("All users spawned")
        self.master.signal(signal.SIGKILL)
        self.master.wait()
        again = self.use(native_master("-H", self.target.host, "-u", "3", "-r", "3", "-t", "3s", port=self.port))
        again.wait_line(r"Asking it to stop and report as ready")
        again.wait_line(r"All users spawned: .*\(3 total users\)")
        self.assertEqual(again.wait(), 0, again.output())

    def test_63_a_shape_has_the_timings_of_stock(self):
        self.start_master(
            "-f", SCENARIOS / "shaped.yaml", "-u", "50", "-t", "1s", "--expect-workers", "2", "--threshold", "p95 < 10s"
        )
        self.stock(), self.stock()
        self.assertEqual(self.master.wait(timeout=30), 0, self.master.output())
        first, second = sorted({m.id for m in self.rec.all("spawn")})
        steps = [(a + b, t) for (a, t), (b, _) in zip(self.totals(first), self.totals(second))]
        # captures b, whose stages last 5 s: 0, 1; 5, 5.8, 6.6; 10, 11 s
        self.assertEqual([users for users, _ in steps], [3, 6, 8, 10, 12, 8, 4])
        for (_, t), at in zip(steps, [0, 1, 3, 3.8, 4.6, 6, 7]):
            self.assertAlmostEqual(t - steps[0][1], at, delta=0.4)
        self.assertAlmostEqual(self.rec.all("quit", to_master=False)[0].t - steps[0][1], 8, delta=0.4)
        for line in (
            r"INFO/locust.runners: Shape test starting\.",
            r"INFO/locust.runners: Shape test updating to 12 users at 2\.50 spawn rate",
            r"INFO/locust.runners: Shape test stopping",
            r"INFO/locust.main: Shape test completed, shutting down",
            r"WARNING/locust.main: The following option\(s\) will be ignored: --users, --run-time",
            r"^ok +p95 < 10s .*2 digits$",
        ):
            self.assertEqual(len(self.master.lines(line)), 1, self.master.output())

    def test_63_no_stage_is_skipped(self):
        self.start_master("-f", SCENARIOS / "shaped.yaml", "--shape", "impatient")
        self.stock()
        self.assertEqual(self.master.wait(timeout=30), 0, self.master.output())
        counts = [m.data["user_classes_count"] for m in self.rec.all("spawn")]
        self.assertEqual([sum(c.values()) for c in counts][:2], [2, 4])
        self.assertEqual(counts[-1], {"Admin": 3, "Shop": 1})

    def test_64_tags_and_arguments_reach_stock_and_native_workers(self):
        scenario = SCENARIOS / "tagged.yaml"
        self.start_master(
            "-f", scenario, "-u", "4", "-r", "4", "-t", "5s", "--expect-workers", "2", "--tenant", "mine", "-T", "read"
        )
        self.native("tagged.yaml")
        self.stock("tagged.py")
        self.assertEqual(self.master.wait(timeout=30), 0, self.master.output())
        self.assertGreater(table(self.master.output(), "reads mine")[0], 20)
        self.assertNotIn("writes", self.master.output())
        for id in {m.id for m in self.rec.all("stats")}:
            names = {entry["name"] for m in self.rec.all("stats", id=id) for entry in m.data["stats"]}
            self.assertEqual(names, {"reads mine"})

    @unittest.skipIf(OLD, "has no -f -")
    def test_68_a_stock_worker_downloads_the_locustfile(self):
        self.start_master("-f", harness.LOCUSTFILES / "shop.py", "-u", "2", "-r", "2", "-t", "2s")
        worker = self.stock("-")
        self.assertEqual(self.master.wait(timeout=30), 0, self.master.output())
        self.assertEqual(worker.wait(), 0, worker.output())
        reply = self.rec.wait("locustfile", to_master=False)
        self.assertEqual(reply.data["filename"], "shop.py")
        self.assertGreater(table(self.master.output(), "Aggregated")[0], 0)

    def test_mixed_workers_lose_nothing_though_one_leaves(self):
        self.start_master("-u", "6", "-r", "6", "-t", "6s", "-s", "2", "--expect-workers", "3")
        leaving = self.native()
        self.native()
        self.stock()
        self.master.wait_line("All users spawned")
        leaving.signal(signal.SIGTERM)
        self.assertEqual(leaving.wait(), 0)
        self.assertEqual(self.master.wait(timeout=30), 0, self.master.output())
        self.assertEqual(sorted(self.users().values()), [2, 3, 3])  # as spawned
        self.assertEqual(table(self.master.output(), "Aggregated")[0], self.target.counts()["total"])


if __name__ == "__main__":
    unittest.main()
