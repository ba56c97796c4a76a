"""The own profile: nickname, face, language; hostile pictures are refused."""

import io
import struct
import zlib

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import Image

from accounts import avatars
from accounts.signals import profile_changed
from kefu.drawing import draw, program
from tests.accounts.admin.page import edit, submit
from tests.conftest import stored
from tests.examples import some

from .pictures import picture

pytestmark = pytest.mark.django_db
PAGE = "/agent/profile/"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bomb(side=20_000) -> bytes:
    """A PNG of a few hundred kilobytes that would decode to 400 million pixels."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"\0" * (side + 1) * 400, 9))
    return b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b"")


def save(client, content=None, name="face.png", **fields):
    form = {"nickname": "小艾", "language": "", **fields}
    if content is not None:
        form["picture"] = SimpleUploadedFile(name, content, "image/png")
    return client.post(PAGE, form)


@pytest.mark.parametrize("page", ["profile/", "password/", "security/", "security/app/"])
def test_the_rail_does_not_mark_the_conversations_on_a_page_of_ones_own(browser_of, alice, page):
    shown = browser_of(alice).get(f"/agent/{page}")
    assert shown.status_code == 200
    assert 'class="rail-item to-inbox"' in (text := shown.content.decode())
    assert 'aria-current="page"' not in text


@pytest.mark.parametrize("kind", some(["WEBP", "PNG", "JPEG", "GIF"]))
def test_a_picture_becomes_a_small_png_that_anybody_may_fetch(client, browser_of, alice, kind):
    response = save(browser_of(alice), picture(kind), f"face.{kind.lower()}")
    assert response.status_code == 302
    assert stored(alice).avator.startswith("/agent/avatar/")
    answer = client.get(alice.avator)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer["Cache-Control"]
    assert "sandbox" in answer["Content-Security-Policy"]
    face = Image.open(io.BytesIO(answer.content))
    assert face.size == (128, 128)
    assert face.format == "PNG"


def test_nothing_of_the_upload_but_its_pixels_is_kept(browser_of, alice, client):
    marker = b"GPS-of-my-home"
    exif = Image.Exif()
    exif[0x010E] = marker.decode()
    exif[0x0112] = 6  # turned by 90 degrees
    left_red = Image.new("RGB", (200, 100), "red")
    left_red.paste("blue", (100, 0, 200, 100))
    file = io.BytesIO()
    left_red.save(file, "JPEG", exif=exif, comment=marker, icc_profile=marker)
    content = file.getvalue() + b"<script>trailing</script>"
    assert marker in content
    save(browser_of(alice), content, "face.jpg")
    alice.refresh_from_db()
    stored = client.get(alice.avator).content
    assert marker not in stored
    assert b"script" not in stored
    upright = Image.open(io.BytesIO(stored)).convert("RGB")
    red, blue = upright.getpixel((64, 10)), upright.getpixel((64, 118))
    assert red[0] > 200 > red[2]
    assert blue[2] > 200 > blue[0]


@pytest.mark.release  # Those of a conversation are drawn in each mode by everyone.
@pytest.mark.parametrize(
    ("mode", "size"),
    [
        *((mode, (90, 70)) for mode in ("1", "L", "LA", "P", "RGBA", "I;16", "CMYK")),
        *(("RGBA", size) for size in ((1, 1), (128, 128), (6000, 1), (1, 6000), (900, 700))),
    ],
)
def test_pictures_of_every_mode_and_shape_are_taken(mode, size):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    content = picture(kind, size, None, mode)
    assert avatars.store(SimpleUploadedFile("x", content), "alice").endswith(".png")


def scans(passes: int) -> bytes:
    """A JPEG that is drawn in so many more passes than it needs."""
    content = picture("JPEG", progressive=True)
    last = content.rindex(b"\xff\xda")
    return content[:last] + content[last:-2] * passes + content[-2:]


HOSTILE = {
    "html after a signature": b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
    "truncated": picture(size=(600, 600))[:200],
    "pixel bomb": bomb(),
    "scans": scans(200),
    "too large": b"\x89PNG\r\n\x1a\n" + b"\0" * (2 * 1024 * 1024),
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "gif with a script": b"GIF89a/*<script>*/=1;",
    "jpeg without end": picture("JPEG", size=(600, 600))[:700],
    "tiff": picture("TIFF"),
    "bmp": picture("BMP"),
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "zeros": b"\0" * 5000,
}


@pytest.mark.parametrize("sample", some(list(HOSTILE), 5))
def test_what_is_no_picture_is_refused_and_leaves_no_file(browser_of, alice, sample):
    response = save(browser_of(alice), HOSTILE[sample])
    assert response.status_code == 200
    assert response.context["form"].errors["picture"]
    assert stored(alice).avator == ""
    assert not avatars.folder().exists() or not list(avatars.folder().iterdir())


def test_pixels_are_counted_before_they_are_decoded(monkeypatch):
    loaded = []
    monkeypatch.setattr(Image.Image, "load", lambda *args: loaded.append(1))
    for side, refused in ((4000, False), (4001, True)):
        content = bomb(side)
        with Image.open(io.BytesIO(content)) as head:
            if refused:
                with pytest.raises(SystemExit) as end:
                    program.check(head, content, avatars.LIMITS)
                assert end.value.code == draw.TOO_LARGE
            else:
                program.check(head, content, avatars.LIMITS)
    assert not loaded


def test_a_picture_that_cannot_be_drawn_now_is_asked_for_again(browser_of, alice, monkeypatch):
    browser = browser_of(alice)
    words = "The picture cannot be processed right now. Choose it again in a moment."
    with monkeypatch.context() as full:
        full.setitem(draw.MAX_WAITING, "member", 0)
        assert save(browser, picture()).context["form"].errors["picture"] == [words]
    with monkeypatch.context() as broken:
        broken.setattr(draw, "PROGRAM", ["/nowhere/python"])
        assert save(browser, picture()).context["form"].errors["picture"] == [words]
    assert save(browser, picture()).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_a_picture_is_drawn_before_any_transaction_and_without_a_connection(
    browser_of, alice, manager, monkeypatch
):
    run, connections = draw.run_program, []

    def seen(*args):
        connections.append(connection.connection)
        return run(*args)

    monkeypatch.setattr(draw, "run_program", seen)
    save(browser_of(alice), picture())
    file = SimpleUploadedFile("face.png", picture(), "image/png")
    assert submit(browser_of(manager), edit(alice), picture=file).status_code == 302
    # More than two where a busy machine drew one so slowly that it was drawn among the large ones.
    assert len(connections) >= 2 and set(connections) == {None}


@pytest.mark.parametrize(
    "name",
    ["..%2f..%2fsecret_key", "../secret_key", "x.png", "a" * 32 + ".svg", "A" * 32 + ".png"],
)
def test_only_names_of_our_own_making_are_served(client, name):
    assert client.get(f"/agent/avatar/{name}").status_code == 404
    assert client.get(f"/agent/avatar/{'0' * 32}.png").status_code == 404
    assert avatars.read("../../secret_key") is None


def test_the_picture_can_be_removed(browser_of, alice):
    client = browser_of(alice)
    save(client, picture())
    save(client, without_picture="on")
    assert stored(alice).avator == ""


def test_the_nickname_is_told_to_who_listens_and_other_columns_stay(browser_of, alice):
    heard = []

    def listen(member, **kwargs):
        heard.append(member.nickname)

    profile_changed.connect(listen)
    client = browser_of(alice)
    type(alice).objects.filter(pk=alice.pk).update(tel="changed meanwhile")
    response = save(client, nickname="  Ann  ")
    assert heard == ["Ann"]
    assert [str(note) for note in get_messages(response.wsgi_request)]
    alice.refresh_from_db()
    assert (alice.nickname, alice.tel) == ("Ann", "changed meanwhile")
    save(client, nickname="Ann")
    assert heard == ["Ann"]


@pytest.mark.parametrize("field", [{"nickname": "x" * 51}, {"language": "tlh"}])
def test_bad_fields_are_named_and_store_nothing(browser_of, alice, field):
    response = save(browser_of(alice), **field)
    assert response.status_code == 200
    assert set(response.context["form"].errors) == set(field)
    alice.refresh_from_db()
    assert (alice.nickname, alice.language) == ("小艾", "")


def test_nobody_writes_columns_that_the_form_does_not_have(browser_of, alice):
    save(
        browser_of(alice),
        role=1,
        is_superuser="on",
        status=1,
        enterprise=99,
        avator="https://evil.example/x.png",
        name="root",
    )
    alice.refresh_from_db()
    assert (alice.role, alice.is_superuser, alice.status) == (2, False, 0)
    assert (alice.name, alice.avator) == ("alice", "")


def test_the_language_of_the_profile_wins_over_the_browsers(browser_of, alice):
    client = browser_of(alice)
    english = {"Accept-Language": "en"}
    save(client, language="zh-hans")
    answer = client.get(PAGE, headers=english)
    assert answer["Content-Language"] == "zh-hans"
    assert '<html lang="zh-hans"' in answer.content.decode()
    save(client, language="")
    assert client.get(PAGE, headers=english)["Content-Language"] == "en"


def test_the_switch_in_the_footer_changes_a_language_chosen_before(browser_of, alice):
    client = browser_of(alice)
    save(client, language="zh-hans")
    client.post("/language/", {"language": "en", "next": PAGE})
    assert stored(alice).language == "en"
    client.post("/language/", {"language": "tlh", "next": PAGE})
    assert stored(alice).language == "en"
