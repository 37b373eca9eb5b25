"""build.py makes the page from a registry's packages, takes nothing that package-lock.json does not name, and leaves
nothing half-done. The registry is one of ours, with what the build has put into node_modules."""

import base64
import functools
import hashlib
import http.server
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import unittest
from pathlib import Path

UI = Path(__file__).resolve().parents[2] / "master" / "web" / "ui"
BUILT = Path(os.environ["LOCUST_PAGE_DIR"])


def packages_here():
    """The names of those that the build uses."""
    sys.path.insert(0, str(UI))
    import build

    return [build.compiler(), *build.BUNDLED]


@functools.cache
def packed(name):
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as files:
        files.add(UI / "node_modules" / name, arcname="package")
    return archive.getvalue()


class Registry:
    """Serves the bytes in `files` by path; counts the requests."""

    def __init__(self):
        self.files = {}
        self.requests = 0
        registry = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                registry.requests += 1
                body = registry.files.get(self.path)
                self.send_response(404 if body is None else 200)
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/npm/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class Build(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.ui, self.out = Path(scratch.name) / "ui", Path(scratch.name) / "out"
        shutil.copytree(UI, self.ui, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
        self.registry = Registry()
        self.addCleanup(self.registry.close)
        lock = json.loads((UI / "package-lock.json").read_text("utf-8"))
        for name in packages_here():
            self.offer(lock, name, packed(name))
        (self.ui / "package-lock.json").write_text(json.dumps(lock), "utf-8")

    def offer(self, lock, name, archive):
        entry = lock["packages"][f"node_modules/{name}"]
        entry["integrity"] = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
        self.registry.files[f"/npm/{name}/-/{name.split('/')[-1]}-{entry['version']}.tgz"] = archive

    def build(self):
        environment = {**os.environ, "NPM_CONFIG_REGISTRY": self.registry.url, "no_proxy": "*", "PATH": "/usr/bin"}
        return subprocess.run(
            ["/usr/bin/python3", "-B", self.ui / "build.py", self.out],
            env=environment, capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    def test_makes_the_page_once(self):
        result = self.build()
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        made = {path.relative_to(self.out): path.read_bytes() for path in self.out.rglob("*") if path.suffix}
        expected = {path.relative_to(BUILT): path.read_bytes() for path in BUILT.rglob("*") if path.suffix}
        self.assertEqual(made, expected)
        self.assertEqual(self.registry.requests, len(packages_here()))

        stamp = (self.out / ".stamp").stat().st_mtime_ns
        self.assertEqual(self.build().returncode, 0)
        self.assertEqual((self.out / ".stamp").stat().st_mtime_ns, stamp)

        with open(self.ui / "src" / "main.tsx", "a", encoding="utf-8") as source:
            source.write("\n")
        self.assertEqual(self.build().returncode, 0)
        self.assertNotEqual((self.out / ".stamp").stat().st_mtime_ns, stamp)
        self.assertEqual(self.registry.requests, len(packages_here()), "what is there is used")

    def test_refuses_a_package_that_is_not_the_locked_one(self):
        path = next(path for path in self.registry.files if "preact" in path)
        self.registry.files[path] += b"\0"
        result = self.build()
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"build\.py: http://.*/preact-[\d.]+\.tgz is not what package-lock\.json names")
        self.assertFalse((self.ui / "node_modules" / "preact").exists())
        self.assertEqual([path.name for path in self.out.iterdir()], [])

    def test_names_the_address_of_a_missing_package(self):
        self.registry.files.clear()
        result = self.build()
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"^build\.py: http://127\.0\.0\.1:\d+/npm/@esbuild/.*\.tgz: HTTP Error 404")

    def test_names_the_setting_if_the_registry_cannot_be_reached(self):
        self.registry.close()
        result = self.build()
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"Connection refused.*; NPM_CONFIG_REGISTRY names another registry")

    def test_reports_a_source_that_cannot_be_bundled(self):
        with open(self.ui / "src" / "main.tsx", "a", encoding="utf-8") as source:
            source.write("\nthis is no TypeScript\n")
        result = self.build()
        self.assertEqual(result.returncode, 1)
        self.assertIn("src/main.tsx", result.stderr)
        self.assertFalse((self.out / ".stamp").exists())


if __name__ == "__main__":
    unittest.main()
