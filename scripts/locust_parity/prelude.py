"""Is loaded before the locustfile, inside both programs: seeds `random`, and records what no report of Locust has.

Workers add their numbers to their reports, so that the master's sums belong to the same reports as its statistics.
The master writes them to PARITY_FOLDER/prelude.json.
"""

import json
import os
import random
import sys
import time

import gevent
from locust import events
from locust.user.task import TaskSet

SEED = int(os.environ["PARITY_SEED"])
FILE = os.path.join(os.environ["PARITY_FOLDER"], "prelude.json")
KEY = "locust-parity"
SAMPLING = 0.2  # seconds between two looks at the number of users
# Stock writes its CSV files once a second, and the last reports arrive after `quitting`.
LAST_WRITE = 1.3


class Tally:
    def __init__(self):
        self.iterations = 0
        self.user_seconds = 0.0
        self.users = {}  # by class, when there were most

    def take(self, user_count):
        taken = {
            "iterations": self.iterations, "user_seconds": self.user_seconds, "users": self.users,
            "is_last": bool(self.users) and not user_count,
        }  # fmt: skip
        self.iterations, self.user_seconds = 0, 0.0
        return taken


class Sums:
    """What the workers have reported."""

    def __init__(self):
        self.began = False
        self.iterations = 0
        self.user_seconds = 0.0
        self.users = {}  # by worker
        self.is_whole = False  # the last report has arrived

    def add(self, worker, taken):
        self.iterations += taken["iterations"]
        self.user_seconds += taken["user_seconds"]
        self.users[worker] = taken["users"]
        self.is_whole = self.is_whole or taken["is_last"]

    def write(self):
        users = {}
        for of_worker in self.users.values():
            for name, count in of_worker.items():
                users[name] = users.get(name, 0) + count
        document = {
            "began": self.began, "whole": self.is_whole, "iterations": self.iterations,
            "user_seconds": self.user_seconds, "users": users,
        }  # fmt: skip
        with open(FILE + ".new", "w") as file:
            json.dump(document, file)
        os.replace(FILE + ".new", FILE)


tally = Tally()


def count_scheduled_tasks():
    schedule_task = TaskSet.schedule_task

    # Not execute_task: a function around that would be in every traceback.
    def counted(self, *args, **kwargs):
        tally.iterations += 1
        return schedule_task(self, *args, **kwargs)

    TaskSet.schedule_task = counted


def sample_users(runner):
    last = time.monotonic()
    while True:
        gevent.sleep(SAMPLING)
        now = time.monotonic()
        tally.user_seconds += (now - last) * runner.user_count
        last = now
        users = dict(runner.user_classes_count)
        if sum(users.values()) >= sum(tally.users.values()):
            tally.users = users


def watch_worker(runner):
    gevent.spawn(sample_users, runner)

    @events.report_to_master.add_listener
    def report(client_id, data):
        data[KEY] = tally.take(runner.user_count)


def watch_master():
    sums = Sums()

    @events.test_start.add_listener
    def note_start(**_kwargs):
        sums.began = True
        sums.write()

    @events.worker_report.add_listener
    def add(client_id, data):
        if KEY in data:
            sums.add(client_id, data.pop(KEY))
            sums.write()

    @events.quit.add_listener
    def await_last_write(**_kwargs):
        gevent.sleep(LAST_WRITE)


@events.init.add_listener
def watch(environment, **_kwargs):
    random.seed(SEED)  # again, because a process that was forked since has a seed of its own
    runner = environment.runner
    if type(runner).__name__ == "MasterRunner":
        watch_master()
    else:
        watch_worker(runner)


random.seed(SEED)
sys.stdout.reconfigure(line_buffering=True)  # so that lines of several processes are not mixed
count_scheduled_tasks()
