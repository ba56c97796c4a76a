"""Topic, tag, page and channel: by what of its conversation a figure is narrowed, and told apart.

They are those that the conversation has now. Texts are compared letter by letter, which MariaDB's
own comparison does not do; a tag is the same in each spelling that the chat takes for one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from django.db.models import QuerySet
from django.db.models.functions import SHA256

from chat import sweeps
from chat.models import Conversation, ConversationTag, Tag
from chat.protocol.errors import Refused
from chat.protocol.selection import tag_key

FACETS = "topic", "tag", "page", "channel"
BATCH = 2_000
"""Conversations looked up by one query."""


@dataclass(frozen=True)
class Facets:
    """What counts: nothing is asked where a text is empty; `without` names facets of which the
    conversation has none."""

    topic: str = ""
    tag: str = ""
    page: str = ""
    channel: str = ""
    without: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self != Facets()

    @property
    def fields(self) -> dict[str, str]:
        """As an address has them."""
        without = ",".join(sorted(self.without))
        return {name: getattr(self, name) for name in FACETS} | {"without": without}


def asked_of(fields) -> Facets:
    """Those of an address. Raises `Refused`: `bad_field`."""
    without = frozenset(filter(None, (fields.get("without") or "").split(",")))
    if not without <= set(FACETS):
        raise Refused("bad_field", "without has topic, tag, page or channel.", field="without")
    return Facets(*(fields.get(name) or "" for name in FACETS), without)


def by_of(fields) -> str:
    """By which facet lines are asked for; "" for none. Raises `Refused`: `bad_field`."""
    by = fields.get("by") or ""
    if by not in ("", *FACETS):
        raise Refused("bad_field", "by is topic, tag, page or channel.", field="by")
    return by


def groups_of(ent_id: str, facets: Facets) -> QuerySet:
    """The uuids of an enterprise's conversations that have what is asked for."""
    found = Conversation.objects.filter(ent_id=ent_id)
    for column in ("topic", "page", "channel"):
        if text := getattr(facets, column):
            # Not MD5, which MySQL 9 does not have.
            digest = sha256(text.encode()).hexdigest()
            found = found.filter(**{column: text}).alias(**{f"{column}_digest": SHA256(column)})
            found = found.filter(**{f"{column}_digest": digest})
        if column in facets.without:
            found = found.filter(**{column: ""})
    if facets.tag:
        key = tag_key(facets.tag)
        same = Tag.objects.filter(ent_id=ent_id, key=key).values_list("pk", "key")
        tags = [pk for pk, stored in same if stored == key]
        worn = ConversationTag.objects.filter(tag_id__in=tags, conversation__ent_id=ent_id)
        found = found.filter(uuid__in=worn.values("conversation_id"))
    if "tag" in facets.without:
        found = found.exclude(uuid__in=ConversationTag.objects.values("conversation_id"))
    return found.values("uuid")


def values_of(facet: str, groups: Iterable[str]) -> dict[str, list[str]]:
    """What each of these conversations has of a facet; those that have nothing are left out."""
    found: dict[str, list[str]] = {}
    for some in sweeps.parts(sorted(groups), BATCH):
        if facet == "tag":
            worn = ConversationTag.objects.filter(conversation_id__in=some)
            rows = worn.order_by("tag__name").values_list("conversation_id", "tag__name")
        else:
            rows = Conversation.objects.filter(uuid__in=some).exclude(**{facet: ""})
            rows = rows.values_list("uuid", facet)
        for group, value in rows:
            found.setdefault(group, []).append(value)
    return found
