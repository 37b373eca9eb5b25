"""Locust's options as an argparse parser has them: those of the process's table, with stock's types and defaults."""

import argparse
import json
import math
import os

import _locust_host

from .util.timespan import parse_timespan


def timespan(time_str):
    try:
        return parse_timespan(time_str)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def positive_integer(string):
    try:
        value = int(string)
    except ValueError:
        raise argparse.ArgumentTypeError(f"invalid int value: '{string}'") from None
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is not a positive number")
    return value


def gt_zero(t):
    def checker(value):
        number = t(value)
        if not (math.isfinite(number) and number > 0):
            raise argparse.ArgumentTypeError("must be a finite number above 0")
        return number

    return checker


def json_user_config(string):
    """An entry of --config-users: JSON, or the name of a file that has it. Returns a list of dicts."""
    try:
        if string.endswith(".json"):
            with open(string) as file:
                config = json.load(file)
        else:
            config = json.loads(string)
    except (OSError, json.JSONDecodeError) as error:
        raise argparse.ArgumentTypeError(f"--config-users: {error}") from None
    configs = config if isinstance(config, list) else [config]
    if any("user_class_name" not in each for each in configs):
        raise argparse.ArgumentTypeError("--config-users: an entry lacks user_class_name")
    return configs


def raise_argument_type_error(err_msg):
    """An action for options that are refused with this message."""

    class ErrorRaisingAction(argparse.Action):
        def __call__(self, parser, namespace, values, option_string=None):
            raise argparse.ArgumentError(self, err_msg)

    return ErrorRaisingAction


# What stock's options have beside the table of all options. Others are texts, None if they are not given.
_TYPES = {
    "num_users": int,
    "spawn_rate": gt_zero(float),
    "run_time": timespan,
    "config_users": json_user_config,
    "web_port": int,
    "autoquit": int,
    "master_bind_port": int,
    "expect_workers": positive_integer,
    "expect_workers_max_wait": int,
    "processes": int,
    "master_port": int,
    "loglevel": str.upper,
    "exit_code_on_error": int,
    "stop_timeout": timespan,
}
_DEFAULTS = {
    "locustfile": "locustfile.py",
    "web_host": "",
    "web_port": 8089,
    "autoquit": -1,
    "tls_cert": "",
    "tls_key": "",
    "build_path": "",
    "legacy_ui": False,
    "web_base_path": "",
    "master_bind_host": "*",
    "master_bind_port": 5557,
    "expect_workers": 1,
    "expect_workers_max_wait": 0,
    "master_host": "127.0.0.1",
    "master_port": 5557,
    "loglevel": "INFO",
    "exit_code_on_error": 1,
    "stop_timeout": "0",
}


def rows_of_table(in_stock):
    """(attribute, names, kind, environment variable, help, choices, group) of the process's options."""
    return [row for *row, is_in_stock in _locust_host.options() if is_in_stock == in_stock]


def add_option(container, row):
    attribute, names, kind, env_var, text, choices, _group = row
    options = {"dest": attribute, "help": text.replace("%", "%%"), "env_var": env_var or None}
    if kind == "refused":
        options |= {"action": raise_argument_type_error(text), "nargs": None if attribute == "web_auth" else 0}
    elif attribute == "version":
        options = {"action": "version", "version": f"locust {_locust_host.version}", "help": text}
    elif kind == "flag":
        options["action"] = "store_true"
    else:
        options |= {"type": _TYPES.get(attribute), "nargs": "*" if kind == "list" else None, "choices": choices or None}
    if attribute in _DEFAULTS:
        options["default"] = _DEFAULTS[attribute]
    action = container.add_argument(*names, **options)
    action.default_of_locust = action.default


def setup_parser_arguments(parser):
    """Adds stock's options."""
    parser._optionals.title = "Common options"
    groups = {"Common options": parser}
    for row in rows_of_table(in_stock=True):
        if row[0] in ("help", "locustfile", "config"):
            continue
        if row[-1] not in groups:
            groups[row[-1]] = parser.add_argument_group(row[-1])
        add_option(groups[row[-1]], row)
    classes = parser.add_argument_group("User classes").add_argument(
        "user_classes",
        nargs="*",
        metavar="<UserClass1 UserClass2>",
        help="User classes to be used. Default is all.",
        default=os.environ.get("LOCUST_USER_CLASSES", "").split(),
    )
    classes.default_of_locust = classes.default


def add_native_options(parser):
    """The options that stock does not have: the parser takes them if test code has it read the command line."""
    for attribute, names, kind, _env_var, _help, _choices, _group in rows_of_table(in_stock=False):
        free = [name for name in names if name not in parser._option_string_actions]
        if not free:
            continue
        options = {"action": "store_true"} if kind == "flag" else {"nargs": "*" if kind == "list" else None}
        action = parser.add_argument(*free, dest=attribute, default=argparse.SUPPRESS, help=argparse.SUPPRESS, **options)
        action.default_of_locust = argparse.SUPPRESS
