"""No secret is shown: planted ones of every kind are searched for in every output of failing runs."""

import base64
import http.server
import json
import pathlib
import re
import tempfile
import threading
import unittest
import urllib.parse
import urllib.request

import harness
from harness import BUILD, ConformanceTest, Process, native_worker, stock_worker, wait_until

# What the target and the tests send, one of each kind. Values that only their names give away have
# nothing that a shape could be seen by.
PLANTED = {
    name: f"leak-{name}-plugh"
    for name in (
        "authorization", "header", "cookie", "setcookie", "location", "query", "encodedquery", "form", "blankform",
        "json", "nestedjson", "jsonarray", "jsonintext", "multipart", "xml", "html", "userpassword", "bearer", "argument",
        "environment", "pattern", "exception", "failuretext", "logline", "saved", "border", "cut", "basic",
    )
}  # fmt: skip
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJsZWFrIn0.bGVhay1qd3QtcGx1Z2g"
MARKER = "what everybody may see"  # in the first bytes of each body

PARTS = [
    MARKER,
    json.dumps({"user": {"password": PLANTED["nestedjson"], "tokens": [PLANTED["jsonarray"]]}, "n": 1}),
    json.dumps({"body": json.dumps({"secret": PLANTED["jsonintext"]})}),
    f"<a><Password>{PLANTED['xml']}</Password></a>",
    f"<input name='csrf_token' value='{PLANTED['html']}'>",
    f"http://ada:{PLANTED['userpassword']}@shop/ Bearer {PLANTED['bearer']}1 {JWT}",
    f"card {PLANTED['pattern']} of {PLANTED['environment']} and {PLANTED['argument']}",
]


class LeakingTarget:
    """Fails every request, with a body that holds secrets: in chunks of seven bytes, and one at the end of what is kept."""

    def __init__(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                sent = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode(errors="replace")
                parts = [*PARTS, "sent " + sent, self.path, '{"password": "' + PLANTED["border"] + '"}']
                body = "\n".join(parts) + "\n"
                # Evidence has 4,096 bytes of it; whatever more is kept ends within this value.
                body = body.ljust(4080, ".") + f"&token={PLANTED['cut'] * 200}&"
                self.send_response(500)
                self.send_header("Set-Cookie", f"sid={PLANTED['setcookie']}")
                self.send_header("X-Next", f"/in?access_token={PLANTED['location']}&page=1")
                self.send_header("Content-Type", "text/plain")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                bytes_ = body.encode()
                for at in range(0, len(bytes_), 7):
                    chunk = bytes_[at : at + 7]
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
                self.wfile.write(b"0\r\n\r\n")

            do_GET = do_POST = answer

            def log_message(self, *args):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *args):
                pass  # a user that was stopped has closed its connection

        self.server = Server(("127.0.0.1", 0), Handler)
        self.host = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


SCENARIO = f"""
arguments:
  key: {{default: "", secret: true}}
users:
  Leaking:
    wait_time: 0.2
    headers:
      Authorization: "Bearer {PLANTED['authorization']}"
      X-Client-Token: "{PLANTED['header']}"
      Cookie: "sid={PLANTED['cookie']}"
    tasks:
      all:
        - get: "/fail?token={PLANTED['query']}&page=1&next=%2Fin%3Fsig%3D{PLANTED['encodedquery']}"
          name: query
          check: [{{closed: "json('/n') == 2"}}]
        - post: /fail
          name: form
          form: {{user: ada, password: "{PLANTED['form']} {PLANTED['blankform']}"}}
        - post: /fail
          name: json
          json: {{access_token: "{PLANTED['json']}"}}
        - post: /fail
          name: multipart
          multipart: {{password: "{PLANTED['multipart']}", title: x}}
        - get: "/fail/${{arg.key}}"
          name: argument
        - get: "/fail/${{env.LEAK_VALUE}}/{PLANTED['pattern']}"
          name: environment
        - get: /fail
          name: basic
          auth: {{basic: [ada, "{PLANTED['basic']}"]}}
        - set: {{password: "{PLANTED['saved']}"}}
        - log: "user ada logs in with password={PLANTED['logline']}"
        - fail: "no answer to /in?password={PLANTED['exception']}"
"""

LOCUSTFILE = f"""
import base64, json, logging, os
from locust import FastHttpUser, HttpUser, constant, events

@events.init_command_line_parser.add_listener
def add(parser):
    parser.add_argument("--key", is_secret=True, default="", env_var="LOCUST_KEY")
    parser.add_argument("--other-key", is_secret=True, default="{PLANTED['saved']}")

def leak(user):
    headers = {{"Authorization": "Bearer {PLANTED['authorization']}", "X-Client-Token": "{PLANTED['header']}",
                "Cookie": "sid={PLANTED['cookie']}"}}
    get = user.client.get
    get("/fail?token={PLANTED['query']}&next=%2Fin%3Fsig%3D{PLANTED['encodedquery']}", name="query", headers=headers)
    user.client.post("/fail", name="form", data={{"password": "{PLANTED['form']} {PLANTED['blankform']}"}})
    user.client.post("/fail", name="json", json={{"access_token": "{PLANTED['json']}"}})
    options = user.environment.parsed_options
    get(f"/fail/{{options.key}}/{{options.other_key}}", name="argument")
    get(f"/fail/{{os.environ['LEAK_VALUE']}}/{PLANTED['pattern']}", name="environment")
    with get("/fail", name="judged", catch_response=True) as response:
        response.failure("no answer to /in?password={PLANTED['failuretext']} for Basic "
                         + base64.b64encode(b"ada:{PLANTED['basic']}").decode())
    logging.getLogger("shop").info("user ada logs in with %s", json.dumps({{"password": "{PLANTED['logline']}"}}))
    user.environment.events.request.fire(
        request_type="RPC", name="custom", response_time=1, response_length=1, context={{}},
        exception=ValueError("refused: api_key={PLANTED['json']}"))
    raise RuntimeError(f"no answer to /in?password={PLANTED['exception']} of {{options.key}}")

class Fast(FastHttpUser):
    wait_time = constant(0.2)
    tasks = [leak]

class Plain(HttpUser):
    wait_time = constant(0.2)
    tasks = [leak]
"""

ROUTES = """/ /stats/requests /stats/requests/csv /stats/failures/csv /stats/report /exceptions /exceptions/csv /tasks /logs
/api/v1/entries /api/v1/failures /api/v1/exceptions /api/v1/workers /api/v1/logs /api/v1/tasks /api/v1/history
/api/v1/form /api/v1/run.json /metrics""".split()


def spellings(secret):
    """What a secret may be written as."""
    quoted = urllib.parse.quote(secret, safe="")
    encoded = [base64.b64encode(b"x" * before + secret.encode()).decode() for before in range(3)]
    return [secret, quoted, *(text[4 : len(secret) * 8 // 6 - 4] for text in encoded)]


class Masking(ConformanceTest):
    MASKING = ("--mask", "leak-(pattern-plugh)", "--secret-env", "LEAK_VALUE")

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.target = self.use(LeakingTarget())
        (self.folder / "leaking.yaml").write_text(SCENARIO)
        (self.folder / "leaking.py").write_text(LOCUSTFILE)
        self.env = {
            "LEAK_VALUE": PLANTED["environment"],
            "LOCUST_KEY": PLANTED["argument"],
        }

    def master(self, file, *args, env=None):
        self.port, self.web = harness.free_port(), harness.free_port()
        return self.use(
            Process(
                [
                    BUILD / "locust-master", "--autostart", "-f", file, "-H", self.target.host, "-u", "4", "-r", "4", "--master-bind-port", self.port,
                    "--web-host", "127.0.0.1", "--web-port", self.web, "--expect-workers", "1", "--csv", self.folder / "run", "--csv-full-history",
                    "--html", self.folder / "report.html", "--json-file", self.folder / "stats", "--junit", self.folder / "junit.xml",
                    "--threshold", "fail_ratio < 1%", "--print-stats", "-L", "DEBUG", *args,
                ],
                {**self.env, **(env or {})}, cwd=self.folder,
            )
        )  # fmt: skip

    def worker(self, file, *args, env=None):
        return self.use(
            native_worker(
                self.folder / file, *args, "-L", "DEBUG", "--samples", self.folder / "samples.csv", port=self.port, env={**self.env, **(env or {})}
            )
        )  # fmt: skip

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.web}{path}", timeout=harness.DEADLINE) as response:
            return response.read().decode("utf-8", "replace")

    def failures(self):
        return json.loads(self.get("/api/v1/failures"))["failures"]

    def outputs(self, master, *workers):
        """All that the run shows, by what shows it: the routes while it runs, then what is left of it."""
        shown = {route: self.get(route) for route in ROUTES}
        events = urllib.request.urlopen(f"http://127.0.0.1:{self.web}/api/v1/events", timeout=harness.DEADLINE)
        with events:
            shown["/api/v1/events"] = "".join(events.readline().decode() for _ in range(6))
        master.signal(harness.signal.SIGINT)
        master.wait(30)
        for worker in workers:
            worker.wait(30)
        for i, process in enumerate((master, *workers)):
            shown[f"output of {pathlib.Path(process.argv[0]).name} {i}"] = process.output()
        for file in self.folder.iterdir():
            if not file.name.startswith("leaking"):
                shown[file.name] = file.read_text(errors="replace")
        return shown

    def assert_nothing_leaks(self, shown):
        for where, text in shown.items():
            for kind, secret in {**PLANTED, "jwt": JWT.split(".")[2]}.items():
                for spelling in spellings(secret):
                    at = text.find(spelling)
                    self.assertEqual(at, -1, f"{kind} leaks in {where}: …{text[max(0, at - 80) : at + 60]}…")
            self.assertNotIn("leak-cut", text, f"{where} shows the first half of a secret")

    def run_until_all_has_failed(self, file, rows):
        master = self.master(file, *self.MASKING)
        worker = self.worker(file, *self.MASKING)
        wait_until(lambda: rows <= {f["name"] for f in self.seen() if f["exchange"]}, "exchanges of all rows", 30)
        wait_until(lambda: json.loads(self.get("/exceptions"))["exceptions"], "exceptions", 30)
        wait_until(lambda: MARKER in self.get("/logs"), "the worker's log", 30)
        return self.outputs(master, worker)

    def seen(self):
        try:
            return self.failures()
        except OSError:
            return []

    def check(self, file, rows):
        shown = self.run_until_all_has_failed(file, rows)
        self.assert_nothing_leaks(shown)
        # It was not empty: the rest of the evidence, and what has a secret in it, is there.
        for where in ("/api/v1/failures", "/api/v1/run.json", "report.html", "output of locust-worker 1", "/logs"):
            self.assertIn(MARKER, shown[where], where)
            self.assertIn("***", shown[where], where)
        for where in ("run_exceptions.csv", "/exceptions", "output of locust-worker 1"):
            self.assertIn("no answer to /in?password=***", shown[where], where)
        self.assertIn('"password": "***"' if file.endswith("py") else "password=***", shown["output of locust-worker 1"])
        self.assertIn("query", shown["samples.csv"])
        return shown

    def test_a_scenario_shows_no_secret(self):
        self.check("leaking.yaml", {"query", "form", "json", "multipart", "argument", "environment", "basic"})

    def test_a_locustfile_shows_no_secret(self):
        shown = self.check("leaking.py", {"query", "form", "json", "argument", "environment", "judged"})
        for where in ("run_failures.csv", "samples.csv", "/stats/failures/csv"):
            self.assertIn("no answer to /in?password=*** for Basic ***", shown[where], where)
        self.assertIn("refused: api_key=***", shown["run_failures.csv"])

    def test_a_dry_run_shows_no_secret(self):
        dry = self.use(
            Process(
                [BUILD / "locust-worker", "--dry-run", "-f", self.folder / "leaking.yaml", "-H", self.target.host, *self.MASKING],
                self.env,
            )
        )
        self.assertEqual(dry.wait(), 1)
        self.assert_nothing_leaks({"dry run": dry.output()})
        self.assertIn(MARKER, dry.output())
        self.assertIn("user=ada&password=***", dry.output())
        self.assertIn("password = ***", dry.output())

    def test_the_master_masks_what_stock_workers_report(self):
        master = self.master("leaking.py", *self.MASKING)
        worker = self.use(
            Process(
                [harness.STOCK / harness.newest() / "bin" / "locust", "--worker", "-f", self.folder / "leaking.py", "--master-port", self.port],
                self.env,
            )
        )
        wait_until(lambda: "judged" in {f["name"] for f in self.seen()}, "failures", 30)
        wait_until(lambda: json.loads(self.get("/exceptions"))["exceptions"], "exceptions", 30)
        shown = self.outputs(master, worker)
        # Its own log is the stock worker's business.
        self.assert_nothing_leaks({where: text for where, text in shown.items() if where != "output of locust 1"})
        self.assertIn("no answer to /in?password=*** for Basic ***", shown["run_failures.csv"])

    def test_the_masters_evidence_level_holds_for_its_workers(self):
        for level in ("head", "none"):
            with self.subTest(level):
                master = self.master("leaking.yaml", "--evidence", level)
                worker = self.worker("leaking.yaml")
                wait_until(lambda: {"query", "basic"} <= {f["name"] for f in self.seen()}, "failures", 30)
                exchanges = [f["exchange"] for f in self.failures()]
                shown = self.outputs(master, worker)
                for where, text in shown.items():
                    self.assertNotIn(MARKER, text, where)
                self.assertEqual(any(exchanges), level == "head")
                heads = re.findall(r"^    HTTP 500$", shown["output of locust-worker 1"], re.M)
                self.assertEqual(bool(heads), level == "head")

    def test_a_wrong_pattern_is_refused(self):
        for program in ("locust-master", "locust-worker"):
            refused = self.use(Process([BUILD / program, "-f", self.folder / "leaking.yaml", "--mask", "a(b"]))
            self.assertEqual(refused.wait(), 2)
            self.assertIn("--mask: 'a(b' is not a regular expression: missing ): a(b", refused.output())

    def test_an_unset_variable_is_named(self):
        master = self.master("leaking.yaml", "--secret-env", "LEAK_VALUE,LEAK_UNSET")
        master.wait_line("WARNING.*--secret-env: the variable LEAK_UNSET is not set, so there is nothing to mask")


if __name__ == "__main__":
    unittest.main()
