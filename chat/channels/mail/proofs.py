"""Which thread a mail joins: one that it proves, from somebody whom this thread knows.

A subject or a Message-ID that is merely cited decides nothing, since anybody can write those: a
stranger's mail never comes into a customer's conversation.
"""

import re
from collections.abc import Iterable, Sequence
from email.utils import parseaddr
from typing import Any, NamedTuple

from chat.channels.contract import Arrived
from chat.ledger.threads import MESSAGE
from chat.mail import proofs
from chat.models import Channel, ChannelContact, GroupMessage, Visitor, theirs
from chat.models.visitor import first_address
from chat.visitors import links

from . import imap
from .parsing import Mail

ID = re.compile(r"<[!-;=?-~]{3,250}>")
"""A Message-ID that may stand in a header of ours."""
CITED = 40
"""Cited ids that are looked at, and kept."""
COPIES = 20
"""Addresses of one Cc that are kept."""
QUOTED, COMMENT = re.compile(r'"(?:[^"\\]|\\.)*"'), re.compile(r"\([^()]*\)")
PASSED = re.compile(r"\s*(spf|dkim)\s*=\s*pass\b(.*)", re.I | re.S)
OF = {"spf": re.compile(r"smtp\.mailfrom\s*=\s*\"?([^\s\";]+)", re.I)}
OF["dkim"] = re.compile(r"header\.(?:d|i)\s*=\s*\"?([^\s\";]+)", re.I)
STRANGER, TWO, FORGED = "unknown_sender", "two_senders", "bad_proof"


class Place(NamedTuple):
    """`thread` is the contact's their_id, None for a new thread. `hint` says why a mail that cites
    one of ours did not join its thread: STRANGER, a good proof from an address that the thread does
    not know; TWO, several addresses in From; FORGED, a proof that is none of ours."""

    thread: str | None
    hint: str = ""


def place(channel: Channel, mail: Mail, page: Sequence[Arrived] = ()) -> Place:
    """Where a mail belongs. `page` is what the same fetch found before it."""
    cited = [*mail.in_reply_to, *reversed(mail.references)][:CITED]
    # Not Delivered-To and the like: some servers leave what the sender wrote there.
    places = [*cited, *mail.to, *mail.cc][: 2 * CITED]
    found = [what for text in places for what in proofs.proven(channel, text)]
    if len(mail.from_) != 1:
        return Place(None, TWO if found else "")
    sender = mail.from_[0].lower()
    for contact in filter(None, (contact_of(channel, what) for what in dict.fromkeys(found))):
        if sender in known(contact):
            return Place(contact.their_id)
    if found:
        return Place(None, STRANGER)
    if thread := own_thread(channel, mail, sender, page):
        return Place(thread)
    return Place(None, FORGED if any(map(proofs.claimed, places)) else "")


def contact_of(channel: Channel, what: str) -> ChannelContact | None:
    """Whose mail a proof is of."""
    contacts = channel.contacts.select_related("visitor", "conversation")
    first = what.partition("-")[0]
    if first.startswith(proofs.PAGE):
        number = first.removeprefix(proofs.PAGE)
        return contacts.filter(pk=number).first() if number.isdecimal() else None
    if not first.isdecimal():
        return None
    sent = channel.deliveries.filter(pk=first).values("conversation_id")
    return contacts.filter(conversation_id__in=sent).first()


def known(contact: ChannelContact) -> set[str]:
    """The addresses that may write in a thread: that of its first mail, those proven since, and a
    cc that an agent has accepted; in a conversation of the page the visitor's own, and only now."""
    visitor, data = contact.visitor, contact.data
    if visitor.is_erased:
        return set()
    if is_page(contact):
        return {visitor.own_email.lower()} if links.may_open(visitor) else set()
    found = [data.get("from", ""), *data.get("proven", []), *data.get("accepted", [])]
    if visitor.is_proven:
        found.append(first_address(visitor.contact))
    return {one.lower() for one in found if one}


def is_page(contact: ChannelContact) -> bool:
    """Whether the conversation goes on on the page, and mails only lead back to it."""
    return not contact.conversation.channel


def own_thread(channel: Channel, mail: Mail, sender: str, page: Sequence[Arrived]) -> str | None:
    """The thread of a customer's earlier mail, where this one cites nothing but mails of theirs in
    that thread, is from the same address, and our own mail server says that it is."""
    cited = {*mail.in_reply_to, *mail.references}
    if not cited or len(cited) > CITED or not is_authentic(channel, mail, sender):
        return None
    found: dict[str, set[str]] = {}
    for arrived in page:
        note(found, arrived.who, arrived.data, sender)
    waiting = channel.arrivals.filter(done_at=None).values_list("payload", flat=True)
    for payload in waiting.order_by("-pk")[:200]:
        note(found, payload["who"], payload["data"], sender)
    for contact in contacts_from(channel, sender):
        rows = GroupMessage.objects.filter(
            theirs(channel.ent_id),
            group_id=contact.conversation_id,
            sender=contact.visitor_id,
            message_type=MESSAGE,
            data__mail__message_id__in=list(cited),
        )
        for data in rows.values_list("data", flat=True):
            note(found, contact.their_id, data, sender)
    fit = [who for who, ids in found.items() if cited <= ids]
    return fit[0] if len(fit) == 1 else None


def contacts_from(channel: Channel, sender: str) -> Iterable[ChannelContact]:
    """The threads that began with a mail from this address."""
    people = Visitor.objects.filter(theirs(channel.ent_id), email_key=sender).values("uuid")
    for contact in channel.contacts.filter(visitor_id__in=people).order_by("-pk")[:CITED]:
        if contact.data.get("from", "").lower() == sender:
            yield contact


def note(found: dict[str, set[str]], who: str, data: dict | None, sender: str) -> None:
    """Adds a mail of theirs to the ids of its thread."""
    mail = (data or {}).get("mail") or {}
    if parseaddr(str(mail.get("from")))[1].lower() == sender:
        found.setdefault(who, set()).add(str(mail.get("message_id")))


def is_authentic(channel: Channel, mail: Mail, sender: str) -> bool:
    """Whether our own mail server (the setting `authserv`) has found by SPF or DKIM that the mail
    is from the domain that it names. Of several headers in its name the first one is its own: it
    puts them on top."""
    named = channel.settings.get("authserv", "").lower()
    for header in mail.auth_results if named else on_top(mail):
        name, *results = outside(header).split(";")
        server = "".join(name.lower().split()[:1])
        if server == named if named else is_ours(channel, server):
            return any(is_of_domain(result, sender, mail.return_path) for result in results)
    return False


def on_top(mail: Mail) -> list[str]:
    """The first Authentication-Results, if it stands above each Received: no sender's header does,
    also where our server writes none of its own."""
    names = [name.lower() for name, _value in mail.headers]
    until = names.index("received") if "received" in names else len(names)
    return mail.auth_results[:1] if "authentication-results" in names[:until] else []


def is_ours(channel: Channel, server: str) -> bool:
    """Whether it is the host of the mailbox or its address, or below one of them."""
    hosts = imap.box_of(channel).target.host, channel.settings["address"].rpartition("@")[2]
    return any(f".{server}".endswith(f".{host.lower()}") for host in hosts)


def outside(header: str) -> str:
    """What stands outside quotation marks and comments: within them it may be the sender's words,
    such as the envelope's address. What is left open begins one that does not end."""
    text = QUOTED.sub("-", header)
    while (inner := COMMENT.sub(" ", text)) != text:
        text = inner
    return re.split(r'["()]', text, maxsplit=1)[0]


def is_of_domain(result: str, sender: str, return_path: str) -> bool:
    """Whether one result passed for the domain of this address, or one above it."""
    passed = PASSED.match(result)
    if not passed:
        return False
    method = passed[1].lower()
    named = OF[method].search(passed[2])
    of = named[1] if named else return_path.strip("<> ") if method == "spf" else ""
    domain, mine = of.lower().rpartition("@")[2].strip("."), sender.rpartition("@")[2]
    return "." in domain and f".{mine}".endswith(f".{domain}")


def about(mail: Mail, automatic: bool, asker: str | None = None) -> dict[str, Any]:
    """What a contact keeps of a mail (Arrived.about): what an answer cites, and of the first one to
    whom (`asker`) and under which subject it goes. What a program says in a thread, such as that
    somebody is away, is not the mail that an answer is to."""
    if automatic and asker is None:
        return {"automatic": True}
    found: dict[str, Any] = {
        "message_id": "".join(ids([mail.message_id])),
        "references": ids(mail.references or mail.in_reply_to),
        "cc": [one for one in mail.cc if one not in mail.from_][:COPIES],
        "automatic": automatic,
    }
    if asker is not None:
        found |= {"from": asker, "subject": mail.subject[:500]}
    return found


def ids(texts: Iterable[str]) -> list[str]:
    """Those that are Message-IDs, as ours may cite them: the first one and the last."""
    found = [text for text in texts if ID.fullmatch(text)]
    return [*found[:1], *found[1:][-CITED:]]
