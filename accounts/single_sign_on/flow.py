"""The way to a provider and back, which all kinds share: an authorization code with a state that
counts once, in one browser, for ten minutes."""

import time
from collections.abc import Mapping

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from accounts.models import MemberSession, Provider, ProviderAccount

from . import dingtalk, feishu, oidc, people, sent, tokens, wecom
from .errors import Refused

KINDS = {
    Provider.Kind.OIDC: oidc,
    Provider.Kind.WECOM: wecom,
    Provider.Kind.DINGTALK: dingtalk,
    Provider.Kind.FEISHU: feishu,
}
KEY = "single_sign_on"
"""In the session: what was sent to the provider."""
WITHIN = 600
"""Seconds for the way to the provider and back."""


def begin(request: HttpRequest, provider: Provider, back: str, wanted: str, again: bool) -> str:
    """The address at the provider to send the browser to. `back` is where it comes back to,
    `wanted` where the member goes then; `again` has them prove anew who they are."""
    made = sent.make(provider.pk, back, wanted, again)
    address = KINDS[provider.kind].address(provider, made)
    request.session[KEY] = made
    return address


def finish(request: HttpRequest, provider: Provider) -> tuple[Mapping, sent.Sent]:
    """What the provider says of who came back, and what was sent. It counts once. Raises
    Refused."""
    made = request.session.pop(KEY, None)
    state = request.GET.get("state", "")
    if not made or made["provider"] != provider.pk or time.time() - made["at"] > WITHIN:
        raise Refused(_("This sign-in took too long, or began in another browser. Try again."))
    if not constant_time_compare(state, made["state"]):
        raise Refused(_("This sign-in took too long, or began in another browser. Try again."))
    kind = KINDS[provider.kind]
    code = request.GET.get(kind.CODE, "")
    if not code or len(code) > 4000:
        raise Refused(_("The provider has not let you in."))
    return kind.claims(provider, made, code), made


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
