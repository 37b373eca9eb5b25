"""The JSON Schema of scenario files, held to the parser: it accepts every scenario of the repository and rejects the
broken ones of tests/data/broken_scenarios.json as far as a schema can see what is wrong with them. Runs under the
system's Python with Debian's python3-jsonschema and python3-yaml."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORKER = pathlib.Path(os.environ["LOCUST_BUILD_DIR"]) / "locust-worker"


class Loader(yaml.SafeLoader):
    """Types unquoted scalars as JSON writes them, as the scenario parser does, instead of by YAML 1.1."""


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"true|false", "tf"),
    ("null", r"null|", ["n", ""]),
    ("int", r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", "-0123456789"),
    ("merge", r"<<", "<"),
):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), list(first))


# What the parser takes although it is seldom written so: lists of steps, and keys of the file.
STEPS = (
    "[]",
    "[{post: /, form: {a: [1, b], c: null}}]",
    "[{post: /, body: 5}, {post: /, json: null}]",
    "[{request: {method: PURGE, url: /x}}, {wait: 5}, {headers: {Accept: null}}]",
    "[{get: /, check: [status == 200, {fast: time < 1s}], save: {a: size}, record: false}]",
    "[{post: /, multipart: {a: 5, f: [b, {path: c, type: text/plain}]}}]",
    "[{get: /, verify: '${1 == 1}', timeout: 500ms, max_redirects: 0, auth: null, cookies: {a: null}}]",
    "[{repeat: '3', do: []}, {repeat: [a, {b: 1}], as: x, do: [log: '${x}']}, {while: failed, within: 5, do: []}]",
    "[{if: 'true', then: []}, {choose: [{do: []}, {weight: 0.5, do: []}]}, {transaction: 5, do: []}]",
    "[{parallel: [a, b], as: x, do: [get: '/${x}']}, {parallel: [get: /]}]",
    "[{add: {f: {a: 1}}}, {feed: f}, {set: {v: {w: [1, null]}}}]",
)
KEYS = (
    "x-place: [1]",
    "arguments: {a: , b: {default: 5, help: '7', secret: true}, c: {choices: [s, 5, true]}}",
    "shape: {stages: [{for: 30s, users: 5}, {until: 90, users: {U: 1}, spawn_rate: 0.5}]}",
    "shapes: {a: {users: 5, spawn_rate: t, until: 1h}}",
    "thresholds: [p95 < 5s, {GET /: rps > 2}, {require: avg < 1s, after: 30s, abort: true}]",
)


def unusual_scenarios():
    settings = "cache: true, wait_time: 1, source_ip: [127.0.0.1], ca: null, auth: {bearer: x}"
    for steps in STEPS:
        yield f"feeders: {{f: {{keep: 5}}}}\nusers: {{U: {{{settings}, tasks: {{t: {steps}}}}}}}\n"
    for key in KEYS:
        yield f"{key}\nusers: {{U: {{tasks: {{t: {{weight: 1, steps: []}}}}}}}}\n"


def scenarios():
    """(name, text) of every scenario file and of every whole scenario in the language's page."""
    for folder in ("examples", "tests/conformance/scenarios", "tests/bench"):
        for path in sorted((ROOT / folder).rglob("*.yaml")):
            yield str(path.relative_to(ROOT)), path.read_text()
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/scenario.md").read_text(), re.DOTALL)
    for number, block in enumerate(blocks):
        yield f"docs/scenario.md, block {number}", block


def broken_scenarios():
    for case in json.loads((ROOT / "tests/data/broken_scenarios.json").read_text()):
        text = case.get("text") or f"users:\n  U:\n    tasks:\n      t:\n        - {case['step']}\n"
        yield text, case["schema"]


class ScenarioSchema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        schema = json.loads(subprocess.run([WORKER, "--print-schema"], check=True, capture_output=True).stdout)
        jsonschema.Draft202012Validator.check_schema(schema)
        cls.schema = schema
        cls.validator = jsonschema.Draft202012Validator(schema)

    def errors(self, text):
        return [
            f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
            for error in self.validator.iter_errors(yaml.load(text, Loader))
        ]

    def test_says_what_each_key_may_hold(self):
        mappings = [self.schema, *self.schema["$defs"].values()]
        open_keys = {key for m in mappings for key, form in m.get("properties", {}).items() if form is True}
        self.assertEqual(open_keys, {"json"})

    def parser_errors(self, text):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "c").write_text("what a part of a form sends")
            file = pathlib.Path(folder, "scenario.yaml")
            file.write_text(text)
            return subprocess.run([WORKER, "--validate", "-f", file], capture_output=True, text=True).stderr

    def test_accepts_every_scenario_of_the_repository(self):
        names = []
        for name, text in scenarios():
            with self.subTest(name):
                self.assertEqual(self.errors(text), [])
            names.append(name)
        self.assertGreater(len(names), 15, names)

    def test_accepts_what_the_parser_accepts(self):
        for text in unusual_scenarios():
            with self.subTest(text):
                self.assertEqual(self.errors(text), [])
                self.assertEqual(self.parser_errors(text), "")

    def test_rejects_the_broken_scenarios_that_a_schema_can_see(self):
        for text, seen in broken_scenarios():
            with self.subTest(text):
                self.assertEqual(bool(self.errors(text)), seen)


if __name__ == "__main__":
    unittest.main()
