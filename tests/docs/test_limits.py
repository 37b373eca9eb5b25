"""The table of docs/python.md that says what is missing, and what --check prints of it, have the same texts."""

import importlib.util
import unittest

import pages

LIMITS = pages.ROOT / "common" / "python" / "packages" / "locust" / "_limits.py"
HEADING = "## What is missing, and what happens then\n"


def limits():
    spec = importlib.util.spec_from_file_location("limits", LIMITS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.LIMITS


class Limits(unittest.TestCase):
    maxDiff = None

    def test_the_page_has_the_rows_of_the_check(self):
        text = (pages.ROOT / "docs" / "python.md").read_text(encoding="utf-8")
        section = text.partition(HEADING)[2].partition("\n## ")[0]
        rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
        self.assertEqual(rows, [limit.row() for limit in limits()])

    def test_the_check_prints_no_markdown(self):
        for limit in limits():
            self.assertNotRegex(limit.said(), r"[`]|\]\(")


if __name__ == "__main__":
    unittest.main()
