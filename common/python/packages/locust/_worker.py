"""The worker's side of a test in Python: called by the program, on the users' loop unless it says otherwise."""

import logging
import time

import _locust_worker
import gevent
from greenlet import GreenletExit

from . import _host, log
from ._events import events
from ._tracebacks import describe_exception
from .exception import StopTest, StopUser, Unsupported
from .runners import WorkerRunner

environment = None


def begin(options, client_id, configs):
    """On the main thread, before the loop. Returns descriptions of the classes, or None if init failed."""
    global environment
    environment = _host.environment_of(*options)
    parsed = environment.parsed_options
    environment.runner = WorkerRunner(environment, _locust_worker, client_id)
    for settings in configs:
        _host.configure(environment, settings)
    environment.filter_tasks(parsed.tags, parsed.exclude_tags)
    events.init.fire(environment=environment, runner=environment.runner, web_ui=None)
    if log.unhandled_greenlet_exception:
        return None
    if parsed.equal_weights:
        environment.assign_equal_weights()
    return _host.describe_classes(environment.user_classes)


def set_options(tags, exclude_tags, arguments):
    """The master's options of the current test. None for tags means that it sent none."""
    known = {*vars(_host._Test.arguments), "expect_workers"}  # which workers need to share something among them
    for name, value in arguments.items():
        if name in known:
            setattr(environment.parsed_options, name, value)
    _host.mask_secrets(environment.parsed_options)
    if tags is not None or exclude_tags is not None:
        environment.parsed_options.tags = tags
        environment.parsed_options.exclude_tags = exclude_tags
        environment.filter_tasks(tags, exclude_tags)


def set_worker_index(index):
    environment.runner.worker_index = index


def set_order(host, stop_timeout):
    """The master's settings of an order. Without a host of the master this process's own stays."""
    environment._take_settings(host=host or environment.host, stop_timeout=stop_timeout)


def order_settings():
    """(host, stop timeout) with which an order is carried out, after test_start."""
    if environment.host:
        for each in environment.user_classes:
            each.host = environment.host
    return str(environment.host or ""), float(environment.stop_timeout or 0)


def set_attributes(class_name, attributes):
    """Those that the master's page or a script has set, as stock's update_user_class has it."""
    for name, value in attributes.items():
        setattr(environment.user_classes_by_name[class_name], name, value)


def set_tasks(class_name, names):
    environment.set_tasks(class_name, names)


def test_start():
    environment.runner.state = "spawning"
    _host.start_by_itself(environment.parsed_options)
    events.test_start.fire(environment=environment)


def test_stop():
    events.test_stop.fire(environment=environment)
    environment.runner.state = "ready"


def test_stopping():
    environment.runner.state = "stopping"
    events.test_stopping.fire(environment=environment)


def spawning_complete(user_count):
    environment.runner.state = "running"
    environment.runner._ramp_is_over()
    events.spawning_complete.fire(user_count=user_count)


def report_to_master(user_classes_count):
    """Returns the additions of listeners to a report."""
    if not events.report_to_master._handlers:
        return None
    data = {
        "stats": [],
        "stats_total": {},
        "errors": {},
        "user_classes_count": user_classes_count,
        "user_count": sum(user_classes_count.values()),
    }
    own = set(data)
    events.report_to_master.fire(client_id=environment.runner.client_id, data=data)
    return {name: value for name, value in data.items() if name not in own}


def heartbeat_received():
    if events.heartbeat_received._handlers:
        gevent.spawn(events.heartbeat_received.fire, client_id=environment.runner.client_id, timestamp=time.time())


def receive(msg_type, data):
    environment.runner._receive(msg_type, data, environment.runner.client_id)


def user_ended(error, in_constructor):
    """An exception has ended a user. None: that is what it is for."""
    if isinstance(error, (GreenletExit, StopUser)) or log.ends_process(error):
        return None
    if isinstance(error, StopTest):
        logging.getLogger("locust.runners").error(str(error))
        logging.getLogger("locust.runners").warning("Stopping Locust...")
        _locust_worker.stop_test()
        return None
    # As in stock, where only the constructor is called by Locust's own greenlets.
    if in_constructor or isinstance(error, Unsupported):
        log.unhandled_greenlet_exception = True
    message, frames = describe_exception(error)
    return message or type(error).__name__, frames + f"{type(error).__name__}: {message}\n"


def quitting():
    """Returns (the exit code, whether there was an uncaught exception)."""
    events.quitting.fire(environment=environment, reverse=True)
    uncaught = log.unhandled_greenlet_exception
    if environment.process_exit_code is not None:
        return environment.process_exit_code, uncaught
    return 2 if uncaught else 0, uncaught


def quit(exit_code):
    events.quit.fire(exit_code=exit_code)
