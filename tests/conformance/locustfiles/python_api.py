"""What locustfiles commonly do, once per user and in a fixed order: the rows, failures and lines that
come of it are the same under stock Locust and under locust-cpp."""

import logging
import time

import gevent
from gevent.event import Event
from gevent.lock import Semaphore
from gevent.pool import Pool
from gevent.queue import Queue
from locust import (
    FastHttpUser,
    HttpUser,
    MarkovTaskSet,
    SequentialTaskSet,
    TaskSet,
    User,
    constant,
    events,
    poisson,
    tag,
    task,
    transition,
)
from locust.exception import RescheduleTask, StopUser


def say(*words):
    print("SAID", *words, flush=True)


@events.init_command_line_parser.add_listener
def add_arguments(parser):
    parser.add_argument("--colour", default="red", env_var="TEST_COLOUR", choices=["red", "green"])
    parser.add_argument("--count", type=int, default=3)
    parser.add_argument("--quick", action="store_true")


@events.init.add_listener
def on_init(environment, **_kwargs):
    say("init", type(environment.runner).__name__, environment.parsed_options.colour, environment.parsed_options.count)


@events.test_start.add_listener
def on_test_start(environment, **_kwargs):
    time.sleep(0.01)
    say("test_start", environment.parsed_options.quick)


@events.test_stop.add_listener
def on_test_stop(**_kwargs):
    say("test_stop")


@events.request.add_listener
def on_request(request_type, name, response_length, exception, context, response=None, **_kwargs):
    if context:
        say("context", request_type, name, exception, context)


@events.user_error.add_listener
def on_user_error(user_instance, exception, **_kwargs):
    say("user_error", type(user_instance).__name__, repr(exception))


class Requests(HttpUser):
    fixed_count = 1
    wait_time = constant(0.01)

    def context(self):
        return {"user": "Requests"}

    def on_stop(self):
        say("Requests.on_stop")

    @task(0)
    def never(self):
        say("never")

    @task
    class Outer(SequentialTaskSet):
        pass


class Steps(SequentialTaskSet):
    def on_start(self):
        say("Steps.on_start", self.client.get("/", name="start").status_code)

    @task
    def plain(self):
        r = self.client.get("/api/products", params={"a": [1, 2], "b": "x y"}, name="params")
        say("params", r.ok, r.url.partition("/api")[2], r.request.path_url, bool(r.elapsed), r.reason)
        r = self.client.get("/status/404?x=1#frag")
        say("404", r.status_code, bool(r))
        try:
            r.raise_for_status()
        except Exception as error:
            say("raised", type(error).__name__, str(error).partition(" for url")[0])

    @task
    def bodies(self):
        for how in (
            {"json": {"k": [1, "ü"]}},
            {"data": {"k": "v w", "n": 1}},
            {"data": "text ü".encode()},
            {"data": "plain"},
            {"headers": {"X-A": "b", "Accept": None}},
            {"cookies": {"c": "d"}},
            {"auth": ("user", "pass")},
            {"timeout": 5},
        ):
            key = next(iter(how))
            r = self.client.post("/echo", name=f"echo {key}", **how)
            echoed = r.json()
            heads = {k.lower(): v for k, v in echoed["headers"].items()}
            interesting = {k: heads.get(k) for k in ("content-type", "x-a", "cookie", "authorization", "content-length")}
            say("echo", key, echoed["method"], echoed.get("body"), interesting)

    @task
    def session(self):
        self.client.headers.update({"X-Session": "1"})
        self.client.headers["X-More"] = "2"
        self.client.cookies.set("own", "cookie")
        heads = {k.lower(): v for k, v in self.client.get("/echo", name="session").json()["headers"].items()}
        say("session", heads.get("x-session"), heads.get("x-more"), heads.get("cookie"))
        del self.client.headers["x-more"]
        heads = {k.lower(): v for k, v in self.client.get("/echo", name="session").json()["headers"].items()}
        say("session", heads.get("x-session"), heads.get("x-more"))

    @task
    def cookies(self):
        jar = self.client.cookies
        jar.clear()
        response = self.client.get("/cookies/set?csrftoken=t0k&b=%22quoted%22&a=", name="set cookies")
        say("response", response.cookies, response.cookies["csrftoken"], dict(response.cookies))
        say("jar", jar, jar.items(), len(jar), bool(jar), jar["csrftoken"], jar.get("none", "-"), "a" in jar, "c" in jar)
        say("details", [(c.name, c.value, c.domain, c.path, c.secure, c.expires, c.discard) for c in jar])
        say("places", jar.list_domains(), jar.list_paths(), jar.get_dict("127.0.0.1"), jar.get_dict(path="/x"))
        jar.set("csrftoken", "mine", domain="127.0.0.1")
        jar.set("b", None)
        del jar["a"], jar["none"]
        jar.update({"own": "x"})
        jar["more"] = "y"
        say("sent", self.client.get("/cookies", name="sent").json())
        say("popped", jar.pop("own"), jar.pop("own", "gone"), sorted(jar.keys()))
        say("left", self.client.get("/cookies", name="sent").json())
        self.client.get("/cookies/set?csrftoken=again", name="set cookies")
        say("again", jar["csrftoken"], len(jar))
        kept = jar.copy()
        jar.clear("127.0.0.1", "/", "csrftoken")
        for fails in (lambda: jar["csrftoken"], lambda: jar.clear("127.0.0.1", "/x"), lambda: jar.clear(path="/")):
            try:
                fails()
            except (KeyError, ValueError) as error:
                say("fails", type(error).__name__, str(error) if "csrftoken" in str(error) else "")
        say("passed on", self.client.get("/cookies", name="sent", cookies=kept).json())
        jar.clear()
        say("cleared", jar, len(jar), self.client.get("/cookies", name="sent").json())
        self.client.cookies = kept
        say("back", len(self.client.cookies), self.client.get("/cookies", name="sent").json())

    @task
    def catching(self):
        with self.client.get("/status/500", name="to success", catch_response=True) as response:
            response.success()
        with self.client.get("/", name="to failure", catch_response=True) as response:
            response.failure("not wanted")
        with self.client.get("/", name="to failure", catch_response=True) as response:
            response.failure(ValueError("a value"))
        with self.client.get("/status/503", name="by status", catch_response=True):
            pass
        try:
            with self.client.get("/", name="raised within", catch_response=True):
                raise KeyError("within")
        except KeyError as error:
            say("came out", repr(error))
        with self.client.get("/", name="outer", catch_response=True) as outer:
            with self.client.get("/", name="inner", catch_response=True) as inner:
                inner.failure("inner")
            outer.failure(f"outer {inner.status_code}")
        self.client.get("/", name="never entered", catch_response=True)
        try:
            self.client.get("/", name="without").failure("x")
        except Exception as error:
            say("without", type(error).__name__)

    @task
    def broken(self):
        r = self.client.get("http://127.0.0.1:1/refused", name="refused")
        say("refused", r.status_code, type(r.error).__name__)
        self.client.get("/close", name="closed")
        with self.client.rename_request("renamed"):
            self.client.get("/status/410")
        with self.user.rest("GET", "/api/products", name="http rest") as response:
            say("http rest", type(response.js).__name__)
        with self.user.rest("POST", "/echo", json={"a": 1}, name="http rest assert") as response:
            assert response.js["method"] == "GET", "wrong method,"
        with self.user.rest("GET", "/api/products", name="http rest raise") as response:
            response.js["nothing"]
        with self.user.rest_("GET", "/api/products") as response:
            say("http rest_", response.js is not None)
        self.client.get("/", name="with context", context={"more": 1})
        self.client.head("/", name="head")
        self.client.options("/echo", name="options")
        self.client.put("/echo", "b", name="put")
        self.client.patch("/echo", data="b", name="patch")
        self.client.delete("/echo", name="delete")
        self.client.request("GET", "/", "positional")

    @task
    def ending(self):
        raise RuntimeError("an error of a task")

    @task
    def interrupting(self):
        say("interrupting")
        self.interrupt()

    def on_stop(self):
        say("Steps.on_stop")


def stop(_tasks):
    raise StopUser()


Requests.Outer.tasks = [Steps, stop]


class Sequence(User):
    fixed_count = 1
    wait_time = constant(0.01)

    def on_stop(self):
        say("Sequence.on_stop")

    @task
    class Steps(SequentialTaskSet):
        @task
        def greenlets(self):
            done = Event()
            queue = Queue()
            lock = Semaphore()

            def work(n):
                with lock:
                    gevent.sleep(0.01)
                queue.put(n)
                if n == 3:
                    done.set()
                return n * n

            pool = Pool(2)
            greenlets = [pool.spawn(work, n) for n in range(4)]
            done.wait(2)
            gevent.joinall(greenlets)
            say("greenlets", sorted(g.value for g in greenlets), sorted(queue.get() for _ in range(4)))

        @task
        def timeouts(self):
            try:
                with gevent.Timeout(0.05):
                    time.sleep(5)
            except gevent.Timeout:
                say("timeout")
            with gevent.Timeout(0.05, False):
                time.sleep(5)
            say("after")
            killed = gevent.spawn(time.sleep, 5)
            gevent.sleep(0)
            killed.kill()
            say("killed", killed.dead)

        @task
        def custom(self):
            self.user.environment.events.request.fire(
                request_type="own", name="protocol", response_time=12.5, response_length=3, exception=None, context={}
            )
            self.user.environment.events.request.fire(
                request_type="own", name="protocol", response_time=None, response_length=0,
                exception=OSError("own error"), context={},
            )  # fmt: skip
            with self.user.environment.events.request.measure("own", "measured"):
                raise ValueError("measured")

        @task
        def rescheduling(self):
            say("rescheduling")
            raise RescheduleTask()

        @task
        def logging(self):
            logging.getLogger("mine").warning("a warning of mine")
            raise StopUser()


class Chain(User):
    fixed_count = 1

    def on_stop(self):
        say("Chain.on_stop")

    @task
    class Steps(MarkovTaskSet):
        wait_time = constant(0.01)

        @transition("second")
        def first(self):
            say("first")

        @transition("third")
        def second(self):
            say("second")

        @transition("first")
        def third(self):
            say("third")
            raise StopUser()


class Fast(FastHttpUser):
    fixed_count = 1
    wait_time = poisson(100)

    def on_stop(self):
        say("Fast.on_stop")

    @task
    class Steps(SequentialTaskSet):
        @task
        def plain(self):
            r = self.client.get("/api/products?b=1")
            say("fast", r.status_code, r.json() is not None, r.headers["content-type"])
            r = self.client.get("/status/404")
            say("fast 404", r.status_code)
            self.client.post("/echo", json={"a": 1}, name="fast json")
            self.client.get("http://127.0.0.1:1/", name="fast refused")
            self.client.get("/abort", name="fast abort")
            with self.client.rename_request("fast renamed"):
                self.client.get("/status/204")
                self.client.get("/", name="fast own name")
            self.client.get("/status/202")

        @task
        def rest(self):
            with self.user.rest("GET", "/api/products") as response:
                say("rest", type(response.js).__name__)
            with self.user.rest("GET", "/") as response:
                say("rest", response.js is None)
            with self.user.rest("POST", "/echo", json={"a": 1}, name="rest assert") as response:
                assert response.js["method"] == "GET", "wrong method,"
            with self.user.rest("GET", "/api/products", name="rest raise") as response:
                response.js["nothing"]
            with self.client.get("/status/500", name="fast caught", catch_response=True) as response:
                response.failure("own text")

        @task
        def cookies(self):
            jar = self.client.cookiejar
            self.client.get("/cookies/set?sid=s&b=2", name="fast set cookies")
            say("fast jar", jar, len(jar), [(c.name, c.value, c.domain, c.path, c.is_expired()) for c in jar])
            jar.clear("127.0.0.1", "/", "sid")
            say("fast sent", self.client.get("/cookies", name="fast sent").json())
            jar.clear()
            say("fast cleared", jar, self.client.get("/cookies", name="fast sent").json())

        @task
        def stop(self):
            raise StopUser()


@tag("not-wanted")
class Unwanted(TaskSet):
    @task
    def never(self):
        say("unwanted")
