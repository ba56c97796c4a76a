"""A network of its own: machines with an address each, whose lines to a router can be cut, slowed
down and made to forget.

Each machine is a network namespace without a name. The kernel removes it with the last process in
it, so nothing is left of a run that was killed, and nothing outside has an address in it. Threads
and processes that are started `inside` a machine stay there.
"""

import ctypes
import os
import subprocess
import sys
from contextlib import contextmanager

from tests.plugins.services import program

from .options import ROOT

NEW_NETWORK = 0x40000000
"""CLONE_NEWNET."""
TABLE = "100"
"""The routing table of packets that take the slow line."""

libc = ctypes.CDLL(None, use_errno=True)


def check(outcome: int) -> None:
    if outcome != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def own_namespace() -> int:
    """A file descriptor of the network namespace in which this thread is."""
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


class Network:
    """Machines by name. Every method acts on the packets that the router forwards."""

    def __init__(self, names: list[str]):
        if os.geteuid() != 0:
            raise SystemExit("error: only root may make a network of several machines")
        self.numbers = {name: number for number, name in enumerate(names, 1)}
        self.slow_lines: list[subprocess.Popen] = []
        home = own_namespace()
        self.machines: dict[str, int] = {}
        try:
            for name in ("router", *names):
                check(libc.unshare(NEW_NETWORK))
                self.machines[name] = own_namespace()
        except OSError as error:
            raise SystemExit(f"error: no network can be made here: {error.strerror}") from error
        finally:
            check(libc.setns(home, NEW_NETWORK))
            os.close(home)
        self.connect_all()

    def connect_all(self) -> None:
        with self.inside("router"):
            for path in ("ip_forward", "conf/all/forwarding"):
                write(f"/proc/sys/net/ipv4/{path}", "1")
            for path in ("all", "default"):
                write(f"/proc/sys/net/ipv4/conf/{path}/rp_filter", "0")
        for name, number in self.numbers.items():
            line, far = self.line_of(name), f"/proc/{os.getpid()}/fd/{self.machines[name]}"
            self.ip(
                "router",
                f"link add {line} type veth peer name eth0 netns {far}",
                f"address add 10.77.{number}.1/24 dev {line}",
                f"link set {line} up",
            )
            self.ip(
                name,
                "link set lo up",
                f"address add {self.address(name)}/24 dev eth0",
                "link set eth0 up",
                f"route add default via 10.77.{number}.1",
            )

    def address(self, name: str) -> str:
        return f"10.77.{self.numbers[name]}.2"

    def line_of(self, name: str) -> str:
        """The router's end of a machine's line."""
        return f"line{self.numbers[name]}"

    @contextmanager
    def inside(self, name: str):
        """Context manager: this thread is on that machine, with what it opens and starts."""
        before = own_namespace()
        check(libc.setns(self.machines[name], NEW_NETWORK))
        try:
            yield
        finally:
            check(libc.setns(before, NEW_NETWORK))
            os.close(before)

    def enter(self, name: str) -> None:
        """This thread stays on that machine, with all that it starts later."""
        check(libc.setns(self.machines[name], NEW_NETWORK))

    def run(self, name: str, *words: str, text: str | None = None) -> str:
        """Runs a program on a machine, with `text` as its input; returns what it prints. Raises
        RuntimeError if it fails."""
        command = [program(words[0]), *words[1:]]
        with self.inside(name):
            done = subprocess.run(command, input=text, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(words)} on {name}: {done.stderr.strip()}")
        return done.stdout

    def ip(self, name: str, *commands: str) -> None:
        """Runs commands of the program ip on a machine."""
        self.run(name, "ip", "-batch", "-", text="\n".join(commands))

    # Faults.

    def cut(self, sender: str, receiver: str) -> None:
        """Packets from one machine to another vanish, without an answer, until `heal`."""
        self.drop([f"-s {self.address(sender)} -d {self.address(receiver)}"])

    def drop(self, matches: list[str]) -> None:
        rules = "".join(f"-A FORWARD {match} -j DROP\n" for match in matches)
        self.run("router", "iptables-restore", "--noflush", text=f"*filter\n{rules}COMMIT\n")

    def forget(self, one: str, other: str) -> int:
        """The packets of the present connections between two machines vanish until `heal`, as
        behind a firewall that has lost its memory; new connections work. Returns how many."""
        matches, far = [], self.address(other)
        for line in self.run(one, "ss", "-Htn", "state", "established", "dst", far).splitlines():
            near_port, far_port = (end.rpartition(":")[2] for end in line.split()[2:4])
            there = f"-p tcp -s {self.address(one)} -d {far}"
            back = f"-p tcp -s {far} -d {self.address(one)}"
            matches.append(f"{there} --sport {near_port} --dport {far_port}")
            matches.append(f"{back} --sport {far_port} --dport {near_port}")
        self.drop(matches)
        return len(matches) // 2

    def close_unseen(self, name: str, other: str) -> None:
        """Ends the connections of a machine with another one. While the line is cut, the other end
        is not told."""
        self.run(name, "ss", "-K", "dst", self.address(other))

    def slow(self, one: str, other: str, delay: float, jitter: float, loss: float) -> None:
        """Delays packets between two machines by `delay` ± `jitter` seconds each way, and loses the
        part `loss` of them, until `heal`."""
        name = f"slow{len(self.slow_lines)}"
        words = [sys.executable, "-m", "crash.slow_line", name, str(delay), str(jitter), str(loss)]
        with self.inside("router"):
            line = subprocess.Popen(
                [program("setpriv"), "--pdeathsig", "KILL", *words],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                text=True,
            )
        self.slow_lines.append(line)
        if line.stdout.readline() != "ready\n":
            raise RuntimeError("the slow line did not start")
        commands = [f"link set {name} up", f"route replace default dev {name} table {TABLE}"]
        for sender, receiver in ((one, other), (other, one)):
            ends = f"from {self.address(sender)} to {self.address(receiver)}"
            commands.append(f"rule add {ends} iif {self.line_of(sender)} lookup {TABLE}")
        self.ip("router", *commands)

    def heal(self) -> None:
        """Ends all faults. Without its process a slow line is gone, with the way to it."""
        self.run("router", "iptables", "-F", "FORWARD")
        while self.slow_lines:
            line = self.slow_lines.pop()
            line.kill()
            line.wait()
            line.stdout.close()
        while f"lookup {TABLE}" in self.run("router", "ip", "rule"):
            self.run("router", "ip", "rule", "del", "lookup", TABLE)

    def close(self) -> None:
        """Lets the machines go, once their processes have ended."""
        for line in self.slow_lines:
            line.kill()
            line.wait()
        for descriptor in self.machines.values():
            os.close(descriptor)


def write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)
