"""Checks the provider's tokens: signature, for whom, from whom, when."""

import logging
import time
from collections.abc import Mapping

import jwt
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from accounts.models import Provider

from . import calls
from .errors import Refused

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
ALGORITHMS += ["ES256", "ES384", "ES512", "EdDSA"]
"""With a key pair. Never `none`, and none whose key the client knows, too."""
SKEW = 120
"""Seconds by which clocks may differ."""
OLDEST = 600
"""Seconds for which a token that was issued may be on its way."""
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"

log = logging.getLogger("kefu.sign_in")


def checked(provider: Provider, token: object, required: list[str]) -> Mapping:
    """The claims of a token of this provider for us. Raises Refused."""
    if not isinstance(token, str) or len(token) > calls.MOST:
        raise invalid("it is missing")
    key = calls.key_for(provider, token)
    try:
        claims = jwt.decode(
            token,
            key.key,
            algorithms=ALGORITHMS,
            audience=provider.client_id,
            issuer=provider.issuer,
            leeway=SKEW,
            options={"require": ["iss", "aud", "iat", *required]},
        )
    except (jwt.ImmatureSignatureError, jwt.ExpiredSignatureError) as error:
        log.warning("single sign-on: a token is not valid now")
        raise clocks_differ() from error
    except (jwt.PyJWTError, TypeError, ValueError, AttributeError) as error:
        raise invalid(type(error).__name__) from error
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") is None:
        raise invalid("azp is missing")
    if claims.get("azp") not in (None, provider.client_id):
        raise invalid("azp is another")
    if claims["iat"] < time.time() - OLDEST - SKEW:
        raise clocks_differ()
    return claims


def id_claims(provider: Provider, token: object, nonce: str) -> Mapping:
    """The claims of an ID token that answers our request."""
    claims = checked(provider, token, ["exp", "sub", "nonce"])
    if not constant_time_compare(str(claims["nonce"]), nonce):
        raise invalid("the nonce is another")
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
        raise invalid("sub is no text")
    return claims


def logout_claims(provider: Provider, token: object) -> Mapping:
    """The claims of a token by which the provider says that somebody signed out there."""
    claims = checked(provider, token, [])
    events = claims.get("events")
    if not isinstance(events, Mapping) or LOGOUT not in events or "nonce" in claims:
        raise invalid("it is no logout token")
    if not any(isinstance(claims.get(name), str) for name in ("sub", "sid")):
        raise invalid("it names nobody")
    return claims


def clocks_differ() -> Refused:
    return Refused(
        _("The provider's answer is not valid now: its clock and ours may differ. Try again.")
    )


def invalid(why: str) -> Refused:
    log.warning("single sign-on: a token was refused: %s", why)
    return Refused(_("The sign-in provider's answer was refused. Try again."))
