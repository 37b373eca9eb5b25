"""What a locustfile has of the options of its process, and what it does to them: as under stock."""

import json
import pathlib
import re
import tempfile
import unittest

import harness
from harness import BUILD, STOCK, ConformanceTest, Process, free_port

DEADLINE = 60.0
STOCK_LOCUST = STOCK / harness.newest() / "bin" / "locust"

USERS = """
import json, os
from locust import User, tag, task, constant, events
class A(User):
    wait_time = constant(0.2)
    @tag("a")
    @task
    def t(self): self.environment.events.request.fire(
        request_type="X", name="t", response_time=1, response_length=1, exception=None, context={})
class B(User):
    weight = 0
    @task
    def t(self): pass
"""

# Each process with a test writes what it sees when the test starts.
SHOW = """
@events.test_start.add_listener
def show(environment, **_):
    options = vars(environment.parsed_options)
    with open("worker.json" if options["worker"] else "master.json", "w") as file:
        json.dump({name: [type(value).__name__, value] for name, value in options.items()}, file)
"""

ARGUMENTS = """
@events.init_command_line_parser.add_listener
def add(parser):
    parser.add_argument("--tenant", default="acme", env_var="TENANT")
    parser.add_argument("--size", type=int, default=3)
    parser.add_argument("--items", action="append")
    parser.add_argument("--colours", nargs="*")
    group = parser.add_argument_group("More")
    group.add_argument("--quick", action="store_true")
    group.add_argument("--slow", action="store_true")
"""


class LocustfileOptions(ConformanceTest):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, *parts, name="locustfile.py"):
        (self.folder / name).write_text("".join(parts))

    def start(self, *command, env=None):
        """In the folder, which is also the home, so that no file of the machine's user is read."""
        return self.use(Process(command, env={"HOME": str(self.folder), **(env or {})}, cwd=self.folder))

    def shown(self):
        """What the processes of a run saw."""
        seen = {}
        for path in self.folder.glob("*.json"):
            seen[path.stem] = {name: tuple(pair) for name, pair in json.loads(path.read_text()).items()}
            path.unlink()
        return seen

    def assert_same(self, ours, stock):
        """Names only what differs."""
        self.assertEqual(set(ours), set(stock))
        for side, expected in stock.items():
            names = expected.keys() | ours[side].keys()
            differing = {name: (ours[side].get(name), expected.get(name)) for name in sorted(names)
                         if ours[side].get(name) != expected.get(name)}  # fmt: skip
            self.assertEqual(differing, {}, side)

    def run_alone(self, program, *arguments, env=None, code=0):
        run = self.start(program, "-f", "locustfile.py", *arguments, env=env)
        self.assertEqual(run.wait(DEADLINE), code, run.output())
        return self.shown()

    def run_both(self, master, worker, of_master=(), of_worker=()):
        port = str(free_port())
        ends = [
            self.start(*master, "-f", "locustfile.py", "--master-bind-port", port, *of_master),
            self.start(*worker, "-f", "locustfile.py", "--master-port", port, *of_worker),
        ]
        for end in ends:
            self.assertEqual(end.wait(DEADLINE), 0, end.output())
        return self.shown()

    def run_both_kinds(self, of_master=(), of_worker=()):
        """(stock's, ours), without the port that each pair has for itself"""
        both = []
        for master, worker in (
            ([STOCK_LOCUST, "--master"], [STOCK_LOCUST, "--worker"]),
            ([BUILD / "locust-master"], [BUILD / "locust-worker"]),
        ):
            shown = self.run_both(master, worker, of_master, of_worker)
            for side in shown.values():
                del side["master_bind_port"], side["master_port"]
            both.append(shown)
        return both

    def test_parsed_options_are_stocks_on_master_and_worker(self):
        self.write(USERS, SHOW)
        stock, ours = self.run_both_kinds(["--headless", "-t", "1s"])
        self.assertEqual(set(stock), {"master", "worker"})
        self.assert_same(ours, stock)

    def test_parsed_options_are_stocks_where_they_are_given(self):
        self.write(USERS, SHOW)
        common = ["-u", "2", "-r", "1.5", "-T", "a", "b", "--loglevel", "debug", "-s", "1m", "--profile", "p", "--json",
                  "--csv", "c", "--csv-full-history", "--web-host", "127.0.0.1", "--exit-code-on-error", "4",
                  "--config-users", '{"user_class_name": "A", "weight": 2}', "-H", "http://a"]  # fmt: skip
        stock, ours = self.run_both_kinds(
            [*common, "--headless", "-t", "1s", "--expect-workers", "1", "A"], [*common, "--expect-workers", "3", "A"]
        )
        self.assertEqual(set(stock), {"master", "worker"})
        self.assert_same(ours, stock)

    def test_parsed_options_of_locust_alone_are_stocks_in_both_processes(self):
        self.write(USERS, SHOW)
        arguments = ["--headless", "-t", "1s", "--csv", "c", "--html", "r.html"]
        stock = self.run_alone(STOCK_LOCUST, *arguments)["master"]
        ours = self.run_alone(BUILD / "locust", *arguments)
        # Its runners are those of a master and of a worker, too.
        self.assert_same(ours, {side: {**stock, side: ("bool", True)} for side in ("master", "worker")})

    def test_forked_workers_lose_the_options_that_stocks_lose(self):
        self.write(USERS, SHOW)
        arguments = ["--headless", "-t", "1s", "--csv", "c", "--processes", "2"]
        stock, ours = (self.run_alone(program, *arguments) for program in (STOCK_LOCUST, BUILD / "locust"))
        self.assert_same(ours, stock)

    def test_defaults_of_the_locustfile_have_their_effect(self):
        defaults = """
@events.init_command_line_parser.add_listener
def change(parser):
    parser.set_defaults(run_time="1s", host="http://d", headless=True, csv_prefix="c", num_users=2, spawn_rate=2.0,
                        only_summary=True, tags=["a"], loglevel="DEBUG", exit_code_on_error=7, extra="own")
"""
        self.write(USERS, SHOW, defaults)
        stock = self.run_alone(STOCK_LOCUST)["master"]
        self.assertTrue((self.folder / "c_stats.csv").exists())
        (self.folder / "c_stats.csv").unlink()
        ours = self.run_alone(BUILD / "locust")
        self.assertTrue((self.folder / "c_stats.csv").exists())
        self.assert_same(ours, {side: {**stock, side: ("bool", True)} for side in ("master", "worker")})

    def test_arguments_environment_and_files_win_over_defaults_of_the_locustfile(self):
        self.write(
            USERS,
            SHOW,
            "@events.init_command_line_parser.add_listener\n"
            "def change(parser): parser.set_defaults(run_time='9h', host='http://d', num_users=50, spawn_rate=9)\n",
        )
        self.write("spawn-rate = 3\n", name="locust.conf")
        for program in (STOCK_LOCUST, BUILD / "locust"):
            for side in self.run_alone(program, "--headless", "-t", "1s", env={"LOCUST_USERS": "4"}).values():
                with self.subTest(program):
                    values = [side[name][1] for name in ("run_time", "host", "num_users", "spawn_rate")]
                    self.assertEqual(values, [1, "http://d", 4, 3])

    def test_a_default_that_comes_too_late_or_is_invalid_is_said(self):
        for change, code, told in (
            ("processes=2", 0, "the locustfile's default of 'processes' has no effect: give --processes on the command"),
            ("run_time='soon'", 2, "the locustfile's default of 'run_time': "),
            ("web_port=99999", 2, "the locustfile's default of 'web_port': "),
        ):
            with self.subTest(change):
                self.write(
                    USERS,
                    "@events.init_command_line_parser.add_listener\n"
                    f"def change(parser): parser.set_defaults({change})\n",
                )
                explicit = ["-t", "1s"] if code == 0 else []
                run = self.start(BUILD / "locust", "-f", "locustfile.py", "--headless", *explicit)
                self.assertEqual(run.wait(DEADLINE), code, run.output())
                self.assertIn(told, run.output())

    def test_arguments_of_the_locustfile_come_from_configuration_files(self):
        self.write(USERS, SHOW, ARGUMENTS)
        conf = 'headless = true\nrun-time = 1s\ntenant = of {}\nsize: 7\nitems = [x, y]\ncolours = ["r", "g"]\nquick\n'
        toml = '[tool.locust]\nheadless = true\nrun-time = "1s"\ntenant = "of pyproject.toml"\nsize = 7\n' \
            'items = ["x", "y"]\ncolours = ["r", "g"]\nquick = true\n'  # fmt: skip
        for name, text, arguments in (
            ("locust.conf", conf, []),
            (".locust.conf", conf, []),
            ("pyproject.toml", toml, []),
            ("my.conf", conf, ["--config", "my.conf"]),
        ):
            self.write(text.replace("{}", name), name=name)
            for program in (STOCK_LOCUST, BUILD / "locust"):
                for side in self.run_alone(program, *arguments).values():
                    with self.subTest(f"{program} {name}"):
                        own = [side[each][1] for each in ("tenant", "size", "items", "colours", "quick", "slow")]
                        self.assertEqual(own, [f"of {name}", 7, ["x", "y"], ["r", "g"], True, False])
            (self.folder / name).unlink()

    def test_argument_environment_and_file_win_in_this_order(self):
        self.write(USERS, SHOW, ARGUMENTS)
        self.write("tenant = file\nsize = 7\n", name="locust.conf")
        for environment, arguments, tenant in (({}, [], "file"), ({"TENANT": "env"}, [], "env"),
                                               ({"TENANT": "env"}, ["--tenant", "arg"], "arg")):  # fmt: skip
            for program in (STOCK_LOCUST, BUILD / "locust"):
                for side in self.run_alone(program, "--headless", "-t", "1s", *arguments, env=environment).values():
                    with self.subTest(f"{program} {tenant}"):
                        self.assertEqual((side["tenant"][1], side["size"][1]), (tenant, 7))

    def test_master_and_worker_alone_read_them_too(self):
        self.write(USERS, SHOW, ARGUMENTS)
        self.write("tenant = file\n", name="locust.conf")
        ours = self.run_both([BUILD / "locust-master"], [BUILD / "locust-worker"], ["--headless", "-t", "1s"])
        self.assertEqual({side: seen["tenant"][1] for side, seen in ours.items()}, {"master": "file", "worker": "file"})

    def test_an_invalid_value_in_a_file_names_the_place(self):
        self.write(USERS, ARGUMENTS)
        for text, told in (("size = many\n", "invalid int value: 'many'"), ("quick = perhaps\n", "locust.conf:1: 'quick'"),
                           ("tenat = x\n", "unknown option 'tenat'")):  # fmt: skip
            self.write(text, name="locust.conf")
            run = self.start(BUILD / "locust-worker", "-f", "locustfile.py")
            with self.subTest(text):
                self.assertEqual(run.wait(DEADLINE), 2, run.output())
                self.assertIn(told, run.output())

    def test_the_parser_of_a_listener_knows_stocks_options_and_reads_the_command_line(self):
        self.write(
            USERS,
            "@events.init_command_line_parser.add_listener\n"
            "def read(parser):\n"
            "    parser.add_argument('--own', default='d')\n"
            "    print('SAID', parser.get_default('web_port'), sorted(parser.parse_known_args()[0].__dict__)[:3])\n"
            "from locust.argument_parser import default_args_dict, get_parser\n"
            "print('SAID', *default_args_dict().items())\n"
            "class C(User):\n"
            "    @task\n"
            "    def t(self): pass\n"
            "@events.init.add_listener\n"
            "def again(environment, **_): print('SAID', get_parser().parse_args().own)\n",
        )
        said = []
        for program in (STOCK_LOCUST, BUILD / "locust"):
            run = self.start(program, "-f", "locustfile.py", "--own", "x", "--headless", "-t", "1s")
            self.assertEqual(run.wait(DEADLINE), 0, run.output())
            said.append({tuple(sorted(re.findall(r"\(.*?\)|'.*?'|x", line))) for line in run.lines("^SAID")})
        self.assertEqual(*said)
        self.assertIn(("x",), said[0])


if __name__ == "__main__":
    unittest.main()
