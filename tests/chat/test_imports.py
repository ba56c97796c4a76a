"""Imports point one way, from package to package and inside each; and files stay readable."""

import ast
import itertools
import re
from graphlib import CycleError, TopologicalSorter

import pytest

from docs.draw_packages import PICTURE, STEPS, draw
from docs.packages import MODULES, RANKS, ROOT, below, imports_of, package_of
from tests.imports import sources

MOST_LINES = 350
RANK = {name: rank for rank, names in enumerate(RANKS) for name in names}


def of_chat() -> list[str]:
    return [module for module in MODULES if module.startswith("chat.")]


def foreign(folder: str, apps: set[str]) -> dict[str, set[str]]:
    """What the files of a folder import of these apps, by file; `kefu.drawing` is for all."""
    found = {}
    for path in sources(folder):
        names = {name for name in imports_of(path) if name.split(".")[0] in apps}
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
    assert packages == set(RANK), "docs/packages.py ranks them"
    folders = [path.parent for path in sources("chat") if path.name == "__init__.py"]
    for folder in [ROOT / "accounts" / "admin", *folders]:
        text = (folder / "__init__.py").read_text()
        assert ast.get_docstring(ast.parse(text)) or "management" in folder.parts


def test_packages_import_from_lower_ranks_only():
    for module in of_chat():
        own = package_of(module)
        for name in imports_of(MODULES[module]):
            if name.startswith("chat.") and package_of(name) != own:
                other = package_of(name)
                assert RANK[other] < RANK[own], f"{module} imports {name}, which is not below it"


def test_the_picture_of_the_packages_is_drawn_from_the_imports_of_now():
    assert PICTURE.read_text() == draw(), "run: .venv/bin/python -m docs.draw_packages"


def test_no_box_of_the_picture_lies_on_another_one():
    places = r'<rect class="(?:box|pill).*? x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"'
    boxes = [tuple(map(int, found)) for found in re.findall(places, draw())]
    for (x, y, wide, high), (left, top, width, height) in itertools.combinations(boxes, 2):
        beside = x + wide <= left or left + width <= x
        assert beside or y + high <= top or top + height <= y, ((x, y), (left, top))


def test_each_step_of_a_message_leads_to_a_package_that_the_imports_connect():
    graph = below()
    stops = [package_of(module) for _, module, _ in STEPS]
    for before, after in itertools.pairwise(stops):
        assert before == after or before in graph[after] or after in graph[before]


@pytest.mark.parametrize("app", ["accounts", "chat", "kefu"])
def test_no_modules_import_each_other(app):
    graph = {
        module: {name for name in imports_of(path) if name in MODULES and name != module}
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
