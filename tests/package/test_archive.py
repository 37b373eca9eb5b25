"""The archive: unpacked in a bare system without Python and without any library of ours, and used there."""

import subprocess
import unittest

from bare_system import BareSystemTest, package


class ArchiveTest(BareSystemTest):
    def setUp(self):
        super().setUp()
        self.assert_no_python()
        (self.root / "opt/locust").mkdir()
        subprocess.run(
            ["tar", "-xzf", package("*.tar.gz"), "--strip-components=1", "-C", self.root / "opt/locust"], check=True)  # fmt: skip
        self.unpacked = self.files()

    def test_what_is_unpacked_runs_tests_of_both_kinds_and_writes_nothing_to_its_libraries(self):
        self.run_load_test("/opt/locust/bin", "/opt/locust/share/locust-cpp/examples", "minimal.yaml")
        self.run_load_test("/opt/locust/bin", "/opt/locust/share/locust-cpp/examples", "python/minimal.py")
        self.assertEqual({file for file in self.files() - self.unpacked if file.startswith("opt/locust/lib")}, set())

    def test_locust_finds_the_other_programs_through_a_link(self):
        (self.root / "usr/local/bin/locust").symlink_to("/opt/locust/bin/locust")
        self.assertIn("locust-master", self.run_there("locust", "--version"))

    def test_a_locustfile_may_use_the_standard_library(self):
        file = self.root / "tmp/locustfile.py"
        file.write_text(
            "import asyncio, bz2, csv, ctypes, decimal, email, hashlib, http.client, json, logging, lzma, sqlite3\n"
            "import ssl, statistics, subprocess, urllib.request, uuid, xml.etree.ElementTree, zoneinfo\n"
            "from locust import HttpUser, task\n"
            "class Shop(HttpUser):\n"
            "    @task\n"
            "    def t(self):\n"
            "        pass\n"
        )
        self.assertIn("Shop", self.run_there("/opt/locust/bin/locust", "-f", "/tmp/locustfile.py", "--list"))

    def test_packages_come_from_a_virtual_environment_and_the_rest_does_not(self):
        packages = self.root / "venv/lib/python3.11/site-packages"
        packages.mkdir(parents=True)
        (self.root / "venv/pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.99\n")
        (packages / "shop.py").write_text("from locust import HttpUser\nclass Shop(HttpUser):\n    abstract = True\n")
        (self.root / "tmp/locustfile.py").write_text(
            "import shop, ssl\nclass Buyer(shop.Shop):\n    abstract = False\n    tasks = [print]\n")  # fmt: skip
        said = self.run_there("VIRTUAL_ENV=/venv", "/opt/locust/bin/locust", "-f", "/tmp/locustfile.py", "--list")
        self.assertIn("Buyer", said)


if __name__ == "__main__":
    unittest.main()
