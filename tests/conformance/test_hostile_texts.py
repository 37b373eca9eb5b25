"""Peers that fill a master with the longest texts that it takes: its memory stays bounded and it goes on answering."""

import time
import unittest
import urllib.parse
import urllib.request

import harness
from harness import BUILD, ConformanceTest, Process, RawWorker, wait_until

PEERS = 4
MOST_MEMORY = 500 << 20
MOST_WAIT = 1.0  # seconds, for /healthz
TEXT = 8 << 10
NAMES_IN_A_REPORT = 900  # with as many errors just below the limit of a message


def text(*words):
    """The longest text that is kept whole, of characters that JSON has to escape."""
    return "-".join(map(str, words)).ljust(TEXT, "\x01")


class Attacker(RawWorker):
    """A worker that reports names, errors, exceptions and classes that nobody has seen before."""

    def attack(self, round):
        number = range(round * NAMES_IN_A_REPORT, (round + 1) * NAMES_IN_A_REPORT)
        entries = [{**self.ENTRY, "name": text(self.id, n), "method": "GET", "num_requests": 1} for n in number]
        errors = {
            f"{self.id} {n}": {"name": text(n), "method": "", "error": text(self.id), "occurrences": 1} for n in number[:100]
        }
        self.send("stats", {**self.stats(entries, errors=errors), "user_classes_count": {f"Shop{round}" + "x" * TEXT: 0, "Shop": 1}})
        for n in range(20):
            self.send("exception", {"msg": text(self.id, n) * 8, "traceback": text(round, n, self.id) * 8})


class HostileTexts(ConformanceTest):
    def memory(self):
        """The most that the master has ever had, in bytes."""
        with open(f"/proc/{self.master.pid}/status") as status:
            return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM"))

    def get(self, path):
        began = time.monotonic()
        with urllib.request.urlopen(self.web + path, timeout=30) as response:
            response.read()
        return time.monotonic() - began

    def test_the_master_stays_small_and_answers(self):
        port, web_port = harness.free_port(), harness.free_port()
        self.web = f"http://127.0.0.1:{web_port}"
        self.master = self.use(
            Process([BUILD / "locust-master", "--master-bind-port", port, "--web-host", "127.0.0.1", "--web-port", web_port])
        )
        self.master.wait_line("Starting web interface")
        attackers = [self.use(Attacker(port)) for _ in range(PEERS)]
        wait_until(lambda: len(self.master.lines("reported as ready")) == PEERS, "all peers")
        wait_until(lambda: all(a.recording.all("heartbeat") for a in attackers), "their first reports")
        form = urllib.parse.urlencode({"user_count": PEERS, "spawn_rate": PEERS, "host": "http://127.0.0.1:1"}).encode()
        urllib.request.urlopen(self.web + "/swarm", form, timeout=30).close()
        for attacker in attackers:
            attacker.recording.wait("spawn")
        waits = []
        for round in range(6):
            for attacker in attackers:
                attacker.attack(round)
            for _ in range(4):
                waits.append(self.get("/healthz"))
                time.sleep(0.25)
            self.get("/stats/requests")
        wait_until(lambda: self.master.lines("name|MiB"), "a warning of a limit", 30)
        print(f"most memory {self.memory() >> 20} MiB, longest wait {max(waits):.3f} s")
        self.assertLess(self.memory(), MOST_MEMORY)
        self.assertLess(max(waits), MOST_WAIT)
        self.assertTrue(self.master.alive())


if __name__ == "__main__":
    unittest.main()
