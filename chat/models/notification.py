"""Notifications: what is sent outside of the workspace to say that somebody is wanted."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Member, MemberSession, OwnKey, Team


class Devices(models.Manager):
    def get_queryset(self):
        return super().get_queryset().exclude(failure=PushDevice.GONE)

    def gone(self):
        return super().get_queryset().filter(failure=PushDevice.GONE)


class PushDevice(models.Model):
    """A browser in which a member allowed pushes: what its push service gave it (`endpoint` and two
    keys), and what it is sent. It ends with the session in which it was added, so an import,
    which brings no sessions, brings none.

    `quiet_from` to `quiet_to` are the hours without pushes, in the time zone `zone`. `shown_at` is
    when a window of its session was seen last. `sent_at` is the last push that the service took;
    `failure` why the last one was not taken, "" if it was.
    """

    GONE = "gone"
    """The failure of one that its push service knows no more. Only `objects.gone()` has it: a
    word to its browser, until that subscribes anew or its session ends."""

    class Choice(models.TextChoices):
        MINE = "mine", _("only what is mine")
        ALL = "all", _("also visitors whom nobody has claimed")

    ent_id = models.CharField(max_length=100, db_index=True)
    member = models.ForeignKey(Member, models.CASCADE, related_name="push_devices")
    session = models.ForeignKey(MemberSession, models.CASCADE, related_name="push_devices")
    endpoint = models.TextField()
    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of the endpoint, to find it by."""
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=40)
    choice = models.CharField(max_length=4, choices=Choice.choices, default=Choice.ALL)
    quiet_from = models.TimeField(null=True)
    quiet_to = models.TimeField(null=True)
    zone = models.CharField(max_length=50, default="UTC")
    created_at = models.DateTimeField(db_default=Now())
    shown_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=100, default="")
    failed_at = models.DateTimeField(null=True)

    objects = Devices()

    class Meta:
        db_table = "push_device"


class Robots(models.QuerySet):
    def failing(self, now: datetime) -> "Robots":
        """Those that somebody has to look at."""
        return self.filter(active=True, failures__gte=Robot.TIMES, failed_at__lte=now - Robot.FOR)


class Robot(models.Model):
    """An incoming webhook of a group chat on another platform. `sealed` is its URL, and the secret
    that signs where the platform signs, encrypted: who has the URL can write there. `causes` are
    those of notifications.causes; without a `team` it hears of all. Quiet hours are in the
    enterprise's time zone. `failure` is a code and words of the other side (robots.failures), ""
    once a message was taken; since `failed_at` there were so many `failures` in a row."""

    class Kind(models.TextChoices):
        FEISHU = "feishu", _("Feishu")
        DINGTALK = "dingtalk", _("DingTalk")
        WECOM = "wecom", _("WeCom")
        SLACK = "slack", "Slack"
        TEAMS = "teams", "Microsoft Teams"

    FOR, TIMES = timedelta(days=1), 3
    """For how long, and how often, one has to fail until it is not left at that."""

    ent_id = models.CharField(max_length=100, db_index=True)
    team = OwnKey(
        Team, models.CASCADE, null=True, blank=True, verbose_name=_("team"), related_name="+"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=60)
    sealed = models.TextField(default="", editable=False)
    active = models.BooleanField(_("active"), default=True)
    causes = models.JSONField(_("causes"), default=list)
    with_words = models.BooleanField(_("with the visitor's words"), default=False)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_to = models.TimeField(_("until"), null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)
    failure = models.CharField(max_length=300, default="", editable=False)
    failed_at = models.DateTimeField(null=True, editable=False)
    failures = models.IntegerField(default=0, editable=False)

    objects = Robots.as_manager()

    class Meta:
        db_table = "robot"
        verbose_name = _("robot")
        verbose_name_plural = _("robots")

    def __str__(self):
        return self.name


class Notification(models.Model):
    """A cause to notify somebody, stored with what caused it: `kind` and `cause` (which wait, offer
    or row) in the conversation `group_id`, or "" where it is about none. `who` is the member whom
    it is for, or ""; `facts` are those of the kind, without a visitor's words or name.

    It is looked at from `due_at` on; null where there is nothing more to do. `ended_at` is when
    its cause was gone, by the doing of `ended_by` (a member's uuid, or ""). Rows are deleted after
    days, and go along with no export: what they tell is over.
    """

    class Kind(models.TextChoices):
        WAITING = "waiting"
        OFFER = "offer"
        MENTION = "mention"
        LATE = "late"
        WANTED = "wanted"
        LEADER = "leader"
        RATED = "rated"
        BROKEN = "broken"

    ent_id = models.CharField(max_length=100)
    team_id = models.BigIntegerField(null=True)
    group_id = models.CharField(max_length=36, default="", db_index=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    cause = models.CharField(max_length=100)
    who = models.CharField(max_length=36, default="")
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_index=True)
    due_at = models.DateTimeField(null=True, db_index=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=36, default="")

    class Meta:
        db_table = "notification"
        constraints = [
            models.UniqueConstraint(
                fields=["ent_id", "group_id", "kind", "cause", "who"], name="notification_once"
            )
        ]


class NotificationDelivery(models.Model):
    """A notification on its way to a device or a robot. It is tried from `due_at` on; while it is
    TRYING, nobody knows whether it was taken. SENT ones of a device are replaced once their cause
    is gone (ENDING), and then they are ENDED.

    A device ends with its session at any moment, while its deliveries are made: so the database
    does not refuse to delete it, and deliveries without their device are dropped."""

    class State(models.IntegerChoices):
        DUE = 0
        SENT = 1
        ENDING = 2
        ENDED = 3
        FAILED = 4
        TRYING = 5

    notification = models.ForeignKey(Notification, models.CASCADE, related_name="deliveries")
    device = models.ForeignKey(
        PushDevice, models.CASCADE, null=True, related_name="deliveries", db_constraint=False
    )
    robot = models.ForeignKey(Robot, models.CASCADE, null=True, related_name="deliveries")
    state = models.SmallIntegerField(choices=State.choices, default=State.DUE)
    due_at = models.DateTimeField(null=True, db_index=True)
    tries = models.IntegerField(default=0)

    class Meta:
        db_table = "notification_delivery"
        constraints = [
            models.UniqueConstraint(
                fields=["notification", "device"], name="notification_device_once"
            ),
            models.UniqueConstraint(
                fields=["notification", "robot"], name="notification_robot_once"
            ),
        ]
