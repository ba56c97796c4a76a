"""Conversations as they may have been, made at random or as a test wants them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from random import Random

from accounts.models import Enterprise, Member, Team
from chat.models import Conversation, ConversationTag, GroupMessage, Reception, Tag, Visitor

START = datetime(2026, 3, 1, 4, 0, tzinfo=timezone.utc)
WORDS = ("refund", "退款", "Hello", "order 17", "50% off", "a_b", "发票", "x")
NAMES = ("Wang", "王小明", "Li 50%", "Zoe")
PLACES = ("https://shop.example/cart", "https://shop.example/产品", "https://other.example/a_b")
TOPICS = ("", "Delivery", "Invoices")
CHANNELS = ("", "mail", "telegram")
TAGS = ("vip", "退换", "bug")


@dataclass
class Known:
    """What a test knows of a conversation, beside its row."""

    row: Conversation
    visitor: Visitor
    receptions: list[Reception] = field(default_factory=list)
    messages: list[GroupMessage] = field(default_factory=list)
    tags: tuple[str, ...] = ()


def add(
    enterprise: Enterprise, team: Team, at: datetime, words=(), sender: Member | None = None, **more
) -> Known:
    """A conversation whose visitor wrote these words, a minute apart, and `sender` an answer;
    `more` are columns of it."""
    visitor = Visitor.objects.create(ent_id=enterprise.code, label=more.pop("label", "Wang"))
    row = Conversation.objects.create(
        ent_id=enterprise.code, visitor=visitor, team=team, last_activity=at, **more
    )
    found = Known(row, visitor)
    said = [(visitor.uuid, visitor.label, text) for text in words]
    if sender:
        said.append((sender.uuid, sender.display_name, "an answer"))
    for seq, (who, name, text) in enumerate(said, 1):
        found.messages.append(
            GroupMessage.objects.create(
                ent_id=enterprise.code,
                sender=who,
                sender_name=name,
                group_id=row.uuid,
                message_content=text,
                created_at=at - timedelta(minutes=len(said) - seq),
                seq=seq,
                client_id=f"{row.uuid[:30]}{seq}",
            )
        )
    reception = Reception.objects.create(
        group_id=row.uuid, ent_id=enterprise.code, opened_at=at - timedelta(minutes=len(said) + 1)
    )
    found.receptions.append(reception)
    last = {"last_seq": len(said), "message_seq": len(said), "public_seq": len(said)}
    Conversation.objects.filter(pk=row.pk).update(reception=reception, **last)
    row.refresh_from_db()
    return found


def invent(random: Random, enterprise: Enterprise, teams, members) -> Known:
    """A conversation of which everything is random."""
    at = START + timedelta(minutes=random.randrange(20 * 24 * 60))
    team, sender = random.choice(teams), random.choice([None, *members])
    words = [" ".join(random.sample(WORDS, 2)) for _ in range(random.randrange(1, 4))]
    one = add(enterprise, team, at, words, sender, label=random.choice(NAMES))
    visitor, row = one.visitor, one.row
    visitor.contact = random.choice(("", "wang@example.com", "138 0000"))
    visitor.referrer = random.choice(("", *PLACES))
    visitor.path = [{"url": random.choice(PLACES), "at": "2026-03-01T00:00:00Z"}]
    visitor.save()
    row.topic = random.choice(TOPICS)
    row.channel = random.choice(CHANNELS)
    row.page = random.choice(("", "/cart/2", "/a_b"))
    row.open = random.random() < 0.5
    row.waiting_since = at if row.open and random.random() < 0.5 else None
    row.quarantined_since = at if random.random() < 0.1 else None
    row.claimed_by = random.choice(["", *(who.uuid for who in members)])
    row.last_held_by = row.claimed_by or random.choice(["", *(who.uuid for who in members)])
    one.tags = tuple(random.sample(TAGS, random.randrange(3)))
    row.tags = list(one.tags)
    row.save()
    for name in one.tags:
        tag, _new = Tag.objects.get_or_create(ent_id=enterprise.code, key=name, name=name)
        ConversationTag.objects.create(conversation=row, tag=tag)
    if random.random() < 0.3:
        note = one.messages[-1]
        note.message_type = GroupMessage.Type.NOTE
        note.save()
    earlier = at - timedelta(days=random.randrange(1, 9))
    for reception, opened in ((one.receptions[0], at), (None, earlier)):
        if reception is None:
            if random.random() < 0.5:
                continue
            reception = Reception(group_id=row.uuid, ent_id=enterprise.code, opened_at=opened)
            reception.closed_at = opened + timedelta(hours=3)
        elif not row.open:
            reception.closed_at = at + timedelta(minutes=5)
        if random.random() < 0.5:
            reception.score = random.randrange(1, 6)
            reception.comment = random.choice(("", "good"))
        reception.save()
        if reception not in one.receptions:
            one.receptions.append(reception)
    return one
