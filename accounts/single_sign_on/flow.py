"""The way to the provider and back (authorization code with state, nonce and PKCE)."""

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from accounts import sealing
from accounts.models import MemberSession, Provider, ProviderAccount

from . import fetching, people, tokens
from .errors import Refused

KEY = "single_sign_on"
"""In the session: what was sent to the provider."""
WITHIN = 600
"""Seconds for the way to the provider and back."""


def begin(request: HttpRequest, provider: Provider, back: str, wanted: str, again: bool) -> str:
    """The address at the provider to send the browser to. `back` is where it comes back to,
    `wanted` where the member goes then; `again` has them prove anew who they are."""
    verifier = secrets.token_urlsafe(48)
    sent = {
        "provider": provider.pk,
        "state": secrets.token_urlsafe(24),
        "nonce": secrets.token_urlsafe(24),
        "verifier": verifier,
        "back": back,
        "wanted": wanted,
        "again": again,
        "at": time.time(),
    }
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "scope": "openid email profile",
        "state": sent["state"],
        "nonce": sent["nonce"],
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",
        **({"prompt": "login", "max_age": "0"} if again else {}),
    }
    target = fetching.description(provider).get("authorization_endpoint")
    if not isinstance(target, str) or not fetching.is_safe(target):
        raise fetching.unreachable()
    request.session[KEY] = sent
    return f"{target}{'&' if '?' in target else '?'}{urlencode(query)}"


def challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def finish(request: HttpRequest, provider: Provider) -> tuple[Mapping, dict]:
    """What the provider says of who came back, and what was sent: `again`, `wanted`. It counts
    once. Raises Refused."""
    sent = request.session.pop(KEY, None)
    state = request.GET.get("state", "")
    if not sent or sent["provider"] != provider.pk or time.time() - sent["at"] > WITHIN:
        raise Refused(_("This sign-in took too long, or began in another browser. Try again."))
    if not constant_time_compare(state, sent["state"]):
        raise Refused(_("This sign-in took too long, or began in another browser. Try again."))
    code = request.GET.get("code", "")
    if not code or len(code) > 4000:
        raise Refused(_("The provider has not let you in."))
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": sent["back"],
        "client_id": provider.client_id,
        "code_verifier": sent["verifier"],
    }
    if provider.sealed:
        form["client_secret"] = sealing.unseal(provider.sealed) or ""
    answer = fetching.fetch(fetching.description(provider).get("token_endpoint"), form)
    claims = tokens.id_claims(provider, answer.get("id_token"), sent["nonce"])
    if sent["again"] and not is_recent(claims.get("auth_time"), sent["at"]):
        raise Refused(_("The provider has not asked you anew who you are."))
    return claims, sent


def is_recent(auth_time: object, since: float) -> bool:
    return isinstance(auth_time, int | float) and auth_time >= since - tokens.SKEW


def sid_of(claims: Mapping) -> str:
    """The provider's own name of the session, or ""."""
    sid = claims.get("sid")
    return sid if isinstance(sid, str) and len(sid) <= 255 else ""


def sessions_meant(provider: Provider, token: object) -> QuerySet[MemberSession]:
    """The sessions that a logout token means. Raises Refused."""
    claims = tokens.logout_claims(provider, token)
    rows = MemberSession.objects.filter(provider=provider)
    if isinstance(claims.get("sid"), str):
        rows = rows.filter(sid=claims["sid"])
    if isinstance(claims.get("sub"), str):
        meant = ProviderAccount.objects.filter(provider=provider, key=people.digest(claims["sub"]))
        rows = rows.filter(member__in=meant.values("member"))
    return rows
