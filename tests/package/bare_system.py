"""A bare Debian system to install packages in, and a load test in it.

Tests that use it are started by `unshare --mount --net --pid` (CMakeLists.txt): mounts, addresses and processes are
their own, so that nothing of them is left however they end, and nothing reaches a network.
"""

import fcntl
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "conformance"))

from harness import Process, table  # noqa: E402

PACKAGES = pathlib.Path(os.environ["LOCUST_PACKAGES"])
SUITE = os.environ.get("LOCUST_SUITE", "bookworm")
INSTALLING = 300.0  # seconds at most; it takes some


def package(pattern):
    """The one file that scripts/package has made of that kind."""
    [file] = PACKAGES.glob(pattern)
    return file


def raise_loopback():
    siocgifflags, siocsifflags, iff_up = 0x8913, 0x8914, 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        name, flags = struct.unpack("16sh", fcntl.ioctl(s, siocgifflags, struct.pack("16sh", b"lo", 0)))
        fcntl.ioctl(s, siocsifflags, struct.pack("16sh", name, flags | iff_up))


class BareSystemTest(unittest.TestCase):
    """`root` is a fresh copy of the tree, and is thrown away after each test."""

    @classmethod
    def setUpClass(cls):
        raise_loopback()

    def setUp(self):
        scratch = pathlib.Path(tempfile.mkdtemp(prefix="locust-package-"))
        self.addCleanup(scratch.rmdir)
        self.mount("-t", "tmpfs", "tmpfs", scratch)
        self.root = scratch / "root"
        for name in ("root", "upper", "work"):
            (scratch / name).mkdir()
        layers = f"lowerdir={PACKAGES}/trees/{SUITE},upperdir={scratch}/upper,workdir={scratch}/work"
        self.mount("-t", "overlay", "overlay", "-o", layers, self.root)
        self.mount("-t", "proc", "proc", self.root / "proc")
        self.mount("--bind", "/dev", self.root / "dev")
        self.addCleanup(Process.stop_all)  # before the mounts go

    def mount(self, *args):
        subprocess.run(["mount", *args], check=True)
        self.addCleanup(subprocess.run, ["umount", args[-1]], check=True)

    def argv(self, *args):
        return ["chroot", self.root, "/usr/bin/env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "LC_ALL=C.UTF-8", "HOME=/root", "DEBIAN_FRONTEND=noninteractive", *args]  # fmt: skip

    def start(self, *args):
        return Process(self.argv(*args))

    def run_there(self, *args, timeout=60.0, exit_code=0):
        """What the command says."""
        process = self.start(*args)
        self.assertEqual(process.wait(timeout), exit_code, process.output())
        return process.output()

    def files(self):
        """Of the system, what the tests write aside."""
        omitted = ("proc", "dev", "tmp", "run", "var/cache", "var/log", "var/lib/apt", "var/lib/dpkg")
        found = set()
        for folder, folders, names in os.walk(self.root):
            place = pathlib.Path(folder).relative_to(self.root)
            folders[:] = [name for name in folders if str(place / name) not in omitted]
            found.update(str(place / name) for name in (*folders, *names))
        return found

    def run_load_test(self, programs, examples, scenario):
        """A whole headless test: sample server, worker and master, from the folder `programs` of the tree. The
        worker takes the scenario from its master."""
        target = self.start(f"{programs}/locust-target", "--port", 8080)
        target.wait_line("listening on")
        worker = self.start(f"{programs}/locust-worker", "-f", "-", "--master-host", "127.0.0.1")
        master = self.start(f"{programs}/locust-master", "--headless", "-f", f"{examples}/{scenario}", "-H",
                            "http://127.0.0.1:8080", "-u", 5, "-r", 5, "-t", "3s", "--expect-workers", 1,
                            "--expect-workers-max-wait", 20)  # fmt: skip
        self.assertEqual(master.wait(40), 0, master.output() + worker.output())
        self.assertEqual(worker.wait(), 0, worker.output())
        requests, failures = table(master.output(), "/api/products")
        self.assertGreaterEqual(requests, 5, master.output())
        self.assertEqual(failures, 0, master.output())
        target.stop()

    def assert_no_python(self):
        self.assertIsNone(shutil.which("python3", path=f"{self.root}/usr/bin:{self.root}/usr/local/bin"))
