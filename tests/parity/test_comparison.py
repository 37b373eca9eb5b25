"""What locust-parity takes for equal and for different, on made-up results."""

import random
import unittest

from made_up import compare, findings, printed, requests, run


class OneValueOfARun(unittest.TestCase):
    def test_equal_runs_are_equal(self):
        self.assertEqual(findings([run(), run()], [run()]), [])

    def test_exit_codes(self):
        self.assertEqual(findings([run(), run()], [run(exit_code=1)]), ["exit code: stock 0; ours 1"])
        self.assertEqual(findings([run(exit_code=1), run()], [run()]), [])  # stock has either
        ended = run(exit_code=None), run(exit_code=-9)
        self.assertEqual(
            findings([run(), run()], ended),
            ["exit code: stock 0; ours none within the time limit and none, ended by signal 9"],
        )

    def test_users_by_class_at_full_load(self):
        ours = run(users={"Admin": 1, "Shop": 4})
        self.assertEqual(
            findings([run(), run()], [ours]), ["users at full load: stock 5 Shop; ours 1 Admin, 4 Shop"]
        )

    def test_users_of_runs_that_end_during_the_ramp(self):
        stock = [run(users={"Shop": 20, "Admin": 19}), run(users={"Shop": 21, "Admin": 20})]
        ours = [run(users={"Shop": 20, "Admin": 20})]
        self.assertEqual(findings(stock, ours, users=100), [])
        self.assertEqual(len(findings(stock, ours, users=41)), 1)
        self.assertEqual(len(findings(stock, [run(users={"Shop": 30, "Admin": 30})], users=100)), 1)

    def test_a_test_that_only_stock_starts_is_said_once(self):
        ours = run(began=False, exit_code=1, rows={}, users={}, last_words="ImportError: no")
        self.assertEqual(
            findings([run(), run()], [ours]),
            ['test: stock starts; ours does not start: "ImportError: no"', "exit code: stock 0; ours 1"],
        )

    def test_what_stock_cannot_run_is_not_compared(self):
        stock = run(began=False, exit_code=1, last_words="SyntaxError: invalid syntax")
        comparison = compare([stock], [], 5)
        self.assertEqual(comparison.refusal, 'stock cannot run it: exit code 1, "SyntaxError: invalid syntax"')
        self.assertEqual(comparison.findings, [])
        self.assertEqual(compare([run(exit_code=None)], [], 5).refusal, "stock does not end within the time limit")
        lost = run(is_whole=False, exit_code=1)
        self.assertEqual(
            compare([lost, lost], [run()], 5).notes,
            ["the last report of stock's worker was lost in 2 of its runs, so that chance is greater: try a longer -t"],
        )
        lost = run(is_whole=False, rows={}, users={})
        self.assertIn("no report of stock's worker has arrived", compare([run(), lost], [run()], 5).refusal)


class Rows(unittest.TestCase):
    def differ(self, stock, ours, **fields):
        return findings([run(rows=requests(**each), **fields) for each in stock],
                        [run(rows=requests(**each), **fields) for each in ours])  # fmt: skip

    def test_a_row_of_one_program_only(self):
        self.assertEqual(
            self.differ([{"a": 100, "b": 7}, {"a": 100, "b": 9}], [{"a": 100}]),
            ["request GET /b: stock 7 times and 9 times; ours none"],
        )
        self.assertEqual(
            self.differ([{"a": 100}, {"a": 100}], [{"a": 100, "b": 1}]), ["request GET /b: stock none; ours once"]
        )

    def test_a_rare_row_that_not_every_run_of_stock_has_is_chance(self):
        self.assertEqual(self.differ([{"a": 100, "b": 1}, {"a": 100}], [{"a": 100}]), [])
        self.assertEqual(self.differ([{"a": 100}] * 3, [{"a": 100, "b": 1}, {"a": 100}]), [])

    def test_a_row_that_is_much_more_frequent_under_one(self):
        stock = [{"a": 1000, "b": 50}, {"a": 1000, "b": 52}]
        said = self.differ(stock, [{"a": 1000, "b": 150}], iterations=1000)
        self.assertEqual(
            said, ["request GET /b: stock 50 times and 52 times in 1000 tasks; ours 150 times in 1000 tasks"]
        )
        self.assertEqual(len(self.differ([{"a": 1000, "b": 150}] * 2, [{"a": 1000, "b": 50}])), 1)

    def test_what_belongs_to_tasks_may_be_more_if_there_are_more_tasks(self):
        stock = [run(rows=requests(a=500, b=500, login=5), iterations=1000) for _ in range(2)]
        ours = run(rows=requests(a=2000, b=2000, login=5), iterations=4000, user_seconds=200.0)
        self.assertEqual(findings(stock, [ours]), [])
        ours = run(rows=requests(a=2000, b=2000, login=20), iterations=4000, user_seconds=200.0)
        self.assertEqual(findings(stock, [ours]), [])
        ours = run(rows=requests(a=2000, b=2000, login=200), iterations=4000, user_seconds=200.0)
        self.assertEqual(len(findings(stock, [ours])), 1)

    def test_chance_is_not_taken_for_a_difference(self):
        chance = random.Random(7)

        def rows():
            drawn = chance.choices("abc", (60, 35, 5), k=400)
            return requests(**{name: drawn.count(name) for name in "abc"})

        for _ in range(300):
            runs = [run(rows=rows(), iterations=400, user_seconds=200.0) for _ in range(3)]
            self.assertEqual(findings(runs[:2], runs[2:]), [])

    def test_a_wrong_weight_is_found(self):
        chance = random.Random(7)

        def rows(weights):
            drawn = chance.choices("ab", weights, k=800)
            return requests(**{name: drawn.count(name) for name in "ab"})

        for _ in range(100):
            stock = [run(rows=rows((3, 1)), iterations=800, user_seconds=400.0) for _ in range(2)]
            self.assertTrue(findings(stock, [run(rows=rows((1, 1)), iterations=800, user_seconds=400.0)]))

    def test_what_differs_from_run_to_run_of_stock_may_differ_as_much(self):
        stock = [{"a": 1000, "b": 20}, {"a": 1000, "b": 400}]
        self.assertEqual(self.differ(stock, [{"a": 1000, "b": 700}]), [])

    def test_names_with_numbers_of_chance_are_one_row(self):
        stock = [{"item17": 1, "item4": 2}, {"item99": 3}]
        self.assertEqual(self.differ(stock, [{"item5": 2, "item77": 1}]), [])
        said = self.differ([{"a": 100, **each} for each in stock], [{"a": 100}])
        self.assertEqual(said, ["request GET /itemN: stock 3 times; ours none"])

    def test_names_with_numbers_that_are_always_the_same_are_rows(self):
        said = self.differ([{"item1": 50, "item2": 50}] * 2, [{"item1": 50, "item3": 50}])
        self.assertEqual(
            said, ["request GET /item2: stock 50 times; ours none", "request GET /item3: stock none; ours 50 times"]
        )


class Texts(unittest.TestCase):
    def test_failures_with_their_rows(self):
        stock = run(failures={("GET", "/a", "CatchResponseError('too slow')"): 12})
        self.assertEqual(
            findings([stock, stock], [run()]),
            ["failure of GET /a \"CatchResponseError('too slow')\": stock 12 times; ours none"],
        )

    def test_a_status_is_no_number_of_chance(self):
        stock = run(failures={("GET", "/a", "404 Not Found"): 12})
        self.assertEqual(len(findings([stock, stock], [run(failures={("GET", "/a", "405 Not Found"): 12})])), 2)

    def test_what_ours_has_masked_is_what_stock_shows(self):
        stock = run(failures={("GET", "/a", "no 'token=f00d' here"): 12})
        ours = run(failures={("GET", "/a", "no 'token=***' here"): 12})
        self.assertEqual(findings([stock, stock], [ours]), [])

    def test_exceptions_with_their_places(self):
        stock = run(exceptions={("division by zero", "shop.py:12 in buy"): 5})
        ours = run(exceptions={("division by zero", "shop.py:13 in buy"): 5})
        self.assertEqual(
            findings([stock, stock], [ours]),
            ['exception "division by zero" (shop.py:12 in buy): stock 5 times; ours none',
             'exception "division by zero" (shop.py:13 in buy): stock none; ours 5 times'],
        )  # fmt: skip

    def test_printed_lines(self):
        stock = [run(printed=printed("hello", "took 13 ms")), run(printed=printed("hello", "took 9 ms"))]
        self.assertEqual(findings(stock, [run(printed=printed("hello", "took 5 ms"))]), [])
        self.assertEqual(
            findings(stock, [run(printed=printed("hullo", "took 5 ms"))]),
            ['prints "hello": stock once; ours none', 'prints "hullo": stock none; ours once'],
        )

    def test_a_line_may_be_printed_by_one_process_or_by_both(self):
        self.assertEqual(findings([run(printed={("x",): 100})] * 2, [run(printed={("x",): 200})]), [])
        self.assertEqual(len(findings([run(printed={("x",): 100})] * 2, [run(printed={("x",): 400})])), 1)

    def test_a_number_that_only_one_run_of_ours_has_is_no_difference(self):
        stock = [run(printed=printed("took 0 ms"))] * 4
        ours = [run(printed=printed("took 1 ms")), run(printed=printed("took 2 ms"))]
        self.assertEqual(len(findings(stock[:2], ours[:1])), 2)  # which the next round takes back
        self.assertEqual(findings(stock, ours), [])

    def test_what_matters_most_comes_first(self):
        stock = run(printed=printed("x"), exceptions={("e",): 1}, exit_code=1, failures={("GET", "/a", "f"): 1})
        said = findings([stock, stock], [run(users={"Shop": 4})])
        self.assertEqual([text.split()[0] for text in said], ["exit", "exception", "failure", "users", "prints"])


class Times(unittest.TestCase):
    def verdicts(self, stock, ours):
        runs = [[run(rows=requests(a=100, median=median)) for median in medians] for medians in (stock, ours)]
        comparison = compare(*runs, 5)
        return [each.verdict for each in comparison.times], [finding.aspect for finding in comparison.findings]

    def test_only_what_exceeds_the_spread_of_stock_by_a_clear_factor_is_flagged(self):
        self.assertEqual(self.verdicts([100, 104], [145]), ([""], []))
        self.assertEqual(self.verdicts([100, 104], [200]), (["slower"], ["times"]))
        self.assertEqual(self.verdicts([100, 160], [300]), ([""], []))
        self.assertEqual(self.verdicts([2, 3], [15]), ([""], []))
        self.assertEqual(self.verdicts([100, 104], [200, 110]), ([""], []))

    def test_shorter_times_are_no_difference(self):
        self.assertEqual(self.verdicts([100, 104], [40]), (["faster"], []))

    def test_pauses_between_requests(self):
        stock = [run(user_seconds=101.0), run(user_seconds=103.0)]
        self.assertEqual(findings(stock, [run(user_seconds=100.0, iterations=98)]), [])
        self.assertEqual(
            findings(stock, [run(user_seconds=31.0)]),
            ["time of a task outside of its requests: stock 1000 ms and 1020 ms; ours 300 ms"],
        )
        self.assertEqual(len(findings(stock, [run(user_seconds=301.0)])), 1)
        self.assertEqual(findings([run(iterations=3)] * 2, [run(iterations=3, user_seconds=1.0)]), [])


if __name__ == "__main__":
    unittest.main()
