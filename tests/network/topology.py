"""A network of network namespaces, to be delayed, made lossy and cut. Runs under run.sh only, which takes all
of it away at the end.

Each node has a link to one or both of two switches, which are bridges in a namespace of their own:

    control (10.77.0.0/24)   master, workers
    load    (10.77.1.0/24)   target, workers

so that a worker can lose its master and keep its target, or the other way round.
"""

import contextlib
import ctypes
import fcntl
import heapq
import itertools
import os
import select
import struct
import subprocess
import threading
import time

CONTROL, LOAD = "control", "load"
NETWORKS = {CONTROL: "10.77.0", LOAD: "10.77.1"}

_libc = ctypes.CDLL(None, use_errno=True)
_numbers = itertools.count(1)

_CLONE_NEWNET = 0x40000000
_TUNSETIFF = 0x400454CA
_IFF_TAP_NO_PI = 0x0002 | 0x1000
_MAX_FRAME = 65536


@contextlib.contextmanager
def _inside(namespace):
    """The calling thread in that namespace."""
    with open("/proc/thread-self/ns/net") as home, open(f"/run/netns/{namespace}") as there:
        _setns(there.fileno())
        try:
            yield
        finally:
            _setns(home.fileno())


def _setns(fd):
    if _libc.setns(fd, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def _ip(*words):
    subprocess.run(["ip", *map(str, words)], check=True)


class Topology:
    """Namespaces of one cluster. Several may exist beside each other, with the same addresses."""

    def __init__(self):
        self._prefix = f"n{next(_numbers)}"
        self._hosts = {}  # node: last byte of its addresses
        self._wires = []
        self._hub = self._namespace("hub")
        for network in NETWORKS:
            _ip("-n", self._hub, "link", "add", network, "type", "bridge")
            _ip("-n", self._hub, "link", "set", network, "up")

    def _namespace(self, node):
        name = f"{self._prefix}-{node}"
        _ip("netns", "add", name)
        _ip("-n", name, "link", "set", "lo", "up")
        return name

    def _name(self, node):
        return f"{self._prefix}-{node}"

    def add(self, node, *networks, delay=0.0):
        """A node on these networks. `delay`: seconds that its links hold each frame, on the way to and from it."""
        namespace = self._namespace(node)
        self._hosts[node] = len(self._hosts) + 1
        for network in networks:
            port = f"{node}-{network}"
            if delay:
                self._wires.append(Wire(Tap(namespace, network), Tap(self._hub, port), delay))
            else:
                _ip("-n", namespace, "link", "add", network, "type", "veth", "peer", "name", port, "netns", self._hub)
            _ip("-n", self._hub, "link", "set", port, "master", network, "up")
            _ip("-n", namespace, "address", "add", f"{self.address(node, network)}/24", "dev", network)
            _ip("-n", namespace, "link", "set", network, "up")

    def address(self, node, network):
        return f"{NETWORKS[network]}.{self._hosts[node]}"

    def command(self, node, *argv):
        """What runs `argv` on the node, as a process with the same id."""
        return ["ip", "netns", "exec", self._name(node), *map(str, argv)]

    def inside(self, node):
        """While this is entered the calling thread, and what sockets it makes, are on the node."""
        return _inside(self._name(node))

    def cut(self, node, network):
        """Takes the node's link down at the switch."""
        _ip("-n", self._hub, "link", "set", f"{node}-{network}", "down")

    def mend(self, node, network):
        _ip("-n", self._hub, "link", "set", f"{node}-{network}", "up")

    def unacknowledged(self, node, other):
        """Bytes that the node has sent to the other one and that have not been acknowledged."""
        command = self.command(node, "ss", "-Htn", "state", "established")
        connections = (line.split() for line in subprocess.check_output(command, text=True).splitlines())
        addresses = {self.address(other, network) for network in NETWORKS}
        return sum(int(queued) for _, queued, _, peer, *_ in connections if peer.rpartition(":")[0] in addresses)

    def lose(self, node, percent):
        """Drops that share of the packets to and from the node, each time where they arrive."""
        rule = f"numgen random mod 1000 < {round(percent * 10)} counter drop"
        self._drop(node, f'iifname != "lo" {rule}')
        for other in self._hosts:
            for network in NETWORKS:
                if other != node:
                    self._drop(other, f"ip saddr {self.address(node, network)} {rule}")

    def _drop(self, node, rule):
        rules = (
            "add table inet loss; add chain inet loss input { type filter hook input priority 0; };"
            f"add rule inet loss input {rule}"
        )
        subprocess.run(self.command(node, "nft", rules), check=True)

    def lost(self):
        """Packets that lose() has dropped."""
        rulesets = (subprocess.check_output(self.command(n, "nft", "list", "ruleset"), text=True) for n in self._hosts)
        words = " ".join(rulesets).split()
        return sum(int(after) for word, after in zip(words, words[1:]) if word == "packets")

    def stop(self):
        for wire in self._wires:
            wire.stop()
        for node in [*self._hosts, "hub"]:
            _ip("netns", "delete", self._name(node))


class Tap:
    """One end of a wire: a device in a namespace whose frames this process carries."""

    def __init__(self, namespace, name):
        with _inside(namespace):
            self.fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.fd, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TAP_NO_PI))

    def read(self):
        """The next frame, None if there is none."""
        with contextlib.suppress(OSError):
            return os.read(self.fd, _MAX_FRAME)

    def write(self, frame):
        with contextlib.suppress(OSError):  # a device that is down drops it
            os.write(self.fd, frame)


class Wire(threading.Thread):
    """Carries frames between two devices and holds each for `delay` seconds."""

    def __init__(self, one, other, delay):
        super().__init__(daemon=True)
        self._ends = {one.fd: (one, other), other.fd: (other, one)}
        self._delay = delay
        self._held = []  # heap of (due, number, to, frame)
        self._numbers = itertools.count()
        self._stopping = threading.Event()
        self.start()

    def run(self):
        while not self._stopping.is_set():
            wait = self._held[0][0] - time.monotonic() if self._held else 0.1
            readable, _, _ = select.select(list(self._ends), [], [], min(max(wait, 0), 0.1))
            now = time.monotonic()
            for fd in readable:
                source, to = self._ends[fd]
                while frame := source.read():
                    heapq.heappush(self._held, (now + self._delay, next(self._numbers), to, frame))
            while self._held and self._held[0][0] <= now:
                _, _, to, frame = heapq.heappop(self._held)
                to.write(frame)

    def stop(self):
        self._stopping.set()
        self.join()
        for fd in self._ends:
            os.close(fd)
