"""Asks a directory who somebody is."""

import logging
import re
import secrets
from typing import Any

import ldap3
from ldap3.utils.conv import escape_filter_chars

from accounts.models import Enterprise, Provider, ProviderAccount

from . import connections
from .checks import LOGIN, compared
from .entries import Entry
from .errors import Away

TYPED = re.compile(r"[\w.@+-]{1,125}")
"""As an account of ours is written: no spaces, of which directories ignore some."""
GROUPS = "(|(member={dn})(uniqueMember={dn})(memberUid={uid}))"
MOST_GROUPS = 1000

log = logging.getLogger("kefu.sign_in")


def of_enterprise(enterprise: Enterprise | None) -> Provider | None:
    """The directory of an enterprise, if it has one that is on."""
    if enterprise is None or not enterprise.is_open:
        return None
    found = Provider.objects.select_related("enterprise")
    return found.filter(enterprise=enterprise, kind=Provider.Kind.LDAP, is_on=True).first()


def answers(provider: Provider) -> bool:
    """Whether the directory lets the account in that searches, and has the base. It is asked even
    if it was away a moment ago."""
    connections.forget(provider)
    try:
        with connections.opened(provider) as searching:
            search(searching, provider, "(objectClass=*)")
            return True
    except Away:
        return False


def who(provider: Provider, account: str, password: str) -> dict[str, Any] | None:
    """What the directory says of whoever has this account there, or this account here and is linked
    with an entry; None if there is nobody, or the password is another. Raises Away."""
    if not password or not TYPED.fullmatch(account):
        return None
    with connections.opened(provider) as searching:
        entry = find(searching, provider, account)
        # Who is not there has to take as long as who is.
        dn = entry.dn if entry else f"cn={secrets.token_hex(8)},{provider.base}"
        if not connections.accepts(provider, dn, password) or entry is None:
            return None
        return entry.claims(provider, groups(searching, provider, entry))


def find(searching: ldap3.Connection, provider: Provider, account: str) -> Entry | None:
    linked = ProviderAccount.objects.filter(provider=provider, member__name=account).first()
    if linked:
        return by_subject(searching, provider, linked.subject)
    wanted = provider.person_filter.replace(LOGIN, escape_filter_chars(account))
    found = search(searching, provider, wanted)
    if len(found) != 1:
        return None
    # Directories take several writings for the same account, such as letters with and without
    # accents; each would have ten tries.
    values = (value for name in compared(provider.person_filter) for value in found[0].texts(name))
    return found[0] if account.lower() in {value.lower() for value in values} else None


def by_subject(searching: ldap3.Connection, provider: Provider, subject: str) -> Entry | None:
    """The entry with this unchanging id, if it still fits the filter for whatever account."""
    name, _colon, value = subject.partition(":")
    if name == "objectGUID":
        value = re.sub("(..)", r"\\\1", value)
    else:
        value = escape_filter_chars(value)
    anybody = provider.person_filter.replace(LOGIN, "*")
    found = search(searching, provider, f"(&({name}={value}){anybody})")
    return found[0] if len(found) == 1 else None


def search(searching: ldap3.Connection, provider: Provider, wanted: str) -> list[Entry]:
    """Up to two entries that fit."""
    asked = [*Entry.ATTRIBUTES, *compared(provider.person_filter), *filter(None, [provider.claim])]
    searching.search(
        provider.base,
        wanted,
        attributes=list(dict.fromkeys(asked)),
        size_limit=2,
        time_limit=connections.TIMEOUT,
    )
    return entries_of(searching, provider)


def entries_of(searching: ldap3.Connection, provider: Provider) -> list[Entry]:
    state = searching.result["description"]
    # A base that is missing (noSuchObject) is a fault: it does not say that somebody has gone.
    if state not in ("success", "sizeLimitExceeded"):
        log.warning("directory %s: a search: %s", provider.pk, state)
        raise Away
    rows = [one for one in searching.response or [] if one["type"] == "searchResEntry"]
    return [Entry(one["dn"], one["raw_attributes"]) for one in rows]


def groups(searching: ldap3.Connection, provider: Provider, entry: Entry) -> list[str]:
    """The values of the attribute for roles. Many directories do not write groups to their members
    (`memberOf`): then the groups are searched that name the entry."""
    found = entry.texts(provider.claim) if provider.claim else []
    if found or provider.claim.lower() != "memberof":
        return found
    uid = (entry.texts("uid") or [""])[0]
    wanted = GROUPS.format(dn=escape_filter_chars(entry.dn), uid=escape_filter_chars(uid))
    if not uid:
        wanted = wanted.replace("(memberUid=)", "")
    searching.search(
        provider.base,
        wanted,
        attributes=["1.1"],
        size_limit=MOST_GROUPS,
        time_limit=connections.TIMEOUT,
    )
    return [one.dn for one in entries_of(searching, provider)]
