"""The master's side of a test in Python: called by the program, on its one thread."""

import logging
import time
import traceback

import _locust_master
import gevent

from . import _host, log
from ._events import events
from .runners import MasterRunner

environment = None


def begin(options, configs):
    """Creates the environment. Returns (descriptions of the classes, [(shape, whether it reads common options)],
    arguments for workers)."""
    global environment
    environment = _host.environment_of(*options)
    environment.runner = MasterRunner(environment, _locust_master)
    for settings in configs:
        _host.configure(environment, settings)
    shapes = environment.available_shape_classes
    for shape in shapes.values():
        shape.runner = environment.runner
    described = [(name, bool(shape.use_common_options)) for name, shape in shapes.items()]
    return _host.describe_classes(environment.user_classes), described, _host.arguments_for_workers()


def init():
    """Returns whether it succeeded."""
    events.init.fire(environment=environment, runner=environment.runner, web_ui=None)
    return not log.unhandled_greenlet_exception


def tick(name, is_first):
    """(users, spawn rate, [class] or None) of the shape with that name; None at its end."""
    shape = environment.available_shape_classes[name]
    try:
        if is_first:
            environment.shape_class = shape
            shape.reset_time()
        now = shape.tick()
        if now is None:
            return None
        users, spawn_rate, classes = now if len(now) == 3 else (*now, None)
        return int(users), float(spawn_rate), classes and [each.__name__ for each in classes] or None
    except Exception:
        logging.getLogger("locust.runners").critical("The shape has failed, which ends the test:\n%s", traceback.format_exc())
        log.unhandled_greenlet_exception = True
        return None


def heartbeat_sent(client_id):
    if events.heartbeat_sent._handlers:
        gevent.spawn(events.heartbeat_sent.fire, client_id=client_id, timestamp=time.time())


def worker_connect(client_id):
    events.worker_connect.fire(client_id=client_id)


def test_start(arguments, host, form):
    """With the test's arguments, the host if there is one, and the counts, as the form may have changed them."""
    own = vars(_host._Test.arguments)
    vars(environment.parsed_options).update({name: value for name, value in arguments.items() if name in own})
    _host.start_by_itself(environment.parsed_options)
    _host.take_form(environment.parsed_options, form)
    if host is not None:
        environment.host = environment.parsed_options.host = host
    events.test_start.fire(environment=environment)


def spawning_complete(user_count):
    events.spawning_complete.fire(user_count=user_count)


def test_stopping():
    events.test_stopping.fire(environment=environment)


def test_stop():
    events.test_stop.fire(environment=environment)


def reset_stats():
    events.reset_stats.fire()


def wants_reports():
    return bool(events.worker_report._handlers)


def worker_report(client_id, data):
    events.worker_report.fire(client_id=client_id, data=data)


def receive(msg_type, data, node_id):
    environment.runner._receive(msg_type, data, node_id)


def quitting():
    """The exit code set by listeners, or None."""
    events.quitting.fire(environment=environment, reverse=True)
    if environment.process_exit_code is not None:
        return environment.process_exit_code
    has_errors = environment.stats.errors or environment.runner.exceptions
    return 2 if log.unhandled_greenlet_exception and not has_errors else None


def quit(exit_code):
    events.quit.fire(exit_code=exit_code)
