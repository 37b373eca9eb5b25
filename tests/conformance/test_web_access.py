"""Whom the web server answers: pages of other sites neither change nor read a test (docs/api.md, Other sites), with the
headers that Chromium sends; and which TLS it speaks, by `openssl s_client`."""

import http.client
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import unittest

import harness
from harness import ConformanceTest, Process, native_worker, wait_until

SHOP = harness.ROOT / "tests" / "conformance" / "scenarios" / "shop.yaml"
EVIL = "http://evil.example"
JSON = {"Accept": "application/json"}

# What Chromium adds to what a page of another site asks of http://localhost: by fetch() with "no-cors", by <img>, by a
# form, and by a link. It leaves Sec-Fetch-* out for plain HTTP to other machines.
FETCH = {"Accept": "*/*", "Origin": EVIL, "Referer": EVIL + "/", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors",
         "Sec-Fetch-Dest": "empty"}  # fmt: skip
IMAGE = {"Accept": "image/avif,image/webp,image/apng,image/*,*/*;q=0.8", "Referer": EVIL + "/", "Sec-Fetch-Site": "cross-site",
         "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}  # fmt: skip
FORM = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Origin": EVIL, "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-User": "?1"}  # fmt: skip
LINK = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document", "Sec-Fetch-User": "?1"}  # fmt: skip
EVENTS = {"Accept": "text/event-stream", "Origin": EVIL, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}

SWARM = "user_count=1&spawn_rate=1&host=http%3A%2F%2F127.0.0.1%3A9"


class Master:
    """A master with its page, and how a browser or a program asks it."""

    def __init__(self, test, *args, env=None):
        self.port = harness.free_port()
        self.process = test.use(
            Process(
                [harness.BUILD / "locust-master", "--web-host", "127.0.0.1", "-P", "0", "--master-bind-port", self.port, *args], env
            )
        )
        self.web = int(self.process.wait_line("Starting web interface at").rstrip("/").rsplit(":", 1)[1])

    def ask(self, path, method="GET", body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.web, timeout=harness.DEADLINE)
        try:
            headers = {"Host": f"localhost:{self.web}", **(headers or {})}
            if body is not None:
                headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            # A stream that is granted never ends.
            return answer.status, b"" if answer.getheader("Content-Length") is None else answer.read()
        finally:
            connection.close()

    def state(self):
        return json.loads(self.ask("/stats/requests")[1])["state"]


class OtherSites(ConformanceTest):
    def setUp(self):
        self.master = Master(self)
        self.use(native_worker(SHOP, port=self.master.port))
        wait_until(lambda: self.master.ask("/readyz")[0] == 200, "the worker")

    def test_a_page_of_another_site_neither_starts_nor_stops_nor_reads(self):
        ask = self.master.ask
        for headers in (FETCH, FORM):
            self.assertEqual(ask("/swarm", "POST", SWARM, headers)[0], 403)
        self.assertEqual(ask("/user", "POST", "{}", {**FETCH, "Content-Type": "text/plain"})[0], 403)
        self.assertEqual(self.master.state(), "ready")
        # The operator's own page, and curl.
        own = {"Origin": f"http://localhost:{self.master.web}", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}
        status, body = ask("/swarm", "POST", SWARM, own)
        self.assertEqual((status, json.loads(body)["success"]), (200, True), body)
        wait_until(lambda: self.master.state() == "running", "the test to run")
        for headers in (FETCH, IMAGE, LINK):
            for path in ("/stop", "/stats/reset"):
                self.assertEqual(ask(path, headers=headers)[0], 403, (path, headers))
        self.assertEqual(ask("/api/v1/events", headers=EVENTS)[0], 403)
        self.assertEqual(ask("/stats/requests", headers=FETCH)[0], 403)
        self.assertEqual(ask("/", headers=LINK)[0], 200, "a link to the page may be followed")
        self.assertEqual(self.master.state(), "running")
        self.assertEqual(ask("/stop", headers=JSON)[0], 200)
        wait_until(lambda: self.master.state() == "stopped", "the end of the test")
        self.master.process.wait_line(r"WARNING.* refused a request from 127\.0\.0\.1: Pages of another site")

    def test_by_plain_http_to_another_machine_the_origin_decides(self):
        host = {"Host": f"10.1.2.3:{self.master.web}"}
        for origin in (EVIL, "null", f"http://10.1.2.4:{self.master.web}", "http://10.1.2.3"):
            self.assertEqual(self.master.ask("/swarm", "POST", SWARM, {**host, "Origin": origin})[0], 403, origin)
        own = {**host, "Origin": f"http://10.1.2.3:{self.master.web}"}
        self.assertEqual(self.master.ask("/swarm", "POST", SWARM, own)[0], 200)

    def test_a_foreign_name_is_refused_with_the_remedy(self):
        rebound = {"Host": "rebind.evil.example"}
        status, body = self.master.ask("/api/v1/run.json", headers={**rebound, **JSON})
        self.assertEqual(status, 403)
        answer = json.loads(body)
        self.assertIs(answer["success"], False)
        self.assertIn("give rebind.evil.example to --web-allowed-hosts", answer["message"])
        status, body = self.master.ask("/", headers={**rebound, "Accept": "text/html"})
        self.assertEqual(status, 403)
        self.assertIn(b"--web-allowed-hosts", body)
        self.assertEqual(self.master.ask("/healthz", headers=rebound)[0], 200)
        self.master.process.wait_line("does not answer under the name 'rebind.evil.example'")
        own = socket.gethostname()
        self.assertEqual(self.master.ask("/", headers={"Host": f"{own}:{self.master.web}"})[0], 200)


class AllowedHosts(ConformanceTest):
    def test_names_come_from_the_command_line_and_the_environment(self):
        given = Master(self, "--web-allowed-hosts", "locust-master,.example.com", "--web-allowed-hosts", "third")
        for host in ("locust-master:8089", "a.example.com", "third"):
            self.assertEqual(given.ask("/", headers={"Host": host})[0], 200, host)
            own = {"Host": host, "Origin": f"http://{host}"}
            self.assertEqual(given.ask("/stats/requests", headers=own)[0], 200, host)
        self.assertEqual(given.ask("/", headers={"Host": "other"})[0], 403)
        environment = Master(self, env={"LOCUST_WEB_ALLOWED_HOSTS": "locust-master"})
        self.assertEqual(environment.ask("/", headers={"Host": "locust-master"})[0], 200)
        everything = Master(self, "--web-allowed-hosts", "*")
        self.assertEqual(everything.ask("/", headers={"Host": "other", **FETCH})[0], 200)

    def test_what_is_no_name_ends_the_master(self):
        master = self.use(Process([harness.BUILD / "locust-master", "--web-allowed-hosts", "https://a.example"]))
        self.assertEqual(master.wait(), 2)
        self.assertIn("--web-allowed-hosts: 'https://a.example' is no host; give names alone", master.output())


class Tls(ConformanceTest):
    def setUp(self):
        self.folder = pathlib.Path(self.use_folder())

    def use_folder(self):
        folder = tempfile.TemporaryDirectory(prefix="locust-tls-")
        self.addCleanup(folder.cleanup)
        return folder.name

    def master(self, *key):
        cert, private = self.folder / "cert.pem", self.folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", *key, "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", private,
             "-out", cert], check=True, capture_output=True)  # fmt: skip
        return Master(self, "--tls-cert", cert, "--tls-key", private)

    def handshake(self, master, *args):
        """The cipher that client and server agree on, or None."""
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{master.web}", *args],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=harness.DEADLINE,
            env={**os.environ, "OPENSSL_CONF": "/dev/null"})  # fmt: skip
        found = [line for line in done.stdout.splitlines() if line.startswith("New, TLS") and "(NONE)" not in line]
        return found[0].rsplit(" ", 1)[1] if done.returncode == 0 and found else None

    def test_only_ecdhe_and_aead(self):
        for key in (("rsa:2048",), ("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")):
            master = self.master(*key)
            with self.subTest(key[0]):
                self.assertRegex(self.handshake(master) or "", "^TLS_")  # 1.3
                for cipher in ("ECDHE+AESGCM", "ECDHE+CHACHA20"):
                    self.assertRegex(self.handshake(master, "-tls1_2", "-cipher", cipher) or "", "^ECDHE-")
                for cipher in ("AES128-GCM-SHA256", "AES128-SHA", "ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256",
                               "ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA", "DHE-RSA-AES128-GCM-SHA256"):  # fmt: skip
                    self.assertIsNone(self.handshake(master, "-tls1_2", "-cipher", cipher), cipher)
                for version in ("-tls1", "-tls1_1"):
                    self.assertIsNone(self.handshake(master, version, "-cipher", "ALL:@SECLEVEL=0"), version)


if __name__ == "__main__":
    unittest.main()
