"""The parser that listeners of events.init_command_line_parser get: Locust's options and the test's arguments.

The process reads Locust's options itself; the parser knows them so that test code can change their defaults. It parses
only the arguments that test code has added, from the command line, their environment variables and configuration files.
"""

import argparse
import json
import os
import sys
from typing import NamedTuple

import _locust_host

from ._events import events
from ._options import (  # noqa: F401  what stock's module has
    add_native_options,
    add_option,
    gt_zero,
    json_user_config,
    positive_integer,
    raise_argument_type_error,
    rows_of_table,
    setup_parser_arguments,
    timespan,
)
from .exception import Unsupported
from .util.timespan import parse_timespan  # noqa: F401

version = _locust_host.version

DEFAULT_CONFIG_FILES = ("~/.locust.conf", "locust.conf", "pyproject.toml")

_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")


class LocustArgumentParser(argparse.ArgumentParser):
    """argparse, with configargparse's env_var and configuration files, and stock's marks for the web page."""

    def __init__(self, *args, default_config_files=(), **kwargs):
        for name in ("config_file_parser_class", "add_env_var_help", "add_config_file_help"):
            kwargs.pop(name, None)
        super().__init__(*args, **kwargs)
        self._default_config_files = default_config_files
        self._settings = []

    def add_argument(self, *args, **kwargs):
        return _add_marked(super().add_argument, args, **kwargs)

    add = add_arg = add_argument
    original_add_argument_method = argparse.ArgumentParser.add_argument

    def add_argument_group(self, *args, **kwargs):
        group = super().add_argument_group(*args, **kwargs)
        original = group.add_argument
        group.add_argument = lambda *names, **options: _add_marked(original, names, **options)
        return group

    def parse_known_args(self, args=None, namespace=None):
        arguments = list(sys.argv[1:] if args is None else args)
        settings = self._settings
        if self._default_config_files:
            known, _ = _config_parser().parse_known_args(arguments)
            settings = _locust_host.settings(known.config)
        return super().parse_known_args(self._with_other_sources(arguments, settings), namespace)

    def parse(self, args=None, namespace=None, **_kwargs):
        return self.parse_args(args, namespace)

    def parse_known(self, args=None, namespace=None, **_kwargs):
        return self.parse_known_args(args, namespace)

    def get_possible_config_keys(self, action):
        names = [name for name in action.option_strings if name.startswith("--")]
        return [key for name in names for key in (name[2:], name)]

    def get_command_line_key_for_unknown_config_file_setting(self, key):
        return key if key.startswith("--") else "--" + key

    def convert_item_to_command_line_arg(self, action, key, value):
        """The arguments that set an option to a value of the environment or of a file, as in configargparse."""
        name = action.option_strings[-1] if action else self.get_command_line_key_for_unknown_config_file_setting(key)
        if action is not None and action.nargs == 0:
            return self._flag_argument(action, name, key, value)
        if not isinstance(value, list):
            return [f"{name}={value}"]
        takes_several = action is not None and (
            action.nargs in ("+", "*") or (isinstance(action.nargs, int) and action.nargs > 1)
        )
        if takes_several:
            return [name, *map(str, value)]
        if action is None or isinstance(action, argparse._AppendAction):
            return [f"{name}={each}" for each in value]
        self.error(f"{key}: takes one value, not a list")

    def _flag_argument(self, action, name, key, value):
        text = str(value).lower()
        if text not in _TRUE + _FALSE:
            self.error(f"{key}: '{value}' is not true or false")
        if isinstance(action, argparse.BooleanOptionalAction):
            positive, negative = action.option_strings[0], action.option_strings[-1]
            return [positive if text in _TRUE else negative]
        return [name] if text in _TRUE else []

    def _with_other_sources(self, arguments, settings):
        """The command line, and for what it does not have the environment, and then the files."""
        added = []
        for action in self._actions:
            names = action.option_strings
            if any(each in names or each.partition("=")[0] in names for each in arguments) or not names:
                continue
            for key, value in self._sources_of(action, settings):
                added += self.convert_item_to_command_line_arg(action, key, value)
                break
        end = arguments.index("--") if "--" in arguments else len(arguments)
        return arguments[:end] + added + arguments[end:]

    def _sources_of(self, action, settings):
        value = os.environ.get(getattr(action, "env_var", None) or "")
        if value is not None:
            takes_list = action.nargs in ("+", "*") or isinstance(action, argparse._AppendAction)
            if takes_list and value.startswith("[") and value.endswith("]"):
                value = [each.strip() for each in value[1:-1].split(",") if each.strip()]
            yield action.env_var, value
        keys = self.get_possible_config_keys(action)
        for key, value, place in settings:
            if key in keys:
                yield f"{place}: '{key}'", value

    def _unsupported(self, *_args, **_kwargs):
        raise Unsupported("locust-cpp reads its options itself; locust-master --help and vars(parsed_options) show them")

    format_values = print_values = write_config_file = _unsupported
    get_items_for_config_file_output = get_source_to_settings_dict = _unsupported

    def secret_values(self, namespace):
        """The texts of arguments that were added with is_secret=True, of lists those of their values."""
        values = [getattr(namespace, action.dest, None) for action in self.own_actions() if getattr(action, "is_secret", False)]
        return _texts(values)

    def own_actions(self):
        """Those of the test's arguments."""
        return [each for each in self._actions if each.option_strings and not hasattr(each, "default_of_locust")]

    def _locusts_actions(self):
        return [each for each in self._actions if hasattr(each, "default_of_locust")]

    def own_parser(self):
        """A parser of the test's arguments only, in their groups."""
        parser = LocustArgumentParser(prog=self.prog, add_help=False, allow_abbrev=False)
        own = self.own_actions()
        for group in self._action_groups:
            actions = [each for each in group._group_actions if each in own]
            known = parser._optionals if group is self._optionals else None
            known = known or (actions and argparse.ArgumentParser.add_argument_group(parser, group.title, group.description))
            for action in actions:
                known._add_action(action)
        parser._mutually_exclusive_groups = [
            group for group in self._mutually_exclusive_groups if all(each in own for each in group._group_actions)
        ]
        names = {each.dest for each in self._locusts_actions()}
        parser._defaults = {name: value for name, value in self._defaults.items() if name not in names}
        return parser

    def _included(self, mark=None):
        return {
            action.dest: action
            for action in self.own_actions()
            if getattr(action, "include_in_web_ui", False) and (mark is None or getattr(action, mark))
        }

    @property
    def args_included_in_web_ui(self):
        return self._included()

    @property
    def secret_args_included_in_web_ui(self):
        return self._included("is_secret")

    @property
    def required_args_included_in_web_ui(self):
        return self._included("is_required")

    @property
    def multiple_args_included_in_web_ui(self):
        return self._included("is_multiple")

    def form_arguments(self, values):
        """[(name, kind, text, help, secret, choices, multiple, hidden)] for the form, with these values."""
        return [self._form_argument(action, getattr(values, action.dest)) for action in self.own_actions()]

    def _form_argument(self, action, value):
        is_secret = getattr(action, "is_secret", False)
        multiple = getattr(action, "is_multiple", False) or isinstance(value, (list, tuple))
        if multiple:
            text = ",".join(map(str, value or ()))
        elif isinstance(value, bool):
            text = "true" if value else "false"
        else:
            text = "" if value is None else str(value)
        kind = "text"
        if isinstance(value, bool):
            kind = "bool"
        elif isinstance(value, (int, float)) or (value is None and action.type in (int, float)):
            kind = "number"
        choices = [str(each) for each in action.choices or ()]
        return (
            action.dest,
            kind,
            "" if is_secret else text,
            action.help or "",
            is_secret,
            choices,
            multiple,
            not getattr(action, "include_in_web_ui", False),
        )

    def value_from_form(self, name, texts, known):
        """What the texts of a form's field mean for an argument whose value is `known` and keeps its type, as stock's
        /swarm has it. Raises ValueError if they are invalid."""
        action = next(each for each in self.own_actions() if each.dest == name)
        if isinstance(known, bool):
            return texts[0] == "true"
        if getattr(action, "is_multiple", False) or isinstance(known, (list, tuple)):
            parts = texts[0].split(",") if len(texts) == 1 and texts[0] else [text for text in texts if text]
            return [self._one_from_form(action, part.strip(), next(iter(known or ()), None)) for part in parts]
        if known is None and not texts[0]:
            return None
        return self._one_from_form(action, texts[0], known)

    def _one_from_form(self, action, text, known):
        convert = self._registry_get("type", action.type, action.type)
        if action.type is None and known is not None:
            convert = type(known)
        try:
            value = convert(text)
        except (TypeError, ValueError, argparse.ArgumentTypeError) as error:
            kind = getattr(convert, "__name__", "value")
            reason = f": {error}" if isinstance(error, argparse.ArgumentTypeError) else ""
            raise ValueError(f"is not a valid {kind}{reason}") from None
        if action.choices is not None and value not in action.choices:
            raise ValueError("is none of: " + ", ".join(map(str, action.choices)))
        return value

    def take(self, arguments, settings=()):
        """Parses the test's own arguments; `settings` are those of configuration files. Returns their namespace and the
        other arguments."""
        parser = self.own_parser()
        parser._settings = settings
        return parser.parse_known_args(arguments)

    def keys(self):
        """The names of the test's arguments in configuration files."""
        return [name[2:] for each in self.own_actions() for name in each.option_strings if name.startswith("--")]

    def changed_defaults(self):
        """[(key, [text], whether it is a list, description)] of Locust's options whose default the test has changed."""
        changed = []
        for action in self._locusts_actions():
            value = action.default
            if value is None or value == action.default_of_locust or not action.option_strings:
                continue
            key = next(name for name in action.option_strings if name.startswith("--"))[2:]
            is_list = isinstance(value, (list, tuple))
            texts = [_text(each) for each in (value if is_list else [value])]
            changed.append((key, texts, is_list, f"the locustfile's default of '{action.dest}'"))
        return changed

    def values_of_locust(self, given):
        """Locust's own options, of which `given` has the texts of those that were given: what stock's parsed_options
        are."""
        values = {}
        for action in self._locusts_actions():
            if argparse.SUPPRESS in (action.dest, action.default):
                continue
            if action.dest in given:
                values[action.dest] = self._value_of_texts(action, given[action.dest])
            elif isinstance(action.default, str):
                values[action.dest] = self._get_value(action, action.default)
            else:
                values[action.dest] = action.default
        return values

    def _value_of_texts(self, action, texts):
        if action.nargs == 0:
            return texts[-1].lower() in _TRUE
        if action.nargs == "*":
            return [self._get_value(action, text) for text in texts if text]
        return self._get_value(action, texts[-1])


def _text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return json.dumps(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _texts(value):
    if isinstance(value, (list, tuple, set, frozenset)):
        return [text for each in value for text in _texts(each)]
    return [] if value is None or isinstance(value, bool) else [str(value)]


def _add_marked(
    add,
    names,
    include_in_web_ui=True,
    is_secret=False,
    is_required=False,
    is_multiple=False,
    env_var=None,
    is_config_file_arg=False,
    is_write_out_config_file_arg=False,
    **options,
):
    if is_multiple:
        options.setdefault("nargs", "*")
    action = add(*names, **options)
    action.env_var = env_var
    action.include_in_web_ui = include_in_web_ui
    action.is_secret = is_secret
    action.is_required = is_required
    action.is_multiple = is_multiple
    if env_var and action.help != argparse.SUPPRESS:
        action.help = f"{action.help or ''} [env: {env_var}]".strip()
    return action


def _config_parser():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--config")
    return parser


def get_empty_argument_parser(add_help=True, default_config_files=DEFAULT_CONFIG_FILES):
    parser = LocustArgumentParser(prog="locust", add_help=False, default_config_files=default_config_files)
    if add_help:
        help_action = parser.add_argument("-h", "--help", action="help", help="Show this help message and exit")
        help_action.default_of_locust = help_action.default
    for row in rows_of_table(in_stock=True):
        if row[0] in ("locustfile", "config"):
            add_option(parser, row)
    return parser


def get_parser(default_config_files=DEFAULT_CONFIG_FILES):
    parser = get_empty_argument_parser(default_config_files=default_config_files)
    setup_parser_arguments(parser)
    events.init_command_line_parser.fire(parser=parser)
    add_native_options(parser)
    return parser


def parse_options(args=None):
    return get_parser().parse_args(args)


def default_args_dict():
    """Stock's options with their defaults."""
    parser = get_empty_argument_parser(default_config_files=())
    setup_parser_arguments(parser)
    return vars(parser.parse_args([]))


class UIExtraArgOptions(NamedTuple):
    default_value: str
    is_secret: bool
    is_required: bool
    help_text: str
    is_multiple: bool
    choices: "list[str] | None" = None


def ui_extra_args_dict(args=None):
    """The test's arguments that the page's form shows, with their values."""
    parser = get_parser()
    values = vars(parser.parse_args(args))
    return {
        name: UIExtraArgOptions(
            default_value=values[name],
            is_secret=action.is_secret,
            is_required=action.is_required,
            help_text=action.help,
            is_multiple=action.is_multiple,
            choices=action.choices,
        )._asdict()
        for name, action in parser.args_included_in_web_ui.items()
    }


def _reads_files_itself(*_args, **_kwargs):
    raise Unsupported("locust-cpp finds and reads its locustfiles itself: give them with -f")


parse_locustfile_option = parse_locustfile_paths = get_locustfiles_locally = _reads_files_itself
download_locustfile_from_url = download_locustfile_from_master = _reads_files_itself
parse_locustfiles_from_master = retrieve_locustfiles_from_master = _reads_files_itself
