"""Python locustfiles: what listeners and tasks do counts as it does in stock."""

import pathlib
import tempfile

import harness
from harness import BUILD, STOCK, ConformanceTest, Process, free_port

DEADLINE = 60.0
STOCK_LOCUST = STOCK / harness.newest() / "bin" / "locust"
LOCUST = BUILD / "locust"

TASKS = """
import functools
from locust import User, constant, events, task

def visit(user, page):
    print("SAID visit", page, flush=True)

class Visit:
    def __call__(self, user):
        for event in FIRED:
            events.request.fire(**event)
            print("SAID goes on", flush=True)
        user.environment.runner.quit()

@events.request.add_listener
def heard(name, **_):
    print("SAID heard", name, flush=True)

FIRED = [
    dict(request_type="X", name="no length", response_time=3, exception=None),
    dict(request_type="X", name="of a wrong type", response_time="3", response_length=1),
    dict(request_type="X", name="right", response_time=3, response_length=0, context={}, url="/", more=1),
]

class Shop(User):
    wait_time = constant(0.1)
    tasks = {functools.partial(visit, page=1): 3, Visit(): 1}
"""


class ListenersTest(ConformanceTest):
    def file(self, text):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "locustfile.py"
        path.write_text(text)
        return path

    def run_alone(self, program, file, *args, **env):
        run = self.use(Process([program, "-f", file, "--headless", "--only-summary", *args], env))
        run.code = run.wait(DEADLINE)
        return run

    def both(self, text, *args, **env):
        """The runs of stock and of ours."""
        file = self.file(text)
        return [self.run_alone(program, file, *args, **env) for program in (STOCK_LOCUST, LOCUST)]

    def run_with_worker(self, master, worker, text, *args, **env):
        """(the master's run, the worker's)"""
        file, port = self.file(text), str(free_port())
        joins = self.use(Process([*worker, "-f", file, "--master-port", port], env))
        leads = self.run_alone(
            master, file, *(["--master"] if master == STOCK_LOCUST else []),
            "--master-bind-port", port, "--expect-workers", "1", *args, **env,
        )  # fmt: skip
        joins.wait(DEADLINE)
        return leads, joins

    def same(self, runs, pattern):
        """The lines of the runs from where the pattern begins, which must be the same, and some."""
        lines = [[line[line.index(pattern) :] for line in run.lines(pattern)] for run in runs]
        self.assertTrue(lines[0], runs[0].output())
        self.assertEqual(lines[1], lines[0], runs[1].output())
        return lines[0]


class Tasks(ListenersTest):
    def test_may_lack_a_name_and_fire_incomplete_requests(self):
        runs = self.both(TASKS)
        said = self.same([Said(run) for run in runs], "SAID")
        self.assertIn("SAID visit 1", said)
        self.assertEqual(said.count("SAID heard no length"), 1)
        self.assertEqual([run.code for run in runs], [2, 2])
        self.assertIn("Uncaught exception in event handler", runs[1].output())


class Said:
    """The distinct lines that a run has said, as the order of tasks is chance."""

    def __init__(self, run):
        self._lines = sorted(set(run.lines("^SAID")))
        self.output = run.output

    def lines(self, pattern):
        return self._lines
