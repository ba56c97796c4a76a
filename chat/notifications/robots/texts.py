"""A notification in the words of a team, for a group chat of its people."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts import hours
from accounts.models import Enterprise, Team
from chat.models import Channel, Conversation, GroupMessage, Notification, Robot, Webhook, theirs
from chat.notifications import recipients
from chat.protocol import contacts, notices

from .platforms import Message

Kind = Notification.Kind
NAME = "Kefu"
"""Begins each message: some platforms take only what has a word that was agreed on."""
OF_A_WAIT = Kind.LATE, Kind.WANTED, Kind.LEADER
"""What is over with the wait that it is of."""
MOST = 200
"""Characters of a visitor's words."""
MAX_NAME = 60
"""Characters of a visitor's label."""


def message_of(one: Notification, robot: Robot, now: datetime) -> Message | None:
    """The message; None where its cause is gone, or the robot is to be quiet or off by now."""
    enterprise = Enterprise.objects.filter(code=one.ent_id).first()
    if enterprise is None or not recipients.hears(robot, one, enterprise, now):
        return None
    zone = hours.zone_named(enterprise.zone)
    with translation.override(enterprise.text_language), timezone.override(zone):
        return about_system(one) if one.kind == Kind.BROKEN else about_talk(one, robot)


def test_message(robot: Robot, enterprise: Enterprise) -> Message:
    with translation.override(enterprise.text_language):
        lines = [_("A test of %(robot)s. It works.") % {"robot": robot.name}]
        return Message(f"{NAME} · {enterprise.name}", lines)


def about_talk(one: Notification, robot: Robot) -> Message | None:
    """About a conversation. It may be gone, or its visitor may have been answered, since."""
    found = Conversation.objects.filter(
        theirs(one.ent_id),
        uuid=one.group_id,
        visitor__blocked=False,
        team__enterprise__code=one.ent_id,
    )
    talk = found.select_related("visitor", "team").first()
    if talk is None:
        return None
    since = one.created_at
    if one.kind == Kind.LATE:
        since = parse_datetime(one.cause) or since
        if talk.waiting_since != since:
            return None
    if one.kind in OF_A_WAIT:
        # Answered since, or answered and waiting anew.
        if not talk.open or talk.waiting_since is None or talk.waiting_since > since:
            return None
    lines = [team_line(talk.team), _("Since %(time)s") % {"time": moment(since)}]
    if robot.with_words and talk.quarantined_since is None:
        lines += words_of(talk)
    path = reverse("conversation", args=[one.group_id])
    return message(TITLES[Kind(one.kind)](one.facts), lines, path, _("Open the conversation"))


def message(title: str, lines: list[str], path: str, act: str) -> Message:
    link = f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else ""
    return Message(f"{NAME} · {title}", lines, link, act)


def team_line(team: Team) -> str:
    return _("Team: %(team)s") % {"team": team.name}


def moment(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local:%H:%M}" if local.date() == timezone.localdate() else f"{local:%m-%d %H:%M}"


def late(facts: dict) -> str:
    return _("A visitor has waited past the target")


def wanted(facts: dict) -> str:
    if facts.get("why") == notices.BY_VISITOR:
        return _("A visitor asks for a person")
    return _("The bot hands a visitor over to a person")


def leader(facts: dict) -> str:
    text = _("A leader is called: nobody has answered for %(n)s minutes")
    return text % {"n": facts.get("minutes", "?")}


def rated(facts: dict) -> str:
    return _("A visitor has rated %(n)s of 5") % {"n": facts.get("score", "?")}


TITLES: dict[Notification.Kind, Callable[[dict], str]] = {
    Kind.LATE: late,
    Kind.WANTED: wanted,
    Kind.LEADER: leader,
    Kind.RATED: rated,
}


def words_of(talk: Conversation) -> list[str]:
    """Who it is and what they wrote last, without addresses and numbers to reach them by."""
    label = contacts.masked_words(talk.visitor.label)[:MAX_NAME]
    lines = [_("Visitor: %(name)s") % {"name": label}]
    said = GroupMessage.objects.filter(
        theirs(talk.ent_id),
        group_id=talk.uuid,
        sender=talk.visitor_id,
        message_type=GroupMessage.Type.MESSAGE,
    )
    last = said.order_by("-seq").values_list("message_content", flat=True).first()
    text = " ".join(contacts.masked_words(last or "").split())
    if len(text) > MOST:
        text = f"{text[: MOST - 1]}…"
    return [*lines, _("“%(text)s”") % {"text": text}] if text else lines


def about_system(one: Notification) -> Message | None:
    """About what does not work; None where it does again."""
    since = [_("Since %(time)s") % {"time": moment(one.created_at)}]
    found = SYSTEM[one.facts["what"]](one)
    if found is None:
        return None
    title, lines, path = found
    return message(title, [*lines, *since], path, _("Open the administration"))


def channel(one: Notification) -> tuple[str, list[str], str] | None:
    # One that worked in between is said by what was noted of it since.
    since = parse_datetime(one.cause.split(":", 2)[2])
    found = Channel.objects.filter(theirs(one.ent_id), pk=one.facts["key"], active=True)
    row = found.filter(failed_at=since).exclude(failure="").select_related("team").first()
    if row is None:
        return None
    title = _("The channel %(name)s does not work") % {"name": row.name}
    return title, [team_line(row.team)], reverse("channels")


def webhook(one: Notification) -> tuple[str, list[str], str] | None:
    hook = Webhook.objects.filter(enterprise__code=one.ent_id, pk=one.facts["key"]).first()
    if hook is None:
        return None
    host = {"host": hook.url.split("/")[2].rpartition("@")[2]}
    if hook.active:
        title = _("Events could not be delivered to %(host)s") % host
    else:
        title = _("The webhook to %(host)s was switched off: its receiver is gone") % host
    return title, [], reverse("admin:chat_webhookdelivery_changelist")


def assistant(one: Notification) -> tuple[str, list[str], str] | None:
    return _("The assistant's model does not answer"), [], reverse("assistant")


SYSTEM = {"channel": channel, "webhook": webhook, "assistant": assistant}
