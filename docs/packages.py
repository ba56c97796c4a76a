"""The ranks of the packages, and the imports between them, read from the source.

tests/chat/test_imports.py checks them, and draw_packages.py draws them.
"""

from pathlib import Path

from tests import imports
from tests.imports import ROOT

DRAWING = "kefu.drawing"
"""The one part of `kefu` that the other apps may import. It imports neither of them."""
APPS = (DRAWING, "accounts", "kefu")
"""What stands below and above all packages of `chat`."""

RANKS = [
    ["protocol", "colours", "metrics_files", "rates", "clock"],
    ["models", "metrics"],
    ["files", "limits", "database", "sweeps", "periods"],
    ["presence", "ledger", "knowledge"],
    ["delivery", "leased"],
    ["stream"],
    ["webhooks", "customers"],
    ["visitors", "reading"],
    ["mail"],
    ["conversations", "reports"],
    ["archive"],
    ["care", "routing"],
    ["bulk", "overview"],
    ["posting", "templatetags"],
    ["assistant", "channels", "notifications"],
    ["embeddings"],
    ["background", "transcripts"],
    ["sockets", "signals"],
    ["visitor_page"],
    ["views", "admin", "apps"],
    ["api"],
    ["urls"],
]
"""The packages of `chat`, and the modules beside them, lowest first: each imports from those of
lower rank only. Below all of them stand `kefu.drawing` and the app `accounts`, above all of them
the rest of `kefu`."""


MODULES = imports.modules_of("accounts", "chat", "kefu")


def imports_of(path: Path) -> set[str]:
    """The full names of the modules that a file imports, at its top or inside a function."""
    return imports.imports_of(path, MODULES)


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
