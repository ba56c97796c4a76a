"""What collectstatic makes of our scripts and style sheets."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile

from kefu.storage import StaticStorage

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]

SOURCE = """// Why it is so.
export const address = "https://a.example/x";  /* and more */
const text = (name) => `// ${name.replace(/["']\\//g, "")}
  /* kept */`;
"""


def test_scripts_lose_their_comments_and_nothing_else(tmp_path):
    storage = StaticStorage(location=str(tmp_path))
    content = ContentFile(SOURCE.encode())
    content.read()  # as collectstatic leaves it for the copy under the hashed name
    storage.save("js/one.js", content)
    found = (tmp_path / "js" / "one.js").read_text()
    assert "Why" not in found and "and more" not in found
    assert '"https://a.example/x"' in found and "/* kept */`" in found and "`// ${" in found


def test_style_sheets_lose_their_comments_and_nothing_else(tmp_path):
    storage = StaticStorage(location=str(tmp_path))
    source = b"/* Why. */\n.a > .b {\n  width: calc(100% - 2px);\n  content: '/* kept */';\n}\n"
    storage.save("css/one.css", ContentFile(source))
    found = (tmp_path / "css" / "one.css").read_text()
    assert found == ".a>.b{width:calc(100% - 2px);content:'/* kept */'}"


def test_files_are_stored_for_browsers_that_read_brotli_and_for_those_that_do_not():
    """Brotli makes a first visit 4 KB lighter."""
    folder = settings.STATIC_ROOT / "css"
    names = {path.name.partition(".css")[2] for path in folder.glob("base.*")}
    assert names == {"", ".gz", ".br"}


def test_the_scripts_of_others_stay_as_they_came(tmp_path):
    storage = StaticStorage(location=str(tmp_path))
    storage.save("admin/js/one.js", ContentFile(SOURCE.encode()))
    assert (tmp_path / "admin" / "js" / "one.js").read_text() == SOURCE


def test_no_text_stands_in_a_text():
    """rjsmin takes the second of two nested template literals for code, and its spaces away."""
    nested = re.compile(r"\$\{[^}`]*`")
    for path in (ROOT / "static" / "js").rglob("*.js"):
        assert not nested.search(path.read_text()), path.name
