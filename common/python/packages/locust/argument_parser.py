"""Arguments that test code adds to the command line (events.init_command_line_parser)."""

import argparse
import os

from ._events import events


class LocustArgumentParser(argparse.ArgumentParser):
    """argparse, with configargparse's env_var and stock's marks for the web page."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, add_help=False, allow_abbrev=False, **kwargs)

    def add_argument(self, *args, **kwargs):
        return _add_marked(super().add_argument, args, **kwargs)

    def add_argument_group(self, *args, **kwargs):
        group = super().add_argument_group(*args, **kwargs)
        original = group.add_argument
        group.add_argument = lambda *names, **options: _add_marked(original, names, **options)
        return group

    def secret_values(self, namespace):
        """The texts of arguments that were added with is_secret=True, of lists those of their values."""
        values = [getattr(namespace, action.dest, None) for action in self.own_actions() if getattr(action, "is_secret", False)]
        return _texts(values)

    def own_actions(self):
        return [action for action in self._actions if action.option_strings]

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

    def take(self, arguments):
        """Parses the test's own arguments. Returns their namespace and the other arguments."""
        given = set(arguments)
        from_environment = []
        for action in self.own_actions():
            value = os.environ.get(getattr(action, "env_var", None) or "")
            said = any(name in given or any(each.startswith(name + "=") for each in given) for name in action.option_strings)
            if value is None or said:
                continue
            name = action.option_strings[-1]
            if action.nargs != 0:
                from_environment.append(f"{name}={value}")
            elif value.lower() in ("true", "yes", "on", "1"):
                from_environment.append(name)
        return self.parse_known_args(from_environment + arguments)


def _texts(value):
    if isinstance(value, (list, tuple, set, frozenset)):
        return [text for each in value for text in _texts(each)]
    return [] if value is None or isinstance(value, bool) else [str(value)]


def _add_marked(
    add, names, include_in_web_ui=True, is_secret=False, is_required=False, is_multiple=False, env_var=None, **options
):
    if is_multiple:
        options.setdefault("nargs", "*")
    action = add(*names, **options)
    action.env_var = env_var
    action.include_in_web_ui = include_in_web_ui
    action.is_secret = is_secret
    action.is_required = is_required
    action.is_multiple = is_multiple
    if env_var:
        action.help = f"{action.help or ''} [env: {env_var}]".strip()
    return action


def get_parser(default_config_files=()):
    parser = LocustArgumentParser(prog="locust")
    events.init_command_line_parser.fire(parser=parser)
    return parser
