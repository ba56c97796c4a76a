"""Fetches from a provider: its description, its keys, tokens, and what a vendor knows of people.
Only superusers set the issuer (accounts/admin/single_sign_on.py), so that no tenant can have the
server ask inner addresses; what the issuer names has to be https, too. No redirect is followed."""

import hashlib
import http.client
import json
import logging
import urllib.error
import urllib.request
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

import jwt
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from accounts.models import Provider

from .errors import Refused

TIMEOUT = 6
"""Seconds for a step of a request."""
MOST = 512 * 1024
"""Bytes of an answer."""
KEPT = 600
"""Seconds for which a provider's description and keys are kept."""
ASKED_AGAIN = 15
"""Seconds in which nothing is fetched twice that was not there, nor keys for an unknown one."""

log = logging.getLogger("kefu.sign_in")


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None


opener = urllib.request.build_opener(NoRedirects)


def is_safe(address: str) -> bool:
    """Whether the server may send a secret there: https, or http where OIDC_PLAIN_HTTP allows."""
    try:
        parts = urlsplit(address)
        known = bool(parts.hostname) and not parts.username and parts.port != 0
    except ValueError:
        return False
    return known and parts.scheme in ("https", *["http"] * settings.OIDC_PLAIN_HTTP)


def fetch(
    address: object,
    form: dict | None = None,
    body: dict | None = None,
    headers: Mapping[str, str] | None = None,
) -> Mapping:
    """The JSON object at an address; `form` is posted, or `body` as JSON. Raises Refused."""
    if not isinstance(address, str) or not is_safe(address):
        log.warning("single sign-on: the provider names an address that is not https")
        raise unreachable()
    data = urlencode(form).encode() if form is not None else None
    more = {"Accept": "application/json", **(headers or {})}
    if body is not None:
        data, more["Content-Type"] = json.dumps(body).encode(), "application/json"
    request = urllib.request.Request(address, data, more)
    try:
        with opener.open(request, timeout=TIMEOUT) as answer:
            found = json.loads(answer.read(MOST))
    except urllib.error.HTTPError as error:
        log.warning("single sign-on: the provider answered %s", error.code)
        raise unreachable() from error
    except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
        log.warning("single sign-on: %s", type(error).__name__)
        raise unreachable() from error
    if not isinstance(found, Mapping):
        raise unreachable()
    return found


def unreachable() -> Refused:
    return Refused(_("The sign-in provider does not answer as it should. Try again later."))


def look_up(provider: Provider, what: str, address: object, anew: bool = False) -> Mapping:
    """The JSON object at an address of the provider, kept for a while. A failure is kept, too, for
    a short while: otherwise whoever asks often would have this server wait often."""
    digest = hashlib.sha256(provider.issuer.encode()).hexdigest()
    name = f"oidc:{provider.pk}:{digest}:{what}"
    found = None if anew else cache.get(name)
    if found is None:
        if cache.get(f"{name}:failed"):
            raise unreachable()
        try:
            found = fetch(address)
        except Refused:
            cache.set(f"{name}:failed", True, ASKED_AGAIN)
            raise
        cache.set(name, found, KEPT)
    return found


def description(provider: Provider) -> Mapping:
    """What the provider says of itself; its issuer has to be the one that was set."""
    address = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
    found = look_up(provider, "description", address)
    if found.get("issuer") != provider.issuer:
        log.warning("single sign-on: the provider calls itself by another issuer")
        raise unreachable()
    return found


def key_for(provider: Provider, token: str) -> jwt.PyJWK:
    """The provider's key that a token names. An unknown one has the keys fetched anew, as after a
    change of keys, but not again and again."""
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError as error:
        raise unreachable() from error
    for anew in (False, True):
        if anew and not cache.add(f"oidc:{provider.pk}:unknown", True, ASKED_AGAIN):
            break
        if found := [one for one in keys(provider, anew) if fits(one, header)]:
            return found[0]
    log.warning("single sign-on: a token was signed by a key that the provider does not list")
    raise unreachable()


def fits(key: jwt.PyJWK, header: Mapping) -> bool:
    wanted = header.get("kid")
    return (wanted is None or key.key_id == wanted) and key.public_key_use in (None, "sig")


def keys(provider: Provider, anew: bool) -> list[jwt.PyJWK]:
    found = look_up(provider, "keys", description(provider).get("jwks_uri"), anew)
    try:
        return jwt.PyJWKSet.from_dict(dict(found)).keys
    except (jwt.PyJWTError, TypeError, AttributeError, ValueError):
        return []
