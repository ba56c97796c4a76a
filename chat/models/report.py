"""What reports count: receptions, replies and messages as chat/reports derives them.

Other rows tell the same, but not so that a period can be counted. `conversation.counted_seq` says
up to which row they have been read.

The database does not look after the teams of these rows: it would lock a team for each new row,
while many conversations are locked, which elsewhere are locked after their team.
"""

from django.db import models

from accounts.models import Member, OwnKey, Team

from .conversation import Origin


class CountedReception(models.Model):
    """A reception as reports count it: what a visitor reopened within a day belongs to the earlier
    one, and it begins with the first message that waits for a person.

    `opened_at` is that beginning, `first_seq` the message's number. `team` is the team of that
    moment. `holder` is the member (uuid) who held the claim last, `members` those who have written
    publicly. Durations are in microseconds: `…_worked` counts working hours only. `closed_at` is
    empty while it is open. `origin` is the conversation's.
    """

    ent_id = models.CharField(max_length=100)
    group_id = models.CharField(max_length=36, db_index=True)
    first_seq = models.IntegerField()
    team = OwnKey(Team, models.SET_NULL, null=True, related_name="+", db_constraint=False)
    opened_at = models.DateTimeField()
    replied_at = models.DateTimeField(null=True)
    replied_by = models.CharField(max_length=36, default="")
    reply_worked = models.BigIntegerField(null=True)
    closed_at = models.DateTimeField(null=True)
    resolution_worked = models.BigIntegerField(null=True)
    holder = models.CharField(max_length=36, default="")
    members = models.JSONField(default=list)
    score = models.SmallIntegerField(null=True)
    origin = models.CharField(max_length=10, default=Origin.LIVE, db_default="")

    class Meta:
        db_table = "counted_reception"
        indexes = [
            models.Index(fields=["ent_id", "opened_at"], name="counted_reception_time"),
            models.Index(fields=["ent_id", "closed_at"], name="counted_reception_close"),
        ]


class CountedReply(models.Model):
    """A reply that ended a wait within a reception, the first one excepted."""

    reception = models.ForeignKey(CountedReception, models.CASCADE, related_name="replies")
    asked_at = models.DateTimeField()
    replied_at = models.DateTimeField()
    replied_by = models.CharField(max_length=36)
    worked = models.BigIntegerField()

    class Meta:
        db_table = "counted_reply"


class CountedMessages(models.Model):
    """How many public messages somebody wrote in a conversation within a quarter of an hour (UTC).

    `member` is empty for the visitor. Their rows have numbers from `first_seq` to `last_seq`, among
    which others may stand. `reception` is none before the first reception begins.
    """

    ent_id = models.CharField(max_length=100)
    group_id = models.CharField(max_length=36, db_index=True)
    reception = OwnKey(CountedReception, models.CASCADE, null=True)
    team = OwnKey(Team, models.SET_NULL, null=True, related_name="+", db_constraint=False)
    quarter = models.DateTimeField()
    member = models.CharField(max_length=36, default="")
    n = models.IntegerField()
    first_seq = models.IntegerField()
    last_seq = models.IntegerField()
    origin = models.CharField(max_length=10, default=Origin.LIVE, db_default="")

    class Meta:
        db_table = "counted_messages"
        indexes = [models.Index(fields=["ent_id", "quarter"], name="counted_messages_time")]


class CountedDay(models.Model):
    """A UTC day of an enterprise that has rows in the tables above. `version` grows with each
    change of them; `data` has them packed (reports/counting/packs.py), as they were at the version
    `packed`."""

    ent_id = models.CharField(max_length=100)
    day = models.DateField()
    version = models.IntegerField(default=0, db_default=0)
    packed = models.IntegerField(default=0, db_default=0)
    data = models.BinaryField(default=b"")

    class Meta:
        db_table = "counted_day"
        constraints = [models.UniqueConstraint(fields=["ent_id", "day"], name="counted_day_once")]


class ReportMail(models.Model):
    """That a member wants the report of each week or month by mail.

    `sent_at` is when a process took the last one to send it, or when the member chose; empty makes
    the next one due at once.
    """

    class Every(models.TextChoices):
        WEEK = "week"
        MONTH = "month"

    member = models.OneToOneField(Member, models.CASCADE, related_name="report_mail")
    every = models.CharField(max_length=5, choices=Every.choices)
    sent_at = models.DateTimeField(null=True)
    language = models.CharField(max_length=12, blank=True, default="", db_default="")
    """What the member read when they chose; for those who have no language of their own."""

    class Meta:
        db_table = "report_mail"
