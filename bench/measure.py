"""CPU time and memory of processes from /proc, and statistics of measurements."""

import os
import statistics
from pathlib import Path


def cpu_of(pids: dict[str, list[int]]) -> dict[str, float]:
    """CPU seconds so far of the processes of each part, and of this process ("driver")."""
    parts = {**pids, "driver": [os.getpid()]}
    return {part: sum(map(cpu_seconds, numbers)) for part, numbers in parts.items()}


def cpu_between(before: dict[str, float], after: dict[str, float]) -> float:
    """CPU seconds of server and database between two looks by `cpu_of`."""
    return sum(after[part] - before[part] for part in ("server", "database"))


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads of a process, to 10 ms."""
    stat = Path(f"/proc/{pid}/stat").read_text()
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def memory_kib(pid: int) -> int:
    """The resident memory of a process in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def spread(seconds: list[float]) -> dict[str, float]:
    """The median and the 99th percentile, in milliseconds."""
    if len(seconds) < 2:  # A slow machine has time for one message.
        return dict.fromkeys(("p50", "p99"), sum(seconds) * 1000)
    cuts = statistics.quantiles(seconds, n=100)
    return {"p50": cuts[49] * 1000, "p99": cuts[98] * 1000}


def medians(rounds: list[dict]) -> dict:
    """The median of each number over all rounds, in the shape of a round without its texts."""
    return combined(rounds, statistics.median)


def ranges(rounds: list[dict]) -> dict:
    """The lowest and the highest of each number as a list, in the same shape."""
    return combined(rounds, lambda numbers: [min(numbers), max(numbers)])


def combined(rounds: list[dict], function) -> dict:
    first, found = rounds[0], {}
    for key, value in first.items():
        if isinstance(value, dict):
            found[key] = combined([one[key] for one in rounds], function)
        elif isinstance(value, int | float):
            found[key] = function([one[key] for one in rounds])
    return found
