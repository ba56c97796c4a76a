"""The ranks of the packages, and the imports between them, read from the source.

tests/chat/test_imports.py checks them, and draw_packages.py draws them.
"""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DRAWING = "kefu.drawing"
"""The one part of `kefu` that the other apps may import. It imports neither of them."""
APPS = (DRAWING, "accounts", "kefu")
"""What stands below and above all packages of `chat`."""

RANKS = [
    ["protocol", "colours", "metrics_files", "rates"],
    ["models", "metrics"],
    ["files", "limits", "database", "sweeps"],
    ["presence"],
    ["delivery"],
    ["visitors", "reading", "mail"],
    ["conversations"],
    ["care"],
    ["posting", "templatetags"],
    ["background", "transcripts"],
    ["sockets", "signals"],
    ["views", "admin", "apps"],
    ["urls"],
]
"""The packages of `chat`, and the modules beside them, lowest first: each imports from those of
lower rank only. Below all of them stand `kefu.drawing` and the app `accounts`, above all of them
the rest of `kefu`."""


def sources(app: str) -> list[Path]:
    """The Python files of an app or a folder, without migrations."""
    return [path for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]


def module_of(path: Path) -> str:
    """The full name of the module that a file is: `chat.delivery.hub`."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path): path for app in ("accounts", "chat", "kefu") for path in sources(app)}


def imports_of(path: Path) -> set[str]:
    """The full names of the modules that a file imports, at its top or inside a function."""
    folder = path.relative_to(ROOT).with_suffix("").parts[:-1]
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = folder[: len(folder) - node.level + 1] if node.level else ()
            module = ".".join([*above, *filter(None, [node.module])])
            for alias in node.names:
                full = f"{module}.{alias.name}"
                names.add(full if full in MODULES else module)
    return names


def package_of(module: str) -> str:
    """The part of `chat` that a module stands in, a package or a single module; else its app, or
    `kefu.drawing`."""
    if f"{module}.".startswith(f"{DRAWING}."):
        return DRAWING
    app, *rest = module.split(".")
    return rest[0] if app == "chat" and rest else app


def is_package(name: str) -> bool:
    """Whether a part has a box in the picture: the apps, and the folders of `chat`."""
    return name in APPS or (name != "templatetags" and (ROOT / "chat" / name).is_dir())


def below() -> dict[str, set[str]]:
    """For each part of the project, all parts that it imports, directly or through others."""
    graph = {}
    for module, path in MODULES.items():
        found = {package_of(name) for name in imports_of(path) if name in MODULES}
        graph.setdefault(package_of(module), set()).update(found - {package_of(module), "chat"})
    for name in [DRAWING, "accounts", *(name for rank in RANKS for name in rank), "kefu"]:
        graph[name] = graph[name].union(*(graph[other] for other in graph[name]))
    return graph


def arrows() -> list[tuple[str, str]]:
    """Which packages import which, without the arrows that follow from the others."""
    graph = below()
    packages = [name for name in graph if is_package(name)]
    pairs = []
    for name in packages:
        under = [other for other in packages if other in graph[name]]
        pairs += [(name, other) for other in under if not any(other in graph[mid] for mid in under)]
    return sorted(pairs)
