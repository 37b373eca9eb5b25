"""The options of our programs against those of newest stock Locust, whose parser is asked itself, and
docs/cli.md against the programs.
"""

import itertools
import re
import subprocess
import unittest

import harness
from locust.argument_parser import get_parser

PROGRAMS = ("locust-master", "locust-worker")


def run(program, *arguments, **environment):
    return subprocess.run(
        [harness.BUILD / program, *arguments],
        capture_output=True,
        text=True,
        timeout=harness.DEADLINE,
        env={"PATH": "/usr/bin:/bin", **environment},
    )


def rows(markdown):
    """The options of a table: name -> (environment variable, is a flag, is of a group that stock has)."""
    options = {}
    in_stock = True
    for line in markdown.splitlines():
        if line.startswith("### "):
            in_stock = "locust-cpp" not in line
        cells = line.split(" | ")
        if not line.startswith("| `"):
            continue
        flag = "<" not in cells[0]
        for name in re.findall(r"(?<![\w-])--?[a-zA-Z][a-z-]*", cells[0]):
            options[name] = (cells[1].strip("` "), flag, in_stock)
    return options


def stock_options():
    """Every option of stock, hidden ones too, in the same form."""
    options = {}
    for action in get_parser(default_config_files=[])._actions:
        for name in action.option_strings:
            options[name] = (getattr(action, "env_var", None) or "", action.nargs == 0, True)
    return options


class CommandLine(unittest.TestCase):
    maxDiff = None

    def test_every_option_of_stock_is_ours_with_its_variable(self):
        ours = rows(run("locust-master", "--print-options").stdout)
        self.assertEqual(stock_options(), {name: row for name, row in ours.items() if row[2]})

    def test_options_of_our_own_are_none_of_stocks(self):
        ours = rows(run("locust-master", "--print-options").stdout)
        self.assertEqual([name for name, row in ours.items() if not row[2] and name in stock_options()], [])

    def test_the_documentation_shows_the_table(self):
        table = run("locust-master", "--print-options").stdout
        self.assertTrue(
            (harness.ROOT / "docs" / "cli.md").read_text().endswith(table),
            "docs/cli.md does not end with the output of locust-master --print-options",
        )

    def test_each_program_accepts_each_option(self):
        refused = ("--web-auth", "--legacy-ui", "--expect-slaves", "--slave")
        ending = ("-h", "--help", "-V", "--version", "--config", "-f", "--locustfile")
        for program, (name, (_, flag, _)) in itertools.product(PROGRAMS, stock_options().items()):
            if name in ending:
                continue
            with self.subTest(program=program, option=name):
                # What comes next ends the program, and is to be the only thing to be complained of.
                end = [] if name in refused else ["--nope"]
                result = run(program, name, *([] if flag else ["1"]), *end)
                self.assertEqual(result.returncode, 2)
                complaint = f"argument {name}" if name in refused else "unrecognized arguments: --nope"
                if name in ("-L", "--loglevel"):
                    complaint = "not in {DEBUG,INFO,WARNING,ERROR,CRITICAL}"
                self.assertIn(complaint, result.stderr)


if __name__ == "__main__":
    unittest.main()
