"""Event hooks and their listeners."""

import logging
import time
import traceback
from contextlib import contextmanager

from . import log
from .exception import InterruptTaskSet, RescheduleTask, RescheduleTaskImmediately, StopTest, StopUser
from .stats import log_fired_request

_STEERING = (StopUser, StopTest, RescheduleTask, RescheduleTaskImmediately, InterruptTaskSet)


class EventHook:
    def __init__(self):
        self._handlers = []

    def add_listener(self, handler):
        self._handlers.append(handler)
        self._changed()
        return handler

    def remove_listener(self, handler):
        self._handlers.remove(handler)
        self._changed()

    def _changed(self):
        pass

    def fire(self, *, reverse=False, **kwargs):
        self._call(reversed(self._handlers) if reverse else self._handlers, kwargs)

    @staticmethod
    def _call(handlers, kwargs):
        for handler in tuple(handlers):  # they may add and remove listeners
            try:
                handler(**kwargs)
            except _STEERING:
                raise  # they are meant for the task that fires the event
            except Exception:
                logging.error("Uncaught exception in event handler: \n%s", traceback.format_exc())
                log.unhandled_greenlet_exception = True

    @contextmanager
    def measure(self, request_type, name, response_length=0, context=None):
        """Fires the event with the time that the block took; an exception in it is the failure."""
        started = time.perf_counter()
        request_meta = {
            "request_type": request_type,
            "name": name,
            "response_length": response_length,
            "context": context or {},
            "exception": None,
            "start_time": time.time(),
        }
        try:
            yield request_meta
        except Exception as error:
            request_meta["exception"] = error
        finally:
            request_meta["response_time"] = (time.perf_counter() - started) * 1000
            self.fire(**request_meta)


class RequestHook(EventHook):
    """Requests of self.client are counted by the engine, which notifies the listeners by fire_listeners;
    what test code fires itself is counted here."""

    def fire(self, *, reverse=False, **kwargs):
        self._call((log_fired_request,), kwargs)  # its exceptions are those of a listener, as in stock
        super().fire(reverse=reverse, **kwargs)

    def fire_listeners(self, **kwargs):
        self._call(self._handlers, kwargs)

    def _changed(self):
        try:
            import _locust_worker
        except ImportError:
            return  # a master makes no requests
        _locust_worker.set_request_listeners(bool(self._handlers))


class Events:
    _NAMES = (
        "user_error",
        "report_to_master",
        "worker_report",
        "worker_connect",
        "spawning_complete",
        "quitting",
        "quit",
        "init",
        "init_command_line_parser",
        "test_start",
        "test_stopping",
        "test_stop",
        "reset_stats",
        "cpu_warning",
        "heartbeat_sent",
        "heartbeat_received",
        "usage_monitor",
    )

    def __init__(self):
        self.request = RequestHook()
        for name in self._NAMES:
            setattr(self, name, EventHook())
