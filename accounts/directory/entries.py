"""An entry of a directory, and what it says in the form of a provider's claims."""

import time
from collections.abc import Mapping
from typing import Any

from accounts.models import Provider

DAY = 24 * 3600
DISABLED = 2
"""The bit of Active Directory's userAccountControl."""
UNTIL_1970 = 11_644_473_600
"""Seconds from 1601, since when Active Directory's accountExpires counts ten millionths of one. Of
an account without an end it is 0, or so large that its time never comes."""
FOR_GOOD = "000001010000Z"
"""The time in pwdAccountLockedTime of an account that somebody locked, not its wrong passwords."""


class Entry:
    IDS = ("entryUUID", "objectGUID", "ipaUniqueID", "nsUniqueId")
    """Where directories keep an entry's unchanging id: OpenLDAP, Active Directory, FreeIPA, 389."""
    LOCKS = ("userAccountControl", "nsAccountLock", "pwdAccountLockedTime")
    ENDS = ("shadowExpire", "accountExpires", "krbPrincipalExpiration")
    ATTRIBUTES = (*IDS, *LOCKS, *ENDS, "uid", "mail", "displayName", "cn")
    """What is asked for of each entry."""

    def __init__(self, dn: str, attributes: Mapping[str, list[bytes]]):
        self.dn = dn
        self.values = {name.lower(): values for name, values in attributes.items()}

    def texts(self, name: str) -> list[str]:
        """The values of an attribute that are texts."""
        found = []
        for value in self.values.get(name.lower(), []):
            try:
                found.append(value.decode())
            except UnicodeDecodeError:
                continue
        return found

    def first(self, name: str) -> str:
        return (self.texts(name) or [""])[0].strip()

    @property
    def subject(self) -> str:
        """`attribute:value` of its unchanging id, or ""."""
        for name in self.IDS:
            if values := self.values.get(name.lower()):
                value = values[0].hex() if name == "objectGUID" else self.first(name)
                return f"{name}:{value}"
        return ""

    @property
    def is_locked(self) -> bool:
        """Whether somebody has locked or disabled it, or its time is over. Not whether wrong
        passwords have: whoever guesses would end the member's sessions."""
        control = self.first("userAccountControl")
        return (
            (control.isdecimal() and bool(int(control) & DISABLED))
            or self.first("nsAccountLock").lower() == "true"
            or self.first("pwdAccountLockedTime") == FOR_GOOD
            or self.is_over
        )

    @property
    def is_over(self) -> bool:
        now, (day, tick, date) = time.time(), map(self.first, self.ENDS)
        return (
            (day.isdecimal() and int(day) * DAY < now)
            or (tick.isdecimal() and 0 < int(tick) < (now + UNTIL_1970) * 10**7)
            # For Kerberos the first second of 1970 is no end.
            or "19700101000000Z" < date < time.strftime("%Y%m%d%H%M%SZ", time.gmtime(now))
        )

    def claims(self, provider: Provider, groups: list[str]) -> dict[str, Any]:
        return {
            "sub": self.subject,
            "email": self.first("mail"),
            # Whoever writes a directory's entries is trusted with who has which address.
            "email_verified": True,
            "name": self.first("displayName") or self.first("cn"),
            "locked": self.is_locked,
            provider.claim: groups,
        }
