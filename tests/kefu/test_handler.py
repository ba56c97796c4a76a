"""A page is answered in one go: from the event loop to its thread once, whatever middleware it
passes."""

import encodings

import pytest
from asgiref.sync import SyncToAsync
from channels.testing import HttpCommunicator
from django.http import multipartparser

from kefu import asgi
from tests.chat.helpers import within

MOST = 3
"""Ways to the thread and back: Django's signal that a request begins, the request, and its end."""


@pytest.fixture
def ways(monkeypatch):
    """The names of the functions that were called from the loop on another thread."""
    found, call = [], SyncToAsync.__call__

    async def counted(self, *args, **kwargs):
        found.append(self.func.__name__)
        return await call(self, *args, **kwargs)

    monkeypatch.setattr(SyncToAsync, "__call__", counted)
    return found


async def get(path: str) -> dict:
    asked = HttpCommunicator(asgi.pages, "GET", path, headers=[(b"host", b"testserver")])
    return await asked.get_response(timeout=20)


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_a_request_goes_to_its_thread_once(ways, enterprise, team):
    answer = await get("/chat/acme/")
    assert answer["status"] == 200 and b"<html" in answer["body"]
    assert "get_response" in ways and len(ways) <= MOST


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_what_is_missing_or_fails_is_answered_as_by_djangos_own(monkeypatch, team):
    assert (await get("/nowhere/"))["status"] == 404
    monkeypatch.setattr("chat.views.visitors.visitor.render_chat", None)
    assert (await get("/chat/acme/"))["status"] == 500


async def post(parameters: bytes) -> int:
    """The status of a form whose one part has these parameters."""
    body = b"--XX\r\nContent-Disposition: form-data; %b\r\n\r\nc\r\n--XX--\r\n" % parameters
    headers = [
        (b"host", b"testserver"),
        (b"cookie", b"csrftoken=" + b"x" * 32),
        (b"content-type", b"multipart/form-data; boundary=XX"),
        (b"content-length", b"%d" % len(body)),
    ]
    asked = HttpCommunicator(asgi.pages, "POST", "/agent/login/", body, headers)
    return (await asked.get_response(timeout=20))["status"]


# The thread may have a connection since an earlier test, at which Django looks.
@pytest.mark.django_db(transaction=True)
@within(30)
async def test_a_part_with_a_malformed_header_is_a_bad_request():
    assert await post(b"name*0=a; name*=b") == 400


@pytest.mark.django_db(transaction=True)
@within(30)
@pytest.mark.parametrize("name", [b"name*=IN-A-PART''a", b"name*0*=IN-A-; name*1*=PART''a"])
async def test_python_remembers_no_charset_that_a_part_names(name):
    await post(name)
    assert not [one for one in encodings._cache if one.startswith("in_a")]


def test_the_charsets_of_real_parts_are_read():
    for charset in ("utf-8", "UTF-8", "iso-8859-1", ""):
        line = f"content-disposition: form-data; name=a; filename*={charset}''b%20c"
        assert multipartparser.parse_header_parameters(line)[1] == {"name": "a", "filename": "b c"}
