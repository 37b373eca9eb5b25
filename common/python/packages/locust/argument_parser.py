"""Arguments that test code adds to the command line (events.init_command_line_parser)."""

import argparse
import os


class LocustArgumentParser(argparse.ArgumentParser):
    """argparse, with configargparse's env_var and stock's marks for the web page."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, add_help=False, allow_abbrev=False, **kwargs)
        self.args_included_in_web_ui = {}
        self.secret_args_included_in_web_ui = {}
        self.secret_actions = []

    def add_argument(
        self, *args, include_in_web_ui=True, is_secret=False, is_required=False, is_multiple=False, env_var=None, **kwargs
    ):
        if is_multiple:
            kwargs.setdefault("nargs", "*")
        action = super().add_argument(*args, **kwargs)
        action.env_var = env_var
        if is_secret:
            self.secret_actions.append(action)
        if include_in_web_ui:
            self.args_included_in_web_ui[action.dest] = action
            if is_secret:
                self.secret_args_included_in_web_ui[action.dest] = action
        if env_var:
            action.help = f"{action.help or ''} [env: {env_var}]".strip()
        return action

    def add_argument_group(self, *args, **kwargs):
        group = super().add_argument_group(*args, **kwargs)
        original = group.add_argument

        def add_argument(*names, include_in_web_ui=True, is_secret=False, env_var=None, **options):
            action = original(*names, **options)
            action.env_var = env_var
            if is_secret:
                self.secret_actions.append(action)
            if include_in_web_ui:
                self.args_included_in_web_ui[action.dest] = action
                if is_secret:
                    self.secret_args_included_in_web_ui[action.dest] = action
            return action

        group.add_argument = add_argument
        return group

    def secret_values(self, namespace):
        """The texts of arguments that were added with is_secret=True."""
        values = [getattr(namespace, action.dest, None) for action in self.secret_actions]
        texts = [each for value in values for each in (value if isinstance(value, (list, tuple)) else [value])]
        return [str(each) for each in texts if each is not None and not isinstance(each, bool)]

    def own_actions(self):
        return [action for action in self._actions if action.option_strings]

    def take(self, arguments):
        """Parses what is said to own arguments. Returns their namespace and the other arguments."""
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


def get_parser(default_config_files=()):
    from . import events

    parser = LocustArgumentParser(prog="locust")
    events.init_command_line_parser.fire(parser=parser)
    return parser
