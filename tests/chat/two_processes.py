"""Processes beside the test, on its database."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection


def beside_the_test() -> dict[str, str]:
    """The environment of a process that uses the test's database."""
    name = connection.settings_dict["NAME"]
    url = f"sqlite:///{name}"
    if connection.vendor != "sqlite":
        url = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
    return {
        **os.environ,
        "DATABASE_URL": url,
        "DATA_DIR": str(settings.DATA_DIR),
        "DJANGO_SETTINGS_MODULE": "kefu.settings",
    }


def started(program: str, **environment: str) -> subprocess.Popen:
    """A process that runs the code `program`, once it has printed "ready"."""
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        env={**beside_the_test(), **environment},
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    return process


@contextmanager
def twins(program: str, **environment: str) -> Iterator[None]:
    """Runs the code `program` twice: each prints "ready", and goes on once it reads a line. The
    block is what happens meanwhile; at its end their input does, and after it both have ended
    well."""
    environment = {**beside_the_test(), **environment}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    command = [sys.executable, "-c", program]
    processes = [
        subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, **pipes) for _ in range(2)
    ]
    try:
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            process.stdin.write("\n")
            process.stdin.flush()
        yield
        for process in processes:
            process.stdin.close()
            process.stdin = None  # communicate would flush it
        for process in processes:
            assert process.wait(120) == 0
    finally:
        for process in processes:
            process.kill()
            process.communicate()
