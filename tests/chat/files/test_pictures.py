"""What becomes of pictures: their pixels and nothing else, whatever they do to a decoder."""

import io
import subprocess
import sys

import pytest
from django.db import connection
from PIL import Image

from kefu.drawing import draw
from tests.chat.helpers import check_ledger, new_id, refused
from tests.chat.sample_files import PLACE, animation, photograph, picture
from tests.examples import some

from .uploads import send, sent, stored

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def test_pictures_keep_their_pixels_and_nothing_else(visitor, group):
    file = sent(visitor, "photo.jpg", photograph())
    assert (file["width"], file["height"]) == (40, 60), "it is turned upright"
    for url in (file["url"], file["thumbnail"]):
        content = visitor.get(url).content
        assert PLACE not in content
        assert not Image.open(io.BytesIO(content)).getexif()


def test_a_jpeg_with_further_pictures_behind_it_is_drawn_as_a_jpeg(visitor, group):
    """As cameras and phones make them, with a preview or a gain map."""
    further = Image.effect_noise((30, 20), 50).convert("RGB")
    content = picture("MPO", save_all=True, append_images=[further])
    assert Image.open(io.BytesIO(content)).format == "MPO"

    file = sent(visitor, "phone.jpg", content)

    drawn = Image.open(io.BytesIO(visitor.get(file["url"]).content))
    assert (drawn.format, drawn.size, file["mime"]) == ("JPEG", (60, 40), "image/jpeg")


@pytest.mark.parametrize("form", some(["GIF", "WEBP"]))
def test_an_animation_goes_on_moving_and_a_long_one_stands_still(visitor, group, form, monkeypatch):
    content = animation(form)
    file = sent(visitor, f"cat.{form.lower()}", content)
    assert (file["name"], file["mime"]) == ("cat.webp", "image/webp")
    moving = Image.open(io.BytesIO(visitor.get(file["url"]).content))
    moving.load()
    assert (moving.n_frames, moving.info["duration"]) == (4, 50)
    assert Image.open(io.BytesIO(visitor.get(file["thumbnail"]).content)).n_frames == 1
    monkeypatch.setattr("chat.files.pictures.MAX_ANIMATION_PIXELS", 40 * 30 * 3)
    file = sent(visitor, f"cat.{form.lower()}", content)
    still = Image.open(io.BytesIO(visitor.get(file["url"]).content))
    assert getattr(still, "n_frames", 1) == 1
    monkeypatch.undo()
    monkeypatch.setattr("chat.files.pictures.MAX_FRAMES", 3)
    assert sent(visitor, f"cat.{form.lower()}", content)["name"] != "cat.webp" or form == "WEBP"


@pytest.mark.parametrize(
    "crime",
    ["import os; os.abort()", "while True: pass", "bytearray(2**33)", "import time; time.sleep(9)"],
    ids=["crash", "endless", "memory", "silent"],
)
def test_whatever_a_picture_does_to_its_decoder_ends_there(visitor, group, monkeypatch, crime):
    limits = "import resource as r; r.setrlimit(r.RLIMIT_CPU, (1, 1));"
    limits += "r.setrlimit(r.RLIMIT_AS, (2**30, 2**30))\n"
    monkeypatch.setattr("kefu.drawing.draw.PROGRAM", [sys.executable, "-c", limits + crime])
    monkeypatch.setattr("kefu.drawing.draw.TIMEOUT", 2 if crime == "while True: pass" else 1)
    assert refused(send(visitor)) == (415, "bad_kind")
    assert stored() == [] and check_ledger() == 2


def test_a_server_that_can_start_no_process_says_so(visitor, group, monkeypatch):
    monkeypatch.setattr("kefu.drawing.draw.PROGRAM", ["/nowhere/python"])
    assert refused(send(visitor)) == (503, "unavailable")
    assert stored() == [] and check_ledger() == 2


@pytest.mark.parametrize("scope", ["visitor", "address", "process"])
def test_who_is_refused_as_too_many_wait_sends_it_again(visitor, group, monkeypatch, scope):
    content, client_id = picture(), new_id()
    with monkeypatch.context() as full:
        full.setitem(draw.MAX_WAITING, scope, 0)
        response = send(visitor, body=content, client_id=client_id)
        assert refused(response) == (429, "rate_limited")
        assert response["Retry-After"] == str(response.json()["retry_after"]) == "5"
        sent(visitor, "a.txt", b"what is no picture does not wait")
    assert len(stored()) == 1
    sent(visitor, body=content, client_id=client_id)
    assert check_ledger() == 4


def test_an_agents_pictures_are_bounded_by_themselves(visitor, agent, group, monkeypatch):
    monkeypatch.setitem(draw.MAX_WAITING, "member", 0)
    assert refused(send(agent)) == (429, "rate_limited")
    sent(visitor)


@pytest.mark.django_db(transaction=True)
def test_a_picture_keeps_no_database_connection_while_it_is_drawn(visitor, group, monkeypatch):
    run, connections = subprocess.run, []

    def seen(*args, **options):
        connections.append(connection.connection)
        return run(*args, **options)

    monkeypatch.setattr(subprocess, "run", seen)
    sent(visitor)
    assert connections and set(connections) == {None}


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_every_mode_of_pixels_can_be_drawn(visitor, group, mode):
    form = "JPEG" if mode == "CMYK" else "PNG"
    plain = Image.effect_noise((30, 20), 90)
    drawn = plain.convert("I").convert("I;16") if mode == "I;16" else plain.convert(mode)
    file = io.BytesIO()
    drawn.save(file, format=form)
    assert sent(visitor, f"a.{form.lower()}", file.getvalue())["width"] == 30


def test_a_large_picture_is_made_smaller_and_a_slim_one_is_cropped_in_the_thread(
    visitor, group, monkeypatch
):
    monkeypatch.setattr("chat.files.pictures.KEPT_PIXELS", 40_000)
    for form in ("PNG", "JPEG"):
        file = sent(visitor, f"a.{form.lower()}", picture(form, (600, 400)))
        assert file["width"] * file["height"] <= 40_000
        assert abs(file["width"] / file["height"] - 1.5) < 0.02
    monkeypatch.undo()
    file = sent(visitor, "page.png", picture("PNG", (100, 2_000)))
    assert (file["width"], file["height"]) == (100, 2_000)
    small = Image.open(io.BytesIO(visitor.get(file["thumbnail"]).content))
    assert small.size == (100, 250)
