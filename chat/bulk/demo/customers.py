"""What the shop knows of its customers: attributes, two visitors who are one person and two who may
be, and a segment."""

import random

from accounts.models import Attribute
from chat.customers import attributes
from chat.models import ContactBy, CustomerLink, Segment, Visitor, theirs
from chat.reading import faces

from .shop import Shop
from .story import Story

GOLD, SILVER, NEW = "Gold 金卡", "Silver 银卡", "New 新客"
KINDS: tuple[tuple[str, str, str, list[str]], ...] = (
    ("membership", "Membership 会员", "choice", [GOLD, SILVER, NEW]),
    ("spent", "Spent 累计消费", "number", []),
    ("company", "Company 公司", "text", []),
)
"""Key, label, kind and choices of each."""
KNOWN = 0.4
"""The share of visitors of whom the shop knows something."""
OF = {
    "陈静怡": {"membership": GOLD, "spent": 12_860, "company": "临安云栖文化"},
    "Daniel Novak": {"membership": SILVER, "spent": 1_240},
    "Hannah Fischer": {"membership": NEW, "spent": 86},
}
LINKED, PERHAPS = "陈静怡", "Daniel Novak"
"""Whom another visitor is, and may be."""
SEGMENT = "Gold 金卡"


def tell(shop: Shop, told: list[Story], chance: random.Random) -> None:
    """Gives the visitors of these conversations, who are not stored yet, what is known of them.
    Does nothing where the enterprise has attributes of its own."""
    known = set(shop.enterprise.attributes.values_list("key", flat=True))
    if known - {key for key, *_more in KINDS}:
        return
    for name, values in OF.items():
        if visitor := named(told, name):
            visitor.attributes = dict(values)
    for story in told:
        visitor = story.visitor
        if not visitor.attributes and chance.random() < KNOWN:
            (level,) = chance.choices((GOLD, SILVER, NEW), (1, 3, 4))
            visitor.attributes = {"membership": level, "spent": chance.randrange(40, 6_000)}
    sure, another = named(told, PERHAPS), nameless(told, "en")
    if sure and another:
        for one in (sure, another):
            one.contact, one.contact_by = sure.contact, ContactBy.PROVEN


def store(shop: Shop, told: list[Story]) -> None:
    """The rows beside theirs, once they are stored."""
    enterprise = shop.enterprise
    if not any(story.visitor.attributes for story in told):
        return
    for position, (key, label, kind, choices) in enumerate(KINDS):
        own = {"label": label, "kind": kind, "choices": choices, "position": position}
        Attribute.objects.get_or_create(enterprise=enterprise, key=key, defaults=own)
    known = [story.visitor.uuid for story in told if story.visitor.attributes]
    for visitor in Visitor.objects.filter(theirs(enterprise.code), uuid__in=known):
        attributes.index(visitor)
    customer, another = named(told, LINKED), nameless(told, "zh-hans")
    if customer and another:
        bob = shop.cast["bob"]
        CustomerLink.objects.create(
            ent_id=enterprise.code, visitor_id=another.uuid, customer_id=customer.uuid,
            linked_by=bob.uuid, linked_by_name=bob.display_name,
        )  # fmt: skip
    asked = {"fields": {f"{attributes.PARAMETER}membership": GOLD}}
    Segment.objects.get_or_create(enterprise=enterprise, name=SEGMENT, defaults=asked)


def named(told: list[Story], name: str) -> Visitor | None:
    """The visitor of the latest conversation with this name; None where there is none."""
    return next((one.visitor for one in reversed(told) if one.visitor.label == name), None)


def nameless(told: list[Story], language: str) -> Visitor | None:
    """The visitor of the latest conversation that is over who writes this language and gave no
    name; None where there is none."""
    return next(
        (
            one.visitor
            for one in reversed(told)
            if not one.thread.open
            and one.visitor.language == language
            and faces.is_numbered(one.visitor.label)
        ),
        None,
    )
