"""The systemd units, the environment file and the containers, as far as they can be tried without
systemd and Docker."""

import os
import re
import shutil
import subprocess

import pytest
import yaml
from django.conf import settings

from tests.commands import manage

from .nginx import DEPLOY

pytestmark = pytest.mark.once

UNITS = ["kefu.service", "kefu-backup.service", "kefu-backup.timer"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_understands_every_line(tmp_path):
    for name in UNITS:
        text = (DEPLOY / name).read_text().replace("/opt/kefu", str(settings.BASE_DIR))
        (tmp_path / name).write_text(text)
    units = [str(tmp_path / name) for name in UNITS]
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *units]
    verified = subprocess.run(command, capture_output=True, text=True)
    ours = [line for line in verified.stderr.splitlines() if str(tmp_path) in line]
    assert not ours and verified.returncode == 0, verified.stderr


def test_a_stop_waits_longer_than_bin_serve_does():
    """Else systemd kills what would have ended properly."""
    workers = (DEPLOY.parent / "bin" / "_workers.py").read_text()
    within = int(re.search(r"STOP_TIMEOUT = (\d+)", workers)[1])
    unit = (DEPLOY / "kefu.service").read_text()
    assert int(re.search(r"TimeoutStopSec=(\d+)", unit)[1]) > within


def test_the_example_of_an_environment_can_be_used(tmp_path):
    """Only the folder is put in; a word that Kefu does not know would be a mistake in it."""
    lines = (DEPLOY / "kefu.env").read_text().splitlines()
    pairs = [line.split("=", 1) for line in lines if line and not line.startswith("#")]
    assert dict(pairs)["PUBLIC_URL"].startswith("https://")
    out = manage("check", **dict(pairs) | {"DATA_DIR": str(tmp_path)})
    assert (out.returncode, out.stderr) == (0, "")
    page = (DEPLOY.parent / "docs" / "environment.md").read_text()
    names = [line.lstrip("#").split("=")[0] for line in lines if re.match(r"#?[A-Z_]+=", line)]
    assert len(names) >= 10 and all(f"`{name}`" in page for name in names)


def test_the_nginx_of_the_containers_is_the_first_process_and_reads_new_certificates(tmp_path):
    """With programs that say how they are called, and one day that is over at once."""
    (tmp_path / "day").touch()
    programs = {"nginx": 'echo "$$ $@"', "sed": 'echo "$@"', "sleep": '[ "$1" = 1d ] && rm day'}
    for name, words in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{words}\n")
        (tmp_path / name).chmod(0o700)
    containers = yaml.safe_load((DEPLOY / "compose.yml").read_text())["services"]
    script = containers["nginx"]["command"][2].replace("$$", "$")
    script = script.replace("/etc/nginx/conf.d/default.conf", "kefu.conf")
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "KEFU_NAME": "a.example"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    shell = subprocess.Popen(["sh", "-c", script], cwd=tmp_path, env=environment, **pipes)
    said = shell.communicate(timeout=30)[0].splitlines()
    assert f"{shell.pid} -g daemon off;" in said
    assert [line.partition(" ")[2] for line in said if "reload" in line] == ["-s reload"]
    assert "/a.example/" in (tmp_path / "kefu.conf").read_text()
