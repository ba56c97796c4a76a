"""What collectstatic makes of our scripts."""

import re
from pathlib import Path

import pytest
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


def test_the_scripts_of_others_stay_as_they_came(tmp_path):
    storage = StaticStorage(location=str(tmp_path))
    storage.save("admin/js/one.js", ContentFile(SOURCE.encode()))
    assert (tmp_path / "admin" / "js" / "one.js").read_text() == SOURCE


def test_no_text_stands_in_a_text():
    """rjsmin takes the second of two nested template literals for code, and its spaces away."""
    nested = re.compile(r"\$\{[^}`]*`")
    for path in (ROOT / "static" / "js").rglob("*.js"):
        assert not nested.search(path.read_text()), path.name
