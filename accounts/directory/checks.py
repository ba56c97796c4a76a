"""What may be written where a directory is set up. Each function raises ValidationError."""

import ipaddress
import re
import ssl
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from ldap3.core.exceptions import LDAPException
from ldap3.operation.search import parse_filter

LOGIN = "{login}"
"""Stands in the filter for what somebody types as account."""
COMPARED = re.compile(r"\(([A-Za-z][A-Za-z0-9-]*)=\{login\}\)")
PORTS = {"ldaps": 636, "ldap": 389}


def check_server(address: str, is_plain: bool) -> None:
    """ldaps://, or ldap://, which is encrypted after the greeting (StartTLS) unless `is_plain`."""
    try:
        parts = urlsplit(address)
        known = bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        known = False
    if not known or parts.scheme not in PORTS or parts.path.strip("/") or parts.query:
        raise ValidationError(_("An address such as ldaps://ldap.example.com."))
    if is_plain and parts.scheme == "ldaps":
        raise ValidationError(_("ldaps:// is encrypted: leave out one of the two."))


def place_of(address: str) -> tuple[str, int, bool]:
    """Host, port, and whether the connection is encrypted from its beginning."""
    parts = urlsplit(address)
    return parts.hostname, parts.port or PORTS[parts.scheme], parts.scheme == "ldaps"


def is_loopback(address: str) -> bool:
    host = place_of(address)[0]
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_filter(text: str) -> None:
    """A filter of RFC 4515 in which an attribute is compared with the account that is typed."""
    rest = COMPARED.sub("", text)
    if not COMPARED.search(text) or "{" in rest or "}" in rest:
        raise ValidationError(_("A filter such as (uid={login})."))
    try:
        parse_filter(text.replace(LOGIN, "x"), None, False, True, None, False)
    except (LDAPException, ValueError, IndexError) as error:
        raise ValidationError(_("A filter such as (uid={login}).")) from error


def compared(text: str) -> list[str]:
    """The attributes that the filter compares with the account."""
    return COMPARED.findall(text)


def check_authorities(text: str) -> None:
    """Certificates as PEM, or nothing."""
    try:
        if text:
            context_of(text)
    except (ssl.SSLError, ValueError) as error:
        sentence = _("Certificates as PEM text: -----BEGIN CERTIFICATE----- and so on.")
        raise ValidationError(sentence) from error


def context_of(authorities: str) -> ssl.SSLContext:
    """What verifies the directory's certificate and name: by these certificates (PEM), or by those
    that the system trusts."""
    return ssl.create_default_context(cadata=authorities or None)
