#!/usr/bin/env python3
"""trees.py FOLDER [PACKAGE.deb]: makes bare Debian systems in FOLDER for the tests of packages, by debootstrap:
bookworm (Debian 12, with man and the packages that PACKAGE.deb depends on, downloaded but not installed) and trixie
(Debian 13), both without Python.

Needs root. Packages come from the mirror that this machine's apt is configured for. What is there already is used
again; delete FOLDER to make all anew.
"""

import concurrent.futures
import pathlib
import shutil
import subprocess
import sys

HERE = "bookworm"
INCLUDED = {HERE: "man-db", "trixie": "ca-certificates"}
ARCHIVES = "var/cache/apt/archives"


def mirror():
    lines = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(CODENAME) $(REPO_URI)", "Created-By: Packages"],
        check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()  # fmt: skip
    for line in lines:
        codename, uri = line.split()
        if codename == HERE:
            return uri
    sys.exit(f"trees.py: apt is not configured for {HERE}; run apt-get update")


def run(log, *argv):
    with open(log, "ab") as output:
        result = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    return result.returncode == 0


def make(folder, suite):
    tree, log = folder / suite, folder / f"{suite}.log"
    if tree.exists():
        return
    print(f"trees.py: making {tree}", flush=True)
    half = folder / f"{suite}.part"
    shutil.rmtree(half, ignore_errors=True)
    log.unlink(missing_ok=True)
    # Of its own mounts none is left if it is interrupted.
    debootstrap = ["unshare", "--mount", "debootstrap", "--variant=minbase", f"--include={INCLUDED[suite]}"]
    if not run(log, *debootstrap, suite, half, mirror()):
        sys.exit(f"trees.py: debootstrap failed, see {log}")
    for archive in (half / ARCHIVES).glob("*.deb"):
        archive.unlink()
    half.rename(tree)


def download_dependencies(folder, package):
    """What installing the package takes, into the tree's own cache."""
    tree, log = folder / HERE, folder / "download.log"
    shutil.copy(package, tree / "package.deb")
    apt = ["chroot", tree, "env", "LC_ALL=C", "apt-get", "-q", "-y", "--no-install-recommends"]
    download = [*apt, "--download-only", "install", "/package.deb"]
    # The mirror may have newer ones than when the tree was made.
    done = run(log, *download) or (run(log, *apt, "update") and run(log, *download))
    (tree / "package.deb").unlink()
    if not done:
        sys.exit(f"trees.py: the dependencies of {package} cannot be downloaded, see {log}")


def main(folder, *packages):
    folder.mkdir(parents=True, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        list(pool.map(make, [folder] * len(INCLUDED), INCLUDED))
    for package in packages:
        download_dependencies(folder, package)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(*map(pathlib.Path, sys.argv[1:]))
