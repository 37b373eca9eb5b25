"""The project's Markdown pages: every link leads somewhere, every block says what it is, each page of docs/ is one
click away from README.md and from docs/README.md, and lines of the log are quoted as the programs write them."""

import re
import unittest
from pathlib import PurePosixPath
from posixpath import normpath

import pages
from pages import Block, Link, parse

PAGES = {page.path: page for page in pages.read_all()}


def goal_of(link: Link) -> "tuple[str, str]":
    """Path from the root, and fragment."""
    path, _, fragment = link.target.partition("#")
    return normpath((PurePosixPath(link.page).parent / path).as_posix()) if path else link.page, fragment


def is_local(link: Link) -> bool:
    return "://" not in link.target and not link.target.startswith("mailto:")


def problem_of_link(link: Link) -> "str | None":
    path, fragment = goal_of(link)
    if path.startswith("..") or not (pages.ROOT / path).exists():
        return "there is no such file"
    if fragment and path in PAGES and fragment not in PAGES[path].anchors:
        return "there is no such heading"
    return None


def problem_of_block(block: Block) -> "str | None":
    if block.language not in pages.LANGUAGES:
        return f"'{block.language}' is no language of a block; commands are `sh`, output is `text`"
    unknown = block.marks.keys() - pages.MARKS.get(block.language, {"file"})
    if unknown:
        return f"a block of '{block.language}' has no mark {', '.join(unknown)} (see tests/docs/pages.py)"
    if not all(block.marks.values()):
        return "a mark says nothing"
    return None


class Pages(unittest.TestCase):
    def test_each_link_leads_to_a_file_and_a_heading(self):
        links = [link for page in PAGES.values() for link in page.links if is_local(link)]
        self.assertGreater(len(links), 50)
        for link in links:
            with self.subTest(str(link)):
                self.assertIsNone(problem_of_link(link))

    def test_each_block_says_what_it_is(self):
        for page in PAGES.values():
            for block in page.blocks:
                with self.subTest(str(block)):
                    self.assertIsNone(problem_of_block(block))

    def test_each_page_is_one_click_away(self):
        documents = {path for path in PAGES if PurePosixPath(path).parent.name == "docs"} - {"docs/README.md"}
        for start in ("README.md", "docs/README.md"):
            reached = {goal_of(link)[0] for link in PAGES[start].links if is_local(link)}
            self.assertFalse(documents - reached, f"{start} does not lead there")


class Quotations(unittest.TestCase):
    """`…` stands for what differs each time; what is between must be in one of the sources, or in the failure texts."""

    @classmethod
    def setUpClass(cls):
        rooms = [pages.ROOT / room for room in ("common", "proto", "worker", "master")]
        files = [f for room in rooms for f in room.rglob("*")]
        files = [f for f in files if f.suffix in (".cc", ".h", ".py") and not pages.NOT_OURS & set(f.parts)]
        texts = [re.sub(r'"\s*f?"', "", f.read_text(encoding="utf-8")) for f in files]  # parts of a text as one
        cls.sources = [*texts, (pages.ROOT / "docs" / "errors.md").read_text(encoding="utf-8")]

    def is_written(self, quotation):
        parts = [part.strip() for part in quotation.split("…") if part.strip()]
        return any(all(part in source for part in parts) for source in self.sources)

    def test_what_the_log_is_said_to_tell_is_in_the_sources(self):
        docs = pages.ROOT / "docs"
        symptoms = re.findall(r"^\| (.*?) \|", (docs / "troubleshooting.md").read_text(encoding="utf-8"), re.M)
        quotations = [code for symptom in symptoms for code in re.findall(r"`([^`]+ [^`]+)`", symptom)]
        limits = re.findall(r"`(This worker [^`]+)`", (docs / "tuning.md").read_text(encoding="utf-8"))
        self.assertGreater(len(quotations), 30)
        self.assertEqual(len(limits), 5)
        for quotation in quotations + limits:
            with self.subTest(quotation):
                self.assertTrue(self.is_written(quotation))

    def test_what_is_not_there_is_noticed(self):
        self.assertTrue(self.is_written("Gave up waiting for workers to connect"))
        self.assertFalse(self.is_written("Gave up … waiting for Godot"))


class Parsing(unittest.TestCase):
    def test_blocks_have_language_marks_and_text(self):
        page = parse("a.md", "<!-- until: x -->\n<!-- exit: 1 -->\n```sh\na\n\nb\n```\n\n  ```text\n  c\n  ```\n")
        self.assertEqual(page.blocks[0], Block("a.md", 3, "sh", {"until": "x", "exit": "1"}, "a\n\nb\n"))
        self.assertEqual(page.blocks[1], Block("a.md", 9, "text", {}, "c\n"))

    def test_a_mark_belongs_to_the_block_below_it_only(self):
        page = parse("a.md", "<!-- needs: x -->\ntext\n```sh\n```\n```sh\n```\n")
        self.assertEqual([block.marks for block in page.blocks], [{}, {}])

    def test_links_are_found_outside_of_code(self):
        text = "# A `b` [c](d.md): e_f?\n`[x](y)` ![p](q.png) [r](../s.md#t)\n```text\n[u](v)\n```\n"
        page = parse("docs/a.md", text)
        self.assertEqual([link.target for link in page.links], ["d.md", "q.png", "../s.md#t"])
        self.assertEqual(page.anchors, {"a-b-c-e_f"})
        self.assertEqual(goal_of(page.links[2]), ("s.md", "t"))

    def test_what_is_wrong_is_told(self):
        self.assertIsNotNone(problem_of_link(Link("docs/a.md", 1, "nowhere.md")))
        self.assertIsNotNone(problem_of_link(Link("docs/a.md", 1, "../../passwd")))
        self.assertIsNotNone(problem_of_link(Link("README.md", 1, "docs/cli.md#nothing")))
        self.assertIsNone(problem_of_link(Link("README.md", 1, "docs/cli.md#exit-codes")))
        self.assertIsNotNone(problem_of_block(Block("a.md", 1, "", {}, "")))
        self.assertIsNotNone(problem_of_block(Block("a.md", 1, "text", {"needs": "x"}, "")))
        self.assertIsNotNone(problem_of_block(Block("a.md", 1, "sh", {"needs": ""}, "")))


if __name__ == "__main__":
    unittest.main()
