"""Signed identities: an enterprise's site tells who a visitor is.

The site signs a token with the enterprise's secret: `base64url(JSON) "." HMAC-SHA256 in hex`. The
widget exchanges it for a sign-in in a cookie, by POST, because servers log URLs. Nothing about the
person is stored until they write; then all their browsers share one visitor.
"""

import base64
import binascii
import hashlib
import hmac
import uuid
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta, timezone

import orjson
from django.core.signing import BadSignature, Signer
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.kept import Kept
from accounts.models import Enterprise
from chat.models import EndedSession, Visitor
from chat.protocol import contacts, fields
from chat.protocol.errors import Refused

CLOCK_SKEW = timedelta(seconds=60)
"""How much the clocks of the two servers may differ."""
MAX_LIFETIME = timedelta(hours=24)
"""How far in the future a token's expiry may be: a page that stays open for a day still has a valid
token, and a token that leaks through a saved page or a log expires soon."""
SIGN_IN_LIFETIME = timedelta(days=14)
"""How long a sign-in lasts after the last exchange, as Django's sessions. Each page of the site
with a token exchanges it again, so a sign-in ends two weeks after the last visit."""
SIGN_IN_GRACE = timedelta(minutes=10)
"""How long after a sign-in a first message from before it may still arrive, such as a retry over a
bad connection."""
MAX_TOKEN = 512 * 1024
"""Characters of a token: it comes by POST, with room for all fifty attributes of 500 characters,
each of which base64 of JSON writes with up to sixteen."""
MAX_COOKIE = 3_900
"""Bytes of a cookie's value: browsers keep 4,096 with its name and attributes."""
MAX_REMEMBERING = 2_000
"""Bytes of a cookie's value up to which it has a customer's attributes, too: with the cookies of
two enterprises on one host, a request's headers stay below the 8 kB that proxies accept."""
MAX_ID = 100
"""Characters of a person's id."""
MAX_NAME = 125
"""Characters of a visitor's name and contact (the columns' length)."""
NO_SECRET_HASH = "signed"
"""The secret_hash of visitors with a signed identity: no SHA-256 in hex, so no anonymous cookie
matches it."""
DELETE_BATCH = 1_000
"""Rows deleted at a time."""


@dataclass(slots=True, frozen=True)
class Person:
    """A person who is signed in on the site, as the site describes them."""

    id: str
    name: str = ""
    email: str = ""


@dataclass(slots=True, frozen=True)
class SignIn:
    """A browser's sign-in, as its cookie stores it.

    `uuid` is the visitor that the person becomes with their first message, unless another of their
    browsers sends it first. `key` identifies the sign-in; `expires` is its end as a Unix timestamp;
    `mark` identifies the secret that signed the token. `former` is the uuid of the anonymous
    visitor of this browser before the sign-in, if that visitor's row is gone: messages that its
    pages have not sent yet belong to the person. `attributes` are what the site says of one who has
    no row yet, if the cookie has room for it: once they have, the next exchange writes it.
    """

    person: Person
    uuid: str
    key: str
    expires: float
    mark: str
    former: str = ""
    attributes: dict = field(default_factory=dict, hash=False)


def verify_token(token: str, enterprise: Enterprise, now: datetime) -> tuple[Person, str]:
    """The person in a token, and the secret that signed it. Refuses with bad_field or too_long a
    malformed token, and with forbidden one that has expired, is valid for too long, or is not
    signed with a secret of the enterprise."""
    if len(token) > MAX_TOKEN:
        raise Refused("too_long", f"A token has {MAX_TOKEN:,} characters at the most.")
    payload, dot, signature = token.partition(".")
    if not dot or not token.isascii():
        raise Refused("bad_field", "A token is base64url(JSON), a dot, and its HMAC-SHA256 in hex.")
    secret = next(
        (
            secret
            for secret in enterprise.valid_secrets(now)
            if hmac.compare_digest(sign(payload, secret), signature.lower())
        ),
        None,
    )
    if secret is None:
        raise Refused("forbidden", "The token is not signed with this enterprise's secret.")
    return read_payload(payload, now), secret


def sign(payload: str, secret: str) -> str:
    return hmac.new(secret.encode(), payload.encode(), hashlib.sha256).hexdigest()


def attributes_in(token: str) -> object:
    """What a verified token says of attributes; None for nothing."""
    return decoded(token.partition(".")[0]).get("attributes")


def decoded(payload: str) -> dict:
    try:
        padded = payload + "=" * (-len(payload) % 4)
        facts = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, orjson.JSONDecodeError) as error:
        raise Refused("bad_field", "The token is not base64url of a JSON object.") from error
    if not isinstance(facts, dict):
        raise Refused("bad_field", "The token is not base64url of a JSON object.")
    return facts


def read_payload(payload: str, now: datetime) -> Person:
    facts = decoded(payload)
    if unknown := facts.keys() - {"id", "name", "email", "attributes", "exp"}:
        detail = f"A token has id, name, email, attributes and exp, and not {min(unknown)[:40]}."
        raise Refused("bad_field", detail)
    check_expiry(facts.get("exp"), now)
    name, email = (fields.line(facts, each, MAX_NAME, optional=True) for each in ("name", "email"))
    return Person(person_id(facts.get("id")), name, email)


def person_id(who) -> str:
    """The id, unchanged: ids that differ in case are different people. A whole number is accepted;
    surrounding spaces, and what names somebody of a channel, are refused."""
    who = str(who) if type(who) is int else who
    sound = isinstance(who, str) and who.strip() == who and who.isprintable()
    if not sound or not who:
        detail = "A person needs an id, their own in the site's accounts."
        raise Refused("bad_field", detail, field="id")
    if who.startswith(contacts.CHANNELS):
        detail = f"No id of a site begins with {', '.join(contacts.CHANNELS)}."
        raise Refused("bad_field", detail, field="id")
    if len(who) > MAX_ID:
        raise Refused("too_long", f"id has {MAX_ID} characters at the most.")
    return who


def check_expiry(end, now: datetime) -> None:
    if type(end) is not int:
        raise Refused("bad_field", "A token needs exp, its end in seconds since 1970.")
    left = end - now.timestamp()
    if left <= -CLOCK_SKEW.total_seconds():
        raise Refused("forbidden", "The token has expired.", reason="expired")
    if left > (MAX_LIFETIME + CLOCK_SKEW).total_seconds():
        raise Refused("forbidden", "The token lives too long: exp is within 24 hours.")


def identity_key(ent_id: str, person: Person) -> str:
    """The key of a person's visitor: a hash, because some databases compare text without case."""
    return hashlib.sha256(f"{ent_id}:{person.id}".encode()).hexdigest()


def secret_mark(secret: str) -> str:
    """A digest that identifies a secret without revealing it."""
    return hashlib.sha256(f"mark:{secret}".encode()).hexdigest()[:16]


def valid_marks(enterprise: Enterprise, now: datetime) -> set[str]:
    """The marks of the enterprise's valid secrets: sign-ins with another mark are over."""
    return {secret_mark(secret) for secret in enterprise.valid_secrets(now)}


def new_sign_in(
    person: Person,
    secret: str,
    now: datetime,
    who: str | None,
    key: str | None = None,
    former: str = "",
) -> SignIn:
    """A sign-in of a person, whose visitor is `who` (uuid) if they have one. With `key` it renews
    the sign-in of that key."""
    expires = (now + SIGN_IN_LIFETIME).timestamp()
    who, key = who or str(uuid.uuid4()), key or str(uuid.uuid4())
    return SignIn(person, who, key, expires, secret_mark(secret), former)


def cookie_name(enterprise: Enterprise) -> str:
    return f"kefu_session_{enterprise.code}"


def signer(enterprise: Enterprise) -> Signer:
    return Signer(salt=f"session:{enterprise.code}")


def pack(sign_in: SignIn, enterprise: Enterprise) -> str:
    """The cookie's value for a sign-in, without attributes for which it has no room. Refuses with
    too_long one that browsers would not keep."""
    facts = asdict(sign_in)
    value = signer(enterprise).sign_object(facts)
    if not sign_in.attributes or len(value) > MAX_REMEMBERING:
        # A process of the former version does not know it.
        del facts["attributes"]
        value = signer(enterprise).sign_object(facts)
    if len(value) > MAX_COOKIE:
        raise Refused("too_long", "id, name and email together are too long for a cookie.")
    return value


def unpack(token: str, enterprise: Enterprise, now: datetime) -> SignIn | None:
    """The sign-in in a cookie; None if it is over or invalid. Whether it was ended before its time,
    ended_keys tells."""
    try:
        found = signer(enterprise).unsign_object(token)
    except (BadSignature, ValueError):
        return None
    sign_in = SignIn(**found | {"person": Person(**found["person"])})
    over = sign_in.expires <= now.timestamp() or sign_in.mark not in valid_marks(enterprise, now)
    return None if over else sign_in


def ended_keys(keys: set[str]) -> set[str]:
    """Those of these keys whose sign-in, or whose anonymous visitor, has ended."""
    return set(ended_among(keys))


@Kept
def ended_among(keys) -> QuerySet:
    return EndedSession.objects.filter(key__in=keys).values_list("key", flat=True)


def end_anonymous(who: str, now: datetime) -> None:
    """The anonymous visitor `who` (uuid) has signed in: for SIGN_IN_GRACE no first message is
    accepted under their uuid, from a request under way or another window. May be repeated."""
    row = EndedSession(key=who, expires_at=now + SIGN_IN_GRACE)
    EndedSession.objects.bulk_create([row], ignore_conflicts=True)


def end_joined(who: str, now: datetime) -> None:
    """The row of the visitor `who` (uuid), for whom `end_anonymous` was called, is about to be
    deleted: their cookie is not accepted for as long as a sign-in lasts."""
    EndedSession.objects.filter(key=who).update(expires_at=now + SIGN_IN_LIFETIME)


def end_sign_in(sign_in: SignIn) -> None:
    """Ends a sign-in for every copy of its cookie. May be repeated."""
    expires = datetime.fromtimestamp(sign_in.expires, timezone.utc)
    try:
        with transaction.atomic():
            EndedSession.objects.create(key=sign_in.key, expires_at=expires)
    except IntegrityError:
        return


def delete_expired(now: datetime) -> None:
    """Deletes ended sign-ins that would have expired by now."""
    old = EndedSession.objects.filter(expires_at__lt=now)
    old.filter(pk__in=list(old.values_list("pk", flat=True)[:DELETE_BATCH])).delete()


def visitor_columns(enterprise: Enterprise, person: Person) -> dict:
    """The columns of a visitor with this signed identity."""
    return {"identity_key": identity_key(enterprise.code, person), "identity": asdict(person)}


def find_visitor(enterprise: Enterprise, person: Person) -> Visitor | None:
    key = identity_key(enterprise.code, person)
    return Visitor.objects.filter(identity_key=key, ent_id=enterprise.code).defer("path").first()
