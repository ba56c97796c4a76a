"""Checks of the machine: disk, files, file descriptors."""

import json
import os
import resource
import shutil
import tempfile
from collections.abc import Iterator

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.utils.translation import gettext as _

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
            _("{path} cannot be written to: {reason}"),
            _("give it to the user that Kefu runs as"),
            path=settings.DATA_DIR,
            reason=reason.strerror,
        )
    if settings.DATA_DIR.stat().st_mode & 0o007:
        yield warning(
            _("{path} is open to every user of this machine"),
            "chmod o= {path}",
            path=settings.DATA_DIR,
        )


def disk() -> Iterator[Finding]:
    free = shutil.disk_usage(settings.DATA_DIR).free
    if free < DISK_WARNING:
        level = error if free < DISK_ERROR else warning
        yield level(
            _("{free} MiB are free in {path}"),
            _("make room, or move it"),
            free=free // MIB,
            path=settings.DATA_DIR,
        )


def inodes() -> Iterator[Finding]:
    """File systems without a fixed number of inodes, such as btrfs, report 0 of 0."""
    status = os.statvfs(settings.DATA_DIR)
    if status.f_files and status.f_favail < INODES:
        yield warning(
            _("only {n} more files fit into the file system of {path}"),
            _("remove small files, or move it"),
            n=status.f_favail,
            path=settings.DATA_DIR,
        )


def static_files() -> Iterator[Finding]:
    """Pages look up hashed names in the manifest; a missing file is an error 500."""
    cure = _("manage.py collectstatic --noinput (bin/serve does it at each start), then restart")
    try:
        manifest = json.loads((settings.STATIC_ROOT / "staticfiles.json").read_text())["paths"]
    except (OSError, ValueError, KeyError):
        yield error(_("static files are not collected in {path}"), cure, path=settings.STATIC_ROOT)
        return
    names = {name for finder in get_finders() for name, _storage in finder.list([])}
    missing = sorted(names - set(manifest))
    if missing:
        yield error(
            _("{n} static files are not collected, {one} for one"),
            cure,
            n=len(missing),
            one=missing[0],
        )


def descriptors() -> Iterator[Finding]:
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < DESCRIPTORS:
        yield warning(
            _("a process started from here may open {n} files, so fewer sockets than that"),
            _("ulimit -n 65536 before bin/serve; LimitNOFILE=65536 in a systemd unit"),
            n=soft,
        )


CHECKS = [data_dir, disk, inodes, static_files, descriptors]
