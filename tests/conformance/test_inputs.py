"""What an operator gives takes effect or is refused by name: fields of forms, attributes of classes, options, keys of
configuration files and the files of -f, side by side with stock."""

import json
import pathlib
import re
import signal
import tempfile

import harness
from harness import BUILD, STOCK, ConformanceTest, Process, free_port, wait_until
from test_web_api import Site

STOCK_LOCUST = STOCK / harness.newest() / "bin" / "locust"
OURS = BUILD / "locust"
BOTH = {"stock": STOCK_LOCUST, "ours": OURS}
JSON = {"Content-Type": "application/json"}

ARGUMENTS = """\
from locust import User, constant, events, task

@events.init_command_line_parser.add_listener
def add(parser):
    parser.add_argument("--tenant", default="acme", help="whose")
    parser.add_argument("--size", type=int, default=3)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--level", choices=["low", "high"], default="low")
    parser.add_argument("--items", action="append", default=["z"])
    parser.add_argument("--hidden", default="h", include_in_web_ui=False)
    parser.add_argument("--api-key", default="dev", is_secret=True)

def say(who, o):
    print("SAID", who, o.tenant, o.size, o.quick, o.level, o.items, o.hidden, o.api_key, flush=True)

@events.test_start.add_listener
def start(environment, **_):
    say("start", environment.parsed_options)

class A(User):
    wait_time = constant(0.1)
    think = 0

    @task
    def t(self):
        say("task", self.environment.parsed_options)
        print("THINK", self.think, flush=True)
"""

TAGGED = """\
from locust import User, constant, tag, task

class A(User):
    wait_time = constant(0.05)

    @tag("x")
    @task
    def one(self): print("RAN one", flush=True)

    @task
    def two(self): print("RAN two", flush=True)

    @tag("x")
    @task
    def three(self): print("RAN three", flush=True)
"""

SHAPES = """\
from locust import LoadTestShape, User, constant, task

class A(User):
    wait_time = constant(0.1)

    @task
    def t(self): pass

class Steps(LoadTestShape):
    def tick(self): return (2, 10) if self.get_run_time() < 60 else None

class Waves(LoadTestShape):
    def tick(self): return (3, 10) if self.get_run_time() < 60 else None
"""


class InputsTest(ConformanceTest):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return name

    def run_in_folder(self, program, *args, env=None):
        return self.use(Process([program, *args], {"HOME": str(self.folder), **(env or {})}, cwd=self.folder))

    def short(self, program, *args):
        return self.run_in_folder(program, "--headless", "--only-summary", "-t", "1s", *args)

    def page(self, program, *args):
        """A run with a page, and its site."""
        port = free_port()
        run = self.run_in_folder(program, "--web-host", "127.0.0.1", "--web-port", port, *args)
        site = Site(f"http://127.0.0.1:{port}")
        wait_until(site.up, "the web server")
        if program == OURS:
            wait_until(lambda: site.ask("/readyz").status == 200, "the workers")
            wait_until(lambda: site.ask("/api/v1/form").json()["user_classes"], "the classes")
        return run, site

    def swarm(self, site, **fields):
        return site.ask("/swarm", "POST", {"user_count": 1, "spawn_rate": 1, **fields}).json()


class Forms(InputsTest):
    def test_arguments_of_a_locustfile_reach_its_users_as_in_stock(self):
        self.write("locustfile.py", ARGUMENTS)
        fields = {"tenant": "globex", "size": "9", "quick": "true", "items": ["a", "b"], "hidden": "s", "api_key": "k1"}
        said = "globex 9 True low ['a', 'b'] s k1"
        for name, program in BOTH.items():
            with self.subTest(name):
                run, site = self.page(program)
                self.assertTrue(self.swarm(site, **fields)["success"])
                run.wait_line(rf"^SAID task {re.escape(said)}$")
                # Our master and its worker both run listeners.
                wait_until(lambda: set(run.lines("^SAID start")) == {f"SAID start {said}"}, "test_start")

    def test_they_reach_stock_workers_too(self):
        self.write("locustfile.py", ARGUMENTS)
        port = free_port()
        _, site = self.page(BUILD / "locust-master", "-f", "locustfile.py", "--master-bind-port", port, "--expect-workers", "2")
        workers = [
            self.run_in_folder(*program, "-f", "-", "--master-port", port)
            for program in ((STOCK_LOCUST, "--worker"), (BUILD / "locust-worker",))
        ]
        wait_until(lambda: site.ask("/readyz").status == 200, "the workers")
        self.assertTrue(self.swarm(site, user_count=2, spawn_rate=2, tenant="globex", size="9", items="a,b")["success"])
        for worker in workers:
            worker.wait_line(r"^SAID task globex 9 False low \['a', 'b'\] h dev$")

    def test_the_form_has_type_default_and_choices_of_each(self):
        self.write("locustfile.py", ARGUMENTS)
        _, site = self.page(OURS, "--size", "5", "--items", "y")
        form = {each["name"]: each for each in site.ask("/api/v1/form").json()["arguments"]}
        self.assertEqual(list(form), ["tenant", "size", "quick", "level", "items", "api_key"])
        self.assertEqual((form["size"]["type"], form["size"]["default"]), ("number", "5"))
        self.assertEqual((form["quick"]["type"], form["quick"]["default"]), ("bool", "false"))
        self.assertEqual(form["level"]["choices"], ["low", "high"])
        self.assertEqual((form["items"]["multiple"], form["items"]["default"]), (True, "z,y"))
        self.assertEqual((form["api_key"]["secret"], form["api_key"]["default"]), (True, ""))

    def test_what_does_not_fit_is_refused_by_name(self):
        self.write("locustfile.py", ARGUMENTS)
        run, site = self.page(OURS)
        for fields, message in (
            ({"tennant": "x"}, "Unknown field(s) in /swarm request: tennant; did you mean 'tenant'?"),
            ({"size": "many"}, "size: 'many' is not a valid int"),
            ({"level": "top"}, "level: 'top' is none of: low, high"),
        ):
            with self.subTest(fields):
                answer = self.swarm(site, **fields)
                self.assertEqual((answer["success"], answer["message"]), (False, message))
        self.assertEqual(run.lines("^SAID"), [])

    def test_attributes_of_a_class_reach_users_as_in_stock(self):
        self.write("locustfile.py", ARGUMENTS)
        for name, program in BOTH.items():
            with self.subTest(name):
                run, site = self.page(program)
                settings = {"user_class_name": "A", "think": 7}
                answer = site.ask("/user", "POST", data=json.dumps(settings).encode(), headers=JSON)
                self.assertEqual(answer.status, 201, answer.body)
                self.swarm(site)
                run.wait_line("^THINK 7$")

    def test_an_attribute_that_a_scenario_has_no_place_for_is_refused(self):
        self.write("locustfile.yaml", "host: http://127.0.0.1:9\nusers: {A: {wait_time: 1, tasks: {t: [get: /]}}}\n")
        _, site = self.page(OURS)
        for settings, message in (
            ({"wieght": 2}, "wieght: cannot be set; there are fixed_count, host, tasks and weight; did you mean 'weight'?"),
            ({"tasks": ["u"]}, "tasks: class 'A' has no task 'u'"),
        ):
            answer = site.ask("/user", "POST", data=json.dumps({"user_class_name": "A", **settings}).encode(), headers=JSON)
            self.assertEqual(answer.status, 400)
            self.assertIn(message.replace("'", "&#39;"), answer.body)

    def test_each_shape_of_a_locustfile_can_be_chosen(self):
        self.write("locustfile.py", SHAPES)
        for name, program in BOTH.items():
            with self.subTest(name):
                _, site = self.page(program, "--class-picker")
                answer = self.swarm(site, shape_class="Waves")
                self.assertEqual(answer["message"], "Swarming started using shape class 'Waves'")
                wait_until(lambda: site.requests()["user_count"] == 3, "the users of the second shape")

    def test_tasks_of_the_masters_own_file_are_known_where_workers_are_stocks(self):
        self.write("locustfile.py", TAGGED)
        port = free_port()
        _, site = self.page(BUILD / "locust-master", "-f", "locustfile.py", "--master-bind-port", port)
        self.run_in_folder(STOCK_LOCUST, "--worker", "--master-port", port)
        wait_until(lambda: site.ask("/readyz").status == 200, "the worker")
        self.swarm(site)
        wait_until(lambda: site.requests()["user_count"] == 1, "the user")
        tasks = wait_until(lambda: site.ask("/tasks").json()["per_class"]["A"]["tasks"], "the tasks")
        self.assertEqual({name: round(task["ratio"], 3) for name, task in tasks.items()}, dict.fromkeys(("one", "two", "three"), 0.333))


class Options(InputsTest):
    def test_a_master_reads_the_default_file_as_stock_does(self):
        self.write("locustfile.py", SHAPES.replace("< 60", "< 4"))
        for name, program in BOTH.items():
            with self.subTest(name):
                port = free_port()
                worker = self.run_in_folder(program, "--worker", "--master-port", port)
                master = self.short(program, "--master", "--master-bind-port", port, "--expect-workers", "1")
                self.assertEqual(master.wait(30), 0, master.output())
                worker.wait(30)
                self.assertIn('All users spawned: {"A": 2}', master.output())
                self.assertIn("Shape test stopping", master.output())

    def test_tasks_of_config_users_are_those_that_run_and_tags_count(self):
        self.write("locustfile.py", TAGGED)
        config = json.dumps({"user_class_name": "A", "tasks": ["one", "two"]})
        for options, ran in (([], {"one", "two"}), (["-T", "x"], {"one"})):
            for name, program in BOTH.items():
                with self.subTest(name, options=options):
                    run = self.short(program, "--config-users", config, "-t", "30s", *options)
                    for task in ran:
                        run.wait_line(f"^RAN {task}$")
                    run.signal(signal.SIGTERM)
                    self.assertEqual(run.wait(30), 0, run.output())
                    self.assertEqual(set(re.findall("RAN (.+)", run.output())), ran)

    def test_fixed_counts_above_the_users_are_said_in_stocks_words(self):
        self.write("locustfile.py", TAGGED.replace("    wait_time", "    fixed_count = 5\n    wait_time"))
        said = []
        for program in BOTH.values():
            run = self.short(program, "-u", "2")
            self.assertEqual(run.wait(30), 0, run.output())
            said.append([line.split(": ", 1)[1] for line in run.lines("Total fixed_count")])
        self.assertEqual(len(said[0]), 1)
        self.assertEqual(said[1], said[0])

    def test_a_profile_is_shown(self):
        self.write("locustfile.py", TAGGED + "\nfrom locust import events\n"
                   "@events.init.add_listener\ndef init(environment, **_):\n"
                   "    print('SAID', environment.profile, environment.parsed_options.profile, flush=True)\n")
        for program in BOTH.values():
            run = self.short(program, "--profile", "nightly", "--html", "r.html")
            self.assertEqual(run.wait(30), 0, run.output())
            self.assertEqual(set(run.lines("SAID")), {"SAID nightly nightly"})
            self.assertNotIn("--profile", run.output())
            self.assertIn("nightly", (self.folder / "r.html").read_text())
        _, site = self.page(OURS, "--profile", "nightly")
        self.assertEqual(site.ask("/api/v1/form").json()["profile"], "nightly")

    def test_keys_of_configuration_files_are_abbreviated_as_in_stock(self):
        self.write("locustfile.py", ARGUMENTS.replace("o.tenant", "o.num_users"))
        for name, program in BOTH.items():
            with self.subTest(name):
                self.write("own.conf", "u 2\n")
                run = self.short(program, "--config", "own.conf")
                self.assertEqual(run.wait(30), 0, run.output())
                self.assertRegex(run.output(), "(Ramping to|Sending spawn jobs of) 2 users")
                self.write("own.conf", "t = 5m\n")
                run = self.short(program, "--config", "own.conf")
                self.assertEqual(run.wait(30), 2)
                self.assertIn("ambiguous option: ", run.output())

    def test_all_interfaces_of_ipv6_take_ipv4_too(self):
        self.write("locustfile.py", TAGGED)
        port = free_port()
        self.run_in_folder(BUILD / "locust-master", "--web-host", "::", "--web-port", port).wait_line(
            rf"Starting web interface at http://\[::\]:{port}"
        )
        for address in ("127.0.0.1", "[::1]"):
            self.assertEqual(Site(f"http://{address}:{port}").ask("/healthz").status, 200)


class Files(InputsTest):
    def setUp(self):
        super().setUp()
        for folder, name in (("a", "A"), ("b", "B")):
            text = f"    def t(self): print('RAN {folder}', flush=True)"
            self.write(f"{folder}/t.py", f"from locust import User, constant, task\nclass {name}(User):\n"
                                         f"    wait_time = constant(0.1)\n    @task\n{text}\n")  # fmt: skip

    def test_of_one_name_or_named_twice_are_run_as_by_stock(self):
        for files in ("a/t.py,b/t.py", "a/t.py,a/t.py", "a,b,./a/t.py"):
            ran = []
            for program in BOTH.values():
                run = self.short(program, "-f", files, "-u", "2", "-r", "2")
                self.assertEqual(run.wait(30), 0, run.output())
                ran.append(set(run.lines("^RAN")))
            with self.subTest(files):
                self.assertEqual(ran[1], ran[0])

    def test_of_one_name_are_sent_to_workers_of_both_kinds(self):
        for kind in ((STOCK_LOCUST, "--worker"), (BUILD / "locust-worker",)):
            port = free_port()
            master = self.short(BUILD / "locust-master", "-f", "a/t.py,b/t.py", "-u", "2", "-r", "2", "--master-bind-port", port)
            worker = self.run_in_folder(*kind, "-f", "-", "--master-port", port)
            self.assertEqual(master.wait(30), 0, master.output())
            worker.wait(30)
            self.assertEqual(set(worker.lines("^RAN")), {"RAN a", "RAN b"}, worker.output())

    def test_a_shape_of_a_file_named_twice_is_one_shape(self):
        self.write("shapes.py", SHAPES.replace("< 60", "< 1"))
        run = self.short(OURS, "-f", "shapes.py,./shapes.py")
        self.assertEqual(run.wait(30), 0, run.output())
        self.assertIn("Shape test stopping", run.output())
