"""Identifies visitors by a signed random token in a cookie, bound to one enterprise.

The token is made with the first page view, when nothing is stored yet. The visitor's row is stored
with the first message and has only the hash of the secret. A made-up uuid has no valid signature,
and a row's uuid grants nothing without the secret. A visitor who is signed in on the enterprise's
site has a second cookie (identities.py), which takes precedence: a page that was under way with a
new token must not replace the sign-in.
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
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.kept import Kept, attach
from accounts.models import DEFAULT_TEAM, Enterprise, Team
from chat.models import Conversation, Visitor, theirs
from chat.protocol.errors import Refused, closed_out

from . import identities, links
from .identities import SignIn

COOKIE_AGE = 2 * 365 * 24 * 3600
"""Seconds: a visitor keeps their conversations for two years after the last visit."""


@dataclass(slots=True)
class Guest:
    """A visitor as the cookies identify them. `stored`: their row exists, and they have a
    conversation: whom only a program has given is as new to the page as one without a row. `until`:
    when their block ends, None for a permanent one. `sign_in`: their sign-in on the enterprise's
    site, if any."""

    uuid: str
    secret_hash: str
    name: str
    stored: bool
    blocked: bool
    until: datetime | None = None
    sign_in: SignIn | None = None
    reachable: bool = False
    """Whether an e-mail address is known."""
    email: str = ""
    """The address that they gave (`Visitor.given_email`)."""
    only: Conversation | None = None
    """The one conversation that this browser may open, if it came by a link of a mail."""

    def closed_out(self) -> Refused:
        """The refusal for a blocked visitor."""
        return closed_out(self.until)


def cookie_name(enterprise: Enterprise) -> str:
    return f"kefu_visitor_{enterprise.code}"


def new_token(enterprise: Enterprise) -> str:
    """A token for a new visitor: a uuid and 256 random bits, signed."""
    return signer(enterprise).sign(f"{uuid.uuid4()}.{secrets.token_urlsafe(32)}")


def salt(enterprise: Enterprise) -> str:
    return f"visitor:{enterprise.code}"


def signer(enterprise: Enterprise) -> Signer:
    return Signer(salt=salt(enterprise))


@dataclass(slots=True, frozen=True)
class Browser:
    """The cookies of a visitor's browser at an enterprise, and the language and the team of its
    page; no team for what concerns all that the visitor has."""

    cookies: Mapping[str, str]
    enterprise: Enterprise
    language: str
    team: Team | None = None


def identify_guest(
    cookies: Mapping[str, str], enterprise: Enterprise, team: Team | None = None
) -> Guest | None:
    """The visitor whom the cookies of a request identify (identify_guests)."""
    return identify_guests([Browser(cookies, enterprise, translation.get_language(), team)])[0]


def identify_guests(browsers: list[Browser]) -> list[Guest | None]:
    """The visitor whom the cookies of each browser identify: a signed-in one, else the one of a
    link, else an anonymous one; None if no cookie is valid."""
    found = signed_in_guests(browsers)
    for guests in (linked_guests, anonymous_guests):
        left = [browser for browser, guest in zip(browsers, found, strict=True) if guest is None]
        others = iter(guests(left))
        found = [guest or next(others) for guest in found]
    return found


def signed_in_guests(browsers: list[Browser]) -> list[Guest | None]:
    """The visitors of the sign-ins; None for browsers without a valid one."""
    now = timezone.now()
    tokens = [
        browser.cookies.get(identities.cookie_name(browser.enterprise)) for browser in browsers
    ]
    sign_ins = [
        token and identities.unpack(token, browser.enterprise, now)
        for token, browser in zip(tokens, browsers, strict=True)
    ]
    ended = identities.ended_keys({one.key for one in sign_ins if one})
    sign_ins = [one if one and one.key not in ended else None for one in sign_ins]
    return guests_of(sign_ins, browsers)


def guests_of(sign_ins: list[SignIn | None], browsers: list[Browser]) -> list[Guest | None]:
    """The visitor of each valid sign-in; None without one, and for a visitor who was erased since,
    so that a new sign-in is needed before they write again."""
    if not any(sign_ins):
        return [None] * len(sign_ins)
    keys = [
        one and identities.identity_key(browser.enterprise.code, one.person)
        for one, browser in zip(sign_ins, browsers, strict=True)
    ]
    people = Q(identity_key__in=[key for key in keys if key])
    people |= Q(uuid__in=[one.uuid for one in sign_ins if one])
    own = Conversation.objects.filter(theirs(OuterRef("ent_id")), visitor=OuterRef("uuid"))
    rows = list(Visitor.objects.filter(people).defer("path").annotate(has_written=Exists(own)))
    by_key = {(row.identity_key, row.ent_id): row for row in rows}
    taken = {row.uuid for row in rows}
    return [
        one
        and signed_in_guest(
            one, by_key.get((key, browser.enterprise.code)), one.uuid in taken, browser
        )
        for one, key, browser in zip(sign_ins, keys, browsers, strict=True)
    ]


def linked_guests(browsers: list[Browser]) -> list[Guest | None]:
    """The visitors of the links that were followed, for browsers on the page on which the visitor
    meets the linked conversation: there nothing leads to another one."""
    found = [linked_guest(browser.cookies, browser.enterprise) for browser in browsers]
    return [
        guest if guest and browser.team and links.met_at(guest.only, browser.team.pk) else None
        for guest, browser in zip(found, browsers, strict=True)
    ]


def linked_guest(cookies: Mapping[str, str], enterprise: Enterprise) -> Guest | None:
    """The visitor of the link that was followed in a browser, for its conversation alone."""
    token = cookies.get(links.cookie_name(enterprise))
    found = token and links.conversation_of(links.OPENED, token, enterprise)
    return guest_of_row(found.visitor, only=found) if found else None


def anonymous_guest(cookies: Mapping[str, str], enterprise: Enterprise) -> Guest | None:
    """The visitor of the anonymous cookie of a request (anonymous_guests)."""
    return anonymous_guests([Browser(cookies, enterprise, translation.get_language())])[0]


def anonymous_guests(browsers: list[Browser]) -> list[Guest | None]:
    """The visitors of the anonymous cookies; None for those who have signed in since
    (care/joins.py)."""
    tokens = [browser.cookies.get(cookie_name(browser.enterprise)) for browser in browsers]
    found = guests_from_tokens(tokens, browsers)
    ended = identities.ended_keys({guest.uuid for guest in found if guest and not guest.stored})
    return [None if guest and guest.uuid in ended else guest for guest in found]


def guest_from_token(token: str | None, enterprise: Enterprise) -> Guest | None:
    """The visitor whom a token identifies (guests_from_tokens)."""
    browser = Browser({}, enterprise, translation.get_language())
    return guests_from_tokens([token], [browser])[0]


def guests_from_tokens(tokens: list[str | None], browsers: list[Browser]) -> list[Guest | None]:
    """The visitor whom each token identifies at the enterprise of its browser; None if it is
    missing, forged or another enterprise's."""
    read = [
        read_token(token, browser.enterprise)
        for token, browser in zip(tokens, browsers, strict=True)
    ]
    rows = with_uuid({facts[0] for facts in read if facts})
    known = {row.uuid: row for row in rows}
    return [
        facts and token_guest(*facts, known.get(facts[0]), browser)
        for facts, browser in zip(read, browsers, strict=True)
    ]


@Kept
def with_uuid(people) -> QuerySet[Visitor]:
    return Visitor.objects.filter(uuid__in=people).defer("path")


def read_token(token: str | None, enterprise: Enterprise) -> tuple[str, str] | None:
    """The uuid and the secret in a token; None if it is missing, forged or another enterprise's."""
    try:
        who, _dot, secret = signer(enterprise).unsign(token or "").partition(".")
    except BadSignature:
        return None
    return who, secret


def token_guest(who: str, secret: str, row: Visitor | None, browser: Browser) -> Guest | None:
    """The visitor of a valid token, whose row is `row` if they have one."""
    digest = hashlib.sha256(secret.encode()).hexdigest()
    if row is None:
        with translation.override(browser.language):
            return Guest(who, digest, default_name(who), stored=False, blocked=False)
    fits = hmac.compare_digest(row.secret_hash, digest)
    if row.ent_id != browser.enterprise.code or row.is_erased or not fits:
        return None
    return guest_of_row(row)


def guest_of_row(
    row: Visitor, sign_in: SignIn | None = None, only: Conversation | None = None
) -> Guest:
    facts = row.label, True, row.is_blocked, row.blocked_until, sign_in
    return Guest(row.uuid, row.secret_hash, *facts, bool(row.email), row.given_email, only)


def renewed_token(token: str, enterprise: Enterprise) -> str:
    """A valid token, signed with the current key: itself, or a new one if a former key made it."""
    try:
        Signer(salt=salt(enterprise), fallback_keys=[]).unsign(token)
        return token
    except BadSignature:
        return signer(enterprise).sign(signer(enterprise).unsign(token))


def signed_in_guest(
    sign_in: SignIn, row: Visitor | None, is_taken: bool, browser: Browser
) -> Guest | None:
    """The visitor of a sign-in, whose row is `row` if they have one; None if another row has its
    uuid (`is_taken`), which is that of an erased visitor."""
    if row:
        guest = guest_of_row(row, sign_in=sign_in)
        guest.stored = row.has_written  # type: ignore[attr-defined]
        return guest
    if is_taken:
        return None
    with translation.override(browser.language):
        name = sign_in.person.name or default_name(sign_in.uuid)
    reachable = bool(sign_in.person.email)
    return Guest(
        sign_in.uuid, identities.NO_SECRET_HASH, name, False, False, None, sign_in, reachable
    )


def default_name(who: str) -> str:
    """A name to tell a visitor (uuid) or a visit (key) from others until a better one is known.
    Whoever was invited keeps that of their visit in the conversation (sockets/hello.py)."""
    return _("Visitor %(number)d") % {"number": 1000 + int(who[:8], 16) % 9000}


def find_enterprise(code: str) -> Enterprise | None:
    """The enterprise with this code, and its teams."""
    found = with_code.first(code)
    if found:
        attach(found, "teams", teams_of(found.pk))
    return found


@Kept
def with_code(code) -> QuerySet[Enterprise]:
    return Enterprise.objects.filter(code=code).order_by("pk")


@Kept
def teams_of(enterprise) -> QuerySet[Team]:
    return Team.objects.filter(enterprise_id=enterprise)


def find_team(enterprise: Enterprise, slug: str | None) -> Team | None:
    """The enterprise's team with this slug, None if there is none; without a slug the default team,
    else the oldest."""
    found = sorted(enterprise.teams.all(), key=lambda team: team.pk)
    teams = {team.slug: team for team in found}
    if slug:
        return teams.get(slug)
    return teams.get(DEFAULT_TEAM) or next(iter(teams.values()), None)


def socket_language(scope: dict, enterprise: Enterprise) -> str:
    """The language of the page that opens a socket: from the URL, as the widget sets it, else the
    visitor's, else the enterprise's."""
    query = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[0]
    header = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
    wished = supported_language(query) or wished_language(scope["cookies"], header)
    return wished or enterprise.text_language


def wished_language(cookies: Mapping[str, str], header: str) -> str | None:
    """The first supported language that a browser wants, by its cookie or its Accept-Language
    header; None if it wants others only."""
    wishes = [cookies.get(settings.LANGUAGE_COOKIE_NAME, "")]
    wishes += [wish.partition(";")[0].strip() for wish in header.lower()[:200].split(",")]
    return next(filter(None, map(supported_language, wishes)), None)


def supported_language(wish: str) -> str | None:
    """The supported language for a language code, such as zh-hans for zh-CN; None for none."""
    try:
        return translation.get_supported_language_variant(wish)
    except LookupError:
        return None
