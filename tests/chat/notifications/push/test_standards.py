"""The RFCs' own examples, and what a second library reads."""

import http_ece
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chat.notifications.push import encryption, vapid
from chat.webhooks.addresses import parse
from tests.fakes.push import Browser, decoded, encoded

pytestmark = pytest.mark.once

# RFC 8291, appendix A.
TEXT = b"When I grow up, I want to be a watermelon"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
BROWSER = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH, SALT = "BTBZMqHH6r4Tts7J_aSIgg", "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS"
    "6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qu"
    "lcy4a-fN"
)


def test_the_example_of_rfc_8291():
    key = ec.derive_private_key(int.from_bytes(decoded(SENDER), "big"), encryption.CURVE)
    browser, auth, salt = decoded(BROWSER), decoded(AUTH), decoded(SALT)
    body = encryption.encrypt(TEXT, browser, auth, salt=salt, key=key, lengths=())
    assert encoded(body) == BODY


def test_another_library_reads_it_and_its_length_says_little():
    browser = Browser("")
    keys = [decoded(browser.subscription["keys"][name]) for name in ("p256dh", "auth")]
    sizes = set()
    for text in (b"", b"short", b"x" * 1024):
        body = encryption.encrypt(text, *keys)
        sizes.add(len(body))
        assert http_ece.decrypt(body, private_key=browser.key, auth_secret=browser.auth) == text
    assert sizes == {1024 + 103}
    assert len(encryption.encrypt(b"x" * encryption.MOST, *keys)) == encryption.RECORD
    with pytest.raises(ValueError):
        encryption.encrypt(b"x" * (encryption.MOST + 1), *keys)


@pytest.mark.parametrize("url", ["", "https://chat.example.com"])
def test_another_library_takes_the_signature(settings, url):
    settings.PUBLIC_URL = url
    token = vapid.header(parse("https://push.example.net:443/x")).split()[1]
    claims = read(token, "https://push.example.net")
    assert claims.get("sub", "") == url
    # A port that is not https's belongs to an origin.
    other = vapid.header(parse("https://push.example.net:8443/x")).split()[1]
    read(other, "https://push.example.net:8443")


def read(token: str, origin: str) -> dict:
    key = ec.EllipticCurvePublicKey.from_encoded_point(
        encryption.CURVE, decoded(vapid.public_key())
    )
    claims = jwt.decode(token[2:].rstrip(","), key, ["ES256"], audience=origin)
    assert 0 < claims["exp"] - vapid.clock.now().timestamp() <= 24 * 3600
    return claims


def test_the_key_is_of_the_secret_and_not_the_secret(settings):
    before = vapid.public_key()
    settings.SECRET_KEY = "another" * 10
    assert vapid.public_key() != before
