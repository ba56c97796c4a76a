"""Seats, members and messages of a group: the tables of the seed schema, with its names kept.

docs/architecture.md lists the columns that were added, with reasons. Rows refer to people by uuid
and repeat their names, so that storing and reading messages needs no joins.
"""

import functools
import operator
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from django.db import connection, models
from django.db.models.functions import Now
from django.db.models.lookups import Exact, In
from django.utils.translation import gettext_lazy as _

from accounts.models import Member, TeamMember

if TYPE_CHECKING:
    from typing_extensions import Self

MemberType = TeamMember.Type
CODE = models.CharField()


def ordered_join() -> str:
    """The SQL join that reads its first table first. For queries whose first table has few matching
    rows, where the planner would begin with a member's 10,000 seats."""
    return "CROSS JOIN" if connection.vendor == "sqlite" else "STRAIGHT_JOIN"


def found_by(index: str) -> str:
    """The SQL behind a table's name that has MariaDB and MySQL find rows by this index. Of a small
    table they would read all rows, and a statement that locks rows waits for each that it reads and
    that another transaction has locked."""
    return f" FORCE INDEX ({index})" if connection.vendor == "mysql" else ""


def theirs(ent_id: "str | models.F | models.Subquery", column: str = "ent_id") -> Exact:
    """The condition that rows are an enterprise's (a code), for rows that are found by others: it
    is written so that no planner looks for them by it."""
    return Exact(unplanned(column), ent_id)


def of_these(ent_ids: Collection[str]) -> In:
    """The same for several enterprises, where what is asked for by id tells which of them."""
    return In(unplanned("ent_id"), ent_ids)


def any_of(conditions: Iterable[models.Q]) -> models.Q:
    """The condition that one of these holds: none of them, no row. Not begun with `Q(pk=None)`,
    which is `id IS NULL`: beside it SQLite uses no index for the others, and reads all rows."""
    return functools.reduce(operator.or_, conditions, models.Q(pk__in=()))


def unplanned(column: str) -> models.Func:
    return models.Func(models.F(column), template="+%(expressions)s", output_field=CODE)


class InGroup(models.QuerySet):
    if TYPE_CHECKING:

        def in_group(self, group: str) -> "Self": ...

    def of(self, conversation: Any) -> "Self":
        """The rows of a conversation (or a locked `Thread`) that are its enterprise's."""
        return self.in_group(conversation.uuid).filter(theirs(conversation.ent_id))


class SeatQuerySet(InGroup):
    def for_member(self, member_id: str) -> "SeatQuerySet":
        """The seats of a member or visitor (uuid)."""
        return self.filter(member_id=member_id)

    def held_by(self, member: Member) -> "SeatQuerySet":
        """The seats of a `Member` in their enterprise."""
        code = member.enterprise.code if member.enterprise else ""
        return self.for_member(member.uuid).filter(theirs(code))

    def in_group(self, group: str) -> "Self":
        return self.filter(uuid=group)

    def unread(self) -> "SeatQuerySet":
        return self.filter(has_unread=1)

    def mentioned(self) -> "SeatQuerySet":
        """Seats whose member is mentioned in a note, read or not."""
        return self.filter(mentioned_seq__gt=0)


class ChatGroup(models.Model):
    """A seat: one row for each group and member. It grants access and counts unread messages."""

    id = models.AutoField(primary_key=True)
    ent_id = models.CharField(max_length=100, default="", db_default="", db_comment="企业ID")
    member_id = models.CharField(max_length=36, default="", db_default="", db_comment="成员ID")
    group_name = models.CharField(max_length=500, default="", db_default="", db_comment="群名称")
    uuid = models.CharField(max_length=36, default="", db_default="", db_comment="唯一ID")
    member_type = models.SmallIntegerField(
        choices=MemberType.choices,
        default=MemberType.MEMBER,
        db_default=MemberType.MEMBER,
        db_comment="成员类型,1管理,2成员",
    )
    unread = models.IntegerField(default=0, db_default=0, db_comment="未读消息数")
    created_at = models.DateTimeField(null=True, db_default=Now())
    read_seq = models.IntegerField(default=0, db_default=0)
    joined_seq = models.IntegerField(default=0, db_default=0)
    mentioned_seq = models.IntegerField(default=0, db_default=0)
    reminded_seq = models.IntegerField(default=0, db_default=0)
    # A number, because a bare boolean in WHERE uses no index. It changes only when `unread` leaves
    # or reaches 0; an index on `unread` itself would be written with every message.
    has_unread = models.GeneratedField(
        expression=models.Q(unread__gt=0),
        output_field=models.SmallIntegerField(),
        db_persist=False,
    )

    objects = SeatQuerySet.as_manager()

    class Meta:
        db_table = "chat_group"
        db_table_comment = "聊天群(写扩散)"
        indexes = [
            models.Index(fields=["uuid"], name="chat_group_uuid"),
            models.Index(fields=["member_id"], name="chat_group_member_id"),
            models.Index(fields=["ent_id"], name="chat_group_ent_id"),
            models.Index(fields=["member_id", "has_unread"], name="chat_group_unread"),
            models.Index(fields=["member_id", "mentioned_seq"], name="chat_group_mentioned"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["uuid", "member_id"], name="chat_group_one_seat")
        ]


class GroupMember(models.Model):
    """How a member or visitor is shown in a group; written together with the seat."""

    id = models.AutoField(primary_key=True)
    ent_id = models.CharField(max_length=100, default="", db_default="", db_comment="企业ID")
    member_id = models.CharField(max_length=36, default="", db_default="", db_comment="成员ID")
    member_name = models.CharField(max_length=500, default="", db_default="", db_comment="成员名称")
    member_avatar = models.CharField(
        max_length=500, default="", db_default="", db_comment="成员头像"
    )
    group_id = models.CharField(max_length=36, default="", db_default="", db_comment="群ID")
    member_type = models.SmallIntegerField(
        choices=MemberType.choices,
        default=MemberType.MEMBER,
        db_default=MemberType.MEMBER,
        db_comment="成员类型,1管理,2成员",
    )
    created_at = models.DateTimeField(null=True, db_default=Now())

    class Meta:
        db_table = "group_member"
        db_table_comment = "聊天群成员(写扩散)"
        indexes = [
            models.Index(fields=["group_id"], name="group_member_group_id"),
            models.Index(fields=["member_id"], name="group_member_member_id"),
            models.Index(fields=["ent_id"], name="group_member_ent_id"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["group_id", "member_id"], name="group_member_once")
        ]


class MessageQuerySet(InGroup):
    def in_group(self, group: str) -> "Self":
        return self.filter(group_id=group)

    def visible_to(self, visitor: bool):
        """All rows for agents; for a visitor no notes and no notices to agents."""
        types = GroupMessage.Type
        hidden = types.NOTE, types.AGENT_NOTICE
        return self.exclude(message_type__in=hidden) if visitor else self

    def after(self, seq: int):
        """Rows newer than `seq`, oldest first."""
        return self.filter(seq__gt=seq).order_by("seq")

    def before(self, seq: int):
        """Rows older than `seq`, newest first."""
        return self.filter(seq__lt=seq).order_by("-seq")


class GroupMessage(models.Model):
    """A message, a notice (an event in the conversation), a note (for agents only), or a notice to
    agents only."""

    class Type(models.IntegerChoices):
        MESSAGE = 1, _("message")
        NOTICE = 2, _("notice")
        NOTE = 3, _("note")
        AGENT_NOTICE = 4, _("notice to agents")

    id = models.AutoField(primary_key=True)
    ent_id = models.CharField(max_length=100, default="", db_default="", db_comment="企业ID")
    sender = models.CharField(max_length=36, default="", db_default="", db_comment="发送成员ID")
    sender_name = models.CharField(
        max_length=500, default="", db_default="", db_comment="发送成员名称"
    )
    sender_avatar = models.CharField(
        max_length=500, default="", db_default="", db_comment="发送成员头像"
    )
    group_id = models.CharField(max_length=36, default="", db_default="", db_comment="群ID")
    message_type = models.SmallIntegerField(
        choices=Type.choices,
        default=Type.MESSAGE,
        db_default=Type.MESSAGE,
        db_comment="消息类型,1消息,2通知",
    )
    message_content = models.TextField(null=True, db_default=None, db_comment="消息内容")
    created_at = models.DateTimeField(null=True, db_default=Now())
    seq = models.IntegerField()
    client_id = models.CharField(max_length=36)
    data = models.JSONField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        db_table = "group_message"
        db_table_comment = "聊天群消息(读扩散)"
        # The seed's indexes on group_id and sender are prefixes of the two constraints, so they are
        # left out: each further index costs another page write per message.
        indexes = [models.Index(fields=["ent_id"], name="group_message_ent_id")]
        constraints = [
            models.UniqueConstraint(fields=["group_id", "seq"], name="group_message_seq"),
            models.UniqueConstraint(fields=["sender", "client_id"], name="group_message_once"),
        ]
