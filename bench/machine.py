"""Describes the machine of a benchmark."""

import os
import platform
import shutil
import sqlite3
import subprocess
import time
from importlib.metadata import version
from pathlib import Path

from tests.plugins import mysql8

PACKAGES = (
    *("django", "channels", "channels-redis", "daphne", "uvicorn", "websockets", "uvloop"),
    *("orjson", "mysqlclient"),
)


def describe(folder: Path) -> dict[str, str]:
    """Facts by name. `folder` is where the databases will be."""
    return {
        "processor": f"{processor()}, {os.cpu_count()} cores",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": f"{distribution()}, Linux {platform.release()}",
        "disk": f"{file_system(folder)}, a small write with fsync takes {fsync_ms(folder):.2f} ms",
        "databases": f"SQLite {sqlite3.sqlite_version}, MariaDB {version_of('mariadbd', 'Ver')}, "
        f"MySQL {mysql8.version() if mysql8.is_there() else 'not fetched'}, "
        f"Redis {version_of('redis-server', 'v=')}",
        "python": f"{platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "load before": f"{os.getloadavg()[0]:.2f}",
    }


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "Model")):
            return line.partition(":")[2].strip()
    return platform.machine()


def distribution() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.system()


def file_system(folder: Path) -> str:
    """The type of the file system of `folder`. On tmpfs a commit costs nothing."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    holding = [(point, kind) for point, kind in mounts if folder.is_relative_to(point)]
    return max(holding, key=lambda mount: len(mount[0]), default=("", "unknown"))[1]


def fsync_ms(folder: Path) -> float:
    """Milliseconds for writing 4 KiB with fsync, the mean of 50 writes."""
    path = folder / "probe"
    with path.open("wb", buffering=0) as file:
        start = time.perf_counter()
        for _ in range(50):
            file.write(b"\0" * 4096)
            os.fsync(file.fileno())
        spent = time.perf_counter() - start
    path.unlink()
    return spent * 1000 / 50


def version_of(program: str, before: str) -> str:
    """The word after `before` in the output of `program --version`."""
    path = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if path is None:
        return "not installed"
    text = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
    return (text.partition(before)[2].split() or ["unknown"])[0]
