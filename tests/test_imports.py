"""What test modules may import."""

import pytest

from tests.imports import imports_of, modules_of

pytestmark = pytest.mark.once

TESTS = modules_of("tests")


def is_test(module: str) -> bool:
    return module.rpartition(".")[2].startswith("test_")


def test_no_module_imports_a_test_module():
    """What several test modules use stands in a helper module, or is a fixture of a conftest.py."""
    imports = {module: imports_of(path, TESTS) for module, path in TESTS.items()}
    assert sum(is_test(module) for module in imports) > 100
    wrong = {module: {name for name in names if is_test(name)} for module, names in imports.items()}
    assert {module: names for module, names in wrong.items() if names} == {}
