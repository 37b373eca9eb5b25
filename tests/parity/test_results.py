"""How locust-parity shows results, reads what runs leave behind, and takes its command line."""

import contextlib
import io
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from made_up import printed, report, run
from locust_parity import arguments, junit, outcome, page, running, table
from locust_parity.program import FileComparison, exit_code_of

SAME = report("same.py", [run(), run()], [run()])
OTHER = report("other.py", [run(printed=printed("<b>\x00"))] * 2, [run(exit_code=1)])
BROKEN = report("broken.py", [run(began=False, exit_code=1, last_words="SyntaxError: invalid syntax")], [])


class Shown(unittest.TestCase):
    def test_the_table_has_first_what_matters(self):
        lines = table.text("stock Locust 1 and locust-cpp 2", [SAME, OTHER, BROKEN]).splitlines()
        said = "stock Locust 1 and locust-cpp 2: 3 files: 1 differs, 1 cannot be compared, 1 is equal"
        self.assertEqual(lines[0], said)
        starts = [line.split()[:2] for line in lines[4:] if not line.startswith(" ")]
        self.assertEqual(starts, [["broken.py", "not"], ["other.py", "differs"], ["same.py", "equal"]])
        self.assertIn("other.py   differs  exit code: stock 0; ours 1", lines)
        self.assertIn("same.py    equal    1 row, 100 requests under ours", lines)

    def test_a_long_list_ends_with_how_many_more_there_are(self):
        many = report("a.py", [run(printed=printed(*(f"line {chr(n)}" for n in range(97, 117))))] * 2, [run()])
        lines = table.text("", [many]).splitlines()
        self.assertEqual(len(lines), 4 + table.FINDINGS)
        self.assertIn("and 13 more, which --html shows", lines[-1])

    def test_junit_has_a_case_for_each_aspect(self):
        root = ElementTree.fromstring(junit.text([SAME, OTHER, BROKEN]))
        same, other, broken = root
        self.assertEqual((same.get("name"), same.get("tests"), same.get("failures")), ("same.py", "8", "0"))
        self.assertEqual(same.get("time"), "12.500")
        failed = {case.get("name"): case[0].get("message") for case in other if len(case)}
        self.assertEqual(set(failed), {"exit code", "printed lines"})
        self.assertEqual(failed["exit code"], "exit code: stock 0; ours 1")
        self.assertEqual(broken.get("errors"), "1")
        self.assertIn("SyntaxError", broken[0][0].get("message"))

    def test_the_page_is_whole_and_escaped(self):
        text = page.text("stock Locust 1 and locust-cpp 2", [SAME, OTHER, BROKEN])
        self.assertIn("<h1>stock Locust 1 and locust-cpp 2: 3 files", text)
        self.assertLess(text.index("broken.py"), text.index("same.py"))
        self.assertIn("&lt;b&gt;", text)
        self.assertNotIn("<b>", text)
        self.assertNotRegex(text, r"https?://|<script|<link|src=")

    def test_exit_codes(self):
        self.assertEqual([exit_code_of(each) for each in ([SAME], [SAME, OTHER], [OTHER, BROKEN])], [0, 1, 2])


class Rounds(unittest.TestCase):
    """Which program runs, and when no more is run."""

    def order(self, rounds, stock, ours):
        """Of runs with the given results, the last of which is repeated."""
        comparing, order = FileComparison(None, running.Plan(Path("a.py"), 5, [], [], 9.0, None), None, 1), []

        def played(name, made_up, outcomes):
            order.append(name)
            outcomes.append(made_up[min(order.count(name), len(made_up)) - 1])
            return outcomes[-1]

        comparing.run_ours = lambda: played("ours", ours, comparing.ours)
        comparing._run_stock_once = lambda: played("stock", stock, comparing.stock)
        return comparing.compare(rounds), order

    def test_equal_files_need_one_round(self):
        self.assertEqual(self.order(3, [run()], [run()])[1], ["stock", "ours", "stock"])

    def test_while_something_differs_both_run_again(self):
        once = [run(printed=printed("seldom")), run()]
        comparison, order = self.order(3, [run()], once)
        self.assertEqual((comparison.findings, order), ([], ["stock", "ours", "stock", "ours", "stock"]))
        comparison, order = self.order(3, [run()], [run(exit_code=1)])
        self.assertEqual((len(comparison.findings), order), (1, ["stock"] + ["ours", "stock"] * 3))

    def test_ours_does_not_run_what_stock_cannot(self):
        self.assertEqual(self.order(3, [run(began=False)], [run()])[1], ["stock"])

    def test_a_run_of_stock_that_lost_its_last_report_is_repeated_once(self):
        lost = run(is_whole=False, rows={})
        comparison, order = self.order(3, [lost, run()], [run()])
        self.assertEqual((comparison.findings, order), ([], ["stock", "stock", "ours", "stock"]))
        comparison, order = self.order(1, [lost], [run(rows={})])
        self.assertEqual((comparison.findings, order), ([], ["stock", "stock", "ours", "stock", "stock"]))


class Read(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="locust-parity-test-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        for name in ("stdout", "stderr"):
            self.write(name, "")

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def test_tables(self):
        self.write("csv_stats.csv", "Type,Name,Request Count,Average Response Time,Median Response Time,95%\n"
                                    "GET,/,10,2.5,2,4\n,/none,1,0,N/A,N/A\n,Aggregated,11,2.5,2,4\n")  # fmt: skip
        self.write("csv_failures.csv", "Method,Name,Error,Occurrences\n"
                                       'GET,/,"/v/locust/user/users.py:9 in rest, b.py:3 in t",2\n')  # fmt: skip
        self.write("csv_exceptions.csv", "Count,Message,Traceback\n"
                                         '3,oh,"File ""/v/site-packages/locust/user/task.py"", line 1, in run\n  '
                                         'File ""/home/me/shop.py"", line 7, in buy"\n')  # fmt: skip
        self.write("stdout", "hello\n\nhello \n")
        self.write("prelude.json", '{"began": true, "whole": true, "iterations": 4, "user_seconds": 2.5, '
                                   '"users": {"A": 2, "B": 0}}')  # fmt: skip
        read = outcome.read(self.folder, 1)
        self.assertEqual(read.rows, {("GET", "/"): (10, 2.5, 2.0, 4.0), ("", "/none"): (1, 0.0, 0.0, 0.0)})
        self.assertEqual(read.failures, {("GET", "/", "b.py:3 in t"): 2})
        self.assertEqual(read.exceptions, {("oh", "shop.py:7 in buy"): 3})
        self.assertEqual(read.printed, {("hello",): 2})
        self.assertEqual((read.exit_code, read.began, read.is_whole, read.iterations), (1, True, True, 4))
        self.assertEqual((read.users, read.user_seconds), ({"A": 2}, 2.5))

    def test_a_run_that_did_not_start(self):
        self.write("stderr", "INFO: Starting\nTraceback ...\nModuleNotFoundError: No module named 'x'\n[info] bye\n")
        read = outcome.read(self.folder, 1)
        self.assertFalse(read.began)
        self.assertEqual(read.last_words, "ModuleNotFoundError: No module named 'x'")


class CommandLine(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="locust-parity-test-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.file = self.folder / "a.py"
        self.file.write_text("")

    def parse(self, *argv):
        return arguments.parse("parity", ["--stock", "locust", *map(str, argv)])

    def refused(self, *argv):
        with contextlib.redirect_stderr(io.StringIO()) as said, self.assertRaises(SystemExit) as end:
            self.parse(*argv)
        self.assertEqual(end.exception.code, 2)
        return said.getvalue()

    def test_arguments_after_the_dashes_are_for_both_programs(self):
        parsed = self.parse("-u", 7, "-t", "1m30s", self.file, "--", "--tags", "x", "--", "-f")
        self.assertEqual((parsed.users, parsed.run_time, parsed.files), (7, 90, [str(self.file)]))
        self.assertEqual(parsed.extra, ["--tags", "x", "--", "-f"])

    def test_wrong_command_lines(self):
        self.assertIn("FILE", self.refused())
        self.assertIn("YAML scenario", self.refused("shop.yaml"))
        self.assertIn("no such file", self.refused(self.folder / "b.py"))
        self.assertIn("no time", self.refused("-t", "soon", self.file))
        self.assertIn("at least 2 s", self.refused("-t", "1s", self.file))
        self.assertIn("at least 1", self.refused("-u", "0", self.file))
        self.assertIn("rate", self.refused("-r", "-1", self.file))
        self.assertIn("new or empty folder", self.refused("--keep", self.folder, self.file))
        self.assertIn("no such folder", self.refused("--html", self.folder / "x" / "y.html", self.file))

    def test_the_same_command_line_and_environment_for_both(self):
        plan = running.Plan(Path("a.py"), 5, ["-r", "2"], ["--tags", "x"], 60.0, "/venv")
        argv = running.command(["locust"], plan, self.folder)
        self.assertEqual(argv[:2] + argv[3:5], ["locust", "-f", "--headless", "--only-summary"])
        self.assertEqual(argv[2], f"{self.folder}/parity_prelude.py,a.py")
        self.assertEqual(argv[-6:], ["-u", "5", "-r", "2", "--tags", "x"])
        environment = running.environment(self.folder, 3, "/venv")
        self.assertEqual((environment["PYTHONHASHSEED"], environment["VIRTUAL_ENV"]), ("3", "/venv"))


if __name__ == "__main__":
    unittest.main()
