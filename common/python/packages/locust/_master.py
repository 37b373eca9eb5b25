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
_equal_weights = False


def begin(options, configs, shape):
    """Creates the environment. Returns (descriptions of the classes, [(shape, whether it reads common options)],
    arguments for workers)."""
    global environment, _equal_weights
    environment = _host.environment_of(*options)
    _equal_weights = environment.parsed_options.equal_weights
    environment.runner = MasterRunner(environment, _locust_master)
    for settings in configs:
        _host.configure(environment, settings)
    shapes = environment.available_shape_classes
    for each in shapes.values():
        each.runner = environment.runner
    if shape is not None:
        environment._take_settings(shape_class=shapes.get(shape))
    described = [(name, bool(each.use_common_options)) for name, each in shapes.items()]
    return _host.describe_classes(environment.user_classes), described, _host.arguments_for_workers()


def init():
    """Returns whether it succeeded."""
    events.init.fire(environment=environment, runner=environment.runner, web_ui=None)
    if _equal_weights:
        environment.assign_equal_weights()
    return not log.unhandled_greenlet_exception


def weights():
    """[(class, weight, fixed count)]"""
    return [(each.__name__, float(each.weight), int(each.fixed_count)) for each in environment.user_classes]


def update_user_class(name, attributes):
    """Changes a class as the page or a script asks for."""
    each = environment.available_user_classes.get(name)
    for key, value in attributes.items() if each else ():
        if key != "tasks":
            setattr(each, key, value)
        elif each in environment.user_classes:
            environment.set_tasks(name, value)


def shape():
    """(name, whether it reads common options) of the shape of the next test, or None."""
    chosen = environment.shape_class
    return (type(chosen).__name__, bool(chosen.use_common_options)) if chosen else None


def _choose_shape(name):
    """One of this name that listeners have set comes before that of the file."""
    if type(environment.shape_class).__name__ != name:
        environment._take_settings(shape_class=environment.available_shape_classes[name])


def tick(name, is_first):
    """(users, spawn rate, [class] or None) of the shape, which has that name at first; None at its end."""
    try:
        if is_first:
            _choose_shape(name)
            environment.shape_class.reset_time()
        now = environment.shape_class.tick() if environment.shape_class else None
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
    """With the test's arguments, the host or None, and the counts, as the form may have changed them."""
    own = vars(_host._Test.arguments)
    vars(environment.parsed_options).update({name: value for name, value in arguments.items() if name in own})
    _host.start_by_itself(environment.parsed_options)
    _host.take_form(environment.parsed_options, form)
    if host != environment.host:
        environment._take_settings(host=host)
        environment.parsed_options.host = host
    events.test_start.fire(environment=environment)
    if environment.shape_class:
        environment.shape_class.reset_time()  # listeners may have waited


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
