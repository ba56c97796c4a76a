"""Visitors, their conversations, and who sits in them.

`ChatGroup`, `GroupMember` and `GroupMessage` are the seed's tables, names and meanings kept;
the columns we add are listed with their reasons in docs/architecture.md. Rows here point at
people by uuid and carry their names, so the chat path joins nothing.
"""

from django.db import connection, models
from django.db.models.functions import Now
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, TeamMember, new_uuid

from .alert_choices import AlertChoices as AlertChoices
from .canned import CannedReply as CannedReply

MemberType = TeamMember.Type


def in_order() -> str:
    """A join that is done in the order in which it is written: where the first table's rows are
    known to be few, and a database would begin with somebody's 10,000 seats."""
    return "CROSS JOIN" if connection.vendor == "sqlite" else "STRAIGHT_JOIN"


class Visitor(models.Model):
    """Someone who wrote at least once to an enterprise. The row comes with the first message."""

    uuid = models.CharField(max_length=36, unique=True, default=new_uuid, editable=False)
    ent_id = models.CharField(_("enterprise"), max_length=100, db_index=True)
    secret_hash = models.CharField(max_length=64, editable=False)
    label = models.CharField(_("name"), max_length=125)
    contact = models.CharField(_("contact"), max_length=125, blank=True, default="")
    referrer = models.CharField(_("came from"), max_length=500, blank=True, default="")
    language = models.CharField(_("language"), max_length=10, blank=True, default="")
    device = models.CharField(_("device"), max_length=60, blank=True, default="")
    browser = models.CharField(_("browser"), max_length=60, blank=True, default="")
    address = models.CharField(_("address"), max_length=45, blank=True, default="")
    path = models.JSONField(_("pages visited"), default=list)
    blocked = models.BooleanField(_("blocked"), default=False)
    blocked_until = models.DateTimeField(_("blocked until"), null=True, db_index=True)
    block_reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    blocked_by = models.CharField(_("blocked by"), max_length=125, blank=True, default="")
    created_at = models.DateTimeField(_("first seen"), db_default=Now())
    last_seen_at = models.DateTimeField(_("last seen"), null=True)

    class Meta:
        db_table = "visitor"
        verbose_name = _("visitor")
        verbose_name_plural = _("visitors")

    def __str__(self):
        return self.label

    @property
    def is_blocked(self) -> bool:
        """At this moment; a block that has an end may be over before a beat takes it away."""
        return self.blocked and (self.blocked_until is None or self.blocked_until > now())

    @property
    def is_erased(self) -> bool:
        """No cookie opens it any more, and nothing of it names anybody (erasure.py)."""
        return not self.secret_hash


class Reception(models.Model):
    """One opening to one closing of a conversation (接待): what reports count."""

    group_id = models.CharField(max_length=36, db_index=True)
    ent_id = models.CharField(max_length=100, db_index=True)
    opened_at = models.DateTimeField(_("opened"))
    first_reply_at = models.DateTimeField(_("first reply"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.CharField(max_length=36, blank=True, default="")
    score = models.SmallIntegerField(_("score"), null=True)
    comment = models.CharField(_("comment"), max_length=1000, blank=True, default="")

    class Meta:
        db_table = "reception"
        verbose_name = _("reception")
        verbose_name_plural = _("receptions")


class Conversation(models.Model):
    """A visitor's one lasting thread with a team; `uuid` is the group's id everywhere.

    `last_seq` numbers the rows of group_message; `public_seq` is the last one that a visitor
    may see (notes are not theirs), `message_seq` the last one that is no notice. They change
    only under this row's lock. `door` is the team on whose page the visitor writes, once the
    conversation was handed on to another `team`. `reception` is the latest one.
    """

    uuid = models.CharField(max_length=36, unique=True, default=new_uuid, editable=False)
    ent_id = models.CharField(_("enterprise"), max_length=100)
    visitor = models.ForeignKey(Visitor, models.CASCADE, to_field="uuid", verbose_name=_("visitor"))
    team = models.ForeignKey(Team, models.PROTECT, verbose_name=_("team"))
    reception = models.ForeignKey(Reception, models.SET_NULL, null=True)
    door = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    last_seq = models.IntegerField(default=0)
    public_seq = models.IntegerField(default=0)
    message_seq = models.IntegerField(default=0)
    open = models.BooleanField(_("open"), default=True)
    claimed_by = models.CharField(max_length=36, blank=True, default="")
    claimed_at = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(_("waiting since"), null=True)
    last_activity = models.DateTimeField(_("last activity"))
    snoozed_until = models.DateTimeField(_("snoozed until"), null=True, db_index=True)
    reminded_at = models.DateTimeField(null=True)
    tags = models.JSONField(_("tags"), default=list)

    class Meta:
        db_table = "conversation"
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        indexes = [
            # The newest of an enterprise, for the inbox of somebody who sits in very many.
            models.Index(fields=["ent_id", "last_activity"], name="conversation_activity"),
            models.Index(fields=["claimed_by"], name="conversation_claimed_by"),
            # The unclaimed and the closed ones. Nothing here changes with a message.
            models.Index(fields=["ent_id", "open", "claimed_by"], name="conversation_view"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["visitor", "team"], name="conversation_one_a_team")
        ]

    def __str__(self):
        return f"{self.visitor} · {self.team}"


class Tag(models.Model):
    """A word that an enterprise has put on conversations; `key` is the same for each spelling."""

    ent_id = models.CharField(max_length=100)
    name = models.CharField(max_length=30)
    key = models.CharField(max_length=100)

    class Meta:
        db_table = "tag"
        constraints = [models.UniqueConstraint(fields=["ent_id", "key"], name="tag_once")]


class ConversationTag(models.Model):
    """A tag of a conversation, to find it by; Conversation.tags has the names, to show them."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, to_field="uuid")
    tag = models.ForeignKey(Tag, models.CASCADE)

    class Meta:
        db_table = "conversation_tag"
        constraints = [
            models.UniqueConstraint(fields=["conversation", "tag"], name="conversation_tag_once")
        ]


class SeatQuerySet(models.QuerySet):
    def of(self, member_id: str):
        """The seats of one member or visitor, by uuid."""
        return self.filter(member_id=member_id)

    def in_group(self, group: str):
        return self.filter(uuid=group)

    def unread(self):
        return self.filter(has_unread=1)

    def mentioned(self):
        """Where a note calls this member, read or not."""
        return self.filter(mentioned_seq__gt=0)


class ChatGroup(models.Model):
    """A seat: one row for each group **and** member. It authorises, and counts the unread."""

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
    # A number, since a bare boolean in WHERE uses no index. It changes only as `unread` leaves or
    # reaches 0, so its index costs little where an index on `unread` would change every time.
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
    """How one who sits in a group is shown there; written together with the seat."""

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


class MessageQuerySet(models.QuerySet):
    def in_group(self, group: str):
        return self.filter(group_id=group)

    def visible_to(self, visitor: bool):
        """All rows for agents; for a visitor no notes, and no notices about them."""
        types = GroupMessage.Type
        hidden = types.NOTE, types.AGENT_NOTICE
        return self.exclude(message_type__in=hidden) if visitor else self

    def after(self, seq: int):
        """Newer than `seq`, oldest first."""
        return self.filter(seq__gt=seq).order_by("seq")

    def before(self, seq: int):
        """Older than `seq`, newest first."""
        return self.filter(seq__lt=seq).order_by("-seq")


class GroupMessage(models.Model):
    """A message, a notice (what happened to the conversation), a note (agents only), or a notice
    that is for agents only."""

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
        # The seed's indexes on group_id and sender are the beginnings of the two constraints: each
        # index that a message goes into costs a page of its own to write.
        indexes = [models.Index(fields=["ent_id"], name="group_message_ent_id")]
        constraints = [
            models.UniqueConstraint(fields=["group_id", "seq"], name="group_message_seq"),
            models.UniqueConstraint(fields=["sender", "client_id"], name="group_message_once"),
        ]


class Attachment(models.Model):
    """A file that somebody sent: on disk under `key`, told of by the message whose `client_id` and
    `sender` these are. The row stands before the file and before the message, so nothing lies on
    disk that no row knows; what got no message within a while is swept away (files.py).
    """

    key = models.CharField(max_length=32, unique=True)
    ent_id = models.CharField(max_length=100)
    sender = models.CharField(max_length=36)
    client_id = models.CharField(max_length=36)
    digest = models.CharField(max_length=64)
    """SHA-256 of what was uploaded: the same again is a retry, anything else a conflict."""
    name = models.CharField(max_length=100)
    size = models.IntegerField()
    mime = models.CharField(max_length=100)
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "attachment"
        indexes = [models.Index(fields=["sender", "client_id"], name="attachment_message")]


class Presence(models.Model):
    """A lease: `who` (member or visitor uuid) is connected to process `node` until `expires_at`;
    renewing it leaves `taken_at`, which tells who came. `away`: nobody touches their pages."""

    who = models.CharField(max_length=36)
    node = models.CharField(max_length=36)
    expires_at = models.DateTimeField(db_index=True)
    taken_at = models.DateTimeField(db_default=Now(), db_index=True)
    away = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "presence"
        constraints = [models.UniqueConstraint(fields=["who", "node"], name="presence_once")]
