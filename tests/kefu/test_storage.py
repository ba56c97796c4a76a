"""What collectstatic makes of our scripts and style sheets."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.http import HttpResponse

from kefu.static_files import StaticFiles
from kefu.storage import StaticStorage

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]

SOURCE = """// Why it is so.
export const address = "https://a.example/x";  /* and more */
const text = (name) => `// ${name.replace(/["']\\//g, "")}
  /* kept */`;
"""


def stored(folder: Path, name: str, source: bytes) -> str:
    """What browsers get of a script or style sheet that collectstatic finds in a folder."""
    origin = FileSystemStorage(location=str(folder / "origin"))
    origin.save(name, ContentFile(source))
    storage = StaticStorage(location=str(folder / "static"))
    list(storage.post_process({name: (origin, name)}))
    return (folder / "static" / storage.hashed_files[name]).read_text()


def test_scripts_lose_their_comments_and_nothing_else(tmp_path):
    found = stored(tmp_path, "js/one.js", SOURCE.encode())
    assert "Why" not in found and "and more" not in found
    assert '"https://a.example/x"' in found and "/* kept */`" in found and "`// ${" in found


def test_a_comment_may_name_a_type_of_another_file(tmp_path):
    assert "import" not in stored(tmp_path, "js/one.js", b'/** @type {import("./one.js").One} */\n')


def test_style_sheets_lose_their_comments_and_nothing_else(tmp_path):
    source = b"/* Why. */\n.a > .b {\n  width: calc(100% - 2px);\n  content: '/* kept */';\n}\n"
    found = stored(tmp_path, "css/one.css", source)
    assert found == ".a>.b{width:calc(100% - 2px);content:'/* kept */'}"


def test_files_are_stored_for_browsers_that_read_brotli_and_for_those_that_do_not():
    """Brotli makes a first visit 4 KB lighter."""
    folder = settings.STATIC_ROOT / "css"
    names = {path.name.partition(".css")[2] for path in folder.glob("base.*")}
    assert names == {"", ".gz", ".br"}


def test_the_scripts_of_others_stay_as_they_came(tmp_path):
    assert stored(tmp_path, "admin/js/one.js", SOURCE.encode()) == SOURCE


def test_no_text_stands_in_a_text():
    """rjsmin takes the second of two nested template literals for code, and its spaces away."""
    nested = re.compile(r"\$\{[^}`]*`")
    for path in (ROOT / "static" / "js").rglob("*.js"):
        assert not nested.search(path.read_text()), path.name


def test_what_was_collected_since_the_process_began_is_served(tmp_path, settings, rf):
    settings.STATIC_ROOT = str(tmp_path / "static")
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = False
    (tmp_path / "static").mkdir()
    served = StaticFiles(lambda request: HttpResponse(status=404))
    for name in ("static/x.0123456789ab.js", "static/x.js", "x.0123456789ab.js"):
        (tmp_path / name).write_text("new")
    assert served(rf.get("/static/x.0123456789ab.js")).content == b"new"
    known = len(served.files)
    for name in ("x", "../x.0123456789ab", "./x.0123456789ab", "\0.0123456789ab", "y.0123456789ab"):
        assert served(rf.get(f"/static/{name}.js")).status_code == 404
    assert len(served.files) == known
