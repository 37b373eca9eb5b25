"""deploy/systemd: the units are what systemd understands and exposes little; the files of variables name
options that exist, and configure programs that then work together. systemd itself does not run here."""

import pathlib
import re
import subprocess
import tempfile
import unittest

import tools
from harness import BUILD, ROOT, ConformanceTest, Process, Target, free_port
from tools import DEPLOY

UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def variables(name, commented=True):
    """The variables of an environment file, and if asked those that it offers in comments."""
    text = (DEPLOY / "systemd" / name).read_text()
    return dict(re.findall(r"^#?(LOCUST_\w+)=(.*)$" if commented else r"^(LOCUST_\w+)=(.*)$", text, re.M))


class Units(ConformanceTest):
    def test_systemd_understands_them(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for unit in UNITS:
            # The programs are those of this build.
            copy = folder / unit.name
            copy.write_text(unit.read_text().replace("=/usr/bin/", f"={BUILD}/"))
            done = subprocess.run(
                ["systemd-analyze", "verify", "--man=no", copy], capture_output=True, text=True, timeout=60, check=False
            )
            # Of other units of the machine it may complain too.
            self.assertFalse([line for line in done.stderr.splitlines() if "locust" in line], done.stderr)

    def test_they_expose_little(self):
        for unit in UNITS:
            tools.run("systemd-analyze", "security", "--offline=yes", "--threshold=20", unit)

    def test_variables_are_options(self):
        known = set(re.findall(r"`(LOCUST_\w+)`", (ROOT / "docs" / "cli.md").read_text()))
        for name in ("master.env", "worker.env"):
            self.assertLessEqual(set(variables(name)), known)

    def test_they_configure_a_test(self):
        target = self.use(Target())
        port = str(free_port())
        joins = {**variables("worker.env", commented=False), "LOCUST_CONNECT_TIMEOUT": "0", "LOCUST_MASTER_NODE_PORT": port}
        begins = {
            **variables("master.env"), "LOCUST_HOST": target.host, "LOCUST_LOCUSTFILE": str(ROOT / "examples" / "shop.yaml"),
            "LOCUST_MASTER_BIND_PORT": port, "LOCUST_MASTER_BIND_HOST": "127.0.0.1", "LOCUST_RUN_TIME": "2s", "LOCUST_EXPECT_WORKERS": "1",
        }  # fmt: skip
        worker = self.use(Process([BUILD / "locust-worker"], joins))
        master = self.use(Process([BUILD / "locust-master"], begins))
        self.assertEqual(master.wait(60), 0, master.output())
        self.assertEqual(worker.wait(60), 0, worker.output())


class Sysctl(unittest.TestCase):
    def test_the_kernel_has_the_settings(self):
        for name in re.findall(r"^([\w.]+) =", (DEPLOY / "sysctl.conf").read_text(), re.M):
            self.assertTrue(pathlib.Path("/proc/sys", *name.split(".")).exists(), name)


if __name__ == "__main__":
    unittest.main()
