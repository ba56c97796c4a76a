"""Imports point one way, from those who ask to those who keep; and files stay readable."""

import ast
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
MOST_LINES = 350
PARTS = ("accounts", "chat", "kefu")

LAYERS = [
    {"sizes", "events"},
    {"errors", "canned", "browsers", "ended", "alert_choices", "colours", "keys"},
    {"fields"},
    {"metrics", "selection", "introduction"},
    {"models", "frames", "forms", "database", "limits", "kinds", "walks", "wal"},
    {"threads", "identities"},
    {"outbox", "ledger", "presence", "access", "visitors", "files", "pictures", "heif"},
    {"welcome", "choices", "mailing", "spam", "challenges", "site_visits"},
    {"attendance", "waiting", "invitations"},
    {"hub"},
    {"bus"},
    {"announce"},
    {"references"},
    {"claims", "stale", "alerts"},
    {"snoozes", "tags", "erasure", "sightings", "reminders"},
    {"retention", "answers"},
    {"history", "inbox", "search", "typing", "viewing", "contacts"},
    {"profiles"},
    {"pages", "holdings"},
    {"conversations", "questions"},
    {"openings", "membership", "merging"},
    {"receptions", "recalls"},
    {"idle", "blocks"},
    {"held"},
    {"actions", "joining", "upkeep"},
    {"visitor_actions"},
    {"posting", "greeting", "staffing", "visitor_forms"},
    {"writer", "uploads", "chores"},
    {"pulse"},
    {"consumers"},
    {
        *("agent_consumer", "visitor_consumer", "views", "admin", "urls", "apps"),
        "transcripts",
        *("templatetags", "management"),
    },
]
"""The modules of `chat`, lowest first: each imports from those below its own line only. Those of
the last line may import each other. Below all of them stands the app `accounts`."""
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}


def sources(app: str) -> list[Path]:
    return [path for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]


def imported(path: Path) -> set[str]:
    """The full names of what a file imports, wherever in it."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*above, *filter(None, [node.module])])
            names |= {f"{module}.{alias.name}" for alias in node.names} | {module}
    return names


def part_of(path: Path) -> str:
    """A file's module of `chat`, or the folder it stands in."""
    return path.relative_to(ROOT / "chat").with_suffix("").parts[0]


def others(path: Path, app: str) -> set[str]:
    """What a file of `app` imports of the project's other parts, except kefu.drawing, which all
    of them may use."""
    names = {name for name in imported(path) if name.split(".")[0] in {*PARTS} - {app}}
    return {name for name in names if not name.startswith("kefu.drawing")}


def test_accounts_knows_nothing_of_chats():
    for path in sources("accounts"):
        wrong = others(path, "accounts")
        assert not wrong, f"{path} imports {wrong}"


def test_drawing_knows_nothing_of_who_uses_it():
    for path in sources("kefu/drawing"):
        wrong = others(path, "")
        assert not wrong, f"{path} imports {wrong}"


def test_every_module_of_chat_has_its_place():
    assert {part_of(path) for path in sources("chat")} - {"__init__"} <= set(RANK)


def test_chat_imports_from_the_layers_below_only():
    top = len(LAYERS) - 1
    for path in sources("chat"):
        own = part_of(path)
        for name in imported(path):
            parts = name.split(".")
            if parts[0] != "chat" or len(parts) < 2 or parts[1] in (own, "__init__"):
                continue
            below = RANK[parts[1]] < RANK[own] or RANK[own] == RANK[parts[1]] == top
            assert below, f"{own} imports {parts[1]}, which is not below it"


def test_the_house_is_not_asked_by_those_who_live_in_it():
    """kefu's plain error page is for the views; settings come by django.conf."""
    for path in sources("chat"):
        wrong = {name for name in others(path, "chat") if name.startswith("kefu")}
        assert part_of(path) == "views" or not wrong, f"{path} imports {wrong}"
        assert wrong <= {"kefu.views", "kefu.views.error"}


def test_files_stay_short_enough_to_be_read():
    files = [path for app in ("accounts", "chat", "kefu", "tests") for path in sources(app)]
    files += [path for path in (ROOT / "static").rglob("*") if path.suffix in (".js", ".css")]
    files += [path for path in (ROOT / "bin").iterdir() if path.is_file()]
    long = {
        str(path.relative_to(ROOT)): lines
        for path in files
        if (lines := path.read_text().count("\n")) > MOST_LINES
    }
    assert not long
