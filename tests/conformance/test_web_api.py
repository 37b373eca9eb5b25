"""Our web API beside stock's: both masters lead stock workers, are asked the same, and what they answer has the same
structure. Then what ours does beyond stock's (docs/api.md), and
docs/conformance.md statement 59 through /stop and /swarm."""

import csv
import io
import json
import re
import signal
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request

import harness
from harness import ConformanceTest, Process, Proxy, Target, native_worker, stock_master, stock_worker, wait_until

SCENARIOS = harness.ROOT / "tests" / "conformance" / "scenarios"


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None


OPENER = urllib.request.build_opener(NoRedirect)


class Site:
    """A master's web server."""

    def __init__(self, base):
        self.base = base

    def ask(self, path, method="GET", form=None, data=None, headers=None):
        if form is not None:
            data = urllib.parse.urlencode(form, doseq=True).encode()
        request = urllib.request.Request(self.base + path, data, headers or {}, method=method)
        try:
            with OPENER.open(request, timeout=harness.DEADLINE) as response:
                return Answer(response.status, response.headers, response.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read().decode())

    def up(self):
        try:
            return self.ask("/worker-count").status
        except OSError:
            return 0

    def requests(self):
        return self.ask("/stats/requests").json()

    def wait_state(self, *states):
        return wait_until(lambda: self.requests()["state"] in states, f"state {states}")


def web_master(*args, port, web_port, env=None, binary=None):
    binary = binary or harness.BUILD / "locust-master"
    process = Process([binary, "--web-host", "127.0.0.1", "--web-port", web_port, "--master-bind-port", port, *args], env)
    process.wait_line("Starting web interface at")
    return process


def shape(value):
    """The structure of a JSON value: keys, and kinds of the leaves; a list is as its first element."""
    if isinstance(value, dict):
        return {key: shape(element) for key, element in sorted(value.items())}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def rounded(value):
    """Without the last digits of numbers, which depend on the order of multiplications."""
    if isinstance(value, dict):
        return {key: rounded(element) for key, element in value.items()}
    return round(value, 9)


class ApiOfBoth(ConformanceTest):
    """One test of both masters, started once: the calls read, or leave what the others need."""

    @classmethod
    def setUpClass(cls):
        cls.target = cls.own(Target())
        cls.sites = {}
        for name in ("stock", "ours"):
            port, web_port = harness.free_port(), harness.free_port()
            arguments = ("-H", cls.target.host, "--class-picker")
            if name == "stock":
                master = stock_master(
                    harness.newest(), "failing.py", "--web-host", "127.0.0.1", "--web-port", str(web_port), *arguments, port=port
                )
            else:
                master = web_master(*arguments, port=port, web_port=web_port)
            cls.own(master)
            site = Site(f"http://127.0.0.1:{web_port}")
            wait_until(site.up, f"the web server of {name}")
            cls.sites[name] = site
            cls.own(stock_worker(harness.newest(), "failing.py", port=port))
        for name, site in cls.sites.items():
            wait_until(lambda: site.ask("/worker-count").json()["worker_count"] == 1, "the worker")
        # Ours learns classes from the first reports.
        wait_until(lambda: cls.sites["ours"].ask("/api/v1/form").json()["user_classes"], "the classes")
        cls.started = {
            name: site.ask("/swarm", "POST", {"user_count": 2, "spawn_rate": 2, "host": cls.target.host, "run_time": "5m"})
            for name, site in cls.sites.items()
        }
        for site in cls.sites.values():
            site.wait_state("running")
        cls.wait_failures()

    @classmethod
    def wait_failures(cls):
        for site in cls.sites.values():
            wait_until(lambda: site.requests()["errors"] and site.ask("/exceptions").json()["exceptions"], "failures")

    def both(self, *args, **kwargs):
        return [self.sites[name].ask(*args, **kwargs) for name in ("stock", "ours")]

    def assert_alike(self, stock, ours, what):
        self.assertEqual(ours.status, stock.status, what)
        self.assertEqual(ours.headers["Content-Type"], stock.headers["Content-Type"], what)

    def test_json_has_the_same_structure(self):
        self.assertEqual(shape(self.started["ours"].json()), shape(self.started["stock"].json()))
        for path in ("/stats/requests", "/exceptions", "/worker-count", "/logs"):
            with self.subTest(path):
                stock, ours = self.both(path)
                self.assert_alike(stock, ours, path)
                expected, found = shape(stock.json()), shape(ours.json())
                if path == "/logs":  # keyed by worker
                    expected["workers"] = found["workers"] = None
                self.assertEqual(found, expected)

    def test_tasks_are_known_of_classes_only_where_workers_are_stocks(self):
        stock, ours = (answer.json() for answer in self.both("/tasks"))
        self.assertEqual(set(ours), set(stock))
        for kind, classes in ours.items():
            self.assertEqual(classes, {"Failing": {"ratio": stock[kind]["Failing"]["ratio"], "tasks": {}}})

    def test_values_agree_where_they_must(self):
        stock, ours = (site.requests() for site in self.sites.values())
        for answer in (stock, ours):
            self.assertEqual(answer["user_count"], 2)
            self.assertEqual([row["name"] for row in answer["stats"]], ["/fail", "Aggregated"])
        self.assertEqual(ours["errors"][0]["error"], stock["errors"][0]["error"])

    def test_files_have_the_same_columns_and_names(self):
        for path in ("/stats/requests/csv", "/stats/failures/csv", "/exceptions/csv"):
            with self.subTest(path):
                stock, ours = self.both(path)
                self.assert_alike(stock, ours, path)
                rows = [list(csv.reader(io.StringIO(answer.body, newline=""))) for answer in (stock, ours)]
                self.assertEqual(rows[1][0], rows[0][0])
                name = r'attachment;\s*filename="?Locust_\d{4}-\d\d-\d\d-\d\dh\d\d_[\w.]+_http://127[^"]+\.csv'
                self.assertRegex(stock.headers["Content-Disposition"], name)
                self.assertRegex(ours.headers["Content-Disposition"], name)

    def test_wrong_requests_are_answered_alike(self):
        for path, method in (
            ("/swarm", "GET"),
            ("/user", "GET"),
            ("/nothing", "GET"),
            ("/login", "GET"),
            ("/stats/requests_full_history/csv", "GET"),
        ):
            with self.subTest(f"{method} {path}"):
                stock, ours = self.both(path, method)
                self.assert_alike(stock, ours, path)
                self.assertEqual(ours.body if path != "/login" else "", stock.body if path != "/login" else "")
        self.assertEqual(*(set(a.headers["Allow"].replace(" ", "").split(",")) for a in self.both("/swarm", "GET")))

    def test_stop_and_reset_answer_get_beside_stocks_post(self):
        stock, ours = self.both("/stats/reset", "POST")
        self.assert_alike(stock, ours, "/stats/reset")
        self.assertEqual(ours.body, stock.body)
        for path in ("/stats/reset", "/stop"):
            # Releases before 2.47 answered GET only.
            self.assertEqual(self.sites["stock"].ask(path, "GET").status, 405)
        self.assertEqual(self.sites["ours"].ask("/stats/reset", "GET").body, ours.body)
        self.wait_failures()  # for the other tests

    def test_forms_that_cannot_be_read_are_answered_alike(self):
        for form in (
            {"user_count": 2},
            {"user_count": "two", "spawn_rate": 1},
            {"user_count": 2, "spawn_rate": "fast"},
            {"user_count": -2, "spawn_rate": 1},
            {"user_count": 2, "spawn_rate": "inf"},
            {"user_count": 2, "spawn_rate": 1, "run_time": "soon"},
        ):
            with self.subTest(form):
                stock, ours = self.both("/swarm", "POST", form)
                self.assert_alike(stock, ours, str(form))
                self.assertEqual(ours.json(), stock.json())

    def test_an_exporter_reads_what_it_reads_from_stock(self):
        # What the well-known Prometheus exporters of Locust ask for.
        answer = self.sites["ours"].requests()
        for row in answer["stats"]:
            for key in ("num_requests", "num_failures", "avg_response_time", "min_response_time", "max_response_time"):
                self.assertIsInstance(row[key], (int, float))
            for key in ("current_rps", "current_fail_per_sec", "median_response_time", "avg_content_length"):
                self.assertIsInstance(row[key], (int, float))
        for key in ("errors", "fail_ratio", "user_count", "state", "total_rps", "workers", "worker_count"):
            self.assertIn(key, answer)

    def test_user_attributes_reach_the_workers(self):
        stock, ours = self.both(
            "/user", "POST", data=b'{"user_class_name": "Failing", "weight": 2}', headers={"Content-Type": "application/json"}
        )
        self.assert_alike(stock, ours, "/user")
        self.assertEqual(ours.json(), stock.json())


class TasksOfBoth(ConformanceTest):
    """The same classes, in Python for stock and in YAML for ours, whose workers tell their tasks."""

    def tasks(self, master, worker, web_port):
        self.use(master)
        self.use(worker)
        site = Site(f"http://127.0.0.1:{web_port}")
        wait_until(site.up, "the web server")
        wait_until(lambda: site.ask("/worker-count").json()["worker_count"] == 1, "the worker")
        answer = site.ask("/swarm", "POST", {"user_count": 4, "spawn_rate": 4, "host": self.target.host})
        self.assertTrue(answer.json()["success"], answer.body)
        wait_until(lambda: site.ask("/tasks").json()["per_class"].get("Reader", {}).get("ratio") == 0.75, "the users")
        return site.ask("/tasks").json()

    def test_tasks_have_the_same_names_and_ratios(self):
        self.target = self.use(Target())
        ports = [harness.free_port() for _ in range(4)]
        stock = self.tasks(
            stock_master(
                harness.newest(), "task_sets.py", "--web-host", "127.0.0.1", "--web-port", str(ports[1]), port=ports[0]
            ),
            stock_worker(harness.newest(), "task_sets.py", port=ports[0]),
            ports[1],
        )
        ours = self.tasks(
            web_master(port=ports[2], web_port=ports[3]),
            native_worker(SCENARIOS / "task_sets.yaml", port=ports[2]),
            ports[3],
        )
        self.assertEqual(rounded(ours), rounded(stock))


class OurMaster(ConformanceTest):
    def start(self, *args, env=None):
        self.port, web_port = harness.free_port(), harness.free_port()
        self.master = self.use(web_master(*args, port=self.port, web_port=web_port, env=env))
        self.site = Site(f"http://127.0.0.1:{web_port}")

    def worker(self, scenario="shop.yaml"):
        return self.use(native_worker(SCENARIOS / scenario, port=self.port))

    def wait_workers(self, count):
        wait_until(lambda: self.site.ask("/worker-count").json()["worker_count"] == count, f"{count} workers")
        wait_until(lambda: self.site.ask("/api/v1/form").json()["user_classes"], "the classes")

    def swarm(self, users, rate=100, **form):
        answer = self.site.ask("/swarm", "POST", {"user_count": users, "spawn_rate": rate, **form}).json()
        self.assertTrue(answer["success"], answer)
        return answer

    def wait_everything_counted(self, target):
        """A stock worker reports its last seconds only after it has stopped. What was in flight is counted by the
        target alone, a request of each user at most."""
        served = sum(target.counts()["routes"].values())

        def counted():
            count = self.site.requests()["stats"][-1]["num_requests"]
            return count if served - 12 <= count <= served else None

        return wait_until(counted, f"about {served} requests")

    def end(self, code):
        self.master.signal(signal.SIGTERM)
        self.assertEqual(self.master.wait(), code, self.master.output())

    def test_59_stop_and_a_second_test(self):
        target = self.use(Target())
        self.start("-H", target.host)
        proxy = self.use(Proxy(self.port))
        workers = [
            self.use(native_worker(SCENARIOS / "shop.yaml", port=proxy.port)),
            self.use(stock_worker(harness.newest(), "shop.py", port=proxy.port)),
        ]
        self.wait_workers(2)
        self.swarm(8)
        self.site.wait_state("running")
        wait_until(lambda: self.site.requests()["stats"][-1]["num_requests"] > 20, "requests")
        self.swarm(4)
        wait_until(lambda: self.site.requests()["user_count"] == 4, "fewer users")
        self.assertEqual(self.site.ask("/stop", "POST").json(), {"success": True, "message": "Test stopped"})
        self.site.wait_state("stopped")
        self.assertEqual(len(proxy.recording.all("stop", to_master=False)), 2)
        self.assertEqual(len(proxy.recording.all("client_stopped")), 2)
        self.assertEqual(self.site.requests()["user_count"], 0)
        counted = self.wait_everything_counted(target)
        # the second begins with nothing
        target.reset()
        self.swarm(2)
        self.site.wait_state("running")
        self.assertLess(self.site.requests()["stats"][-1]["num_requests"], counted)
        self.site.ask("/stop")
        self.site.wait_state("stopped")
        self.wait_everything_counted(target)
        self.assertTrue(all(worker.alive() for worker in workers))
        self.end(0)

    def test_events_come_every_second(self):
        self.start("--expect-workers", "1")
        self.assertEqual(self.site.ask("/readyz").status, 503)
        self.worker()
        self.wait_workers(1)
        with urllib.request.urlopen(self.site.base + "/api/v1/events", timeout=harness.DEADLINE) as stream:
            ticks = []
            while len(ticks) < 3:
                line = stream.readline().decode()
                if line.startswith("data: "):
                    ticks.append(json.loads(line[6:]))
        self.assertEqual(ticks[-1]["state"], "ready")
        self.assertLess(ticks[2]["time"] - ticks[1]["time"], 2.5)
        self.assertEqual(self.site.ask("/readyz").status, 200)
        self.assertEqual(self.site.ask("/healthz").status, 200)
        self.assertRegex(self.site.ask("/metrics").body, r'(?m)^locust_workers\{state="ready"\} 1$')

    def test_autostart_and_autoquit(self):
        target = self.use(Target())
        self.start("-H", target.host, "--autostart", "--autoquit", "1", "-u", "2", "-t", "2s")
        self.worker()
        self.assertEqual(self.master.wait(timeout=30), 0, self.master.output())
        self.master.wait_line("--run-time limit reached, stopping test")
        self.master.wait_line("--autoquit time reached, shutting down")

    def test_all_views_of_a_fast_target_agree(self):
        target = self.use(Target())
        folder = self.master_folder()
        self.start("-H", target.host, "--csv", f"{folder}/run", "--html", f"{folder}/report.html", "--percentiles", "50,95")
        self.worker()
        self.wait_workers(1)
        self.swarm(20)
        self.site.wait_state("running")
        wait_until(lambda: self.site.ask("/api/v1/history").json()["columns"]["p50"][5:], "a chart")
        self.site.ask("/stop", "POST")
        self.site.wait_state("stopped")

        entries = self.site.ask("/api/v1/entries").json()
        run = self.site.ask("/api/v1/run.json").json()
        report = harness.report_data(self.site.ask("/stats/report").body)
        stocks = {row["name"]: row for row in self.site.requests()["stats"]}
        rows = {row["Name"]: row for row in csv.DictReader(io.StringIO(self.site.ask("/stats/requests/csv").body, newline=""))}
        self.assertFalse(entries["two_digits"])
        for shown in (*entries["entries"], entries["total"]):
            name = shown["name"]
            with self.subTest(name):
                # exact, hence neither stock's whole milliseconds nor the minimum that bounds them
                self.assertEqual(shown["median_response_time"], shown["percentiles"]["50"])
                self.assertNotEqual(shown["median_response_time"] % 1, 0)
                self.assertLess(shown["min_response_time"], shown["median_response_time"])
                self.assertLess(shown["median_response_time"], shown["max_response_time"])
                # what stock shows of the same requests, in its API and its file
                self.assertEqual(str(stocks[name]["median_response_time"]), rows[name]["Median Response Time"])
                self.assertEqual(str(stocks[name]["response_time_percentile_0.95"]), rows[name]["95%"])
                self.assertEqual(stocks[name]["num_requests"], shown["num_requests"])
                half = shown["median_response_time"]
                stocks_half = stocks[name]["median_response_time"]
                self.assertLessEqual(abs(stocks_half - half), 0.51 + half / 10)
        for other in (run, report):
            self.assertEqual(other["entries"], entries)
        history = self.site.ask("/api/v1/history").json()
        self.assertEqual(report["history"], history)
        charted = [value for value in history["columns"]["p50"] if value is not None]
        self.assertTrue(charted)
        for value in charted:
            self.assertGreaterEqual(value, entries["total"]["min_response_time"])
            self.assertLessEqual(value, entries["total"]["max_response_time"])
        self.assertTrue([value for value in charted if value % 1], "with more than whole milliseconds")
        curve = dict(entries["total"]["curve"])
        self.assertEqual(curve[50], entries["total"]["median_response_time"])
        self.assert_metrics_have(entries["entries"])

        self.end(0)
        with open(f"{folder}/report.html", encoding="utf-8") as file:
            self.assertEqual(harness.report_data(file.read())["entries"]["entries"], entries["entries"])
        with open(f"{folder}/run_stats.csv", encoding="utf-8", newline="") as file:
            self.assertEqual([row["Median Response Time"] for row in csv.DictReader(file)], [row["Median Response Time"] for row in rows.values()])

    def assert_metrics_have(self, entries):
        """The median of each name lies in the bucket in which half of its requests are reached."""
        text = self.site.ask("/metrics").body
        for shown in entries:
            name = re.escape(shown["name"])
            buckets = re.findall(rf'^locust_response_time_seconds_bucket\{{.*name="{name}",le="([^"]+)"\}} (\d+)$', text, re.M)
            below = 0.0
            for bound, count in buckets:
                if int(count) * 2 > shown["num_requests"]:
                    break
                below = float(bound)
            seconds = shown["median_response_time"] / 1000
            self.assertLessEqual(below, seconds)
            self.assertLessEqual(seconds, float(bound))
            self.assertLessEqual(float(bound), 0.05, "a bucket of its size")

    def test_a_base_path_stands_before_everything(self):
        self.start("--web-base-path", "/locust")
        self.assertEqual(self.site.ask("/locust/worker-count").json(), {"worker_count": 0})
        self.assertEqual(self.site.ask("/worker-count").status, 404)

    def test_the_full_history_is_downloaded(self):
        prefix = f"{self.master_folder()}/run"
        self.start("--csv", prefix, "--csv-full-history")
        answer = self.site.ask("/stats/requests_full_history/csv")
        self.assertEqual(answer.status, 200)
        self.assertTrue(answer.body.startswith("Timestamp,User Count"))

    def master_folder(self):
        folder = tempfile.TemporaryDirectory(prefix="locust-conformance-")
        self.addCleanup(folder.cleanup)
        return folder.name

    def test_login_protects_everything(self):
        self.start("--web-login", env={"LOCUST_WEB_USERNAME": "ann", "LOCUST_WEB_PASSWORD": "secret"})
        self.assertEqual(self.site.ask("/stats/requests").status, 401)
        page = self.site.ask("/login")
        cookie, token = re.search(r"(locust_login_\d+=(\w+))", page.headers["Set-Cookie"]).groups()
        form = {"username": "ann", "password": "secret", "csrf": token}
        answer = self.site.ask("/login", "POST", form, headers={"Cookie": cookie})
        self.assertEqual(answer.status, 302)
        cookie = answer.headers["Set-Cookie"].split(";")[0]
        self.assertEqual(self.site.ask("/stats/requests", headers={"Cookie": cookie}).status, 200)

    def test_a_port_that_is_taken_is_named(self):
        self.start()
        web_port = self.site.base.rsplit(":", 1)[1]
        second = self.use(
            Process([harness.BUILD / "locust-master", "--web-host", "127.0.0.1", "-P", web_port, "--master-bind-port", harness.free_port()])
        )
        self.assertEqual(second.wait(), 2)
        second.wait_line(f"--web-host/--web-port: cannot listen on 127.0.0.1:{web_port}: Address already in use")


if __name__ == "__main__":
    unittest.main()
