#!/usr/bin/env python3
"""bundle.py FOLDER: makes the installation in FOLDER independent of this machine's libraries.

Copies into FOLDER/lib/locust-cpp every library that the programs need, but glibc's, and makes the
programs look there first; into lib/locust-cpp/python the standard library of Python 3.11 and greenlet
(common/python/bundle.cc looks for them); and into share/doc/locust-cpp/licences what the Debian packages
say of the rights in all these files. Everything comes from installed Debian packages, so that the result
depends on their versions only.
"""

import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys

PYTHON = "/usr/bin/python3.11"
STANDARD_LIBRARY = pathlib.Path("/usr/lib/python3.11")
GREENLET = pathlib.Path("/usr/lib/python3/dist-packages/greenlet")
STANDARD_PACKAGES = ("libpython3.11-minimal", "libpython3.11-stdlib")
# Of no use to a locustfile, or of none without a python3 to run.
LEFT_OUT = re.compile(
    r"^(config-3\.11-[^/]*|ensurepip|idlelib|lib2to3|pydoc_data|test|tkinter|turtledemo|venv)/"
    r"|^(EXTERNALLY-MANAGED|sitecustomize\.py)$"
    r"|(^|/)(tests?|__pycache__)/"
    r"|^lib-dynload/(_curses|_curses_panel|_dbm|_gdbm|nis|ossaudiodev|readline|_test\w*|_xx\w*|xx\w*)\."
)
GLIBC = "libc6"
# Parts of these are in the programs.
COMPILED_IN = (
    "/usr/include/CLI/CLI.hpp",
    "/usr/include/boost/version.hpp",
    "/usr/include/msgpack.hpp",
    "/usr/include/nlohmann/json.hpp",
    "/usr/include/zmq.hpp",
)
COMMON_LICENCES = pathlib.Path("/usr/share/common-licenses")


def output_of(*argv):
    environment = {**os.environ, "LC_ALL": "C"}
    environment.pop("LD_LIBRARY_PATH", None)
    return subprocess.run(argv, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


@functools.cache
def package_of(file):
    """The Debian package that a file is of; a file of none would be another on the next machine."""
    for path in (file, file.removeprefix("/usr"), "/usr" + file):
        found = subprocess.run(["dpkg-query", "-S", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if found.returncode == 0:
            return found.stdout.split(":")[0]
    sys.exit(f"bundle.py: {file} is of no Debian package")


def copy(source, target, mode=0o644):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


def libraries_of(files):
    """{name: path} of the shared libraries that the files need, directly or not, without glibc's."""
    needed = dict(re.findall(r"^\s+(\S+) => (/\S+) \(", output_of("ldd", *files), re.M))
    return {name: path for name, path in sorted(needed.items()) if package_of(path) != GLIBC}


def copy_python(home):
    """The packages that it is from."""
    files = output_of("dpkg-query", "--listfiles", *STANDARD_PACKAGES).split("\n")
    for file in map(pathlib.Path, files):
        if file.is_relative_to(STANDARD_LIBRARY) and file.is_file():
            name = str(file.relative_to(STANDARD_LIBRARY))
            if not LEFT_OUT.search(name):
                copy(file, home / "lib/python3.11" / name)
    for file in GREENLET.rglob("*"):
        name = str(file.relative_to(GREENLET))
        if file.suffix in (".py", ".so") and not LEFT_OUT.search(name):
            copy(file, home / "lib/python3/dist-packages/greenlet" / name)
    # Compiled now, as the folder may not be writable later, and so that neither times nor this folder's
    # name are in it.
    subprocess.run(
        [PYTHON, "-I", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash",
         "-s", str(home), "-p", "python", str(home)],
        env={"PYTHONHASHSEED": "0", "PATH": "/usr/bin:/bin"}, check=True,
    )  # fmt: skip
    return {*STANDARD_PACKAGES, package_of(str(GREENLET / "__init__.py"))}


def copy_licences(packages, folder):
    common = set()
    for package in sorted(packages):
        text = pathlib.Path("/usr/share/doc", package, "copyright")
        copy(text, folder / package)
        common |= set(re.findall(rf"{COMMON_LICENCES}/([\w.+-]*\w)", text.read_text("utf-8", "replace")))
    for name in sorted(common):
        if (COMMON_LICENCES / name).is_file():
            copy(COMMON_LICENCES / name, folder / "common-licenses" / name)


def main(folder):
    libraries = folder / "lib/locust-cpp"
    programs = [file for file in sorted((folder / "bin").iterdir()) if file.read_bytes().startswith(b"\x7fELF")]
    home = libraries / "python"
    packages = copy_python(home)
    for name, path in libraries_of([*programs, *sorted(home.rglob("*.so"))]).items():
        copy(path, libraries / name)
        packages.add(package_of(path))
    # DT_RPATH, because it counts for libraries of libraries and for modules of Python too.
    for program in programs:
        subprocess.run(["patchelf", "--force-rpath", "--set-rpath", "$ORIGIN/../lib/locust-cpp", program], check=True)
    packages |= {package_of(path) for path in COMPILED_IN}
    copy_licences(packages, folder / "share/doc/locust-cpp/licences")


if len(sys.argv) != 2:
    sys.exit(__doc__)
main(pathlib.Path(sys.argv[1]))
