"""What 企业微信, 钉钉 and 飞书 have in common: an address for people, and calls that a server makes
with the app's secret. None of them signs what it says; it counts because it was asked for at the
vendor's own address."""

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from accounts import encryption
from accounts.models import Provider

from . import calls
from .errors import Refused

log = logging.getLogger("kefu.sign_in")


def link(address: str, **query) -> str:
    return f"{address}?{urlencode(query)}"


def secret_of(provider: Provider) -> str:
    return encryption.unseal(provider.sealed) or ""


def ask(address: str, status: str = "", **more) -> Mapping:
    """The answer of a vendor (`more` as of fetching.fetch). `status` is the field in which it says
    0 for success. Raises Refused."""
    answer = calls.fetch(address, **more)
    if status and answer.get(status) != 0:
        log.warning("single sign-on: the vendor answered %s", str(answer.get(status))[:20])
        raise not_let_in()
    return answer


def text(answer: object, name: str) -> str:
    """A text in an answer; "" where there is none."""
    found = answer.get(name) if isinstance(answer, Mapping) else None
    return found.strip() if isinstance(found, str) else ""


def needed(answer: object, name: str) -> str:
    """A text in an answer without which there is nobody. Raises Refused."""
    found = text(answer, name)
    if not 0 < len(found) <= 2000:
        raise not_let_in()
    return found


def claims(provider: Provider, subject: str, person: Mapping, **names: str) -> dict[str, Any]:
    """What a vendor says, as claims. `names`: the fields of `person` with the `account`, the
    `email` and the `departments`. The e-mail address is the corporation's own mailbox, which its
    administrators give; people write others themselves."""
    email = text(person, names["email"])
    departments = person.get(names["departments"])
    return {
        "sub": subject,
        "name": text(person, "name"),
        "account": f"{text(person, names['account']) or subject}@{provider.enterprise.code}",
        "email": email,
        "email_verified": bool(email),
        "department": departments if isinstance(departments, list) else [],
    }


def not_let_in() -> Refused:
    return Refused(_("The provider has not let you in."))


def of_another() -> Refused:
    log.warning("single sign-on: somebody of another corporation")
    return Refused(_("You do not belong to the corporation for which this sign-in is."))


def has_left() -> Refused:
    return Refused(_("Your account at the provider is disabled."))
