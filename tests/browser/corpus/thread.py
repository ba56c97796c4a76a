"""A conversation with the corpus in it: seats, people, receptions, messages, files and notices."""

import itertools
import secrets
from datetime import timedelta

from chat.protocol.notices import Facts

from .payloads import PAYLOADS, WHOLE
from .texts import dressed

FACTS = {name for name, kind in Facts.__annotations__.items() if kind is str} - {"why"}
"""The texts that notices tell; an unknown `why` would take the others' sentence away."""


def furnish(text: str, conversation, person, alice) -> None:
    """Its message, its seats and how people are called there, and its reception that has ended."""
    from chat.models import GroupMessage, Reception

    ours = {"ent_id": conversation.ent_id}
    sit(text, conversation, (conversation.visitor_id, alice.uuid), [person])
    GroupMessage.objects.bulk_create(
        [
            dressed(
                GroupMessage,
                text,
                **ours,
                sender=person.uuid,
                sender_avatar=f"/avatars/{text}",
                group_id=conversation.uuid,
                seq=1,
                client_id=secrets.token_hex(16),
                data=None,
                created_at=conversation.last_activity,
            )
        ]
    )
    reception = Reception.objects.bulk_create(
        [
            dressed(
                Reception,
                text,
                **ours,
                group_id=conversation.uuid,
                opened_at=conversation.last_activity,
                closed_at=conversation.last_activity,
                closed_by=person.uuid,
                score=3,
            )
        ]
    )[0]
    conversation.reception = reception
    conversation.save(update_fields=["reception"])


def sit(text: str, conversation, seated: tuple, shown: list, faces: bool = True) -> None:
    """Seats, and beside them the members who only stand in the list of people."""
    from chat.models import ChatGroup, GroupMember

    ours = {"ent_id": conversation.ent_id}
    ChatGroup.objects.bulk_create(
        dressed(ChatGroup, text, **ours, uuid=conversation.uuid, member_id=who, unread=1)
        for who in seated
    )
    named = [(who, text) for who in seated] + [(person.uuid, person.nickname) for person in shown]
    GroupMember.objects.bulk_create(
        dressed(
            GroupMember,
            name,
            **ours,
            group_id=conversation.uuid,
            member_id=who,
            member_avatar=f"/avatars/{name}" if faces else "",
        )
        for who, name in named
    )


def long_conversation(home, service, reader, people: list, alice):
    """Each payload as a message (name, text, file, and what it quotes) and as a notice's facts; at
    the end a message and a note with all of them."""
    from django.utils import timezone

    from chat.models import Attachment, Conversation, GroupMessage

    now = timezone.now()
    long = Conversation.objects.bulk_create(
        [
            dressed(
                Conversation,
                WHOLE,
                ent_id=home.code,
                visitor=reader,
                team=service,
                last_activity=now,
            )
        ]
    )[0]
    furnished = itertools.count(2)
    furnish(WHOLE, long, people[0], alice)
    # So many faces that are not there would cost each page its time.
    sit(WHOLE, long, (), people[1:], faces=False)
    kinds = GroupMessage.Type
    rows, kept = [], []
    last = [(WHOLE, kinds.MESSAGE), (WHOLE, kinds.NOTE)]
    for text, kind in [*((text, kinds.MESSAGE) for text in PAYLOADS), *last]:
        seq = next(furnished)
        sender = reader.uuid if seq % 2 else alice.uuid
        row = dressed(
            GroupMessage,
            text,
            ent_id=home.code,
            sender=sender,
            sender_avatar=f"/avatars/{text}",
            group_id=long.uuid,
            message_type=kind,
            seq=seq,
            client_id=secrets.token_hex(16),
            data={"reply_to": seq - 1, "mentions": [alice.uuid], **by_mail(text)},
            created_at=now - timedelta(minutes=500 - seq),
        )
        file = kept_file(text, row, picture=text.isprintable() and seq % 4 == 0)
        row.data["attachment"] = facts_of(file)
        kept.append(file)
        rows.append(row)
    for about, (text, event) in enumerate(zip(PAYLOADS, itertools.cycle(events())), 2):
        seq = next(furnished)
        rows.append(
            dressed(
                GroupMessage,
                text,
                ent_id=home.code,
                group_id=long.uuid,
                message_type=kinds.NOTICE,
                seq=seq,
                sender=alice.uuid,
                client_id=secrets.token_hex(16),
                data={**dict.fromkeys(FACTS, text), "event": event, "of": about},
                created_at=now - timedelta(minutes=500 - seq),
            )
        )
    Attachment.objects.bulk_create(kept)
    GroupMessage.objects.bulk_create(rows)
    last = dict.fromkeys(("last_seq", "public_seq"), seq) | {"message_seq": rows[len(kept) - 1].seq}
    Conversation.objects.filter(pk=long.pk).update(**last)
    long.refresh_from_db()
    return long


def by_mail(text: str) -> dict:
    """What is told of a mail, and of one that was not delivered."""
    mail = {"subject": text, "from": text, "cc": [text], "hint": text, "message_id": text}
    delivery = {"channel": "mail", "state": "failed", "reason": text}
    return {"mail": mail, "quoted": text, "delivery": delivery}


def events() -> list[str]:
    """All that a notice may tell, and one that nobody knows; not what empties a page."""
    from chat.templatetags.notices import NOTICES

    return [*(event for event in NOTICES if event != "erasure"), "toString", "__proto__", "<b>"]


def kept_file(text: str, row, picture: bool):
    from PIL import Image

    from chat.files import storage
    from chat.models import Attachment

    file = dressed(
        Attachment,
        text,
        ent_id=row.ent_id,
        key=secrets.token_hex(16),
        sender=row.sender,
        client_id=row.client_id,
        size=12_345,
        width=40 if picture else None,
        height=40 if picture else None,
    )
    if picture:
        file.mime = "image/png"
        place = storage.file_path(file.key)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        Image.new("RGB", (40, 40), "teal").save(place, format="PNG")
        Image.new("RGB", (40, 40), "teal").save(storage.small_path(file.key), format="WEBP")
    return file


def facts_of(file) -> dict:
    from chat.files import storage

    return storage.message_data(file)
