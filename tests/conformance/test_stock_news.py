"""scripts/stock-news: what it knows of stock is all of the newest release that is installed, and what it does not
know it finds."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import harness

STOCK_NEWS = harness.ROOT / "scripts" / "stock-news"
SURVEY = harness.ROOT / "scripts" / "stock" / "survey.py"
KNOWN = SURVEY.parent


def pinned():
    """The newest release that scripts/setup installs where the registry answers."""
    return re.search(r"^readonly versions=\((\S+)", (harness.ROOT / "scripts" / "setup").read_text(), re.M)[1]


class StockNews(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def survey(self, action, package, known):
        run = subprocess.run(
            [sys.executable, "-B", SURVEY, action, package, known], capture_output=True, text=True, timeout=60, check=False
        )
        return run.returncode, run.stdout.splitlines()

    def package(self):
        """A made-up release."""
        package = self.folder / "locust"
        (package / "rpc").mkdir(parents=True)
        (package / "__init__.py").write_text('from .user import User\n__all__ = ("User", "task")\n')
        (package / "runners.py").write_text("STATE = 1\n")
        (package / "rpc" / "protocol.py").write_text("class Message:\n    def serialize(self): ...\n    _own = 1\n")
        (package / "argument_parser.py").write_text(
            'parser.add_argument("-u", "--users", type=int, env_var="LOCUST_USERS")\n'
        )
        (package / "web.py").write_text('@app.route("/stop", methods=["GET", "POST"])\ndef stop(): ...\n')
        return package

    @unittest.skipUnless(harness.newest() == pinned(), "the newest release is not installed")
    def test_all_of_the_newest_installed_release_is_known(self):
        run = subprocess.run([STOCK_NEWS, "--installed"], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((run.returncode, run.stderr), (0, ""), run.stdout)
        self.assertIn(f"nothing new in stock Locust {harness.newest()}", run.stdout)

    @unittest.skipUnless(harness.newest() == pinned(), "the newest release is not installed")
    def test_a_fact_that_is_not_known_is_news(self):
        package = next((harness.STOCK / harness.newest()).glob("lib/python3*/site-packages/locust"))
        for kind, fact, news in (
            ("options", "--spawn-rate", "new in options: --spawn-rate"),
            ("options", "LOCUST_USERS", "new in options: LOCUST_USERS"),
            ("routes", "POST /stop", "new in routes: POST /stop"),
            ("names", "locust.poisson", "new in names: locust.poisson"),
            ("names", "locust.user.users.RestMixin.rest", "new in names: locust.user.users.RestMixin.rest"),
            ("files", "rpc/protocol.py", "changed: rpc/protocol.py"),
        ):
            with self.subTest(fact):
                known = self.folder / "known"
                shutil.rmtree(known, ignore_errors=True)
                shutil.copytree(KNOWN, known)
                file = known / f"known-{kind}.txt"
                lines = file.read_text().splitlines()
                left = [line for line in lines if fact not in (line, line.split()[-1])]
                self.assertEqual(len(left), len(lines) - 1)
                file.write_text("\n".join(left))
                self.assertEqual(self.survey("compare", package, known), (1, [news]))

    def test_what_is_gone_or_changed_is_news_and_reasons_are_kept(self):
        package, known = self.package(), self.folder / "known"
        known.mkdir()
        self.assertEqual(self.survey("update", package, known)[0], 0)
        self.assertEqual(self.survey("compare", package, known), (0, []))
        facts = {kind: (known / f"known-{kind}.txt").read_text().split("\n")[:-1] for kind in ("options", "routes", "names")}
        self.assertEqual(facts["options"], ["--users", "-u", "LOCUST_USERS"])
        self.assertEqual(facts["routes"], ["GET /stop", "POST /stop"])
        self.assertIn("locust.task", facts["names"])
        self.assertIn("locust.rpc.protocol.Message.serialize", facts["names"])
        self.assertFalse([name for name in facts["names"] if "_own" in name])

        names = known / "known-names.txt"
        names.write_text(names.read_text().replace("locust.runners.STATE\n", "locust.runners.STATE # not needed\n"))
        self.assertEqual(self.survey("compare", package, known), (0, []))
        (package / "rpc" / "protocol.py").write_text("class Message:\n    def encode(self): ...\n")
        self.assertEqual(
            self.survey("compare", package, known),
            (1, [
                "new in names: locust.rpc.protocol.Message.encode",
                "gone from names: locust.rpc.protocol.Message.serialize",
                "changed: rpc/protocol.py",
            ]),
        )  # fmt: skip
        self.assertEqual(self.survey("update", package, known)[0], 0)
        self.assertEqual(self.survey("compare", package, known), (0, []))
        self.assertIn("locust.runners.STATE # not needed", names.read_text())

    def test_what_is_no_release_is_an_error(self):
        self.assertEqual(self.survey("compare", self.folder, KNOWN)[0], 2)


if __name__ == "__main__":
    unittest.main()
