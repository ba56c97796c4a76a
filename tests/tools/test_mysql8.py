"""How the MySQL of the tests is had, and what is said where it cannot be had."""

import subprocess

import pytest

from tests.plugins import mysql8

pytestmark = pytest.mark.once


@pytest.fixture
def nothing_yet(monkeypatch, tmp_path):
    monkeypatch.setattr(mysql8, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(mysql8, "FOLDER", tmp_path / "cache" / "mysql8")


def test_without_apt_it_is_unavailable(nothing_yet, monkeypatch):
    monkeypatch.setattr(mysql8.shutil, "which", lambda name: None)
    with pytest.raises(mysql8.Unavailable, match="no apt-get"):
        mysql8.fetch()
    assert not mysql8.is_there()


def test_a_download_that_fails_leaves_nothing_and_says_why(nothing_yet, monkeypatch):
    def fail(command, **options):
        return subprocess.CompletedProcess(command, 100, "E: Temporary failure resolving a name\n")

    monkeypatch.setattr(mysql8.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(mysql8.subprocess, "run", fail)
    with pytest.raises(mysql8.Unavailable, match="Temporary failure"):
        mysql8.fetch()
    assert not mysql8.is_there() and not list(mysql8.CACHE.iterdir())


def test_nothing_is_installed_into_the_system(nothing_yet, monkeypatch, tmp_path):
    """Apt is told of a state, lists, a cache and sources of its own, and dpkg only unpacks."""
    commands = []
    monkeypatch.setattr(mysql8, "run", lambda command, seconds: commands.append(command))
    mysql8.unpack([tmp_path / "libssl3t64.deb", tmp_path / "perl.deb"], tmp_path / "whole")
    assert mysql8.download(tmp_path / "apt") == []
    assert [command[:2] for command in commands[:-2]] == [["dpkg", "-x"]]
    for command in commands[-2:]:
        own = [word for word in command if word.startswith("-o=Dir::")]
        assert all(f"={tmp_path}/apt/" in f"{word}/" for word in own)
        names = {word.split("=")[1] for word in own}
        assert {"Dir::State", "Dir::State::status", "Dir::Cache", "Dir::Etc::sourcelist"} <= names
    assert "--download-only" in commands[-1]
