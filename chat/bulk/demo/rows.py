"""Stores invented conversations: all rows of all of them, with few statements."""

from collections.abc import Callable, Iterable
from functools import partial

from django.db import models, transaction

from accounts.hours import Hours, passed
from chat.files import storage
from chat.ledger.threads import Row
from chat.models import (
    Attachment,
    ChatGroup,
    Conversation,
    ConversationTag,
    GroupMember,
    GroupMessage,
    Reception,
    Tag,
    Visitor,
)
from chat.protocol import channels
from chat.protocol.selection import tag_key

from .pictures import Drawing
from .story import Story

BATCH = 500
"""Rows of one statement."""


def store(stories: list[Story]) -> None:
    """Stores all of them, in the caller's transaction."""
    create(Visitor, [story.visitor for story in stories])
    # In the order of their times, as their ids say which one is newer.
    receptions = [row for story in stories for row in story.receptions]
    create(Reception, sorted(receptions, key=lambda row: row.opened_at))
    ids = newest_receptions(stories)
    for story in stories:
        finish(story, ids[story.conversation.uuid])
    create(Conversation, [story.conversation for story in stories])
    create(ChatGroup, of_people(stories, seat))
    create(GroupMember, of_people(stories, shown_member))
    messages = [message(story, row) for story in stories for row in story.thread.rows]
    create(GroupMessage, sorted(messages, key=lambda row: row.created_at))
    store_tags(stories)
    files = [pair for story in stories for pair in story.files]
    create(Attachment, [file for file, _drawing in files])
    # A file on disk has a row, whatever comes between; and a picture that fails is no failure.
    transaction.on_commit(partial(write_files, files), robust=True)


def create(model: type[models.Model], rows: Iterable) -> None:
    model._base_manager.bulk_create(rows, batch_size=BATCH)


def newest_receptions(stories: list[Story]) -> dict[str, int]:
    """The id of the last reception of each group. Not every database tells the ids of what it was
    given."""
    ent_id = stories[0].visitor.ent_id
    found = Reception.objects.filter(ent_id=ent_id).order_by("id")
    return dict(found.values_list("group_id", "id"))


def finish(story: Story, reception: int) -> None:
    """Gives the conversation's row what its thread has come to."""
    row, thread = story.conversation, story.thread
    for name, value in (thread.columns or {}).items():
        setattr(row, name, value)
    for name in ("last_seq", "public_seq", "message_seq"):
        setattr(row, name, getattr(thread, name))
    row.waiting_since = thread.facts.get("waiting_since")
    if row.waiting_since:
        calendar = Hours.from_stored(row.team.hours)
        replied = story.reception.first_reply_at is not None
        seconds = row.team.target(replied, row.channel == channels.MAIL)
        row.due_at = passed(calendar, row.waiting_since, seconds)
    row.reception_id = reception


def of_people(stories: list[Story], make: Callable) -> list:
    """A row for each person in each of the conversations."""
    rows = []
    for story in stories:
        for place in story.places:
            member = place.member
            rows.append(make(story, member.uuid, member.display_name, member.avator))
        rows.append(make(story, story.visitor.uuid, story.visitor.label, ""))
    return rows


def seat(story: Story, who: str, _name: str, _avatar: str) -> ChatGroup:
    thread = story.thread
    taken = thread.seats[who]
    return ChatGroup(
        ent_id=thread.ent_id,
        uuid=thread.uuid,
        group_name=story.visitor.label,
        member_id=who,
        member_type=taken.member_type,
        unread=taken.unread,
        read_seq=taken.read_seq,
        joined_seq=taken.joined_seq,
        mentioned_seq=thread.mentioned.get(who, 0),
        created_at=story.visitor.created_at,
    )


def shown_member(story: Story, who: str, name: str, avatar: str) -> GroupMember:
    return GroupMember(
        ent_id=story.thread.ent_id,
        group_id=story.thread.uuid,
        member_id=who,
        member_name=name,
        member_avatar=avatar,
        member_type=story.thread.seats[who].member_type,
        created_at=story.visitor.created_at,
    )


def message(story: Story, row: Row) -> GroupMessage:
    return GroupMessage(
        ent_id=story.thread.ent_id,
        sender=row.sender,
        sender_name=row.sender_name,
        sender_avatar=row.sender_avatar,
        group_id=story.thread.uuid,
        message_type=row.kind,
        message_content=row.content,
        created_at=row.created_at,
        seq=row.seq,
        client_id=row.client_id,
        data=row.data,
    )


def write_files(files: list[tuple[Attachment, Drawing]]) -> None:
    for file, drawing in files:
        storage.store_content(file, drawing.content, drawing.thumbnail)


def store_tags(stories: list[Story]) -> None:
    tagged = [story for story in stories if story.conversation.tags]
    names = {name for story in tagged for name in story.conversation.tags}
    if not names:
        return
    ent_id = tagged[0].thread.ent_id
    new = [Tag(ent_id=ent_id, name=name, key=tag_key(name)) for name in sorted(names)]
    Tag.objects.bulk_create(new, ignore_conflicts=True)
    tags = {tag.key: tag for tag in Tag.objects.filter(ent_id=ent_id)}
    create(
        ConversationTag,
        [
            ConversationTag(conversation_id=story.thread.uuid, tag=tags[tag_key(name)])
            for story in tagged
            for name in story.conversation.tags
        ],
    )
