"""Whom a notification reaches: devices of members, or robots."""

from datetime import datetime, time

from django.contrib.sessions.models import Session
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.dateparse import parse_datetime

from accounts import hours, rights
from accounts.models import Enterprise, Member, Passkey, Provider, TeamMember
from chat.conversations.causes import PUSHED, origin_of
from chat.models import (
    ChatGroup,
    Conversation,
    Notification,
    NotificationDelivery,
    PushDevice,
    Robot,
    theirs,
)
from chat.presence import shown

Kind = Notification.Kind


def devices(one: Notification, now: datetime) -> list[PushDevice]:
    """The devices to which it is pushed now: of whom it is for, while no window of theirs is
    seen; without those to which it went. This is asked every few seconds while somebody waits."""
    if one.kind not in PUSHED:
        return []
    had = NotificationDelivery.objects.filter(notification=one, device=OuterRef("pk"))
    found = list(entitled(one, now).filter(~Exists(had)).select_related("member"))
    seen = shown.seen({each.member.uuid for each in found}) if found else set()
    return [
        each
        for each in found
        if each.member.uuid not in seen
        and not is_quiet(each.quiet_from, each.quiet_to, each.zone, now)
    ]


def entitled(one: Notification, now: datetime) -> QuerySet[PushDevice]:
    """The devices of whom it is for: the member whom it names, or else the agents of the team, and
    of that into which the wait has overflowed, who have not chosen to be offline; only those with
    a seat."""
    seats = ChatGroup.objects.in_group(one.group_id).filter(theirs(one.ent_id))
    found = alive(one, now).filter(member__uuid__in=seats.values("member_id"))
    if one.who:
        return found.filter(member__uuid=one.who)
    spilt = Conversation.objects.filter(theirs(one.ent_id), uuid=one.group_id)
    helping = spilt.filter(overflowed_for=F("waiting_since")).values("team__overflow")
    places = TeamMember.objects.filter(Q(team_id=one.team_id) | Q(team__in=helping))
    return found.filter(
        Exists(places.filter(member=OuterRef("member"))),
        choice=PushDevice.Choice.ALL,
        member__online_status=Member.OnlineStatus.ONLINE,
    )


def alive(one: Notification, now: datetime) -> QuerySet[PushDevice]:
    """The devices of the enterprise whose session holds, and whose member may use the workspace:
    not those who owe a second factor, for which a provider's own pages stand."""
    session = Session.objects.filter(session_key=OuterRef("session__key"), expire_date__gt=now)
    asked = Enterprise.objects.filter(code=one.ent_id)
    roles = asked.values_list("second_factor_roles", flat=True).first() or ()
    has_passkey = Exists(Passkey.objects.filter(member=OuterRef("member")))
    here = Q(session__provider=None) | Q(session__provider__kind=Provider.Kind.LDAP)
    found = PushDevice.objects.filter(
        theirs(one.ent_id),
        Exists(session),
        member__status=Member.Status.NORMAL,
        member__role__in=rights.roles_with(rights.WORKSPACE),
        member__enterprise__code=one.ent_id,
        member__enterprise__status=Enterprise.Status.OPEN,
    )
    return found.exclude(here, ~has_passkey, member__authenticator=None, member__role__in=roles)


def may_have(one: Notification, device: PushDevice, ending: bool, now: datetime) -> bool:
    """Whether a device may still be sent it; or with `ending`, that its cause is gone. Whoever
    ended it in a window of this browser needs no word there."""
    found = (alive if ending else entitled)(one, now).filter(pk=device.pk)
    if ending and one.ended_by == device.member.uuid:
        found = found.exclude(shown_at__gt=now - shown.FOR)
    return found.exists()


def robots(one: Notification, now: datetime) -> list[Robot]:
    """The robots that hear of it now."""
    if one.kind in PUSHED:
        return []
    enterprise = Enterprise.objects.filter(code=one.ent_id).first()
    if enterprise is None:
        return []
    found = Robot.objects.filter(theirs(one.ent_id), active=True)
    return [each for each in found if hears(each, one, enterprise, now)]


def hears(robot: Robot, one: Notification, enterprise: Enterprise, now: datetime) -> bool:
    """Whether a robot of the enterprise is to be sent it now. What falls into its quiet hours is
    not made up for."""
    return (
        robot.active
        and enterprise.status == Enterprise.Status.OPEN
        and one.kind in robot.causes
        and robot.team_id in (None, one.team_id)
        and not is_quiet(robot.quiet_from, robot.quiet_to, enterprise.zone, now)
    )


def is_quiet(begin: time | None, end: time | None, zone: str, now: datetime) -> bool:
    """Whether it is between these times of the day in a time zone; they may span midnight."""
    if begin is None or end is None:
        return False
    at = now.astimezone(hours.zone_named(zone)).time()
    return begin <= at < end if begin < end else at >= begin or at < end


def lasts(one: Notification) -> bool:
    """Whether the cause is still there, as the rows have it: while no device was known, nobody has
    noted that it ended."""
    if one.ended_at is not None:
        return False
    if one.kind not in PUSHED:
        return True
    found = Conversation.objects.filter(theirs(one.ent_id), uuid=one.group_id)
    return found.filter(cause_of(one), visitor__blocked=False).exists()


def cause_of(one: Notification) -> Q:
    """What a conversation is in which the cause lasts."""
    origin = origin_of(one)
    if one.kind == Kind.OFFER:
        return Q(offered_to=one.who, offered_until=parse_datetime(origin))
    if one.kind == Kind.MENTION:
        called = ChatGroup.objects.in_group(one.group_id).for_member(one.who)
        unread = called.filter(theirs(one.ent_id), mentioned_seq=origin, read_seq__lt=origin)
        return Q(Exists(unread))
    waits = Q(open=True, snoozed_until=None, quarantined_since=None, team_id=one.team_id)
    return waits & Q(waiting_since=parse_datetime(origin), claimed_by=one.who)
