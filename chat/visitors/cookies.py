"""Who a visitor is: a signed, random token in a cookie, bound to one enterprise.

The token is made with the first page view, when nothing is stored; the visitor's row comes
with the first message and keeps only the secret's hash. An id that a client makes up has no
valid signature, and a row's uuid without the secret opens nothing. Who is signed in on the
enterprise's site has a session in another cookie, which goes before (identities.py): the page, on
its way with a new token, must not take the session's place.
"""

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import DEFAULT_TEAM, Enterprise, Team
from chat.models import Visitor
from chat.protocol.errors import Refused

from . import identities, keys
from .identities import SignIn

COOKIE_AGE = 2 * 365 * 24 * 3600
"""Seconds. A visitor keeps the thread for two years after the last visit."""


@dataclass(slots=True)
class Guest:
    """A visitor as the cookie tells: `stored` when their row is there already; `until` is when a
    block ends, None for one that does not; `session` of one who is signed in on the site."""

    uuid: str
    secret_hash: str
    name: str
    stored: bool
    blocked: bool
    until: datetime | None = None
    session: SignIn | None = None
    reachable: bool = False
    """Whether an e-mail address is known."""

    def closed_out(self) -> Refused:
        """What one who is blocked is refused with."""
        detail = "This conversation is closed to you."
        return Refused("closed_out", detail, **({"until": self.until} if self.until else {}))


def cookie_name(enterprise: Enterprise) -> str:
    return f"kefu_visitor_{enterprise.code}"


def new_token(enterprise: Enterprise) -> str:
    """A token for somebody new: a uuid and 256 random bits, signed."""
    return signer(enterprise).sign(f"{uuid.uuid4()}.{secrets.token_urlsafe(32)}")


def salt(enterprise: Enterprise) -> str:
    return f"visitor:{enterprise.code}"


def signer(enterprise: Enterprise) -> Signer:
    return Signer(salt=salt(enterprise))


def identify_guest(cookies: Mapping[str, str], enterprise: Enterprise) -> Guest | None:
    """Who the cookies say that a visitor is: one with a session, else one without a name; None
    where they say nothing that holds."""
    token = cookies.get(identities.cookie_name(enterprise))
    session = token and identities.unpack(token, enterprise, timezone.now())
    guest = session and signed_in_guest(session, enterprise)
    return guest or anonymous_guest(cookies, enterprise)


def anonymous_guest(cookies: Mapping[str, str], enterprise: Enterprise) -> Guest | None:
    """The guest of the cookie without a name; None where they have signed in since (joining.py)."""
    guest = guest_from_token(cookies.get(cookie_name(enterprise)), enterprise)
    over = guest and not guest.stored and identities.ended_keys({guest.uuid})
    return None if over else guest


def guest_from_token(token: str | None, enterprise: Enterprise) -> Guest | None:
    """The guest whom a token names; None for a missing, forged or foreign one."""
    try:
        who, _dot, secret = signer(enterprise).unsign(token or "").partition(".")
    except BadSignature:
        return None
    digest = hashlib.sha256(secret.encode()).hexdigest()
    row = Visitor.objects.filter(uuid=who).defer("path").first()
    if row is None:
        return Guest(who, digest, default_name(who), stored=False, blocked=False)
    fits = hmac.compare_digest(row.secret_hash, digest)
    # Made for nobody whose site says who they are: their sessions can be ended there.
    fits = fits or (not row.identity_key and is_mail_secret(secret, row))
    if row.ent_id != enterprise.code or row.is_erased or not fits:
        return None
    facts = row.label, True, row.is_blocked, row.blocked_until
    return Guest(who, row.secret_hash, *facts, reachable=bool(row.email))


def mail_secrets(visitor: Visitor) -> list[str]:
    """What opens a visitor's conversations beside the secret of their first browser, of which only
    a hash is known: for a browser in which they follow the link of a mail (answers.py). The first
    is given out; the others were made with former keys."""
    words = f"{visitor.uuid}.{visitor.secret_hash}"
    return [mac.hexdigest() for mac in keys.macs("kefu.visitors.second", words)]


def is_mail_secret(secret: str, visitor: Visitor) -> bool:
    return any(hmac.compare_digest(each, secret) for each in mail_secrets(visitor))


def mail_token(visitor: Visitor, enterprise: Enterprise) -> str:
    """The cookie of such a browser."""
    return signer(enterprise).sign(f"{visitor.uuid}.{mail_secrets(visitor)[0]}")


def renewed_token(token: str, enterprise: Enterprise) -> str:
    """A token that `recognise` takes, as it is given out today: where a former key made it, the
    same one made with the present key."""
    try:
        Signer(salt=salt(enterprise), fallback_keys=[]).unsign(token)
        return token
    except BadSignature:
        facts = signer(enterprise).unsign(token)
    who, _dot, secret = facts.partition(".")
    row = Visitor.objects.filter(uuid=who).only("uuid", "secret_hash").first()
    if row and is_mail_secret(secret, row):
        return mail_token(row, enterprise)
    return signer(enterprise).sign(facts)


def signed_in_guest(session: SignIn, enterprise: Enterprise) -> Guest | None:
    """The visitor of a session; None where it is of one who was erased since: what they write next
    comes after a new sign-in, and belongs to nobody of before."""
    key = identities.identity_key(enterprise.code, session.person)
    rows = list(Visitor.objects.filter(Q(identity_key=key) | Q(uuid=session.uuid)).defer("path"))
    row = next((row for row in rows if row.identity_key == key), None)
    if row:
        facts = row.label, True, row.is_blocked, row.blocked_until
        return Guest(row.uuid, row.secret_hash, *facts, session, bool(row.email))
    if rows:
        return None
    name = session.person.name or default_name(session.uuid)
    reachable = bool(session.person.email)
    return Guest(
        session.uuid, identities.NO_SECRET_HASH, name, False, False, None, session, reachable
    )


def default_name(who: str) -> str:
    """A name that agents can tell apart until they know a better one."""
    return _("Visitor %(number)d") % {"number": 1000 + int(who[:8], 16) % 9000}


def find_team(enterprise: Enterprise, slug: str | None) -> Team | None:
    """The enterprise's team with this slug; without one the default team, or its oldest."""
    teams = {team.slug: team for team in enterprise.teams.order_by("id")}
    if slug:
        return teams.get(slug)
    return teams.get(DEFAULT_TEAM) or next(iter(teams.values()), None)


def socket_language(scope: dict) -> str:
    """The language of the page that opens a socket: the one in its address, as a widget's has it;
    else its cookie's, else the browser's own wish."""
    headers = dict(scope["headers"])
    wishes = headers.get(b"accept-language", b"").decode("latin-1").lower()
    candidates = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [])[:1]
    candidates += [scope["cookies"].get(settings.LANGUAGE_COOKIE_NAME, "")]
    candidates += [wish.partition(";")[0].strip() for wish in wishes[:200].split(",")]
    return next(filter(None, map(supported_language, candidates)), settings.LANGUAGE_CODE)


def supported_language(wish: str) -> str | None:
    """The language of ours that serves this wish, such as zh-hans for zh-CN; None for no such."""
    try:
        return translation.get_supported_language_variant(wish)
    except LookupError:
        return None
