"""deploy/github-actions and deploy/gitlab: valid by the vendors' schemas; their scripts are run by bash,
with an archive of this build where the variable says."""

import hashlib
import os
import pathlib
import re
import shutil
import tempfile
import unittest
import xml.etree.ElementTree

import tools
import yaml
from harness import ConformanceTest, Process, Target
from tools import DEPLOY, ROOT

GITHUB = DEPLOY / "github-actions" / "load-test.yml"
GITLAB = DEPLOY / "gitlab" / "load-test.gitlab-ci.yml"
NEWEST_GITHUB = DEPLOY / "github-actions" / "newest-locust.yml"
NEWEST_GITLAB = DEPLOY / "gitlab" / "newest-locust.gitlab-ci.yml"
SCENARIO = ROOT / "examples" / "shop.yaml"
LOCUSTFILE = ROOT / "examples" / "python" / "minimal.py"


class Templates(ConformanceTest):
    def setUp(self):
        self.target = self.use(Target())
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        shutil.copy(SCENARIO, self.folder / "load-test.yaml")
        shutil.copy(LOCUSTFILE, self.folder / "locustfile.py")
        tools.install(self.folder / "made" / "locust-cpp-0-linux-x86_64")
        archive = self.folder / "made" / "archive.tar.gz"
        tools.run("tar", "-C", archive.parent, "-czf", archive, "locust-cpp-0-linux-x86_64")
        self.archive = {"url": f"file://{archive}", "sha256": hashlib.sha256(archive.read_bytes()).hexdigest()}
        port = str(tools.harness.free_port())
        self.environment = {"LOCUST_MASTER_BIND_PORT": port, "LOCUST_MASTER_NODE_PORT": port}

    def bash(self, script, **environment):
        """Runs a script as a runner does; its exit code and output."""
        process = self.use(Process(["bash", "-eo", "pipefail", "-c", script], {**self.environment, **environment}, cwd=self.folder))
        return process.wait(90), process.output()

    def assert_results(self, failures):
        results = self.folder / "results"
        self.assertLessEqual({"report.html", "run_stats.csv", "run.json", "junit.xml"}, set(os.listdir(results)))
        suite = xml.etree.ElementTree.parse(results / "junit.xml").getroot().find("testsuite[@name='thresholds']")
        self.assertEqual((suite.get("tests"), suite.get("failures")), ("2", str(failures)))
        self.assertTrue((results / "run.json").read_text().strip().startswith("["))

    def test_they_are_valid(self):
        for github, gitlab in ((GITHUB, GITLAB), (NEWEST_GITHUB, NEWEST_GITLAB)):
            tools.validate("github-workflows", github)
            tools.validate("gitlab-ci", gitlab, "--data-transform", "gitlab-ci")
        tools.validate("github-workflows", ROOT / ".github" / "workflows" / "ci.yml")
        for form in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"):
            tools.validate("github-issue-forms", form)

    def test_the_github_steps(self):
        job = yaml.safe_load(GITHUB.read_text())["jobs"]["load-test"]
        self.assertEqual(job["steps"][-1]["if"], "always()")  # results of failed tests too
        steps = {step["name"]: step for step in job["steps"] if "run" in step}
        context = {
            "vars.LOAD_TEST_HOST": self.target.host, "secrets.API_KEY": "", "inputs.users || '50'": "4", "inputs.run_time || '3m'": "3s",
            "vars.LOCUST_CPP_ARCHIVE": self.archive["url"], "vars.LOCUST_CPP_SHA256": self.archive["sha256"],
        }  # fmt: skip
        for name in ("GITHUB_PATH", "GITHUB_STEP_SUMMARY", "RUNNER_TEMP"):
            self.environment[name] = str(self.folder / name.lower())
        (self.folder / "runner_temp").mkdir()

        def step(name, **more):
            given = {**job["env"], **steps[name].get("env", {}), **more}
            given = {k: re.sub(r"\$\{\{ (.*?) \}\}", lambda m: context[m[1]], v) for k, v in given.items()}
            return self.bash(steps[name]["run"], **given)

        code, said = step("Install locust-cpp", SHA256="0" * 64)
        self.assertNotEqual(code, 0, said)
        code, said = step("Install locust-cpp")
        self.assertEqual(code, 0, said)
        path = (self.folder / "github_path").read_text().strip() + ":" + os.environ["PATH"]
        code, said = step("Run the load test", PATH=path)
        self.assertEqual(code, 0, said)
        self.assert_results(failures=0)
        code, said = step("Run the load test", PATH=path, LOCUST_HOST=self.target.host + "/fail")
        self.assertEqual(code, 1, said)
        self.assert_results(failures=1)
        self.assertEqual(step("Show the verdict")[0], 0)
        self.assertIn("fail_ratio < 1%", (self.folder / "github_step_summary").read_text())

    def test_the_gitlab_job(self):
        job = yaml.safe_load(GITLAB.read_text())["load-test"]
        self.assertEqual(job["artifacts"]["when"], "always")
        variables = {**job["variables"], "LOCUST_HOST": self.target.host, "LOCUST_USERS": "4", "LOCUST_RUN_TIME": "3s",
                     "LOCUST_CPP_ARCHIVE": self.archive["url"], "LOCUST_CPP_SHA256": self.archive["sha256"]}  # fmt: skip
        script = "\n".join(job["before_script"] + job["script"])
        code, said = self.bash(script, **variables)
        self.assertEqual(code, 0, said)
        self.assert_results(failures=0)
        self.assertTrue((self.folder / job["artifacts"]["reports"]["junit"]).exists())
        self.assertEqual(self.bash(script, **{**variables, "LOCUST_HOST": self.target.host + "/fail"})[0], 1)
        self.assert_results(failures=1)

    def stock_in(self, place):
        """The stock Locust that scripts/setup has installed, where a template would install one."""
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(tools.harness.STOCK / tools.harness.newest())

    def assert_both_took_part(self):
        results = self.folder / "results"
        self.assertEqual((results / "version.txt").read_text().split()[:2], ["locust", tools.harness.newest()])
        said = (results / "master.log").read_text()
        self.assertEqual(len(re.findall("reported as ready", said)), 2, said)
        self.assertNotIn("running a different version", said)
        self.assertTrue((results / "report.html").exists())
        for log in ("stock-worker.log", "worker.log"):
            self.assertIn("Shutting down", (results / log).read_text())

    def test_the_github_job_of_the_newest_release(self):
        job = yaml.safe_load(NEWEST_GITHUB.read_text())["jobs"]["mixed"]
        self.assertEqual(job["steps"][-1]["if"], "always()")
        steps = {step["name"]: step for step in job["steps"] if "run" in step}
        self.stock_in(self.folder / "runner_temp" / "stock")
        self.environment["RUNNER_TEMP"] = str(self.folder / "runner_temp")
        self.environment["GITHUB_STEP_SUMMARY"] = str(self.folder / "summary")
        self.environment["PATH"] = f"{self.folder}/made/locust-cpp-0-linux-x86_64/bin:{os.environ['PATH']}"
        given = {**job["env"], "LOCUST_HOST": self.target.host, "LOCUST_RUN_TIME": "5s"}
        code, said = self.bash(steps["Run both kinds of workers"]["run"], **given)
        self.assertEqual(code, 0, said)
        self.assert_both_took_part()
        code, said = self.bash(steps["Show what was run"]["run"])
        self.assertEqual((code, said), (0, ""))
        self.assertIn("locust", (self.folder / "summary").read_text())

    def test_the_gitlab_job_of_the_newest_release(self):
        job = yaml.safe_load(NEWEST_GITLAB.read_text())["newest-locust"]
        self.stock_in(self.folder / "stock")
        variables = {**job["variables"], "LOCUST_HOST": self.target.host, "LOCUST_RUN_TIME": "5s", "PACKAGE": "",
                     "LOCUST_CPP_ARCHIVE": self.archive["url"], "LOCUST_CPP_SHA256": self.archive["sha256"]}  # fmt: skip
        code, said = self.bash("\n".join(job["before_script"] + job["script"]), **variables)
        self.assertEqual(code, 0, said)
        self.assert_both_took_part()
        self.assertEqual(self.bash("\n".join(job["after_script"])), (0, ""))


if __name__ == "__main__":
    unittest.main()
