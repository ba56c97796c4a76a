"""What comes back from a provider, and everything about it that may be wrong."""

import time

import jwt
import pytest
from django.contrib.auth import get_user
from django.core.cache import cache
from django.test import Client

from accounts.models import Member
from accounts.single_sign_on import flow

from . import fake
from .way import BACK, START, go, refused, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]
MINUTE = 60


def who(client):
    return get_user(client)


@pytest.mark.parametrize("kind", ["ES256", "RS256"])
def test_a_sound_answer_signs_in_and_leads_on(client, idp, kind):
    idp.kind = kind
    idp.rotate()
    assert sign_in(client, idp, "?next=/agent/profile/").url == "/agent/profile/"
    assert who(client).email == "wang@example.com"


def test_it_leads_to_a_relative_address(client, idp):
    assert sign_in(client, idp, "?next=nowhere").url == "nowhere"


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_it_leads_to_no_other_site(client, idp, place):
    assert sign_in(client, idp, f"?next={place}").url == "/agent/"


WRONG = {
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "another audience": {"aud": "another client"},
    "no audience": {"aud": None},
    "several audiences without azp": {"aud": [fake.CLIENT, "another"]},
    "another azp": {"aud": [fake.CLIENT, "another"], "azp": "another"},
    "another issuer": {"iss": "https://evil.example"},
    "no subject": {"sub": None},
    "a subject that is no text": {"sub": 1},
    "an empty subject": {"sub": ""},
    "no expiry": {"exp": None},
    "no time": {"iat": None},
    "a time that is none": {"iat": "now"},
}


@pytest.mark.parametrize("what", WRONG)
def test_a_token_that_does_not_fit_is_refused(client, idp, what):
    idp.change = WRONG[what]
    refused(sign_in(client, idp))
    assert who(client).is_anonymous and not Member.objects.exists()


@pytest.mark.parametrize(("minutes", "enters"), [(1, True), (-1, True), (4, False), (-15, False)])
def test_clocks_may_differ_by_two_minutes(client, idp, minutes, enters):
    now = int(time.time()) + minutes * MINUTE
    idp.change = {"iat": now, "nbf": now, "exp": now + MINUTE}
    answer = sign_in(client, idp)
    if enters:
        assert answer.status_code == 302
    else:
        assert "clock" in refused(answer)


def test_a_new_key_is_found_without_a_restart_and_the_former_counts_no_more(client, idp):
    assert sign_in(client, idp).status_code == 302
    former = idp.key, idp.kid
    idp.rotate()
    assert sign_in(Client(), idp).status_code == 302
    assert idp.asked["/keys"] == 2
    idp.key, idp.kid = former
    cache.clear()
    idp.answers["/keys"] = (200, b'{"keys": []}')
    refused(sign_in(Client(), idp))


def test_unknown_keys_do_not_have_the_provider_asked_again_and_again(client, idp):
    sign_in(client, idp)
    idp.kid = "unknown"
    keys = idp.keys
    idp.keys = lambda: {"keys": [{**keys()["keys"][0], "kid": "listed"}]}
    for _try in range(4):
        refused(sign_in(Client(), idp))
    assert idp.asked["/keys"] == 2


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_that_anybody_could_sign_is_refused(client, idp, algorithm, monkeypatch):
    key = None if algorithm == "none" else fake.SECRET
    now = int(time.time())

    def forged(claims, **header):
        claims = {"iss": idp.issuer, "aud": fake.CLIENT, "iat": now, "exp": now + 60, **claims}
        return jwt.encode(claims, key, algorithm, {"kid": idp.kid})

    idp.token = forged
    refused(sign_in(client, idp))


def test_a_token_of_a_key_that_is_not_the_providers_is_refused(client, idp):
    listed = idp.keys()
    idp.keys = lambda: listed
    kid = idp.kid
    idp.rotate()
    idp.kid = kid
    refused(sign_in(client, idp))


def test_an_answer_counts_once(client, idp):
    back = go(client, idp)
    assert client.get(back).status_code == 302
    refused(client.get(back))
    client.post("/agent/logout/")
    refused(client.get(back))
    assert who(client).is_anonymous


def test_a_code_that_was_used_elsewhere_is_refused(client, idp):
    back = go(client, idp)
    code = back.partition("code=")[2].partition("&")[0]
    del idp.codes[code]
    refused(client.get(back))


def test_an_answer_that_another_browser_asked_for_is_refused(client, idp):
    back = go(Client(), idp)
    refused(client.get(back))
    go(client, idp)
    refused(client.get(back))
    assert who(client).is_anonymous


@pytest.mark.parametrize("query", ["", "?state=", "?code=x", "?error=access_denied", "?state=%00"])
def test_an_answer_without_the_state_is_refused(client, idp, query):
    refused(client.get(f"{BACK}{query}"))
    go(client, idp)
    refused(client.get(f"{BACK}{query}"))


def test_the_providers_refusal_is_one(client, idp):
    go(client, idp)
    state = client.session[flow.KEY]["state"]
    assert "has not let you in" in refused(client.get(f"{BACK}?error=access_denied&state={state}"))


def test_the_way_takes_ten_minutes_at_most(client, idp):
    back = go(client, idp)
    session = client.session
    session[flow.KEY] = {**session[flow.KEY], "at": time.time() - flow.WITHIN - 1}
    session.save()
    assert "too long" in refused(client.get(back))


ANSWERS = {
    "an error": (500, b"{}"),
    "no HTTP": (0, b"{}"),
    "no JSON": (200, b"<html>"),
    "a list": (200, b"[]"),
    "nothing": (200, b""),
    "far too much": (200, b'"' + b"x" * 2_000_000 + b'"'),
    "elsewhere": (302, b"http://127.0.0.1:1/"),
    "no token": (200, b'{"id_token": 1}'),
    "no JWT": (200, b'{"id_token": "a.b.c"}'),
}


@pytest.mark.parametrize("what", ANSWERS)
@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token"])
def test_a_provider_that_answers_nonsense_lets_nobody_in(client, idp, path, what):
    idp.answers[path] = ANSWERS[what]
    if path.startswith("/."):
        refused(client.get(START))
    else:
        refused(sign_in(client, idp))
    assert who(client).is_anonymous


def test_a_provider_that_does_not_answer_is_not_asked_by_everybody(client, idp):
    idp.answers["/.well-known/openid-configuration"] = (500, b"")
    for _try in range(3):
        refused(client.get(START))
    assert idp.asked == {"/.well-known/openid-configuration": 1}


def test_a_provider_that_is_not_there_lets_nobody_in(client, idp, provider):
    provider.issuer = "http://127.0.0.1:1"
    provider.save()
    assert "does not answer" in refused(client.get(START))


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri", "issuer"])
@pytest.mark.parametrize("value", ["http://10.0.0.1/", "file:///etc/passwd", "//x", 1, None, ""])
def test_plain_addresses_that_a_provider_names_are_not_asked(
    client, idp, provider, settings, monkeypatch, name, value
):
    described = {**idp.describe(), name: value}
    monkeypatch.setattr(idp, "describe", lambda: described)
    back = None
    answer = client.get(START)
    if answer.status_code == 302 and name in ("token_endpoint", "jwks_uri"):
        back = idp.authorize(answer.url).removeprefix("http://testserver")
        cache.clear()
        if value == "http://10.0.0.1/":
            settings.OIDC_PLAIN_HTTP = False
        refused(client.get(back))
    elif value != "http://10.0.0.1/" or name == "issuer":
        refused(answer)
    assert who(client).is_anonymous


def test_plain_http_is_for_development_alone(client, idp, settings):
    settings.OIDC_PLAIN_HTTP = False
    refused(client.get(START))
    assert idp.asked == {}
