"""OpenID Connect: any provider that describes itself, with nonce and PKCE."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from accounts import encryption
from accounts.models import Provider

from . import calls, tokens
from .errors import Refused
from .sent import Sent, challenge

CODE = "code"


def address(provider: Provider, sent: Sent) -> str:
    """Where to send the browser."""
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": sent["back"],
        "scope": "openid email profile",
        "state": sent["state"],
        "nonce": sent["nonce"],
        "code_challenge": challenge(sent["verifier"]),
        "code_challenge_method": "S256",
        **({"prompt": "login", "max_age": "0"} if sent["again"] else {}),
    }
    target = calls.description(provider).get("authorization_endpoint")
    if not isinstance(target, str) or not calls.is_safe(target):
        raise calls.unreachable()
    return f"{target}{'&' if '?' in target else '?'}{urlencode(query)}"


def claims(provider: Provider, sent: Sent, code: str) -> Mapping:
    """What the provider says of whoever it gave the code to. Raises Refused."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": sent["back"],
        "client_id": provider.client_id,
        "code_verifier": sent["verifier"],
    }
    if provider.sealed:
        form["client_secret"] = encryption.unseal(provider.sealed) or ""
    answer = calls.fetch(calls.description(provider).get("token_endpoint"), form)
    found = tokens.id_claims(provider, answer.get("id_token"), sent["nonce"])
    if sent["again"] and not is_recent(found.get("auth_time"), sent["at"]):
        raise Refused(_("The provider has not asked you anew who you are."))
    return found


def is_recent(auth_time: object, since: float) -> bool:
    return isinstance(auth_time, int | float) and auth_time >= since - tokens.SKEW
