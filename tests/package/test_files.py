"""What is in the packages, looked at from outside: versions of glibc, libraries, paths, manual pages, completions."""

import os
import pathlib
import pty
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = pathlib.Path(os.environ["LOCUST_PACKAGES"])
GLIBC = (2, 36)
GLIBC_LIBRARIES = re.compile(r"(ld-linux-x86-64|libc|libm|libdl|libpthread|libresolv|librt|libutil)\.so\.\d+")
SHELL = 30.0  # seconds at most


def is_elf(file):
    return file.is_file() and file.read_bytes().startswith(b"\x7fELF")


def said(*argv, **options):
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True, timeout=SHELL, **options).stdout


class PackageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix="locust-package-")
        cls.addClassCleanup(scratch.cleanup)
        cls.deb, cls.archive = (pathlib.Path(scratch.name) / name for name in ("deb", "archive"))
        [deb], [archive] = PACKAGES.glob("*.deb"), PACKAGES.glob("*.tar.gz")
        cls.archive.mkdir()
        subprocess.run(["dpkg-deb", "--extract", deb, cls.deb], check=True)
        subprocess.run(["tar", "-xzf", archive, "--strip-components=1", "-C", cls.archive], check=True)


class FilesTest(PackageTest):
    def test_no_file_of_the_archive_needs_a_newer_glibc(self):
        for file in filter(is_elf, self.archive.rglob("*")):
            versions = re.findall(r"\(GLIBC_(\d+)\.(\d+)", said("objdump", "-T", file))
            newest = max((tuple(map(int, version)) for version in versions), default=(0, 0))
            self.assertLessEqual(newest, GLIBC, file)

    def test_the_archive_has_every_library_but_those_of_glibc(self):
        libraries = self.archive / "lib/locust-cpp"
        for file in filter(is_elf, self.archive.rglob("*")):
            for name in re.findall(r"\(NEEDED\).*\[(\S+)\]", said("readelf", "-d", file)):
                if not GLIBC_LIBRARIES.fullmatch(name):
                    self.assertTrue((libraries / name).is_file(), f"{file} needs {name}")

    def test_no_file_says_where_it_was_built(self):
        for file in (*self.deb.rglob("*"), *self.archive.rglob("*")):
            if file.is_file():
                self.assertNotIn(bytes(ROOT), file.read_bytes(), file)

    def test_what_the_archive_has_of_others_comes_with_its_licences(self):
        licences = {file.name for file in (self.archive / "share/doc/locust-cpp/licences").iterdir()}
        self.assertLessEqual({"libcurl4", "libssl3", "libpython3.11-stdlib", "python3-greenlet"}, licences)

    def test_manual_pages_are_formatted_without_a_warning(self):
        pages = [*self.deb.glob("usr/share/man/man1/*"), *self.archive.glob("share/man/man1/*")]
        self.assertEqual(len(pages), 8)
        for page in pages:
            result = subprocess.run(["man", "--warnings", "--local-file", page], capture_output=True, text=True,
                                    env={**os.environ, "LC_ALL": "C.UTF-8"})  # fmt: skip
            self.assertEqual((result.returncode, result.stderr), (0, ""), page)
            self.assertIn("--help", result.stdout)


class CompletionTest(PackageTest):
    """In real shells, with the files of the archive."""

    def share(self, name):
        return self.archive / "share" / name

    def test_bash_completes(self):
        script = (
            f"source {self.share('bash-completion/completions/locust-master')}; complete -p locust-master;"
            "compopt() { :; }; COMP_WORDS=(locust-master --on-worker-loss re); COMP_CWORD=2; _locust_master;"
            'echo "${COMPREPLY[@]}"'
        )
        self.assertEqual(said("bash", "-c", script).splitlines()[-1], "rebalance")

    def test_fish_completes(self):
        script = f"source {self.share('fish/vendor_completions.d/locust-master.fish')}; complete -C '%s'"
        self.assertIn("--expect-workers-max-wait\t", said("fish", "-N", "-c", script % "locust-master --expect"))
        self.assertIn("rebalance\t", said("fish", "-N", "-c", script % "locust-master --on-worker-loss re"))
        self.assertIn("/etc/hosts", said("fish", "-N", "-c", script % "locust-master -f /etc/host"))

    def zsh_line(self, typed):
        """The command line of a real zsh after `typed` and a tab, for which it needs a terminal."""
        settings = tempfile.TemporaryDirectory(prefix="locust-package-")
        self.addCleanup(settings.cleanup)
        pathlib.Path(settings.name, ".zshrc").write_text(
            f"fpath=({self.share('zsh/site-functions')} $fpath); autoload -Uz compinit; compinit -D -u\n"
            "show() { print -r -- \"<<$BUFFER>>\"; exit }; zle -N show; bindkey '^X' show\n"
        )
        controller, terminal = pty.openpty()
        self.addCleanup(os.close, controller)
        shell = subprocess.Popen(["zsh", "-d", "-i"], stdin=terminal, stdout=terminal, stderr=terminal,
                                 start_new_session=True, env={**os.environ, "TERM": "dumb", "ZDOTDIR": settings.name})  # fmt: skip
        self.addCleanup(shell.wait)
        self.addCleanup(shell.kill)
        os.close(terminal)
        os.write(controller, f"{typed}\t\x18".encode())
        output = b""
        while not (found := re.search(rb"<<(.*?)>>", output)):
            output += os.read(controller, 4096)  # fails when the shell has ended
        return found[1].decode()

    def test_zsh_completes(self):
        self.assertEqual(self.zsh_line("locust-master --thre").rstrip("="), "locust-master --threshold")
        self.assertEqual(self.zsh_line("locust-master --on-worker-loss reb").strip(), "locust-master --on-worker-loss rebalance")


if __name__ == "__main__":
    unittest.main()
