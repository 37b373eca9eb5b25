"""scenario_seeds.py ROOT OUT: writes what the scenario and feeder fuzzers start from.

OUT/scenario gets every YAML file of tests/ and examples/, the YAML blocks of docs/ and the raw strings of
the parser's tests; OUT/feeder the CSV and JSON files of examples/ and the texts of the feeders' test.
"""

import pathlib
import re
import sys


def raw_strings(path):
    return [m.group(1) for m in re.finditer(r'R"\w*\((.*?)\)\w*"', path.read_text(), re.S)]


def quoted_strings(path):
    return [m.group(1).encode().decode("unicode_escape") for m in re.finditer(r'"((?:[^"\\\n]|\\.)+)"', path.read_text())]


def scenarios(root):
    for folder in ("tests", "examples"):
        for path in sorted((root / folder).rglob("*.yaml")):
            yield path.read_text()
    for page in sorted((root / "docs").glob("*.md")):
        yield from re.findall(r"^```yaml\n(.*?)^```", page.read_text(), re.S | re.M)
    for path in sorted((root / "tests/unit/common/scenario").glob("scenario_*_test.cc")):
        yield from raw_strings(path)


def feeders(root):
    for path in sorted((root / "examples").glob("*.csv")) + sorted((root / "examples").glob("*.json")):
        yield path.read_text()
    yield from quoted_strings(root / "tests/unit/worker/scenario/scenario_feeder_test.cc")


def main():
    root, out = map(pathlib.Path, sys.argv[1:])
    for name, texts in (("scenario", scenarios(root)), ("feeder", feeders(root))):
        (out / name).mkdir(parents=True, exist_ok=True)
        for i, text in enumerate(texts):
            (out / name / f"{i:03}").write_bytes(text.encode("utf-8", "replace"))


main()
