"""User classes: what locustfiles derive from."""

import re
import time
import traceback
from contextlib import contextmanager
from json.decoder import JSONDecodeError

import _locust_host
from greenlet import GreenletExit

from .._tracebacks import describe_exception
from ..clients import HttpSession
from ..exception import StopTest, StopUser
from .task import DefaultTaskSet, get_tasks_from_base_classes, name_of
from .wait_time import constant

try:
    from _locust_worker import User as _User
except ImportError:  # a master has classes, but no users
    _User = object

_NO_HOST = (
    "You must specify the base host. Either in the host attribute in the User class, or on the command line "
    "using the --host option."
)


class UserMeta(type):
    def __new__(mcs, classname, bases, class_dict):
        class_dict["tasks"] = get_tasks_from_base_classes(bases, class_dict)
        if not class_dict.get("abstract"):
            class_dict["abstract"] = False
        return type.__new__(mcs, classname, bases, class_dict)


class User(_User, metaclass=UserMeta):
    host = None
    min_wait = None
    max_wait = None
    wait_time = constant(0)
    wait_function = None
    tasks = []
    weight = 1
    fixed_count = 0
    abstract = True
    _greenlet = None

    def __init__(self, environment):
        super().__init__()
        self.environment = environment
        self._taskset_instance = None
        self._cp_last_run = time.perf_counter()
        self._cp_last_wait_time = 0

    def on_start(self):
        pass

    def on_stop(self):
        pass

    def run(self):
        """Runs the user on its own greenlet until it has stopped."""
        self._greenlet = _locust_host.current()
        self._taskset_instance = DefaultTaskSet(self)
        try:
            self._start()
            self._taskset_instance.run()
        except (GreenletExit, StopUser, StopTest) as end:
            self._state = "on_stop"
            self.on_stop()
            if isinstance(end, StopTest):
                raise
        finally:
            self._taskset_instance = None

    def _start(self):
        try:
            self.on_start()
        except (StopUser, StopTest):
            raise
        except Exception as error:
            self.environment.events.user_error.fire(user_instance=self, exception=error, tb=error.__traceback__)
            self._report(error)
            raise

    def wait(self):
        self._taskset_instance.wait()

    def stop(self, force=False):
        """Ends this user after its current task, or immediately. Returns whether immediately."""
        if self._greenlet is not None and (force or self._state == "waiting"):
            if self._greenlet == _locust_host.current():
                raise GreenletExit
            _locust_host.kill(self._greenlet, GreenletExit)
            return True
        if self._state == "running":
            self._state = "stopping"
        return False

    def context(self):
        """The context for listeners of events.request."""
        return {}

    def _yield(self):
        time.sleep(0)

    def _report(self, error):
        self._report_exception(*describe_exception(error))

    @classmethod
    def json(cls):
        return {
            "host": cls.host,
            "weight": cls.weight,
            "fixed_count": cls.fixed_count,
            "tasks": [name_of(task) for task in cls.tasks],
        }

    @classmethod
    def fullname(cls):
        return ".".join(part for part in f"{cls.__module__}.{cls.__qualname__}".split(".") if part != "<locals>")


class RestMixin:
    """rest() and rest_() of the users whose client speaks HTTP."""

    _place = re.compile(r'  File "(\/.[^"]*)", line (\d*),(.*)')

    @contextmanager
    def rest(self, method, url, headers=None, **kwargs):
        """A request for JSON with catch_response. An exception in the block is its failure."""
        headers = dict(headers or {})
        for name in ("Content-Type", "Accept"):
            if name not in headers and name.lower() not in headers:
                headers[name] = "application/json"
        with self.client.request(method, url, catch_response=True, headers=headers, **kwargs) as response:
            response.js = None
            if response.content is None:
                response.failure(str(response.error))
            elif response.text:
                try:
                    response.js = response.json()
                except JSONDecodeError as error:
                    response.failure(
                        f"Could not parse response as JSON. {response.text[:250]}, "
                        f"response code {response.status_code}, error {error}"
                    )
            try:
                yield response
            except AssertionError as error:
                response.failure(_assertion_text(error, response))
            except Exception as error:
                places = ", ".join(self._places(traceback.format_exc()))
                response.failure(f"{type(error).__name__}: {error} at {places}. Response was {_begin(response)}")

    @classmethod
    def _places(cls, text):
        for line in text.split("\n"):
            place = cls._place.match(line)
            if place:
                filename = re.sub(r"/((home|Users)/\w*)/", "~/", place.group(1))
                yield f"{filename}:{place.group(2)}{place.group(3)}"

    @contextmanager
    def rest_(self, method, url, name=None, **kwargs):
        """rest() with the time in the query, against caches."""
        separator = "&" if "?" in url else "?"
        name = f"{url}{separator}_=..." if name is None else name
        with self.rest(method, f"{url}{separator}_={int(time.time() * 1000)}", name=name, **kwargs) as response:
            yield response


def _begin(response):
    return response.text[:200] if response.text else response.text


def _assertion_text(error, response):
    if not error.args:
        return "Assertion failed"
    text = error.args[0]
    return f"{text[:-1]}, response was {_begin(response)}" if text.endswith(",") else text


class HttpUser(User, RestMixin):
    abstract = True
    pool_manager = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.host is None:
            raise StopTest(_NO_HOST)
        self.client = HttpSession(
            base_url=self.host,
            request_event=self.environment.events.request,
            user=self,
            pool_manager=self.pool_manager,
        )
