"""Tags: short words by which colleagues find a conversation. Visitors never see them.

The row of the conversation has the names, so that an inbox needs no join. The tags of an enterprise
have a table of their own, from which members choose and by which they search.
"""

from django.db.models import Count

from accounts.models import Member
from chat.ledger.threads import Thread
from chat.models import Conversation, ConversationTag, Tag
from chat.protocol.errors import Refused
from chat.protocol.notices import Notice, by
from chat.protocol.selection import tag_key

MOST = 20
"""Tags of one conversation."""
OFFERED = 200
"""Tags offered when one is chosen, the most used."""


def add(thread: Thread, actor: Member, name: str) -> None:
    """Puts a tag on, in the spelling that the enterprise has for it."""
    tag, _made = Tag.objects.get_or_create(
        ent_id=thread.ent_id, key=tag_key(name), defaults={"name": name}
    )
    names = tags_of(thread)
    if tag.name in names:
        return
    if len(names) >= MOST:
        raise Refused("conflict", f"A conversation has {MOST} tags at the most.")
    ConversationTag.objects.create(conversation_id=thread.uuid, tag=tag)
    set_tags(thread, sorted([*names, tag.name]))
    thread.notice(Notice.TAGGED, tag=tag.name, **by(actor))


def remove(thread: Thread, actor: Member, name: str) -> None:
    names = tags_of(thread)
    found = next((each for each in names if tag_key(each) == tag_key(name)), None)
    if found is None:
        return
    ConversationTag.objects.filter(
        conversation_id=thread.uuid, tag__ent_id=thread.ent_id, tag__name=found
    ).delete()
    set_tags(thread, [each for each in names if each != found])
    thread.notice(Notice.UNTAGGED, tag=found, **by(actor))


def tags_of(thread: Thread) -> list[str]:
    return Conversation.objects.values_list("tags", flat=True).get(pk=thread.id)


def set_tags(thread: Thread, names: list[str]) -> None:
    thread.facts["tags"] = names
    thread.set_columns(tags=names)


def in_use(ent_id: str) -> list[str]:
    """The enterprise's tags, the most used first; one that nothing has is forgotten."""
    used = ConversationTag.objects.filter(tag__ent_id=ent_id).values_list("tag__name")
    counted = used.annotate(count=Count("id")).order_by("-count", "tag__name")
    return [name for name, _count in counted[:OFFERED]]
