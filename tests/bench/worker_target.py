"""The target of `scripts/bench worker`: nginx on a core of its own, HTTP and HTTPS with a private CA."""

import pathlib
import re
import subprocess
import urllib.request

from processes import TARGET_CORE, cpu_seconds, end, free_port, start, wait_until

# 200 bytes.
BODY = (
    '{"id":4711,"status":"open","name":"A product of the shop","price":19.95,"tags":["new","sale"],'
    '"owner":{"id":7,"name":"Ann"},"note":"' + "x" * 66 + '"}'
)
# Each client connects to another address: ports of the one before may still be in TIME_WAIT.
ADDRESSES = [f"127.0.0.{n}" for n in range(2, 10)]

CONFIG = """
daemon off; master_process off; worker_rlimit_nofile {files};
pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections {files}; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  keepalive_requests 1000000000; keepalive_timeout 1h;
  ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.key;
  default_type application/json;
  server {{
    {listen}
    location / {{ return 200 '{body}'; }}
  }}
  server {{
    listen 127.0.0.1:{status};
    location / {{ stub_status; }}
  }}
}}
"""


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def make_certificates(folder):
    """ca.pem and, signed by it, server.pem with server.key for all the addresses."""
    names = ",".join(f"IP:{address}" for address in ADDRESSES)
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl(folder, "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Benchmark CA")
    openssl(folder, "req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=target")
    (folder / "server.ext").write_text(f"subjectAltName={names}\nextendedKeyUsage=serverAuth\n")
    openssl(folder, "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-out", "server.pem", "-days", "2", "-extfile", "server.ext")  # fmt: skip


class WorkerTarget:
    def __init__(self, folder, files):
        folder = pathlib.Path(folder)
        make_certificates(folder)
        self.ca = folder / "ca.pem"
        self._ports = {"http": free_port(), "https": free_port()}
        self._status = free_port()
        self._next = 0
        listen = "".join(
            f"listen {address}:{port}{' ssl' if scheme == 'https' else ''} backlog=16384;\n"
            for address in ADDRESSES
            for scheme, port in self._ports.items()
        )
        config = folder / "nginx.conf"
        config.write_text(CONFIG.format(folder=folder, files=files, listen=listen, body=BODY, status=self._status))
        self._process = start(TARGET_CORE, "nginx", "-p", folder, "-c", config)
        wait_until(self._answers, "nginx", timeout=10)

    def _answers(self):
        try:
            return self._read()
        except OSError:
            return False

    def _read(self):
        return urllib.request.urlopen(f"http://127.0.0.1:{self._status}/", timeout=30).read().decode()

    def next_url(self, scheme):
        self._next = (self._next + 1) % len(ADDRESSES)
        return f"{scheme}://{ADDRESSES[self._next]}:{self._ports[scheme]}"

    def counts(self):
        """Requests so far, this one included, and connections that are open now, without that of this one."""
        text = self._read()
        requests = int(re.search(r"\n\s*\d+ \d+ (\d+)", text).group(1))
        return requests, int(re.search(r"Active connections: (\d+)", text).group(1)) - 1

    def cpu_seconds(self):
        return cpu_seconds(self._process.pid)

    def stop(self):
        end(self._process)
