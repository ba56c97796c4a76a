"""A visitor's conversation with a team, its receptions and its tags."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import OwnKey, Team, new_uuid

from .group import theirs
from .visitor import Visitor


class Reception(models.Model):
    """One period of service (接待), from the opening of a conversation to its closing. `reason` and
    `summary` are for colleagues only; a visitor never sees them. At `handed_at` a bot's floor
    ended."""

    group_id = models.CharField(max_length=36, db_index=True)
    ent_id = models.CharField(max_length=100, db_index=True)
    opened_at = models.DateTimeField(_("opened"))
    handed_at = models.DateTimeField(null=True)
    first_reply_at = models.DateTimeField(_("first reply"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.CharField(max_length=36, blank=True, default="")
    mailed_at = models.DateTimeField(null=True)
    reason = models.CharField(_("reason"), max_length=60, blank=True, default="", db_default="")
    summary = models.CharField(_("summary"), max_length=1000, blank=True, default="", db_default="")
    score = models.SmallIntegerField(_("score"), null=True)
    comment = models.CharField(_("comment"), max_length=1000, blank=True, default="")

    class Meta:
        db_table = "reception"
        verbose_name = _("reception")
        verbose_name_plural = _("receptions")


def not_snoozed(now: datetime) -> models.Q:
    """The condition for conversations that are not snoozed at `now`."""
    return models.Q(snoozed_until=None) | models.Q(snoozed_until__lte=now)


class Origin(models.TextChoices):
    """Where a conversation comes from. The rows of demo and imported conversations are in no stream
    of events and in no webhook, and reports can leave them out. Rows that are added to an imported
    conversation afterwards are in the stream."""

    LIVE = ""
    DEMO = "demo"
    IMPORTED = "imported"


class ConversationQuerySet(models.QuerySet):
    def whole(self) -> "ConversationQuerySet":
        """Those whose visitor and team are of their own enterprise: no others are shown, or
        changed."""
        visitor = Visitor.objects.filter(uuid=models.OuterRef("visitor_id")).values("ent_id")
        team = Team.objects.filter(pk=models.OuterRef("team_id")).values("enterprise__code")
        return self.filter(theirs(models.Subquery(visitor)), theirs(models.Subquery(team)))


class Conversation(models.Model):
    """A visitor's one lasting conversation with a team. `uuid` is the group's id everywhere.

    `last_seq` is the seq of the last row in group_message, `public_seq` of the last row that the
    visitor may see, `message_seq` of the last row that is no notice. The three change only under
    this row's lock. `door` is the team on whose page the visitor writes, if the conversation was
    transferred to another `team` since. `reception` is the latest one. `quarantined_since` and
    `quarantined_for` say since when and why the conversation is in quarantine. Rows up to
    `emptied_seq` have no content any more (care/retention.py). Rows up to `counted_seq` are in the
    reports; `counting` is how things stood there (reports/counting/story.py), and `uncounted`
    whether there are further ones. A visitor is invented if their conversation's `origin` is the
    demo, and another system's if it was imported: they have no other one.

    `page` is the path of the page on which the visitor wrote first, as far as that page told it.
    `channel` is the kind of channel by which they write (protocol/channels.py); "" for the page.

    Whoever waits is to have an answer until `due_at` (conversations/targets.py). `bot` (a member's
    uuid) has the floor, and has not answered what the visitor wrote at `bot_asked_at`
    (conversations/floor.py).

    `offered_to` is the agent (uuid) to whom it is offered, until `offered_until`; `asked` is whom
    the conversation was offered to before (conversations/offers.py). `last_held_by` held the claim
    last, until `last_held_at`. `overflow_step` is how far the overflow of its team has gone in the
    wait that began at `overflowed_for`.
    """

    uuid = models.CharField(max_length=36, unique=True, default=new_uuid, editable=False)
    ent_id = models.CharField(_("enterprise"), max_length=100)
    visitor = OwnKey(Visitor, models.CASCADE, to_field="uuid", verbose_name=_("visitor"))
    team = OwnKey(Team, models.PROTECT, verbose_name=_("team"))
    reception = OwnKey(Reception, models.SET_NULL, null=True)
    door = OwnKey(Team, models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=10, blank=True, default="", db_default="")
    topic = models.CharField(_("topic"), max_length=60, blank=True, default="", db_default="")
    page = models.CharField(max_length=300, blank=True, default="", db_default="")
    last_seq = models.IntegerField(default=0)
    public_seq = models.IntegerField(default=0)
    message_seq = models.IntegerField(default=0)
    emptied_seq = models.IntegerField(default=0)
    open = models.BooleanField(
        _("status"), choices=[(True, _("open")), (False, _("closed"))], default=True
    )
    claimed_by = models.CharField(max_length=36, blank=True, default="")
    claimed_at = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(_("waiting since"), null=True)
    due_at = models.DateTimeField(_("answer due"), null=True)
    bot = models.CharField(max_length=36, blank=True, default="", db_default="")
    bot_asked_at = models.DateTimeField(null=True, db_index=True)
    last_activity = models.DateTimeField(_("last activity"))
    snoozed_until = models.DateTimeField(_("snoozed until"), null=True, db_index=True)
    closing_at = models.DateTimeField(null=True, db_index=True)
    reminded_at = models.DateTimeField(null=True)
    mailed_seq = models.IntegerField(default=0, db_default=0)
    mails_stopped = models.BooleanField(default=False, db_default=False)
    quarantined_since = models.DateTimeField(_("caught as spam at"), null=True)
    quarantined_for = models.CharField(max_length=10, blank=True, default="", db_default="")
    origin = models.CharField(
        max_length=10, choices=Origin.choices, blank=True, default=Origin.LIVE, db_default=""
    )
    tags = models.JSONField(_("tags"), default=list)
    offered_to = models.CharField(max_length=36, blank=True, default="", db_default="")
    offered_until = models.DateTimeField(null=True)
    offer_reason = models.CharField(max_length=60, blank=True, default="", db_default="")
    asked = models.JSONField(default=dict, db_default={})
    last_held_by = models.CharField(max_length=36, blank=True, default="", db_default="")
    last_held_at = models.DateTimeField(null=True)
    overflowed_for = models.DateTimeField(null=True)
    overflow_step = models.SmallIntegerField(default=0, db_default=0)
    counted_seq = models.IntegerField(default=0, db_default=0)
    counting = models.JSONField(null=True)
    uncounted = models.GeneratedField(
        expression=models.Q(last_seq__gt=models.F("counted_seq"), quarantined_for=""),
        output_field=models.SmallIntegerField(),
        db_persist=False,
    )

    objects = ConversationQuerySet.as_manager()

    class Meta:
        db_table = "conversation"
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        indexes = [
            # The newest of an enterprise, for the inbox of a member with very many seats.
            models.Index(fields=["ent_id", "last_activity"], name="conversation_activity"),
            models.Index(fields=["claimed_by"], name="conversation_claimed_by"),
            # The unclaimed and the closed ones. No column of it changes with a message.
            models.Index(fields=["ent_id", "open", "claimed_by"], name="conversation_view"),
            # Who waits, longest first. Written when a wait begins or ends.
            models.Index(fields=["ent_id", "waiting_since"], name="conversation_waiting"),
            # Who waits, the nearest target first. Written likewise.
            models.Index(fields=["ent_id", "due_at"], name="conversation_due"),
            # Those of a team that may be due for automatic closing.
            models.Index(fields=["team", "open", "closing_at"], name="conversation_idle"),
            # Those in quarantine, which are few.
            models.Index(fields=["ent_id", "quarantined_since"], name="conversation_quarantined"),
            # Open offers, which are few.
            models.Index(fields=["offered_to"], name="conversation_offered"),
            # Those that the reports have not read to the end, which are few.
            models.Index(fields=["uncounted", "ent_id"], name="conversation_uncounted"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["visitor", "team"], name="conversation_one_a_team")
        ]

    def __str__(self):
        return f"{self.visitor} · {self.team}"

    @property
    def state(self) -> str:
        """quarantined, waiting, open or closed."""
        if self.quarantined_since:
            return "quarantined"
        if not self.open:
            return "closed"
        return "waiting" if self.waiting_since else "open"


class MergedConversation(models.Model):
    """Where the conversation `group` is that a sign-in has merged with another one
    (chat/care/merges.py): its message n has the number n + `offset` in the conversation `into`.
    When that is merged in its turn, both change, so `into` is a conversation that is there. It
    names nobody, so an erasure leaves it, and retention, too."""

    ent_id = models.CharField(max_length=100)
    group = models.CharField(max_length=36, unique=True)
    into = models.CharField(max_length=36, db_index=True)
    offset = models.IntegerField()

    class Meta:
        db_table = "merged_conversation"


class Tag(models.Model):
    """A tag of an enterprise. `key` is the same for each spelling (selection.tag_key)."""

    ent_id = models.CharField(max_length=100)
    name = models.CharField(max_length=30)
    key = models.CharField(max_length=100)

    class Meta:
        db_table = "tag"
        constraints = [models.UniqueConstraint(fields=["ent_id", "key"], name="tag_once")]


class ConversationTag(models.Model):
    """A tag of a conversation, for searches. Conversation.tags repeats the names for display."""

    conversation = OwnKey(Conversation, models.CASCADE, to_field="uuid", within="tag")
    tag = OwnKey(Tag, models.CASCADE, within="conversation")

    class Meta:
        db_table = "conversation_tag"
        constraints = [
            models.UniqueConstraint(fields=["conversation", "tag"], name="conversation_tag_once")
        ]
