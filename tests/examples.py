"""How many examples tests with random input try, and which. A release tries many, new ones each
time; every other run a fifth, always the same ones, so that no run fails by chance."""

import os
from collections.abc import Sequence

import pytest
from hypothesis import settings

IS_RELEASE = os.environ.get("KEFU_EXAMPLES") == "all"

settings.register_profile("usual", derandomize=True)
if not IS_RELEASE:
    settings.load_profile("usual")


def examples(count: int) -> int:
    """The number for this run, of which a release tries `count`."""
    return count if IS_RELEASE else count // 5


def some(values: Sequence, usual: int = 1) -> list:
    """Parameters of a test, of which every run tries the first `usual`, and a release the others:
    they cost as much and seldom find something else."""
    rare = [pytest.param(value, marks=pytest.mark.release) for value in values[usual:]]
    return [*values[:usual], *rare]
