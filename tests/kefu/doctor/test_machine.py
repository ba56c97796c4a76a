"""What the doctor says of disk, files and sockets."""

import json
import os
import resource
from types import SimpleNamespace

import pytest
from django.contrib.staticfiles.finders import get_finders

from kefu.doctor import machine

pytestmark = pytest.mark.once

E, W = ["error"], ["warning"]


def test_a_folder_that_cannot_be_written_to_is_found(sound, says):
    assert says(machine.data_dir) == []
    sound.DATA_DIR.chmod(0o755)
    assert says(machine.data_dir) == W
    sound.DATA_DIR.chmod(0o700)
    sound.DATA_DIR = type(sound.DATA_DIR)("/proc/self")
    assert "error" in says(machine.data_dir)


@pytest.mark.parametrize(
    "free, wanted", [(10**10, []), (1024**3, []), (1024**3 - 1, W), (10**8, E), (0, E)]
)
def test_a_disk_that_fills_is_found(sound, says, monkeypatch, free, wanted):
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    assert says(machine.disk) == wanted


@pytest.mark.parametrize(
    "total, left, wanted", [(10**6, 10**5, []), (10**6, 9_999, W), (10**6, 0, W), (0, 0, [])]
)
def test_a_file_system_without_inodes_is_found(sound, says, monkeypatch, total, left, wanted):
    status = SimpleNamespace(f_files=total, f_favail=left)
    monkeypatch.setattr(machine.os, "statvfs", lambda path: status)
    assert says(machine.inodes) == wanted


def test_static_files_that_were_not_collected_are_found(sound, says, tmp_path):
    sound.STATIC_ROOT = tmp_path / "static"
    assert says(machine.static_files) == E
    sound.STATIC_ROOT.mkdir()
    manifest = sound.STATIC_ROOT / "staticfiles.json"
    names = [name for finder in get_finders() for name, _storage in finder.list([])]
    manifest.write_text(json.dumps({"paths": dict.fromkeys(names, "hashed")}))
    assert says(machine.static_files) == []
    manifest.write_text(json.dumps({"paths": dict.fromkeys(names[1:], "hashed")}))
    assert says(machine.static_files) == E
    manifest.write_text("{")
    assert says(machine.static_files) == E


@pytest.mark.parametrize(
    "soft, wanted", [(1024, W), (4095, W), (4096, []), (resource.RLIM_INFINITY, [])]
)
def test_too_few_files_for_the_sockets_are_found(says, monkeypatch, soft, wanted):
    monkeypatch.setattr(machine.resource, "getrlimit", lambda which: (soft, soft))
    assert says(machine.descriptors) == wanted


def test_looking_leaves_nothing_behind(sound, says):
    for check in (machine.data_dir, machine.disk, machine.inodes):
        says(check)
    assert os.listdir(sound.DATA_DIR) == []
