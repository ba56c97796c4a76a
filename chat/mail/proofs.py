"""What shows that a mail answers one of ours: an HMAC over what our mail was about.

It stands in our Message-ID, which mail programs cite, and in the address to which an answer goes,
for those that do not. It counts for one mailbox (a channel), and on its own for nothing: whoever is
sent a mail can pass it on (chat/channels/mail/proofs.py).
"""

import re

from django.utils.crypto import constant_time_compare

from chat.models import Channel
from chat.visitors import keys

LENGTH = 20
"""Hex digits of an HMAC: 80 bits, and an address stays within the 64 characters that are allowed
before its @."""
FORM = re.compile(
    rf"([0-9a-z]{{1,24}}(?:-[0-9a-z]{{1,24}}){{1,2}})\.([0-9a-f]{{{LENGTH}}})(?![0-9a-z])"
)
"""Its parts are bounded: a text of strangers is searched for it."""
PAGE = "p"
"""How what is proven begins of a mail to a visitor of the page: `pCONTACT-SEQ`. Otherwise it is the
id of a message that was sent by the channel (deliveries.id_of)."""


def proof(channel: Channel, what: str) -> str:
    return f"{what}.{marks(channel, what)[0]}"


def marks(channel: Channel, what: str) -> list[str]:
    """The first is given out, the others were made with former keys."""
    macs = keys.macs("kefu.mail.proofs", f"{channel.key}:{what}", "sha256")
    return [mac.hexdigest()[:LENGTH] for mac in macs]


def claimed(text: str) -> list[tuple[str, str]]:
    """What looks like a proof in a text: (what, mark)."""
    return FORM.findall(text.lower())


def proven(channel: Channel, text: str) -> list[str]:
    """What this text proves."""
    return list(
        dict.fromkeys(
            what
            for what, mark in claimed(text)
            if any(constant_time_compare(mark, good) for good in marks(channel, what))
        )
    )


def message_id(channel: Channel, what: str) -> str:
    """The Message-ID of a mail about this, the same at each try."""
    domain = channel.settings["address"].rpartition("@")[2]
    return f"<{proof(channel, what)}@{domain}>"


def reply_address(channel: Channel, what: str) -> str:
    """Where an answer to the mail goes: the channel's address with the proof after a plus sign;
    the bare address where its provider does not deliver such a one."""
    settings = channel.settings
    address: str = settings["address"]
    name, _at, domain = address.rpartition("@")
    tagged = f"{name}+{proof(channel, what)}"
    chosen = settings.get("subaddress", "auto")
    is_bare = chosen == "no" or (chosen == "auto" and settings.get("bare"))
    return address if is_bare or len(tagged) > 64 else f"{tagged}@{domain}"
