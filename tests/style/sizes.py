#!/usr/bin/env python3
"""Checks that nothing in the product grows beyond what one reader holds in mind.

  sizes.py ROOT          prints every violation below ROOT; exits 1 if there is one
  sizes.py --self-check  proves on made-up sources that each rule catches its violation

Rules
  halls     At most HALL_FILES sources lie directly in common/, worker/ and master/ together: the others have rooms.
  lines     A source has at most SOURCE_LINES lines, one of the tests TEST_LINES, a main() of a program MAINS.
  members   A class has at most MEMBERS data members, or what CLASSES says. The members of a struct that it holds by
            value are counted in, so that they cannot hide there.
The length of functions is clang-tidy's (readability-function-size).
"""

import re
import subprocess
from pathlib import Path
from typing import Iterator, NamedTuple

import checker

HALLS = ("common", "worker", "master")
PRODUCT = (*HALLS, "proto", "deploy")
HALL_FILES = 30
SOURCE_LINES = 500
TEST_LINES = 800
MAINS = {"worker/main.cc": 60, "master/main.cc": 80}
MEMBERS = 25
CLASSES = {"Master": 15}
# Of these the number is left open: an HTTP client of our own will take the place of the first, the second follows the
# algorithm of stock step by step.
EXEMPT = {"Transfer", "UsersDispatcher"}

COMMENT_OR_TEXT = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])'", re.DOTALL)
DEFINITION = re.compile(r"\b(class|struct)\s+(\w+)(?:\s+final)?(?:\s*:[^;{]*)?\s*\{")
NO_MEMBER = re.compile(
    r"\s*(?:using|friend|static|typedef|template|enum|class|struct|union|virtual|explicit|operator|~)\b"
)


class Member(NamedTuple):
    type: str
    name: str


class Definition(NamedTuple):
    path: str
    kind: str
    name: str
    members: "list[Member]"


def without_brackets(text: str, opening: str, closing: str) -> str:
    """`text` without what stands between the brackets, and without them."""
    kept, depth = [], 0
    for character in text:
        depth += character == opening
        if depth == 0:
            kept.append(character)
        depth -= character == closing
    return "".join(kept)


def body_from(text: str, start: int) -> str:
    """What stands between the brace before `start` and the one that closes it."""
    depth = 1
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[start:place]
    return text[start:]


def members_of(body: str) -> "list[Member]":
    flat = body.replace("<<", "").replace("->", "")
    flat = re.sub(r"\b(?:public|private|protected)\s*:", ";", flat)
    flat = without_brackets(flat, "<", ">")
    flat = re.sub(r"\)[^;{]*\{", "){", flat)
    flat = re.sub(r"\)\{", ");{", flat)  # the body of a function ends its declaration
    flat = without_brackets(flat, "{", "}")
    found = []
    for statement in flat.split(";"):
        declaration = " ".join(statement.partition("=")[0].split())
        if not declaration or re.search(r"\(|\boperator\b", declaration) or NO_MEMBER.match(declaration):
            continue
        first, *others = re.sub(r"\b(?:mutable|const|constexpr|inline)\b", "", declaration).split(",")
        words = first.replace("*", " * ").replace("&", " & ").split()
        if len(words) < 2:
            continue
        pointed_at = "*" in words or "&" in words
        found += [Member("" if pointed_at else words[0], name.strip()) for name in (words[-1], *others)]
    return found


def definitions(path: str, text: str) -> Iterator[Definition]:
    code = COMMENT_OR_TEXT.sub("", text)
    for match in DEFINITION.finditer(code):
        yield Definition(path, match[1], match[2], members_of(body_from(code, match.end())))


def total(definition: Definition, structs: "dict[str, Definition]", seen: "tuple[str, ...]" = ()) -> int:
    count = 0
    for member in definition.members:
        held = structs.get(member.type.split("::")[-1])
        by_value = held is not None and held.name not in (*seen, definition.name)
        count += total(held, structs, (*seen, definition.name)) if by_value else 1
    return count


def check(sources: "dict[str, str]") -> "list[str]":
    problems = []
    in_halls = [path for path in sources if re.fullmatch(rf"(?:{'|'.join(HALLS)})/[^/]*\.(?:h|cc)", path)]
    if len(in_halls) > HALL_FILES:
        problems.append(f"{len(in_halls)} sources lie directly in {', '.join(HALLS)}; at most {HALL_FILES} may")
    for path, text in sources.items():
        lines = text.count("\n")
        limit = MAINS.get(path, SOURCE_LINES if path.startswith(PRODUCT) else TEST_LINES)
        if lines > limit:
            problems.append(f"{path}: {lines} lines; at most {limit} may be")
    all_definitions = [d for path, text in sources.items() if path.startswith(PRODUCT) for d in definitions(path, text)]
    structs = {d.name: d for d in all_definitions if d.kind == "struct"}
    for definition in all_definitions:
        if definition.kind != "class" or definition.name in EXEMPT:
            continue
        limit = CLASSES.get(definition.name, MEMBERS)
        if (count := total(definition, structs)) > limit:
            problems.append(f"{definition.path}: {definition.name} has {count} data members; at most {limit} may be")
    return problems


def sources_below(root: Path) -> "dict[str, str]":
    listed = subprocess.run(
        ["git", "ls-files", "-z", "*.h", "*.cc"], cwd=root, capture_output=True, check=True, text=True
    ).stdout
    return {path: (root / path).read_text() for path in listed.split("\0") if path and (root / path).is_file()}


CLASS_OF_TWO = """class Two final : public Base {
 public:
  Two(const Two&) = delete;
  Two& operator=(const Two&) = delete;
  virtual int pure() const = 0;
  int count() const { return count_; }
  template <typename T>
  void take(T value);
  static constexpr std::size_t kMost = std::size_t{8} << 20;
 private:
  enum class State { kOne, kTwo };
  mutable std::map<std::string, std::function<void(int)>> handlers_;  // int none_;
  int count_ = 0;
};
"""
SELF_CHECK = (
    ({f"master/{n}.cc": "" for n in range(31)}, "31 sources lie directly"),
    ({f"master/run/{n}.cc": "" for n in range(31)}, None),
    ({"worker/http/a.cc": "x\n" * 501}, "501 lines"),
    ({"tests/unit/a.cc": "x\n" * 501}, None),
    ({"tests/unit/a.cc": "x\n" * 801}, "801 lines"),
    ({"worker/main.cc": "x\n" * 61}, "61 lines"),
    ({"proto/a.h": "class A {\n" + "".join(f"int a{n}_;\n" for n in range(26)) + "};\n"}, "A has 26"),
    ({"proto/a.h": "struct A {\n" + "".join(f"int a{n};\n" for n in range(26)) + "};\nclass B { A a_; };\n"}, "B has 26"),
    ({"proto/a.h": "struct A {\n" + "".join(f"int a{n};\n" for n in range(26)) + "};\nclass B { A& a_; };\n"}, None),
    ({"master/cluster/m.h": "class Master { " + "int a, b, c, d; " * 4 + "};\n"}, "Master has 16"),
)


def self_check() -> int:
    failures = 0
    members = [member.name for each in definitions("", CLASS_OF_TWO) for member in each.members]
    if members != ["handlers_", "count_"]:
        print(f"members of the class of two: {members}")
        failures += 1
    for sources, expected in SELF_CHECK:
        problems = check(sources)
        if bool(problems) != bool(expected) or (expected and expected not in problems[0]):
            print(f"{list(sources)[0]}: expected {expected}, found {problems}")
            failures += 1
    print(f"self-check: {len(SELF_CHECK)} cases, {failures} failures")
    return 1 if failures else 0


def check_tree(root: Path) -> "tuple[int, list[str]]":
    sources = sources_below(root)
    return len(sources), check(sources)


if __name__ == "__main__":
    checker.main(__doc__, check_tree, self_check)
