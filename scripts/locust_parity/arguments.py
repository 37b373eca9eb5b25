"""The command line."""

from __future__ import annotations

import argparse
import pathlib
import re
from typing import Optional

DESCRIPTION = """Runs each Python locustfile under stock Locust and under locust-cpp's locust, with the same
environment, seeds, users and time, and says in what they differ: rows of the table of requests and how often they
occur, failures, exceptions, exit codes, users by class, lines that the file prints, and times. The order is stock,
ours, stock, so that it is known what differs between two runs of stock. While something differs, both run again, as
chance may be the reason. Stock runs as locust does, a master with one worker process."""

EPILOG = """Exit code: 0 if all files are equal; 1 if one differs; 2 for a wrong command line, or a file that stock
itself cannot run; 130 after Ctrl-C, which leaves no process behind."""

SPAN = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")
SMALLEST_TIME = 2


def seconds(text: str) -> int:
    found = SPAN.fullmatch(text)
    if not text or not found:
        raise argparse.ArgumentTypeError(f"'{text}' is no time such as 20, 20s or 1h30m")
    hours, minutes, rest = (int(part or 0) for part in found.groups())
    total = 3600 * hours + 60 * minutes + rest
    if total < SMALLEST_TIME:
        raise argparse.ArgumentTypeError(f"must be at least {SMALLEST_TIME} s")
    return total


def _at_least_one(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"'{text}' is no number of at least 1")
    return int(text)


def _rate(text: str) -> str:
    try:
        good = float(text) > 0
    except ValueError:
        good = False
    if not good:
        raise argparse.ArgumentTypeError(f"'{text}' is no rate above 0")
    return text


# (group, what applies to all of it, [(names, metavar, what argparse takes, help)])
OPTIONS = (
    ("programs", None, [
        (("--stock",), "PROGRAM", {"required": True}, "stock Locust, such as VENV/bin/locust; 2.20 or newer"),
        (("--ours",), "PROGRAM", {},
         "locust of locust-cpp, by default the one that was built or installed with this program"),
    ]),
    ("load", "Arguments after -- go to both programs unchanged.", [
        (("-u", "--users"), "N", {"type": _at_least_one, "default": 5}, "number of users, by default 5"),
        (("-r", "--spawn-rate"), "RATE", {"type": _rate}, "users to start per second, by default all at once"),
        (("-t", "--run-time"), "TIME", {"type": seconds, "default": 10},
         "of each run, such as 20s or 1h30m, by default 10s"),
        (("-H", "--host"), "URL", {}, "host to load, if the file does not name it"),
        (("--seed",), "N", {"type": int, "default": 1},
         "for PYTHONHASHSEED and random.seed in the first run of each program; every later one has the next number. "
         "By default 1"),
    ]),
    ("bounds", None, [
        (("--rounds",), "N", {"type": _at_least_one, "default": 3},
         "how often both run while something differs, by default 3; 1 is quick and may take chance for a difference"),
        (("--limit",), "TIME", {"type": seconds},
         "end a run that takes longer, with all its processes; by default the run time and a minute"),
    ]),
    ("results", None, [
        (("--junit",), "FILE", {}, "write the result as JUnit XML"),
        (("--html",), "FILE", {}, "write the result as one HTML page, with the numbers of each row"),
        (("--keep",), "FOLDER", {}, "keep what the runs print and write, in a new or empty folder"),
    ]),
)  # fmt: skip


def parser(prog: str) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog=prog, description=DESCRIPTION, epilog=EPILOG, allow_abbrev=False,
        usage="%(prog)s --stock PROGRAM [option ...] FILE ... [-- argument ...]",
    )  # fmt: skip
    made.add_argument("files", metavar="FILE", nargs="+", help="Python locustfiles, compared one after the other")
    for title, description, options in OPTIONS:
        group = made.add_argument_group(title, description)
        for names, metavar, how, text in options:
            group.add_argument(*names, metavar=metavar, help=text, **how)
    return made


def problem_of_file(name: str) -> Optional[str]:
    path = pathlib.Path(name)
    if path.suffix in (".yaml", ".yml"):
        return f"{name} is a YAML scenario, which stock cannot run: give Python locustfiles"
    if not path.is_file():
        return f"{name}: there is no such file"
    if path.suffix != ".py":
        return f"{name}: the name of a Python locustfile ends with .py"
    if "," in name:
        return f"{name}: Locust takes a comma for the end of a file's name"
    return None


def parse(prog: str, argv: list[str]) -> argparse.Namespace:
    """Also has `extra`, what comes after --; ends the program with exit code 2 if something is wrong."""
    own, extra = (argv[: argv.index("--")], argv[argv.index("--") + 1 :]) if "--" in argv else (argv, [])
    made = parser(prog)
    arguments = made.parse_args(own)
    arguments.extra = extra
    for name in arguments.files:
        problem = problem_of_file(name)
        if problem:
            made.error(problem)
    if arguments.keep:
        keep = pathlib.Path(arguments.keep)
        if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
            made.error(f"--keep {keep}: must be a new or empty folder, so that nothing in it is overwritten")
    for option in ("junit", "html"):
        name = getattr(arguments, option)
        if name and not pathlib.Path(name).absolute().parent.is_dir():
            made.error(f"--{option} {name}: there is no such folder")
    arguments.error = made.error
    return arguments
