"""What the tests of deploy/ share: the tools that tests/deploy/setup made, a checkout's files as they
are installed, and containers.

Runs under the Python of those tools, with the conformance tests' folder in PYTHONPATH: processes, targets
and deadlines are those of their harness.
"""

import fcntl
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import harness

ROOT = harness.ROOT
DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm" / "locust-cpp"
TOOLS = pathlib.Path(sys.prefix).parent
BASE_IMAGE = "localhost/debian:bookworm-slim"
IMAGE = "localhost/locust-cpp:latest"


def run(*argv, **options):
    """The output of a command; fails with all that it said if it fails."""
    argv = [str(a) for a in argv]
    # Files and not pipes, which services that the command leaves behind would keep open.
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err, timeout=300, check=False, **options
        )
        said = [file.seek(0) or file.read() for file in (out, err)]
    if done.returncode:
        raise AssertionError(f"{argv[0]} ended with {done.returncode}: {argv[1:]}\n{''.join(said)}")
    return said[0]


def validate(schema, file, *options):
    """Checks a YAML file against a schema that check-jsonschema brings."""
    run(TOOLS / "venv/bin/check-jsonschema", "--builtin-schema", f"vendor.{schema}", *options, file)


def install(prefix):
    """Installs the programs of the build below `prefix`."""
    run("cmake", "--install", harness.BUILD, "--prefix", prefix, "--strip")


class Podman:
    """Containers and images of a store of their own, which outlives the tests so that layers are cached."""

    # Fewer privileges than a cluster's node has: neither systemd's cgroups nor CAP_SYS_RESOURCE.
    CONFIGURATION = """
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[containers]
default_ulimits = ["nofile=1000:1000", "nproc=1000:1000"]
"""
    STORAGE = """
[storage]
driver = "overlay"
graphroot = "{tools}/containers"
runroot = "{scratch}/run"
"""

    def __init__(self):
        if os.geteuid() or not (TOOLS / "base.tar").exists():
            raise unittest.SkipTest("images can be built by root only, with what tests/deploy/setup made as root")
        self._lock = open(TOOLS / ".containers.lock", "w")  # stop() ends all that is in the store
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._scratch = tempfile.TemporaryDirectory(prefix="locust-deploy-")
        scratch = pathlib.Path(self._scratch.name)
        self.environment = dict(os.environ, BUILDAH_ISOLATION="chroot")
        for variable, text in ("CONTAINERS_CONF", self.CONFIGURATION), ("CONTAINERS_STORAGE_CONF", self.STORAGE):
            file = scratch / variable
            file.write_text(text.format(tools=TOOLS, scratch=scratch))
            self.environment[variable] = str(file)

    def run(self, *arguments, **options):
        return run("podman", *arguments, env=self.environment, **options)

    def has(self, image):
        return not subprocess.run(["podman", "image", "exists", image], env=self.environment, check=False).returncode

    def stop(self):
        self.run("rm", "--all", "--force", "--time", "0")
        # What the storage driver leaves mounted.
        subprocess.run(["umount", TOOLS / "containers" / "overlay"], stderr=subprocess.DEVNULL, check=False)
        self._scratch.cleanup()
        self._lock.close()


def make_first_stage(folder):
    """What the Dockerfile's first stage leaves in /staging, out of no more files than it gets. Nothing is compiled: the
    programs are those of this build."""
    context = folder / "context"
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        source, copy = ROOT / line[1:], context / line[1:]
        if not line.startswith("!"):
            continue
        if source.is_dir():
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("node_modules"))
        else:
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy)
    run("cmake", "--preset", "release", "-DBUILD_TESTING=OFF", "--log-level=WARNING", cwd=context)
    build = context / "build" / "release"
    for program in ("locust", "locust-master", "locust-worker"):
        shutil.copy2(harness.BUILD / program, build)
    shutil.copytree(harness.BUILD / "manual", build / "manual")
    staging = folder / "staging"
    run("cmake", "--install", build, "--prefix", "/usr", "--strip", env=dict(os.environ, DESTDIR=staging))


def build_image(podman):
    """Builds deploy/docker/Dockerfile with the programs of this build in place of those that its first stage compiles."""
    if not podman.has(BASE_IMAGE):
        podman.run("import", TOOLS / "base.tar", BASE_IMAGE)
    text = (DEPLOY / "docker" / "Dockerfile").read_text()
    arguments, stages = text.split("\nFROM ", 1)
    runtime = stages[stages.index("FROM ${BASE} AS runtime"):]
    with tempfile.TemporaryDirectory() as folder:
        stage = pathlib.Path(folder)
        make_first_stage(stage)
        dockerfile = stage / "Dockerfile"
        dockerfile.write_text(f"{arguments}\n{runtime}")
        run("buildah", "build", "--format", "docker", "--layers", "--network", "host", "--build-arg", f"BASE={BASE_IMAGE}",
            "--build-context", f"build={stage}", "-f", dockerfile, "-t", IMAGE, ROOT, env=podman.environment)  # fmt: skip
