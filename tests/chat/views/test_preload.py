"""A page asks for all its scripts at once: what one imports would come a round trip later."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

SCRIPTS = Path(settings.BASE_DIR) / "static" / "js"
IMPORT = re.compile(r"""^(?:import|export)\b[^"';]*?["'](\.[\w./]+)["'];""", re.MULTILINE)
ASKED = re.compile(r'<link rel="modulepreload" href="/static/js/([\w/]+\.js)">')
pytestmark = [pytest.mark.django_db, pytest.mark.once]


def imported(name: str, found: set) -> set:
    """What a script imports before it runs, and what that imports, added to `found`."""
    path = SCRIPTS / name
    for one in IMPORT.findall(path.read_text()):
        other = str((path.parent / one).resolve().relative_to(SCRIPTS.resolve()))
        if other not in found:
            found.add(other)
            imported(other, found)
    return found


def test_a_page_asks_at_once_for_all_that_its_script_imports_and_for_nothing_else(
    browser_of, alice, team
):
    pages = {
        "visitor/visitor.js": Client().get("/chat/acme/"),
        "agent/workspace.js": browser_of(alice).get("/agent/"),
    }
    for script, page in pages.items():
        asked = ASKED.findall(page.content.decode())
        assert len(asked) > 10
        assert sorted(asked) == sorted(imported(script, set())), script
