"""The Debian package: installed by apt into a bare Debian 12, used, and purged."""

import shutil
import unittest

from bare_system import INSTALLING, BareSystemTest, package

EXAMPLES = "/usr/share/locust-cpp/examples"


class DebTest(BareSystemTest):
    def setUp(self):
        super().setUp()
        self.before = self.files()
        shutil.copy(package("*.deb"), self.root / "package.deb")

    def test_what_apt_installs_runs_tests_and_leaves_nothing_when_purged(self):
        self.run_there("apt-get", "-y", "--no-install-recommends", "install", "/package.deb", timeout=INSTALLING)
        for program in ("locust", "locust-cpp", "locust-master", "locust-worker"):
            self.run_there(program, "--version")
            self.check_manual_and_completions(program)
        self.assertIn("--stock", self.run_there("man", "--warnings", "locust-parity"))
        self.assertIn("--stock", self.run_there("locust-parity", "--help"))
        said = self.run_there("update-alternatives", "--query", "locust")
        self.assertIn("Value: /usr/bin/locust-cpp", said)
        self.run_load_test("/usr/bin", EXAMPLES, "minimal.yaml")
        self.run_load_test("/usr/bin", EXAMPLES, "python/minimal.py")
        self.purge()
        self.check_that_another_locust_is_left_alone()

    def check_manual_and_completions(self, program):
        said = self.run_there("man", "--warnings", program)
        self.assertIn("--locustfile", said)
        self.assertNotIn("warning:", said)
        self.run_there("test", "-f", f"/usr/share/bash-completion/completions/{program}")
        self.run_there("test", "-f", f"/usr/share/fish/vendor_completions.d/{program}.fish")

    def purge(self):
        self.run_there("dpkg", "--purge", "locust-cpp")
        self.run_there("dpkg-query", "--show", "locust-cpp", exit_code=1)
        self.assertEqual({file for file in self.files() - self.before if "locust" in file}, set())

    # As Debian's python3-locust has it.
    def check_that_another_locust_is_left_alone(self):
        stock = self.root / "usr/bin/locust"
        stock.write_text("#!/bin/sh\necho stock\n")
        stock.chmod(0o755)
        self.run_there("dpkg", "--install", "/package.deb")
        self.assertEqual(self.run_there("locust"), "stock\n")
        self.run_there("locust-cpp", "--version")
        self.run_there("dpkg", "--purge", "locust-cpp")
        self.assertEqual(self.run_there("locust"), "stock\n")


if __name__ == "__main__":
    unittest.main()
