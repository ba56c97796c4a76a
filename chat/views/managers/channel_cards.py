"""What the page of channels shows: a card for each, today's numbers, and what was not sent."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Enterprise
from accounts.sentences import sentences
from chat.channels import failures, kinds, setup
from chat.channels.contract import CERTIFICATE, DAILY, LATE, NONSENSE, UNREACHABLE
from chat.models import (
    Channel,
    ChannelArrival,
    ChannelContact,
    ChannelDelivery,
    Conversation,
    Presence,
    Visitor,
    theirs,
)
from chat.templatetags.figures import duration

State = ChannelDelivery.State
SLOW, QUIET, STOPPED = timedelta(minutes=1), timedelta(minutes=5), timedelta(hours=1)
"""How long a message may wait, or nothing be fetched, until a channel counts as slow; and after
how long without a fetch something is wrong."""
SOON_OVER = timedelta(hours=6)
LISTED = timedelta(hours=24)
ON_ITS_WAY = timedelta(days=3)
"""Longer than a message is tried (webhooks.deliveries.DELAYS): older ones end no more today."""
MOST = 50
"""Messages of the list."""
ACCOUNTS = setup.ACCOUNT, "address", "open_kfid", "appid"
"""The settings by which the other side knows a channel; the first one that is there is shown."""
MEANWHILE = {
    "telegram": gettext_lazy("Telegram keeps what people write for 24 hours."),
    "weixin": gettext_lazy("What people write still arrives."),
    "weixin_kf": gettext_lazy("WeChat keeps what people write for 3 days."),
    "mail": gettext_lazy("Mails wait in the mailbox."),
}
ELSEWHERE = (UNREACHABLE, LATE, NONSENSE, CERTIFICATE)
"""Failures that may pass without a change of the settings."""


class Fact(NamedTuple):
    label: str
    value: str
    tone: str = ""


@dataclass(slots=True)
class Card:
    """`tone` is bad, warn, ok or off, `state` a word for it and `since` what goes with that. Of a
    broken one `trouble` says why and what becomes of messages, and `cure` what to do (change or
    test)."""

    channel: Channel
    account: str
    tone: str = "ok"
    state: str = ""
    since: str = ""
    trouble: str = ""
    cure: str = ""
    facts: list[Fact] = field(default_factory=list)
    notes: list[Fact] = field(default_factory=list)


class Unsent(NamedTuple):
    at: datetime
    channel: Channel
    visitor: str
    group: str
    seq: int
    reason: str
    then: str


class Day(NamedTuple):
    """Today's numbers, by channel (id)."""

    received: dict[int, int]
    sent: dict[int, int]
    failed: dict[int, int]

    @property
    def totals(self) -> tuple[int, ...]:
        return tuple(sum(each.values()) for each in self)


def midnight(now: datetime) -> datetime:
    """The beginning of the day, on the clocks of the active time zone."""
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def today(enterprise: Enterprise, now: datetime) -> Day:
    since = midnight(now)
    mine, amount = theirs(enterprise.code), Count("pk")
    came = ChannelArrival.objects.filter(mine, done_at__gte=since).values_list("channel")
    ended = ChannelDelivery.objects.filter(
        mine, created_at__gte=since - ON_ITS_WAY, ended_at__gte=since
    )
    counted = list(ended.values_list("channel", "state").annotate(amount))
    by_state = [
        {pk: n for pk, state, n in counted if state == one} for one in (State.SENT, State.FAILED)
    ]
    return Day(dict(came.annotate(amount).order_by()), *by_state)


def cards(enterprise: Enterprise, day: Day, now: datetime) -> list[Card]:
    """Of each channel, the broken ones first."""
    mine = theirs(enterprise.code)
    unsent = ChannelDelivery.objects.filter(mine, state=State.SENDING).exclude(reason=DAILY)
    waiting = {
        pk: (n, oldest)
        for pk, n, oldest in unsent.values_list("channel").annotate(Count("pk"), Min("created_at"))
    }
    is_open, has_some = Q(until__gt=now), Q(left__gt=0)
    windows = (
        ChannelContact.objects.filter(mine, is_open)
        .values_list("channel")
        .annotate(
            open=Count("pk", filter=has_some),
            soon_over=Count("pk", filter=has_some & Q(until__lt=now + SOON_OVER)),
            used_up=Count("pk", filter=Q(left=0)),
        )
    )
    open_ones = {pk: rest for pk, *rest in windows}
    found = []
    for channel in setup.of(enterprise).select_related("team").order_by("pk"):
        count, oldest = waiting.get(channel.pk, (0, None))
        card = stated(channel, oldest, now)
        if kinds.adapter_of(channel).grants:
            tell_windows(card, *open_ones.get(channel.pk, (0, 0, 0)))
        tell_numbers(card, day, count, oldest, now)
        found.append(card)
    return sorted(found, key=lambda card: ("bad", "warn", "ok", "off").index(card.tone))


def stated(channel: Channel, oldest: datetime | None, now: datetime) -> Card:
    """Its card, with its state in words."""
    settings = channel.settings
    account = next((settings[name] for name in ACCOUNTS if settings.get(name)), "")
    card = Card(channel, account)
    fetched = channel.fetched_at or channel.created_at
    fetches = kinds.adapter_of(channel).fetches(channel)
    if not channel.active:
        card.tone, card.state = "off", _("Switched off")
        card.since = _("Nothing comes in, and nothing is sent.")
    elif channel.failure:
        card.tone = "bad"
        why = failures.words(channel.kind, channel.failure, channel.failure_words)
        card.state = why[:1].upper() + why[1:]
        card.trouble = trouble_of(channel)
        card.cure = "test" if channel.failure in ELSEWHERE else "change"
    elif fetches and fetched < now - STOPPED:
        card.tone, card.state, card.cure = "bad", _("Nothing is fetched"), "test"
        text = _("The last fetch was %(time)s ago. Does the server run?")
        card.trouble = text % {"time": duration((now - fetched).total_seconds())}
    elif (oldest and oldest < now - SLOW) or (fetches and fetched < now - QUIET):
        card.tone, card.state, card.since = "warn", _("Slow"), heard(channel, now)
    else:
        card.state, card.since = _("Works"), heard(channel, now)
    return card


def trouble_of(channel: Channel) -> str:
    """Since when it does not work, and what becomes of messages."""
    since = timezone.localtime(channel.failed_at) if channel.failed_at else None
    lines = [_("Since %(time)s.") % {"time": f"{since:%m-%d %H:%M}"}] if since else []
    lines.append(str(MEANWHILE.get(channel.kind, "")))
    lines.append(_("Answers are tried again for 26 hours, and sent once it works."))
    return sentences(*lines)


def heard(channel: Channel, now: datetime) -> str:
    if channel.heard_at is None:
        return _("nothing has come yet")
    time = duration(max((now - channel.heard_at).total_seconds(), 1))
    return _("something came %(time)s ago") % {"time": time}


def tell_windows(card: Card, count: int, soon_over: int, used_up: int) -> None:
    card.facts.append(Fact(_("People who can be answered now"), str(count)))
    if soon_over:
        text = ngettext("%(n)d for less than 6 hours", "%(n)d for less than 6 hours", soon_over)
        card.notes.append(Fact("", text % {"n": soon_over}, "warn"))
    if used_up:
        text = ngettext(
            "%(n)d has used up all messages", "%(n)d have used up all messages", used_up
        )
        card.notes.append(Fact("", text % {"n": used_up}))


def tell_numbers(card: Card, day: Day, count: int, oldest: datetime | None, now: datetime) -> None:
    key = card.channel.pk
    came_and_went = f"{day.received.get(key, 0)} / {day.sent.get(key, 0)}"
    card.facts.append(Fact(_("Received / sent today"), came_and_went))
    if count and oldest:
        time = duration((now - oldest).total_seconds())
        text = _("%(n)d, the oldest for %(time)s") % {"n": count, "time": time}
        card.facts.append(Fact(_("Waiting to be sent"), text, "warn" * (oldest < now - SLOW)))
    if lost := day.failed.get(key, 0):
        card.facts.append(Fact(_("Not sent today"), str(lost), "bad"))
    for each in card.channel.cursor.get("left", []):
        text = _("The mailbox does not give a mail of %(came)s (UID %(uid)s)")
        text %= {"came": each.get("came") or "–", "uid": each["uid"]}
        card.notes.append(Fact("", text, "warn"))


def online_visitors(enterprise: Enterprise, now: datetime) -> int:
    """How many visitors have the chat page open."""
    there = Presence.objects.filter(expires_at__gt=now).values("who")
    return Visitor.objects.filter(theirs(enterprise.code), uuid__in=there).count()


def unsent(enterprise: Enterprise, now: datetime) -> list[Unsent]:
    """The newest messages that failed within a day, or are being tried again."""
    mine = theirs(enterprise.code)
    tried = Q(state=State.SENDING) & (Q(tries__gt=0) | Q(reason=DAILY))
    lost = Q(state=State.FAILED, ended_at__gte=now - LISTED)
    rows = ChannelDelivery.objects.filter(mine, lost | tried, created_at__gte=now - ON_ITS_WAY)
    found = list(rows.order_by("-created_at")[:MOST])
    known = {one.pk: one for one in setup.of(enterprise)}
    groups = Conversation.objects.filter(mine, uuid__in=[one.conversation_id for one in found])
    visitors = dict(groups.values_list("uuid", "visitor"))
    labels = Visitor.objects.filter(mine, uuid__in=visitors.values())
    names = dict(labels.values_list("uuid", "label"))
    return [
        Unsent(
            one.created_at,
            known[one.channel_id],
            names.get(visitors.get(one.conversation_id, ""), ""),
            one.conversation_id,
            one.seq,
            failures.words(known[one.channel_id].kind, one.reason, one.words),
            what_comes(one, known[one.channel_id], now),
        )
        for one in found
        if one.channel_id in known
    ]


def what_comes(delivery: ChannelDelivery, channel: Channel, now: datetime) -> str:
    """What becomes of a message that was not sent."""
    if delivery.state == State.FAILED:
        return _("Not tried again")
    if not channel.active:
        return _("Waits: the channel is off")
    if delivery.reason == DAILY:
        return _("Waits for tomorrow")
    if channel.failure:
        return _("Sent once the channel works")
    due = timezone.localtime(delivery.due_at)
    form = "%H:%M" if due.date() == timezone.localtime(now).date() else "%m-%d %H:%M"
    return _("Tried again at %(time)s") % {"time": due.strftime(form)}
