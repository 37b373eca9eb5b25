"""docs/conformance.md statements 1-42: a native worker against a master that says exactly what each needs."""

import hashlib
import pathlib
import re
import signal
import tempfile
import time
import unittest

import msgpack

import harness
from harness import ConformanceTest, RawMaster, Target, native_worker, wait_until

CLASSES = ("Admin", "Busy", "Failing", "Shop", "Slow")
SCENARIO = harness.ROOT / "tests" / "conformance" / "scenarios" / "mixed.yaml"
WHOLE = harness.ROOT / "tests" / "conformance" / "scenarios" / "whole.yaml"
ENTRY_KEYS = {
    "name", "method", "last_request_timestamp", "start_time", "num_requests", "num_none_requests", "num_failures",
    "total_response_time", "max_response_time", "min_response_time", "total_content_length", "response_times",
    "num_reqs_per_sec", "num_fail_per_sec",
}  # fmt: skip


class NativeWorker(ConformanceTest):
    """One worker for all statements that leave it usable; each test begins with it ready."""

    @classmethod
    def setUpClass(cls):
        cls.target = cls.own(Target())
        cls.master = cls.own(RawMaster())
        cls.worker = cls.own(native_worker(SCENARIO, "-H", cls.target.host, port=cls.master.port))
        cls.rec = cls.master.recording
        cls.id = cls.rec.wait("client_ready").id
        cls.rec.wait("stats")

    def setUp(self):
        self.began = time.monotonic()

    def tearDown(self):
        self.stop_test()

    def stop_test(self):
        """Brings the worker back to ready."""
        since = time.monotonic()
        self.master.spawn(self.id, {}, stop_timeout=0.0)
        self.master.send(self.id, "stop")
        self.rec.wait("client_ready", since=since)
        wait_until(lambda: sum(self.users().values()) == 0, "no users")

    def users(self):
        reports = self.rec.all("stats")
        return reports[-1].data["user_classes_count"]

    def wait(self, type, **how):
        return self.rec.wait(type, since=self.began, **how)

    def spawn(self, counts, **fields):
        """Sends a spawn and returns its spawning_complete."""
        since = time.monotonic()
        self.master.spawn(self.id, counts, **fields)
        return self.rec.wait("spawning_complete", since=since)

    def sum_of_reports(self, since, until=None):
        total = 0
        for m in self.rec.all("stats", since=since):
            if until is None or m.t <= until:
                total += m.data["stats_total"]["num_requests"]
        return total

    def test_01_identity_and_node_id(self):
        self.assertRegex(self.id, r"^[^_]+_[0-9a-f]{32}$")
        for m in self.rec.all():
            self.assertEqual(m.node_id, self.id)

    def test_02_one_payload_frame(self):
        self.assertEqual({m.frames for m in self.rec.all()}, {1})

    def test_03_tuples_of_three_with_text_keys(self):
        def check(value):
            if isinstance(value, dict):
                for key, inner in value.items():
                    self.assertIsInstance(key, (str, int, float))
                    check(inner)
            elif isinstance(value, list):
                for inner in value:
                    check(inner)

        for m in self.rec.all():
            self.assertIsInstance(m.decoded, list)
            self.assertEqual(len(m.decoded), 3)
            self.assertIsInstance(m.type, str)
            check(m.data)

    def test_07_acks_of_all_forms_are_taken(self):
        for data in (None, {}, {"index": 3}, {"index": 3}):
            self.master.send(self.id, "ack", data)
        self.spawn({"Shop": 1})

    def test_09_10_13_periods_and_payloads_under_load(self):
        self.spawn({"Busy": 4})
        begin = time.monotonic()
        wait_until(lambda: time.monotonic() - begin > 6.2, "the window", timeout=8)
        heartbeats = [m for m in self.rec.all("heartbeat") if begin <= m.t <= begin + 6]
        reports = [m for m in self.rec.all("stats") if begin <= m.t <= begin + 6]
        self.assertAlmostEqual(len(heartbeats), 6, delta=1)
        self.assertAlmostEqual(len(reports), 2, delta=1)
        for m in heartbeats:
            self.assertEqual(set(m.data), {"state", "current_cpu_usage", "current_memory_usage"})
            self.assertIn(m.data["state"], ("ready", "spawning", "running"))
            self.assertIsInstance(m.data["current_cpu_usage"], float)
            self.assertIsInstance(m.data["current_memory_usage"], int)
        for m in reports:
            self.assertLessEqual({"stats", "stats_total", "errors", "user_classes_count", "user_count"}, set(m.data))
            for entry in [m.data["stats_total"], *m.data["stats"]]:
                self.assertEqual(set(entry), ENTRY_KEYS)

    def test_09_first_heartbeat_and_report_follow_the_ack(self):
        ready = self.rec.all("client_ready")[0]
        self.assertLess(self.rec.all("heartbeat")[0].t - ready.t, 0.5)
        self.assertLess(self.rec.all("stats")[0].t - ready.t, 0.5)

    def test_13_idle_reports_are_zeros(self):
        report = self.wait("stats", where=lambda m: not m.data["stats"], timeout=8)
        total = report.data["stats_total"]
        self.assertEqual(total["num_requests"], 0)
        self.assertIsNone(total["min_response_time"])
        self.assertEqual(report.data["errors"], {})
        self.assertEqual(report.data["user_classes_count"], dict.fromkeys(CLASSES, 0))

    def test_14_deltas_add_up_to_what_the_target_saw(self):
        self.target.reset()
        since = time.monotonic()
        self.spawn({"Shop": 3}, stop_timeout=2.0)
        wait_until(lambda: self.target.route("GET /") >= 20, "20 requests")
        self.master.send(self.id, "stop")
        self.rec.wait("client_ready", since=since)
        made = self.target.counts()["total"]
        wait_until(lambda: self.sum_of_reports(since) == made, f"reports of {made} requests")
        entries = sum(e["num_requests"] for m in self.rec.all("stats", since=since) for e in m.data["stats"])
        self.assertEqual(entries, made)

    def test_15_16_buckets_are_ints_and_minimum_is_nil_only_without_requests(self):
        self.spawn({"Slow": 1, "Shop": 1}, stop_timeout=2.0)
        report = self.wait("stats", where=lambda m: any(e["name"] == "/slow" for e in m.data["stats"]))
        for entry in report.data["stats"]:
            self.assertTrue(all(isinstance(key, int) for key in entry["response_times"]))
            self.assertEqual(sum(entry["response_times"].values()), entry["num_requests"])
            self.assertIsNotNone(entry["min_response_time"])
            self.assertEqual(entry["num_none_requests"], 0)
        slow = next(e for e in report.data["stats"] if e["name"] == "/slow")
        for bucket in slow["response_times"]:
            self.assertEqual(bucket % 100, 0)
            self.assertGreaterEqual(bucket, 1500)

    def test_17_18_errors_are_keyed_as_stock_does_and_seen_times_are_floats(self):
        self.spawn({"Failing": 1})
        report = self.wait("stats", where=lambda m: m.data["errors"])
        (key, error), *others = report.data["errors"].items()
        self.assertEqual(others, [])
        self.assertEqual(error["name"], "/fail")
        self.assertEqual(error["method"], "GET")
        text = f"GET./fail.{error['error']!r}"
        self.assertEqual(key, hashlib.sha256(text.encode()).hexdigest())
        self.assertIsInstance(error["first_seen"], float)
        self.assertLessEqual(error["first_seen"], error["last_seen"])

    def test_19_spawning_comes_first_and_complete_when_the_counts_are_reached(self):
        self.spawn({"Shop": 2})
        kinds = [m.type for m in self.rec.all(since=self.began) if m.type.startswith("spawning")]
        self.assertEqual(kinds, ["spawning", "spawning_complete"])
        complete = self.spawn({"Shop": 2})
        self.assertEqual(complete.data["user_classes_count"]["Shop"], 2)
        self.assertEqual(complete.data["user_count"], 2)

    def test_20_an_equal_or_older_timestamp_is_answered_and_ignored(self):
        now = max(time.time(), self.master.last_timestamp) + 0.001
        self.spawn({"Shop": 1}, timestamp=now)
        since = time.monotonic()
        self.master.spawn(self.id, {"Shop": 3}, timestamp=now)
        self.master.spawn(self.id, {"Shop": 3}, timestamp=now - 5)
        self.rec.wait("spawning", since=since, count=2)
        complete = self.spawn({"Shop": 1}, timestamp=now + 0.001)
        self.assertEqual(complete.data["user_count"], 1)
        self.assertEqual(len(self.rec.all("spawning_complete", since=since)), 1)

    def test_21_41_all_number_forms_are_taken(self):
        base = int(max(time.time(), self.master.last_timestamp)) + 1
        complete = self.spawn({"Shop": 2.0}, timestamp=base)
        self.assertEqual(complete.data["user_classes_count"]["Shop"], 2)
        since = time.monotonic()
        packer = msgpack.Packer(use_single_float=True)
        big = b"\xcf" + (base + 200).to_bytes(8, "big")
        fields = [
            (b"\xa9timestamp", big),
            (b"\xb2user_classes_count", b"\x81\xa4Shop\xd3" + (1).to_bytes(8, "big")),
            (b"\xa4host", b"\xc0"),
            (b"\xacstop_timeout", packer.pack(0.5)),
            (b"\xaeparsed_options", b"\x80"),
        ]
        body = b"\xdf" + len(fields).to_bytes(4, "big") + b"".join(k + v for k, v in fields)
        self.master.send_raw(self.id, b"\x93\xa5spawn" + body + msgpack.dumps(self.id))
        complete = self.rec.wait("spawning_complete", since=since)
        self.assertEqual(complete.data["user_count"], 1)
        self.master.last_timestamp = base + 200.0  # the worker keeps it for its life

    def test_22_counts_are_absolute_and_classes_not_named_keep_theirs(self):
        for count in (3, 5, 2):
            self.assertEqual(self.spawn({"Shop": count}).data["user_classes_count"]["Shop"], count)
        complete = self.spawn({"Admin": 1})
        self.assertEqual(complete.data["user_classes_count"]["Shop"], 2)
        self.assertEqual(complete.data["user_classes_count"]["Admin"], 1)
        self.wait("stats", where=lambda m: m.data["user_classes_count"] == complete.data["user_classes_count"])

    def test_23_unknown_classes_do_not_stall_it(self):
        complete = self.spawn({"Nobody": 3, "Shop": 1})
        self.assertEqual(complete.data["user_classes_count"], {**dict.fromkeys(CLASSES, 0), "Shop": 1})

    def test_24_a_spawn_during_a_spawn_supersedes_it(self):
        self.spawn({"Slow": 3}, stop_timeout=3.0)
        since = time.monotonic()
        self.master.spawn(self.id, {"Slow": 1}, stop_timeout=3.0)
        self.master.spawn(self.id, {"Slow": 1, "Shop": 2}, stop_timeout=3.0)
        complete = self.rec.wait("spawning_complete", since=since)
        self.assertEqual(complete.data["user_classes_count"]["Shop"], 2)
        self.assertEqual(complete.data["user_classes_count"]["Slow"], 1)
        self.assertEqual(len(self.rec.all("spawning", since=since)), 2)
        self.assertEqual(len(self.rec.all("spawning_complete", since=since)), 1)

    def test_25_ramp_down_lets_tasks_finish(self):
        self.target.reset()
        self.spawn({"Slow": 2}, stop_timeout=4.0)
        wait_until(lambda: self.target.counts()["in_flight"] == 2, "both requests in flight")
        since = time.monotonic()
        self.spawn({"Slow": 0}, stop_timeout=4.0)
        self.assertLess(time.monotonic() - since, 4.0)
        self.assertEqual(self.target.counts()["aborted"], 0)

    def test_25_ramp_down_kills_at_the_limit(self):
        self.target.reset()
        self.spawn({"Slow": 1}, stop_timeout=0.3)
        wait_until(lambda: self.target.counts()["in_flight"] == 1, "the request in flight")
        since = time.monotonic()
        self.spawn({"Slow": 0}, stop_timeout=0.3)
        self.assertGreater(time.monotonic() - since, 0.25)
        wait_until(lambda: self.target.counts()["aborted"] == 1, "the request aborted")

    def test_26_host_and_stop_timeout_forms(self):
        other = self.use(Target())
        self.spawn({"Shop": 1}, host=other.host)
        wait_until(lambda: other.route("GET /") > 0, "requests at the host of the spawn")
        for stop_timeout in (None, 1, 0.5):
            self.spawn({"Shop": 1}, stop_timeout=stop_timeout, host="")

    def test_27_unknown_options_are_ignored(self):
        options = {"users": 5, "tags": ["a"], "nested": {"a": [1, {"b": None}]}, "expect_workers": 3, "x": b"\x00"}
        self.assertEqual(self.spawn({"Shop": 1}, parsed_options=options).data["user_count"], 1)

    def test_28_29_a_test_begins_with_clean_counters_and_stop_has_its_order(self):
        self.spawn({"Shop": 1}, stop_timeout=1.0)
        self.wait("stats", where=lambda m: m.data["stats_total"]["num_requests"] > 0)
        since = time.monotonic()
        self.master.send(self.id, "stop")
        ready = self.rec.wait("client_ready", since=since)
        stopped = self.rec.wait("client_stopped", since=since)
        self.assertEqual(ready.data, -1)
        self.assertAlmostEqual(ready.t - stopped.t, 1.0, delta=0.4)
        self.rec.wait("heartbeat", since=ready.t, where=lambda m: m.data["state"] == "ready")
        since = time.monotonic()
        self.spawn({"Admin": 1})
        report = self.rec.wait("stats", since=since, where=lambda m: m.data["stats"])
        self.assertEqual({e["name"] for e in report.data["stats"]}, {"/api/products"})

    def test_29_stop_when_idle_and_twice(self):
        self.master.send(self.id, "stop")
        self.master.send(self.id, "stop")
        self.wait("client_ready", count=2)
        self.assertEqual(len(self.rec.all("client_stopped", since=self.began)), 2)

    def test_08_nothing_late_after_client_stopped(self):
        self.spawn({"Slow": 1}, stop_timeout=2.0)
        since = time.monotonic()
        self.master.spawn(self.id, {"Slow": 0}, stop_timeout=2.0)
        self.master.send(self.id, "stop")
        ready = self.rec.wait("client_ready", since=since)
        stopped = self.rec.wait("client_stopped", since=since)
        self.assertEqual([m for m in self.rec.all("spawning_complete", since=stopped.t) if m.t <= ready.t], [])

    def test_34_reconnect_loses_and_doubles_nothing(self):
        self.target.reset()
        since = time.monotonic()
        self.spawn({"Shop": 2}, stop_timeout=2.0)
        self.wait("stats", where=lambda m: m.data["stats"])
        again = time.monotonic()
        self.master.send(self.id, "reconnect")
        self.rec.wait("stats", since=again + 1)
        self.assertEqual([m for m in self.rec.all("client_ready", since=again)], [])
        self.master.send(self.id, "stop")
        self.rec.wait("client_ready", since=again)
        made = self.target.counts()["total"]
        wait_until(lambda: self.sum_of_reports(since) == made, f"reports of {made} requests")

    def test_35_36_42_odd_messages_cost_a_log_line(self):
        before = len(self.worker.lines("Unknown message type received|RPCError"))
        for payload in (b"", b"\xc1", b"\x93", b"\x92\xa4stop\xc0", msgpack.dumps(["spawn", None, self.id])):
            self.master.send_raw(self.id, payload)
        for type, data in (("hello", None), ("hello", [1, {"a": 2}]), (5, None), ("update_user_class", {"user_class_name": "X"})):
            self.master.send(self.id, type, data)
        self.master.send(self.id, "spawning_complete", {"user_count": 3})
        self.master.send(self.id, "heartbeat")
        self.spawn({"Shop": 1})
        wait_until(lambda: len(self.worker.lines("Unknown message type received|RPCError")) > before, "log lines")

    def test_37_exceptions_are_texts_and_bounded(self):
        self.spawn({"Failing": 20})
        message = self.wait("exception")
        self.assertIsInstance(message.data["msg"], str)
        self.assertIn("never_set", message.data["msg"])
        self.assertIsInstance(message.data["traceback"], str)
        begin = time.monotonic()
        self.rec.wait("heartbeat", since=begin, count=3)
        seconds = time.monotonic() - begin
        self.assertLessEqual(len(self.rec.all("exception", since=begin)), 50 * (seconds + 1))


class NativeWorkerEnds(ConformanceTest):
    """Statements about the start and the end of a worker: one worker each."""

    def start(self, *args, scenario=SCENARIO):
        self.target = self.use(Target())
        self.master = self.use(RawMaster())
        self.worker = self.use(native_worker(scenario, "-H", self.target.host, *args, port=self.master.port))
        self.rec = self.master.recording
        self.id = self.rec.wait("stats").id

    def spawn(self, counts, **fields):
        since = time.monotonic()
        self.master.spawn(self.id, counts, **fields)
        self.rec.wait("spawning_complete", since=since)

    def test_06_worker_before_master(self):
        port = harness.free_port()
        worker = self.use(native_worker(SCENARIO, port=port))
        worker.wait_line("Starting Locust")
        wait_until(lambda: time.monotonic() - worker.started > 6, "a second attempt")
        master = self.use(RawMaster(port=port))
        master.recording.wait("stats")
        self.assertLessEqual(len(master.recording.all("client_ready")), 2)

    def test_31_33_quit(self):
        self.start()
        self.spawn({"Shop": 3})
        wait_until(lambda: self.target.route("GET /") > 5, "requests")
        since = time.monotonic()
        for _ in range(3):
            self.master.send(self.id, "quit")
        quit = self.rec.wait("quit", since=since)
        self.assertLess(quit.t - since, 0.4)
        last = self.rec.all("stats")[-1]
        self.assertLess(last.t, quit.t)
        self.assertEqual(sum(last.data["user_classes_count"].values()), 0)
        self.assertEqual(self.worker.wait(), 0)
        self.assertEqual(len(self.rec.all("quit")), 1)
        reported = sum(m.data["stats_total"]["num_requests"] for m in self.rec.all("stats"))
        self.assertLessEqual(reported, self.target.counts()["total"])
        self.assertLessEqual(self.target.counts()["total"], reported + 3)

    def test_31_quit_waits_for_tasks_within_stop_timeout(self):
        self.start()
        self.spawn({"Slow": 2}, stop_timeout=4.0)
        wait_until(lambda: self.target.counts()["in_flight"] == 2, "requests in flight")
        self.master.send(self.id, "quit")
        self.rec.wait("quit")
        reported = sum(m.data["stats_total"]["num_requests"] for m in self.rec.all("stats"))
        self.assertEqual(reported, self.target.counts()["total"])
        self.assertEqual(self.worker.wait(), 0)

    def test_32_signals(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number):
                self.start()
                self.spawn({"Shop": 2}, stop_timeout=2.0)
                wait_until(lambda: self.target.route("GET /") > 3, "requests")
                self.worker.signal(number)
                quit = self.rec.wait("quit")
                self.assertEqual(self.worker.wait(), 0)
                self.assertLess(self.rec.all("stats")[-1].t, quit.t)
                reported = sum(m.data["stats_total"]["num_requests"] for m in self.rec.all("stats"))
                self.assertEqual(reported, self.target.counts()["total"])

    def rows(self):
        return {entry["name"] for m in self.rec.all("stats") for entry in m.data["stats"]}

    def test_27_tags_and_arguments_are_used(self):
        self.start(scenario=WHOLE)
        self.spawn({"Tagged": 2}, parsed_options={"tags": ["read"], "tenant": "mine", "headless": True, "odd": [1]})
        wait_until(self.rows, "rows")
        self.master.send(self.id, "stop")
        self.rec.wait("client_stopped")
        self.assertEqual(self.rows(), {"mine"})

    def test_the_workers_own_arguments_and_tags(self):
        self.start("--tenant", "own", "-T", "write", scenario=WHOLE)
        self.spawn({"Tagged": 2})
        wait_until(self.rows, "rows")
        self.assertEqual(self.rows(), {"writes for own"})

    def test_secret_values_are_not_logged(self):
        self.start("-L", "DEBUG", scenario=WHOLE)
        self.spawn({"Tagged": 1}, parsed_options={"key": "hush-hush"})
        self.master.send(self.id, "quit")
        self.worker.wait()
        self.assertNotIn("hush-hush", self.worker.output())

    def test_test_start_and_test_stop_run_once_per_test(self):
        self.start(scenario=WHOLE)
        for test in (1, 2):
            since = time.monotonic()
            self.spawn({"Tagged": 1})
            self.spawn({"Tagged": 3})
            self.assertEqual(self.target.route("GET /api/products"), 2 * test - 1)
            self.master.send(self.id, "stop")
            self.rec.wait("client_ready", since=since)
            self.assertEqual(self.target.route("GET /api/products"), 2 * test)
        self.assertNotIn("/api/products", self.rows())
        self.assertEqual(self.rec.all("exception"), [])

    def test_a_failing_test_start_keeps_users_away(self):
        self.start("-H", "http://127.0.0.1:9", scenario=WHOLE)
        complete = self.spawn_complete({"Tagged": 2})
        self.assertEqual(complete.data["user_count"], 0)
        self.assertIn("test_start", self.rec.wait("exception").data["msg"])
        self.rec.wait("heartbeat", since=complete.t)

    def spawn_complete(self, counts):
        since = time.monotonic()
        self.master.spawn(self.id, counts)
        return self.rec.wait("spawning_complete", since=since)

    def test_stop_test_quits_under_a_stock_master(self):
        self.start(scenario=WHOLE)
        self.master.spawn(self.id, {"Ender": 1})
        self.rec.wait("quit")
        self.assertEqual(self.worker.wait(), 0)

    def test_38_logs_go_to_masters_that_understand_them(self):
        self.start()
        self.spawn({"Shop": 1})
        self.assertEqual(self.rec.all("logs"), [])
        self.master.send(self.id, "spawning_complete", {"user_count": 1})
        logs = self.rec.wait("logs").data
        self.assertEqual(logs["worker_id"], self.id)
        self.assertTrue(any("Starting Locust" in line for line in logs["logs"]))

    def test_update_user_class_chooses_host_and_tasks(self):
        self.start(scenario=WHOLE)
        self.master.send(
            self.id, "update_user_class", {"user_class_name": "Tagged", "host": self.target.host, "tasks": ["writes"]}
        )
        self.spawn({"Tagged": 2})
        wait_until(self.rows, "rows")
        self.assertEqual(self.rows(), {"writes for acme"})

    def ask(self, *args):
        """A worker that has asked this test's raw master for its scenario, and keeps temporary files in self.tmp."""
        self.tmp = self.enterContext(tempfile.TemporaryDirectory())
        self.master = self.use(RawMaster())
        self.rec = self.master.recording
        self.worker = self.use(native_worker("-", *args, port=self.master.port, env={"TMPDIR": self.tmp}))
        return self.rec.wait("locustfile", count=2)  # not answered at first

    def left_behind(self):
        return list(pathlib.Path(self.tmp).iterdir())

    def test_39_the_scenario_of_the_master_is_run_whatever_form_it_comes_in(self):
        text = SCENARIO.read_text()
        forms = [
            {"filename": "mixed.yaml", "contents": text},
            {"locustfiles": [{"filename": "/else/where/mixed.yaml", "contents": text}]},
        ]
        target = self.use(Target())
        for reply in forms:
            with self.subTest(keys=list(reply)):
                request = self.ask("-H", target.host, "--processes", "2")
                self.assertRegex(request.id, r"^[^_]+_download_locustfile_[0-9a-f]{32}$")
                self.assertEqual(request.node_id, request.id)
                self.assertIsInstance(request.data["version"], str)
                self.assertTrue(request.data["version"])
                self.assertEqual(self.rec.all("client_ready"), [])
                self.master.send(request.id, "locustfile", reply)
                wait_until(lambda: len({m.id for m in self.rec.all("stats")}) == 2, "two workers")
                self.assertEqual(set(self.rec.all("stats")[0].data["user_classes_count"]), set(CLASSES))
                self.id = self.rec.all("stats")[0].id
                self.spawn({"Shop": 1})
                self.assertEqual(len({m.id for m in self.rec.all("locustfile")}), 1)
                self.assertEqual(len(self.left_behind()), 1)
                self.worker.signal(signal.SIGTERM)
                self.assertEqual(self.worker.wait(), 0)
                self.assertEqual(self.left_behind(), [])

    def test_39_arguments_of_the_masters_scenario_are_options(self):
        request = self.ask("--tenant", "own", "--list")
        self.master.send(request.id, "locustfile", {"filename": "whole.yaml", "contents": WHOLE.read_text()})
        self.assertEqual(self.worker.wait(), 0)
        self.assertIn("Tagged", self.worker.output())
        self.assertEqual(self.left_behind(), [])

    def test_39_what_is_no_scenario_ends_the_worker(self):
        replies = [
            ({"error": "nothing to send"}, "Got error from master: nothing to send"),
            ({"filename": "locustfile.py", "contents": "import locust"}, "No User class found!"),
            ({"locustfiles": ["https://example.com/locustfile.py"]}, "https://example.com/locustfile.py"),
            ({"filename": "..", "contents": ""}, "which is not a valid file name"),
            (None, "cannot be read"),
        ]
        for reply, line in replies:
            with self.subTest(reply=reply):
                request = self.ask()
                self.master.send(request.id, "locustfile", reply)
                self.assertEqual(self.worker.wait(), 1)
                self.assertIn(line, self.worker.output())
                self.assertEqual(self.left_behind(), [])

    def test_40_a_stopped_process_goes_on_where_it_was(self):
        self.start()
        self.spawn({"Shop": 3}, stop_timeout=2.0)
        wait_until(lambda: self.target.route("GET /") > 5, "requests")
        self.worker.signal(signal.SIGSTOP)
        time.sleep(6)
        since = time.monotonic()
        self.worker.signal(signal.SIGCONT)
        beat = self.rec.wait("heartbeat", since=since)
        self.assertEqual(beat.data["state"], "running")
        report = self.rec.wait("stats", since=since)
        self.assertEqual(sum(report.data["user_classes_count"].values()), 3)
        self.master.send(self.id, "quit")
        self.rec.wait("quit")
        reported = sum(m.data["stats_total"]["num_requests"] for m in self.rec.all("stats"))
        self.assertEqual(reported, self.target.counts()["total"])

    def test_70_a_restarted_master_is_joined_again_and_no_sample_is_lost_or_doubled(self):
        self.start()
        self.spawn({"Shop": 2}, stop_timeout=1.0)
        self.rec.wait("heartbeat", since=time.monotonic())
        # Right after a report, so that none is on its way to the master that goes.
        self.rec.wait("stats", since=time.monotonic(), where=lambda m: m.data["stats"])
        port = self.master.port
        self.master.stop()
        # Acks but answers no heartbeat of a worker that it does not know, as stock's master.
        master = self.use(RawMaster(polite=False, port=port))
        rec = master.recording
        stopped = rec.wait("client_stopped", timeout=20)
        ready = rec.wait("client_ready", since=stopped.t)
        self.assertEqual(ready.id, self.id)
        reported = [sum(m.data["stats_total"]["num_requests"] for m in r.all("stats")) for r in (self.rec, rec)]
        self.assertTrue(all(reported), reported)
        self.assertEqual(sum(reported), self.target.counts()["total"])
        master.send(self.id, "ack", {"index": 0})
        since = time.monotonic()
        master.spawn(self.id, {"Shop": 1}, timestamp=1000.0, stop_timeout=1.0)
        self.assertEqual(rec.wait("spawning_complete", since=since).data["user_classes_count"]["Shop"], 1)
        wait_until(lambda: self.target.counts()["total"] > sum(reported), "requests of the new test")
        master.send(self.id, "quit")
        rec.wait("quit")
        reported[1] = sum(m.data["stats_total"]["num_requests"] for m in rec.all("stats"))
        self.assertEqual(sum(reported), self.target.counts()["total"])

    def test_processes_are_workers_of_their_own(self):
        target = self.use(Target())
        master = self.use(RawMaster())
        parent = self.use(native_worker(SCENARIO, "-H", target.host, "--processes", "2", port=master.port))
        wait_until(lambda: len({m.id for m in master.recording.all("stats")}) == 2, "two workers")
        parent.signal(signal.SIGTERM)
        wait_until(lambda: len(master.recording.all("quit")) == 2, "both quit")
        self.assertEqual(parent.wait(), 0)

    def test_processes_end_with_the_parent(self):
        master = self.use(RawMaster())
        parent = self.use(native_worker(SCENARIO, "--processes", "2", port=master.port))
        wait_until(lambda: len({m.id for m in master.recording.all("stats")}) == 2, "two workers")
        parent.signal(signal.SIGKILL)
        wait_until(lambda: len(master.recording.all("quit")) == 2, "both quit")

    def test_connect_timeout_ends_the_attempts(self):
        worker = self.use(native_worker(SCENARIO, "--connect-timeout", "2", port=harness.free_port()))
        self.assertEqual(worker.wait(), 255)
        self.assertGreater(time.monotonic() - worker.started, 1.9)

    def test_no_scenario_exits_with_two(self):
        worker = self.use(harness.Process([harness.BUILD / "locust-worker"], cwd="/"))
        self.assertEqual(worker.wait(), 2)
        self.assertTrue(re.search(r"-f", worker.output()))


if __name__ == "__main__":
    unittest.main()
