"""Whom a notification reaches: devices of members, or robots."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from accounts.models import Enterprise, Member
from chat.conversations.causes import PUSHED
from chat.models import ChatGroup, Conversation, Notification, PushDevice, Robot, theirs
from chat.presence import shown

Kind = Notification.Kind


def devices(one: Notification, now: datetime) -> list[PushDevice]:
    """The devices to which it is pushed now: of whom it is for, while no window of theirs is
    seen."""
    if one.kind not in PUSHED:
        return []
    people = {one.who} if one.who else unclaimed_by(one)
    people -= shown.seen(people)
    found = PushDevice.objects.filter(theirs(one.ent_id), member__uuid__in=people)
    found = found.filter(
        member__status=Member.Status.NORMAL,
        member__enterprise__code=one.ent_id,
        member__enterprise__status=Enterprise.Status.OPEN,
    )
    if not one.who:
        found = found.filter(choice=PushDevice.Choice.ALL)
    return [each for each in found if not is_quiet(each.quiet_from, each.quiet_to, each.zone, now)]


def unclaimed_by(one: Notification) -> set[str]:
    """The agents who sit in a conversation that nobody holds, are in its team, and have not chosen
    to be offline."""
    seats = ChatGroup.objects.filter(theirs(one.ent_id), uuid=one.group_id)
    here = Member.objects.people().filter(
        uuid__in=seats.values("member_id"),
        places__team_id=one.team_id,
        online_status=Member.OnlineStatus.ONLINE,
    )
    return set(here.values_list("uuid", flat=True))


def robots(one: Notification, now: datetime) -> list[Robot]:
    """The robots that hear of it now."""
    if one.kind in PUSHED:
        return []
    found = Robot.objects.filter(theirs(one.ent_id), active=True).select_related("team")
    zone = Enterprise.objects.filter(code=one.ent_id).values_list("zone", flat=True).get()
    return [
        each
        for each in found
        if one.kind in each.causes
        and each.team_id in (None, one.team_id)
        and not is_quiet(each.quiet_from, each.quiet_to, zone, now)
    ]


def is_quiet(begin: time | None, end: time | None, zone: str, now: datetime) -> bool:
    """Whether it is between these times of the day in a time zone; they may span midnight."""
    if begin is None or end is None:
        return False
    at = now.astimezone(ZoneInfo(zone)).time()
    return begin <= at < end if begin < end else at >= begin or at < end


def lasts(one: Notification) -> bool:
    """Whether the cause is still there, as the row of the conversation has it."""
    if one.ended_at is not None:
        return False
    if one.kind not in PUSHED:
        return True
    found = Conversation.objects.filter(theirs(one.ent_id), uuid=one.group_id)
    return found.filter(visitor__blocked=False).exists()
