"""Reads which modules a Python file imports. Standard library only: bin/test uses it, too."""

import ast
from collections.abc import Container
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
APPS = ("accounts", "chat", "kefu")
FOLDERS = (*APPS, "bench", "crash", "tests")


def sources(folder: str) -> list[Path]:
    """The Python files of a folder of the project, without migrations."""
    return [path for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts]


def module_of(path: Path) -> str:
    """The full name of the module that a file is: `chat.delivery.hub`."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def modules_of(*folders: str) -> dict[str, Path]:
    """The modules of these folders: the full name, and the file."""
    return {module_of(path): path for folder in folders for path in sources(folder)}


@cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a file, read once."""
    return ast.parse(path.read_text())


def imports_of(path: Path, modules: Container[str]) -> set[str]:
    """The full names of the modules that a file imports, wherever in it it does.

    `modules` are the names that are modules: `from a import b` imports `a.b` only if it is one.
    """
    folder = path.relative_to(ROOT).with_suffix("").parts[:-1]
    names = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = folder[: len(folder) - node.level + 1] if node.level else ()
            module = ".".join([*above, *filter(None, [node.module])])
            for alias in node.names:
                full = f"{module}.{alias.name}"
                names.add(full if full in modules else module)
    return names
