"""Functions that master and worker call: loading locustfiles, arguments, classes."""

import argparse
import importlib.machinery
import importlib.util
import inspect
import logging
import os
import subprocess
import sys
import threading
import time
import traceback
from collections import Counter

import _locust_host

from . import _modules, log
from ._events import events
from ._tracebacks import OWN_FILES, without_first_frames
from .argument_parser import get_parser
from .env import Environment
from .shape import LoadTestShape
from .user.inspectuser import print_task_ratio, print_task_ratio_json
from .user.task import name_of
from .user.users import User
from .util.timespan import parse_timespan

sleep_blocking = time.sleep


def sleep(seconds):
    """time.sleep: parks the running greenlet, if there is one."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    if not _locust_host.sleep(seconds):
        sleep_blocking(seconds)


def is_user_class(item):
    return inspect.isclass(item) and issubclass(item, User) and item.abstract is False


def is_shape_class(item):
    return inspect.isclass(item) and issubclass(item, LoadTestShape) and not getattr(item, "abstract", True)


class _Test:
    """The content of the locustfiles."""

    files = []
    user_classes = {}
    shape_classes = {}
    parser = None
    arguments = None
    is_one_process = False  # master and worker together are what stock's single process is


def _import(path):
    directory, filename = os.path.split(path)
    name = os.path.splitext(filename)[0]
    if name == "locust":
        name = "locustfile"  # not to be taken for the package
    for folder in (os.getcwd(), directory):
        if folder in sys.path:
            sys.path.remove(folder)
        sys.path.insert(0, folder)
    loader = importlib.machinery.SourceFileLoader(name, path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_file_location(name, path, loader=loader))
    sys.modules[name] = module
    loader.exec_module(module)
    return module


def _add(known, name, value, what):
    if name not in known:
        known[name] = value
        return
    paths = [inspect.getfile(each if inspect.isclass(each) else type(each)) for each in (known[name], value)]
    if paths[0] == paths[1]:
        return  # one file imported the other
    if what == "shape":
        sys.stderr.write(f"Duplicate shape classes: {name}\n")
    else:
        sys.stderr.write(f"Duplicate user class names: {name} is defined in both {paths[0]} and {paths[1]}\n")
    sys.exit(1)


def load(files):
    """Imports the locustfiles. Errors are exceptions or SystemExit."""
    time.sleep = sleep
    # Processes that test code starts must receive the signals that this process blocks; only fork() unblocks them.
    subprocess._USE_VFORK = subprocess._USE_POSIX_SPAWN = False
    _modules.install()
    _Test.files = files
    for path in map(os.path.abspath, files):
        members = vars(_import(path))
        for name, value in members.items():
            if is_user_class(value):
                _add(_Test.user_classes, name, value, "user")
        for value in members.values():
            if is_shape_class(value):
                _add(_Test.shape_classes, value.__name__, value(), "shape")
    _Test.parser = get_parser()


def warn_of_threads():
    """Called before the process forks its workers, which have none of its threads."""
    threads = [each.name for each in threading.enumerate() if each is not threading.main_thread()]
    if threads:
        sys.stderr.write(
            f"The locustfile has started threads ({', '.join(threads)}), which the processes of --processes do not "
            "have: start them in a listener of init\n"
        )


def take_arguments(arguments, settings):
    """Removes the test's arguments from the command line, and takes what configuration files say of them. Returns
    (the others, the keys of the test's in files, the defaults that it has given to other options)."""
    parser = _Test.parser
    _Test.arguments, others = parser.take(arguments, settings)
    mask_secrets(_Test.arguments)
    return others, parser.keys(), parser.changed_defaults()


def mask_secrets(namespace):
    """Masks values of is_secret=True in all output from now on."""
    _locust_host.mask(_Test.parser.secret_values(namespace))


def help_of_arguments():
    if not _Test.parser.own_actions():
        return ""
    text = _Test.parser.own_parser().format_help()
    return "\nArguments of the locustfile:\n" + text[text.index("\n\n") + 2 :] if "\n\n" in text else ""


def form_arguments():
    return _Test.parser.form_arguments(_Test.arguments)


def value_from_form(name, texts):
    """(whether the text is valid, the value or the error)"""
    try:
        return True, _Test.parser.value_from_form(name, texts, getattr(_Test.arguments, name))
    except ValueError as error:
        return False, str(error)


def _is_plain(value):
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, (bool, int, float, str))


def arguments_for_workers():
    """The test's arguments whose values can be sent."""
    return {name: value for name, value in vars(_Test.arguments).items() if _is_plain(value)}


def user_classes():
    if not _Test.user_classes:
        logging.getLogger("locust.main").error("No User class found!")
        sys.exit(1)
    return list(_Test.user_classes.values())


def parsed_options(given, known):
    """A namespace as stock's: `given` has the texts of the options that were given, `known` the values that the process
    knows better. Then come the test's own arguments."""
    known = dict(known)
    is_part = known.pop("as_one_process", False)
    if is_part:  # where its processes meet is not what the operator said
        for name in ("master_bind_host", "master_bind_port", "master_host", "master_port"):
            given.pop(name, None)
    values = {**_Test.parser.values_of_locust(given), **known}
    if values["headful"]:
        values["headless"] = False
    _Test.is_one_process = is_part and values["processes"] == 1
    if _Test.is_one_process:
        values["processes"] = None
    elif values["worker"] and values["processes"]:
        # What stock's forked workers lose.
        values.update(run_time=None, autostart=None, csv_prefix=None, html_file=None, print_stats=None)
        values["stats_history_enabled"] = False
    return argparse.Namespace(**{**values, **vars(_Test.arguments or argparse.Namespace())})


def start_by_itself(options):
    """Stock's counts of a test that starts without the page."""
    if (options.headless or options.autostart) and (options.master or _Test.is_one_process):
        for name in ("num_users", "spawn_rate"):
            if getattr(options, name) is None:
                setattr(options, name, 1)


def take_form(options, form):
    """What the page's form or a script has chosen for this test."""
    if "run_time" in form:
        form["run_time"] = parse_timespan(form["run_time"])
    vars(options).update({name: value for name, value in form.items() if getattr(options, name) != value})


def environment_of(given, known):
    options = parsed_options(given, known)
    log.setup_logging(options.loglevel)
    _modules.report()
    wanted = options.user_classes or list(_Test.user_classes)
    if unknown := [name for name in wanted if name not in _Test.user_classes]:
        logging.getLogger("locust.main").error(f"Unknown User(s): {', '.join(unknown)}")
        sys.exit(1)
    classes = [each for each in user_classes() if each.__name__ in wanted and (each.weight > 0 or each.fixed_count > 0)]
    if not classes:
        raise ValueError("There are no users with weight > 0.")
    return Environment(
        user_classes=classes,
        shape_class=next(iter(_Test.shape_classes.values()), None),
        locustfile=os.path.basename(_Test.files[0]),
        events=events,
        host=options.host,
        profile=options.profile,
        reset_stats=options.reset_stats,
        stop_timeout=options.stop_timeout,
        parsed_options=options,
        parsed_locustfiles=_Test.files,
        available_user_classes=dict(_Test.user_classes),
        available_shape_classes=dict(_Test.shape_classes),
    )


def configure(environment, settings):
    """An entry of --config-users may set any attribute, as in stock."""
    try:
        each = environment.available_user_classes[settings["user_class_name"]]
    except KeyError as error:
        logging.getLogger("locust.main").error(
            "Error applying user config, probably you tried to specify config for a User not present in your "
            f"locustfile: {error}"
        )
        sys.exit(-1)
    for name, value in settings.items():
        if name == "tasks":
            environment.restrict_tasks(each, value)
        elif name != "user_class_name":
            setattr(each, name, value)


def describe_tasks(tasks):
    """[(name, ratio, tasks)] of a class or set."""
    return [
        (name_of(each), count / len(tasks), describe_tasks(getattr(each, "tasks", ())))
        for each, count in Counter(tasks).items()
    ]


def describe_classes(classes):
    """[(class, name, weight, fixed_count, host or "", tasks)]"""
    return [
        (each, each.__name__, float(each.weight), int(each.fixed_count), each.host or "", describe_tasks(each.tasks))
        for each in classes
    ]


def list_classes():
    print("Available Users:")
    for name in _Test.user_classes:
        print("    " + name)


def show_task_ratio(num_users, as_json):
    classes = user_classes()
    if as_json:
        return print_task_ratio_json(classes, num_users)
    for title, total in (("\n Task ratio per User class", False), ("\n Total task ratio", True)):
        print(title)
        print("-" * 80)
        print_task_ratio(classes, num_users, total)


def exit_code_of(error):
    """Prints an exception that ends the program as Python does, with secrets masked."""
    if isinstance(error, SystemExit):
        return log.exit_code_of(error)
    frames = without_first_frames(error.__traceback__, OWN_FILES, "<frozen")  # the locustfile is the next one
    sys.stderr.write(_locust_host.masked("".join(traceback.format_exception(type(error), error, frames))))
    return 1


def place_of(thread_id):
    """A description of a thread's position in code other than ours; empty if there is none."""
    frame = sys._current_frames().get(thread_id)
    while frame is not None and OWN_FILES in frame.f_code.co_filename:
        frame = frame.f_back
    if frame is None:
        return ""
    place = f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_name}"
    own = frame
    while own is not None and own.f_code.co_filename not in _locustfile_paths():
        own = own.f_back
    if own is not None and own is not frame:
        place += f", called from {own.f_code.co_filename}:{own.f_lineno} in {own.f_code.co_name}"
    return place


def blocked(thread_id, milliseconds):
    """Logs the position of Python code that blocks the loop."""
    place = place_of(thread_id) or "code of an extension"
    logging.getLogger("locust.runners").warning(
        f"Python code has blocked all users of this worker for {milliseconds} ms so far: {place}"
    )


def _locustfile_paths():
    return {os.path.abspath(path) for path in _Test.files}
