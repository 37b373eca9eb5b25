"""Reads the project's Markdown pages: their headings, links and fenced blocks, with the marks of these.

A fenced block says by its language what it is: `sh` commands that the reader types, which test_commands.py runs;
`text` output; `yaml`, `python` and the like files. Comments on the lines above it, which nobody sees on the rendered
page, are its marks:

  <!-- needs: REASON -->      the commands are not run, because they need what a test does not have
  <!-- until: CONDITION -->   the commands go on until the reader presses Ctrl-C: this is done when the shell
                              command CONDITION succeeds
  <!-- exit: N -->            the commands end with this exit code instead of 0
  <!-- file: NAME -->         the page's commands find the block as this file
"""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]

COMMANDS = "sh"
LANGUAGES = {COMMANDS, "text", "yaml", "python", "ini", "toml", "json", "dockerfile", "xml"}
MARKS = {COMMANDS: {"needs", "until", "exit"}}  # of other languages: file
NOT_OURS = {"build", "node_modules", ".git"}

FENCE = re.compile(r"^( *)```(.*)$")
MARK = re.compile(r"^ *<!-- *(\w+): *(.*?) *-->$")
HEADING = re.compile(r"^#+ +(.+?) *$")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`[^`]*`")


class Block(NamedTuple):
    page: str
    line: int  # of the opening fence
    language: str
    marks: dict
    text: str

    def __str__(self):
        return f"{self.page}:{self.line}"


class Link(NamedTuple):
    page: str
    line: int
    target: str

    def __str__(self):
        return f"{self.page}:{self.line}: {self.target}"


class Page(NamedTuple):
    path: str  # from the root
    anchors: set
    links: list
    blocks: list


def anchor(heading: str) -> str:
    """The fragment that GitHub gives a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def parse(path: str, text: str) -> Page:
    page = Page(path, set(), [], [])
    marks, lines = {}, None  # lines: of the block that is open
    for number, line in enumerate(text.splitlines(), 1):
        fence = FENCE.match(line)
        if lines is not None:
            if fence and not fence[2]:
                page.blocks.append(Block(path, begun, language, marks, "".join(f"{l}\n" for l in lines)))
                marks, lines = {}, None
            else:
                lines.append(line.removeprefix(indent))
        elif fence:
            indent, language, begun, lines = fence[1], fence[2].strip(), number, []
        elif mark := MARK.match(line):
            marks[mark[1]] = mark[2]
        else:
            marks = {}
            if heading := HEADING.match(line):
                page.anchors.add(anchor(heading[1]))
            page.links.extend(Link(path, number, target) for target in LINK.findall(CODE.sub("``", line)))
    if lines is not None:
        raise ValueError(f"{path}:{begun}: the block has no end")
    return page


def read_all(root: Path = ROOT) -> "list[Page]":
    files = sorted(f for f in root.rglob("*.md") if not NOT_OURS & set(f.relative_to(root).parts))
    return [parse(f.relative_to(root).as_posix(), f.read_text(encoding="utf-8")) for f in files]
