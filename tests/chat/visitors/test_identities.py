"""The token by which an enterprise's site says who is signed in there."""

import base64
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.protocol.errors import Refused
from chat.visitors import identities
from tests.chat.signed_visitors import signed

pytestmark = pytest.mark.django_db


def verified(enterprise, token: str) -> identities.Person:
    return identities.verify_token(token, enterprise, timezone.now())[0]


def refusal(enterprise, token: str) -> str:
    with pytest.raises(Refused) as caught:
        verified(enterprise, token)
    return caught.value.code


def test_a_token_says_who_is_there(enterprise):
    person = verified(enterprise, signed(enterprise, "7", name="王 Wang", email="w@example.com"))
    assert person == identities.Person("7", "王 Wang", "w@example.com")
    assert verified(enterprise, signed(enterprise, 42)) == identities.Person("42")
    padded = signed(enterprise, "7", padding=True)
    assert verified(enterprise, padded).id == "7"


def test_the_example_of_the_documentation_has_this_signature():
    payload = base64.urlsafe_b64encode(b'{"id":"42","exp":1700000000}').decode().rstrip("=")
    assert payload == "eyJpZCI6IjQyIiwiZXhwIjoxNzAwMDAwMDAwfQ"
    assert identities.sign(payload, "a secret") == (
        "f92eeebc3a911e9b845e7c6dd97cb70776eff056487aaab76a779323d49d238b"
    )


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (-59, None),
        (-61, "forbidden"),
        (-86_400, "forbidden"),
        (24 * 3600 + 50, None),
        (24 * 3600 + 70, "forbidden"),
        (10**12, "forbidden"),
    ],
)
def test_a_token_ends_and_does_so_within_a_day(enterprise, seconds, code):
    token = signed(enterprise, "7", exp=int(time.time()) + seconds)
    if not code:
        assert verified(enterprise, token).id == "7"
        return
    with pytest.raises(Refused) as refused:
        verified(enterprise, token)
    assert refused.value.code == code
    assert refused.value.facts == ({"reason": "expired"} if seconds < 0 else {})


def test_a_changed_token_is_refused_wherever_it_is_changed(enterprise, other_enterprise):
    payload, signature = signed(enterprise, "7").split(".")
    forged = base64.urlsafe_b64encode(b'{"id":"8","exp":9999999999}').decode().rstrip("=")
    for token in (
        f"{forged}.{signature}",
        f"{payload}=.{signature}",
        f"{payload}.{signature[:-1]}",
        f"{payload}.{signature[:-1]}{'0' if signature[-1] != '0' else '1'}",
        f"{payload}.",
        f".{signature}",
        f"{payload}.{signature}.{signature}",
        signed(other_enterprise, "7"),
    ):
        assert refusal(enterprise, token) == "forbidden", token


@pytest.mark.parametrize("token", ["x", "null", "é.é", "[object Object]", "eyJ9", " "])
def test_what_is_no_token_is_refused_with_its_form(enterprise, token):
    assert refusal(enterprise, token) == "bad_field"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"id": ""}, "bad_field"),
        ({"id": " 7"}, "bad_field"),
        ({"id": None}, "bad_field"),
        ({"id": True}, "bad_field"),
        ({"id": 1.5}, "bad_field"),
        ({"id": ["7"]}, "bad_field"),
        ({"id": "7\n8"}, "bad_field"),
        ({"id": "x" * 101}, "too_long"),
        ({"name": 5}, "bad_field"),
        ({"name": "a\x00b"}, "bad_field"),
        ({"name": "x" * 126}, "too_long"),
        ({"email": {"a": 1}}, "bad_field"),
        ({"exp": None}, "bad_field"),
        ({"exp": "9999999999"}, "bad_field"),
        ({"exp": True}, "bad_field"),
        ({"exp": 1e10}, "bad_field"),
        ({"phone": "1"}, "bad_field"),
    ],
)
def test_a_signed_token_with_wrong_fields_is_refused_all_the_same(enterprise, facts, code):
    assert refusal(enterprise, signed(enterprise, **{"who": "7"} | rename(facts))) == code


def rename(facts: dict) -> dict:
    return {{"id": "who"}.get(name, name): value for name, value in facts.items()}


@pytest.mark.parametrize("payload", [b"[]", b"7", b"{", b'{"id": NaN}', b'"\\ud800"', b"\xff"])
def test_a_signed_payload_that_is_no_object_is_refused(enterprise, payload):
    text = base64.urlsafe_b64encode(payload).decode().rstrip("=")
    token = f"{text}.{identities.sign(text, enterprise.identity_secret)}"
    assert refusal(enterprise, token) == "bad_field"
    not_base64 = f"!!!.{identities.sign('!!!', enterprise.identity_secret)}"
    assert refusal(enterprise, not_base64) == "bad_field"
    assert refusal(enterprise, "x" * 525_000) == "too_long"


def test_a_replaced_secret_counts_for_a_day_unless_it_was_given_away(enterprise):
    old = signed(enterprise, "7")
    enterprise.replace_secret(timezone.now(), keep=True)
    assert verified(enterprise, old).id == "7"
    assert verified(enterprise, signed(enterprise, "7")).id == "7"
    enterprise.former_until = timezone.now() - timedelta(seconds=1)
    assert refusal(enterprise, old) == "forbidden"
    newer = signed(enterprise, "7")
    enterprise.replace_secret(timezone.now(), keep=False)
    for token in (old, newer):
        assert refusal(enterprise, token) == "forbidden"
