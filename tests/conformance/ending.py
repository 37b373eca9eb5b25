"""What the tests of runs that must end share: locustfiles that never give control back, and who is left of a run."""

import os
import pathlib
import tempfile
import time

import harness
from harness import BUILD, ConformanceTest, Process

GRACE = 10.0  # seconds beyond the stop timeout until a process is killed
SLACK = 8.0  # a busy machine's
STUCK_USER = """\
import ctypes, os
from locust import User, task

class U(User):
    @task
    def t(self):
        print('STUCK', os.getpid(), flush=True)
        {stuck}
"""
SPINS = STUCK_USER.format(stuck="while True: pass")
# The second keeps Python's lock while it waits.
BLOCKS = STUCK_USER.format(stuck="ctypes.CDLL(None).pause()")
BLOCKS_PYTHON = STUCK_USER.format(stuck="ctypes.PyDLL(None).pause()")
# Its line 13 holds up the master, and nobody else.
STUCK_MASTER = """\
import _thread, ctypes, os
from locust import LoadTestShape, User, constant, events, task

class U(User):
    wait_time = constant(1)
    @task
    def t(self):
        pass

def stuck(where, runner):
    if where == {where!r} and type(runner).__name__ == 'MasterRunner':
        print('STUCK', flush=True)
        {stuck}

@events.test_start.add_listener
def start(environment, **kwargs):
    stuck('start', environment.runner)

@events.test_stop.add_listener
def stop(environment, **kwargs):
    stuck('stop', environment.runner)

if {where!r} == 'tick':
    class Shape(LoadTestShape):
        def tick(self):
            stuck('tick', self.runner)
            return 1, 1
"""


def stuck_master(where, stuck="while True: pass"):
    return STUCK_MASTER.format(where=where, stuck=stuck)


# No greenlet of ours waits for such a lock: the thread does.
DEADLOCK = "lock = _thread.allocate_lock(); lock.acquire(); lock.acquire()"


class EndingTest(ConformanceTest):
    """Every process of a test has the test's folder as its working directory."""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())).resolve()
        self.addCleanup(self.kill_all)

    def run_here(self, program, *args, file=None, **how):
        if file is not None:
            (self.folder / "locustfile.py").write_text(file)
            args = ("-f", "locustfile.py", *args)
        return self.use(Process([BUILD / program, *args], {"HOME": self.folder}, cwd=self.folder, **how))

    def alive(self):
        """{process id: command line}"""
        found = {}
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(process / "cwd") == str(self.folder):
                    found[int(process.name)] = (process / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue  # it has ended, or is about to
        return found

    def alive_of(self, program):
        return [pid for pid, line in self.alive().items() if line.startswith((program + " ", f"{BUILD / program} "))]

    def kill_all(self):
        for pid in self.alive():
            os.kill(pid, 9)

    def wait_until_nobody_is_left(self, since):
        """All end within the grace that began at `since`."""
        left = since + GRACE + SLACK - time.monotonic()
        harness.wait_until(lambda: not self.alive(), "the end of all processes", timeout=max(left, 0.1))
