"""The users of `scripts/bench soak`: whatever ends a request, a task or a greenlet before its time."""

import gc
import random
import time

import gevent
from greenlet import greenlet
from locust import FastHttpUser, HttpUser, User, between, events, task
from locust.exception import RescheduleTask, StopUser
from locust.runners import MasterRunner

children = set()  # that users have spawned and that live


def count(runner):
    """Says each second how many greenlets live beside this one and the loop's own, and why."""
    while True:
        gevent.sleep(1)
        alive = sum(isinstance(each, greenlet) and not each.dead for each in gc.get_objects()) - 2
        print("ALIVE", runner.user_count, len(children), alive, flush=True)


@events.init.add_listener
def on_init(environment, **_kwargs):
    if not isinstance(environment.runner, MasterRunner):
        gevent.spawn(count, environment.runner)


class Child:
    """A greenlet of a user's own, known for as long as it lives."""

    def __init__(self, function, *args, **kwargs):
        self._call = lambda: function(*args, **kwargs)
        children.add(self)
        self.greenlet = gevent.spawn(self._run)

    def _run(self):
        try:
            self._call()
        finally:
            children.discard(self)


class Troubled(User):
    abstract = True
    wait_time = between(0, 0.05)

    def on_start(self):
        self.client.get("/")

    def on_stop(self):
        with gevent.Timeout(0.05, False):
            self.client.get("/slow?ms=1000")
        raise ValueError("on_stop")

    @task(5)
    def get(self):
        self.client.get("/api/products", headers={"X-A": "b"}, params={"a": 1}).json()

    @task
    def fail(self):
        self.client.get("/status/404")
        self.client.get("/abort")
        with self.client.get("/", catch_response=True) as response:
            response.failure("not wanted")
        with self.client.get("/", catch_response=True) as response:
            response.json()["nothing"]

    @task
    def raise_error(self):
        self.client.get("/")
        raise RuntimeError("of a task")

    @task
    def reschedule(self):
        raise RescheduleTask()

    @task
    def be_interrupted(self):
        with gevent.Timeout(0.02, False):
            time.sleep(5)
        with gevent.Timeout(0.02, False):
            self.client.get("/slow?ms=1000", name="interrupted")
        try:
            with gevent.Timeout(0.02):
                self.client.get("/slow?ms=1000", name="interrupted")
        except gevent.Timeout:
            pass

    @task
    def spawn(self):
        ending = [Child(self.client.get, "/slow?ms=20", name="spawned") for _ in range(3)]
        killed = Child(self.client.get, "/slow?ms=1000", name="killed")
        gevent.joinall([each.greenlet for each in ending], timeout=5)
        killed.greenlet.kill()


class Requests(Troubled, HttpUser):
    @task
    def time_out(self):
        self.client.get("/slow?ms=1000", timeout=0.02)


class Fast(Troubled, FastHttpUser):
    network_timeout = 0.5

    @task
    def time_out(self):
        self.client.get("/slow?ms=1000")

    @task
    def fail_in_rest(self):
        with self.rest("POST", "/echo", json={"a": 1}) as response:
            assert response.js["method"] == "GET", "wrong method,"
        with self.rest("GET", "/api/products") as response:
            response.js["nothing"]


class Leaving(HttpUser):
    """Ends itself now and then; the next start brings it back."""

    wait_time = between(0.5, 1)

    @task
    def leave(self):
        self.client.get("/cookies/set?a=b")
        if random.random() < 0.2:
            raise random.choice((StopUser(), gevent.Timeout()))  # the latter is no Exception
