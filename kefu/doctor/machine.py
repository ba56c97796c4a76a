"""Checks of the machine: disk, files, file descriptors."""

import json
import os
import resource
import shutil
import tempfile
from collections.abc import Iterator

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders

from .finding import Finding, error, warning

MIB = 1024 * 1024
DISK_ERROR, DISK_WARNING = 200 * MIB, 1024 * MIB
"""Free bytes. On a full disk no message is stored; SQLite's WAL and backups need space, too."""
INODES = 10_000
DESCRIPTORS = 4096
"""Every socket and database connection needs one. Debian's shells allow 1,024."""


def data_dir() -> Iterator[Finding]:
    try:
        with tempfile.TemporaryFile(dir=settings.DATA_DIR):
            pass
    except OSError as reason:
        yield error(
            f"{settings.DATA_DIR} cannot be written to: {reason.strerror}",
            "give it to the user that Kefu runs as",
        )
    if settings.DATA_DIR.stat().st_mode & 0o007:
        yield warning(
            f"{settings.DATA_DIR} is open to every user of this machine",
            f"chmod o= {settings.DATA_DIR}",
        )


def disk() -> Iterator[Finding]:
    free = shutil.disk_usage(settings.DATA_DIR).free
    if free < DISK_WARNING:
        level = error if free < DISK_ERROR else warning
        yield level(f"{free // MIB} MiB are free in {settings.DATA_DIR}", "make room, or move it")


def inodes() -> Iterator[Finding]:
    """File systems without a fixed number of inodes, such as btrfs, report 0 of 0."""
    status = os.statvfs(settings.DATA_DIR)
    if status.f_files and status.f_favail < INODES:
        yield warning(
            f"only {status.f_favail} more files fit into the file system of {settings.DATA_DIR}",
            "remove small files, or move it",
        )


def static_files() -> Iterator[Finding]:
    """Pages look up hashed names in the manifest; a missing file is an error 500."""
    cure = "manage.py collectstatic --noinput (bin/serve does it at each start), then restart"
    try:
        manifest = json.loads((settings.STATIC_ROOT / "staticfiles.json").read_text())["paths"]
    except (OSError, ValueError, KeyError):
        yield error(f"static files are not collected in {settings.STATIC_ROOT}", cure)
        return
    names = {name for finder in get_finders() for name, _storage in finder.list([])}
    missing = sorted(names - set(manifest))
    if missing:
        yield error(f"{len(missing)} static files are not collected, {missing[0]} for one", cure)


def descriptors() -> Iterator[Finding]:
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < DESCRIPTORS:
        yield warning(
            f"a process started from here may open {soft} files, so fewer sockets than that",
            "ulimit -n 65536 before bin/serve; LimitNOFILE=65536 in a systemd unit",
        )


CHECKS = [data_dir, disk, inodes, static_files, descriptors]
