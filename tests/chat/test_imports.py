"""Imports point one way, from package to package and inside each; and files stay readable."""

import ast
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.imports import APPS, ROOT, imports_of, modules_of, sources

pytestmark = pytest.mark.once

MOST_LINES = 350

RANKS = [
    {"protocol", "colours", "metrics_files"},
    {"models", "metrics"},
    {"limits", "database", "sweeps", "files"},
    {"presence"},
    {"delivery"},
    {"visitors", "reading", "mail"},
    {"conversations"},
    {"care"},
    {"posting", "templatetags"},
    {"background", "transcripts"},
    {"sockets", "signals"},
    {"views", "admin", "apps"},
    {"urls"},
]
"""The packages of `chat`, and the modules beside them, lowest first: each imports from those of
lower rank only. Below all of them stands the app `accounts`, above all of them `kefu`."""
RANK = {name: rank for rank, names in enumerate(RANKS) for name in names}


MODULES = modules_of(*APPS)


def package_of(module: str) -> str:
    """The part of `chat` that a module stands in: a package's name, or its own."""
    return module.split(".")[1]


def of_chat() -> list[str]:
    return [module for module in MODULES if module.startswith("chat.")]


def foreign(folder: str, apps: set[str]) -> dict[str, set[str]]:
    """What the files of a folder import of these apps, by file; `kefu.drawing` is for all."""
    found = {}
    for path in sources(folder):
        names = {name for name in imports_of(path, MODULES) if name.split(".")[0] in apps}
        names -= {name for name in names if name.startswith("kefu.drawing")}
        if names:
            found[str(path)] = names
    return found


def test_accounts_imports_nothing_of_the_chat():
    assert foreign("accounts", {"chat", "kefu"}) == {}


def test_the_chat_imports_nothing_of_the_site_that_mounts_it():
    assert foreign("chat", {"kefu"}) == {}


def test_drawing_imports_nothing_of_those_who_use_it():
    assert foreign("kefu/drawing", {"accounts", "chat", "kefu"}) == {}


def test_every_package_has_a_rank_and_says_what_belongs_in_it():
    packages = {package_of(module) for module in of_chat()}
    assert packages == set(RANK)
    folders = [path.parent for path in sources("chat") if path.name == "__init__.py"]
    for folder in [ROOT / "accounts" / "admin", *folders]:
        text = (folder / "__init__.py").read_text()
        assert ast.get_docstring(ast.parse(text)) or "management" in folder.parts


def test_packages_import_from_lower_ranks_only():
    for module in of_chat():
        own = package_of(module)
        for name in imports_of(MODULES[module], MODULES):
            if name.startswith("chat.") and package_of(name) != own:
                other = package_of(name)
                assert RANK[other] < RANK[own], f"{module} imports {name}, which is not below it"


@pytest.mark.parametrize("app", ["accounts", "chat", "kefu"])
def test_no_modules_import_each_other(app):
    graph = {
        module: {name for name in imports_of(path, MODULES) if name in MODULES and name != module}
        for module, path in MODULES.items()
        if module.split(".")[0] == app and path.name != "__init__.py"
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' -> '.join(error.args[1])}")


def test_files_stay_short_enough_to_be_read():
    folders = ("accounts", "chat", "kefu", "tests", "bench", "crash")
    files = [path for folder in folders for path in sources(folder)]
    files += [path for path in (ROOT / "static").rglob("*") if path.suffix in (".js", ".css")]
    files += [path for path in (ROOT / "bin").iterdir() if path.is_file()]
    long = {
        str(path.relative_to(ROOT)): lines
        for path in files
        if (lines := path.read_text().count("\n")) > MOST_LINES
    }
    assert not long
