"""Files that are two things at once: what is drawn anew is a picture and nothing else, and what is
kept as it came is only ever saved."""

import io
import re

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.chat.sample_files import HTML, SVG, heic, packed, picture

from .uploads import sent

pytestmark = pytest.mark.django_db

SCRIPT = b"*/=1;alert(1)//" + HTML


def noted() -> bytes:
    info = PngInfo()
    for name in ("Comment", "XML:com.adobe.xmp"):
        info.add_text(name, HTML.decode())
    return picture(pnginfo=info)


PICTURES = {
    # So wide that its size begins a comment: GIF89a/*
    "script.gif": picture("GIF", size=(0x2A2F, 1)) + SCRIPT,
    "noted.png": noted(),
    "noted.jpg": picture("JPEG", comment=SCRIPT, exif=Image.Exif().tobytes() + HTML),
    "noted.webp": picture("WEBP", xmp=HTML),
    "archive.jpg": picture("JPEG") + packed({"index.html": HTML}),
    "page.png": picture() + HTML,
}
KEPT = {
    "page.txt": HTML,
    "drawing.txt": SVG,
    "wide.txt": HTML.decode().encode("utf-16"),
    "sniffed.csv": b"\n" * 300 + HTML,
    "data.json": b'{"a": "</script><script>alert(1)</script>"}',
    "acts.pdf": b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(alert(1))>>>>" + HTML,
    "song.mp3": b"ID3" + HTML,
    "voice.ogg": b"OggS" + HTML,
    "voice.wav": b"RIFF\0\0\0\0WAVE" + HTML,
    "film.webm": b"\x1a\x45\xdf\xa3" + HTML,
    "film.mp4": b"\0\0\0\x18ftypisom" + HTML,
    "apple.heic": heic(pixels=HTML),
    "old.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + HTML,
    "all.rar": b"Rar!\x1a\x07" + HTML,
    "site.zip": packed({"index.html": HTML, "../../evil.html": HTML}),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_that_is_a_script_too_comes_back_as_a_picture_alone(visitor, group, name):
    assert b"alert(1)" in PICTURES[name] or name == "archive.jpg"
    file = sent(visitor, name, PICTURES[name])
    for address in (file["url"], file["thumbnail"]):
        response = visitor.get(address)
        assert b"alert" not in response.content and b"index.html" not in response.content
        form = Image.open(io.BytesIO(response.content)).format.lower()
        assert response["Content-Type"] == f"image/{form}"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_what_is_kept_as_it_came_is_saved_and_never_shown(visitor, group):
    for name, content in KEPT.items():
        file = sent(visitor, name, content)
        response = visitor.get(file["url"])
        assert response.content == content and file["thumbnail"] is None, name
        assert response["Content-Disposition"].startswith("attachment"), name
        assert not {"html", "svg"} & set(re.findall(r"\w+", response["Content-Type"])), name
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"
