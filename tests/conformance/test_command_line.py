"""The options of our programs against those of newest stock Locust, whose parser is asked itself, and
docs/cli.md against the programs.
"""

import contextlib
import http.server
import io
import itertools
import json
import pathlib
import re
import subprocess
import tempfile
import threading
import unittest

import harness
from locust.argument_parser import get_parser

PROGRAMS = ("locust-master", "locust-worker")


def run(program, *arguments, cwd=None, input="", **environment):
    return subprocess.run(
        [harness.BUILD / program, *arguments],
        input=input,
        capture_output=True,
        text=True,
        timeout=harness.DEADLINE,
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", **environment},
    )


def rows(markdown):
    """The options of a table: name -> (environment variable, is a flag, is of a group that stock has)."""
    options = {}
    in_stock = True
    for line in markdown.splitlines():
        if line.startswith("### "):
            in_stock = "locust-cpp" not in line
        cells = line.split(" | ")
        if not line.startswith("| `"):
            continue
        flag = "<" not in cells[0]
        for name in re.findall(r"(?<![\w-])--?[a-zA-Z][a-z-]*", cells[0]):
            options[name] = (cells[1].strip("` "), flag, in_stock)
    return options


def stock_options():
    """Every option of stock, hidden ones too, in the same form."""
    options = {}
    for action in get_parser(default_config_files=[])._actions:
        for name in action.option_strings:
            options[name] = (getattr(action, "env_var", None) or "", action.nargs == 0, True)
    return options


class CommandLine(unittest.TestCase):
    maxDiff = None

    def test_every_option_of_stock_is_ours_with_its_variable(self):
        ours = rows(run("locust-master", "--print-options").stdout)
        self.assertEqual(stock_options(), {name: row for name, row in ours.items() if row[2]})

    def test_options_of_our_own_are_none_of_stocks(self):
        ours = rows(run("locust-master", "--print-options").stdout)
        self.assertEqual([name for name, row in ours.items() if not row[2] and name in stock_options()], [])

    def test_the_documentation_shows_the_table(self):
        table = run("locust-master", "--print-options").stdout
        self.assertTrue(
            (harness.ROOT / "docs" / "cli.md").read_text().endswith(table),
            "docs/cli.md does not end with the output of locust-master --print-options",
        )

    def test_each_program_accepts_each_option(self):
        refused = ("--web-auth", "--legacy-ui", "--expect-slaves", "--slave")
        ending = ("-h", "--help", "-V", "--version", "--config", "-f", "--locustfile")
        for program, (name, (_, flag, _)) in itertools.product(PROGRAMS, stock_options().items()):
            if name in ending:
                continue
            with self.subTest(program=program, option=name):
                # What comes next ends the program, and is to be the only thing to be complained of.
                end = [] if name in refused else ["--nope"]
                result = run(program, name, *([] if flag else ["1"]), *end)
                self.assertEqual(result.returncode, 2)
                complaint = f"argument {name}" if name in refused else "unrecognized arguments: --nope"
                if name in ("-L", "--loglevel"):
                    complaint = "not in {DEBUG,INFO,WARNING,ERROR,CRITICAL}"
                self.assertIn(complaint, result.stderr)

    def test_a_misspelt_option_is_told_the_name_that_stock_tells(self):
        misspelt = (
            "--user-cunt 3", "--usr", "--spwan-rate=3", "--runtime 5s", "--no-headless", "--jsn-file x", "--hatch-rate 1",
            "--clients", "--no-web", "--log-file=a.log", "--bind-port=1", "--zzz", "-z", "--web-prt 80 --usr",
        )
        for line in misspelt:
            with self.subTest(line=line):
                with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()) as stocks:
                    get_parser(default_config_files=[]).parse_args(line.split())
                hint = re.findall("\nDid you mean '.*'\\?", stocks.getvalue())
                for program in PROGRAMS:
                    told = run(program, *line.split()).stderr
                    self.assertIn("unrecognized arguments: ", told)
                    self.assertEqual(re.findall("\nDid you mean '.*'\\?", told), hint)

    def test_source_ip_is_where_requests_come_from_instead_of_the_scenarios(self):
        clients = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                clients.append(self.client_address[0])
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        scenario = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "two.yaml"
        user = "{source_ip: 192.0.2.1, tasks: {t: [get: /]}}"
        scenario.write_text(f"users:\n  A: {user}\n  B: {user}\n")
        dry_run = ["--dry-run", "-f", scenario, "-H", f"http://127.0.0.1:{server.server_port}"]
        self.assertEqual(run("locust-worker", *dry_run, "--source-ip", "127.0.0.5-127.0.0.6").returncode, 0)
        self.assertEqual(clients, ["127.0.0.5", "127.0.0.6"])
        self.assertEqual(run("locust-worker", *dry_run, LOCUST_SOURCE_IP="127.0.0.7 127.0.0.8").returncode, 0)
        self.assertEqual(clients[2:], ["127.0.0.7", "127.0.0.8"])
        for wrong, said in (
            ("10.0.0.9-10.0.0.1", "--source-ip: '10.0.0.9-10.0.0.1' is neither an IP address nor a range, such as 10.0.0.1-10.0.0.9"),
            ("192.0.2.1", "--source-ip: 192.0.2.1 is not an address of this machine"),
        ):
            result = run("locust-worker", *dry_run, "--source-ip", wrong)
            self.assertEqual((result.returncode, result.stderr.strip()), (2, said))


class BadInput(unittest.TestCase):
    """One line that names option and remedy, and stock's exit code or 2; nothing is sent."""

    CASES = (
        ("locust-master", "--headless --zzz", 2, "unrecognized arguments: --zzz"),
        ("locust-master", "--headless -u many", 2, "--users: "),
        ("locust-master", "--headless --csv-full-history", 2, "'--csv-full-history' requires '--csv'"),
        ("locust-master", "--headless --autoquit 5", 1, "--autoquit is only meaningful in combination with --autostart"),
        ("locust-master", "--headless --worker", 255, "--master argument cannot be combined with --worker"),
        ("locust-master", "--headless --master --processes 2", 1, "leave out --master"),
        ("locust-master", "--headless --processes -2", 1, "Invalid --processes count -2: 1 to 1000, or -1"),
        ("locust-master", "--headless --processes 5000", 1, "Invalid --processes count 5000"),
        ("locust-master", "--headless --processes 2", 2, "no scenario: give one with -f FILE"),
        ("locust-master", "--headless -f missing.yaml", 2, "missing.yaml: cannot be read: No such file"),
        ("locust-master", "--headless -f .", 2, ".: there is no .yaml file in this folder"),
        ("locust-master", "--headless -f missing.py", 1, "Could not find 'missing.py'. Ensure your locustfile ends with"),
        ("locust-master", "--headless --config missing.conf", 2, "missing.conf: cannot be read: No such file"),
        ("locust-master", "--headless --config-users {", 2, "--config-users: '{' is neither JSON"),
        ("locust-master", "--headless -f {shop} --config-users {config}", 255, "names unknown user classes: X"),
        ("locust-master", "--headless -f {shop} --shape x", 2, "--shape"),
        ("locust-master", "--headless -f {shop} Nobody", 1, "Unknown User(s): Nobody"),
        ("locust-master", "--headless --threshold x", 2, "--threshold"),
        ("locust-master", "--headless --logfile /dev/null/x.log", 2, "--logfile: "),
        ("locust-master", "--compare missing.json", 2, "--compare: At least 2 required"),
        ("locust-master", "--compare missing.json {shop}", 2, "--compare: cannot read missing.json"),
        ("locust-master", "--compare {shop} {shop}", 2, "the first file is neither"),
        ("locust-master", "--hash-password", 2, "the password is empty"),
        ("locust-worker", "", 2, "no scenario: give one with -f FILE"),
        ("locust-worker", "-f {shop} --processes -5", 1, "Invalid --processes count -5"),
        ("locust-worker", "-f {shop} --samples x.csv --processes 2", 2, "leave out --processes"),
        ("locust-worker", "-f {shop} --connect-timeout soon", 2, "--connect-timeout: "),
        ("locust-worker", "-f {shop} --max-body-size 0", 2, "--max-body-size: "),
        ("locust-worker", "-f {shop} --max-body-size 5XB", 2, "--max-body-size: "),
        ("locust-worker", "-f {shop} --master-port 0", 2, "--master-port: "),
        ("locust-worker", "-f {shop} --config-users {config}", 255, "names unknown user classes: X"),
        ("locust-master", "--headless --html /dev/null/a/r.html", 1, "--html: cannot create /dev/null/a: "),
        ("locust-master", "--headless --json-file /dev/null/a/r", 1, "--json-file: cannot create /dev/null/a: "),
        ("locust-master", "--headless --junit /dev/null/a/j.xml", 1, "--junit: cannot create /dev/null/a: "),
        ("locust-worker", "-f {shop} --config-users {other}", 2, "'Shop': wieght cannot be set; there are fixed_count"),
        ("locust-master", "--headless -f {shop} --config-users {other}", 2, "'Shop': wieght cannot be set; there are fixed_count"),
        ("locust-worker", "-f {shop} Shop", 2, "names of user classes need --dry-run"),
        ("locust", "--headless --zzz -f {shop}", 2, "unrecognized arguments: --zzz"),
        ("locust", "--headless --users -1 -f {shop}", 2, "--users: "),
    )

    def test_it_is_told_in_one_line(self):
        names = {
            "{shop}": str(harness.ROOT / "tests" / "conformance" / "scenarios" / "shop.yaml"),
            "{config}": '{"user_class_name": "X", "weight": 1}',
            "{other}": '{"user_class_name": "Shop", "wieght": 1}',
        }
        with tempfile.TemporaryDirectory() as folder:
            for program, line, code, text in self.CASES:
                with self.subTest(program=program, line=line):
                    result = run(program, *(names.get(word, word) for word in line.split()), cwd=folder)
                    self.assertEqual(result.returncode, code, result.stderr)
                    self.assertIn(text, result.stderr)
                    told = [line for line in result.stderr.splitlines() if "Starting Locust" not in line]
                    self.assertEqual(len(told), 1, result.stderr)
                    self.assertEqual(result.stdout, "")


class Tools(unittest.TestCase):
    """What locust-master does instead of a run."""

    def test_a_password_is_hashed_with_a_salt(self):
        hashes = [run("locust-master", "--hash-password", input="secret\n") for _ in range(2)]
        for result in hashes:
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertRegex(result.stdout, r"^scrypt\$[0-9a-f]{32}\$[0-9a-f]{64}\n$")
        self.assertNotEqual(hashes[0].stdout, hashes[1].stdout)

    def test_two_json_files_of_stock_are_compared(self):
        def entry(name, requests, times):
            return {
                "name": name,
                "method": "GET",
                "last_request_timestamp": 1010.0,
                "start_time": 1000.0,
                "num_requests": requests,
                "num_none_requests": 0,
                "num_failures": 1,
                "total_response_time": sum(int(ms) * n for ms, n in times.items()),
                "max_response_time": 20,
                "min_response_time": 10,
                "total_content_length": 5,
                "response_times": times,
                "num_reqs_per_sec": {},
                "num_fail_per_sec": {},
            }

        with tempfile.TemporaryDirectory() as folder:
            files = {"a": entry("/x", 100, {"10": 50, "20": 50}), "b": entry("/x", 50, {"10": 50})}
            for name, content in files.items():
                pathlib.Path(folder, f"{name}.json").write_text(json.dumps([content]))
            result = run("locust-master", "--compare", "a.json", "b.json", "--json-file", "difference", cwd=folder)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertRegex(result.stdout, r"GET /x\n  requests +100 +50 +-50\.0%\n")
            self.assertRegex(result.stdout, r"Aggregated\n  requests +100 +50 +-50\.0%\n")
            self.assertRegex(result.stdout, r"  average ms +15 +10 +-33\.3%\n  p50 ms")
            difference = json.loads(pathlib.Path(folder, "difference.json").read_text())
            values = difference["rows"][0]["values"]
            self.assertEqual(values["p95 ms"], {"before": 20.0, "after": 10.0, "change_percent": -50.0})


if __name__ == "__main__":
    unittest.main()
