#!/usr/bin/env python3
"""master/web/ui/build.py OUT: builds the web page into OUT.

Writes index.html, report.html (one self-contained file), login.html, and assets/, whose names change
with their content. Does nothing if OUT was built from the same files.

What the build needs (esbuild's program, preact, uplot) is used from node_modules/ here if `npm ci` has
put it there in the versions of package-lock.json; else it is downloaded to there and checked against the
same file's hashes. So the build needs neither node nor npm. The registry is $NPM_CONFIG_REGISTRY,
else that of ~/.npmrc, else npm's; SSL_CERT_FILE and the proxy variables count as usual.
"""

import base64
import fcntl
import hashlib
import io
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODULES = HERE / "node_modules"
BUNDLED = ["preact", "uplot"]
# As npm names them.
MACHINES = {"x86_64": "x64", "aarch64": "arm64", "riscv64": "riscv64", "ppc64le": "ppc64", "s390x": "s390x"}
FLAGS = [
    "--bundle",
    "--minify",
    "--format=iife",
    "--target=chrome111,firefox113,safari16.2",
    "--jsx=automatic",
    "--jsx-import-source=preact",
    '--define:process.env.NODE_ENV="production"',
    "--legal-comments=none",
    "--charset=utf8",
    "--log-level=warning",
]


class BuildError(Exception):
    pass


# --- the packages -----------------------------------------------------------------------------------


def compiler():
    machine = platform.machine()
    if platform.system() != "Linux" or machine not in MACHINES:
        raise BuildError(f"esbuild is fetched for Linux on {' and '.join(MACHINES)} only, not for {machine}")
    return f"@esbuild/linux-{MACHINES[machine]}"


def registry():
    """The address of the npm registry, without a slash at its end."""
    for name in ("NPM_CONFIG_REGISTRY", "npm_config_registry"):
        if os.environ.get(name):
            return os.environ[name].rstrip("/")
    try:
        for line in (Path.home() / ".npmrc").read_text("utf-8").splitlines():
            if found := re.fullmatch(r"\s*registry\s*=\s*(\S+)\s*", line):
                return found[1].rstrip("/")
    except (OSError, RuntimeError):
        pass
    return "https://registry.npmjs.org"


def download(url):
    """The bytes at an address; a connection that fails is tried three times."""
    for attempt in (1, 2, 3):
        try:
            with urllib.request.urlopen(url, timeout=60) as reply:
                return reply.read()
        except urllib.error.HTTPError as error:
            raise BuildError(f"{url}: {error}") from None
        except OSError as error:
            if attempt == 3:
                raise BuildError(f"{url}: {error}; NPM_CONFIG_REGISTRY names another registry") from None
        time.sleep(attempt)


def unpack(archive, folder):
    """Puts the files of a package's archive, which all lie in one folder of it, into a folder."""
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as files:
        for member in files:
            inside = Path(member.name).parts[1:]
            if not member.isfile() or ".." in inside:
                continue
            path = folder.joinpath(*inside)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files.extractfile(member).read())
            path.chmod(0o755 if member.mode & 0o100 else 0o644)


def installed_version(name):
    try:
        return json.loads((MODULES / name / "package.json").read_text("utf-8"))["version"]
    except (OSError, ValueError, KeyError):
        return None


def install(name, locked):
    """Puts the package in node_modules, unless it is there in the locked version."""
    if installed_version(name) == locked["version"]:
        return
    url = f"{registry()}/{name}/-/{name.split('/')[-1]}-{locked['version']}.tgz"
    archive = download(url)
    actual = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if actual != locked["integrity"]:
        raise BuildError(f"{url} is not what package-lock.json names: {actual}")
    MODULES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=MODULES, prefix=".") as scratch:
        unpack(archive, Path(scratch) / "package")
        target = MODULES / name
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(exist_ok=True)
        (Path(scratch) / "package").rename(target)


# --- the files --------------------------------------------------------------------------------------


def fingerprint():
    """Changes whenever the page must be built anew."""
    files = [HERE / "build.py", HERE / "package-lock.json"]
    files += sorted(path for folder in ("html", "src") for path in (HERE / folder).rglob("*") if path.is_file())
    every = hashlib.sha256()
    for path in files:
        every.update(f"{path.relative_to(HERE)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return every.hexdigest()


def licences():
    """A comment that stands in every copy: what we bundle is MIT licensed, which wants to be there."""
    texts = [f"{name}\n\n" + (MODULES / name / "LICENSE").read_text("utf-8").strip() for name in BUNDLED]
    return "/*!\n" + "\n\n".join(texts).replace("*/", "* /") + "\n*/"


def bundle(entry, banner=""):
    """The script and the style of an entry, as texts."""
    program = MODULES / compiler() / "bin" / "esbuild"
    with tempfile.TemporaryDirectory() as out:
        command = [program, entry, *FLAGS, f"--outdir={out}", f"--banner:js={banner}"]
        if subprocess.run(command, cwd=HERE).returncode:
            raise BuildError(f"esbuild could not bundle {entry}")
        results = {path.suffix: path.read_text("utf-8").strip() for path in Path(out).iterdir()}
    return results[".js"], results.get(".css", "")


def fill(file, values):
    """The file with its @placeholders replaced, each by a text that is taken literally."""
    html = (HERE / "html" / file).read_text("utf-8")
    return re.sub(r"@(style|script-hash|script|theme)(?=[\"'<])", lambda found: values[found[1]], html)


def inline_script(script):
    """Inside <script>, "</script" and "<!--" would end or change it."""
    return script.replace("</script", "<\\/script").replace("<!--", "\\x3c!--")


def write_asset(out, name, extension, text):
    path = f"assets/{name}-{hashlib.sha256(text.encode()).hexdigest()[:10]}.{extension}"
    (out / path).write_text(text, "utf-8")
    return path


def build(out):
    banner = licences()
    script, style = bundle("src/main.tsx", banner)
    report, report_style = bundle("src/report_main.tsx", banner)
    theme, _ = bundle("src/theme.ts")
    shutil.rmtree(out / "assets", ignore_errors=True)
    (out / "assets").mkdir()
    assets = {
        "style": write_asset(out, "page", "css", style),
        "script": write_asset(out, "page", "js", script),
        "theme": write_asset(out, "theme", "js", theme),
    }
    (out / "index.html").write_text(fill("index.html", assets), "utf-8")
    (out / "login.html").write_text(fill("login.html", assets), "utf-8")
    report = inline_script(report)
    sha256 = base64.b64encode(hashlib.sha256(report.encode()).digest()).decode()
    inline = {"style": report_style, "script": report, "script-hash": f"sha256-{sha256}"}
    (out / "report.html").write_text(fill("report.html", inline), "utf-8")


def main(arguments):
    if len(arguments) != 1:
        print("usage: build.py OUT", file=sys.stderr)
        return 2
    out = Path(arguments[0]).resolve()
    out.mkdir(parents=True, exist_ok=True)
    stamp = out / ".stamp"
    wanted = fingerprint()
    if stamp.exists() and stamp.read_text("utf-8").strip() == wanted:
        return 0
    lock = os.open(HERE, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)  # builds of several configurations share node_modules
    try:
        locked = json.loads((HERE / "package-lock.json").read_text("utf-8"))["packages"]
        for name in [compiler(), *BUNDLED]:
            install(name, locked[f"node_modules/{name}"])
        stamp.unlink(missing_ok=True)
        build(out)
        stamp.write_text(wanted + "\n")
    except (BuildError, OSError) as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1
    finally:
        os.close(lock)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
