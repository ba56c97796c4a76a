"""Channels: other ways than the page by which visitors write and are answered."""

import secrets
from datetime import datetime

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Enterprise, OwnKey, Team
from chat.protocol import channels

from .conversation import Conversation
from .visitor import Visitor


def new_key() -> str:
    return secrets.token_hex(8)


class Channels(models.QuerySet):
    def on(self) -> "Channels":
        """Those that are switched on, of enterprises that are not closed."""
        opened = Enterprise.objects.filter(status=Enterprise.Status.OPEN)
        return self.filter(active=True, ent_id__in=opened.values("code"))


class Channel(models.Model):
    """A bot, an account or a mailbox of an enterprise on another platform. `key` is its public id.

    `settings` are the adapter's keys that are no secrets, `sealed` those that are, encrypted
    together, and `token` an access token that the other side gave, encrypted, until `token_until`.
    `bell` is what came with the other side's last call, for the next fetch, encrypted. What was
    fetched up to `cursor` is stored. One process at a time serves it: who has the `lease`.
    `heard_at` is when something came, `fetched_at` when the other side last answered a fetch.
    `failure` is why it does not work (a code of channels/contract.py), in the other side's words
    `failure_words`, since `failed_at`; "" while it works. `blocked` counts messages of blocked
    visitors, which are not stored.
    """

    class Kind(models.TextChoices):
        TELEGRAM = channels.TELEGRAM, channels.NAMES[channels.TELEGRAM]
        WEIXIN = channels.WEIXIN, channels.NAMES[channels.WEIXIN]
        WEIXIN_KF = channels.WEIXIN_KF, channels.NAMES[channels.WEIXIN_KF]
        MAIL = channels.MAIL, channels.NAMES[channels.MAIL]

    ent_id = models.CharField(max_length=100, db_index=True)
    key = models.CharField(max_length=16, unique=True, default=new_key, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=60)
    team = OwnKey(Team, models.PROTECT, verbose_name=_("team"), related_name="+")
    active = models.BooleanField(_("active"), default=True)
    assistant = models.BooleanField(_("the assistant answers"), default=False)
    settings = models.JSONField(default=dict)
    sealed = models.TextField(blank=True, default="", editable=False)
    token = models.TextField(blank=True, default="", editable=False)
    token_until = models.DateTimeField(null=True, editable=False)
    bell = models.TextField(blank=True, default="", editable=False)
    cursor = models.JSONField(default=dict, editable=False)
    lease = models.CharField(max_length=36, blank=True, default="", editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    heard_at = models.DateTimeField(null=True, editable=False)
    fetched_at = models.DateTimeField(null=True, editable=False)
    failure = models.CharField(max_length=40, blank=True, default="", editable=False)
    failure_words = models.CharField(max_length=300, blank=True, default="", editable=False)
    failed_at = models.DateTimeField(null=True, editable=False)
    blocked = models.IntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    comes: bool
    goes: bool
    """Whether something of it is to be taken in, or sent; only of health.serve."""
    objects = Channels.as_manager()

    class Meta:
        db_table = "channel"
        verbose_name = _("channel")
        verbose_name_plural = _("channels")

    def __str__(self):
        return self.name


class ChannelContact(models.Model):
    """Somebody who writes by a channel: their id there, the visitor that they are here, and their
    one conversation. Of a mail channel it is a thread of mails. `data` is the adapter's.

    Until `until` and for `left` messages the team may write to them; null is no limit. All of it
    changes under the lock of the conversation.
    """

    ent_id = models.CharField(max_length=100)
    channel = OwnKey(Channel, models.CASCADE, related_name="contacts")
    their_id = models.CharField(max_length=191)
    visitor = OwnKey(Visitor, models.CASCADE, to_field="uuid", related_name="+")
    conversation = OwnKey(Conversation, models.CASCADE, to_field="uuid", related_name="+")
    until = models.DateTimeField(null=True)
    left = models.IntegerField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        db_table = "channel_contact"
        constraints = [
            models.UniqueConstraint(fields=["channel", "their_id"], name="channel_contact_once"),
            models.UniqueConstraint(fields=["conversation"], name="channel_contact_one_talk"),
        ]

    def is_open(self, now: datetime) -> bool:
        """Whether one message more may be sent to them."""
        in_time = self.until is None or self.until > now
        return in_time and (self.left is None or self.left > 0)

    @property
    def window(self) -> dict | None:
        """Until when and how often the team may write to them; None without a limit."""
        if self.until is None and self.left is None:
            return None
        return {"until": self.until, "left": self.left}

    @property
    def copies(self) -> list[dict]:
        """Who reads along in a thread of mails: the addresses in Cc of their last mail and those
        that an agent accepted (channels/mail/copies.py): `address`, `accepted`. They are contact
        data."""
        accepted = self.data.get("accepted", [])
        named = dict.fromkeys([*accepted, *self.data.get("cc", [])])
        return [{"address": one, "accepted": one in accepted} for one in named]


class ChannelArrival(models.Model):
    """Something that came by a channel, stored as soon as it came and taken in afterwards. `key` is
    the other side's id of it, so that a repeat is none. `payload` is channels.contract.Arrived; it
    is emptied once it was taken in (`done_at`), and the row is deleted after some days."""

    ent_id = models.CharField(max_length=100)
    channel = OwnKey(Channel, models.CASCADE, related_name="arrivals")
    key = models.CharField(max_length=191)
    payload = models.JSONField(default=dict)
    tries = models.IntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now())
    created_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        db_table = "channel_arrival"
        constraints = [
            models.UniqueConstraint(fields=["channel", "key"], name="channel_arrival_once")
        ]
        indexes = [models.Index(fields=["channel", "done_at"], name="channel_arrival_waiting")]

    @property
    def who(self) -> str:
        """The other side's id of who sent it, until it was taken in."""
        return self.payload.get("who", "")


class ChannelDelivery(models.Model):
    """A message of a conversation (`seq`) on its way to the other side. It is sent in `pieces`, of
    which `sent` have arrived, whose ids there are `their_ids`. `reason` says why it failed (a code
    of channels/contract.py), `words` what the other side said."""

    class State(models.TextChoices):
        SENDING = "sending", pgettext_lazy("delivery", "sending")
        SENT = "sent", pgettext_lazy("delivery", "sent")
        FAILED = "failed", pgettext_lazy("delivery", "not delivered")

    ent_id = models.CharField(max_length=100)
    channel = OwnKey(Channel, models.CASCADE, related_name="deliveries")
    conversation = OwnKey(Conversation, models.CASCADE, to_field="uuid", related_name="+")
    seq = models.IntegerField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.SENDING)
    reason = models.CharField(max_length=40, blank=True, default="")
    words = models.CharField(max_length=300, blank=True, default="")
    pieces = models.IntegerField(default=1)
    sent = models.IntegerField(default=0)
    their_ids = models.JSONField(default=list)
    tries = models.IntegerField(default=0)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField(_("time"))
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "channel_delivery"
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="channel_delivery_once")
        ]
        indexes = [
            models.Index(fields=["channel", "state"], name="channel_delivery_due"),
            models.Index(fields=["ent_id", "created_at"], name="channel_delivery_day"),
        ]
