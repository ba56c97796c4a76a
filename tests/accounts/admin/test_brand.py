"""How an enterprise looks: pictures are drawn anew, replaced and removed; colours follow."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts import avatars
from kefu.drawing import draw
from tests.accounts.pictures import picture
from tests.examples import some

from .page import edit, errors_of, submit

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def upload(content: bytes, name="logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/png")


@pytest.fixture
def save(boss, enterprise, django_capture_on_commit_callbacks):
    def saved(**changes):
        with django_capture_on_commit_callbacks(execute=True):
            answer = submit(boss, edit(enterprise, "look"), **changes)
        enterprise.refresh_from_db()
        return answer

    return saved


def drawn(address: str) -> Image.Image:
    answer = Client().get(address)
    assert answer.status_code == 200 and answer["Content-Type"] == "image/webp"
    assert "immutable" in answer["Cache-Control"] and "sandbox" in answer["Content-Security-Policy"]
    return Image.open(io.BytesIO(answer.content))


@pytest.mark.parametrize("kind", some(["PNG", "GIF"]))
def test_a_logo_is_drawn_anew_and_anybody_may_fetch_it(save, enterprise, kind):
    answer = save(logo_file=upload(picture(kind, (600, 300))))
    assert answer.status_code == 302, errors_of(answer)
    logo = drawn(enterprise.logo)
    assert (logo.format, logo.size) == ("WEBP", (256, 128))
    assert f'class="logo" src="{enterprise.logo}"' in Client().get("/chat/acme/").content.decode()


def test_nothing_but_the_pixels_of_a_cover_is_kept(save, enterprise):
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "taken at home", 6
    content = picture("JPEG", (3000, 2000), exif=exif, comment=b"secret")
    save(cover_file=upload(content))
    cover = drawn(enterprise.cover)
    assert cover.size == (480, 720), "turned upright, and no larger than the box"
    assert not cover.getexif()
    stored = avatars.read(enterprise.cover.rpartition("/")[2])
    assert b"secret" not in stored and b"home" not in stored
    page = Client().get("/chat/acme/").content.decode()
    assert 'class="head pictured"' in page and enterprise.cover in page


@pytest.mark.parametrize(
    "refusal",
    some(
        [
            (picture()[:60], "not a picture"),
            (b"x" * (avatars.MAX_BYTES + 1), "The limit is 2 MB"),
            (picture(size=(4001, 4000)), "The limit is 16 million"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
            (b"", "empty"),
            (picture("BMP"), "not a picture"),
        ],
        usual=3,
    ),
)
def test_what_cannot_be_taken_is_refused_with_the_reason(save, enterprise, refusal):
    content, words = refusal
    field = "logo_file"  # A cover is taken by the same function.
    answer = save(**{field: upload(content)}, welcome="kept on the page")
    (error,) = errors_of(answer)[field]
    assert words in error
    assert "kept on the page" in answer.content.decode()
    assert (enterprise.logo, enterprise.cover, enterprise.welcome) == ("", "", "")


def test_both_may_be_as_large_as_is_said(save, enterprise):
    content = picture().ljust(avatars.MAX_BYTES, b"\0")
    answer = save(logo_file=upload(content), cover_file=upload(content))
    assert answer.status_code == 302 and enterprise.logo and enterprise.cover


def test_a_new_one_replaces_the_old_one_and_it_can_be_removed(save, enterprise):
    save(logo_file=upload(picture()), cover_file=upload(picture()))
    first = enterprise.logo
    save(logo_file=upload(picture(colour="blue")))
    assert enterprise.logo != first and enterprise.cover
    assert Client().get(first).status_code == 404, "nobody shows it any more"
    save(without_logo="on", without_cover="on")
    assert (enterprise.logo, enterprise.cover) == ("", "")
    assert not list(avatars.folder().iterdir())
    assert "<img" not in Client().get("/chat/acme/").content.decode()


def test_a_picture_of_another_enterprise_stays(save, enterprise, other_enterprise):
    save(logo_file=upload(picture("PNG", (8, 8))))
    theirs = other_enterprise.logo = enterprise.logo
    other_enterprise.save()
    save(logo_file=upload(picture("PNG", (9, 9))))
    assert enterprise.logo != theirs and drawn(theirs).size == (8, 8)


def test_a_form_that_is_refused_elsewhere_leaves_the_old_one(save, enterprise):
    save(logo_file=upload(picture()))
    first = enterprise.logo
    save(logo_file=upload(picture(colour="blue")), cover_colour="blue")
    assert enterprise.logo == first and drawn(first)
    save(without_logo="on", cover_colour="blue")
    assert enterprise.logo == first and drawn(first)


def test_it_is_drawn_before_the_transaction(boss, enterprise, monkeypatch):
    seen = []
    real = avatars.draw.draw

    def watched(file, keys, limits):
        seen.append((limits.get("box"), keys))
        return real(file, keys, limits)

    monkeypatch.setattr(draw, "draw", watched)
    submit(
        boss, edit(enterprise, "look"), logo_file=upload(picture()), cover_file=upload(picture())
    )
    assert [box for box, _keys in seen] == [[256, 256], [1440, 720]], "once each"
    assert all(len(keys["member"]) == 36 for _box, keys in seen)


def test_the_cover_follows_the_accent_until_it_has_a_colour_of_its_own(save, enterprise):
    save(accent="#b00020")
    assert enterprise.cover_colour == ""
    save(accent="#0f766e", cover_colour="#b00020")
    assert enterprise.cover_colour == "", "it was the accent that was shown, and not touched"
    save(cover_colour="#0b4f6c")
    assert enterprise.cover_colour == "#0b4f6c"
    save(accent="#123456")
    assert enterprise.cover_colour == "#0b4f6c"
    save(cover_colour="#123456")
    assert enterprise.cover_colour == ""
    assert list(errors_of(save(cover_colour="blue"))) == ["cover_colour"]


def test_a_welcome_line_of_120_characters_and_no_more(save, enterprise):
    assert list(errors_of(save(welcome="欢" * 121))) == ["welcome"]
    save(welcome="欢" * 119 + "<")
    page = Client().get("/chat/acme/").content.decode()
    assert "欢" * 119 + "&lt;" in page
    save(welcome="")
    assert "Questions? Just ask." in Client().get("/chat/acme/").content.decode()
