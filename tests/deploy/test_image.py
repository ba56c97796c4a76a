"""The image: what it consists of, and that its volume keeps what was acknowledged."""

import http.cookiejar
import re
import signal
import subprocess
import urllib.parse
import urllib.request
from types import SimpleNamespace

import pytest

from .image import ROOT, House, Images, obstacle

pytestmark = [pytest.mark.once, pytest.mark.skipif(bool(obstacle()), reason=obstacle())]
LARGEST = 250
"""Megabytes (docs/deployment.md)."""
WORDS = "kept on the volume"


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    images = Images(tmp_path_factory.mktemp("images"))
    images.make_base()
    images.build("kefu", ROOT / "deploy" / "Dockerfile", ROOT)
    yield images
    images.remove()


@pytest.fixture
def volume(tmp_path):
    """An empty volume, which a container's engine gives the image's user."""
    subprocess.run(["install", "-d", "-o", "10001", "-m", "700", tmp_path / "data"], check=True)
    return tmp_path / "data"


@pytest.fixture
def visitor():
    """A browser without scripts: `read` a house's chat page, `write` there."""
    jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    browser = urllib.request.build_opener(jar)

    def read(house, path="", fields=None):
        data = urllib.parse.urlencode(fields).encode() if fields else None
        address = f"http://localhost:{house.port}/chat/demo/{path}"
        with browser.open(address, data, timeout=30) as response:
            return response.read().decode()

    def write(house, words):
        page = read(house)
        token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        read(house, "messages/", {"csrfmiddlewaretoken": token, "content": words})

    return SimpleNamespace(read=read, write=write)


def test_it_is_small_and_has_what_each_kind_of_installation_needs(images):
    assert images.size("kefu") <= LARGEST
    house = House(images, "kefu", None)
    names = "MySQLdb, channels_redis, httptools, uvloop, uvicorn, websockets, PIL._avif, opencc"
    python = ["chroot", house.root, "/opt/kefu/.venv/bin/python", "-c", f"import {names}"]
    assert subprocess.run(python, capture_output=True, text=True).stderr == ""


def test_messages_outlive_a_kill_and_a_new_version(images, volume, visitor, tmp_path):
    house = House(images, "kefu", volume)
    with house.started():
        assert house.user == 10001 and house.is_healthy()
        visitor.write(house, WORDS)
        assert house.end(signal.SIGKILL) != 0
    assert not house.is_healthy()

    with house.started():
        assert WORDS in visitor.read(house)
        assert house.end(signal.SIGTERM) == 0

    (tmp_path / "next.css").write_text("body { color: red }")
    (tmp_path / "Dockerfile").write_text("FROM kefu\nCOPY next.css static/css/base.css\n")
    images.build("next", tmp_path / "Dockerfile", tmp_path)
    house = House(images, "next", volume)
    with house.started():
        page = visitor.read(house)
        assert WORDS in page
        style = re.search(r"/static/(css/base\.\w+\.css)", page)[1]
        assert (volume / "static" / style).read_text() == "body{color:red}"
        assert house.end(signal.SIGTERM) == 0
