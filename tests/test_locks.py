"""The locks requirements/*.txt fit the ranges in requirements/*.in (bin/lock renews them)."""

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "requirements"
LOCKS = ["base", "mcp", "embeddings", "production", "test", "build"]
PYTHONS = ["3.10.0", "3.11.0", "3.12.0", "3.13.0"]
MACHINES = ["x86_64", "aarch64"]


def ranges(name):
    """Return the Requirements in requirements/`name`.in and in what it includes."""
    found = []
    for line in (FOLDER / f"{name}.in").read_text().splitlines():
        if line.startswith("-r "):
            found += ranges(line.removeprefix("-r ").strip().removesuffix(".in"))
        elif line and not line.startswith("#"):
            found.append(Requirement(line))
    return found


def pins(name):
    """Return [(Requirement, its hashes)] of the lock requirements/`name`.txt."""
    text = (FOLDER / f"{name}.txt").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return [
        (Requirement(line.split(" --hash=")[0]), re.findall(r"--hash=(\S+)", line))
        for line in lines
    ]


def locked(name, environment):
    """Return {package: version} that the lock names there."""
    named = [pin for pin, _ in pins(name) if not pin.marker or pin.marker.evaluate(environment)]
    versions = {canonicalize_name(pin.name): next(iter(pin.specifier)).version for pin in named}
    assert len(versions) == len(named), "a package is named twice"
    return versions


def linux(python="3.10.0", machine="x86_64"):
    """Return the markers' values for CPython on Linux."""
    return {
        **default_environment(),
        "python_version": python.rpartition(".")[0],
        "python_full_version": python,
        "implementation_version": python,
        "platform_machine": machine,
    }


def unmet(requirements, versions):
    """Return those requirements that {package: version} does not meet."""
    found = [(wanted, versions.get(canonicalize_name(wanted.name))) for wanted in requirements]
    return [
        f"{wanted}, locked: {version}"
        for wanted, version in found
        if version is None or not wanted.specifier.contains(version)
    ]


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_meets_every_range(name, python, machine):
    assert unmet(ranges(name), locked(name, linux(python, machine))) == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_one_version_and_its_hashes_and_nothing_else(name):
    assert pins(name)
    for pin, hashes in pins(name):
        assert re.fullmatch(r"==[^*,]+", str(pin.specifier)), pin
        assert not pin.url, pin
        assert hashes, pin
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for value in hashes), pin
    assert "://" not in (FOLDER / f"{name}.txt").read_text()


@pytest.mark.parametrize("name", ["base", "mcp", "test"])
def test_locks_agree_with_the_production_lock(name):
    """Both may be installed into one environment; a package alone in `name` is its own."""
    for python in PYTHONS:
        production, other = locked("production", linux(python)), locked(name, linux(python))
        shared = production.keys() & other.keys()
        assert {key: other[key] for key in shared} == {key: production[key] for key in shared}


def test_the_production_lock_has_all_of_the_base_lock():
    for python in PYTHONS:
        base, production = locked("base", linux(python)), locked("production", linux(python))
        assert base.items() <= production.items()


@pytest.mark.parametrize("name", ["mcp", "embeddings"])
def test_an_optional_lock_is_what_is_tested(name):
    for python in PYTHONS:
        assert locked(name, linux(python)).items() <= locked("test", linux(python)).items()


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_what_its_packages_need(name):
    """As far as they are installed here: their metadata tells what they need."""
    versions = locked(name, default_environment())
    installed = [package for package in versions if is_installed(package)]
    needed = [wanted for package in installed for wanted in needs_of(package)]
    assert unmet(needed, versions) == []


def is_installed(package):
    return any(importlib.metadata.distributions(name=package))


def needs_of(package):
    """Return the Requirements of an installed package, without those of its extras."""
    needed = [Requirement(text) for text in importlib.metadata.requires(package) or []]
    return [
        wanted for wanted in needed if not wanted.marker or wanted.marker.evaluate({"extra": ""})
    ]


def test_what_is_tested_is_what_is_locked():
    """bin/test installs the locks; a version installed by hand would be tested in their place."""
    versions = locked("production", default_environment()) | locked("test", default_environment())
    found = {name: importlib.metadata.version(name) for name in versions if is_installed(name)}
    assert found == {name: versions[name] for name in found}


@pytest.mark.parametrize("words", [["--upgrade", "django"], ["django"]])
def test_bin_lock_refuses_what_it_does_not_know(words):
    process = subprocess.run(
        [sys.executable, ROOT / "bin" / "lock", *words], capture_output=True, text=True
    )
    assert process.returncode == 2
    assert "--upgrade" in process.stderr
