"""The colour scheme that somebody chose for a browser."""

import re

import pytest
from django.test import Client

SYSTEM = "(prefers-color-scheme: dark)"
pytestmark = [pytest.mark.django_db, pytest.mark.once]


def scheme_of(client: Client) -> str:
    """When the dark values count on the page."""
    page = client.get("/agent/login/").content.decode()
    return re.search(r'id="dark"[^>]*media="([^"]*)"', page)[1]


def test_the_choice_is_in_the_page_before_anything_is_drawn_and_lasts(client):
    assert scheme_of(client) == SYSTEM
    answer = client.post("/theme/", {"theme": "dark", "next": "/agent/login/"})
    assert answer.status_code == 302 and answer.url == "/agent/login/"
    assert answer.cookies["theme"]["max-age"] == 365 * 24 * 3600
    assert scheme_of(client) == "all"
    client.post("/theme/", {"theme": "light"})
    assert scheme_of(client) == "not all"
    client.post("/theme/", {"theme": "system"})
    assert scheme_of(client) == SYSTEM


def test_what_is_no_scheme_is_the_systems(client):
    client.cookies["theme"] = '"><script>'
    assert scheme_of(client) == SYSTEM
    client.post("/theme/", {"theme": "dark"})
    client.post("/theme/", {"theme": "pink"})
    assert scheme_of(client) == SYSTEM


def test_it_leads_to_a_relative_address(client):
    assert client.post("/theme/", {"theme": "dark", "next": "nowhere"}).url == "nowhere"


def test_it_leads_to_no_other_site(client):
    answer = client.post("/theme/", {"theme": "dark", "next": "https://evil.example/"})
    assert answer.url == "/"
