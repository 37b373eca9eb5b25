"""The site that scripts/site makes of the pages: all are there in reading order, and all links lead somewhere."""

import re
import shutil
import subprocess
import tempfile
import unittest
import urllib.parse
from pathlib import Path

import pages

# Not scripts: Debian's theme names some that it does not bring, and the pages need none.
LINK = re.compile(r'<(?:a|img|link)\b[^>]*?\b(?:href|src)="([^"]*)"')
ID = re.compile(r'\bid="([^"]*)"')


@unittest.skipUnless(shutil.which("mkdocs"), "mkdocs is not installed (scripts/setup test)")
class Site(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="locust-site-")
        cls.addClassCleanup(folder.cleanup)
        script = pages.ROOT / "scripts" / "site"
        made = subprocess.run([script, folder.name], capture_output=True, text=True, timeout=50)
        if made.returncode or made.stderr:
            raise AssertionError(f"scripts/site: exit code {made.returncode}\n{made.stdout}{made.stderr}")
        cls.html = Path(folder.name, "html")
        cls.texts = {file: file.read_text(encoding="utf-8") for file in cls.html.rglob("*.html")}

    def problem_of(self, file, link):
        path, _, fragment = urllib.parse.unquote(link).partition("#")
        goal = (file.parent / path).resolve() if path else file
        if self.html not in goal.parents or not goal.exists():
            return "there is no such file"
        if fragment and fragment not in ID.findall(self.texts[goal]):
            return "there is no such heading"
        return None

    def test_all_links_lead_somewhere(self):
        for file, text in self.texts.items():
            if file.name == "404.html":  # its links are those of a site at the root of a server
                continue
            for link in filter(lambda link: not re.match(r"https?:", link), LINK.findall(text)):
                with self.subTest(f"{file.relative_to(self.html)}: {link}"):
                    self.assertIsNone(self.problem_of(file, link))

    def test_tables_lists_and_blocks_are_rendered(self):
        for file, text in self.texts.items():
            with self.subTest(file.name):
                shown = re.sub(r"<pre>.*?</pre>|<code>.*?</code>", "", text, flags=re.DOTALL)
                self.assertIsNone(re.search(r"^(<p>)?(```|\| |- |1\. ).*", shown, re.M))

    def test_the_navigation_is_the_reading_order(self):
        index = next(page for page in pages.read_all() if page.path == "docs/README.md")
        order = [f"docs/{link.target}" for link in index.links]
        settings = (pages.ROOT / "docs" / "mkdocs.yml").read_text(encoding="utf-8")
        navigation = re.findall(r": (docs/\w+\.md)$", settings, re.M)
        self.assertEqual(navigation, ["docs/README.md", *order])


if __name__ == "__main__":
    unittest.main()
