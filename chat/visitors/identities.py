"""Whom an enterprise's own site says that a visitor is.

The site signs who is signed in there: a token, `base64url(JSON) "." HMAC-SHA256 in hex`, under the
enterprise's secret, so that no other enterprise's token fits. It is exchanged for a session in the
visitor's cookie (visitors.py), by POST and never in an address, which servers log. Until the person
writes, nothing is stored of them; then all their browsers share one visitor.
"""

import base64
import binascii
import hashlib
import hmac
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone

import orjson
from django.core.signing import BadSignature, Signer
from django.db import IntegrityError, transaction

from accounts.models import Enterprise
from chat.models import EndedSession, Visitor
from chat.protocol import fields
from chat.protocol.errors import Refused

CLOCK_SKEW = timedelta(seconds=60)
"""By how much the clocks of two servers may differ."""
MAX_LIFETIME = timedelta(hours=24)
"""How far away a token's end may be: a page that stays open for a day still has a good one, and
one that leaks into a copy of the page or a log is soon worth nothing."""
SIGN_IN_LIFETIME = timedelta(days=14)
"""A session's life after the last exchange, as that of Django's own sessions. Each page of the site
that has a token exchanges it, so it ends for those who have not come for so long."""
SIGN_IN_GRACE = timedelta(minutes=10)
"""How long after a sign-in a first message may still arrive from before it, as from a page that
sends again after a bad connection."""
MAX_TOKEN = 4_096
MAX_COOKIE = 3_900
"""Browsers take 4,096 bytes with its name and the rest."""
MAX_ID = 100
MAX_NAME = 125
"""Characters of a visitor's name and contact (the columns' length)."""
NO_SECRET_HASH = "signed"
"""In the place of the hash of a cookie's secret: no cookie of a visitor without a name fits it."""
DELETED_AT_ONCE = 1_000


@dataclass(slots=True, frozen=True)
class Person:
    """Who is signed in on the site, in the site's words."""

    id: str
    name: str = ""
    email: str = ""


@dataclass(slots=True, frozen=True)
class SignIn:
    """One browser's sign-in, as its cookie has it. `uuid` is the visitor that the person becomes
    with the first message, unless another browser of theirs comes first; `mark` tells which
    secret it came by; `former` is who they were in this browser before they signed in, if nothing
    is left of that visitor: what its pages have not sent yet is the person's."""

    person: Person
    uuid: str
    key: str
    expires: float
    mark: str
    former: str = ""


def verify_token(token: str, enterprise: Enterprise, now: datetime) -> tuple[Person, str]:
    """Who a token says is there, and the secret that signed it. Refuses one that is not sound, is
    too old, lives too long, or was signed by anybody else."""
    if len(token) > MAX_TOKEN:
        raise Refused("too_long", f"A token has {MAX_TOKEN:,} characters at the most.")
    payload, dot, signature = token.partition(".")
    if not dot or not token.isascii():
        raise Refused("bad_field", "A token is base64url(JSON), a dot, and its HMAC-SHA256 in hex.")
    secret = next(
        (
            secret
            for secret in enterprise.secrets(now)
            if hmac.compare_digest(sign(payload, secret), signature.lower())
        ),
        None,
    )
    if secret is None:
        raise Refused("forbidden", "The token is not signed with this enterprise's secret.")
    return read_payload(payload, now), secret


def sign(payload: str, secret: str) -> str:
    return hmac.new(secret.encode(), payload.encode(), hashlib.sha256).hexdigest()


def read_payload(payload: str, now: datetime) -> Person:
    try:
        padded = payload + "=" * (-len(payload) % 4)
        facts = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, orjson.JSONDecodeError) as error:
        raise Refused("bad_field", "The token is not base64url of a JSON object.") from error
    if not isinstance(facts, dict):
        raise Refused("bad_field", "The token is not base64url of a JSON object.")
    if unknown := facts.keys() - {"id", "name", "email", "exp"}:
        detail = f"A token has id, name, email and exp, and not {min(unknown)[:40]}."
        raise Refused("bad_field", detail)
    check_expiry(facts.get("exp"), now)
    name, email = (fields.line(facts, each, MAX_NAME, empty=True) for each in ("name", "email"))
    return Person(person_id(facts.get("id")), name, email)


def person_id(who) -> str:
    """As it is: two accounts that differ in capitals or blanks are two people."""
    who = str(who) if type(who) is int else who
    sound = isinstance(who, str) and who.strip() == who and who.isprintable()
    if not sound or not who:
        raise Refused("bad_field", "A token needs an id, the person's own in the site's accounts.")
    if len(who) > MAX_ID:
        raise Refused("too_long", f"id has {MAX_ID} characters at the most.")
    return who


def check_expiry(end, now: datetime) -> None:
    if type(end) is not int:
        raise Refused("bad_field", "A token needs exp, its end in seconds since 1970.")
    left = end - now.timestamp()
    if left <= -CLOCK_SKEW.total_seconds():
        raise Refused("forbidden", "The token has expired.")
    if left > (MAX_LIFETIME + CLOCK_SKEW).total_seconds():
        raise Refused("forbidden", "The token lives too long: exp is within 24 hours.")


def identity_key(ent_id: str, person: Person) -> str:
    """What finds a person's visitor: the same on databases that ignore case and on others."""
    return hashlib.sha256(f"{ent_id}:{person.id}".encode()).hexdigest()


def secret_mark(secret: str) -> str:
    """Tells a secret from others, and not what it is."""
    return hashlib.sha256(f"mark:{secret}".encode()).hexdigest()[:16]


def valid_marks(enterprise: Enterprise, now: datetime) -> set[str]:
    """Of the secrets that count: a session by any other is over."""
    return {secret_mark(secret) for secret in enterprise.secrets(now)}


def new_sign_in(
    person: Person,
    secret: str,
    now: datetime,
    who: str | None,
    key: str | None = None,
    former: str = "",
) -> SignIn:
    """A session of a person, whose visitor is `who` if there is one; with `key` it goes on."""
    expires = (now + SIGN_IN_LIFETIME).timestamp()
    who, key = who or str(uuid.uuid4()), key or str(uuid.uuid4())
    return SignIn(person, who, key, expires, secret_mark(secret), former)


def cookie_name(enterprise: Enterprise) -> str:
    return f"kefu_session_{enterprise.code}"


def signer(enterprise: Enterprise) -> Signer:
    return Signer(salt=f"session:{enterprise.code}")


def pack(session: SignIn, enterprise: Enterprise) -> str:
    """The session as its cookie holds it. Refuses one that browsers would not keep."""
    value = signer(enterprise).sign_object(asdict(session))
    if len(value) > MAX_COOKIE:
        raise Refused("too_long", "id, name and email together are too long for a cookie.")
    return value


def unpack(token: str, enterprise: Enterprise, now: datetime) -> SignIn | None:
    """The session in a cookie, unless it is over; None for anything else."""
    try:
        found = signer(enterprise).unsign_object(token)
    except (BadSignature, ValueError):
        return None
    session = SignIn(**found | {"person": Person(**found["person"])})
    over = session.expires <= now.timestamp() or session.mark not in valid_marks(enterprise, now)
    return None if over or ended_keys({session.key}) else session


def ended_keys(keys: set[str]) -> set[str]:
    """Which of these sessions, or visitors without a name, were ended."""
    return set(EndedSession.objects.filter(key__in=keys).values_list("key", flat=True))


def end_anonymous(who: str, now: datetime) -> None:
    """The visitor `who` (uuid) is the person who has signed in: for UNDER_WAY nobody begins under
    their uuid, neither a message that is on its way nor another window. Once more changes
    nothing."""
    row = EndedSession(key=who, expires_at=now + SIGN_IN_GRACE)
    EndedSession.objects.bulk_create([row], ignore_conflicts=True)


def end_joined(who: str, now: datetime) -> None:
    """The row of the visitor `who`, for whom `end_nameless` was called, is about to be deleted:
    copies of their cookie begin nothing for as long as a session lasts."""
    EndedSession.objects.filter(key=who).update(expires_at=now + SIGN_IN_LIFETIME)


def end_sign_in(session: SignIn) -> None:
    """For every copy of its cookie. Once more changes nothing."""
    expires = datetime.fromtimestamp(session.expires, timezone.utc)
    try:
        with transaction.atomic():
            EndedSession.objects.create(key=session.key, expires_at=expires)
    except IntegrityError:
        return


def delete_expired(now: datetime) -> None:
    """Ended sessions whose time is over anyway."""
    old = EndedSession.objects.filter(expires_at__lt=now)
    old.filter(pk__in=list(old.values_list("pk", flat=True)[:DELETED_AT_ONCE])).delete()


def visitor_columns(enterprise: Enterprise, person: Person) -> dict:
    """The columns of a visitor that tell who they are."""
    return {"identity_key": identity_key(enterprise.code, person), "identity": asdict(person)}


def find_visitor(enterprise: Enterprise, person: Person) -> Visitor | None:
    key = identity_key(enterprise.code, person)
    return Visitor.objects.filter(identity_key=key).defer("path").first()
