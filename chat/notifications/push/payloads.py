"""What a push says, as things stand when it is sent. It names no contact of a visitor's, whoever
reads it: it stands on a locked screen."""

import orjson
from django.utils.dateparse import parse_datetime

from accounts.models import Enterprise, Member
from chat.conversations.causes import origin_of
from chat.ledger import access
from chat.ledger.threads import MESSAGE, NOTE
from chat.models import GroupMessage, Notification, PushDevice, Visitor, theirs
from chat.protocol import contacts

MAX_NAME, MAX_TEXT = 80, 300
"""Characters: more than a phone shows, and together fewer bytes than encryption.MOST, even where
each is escaped."""
GONE = "gone"
Kind = Notification.Kind


def payload(one: Notification, device: PushDevice, ending: bool) -> bytes:
    """That something waits for the device's member; or with `ending`, who has it. Of a call that is
    no colleague's, and of a mention's end, nobody is named."""
    found = {"kind": GONE if ending else one.kind, "group": one.group_id}
    if ending:
        sits = access.sits(device.member.uuid, one.group_id, one.ent_id)
        return packed(**found, name=name_of(one) if sits and one.kind != Kind.MENTION else "")
    if one.kind == Kind.MENTION:
        # A note stays inside, whatever the enterprise allows: that is about visitors' words.
        note = called_by(one)
        return packed(**found, name=note.sender_name if note else "")
    if Enterprise.objects.filter(code=one.ent_id, push_text=True).exists():
        row = said_last(one)
        found["text"] = row.message_content or "" if row else ""
    return packed(**found, name=label_of(one))


def packed(*, name: str, text: str | None = None, **more: str) -> bytes:
    found = {**more, "name": contacts.masked_words(name)[:MAX_NAME]}
    if text is not None:
        found["text"] = contacts.masked_words(text)[:MAX_TEXT]
    return orjson.dumps(found)


def name_of(one: Notification) -> str:
    """Who has ended its cause, if a member did."""
    member = Member.objects.filter(uuid=one.ended_by, enterprise__code=one.ent_id).first()
    return member.display_name if member else ""


def label_of(one: Notification) -> str:
    found = Visitor.objects.filter(theirs(one.ent_id), conversation__uuid=one.group_id)
    return found.values_list("label", flat=True).first() or ""


def said_last(one: Notification) -> GroupMessage | None:
    """The visitor's last message that was neither recalled nor erased."""
    rows = rows_of(one).filter(message_type=MESSAGE)
    visitor = Visitor.objects.filter(theirs(one.ent_id), conversation__uuid=one.group_id)
    return rows.filter(sender__in=visitor.values("uuid")).order_by("-seq").first()


def called_by(one: Notification) -> GroupMessage | None:
    """The note that mentions."""
    return rows_of(one).filter(seq=int(origin_of(one)), message_type=NOTE).first()


def rows_of(one: Notification):
    return GroupMessage.objects.in_group(one.group_id).filter(theirs(one.ent_id))


def seconds_left(one: Notification, now) -> int:
    """Of an offer."""
    until = parse_datetime(one.cause)
    return max(0, int((until - now).total_seconds())) if until else 0
