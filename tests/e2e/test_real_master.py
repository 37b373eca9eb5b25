"""The browser tests against a real locust-master with a native and a stock worker: once open to everybody, once behind
--web-login and TLS. Runs as the conformance tests do (tests/conformance/harness.py); needs what run.sh needs.

What the page shows is left in LOCUST_ARTIFACTS (default: build/page-artifacts): pictures, and a report.
"""

import os
import pathlib
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "conformance"))

import harness  # noqa: E402
from harness import ConformanceTest, Process, Target, native_worker, wait_until  # noqa: E402

BROWSER = 120.0  # seconds; the longest of the files takes a third of it on a busy machine
LOGIN = ("ann", "correct horse")


def make_certificate(folder):
    """A self-signed certificate for localhost, and its key."""
    key, certificate = f"{folder}/key.pem", f"{folder}/certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True)  # fmt: skip
    return certificate, key


class TlsTarget:
    """Answers every GET, over TLS."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, *args):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def __init__(self, context):
            super().__init__(("127.0.0.1", 0), TlsTarget.Handler)
            self.context = context

        # In a thread of the connection's own, so that a slow handshake keeps nobody waiting.
        def finish_request(self, request, address):
            with self.context.wrap_socket(request, server_side=True) as secured:
                super().finish_request(secured, address)

        def handle_error(self, request, address):
            pass  # clients go away as they like

    def __init__(self, certificate, key):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server = self.Server(context)
        self.host = f"https://localhost:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class RealMasterTest(ConformanceTest):
    """A master with its page, a native and a stock worker, and what they load."""

    arguments = ()
    environment = {}
    scheme = "http"

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="locust-page-")
        cls.addClassCleanup(folder.cleanup)
        cls.certificate, cls.key = make_certificate(folder.name)
        cls.target = cls.own(Target())
        tls_target = cls.own(TlsTarget(cls.certificate, cls.key))
        port, web_port = harness.free_port(), harness.free_port()
        cls.page = f"{cls.scheme}://localhost:{web_port}/"
        arguments = [argument.format(certificate=cls.certificate, key=cls.key) for argument in cls.arguments]
        scenario = HERE / "shop.yaml"
        cls.master = cls.own(
            Process(
                [harness.BUILD / "locust-master", "-f", scenario, "-H", cls.target.host, "--master-bind-port", port,
                 "--web-host", "127.0.0.1", "--web-port", web_port, "--expect-workers", "2", "--class-picker",
                 "--csv", f"{folder.name}/run", "--csv-full-history", *arguments],
                cls.environment))  # fmt: skip
        cls.master.wait_line("Starting web interface at")
        environment = {"LOCUST_PAGE_TLS_HOST": tls_target.host}
        cls.own(native_worker(scenario, port=port, env=environment))
        cls.own(
            Process(
                [harness.STOCK / harness.newest() / "bin" / "locust", "--worker", "--master-host", "127.0.0.1",
                 "--master-port", port, "-f", HERE / "shop.py"],
                environment))  # fmt: skip
        wait_until(cls.is_ready, "two workers")

    @classmethod
    def is_ready(cls):
        trusting = ssl._create_unverified_context()
        try:
            return urllib.request.urlopen(cls.page + "readyz", context=trusting, timeout=harness.DEADLINE).status == 200
        except OSError:
            return False

    def browse(self, *files):
        """Runs these files of browser tests against the page."""
        environment = {
            "LOCUST_PAGE_URL": self.page,
            "LOCUST_PAGE_HOST": self.target.host,
        }
        for name in ("LOCUST_ARTIFACTS", "LOCUST_PAGE_DIR"):
            if name in os.environ:
                environment[name] = os.environ[name]
        run = self.use(Process([HERE / "run.sh", *files], {**environment, **self.login()}))
        self.assertEqual(run.wait(BROWSER), 0, f"{run.output()}\noutput of the master:\n{self.master.output()}")

    def login(self):
        return {}


class OpenPage(RealMasterTest):
    """In the order of their names: the first form is shown only once, and the report is of the last run."""

    def test_1_every_view_is_pictured(self):
        self.browse("screenshots.test.mjs")

    def test_2_one_starts_watches_edits_stops_and_downloads(self):
        self.browse("run.test.mjs")

    def test_3_one_sorts_zooms_and_uses_keyboard_and_themes(self):
        self.browse("use.test.mjs")

    def test_4_the_report_opens_from_disk(self):
        self.browse("report.test.mjs")


class PageWithLoginAndTls(RealMasterTest):
    arguments = ("--web-login", "--tls-cert", "{certificate}", "--tls-key", "{key}")
    environment = {"LOCUST_WEB_USERNAME": LOGIN[0], "LOCUST_WEB_PASSWORD": LOGIN[1]}
    scheme = "https"

    def login(self):
        return {"LOCUST_PAGE_USER": LOGIN[0], "LOCUST_PAGE_PASSWORD": LOGIN[1]}

    def test_only_who_is_logged_in_starts_edits_stops_and_downloads(self):
        self.browse("login.test.mjs")


if __name__ == "__main__":
    unittest.main()
