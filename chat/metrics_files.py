"""Merges the metrics files of ended processes into one file for each kind of metric.

Counters must not decrease, so prometheus-client keeps the files of every process for ever: five
more with each restart of a process, and each scrape reads all of them.
"""

import fcntl
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client.mmap_dict import MmapedDict


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Locks the directory: a process that reads while another merges would count metrics twice, or
    miss them."""
    folder.mkdir(0o700, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def merge_ended(folder: Path) -> None:
    """Merges the counters and histograms of ended processes, and deletes their live gauges."""
    for gauge in files_of_ended(folder, "gauge_live*"):
        gauge.unlink()
    for kind in ("counter", "histogram"):
        if files := files_of_ended(folder, f"{kind}_*"):
            add_up(files, folder / f"{kind}_ended.db")


def files_of_ended(folder: Path, pattern: str) -> list[Path]:
    return [file for file in folder.glob(f"{pattern}.db") if belongs_to_ended(file)]


def belongs_to_ended(file: Path) -> bool:
    number = file.stem.rpartition("_")[2]
    return number.isdigit() and not is_running(int(number))


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def add_up(files: list[Path], total: Path) -> None:
    """Adds the values in the files to those in `total`, and deletes the files."""
    sums = Counter()
    for file in [*files, *([total] if total.exists() else [])]:
        for key, value, _time, _place in MmapedDict.read_all_values_from_file(str(file)):
            sums[key] += value
    draft = total.with_suffix(".new")
    draft.unlink(missing_ok=True)
    written = MmapedDict(str(draft))
    for key, value in sums.items():
        written.write_value(key, value, 0)
    written.close()
    draft.replace(total)
    for file in files:
        file.unlink()
