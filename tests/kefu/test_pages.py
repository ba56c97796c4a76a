"""The plain pages for what went wrong."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.test import Client
from prometheus_client import REGISTRY

from kefu import views

STATIC = Path(settings.STATIC_ROOT)
JSON = {"Accept": "application/json"}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["page", "json"])
def test_an_address_that_is_not_there_is_a_plain_page_or_an_error_object(kind):
    response = Client().get("/nowhere/", headers=JSON if kind == "json" else {})
    assert response.status_code == 404
    if kind == "json":
        assert json.loads(response.content)["error"] == "not_found"
    else:
        assert b"<html" in response.content and b"Traceback" not in response.content


@pytest.mark.django_db
def test_a_fault_of_ours_is_a_plain_500_and_a_database_down_a_counted_503(monkeypatch, enterprise):
    browser = Client(raise_request_exception=False)

    def raising(error):
        def broken(*args, **kwargs):
            raise error

        return broken

    def counted():
        return REGISTRY.get_sample_value("kefu_database_errors_total", {"where": "page"})

    cases = [
        (RuntimeError("secret detail"), 500, 0),
        (OperationalError("gone"), 503, 1),
        (InterfaceError("gone"), 503, 1),
    ]
    for error, status, database in cases:
        with monkeypatch.context() as broken:
            broken.setattr("chat.visitors.cookies.find_team", raising(error))
            for headers in ({}, JSON):
                before = counted()
                response = browser.get("/chat/acme/", headers=headers)
                assert response.status_code == status
                assert b"secret detail" not in response.content
                assert counted() - before == database


@pytest.mark.django_db
def test_the_front_door_names_open_enterprises_only(enterprise, other_enterprise):
    other_enterprise.status = 1
    other_enterprise.save()
    page = Client().get("/").content.decode()
    assert "Acme" in page and "Umbrella" not in page


@pytest.mark.django_db
def test_the_front_door_says_where_a_superuser_finds_further_enterprises(
    browser_of, superuser, enterprise, other_enterprise, monkeypatch
):
    browser = browser_of(superuser)
    assert "are shown" not in browser.get("/").content.decode()
    monkeypatch.setattr(views, "MOST", 1)
    page = browser.get("/").content.decode()
    assert "Umbrella" not in page and 'href="/admin/accounts/enterprise/"' in page


@pytest.mark.django_db
def test_static_files_carry_few_headers_and_are_never_sniffed():
    response = Client().get("/static/js/shared/title.js")
    assert response.status_code == 200 and response["X-Content-Type-Options"] == "nosniff"
    needless = {"Set-Cookie", "Referrer-Policy", "Cross-Origin-Opener-Policy"}
    assert not needless & set(response.headers)


def test_a_static_file_comes_in_one_piece_or_the_piece_that_was_asked_for():
    whole = Client().get("/static/js/shared/title.js")
    assert not whole.streaming and whole.content == (STATIC / "js/shared/title.js").read_bytes()
    part = Client().get("/static/js/shared/title.js", headers={"range": "bytes=3-9"})
    assert (part.status_code, part.content) == (206, whole.content[3:10])
    head = Client().head("/static/js/shared/title.js")
    assert head.content == b"" and head["Content-Length"] == str(len(whole.content))
    assert Client().post("/static/js/shared/title.js").status_code == 405
    same = Client().get("/static/js/shared/title.js", headers={"if-none-match": whole["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
