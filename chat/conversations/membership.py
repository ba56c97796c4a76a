"""How members get or lose a seat in one conversation by an action: invite, remove, leave, transfer.
What follows from a change of teams is in signals.py."""

from datetime import datetime

from accounts import rights
from accounts.models import Member, Team, TeamMember
from chat.ledger.threads import Thread
from chat.models import ChatGroup, Conversation, GroupMember, MemberType, theirs
from chat.protocol.errors import Refused
from chat.protocol.notices import Facts, Notice, about, by

from . import claims, floor, offers, seating, waits


def invite(thread: Thread, actor: Member, who: str) -> None:
    """Seats a colleague of the enterprise; a manager may so take a seat for themselves."""
    if who in thread.seats and who != thread.visitor:
        return
    member = colleague(who, thread.ent_id)
    seating.take_seats([(thread, member, MemberType.MEMBER)])
    thread.notice(Notice.INVITED, **about(member), **by(actor))


def leave(thread: Thread, actor: Member) -> None:
    if actor.uuid not in thread.seats:
        return
    refuse_last(thread, actor.uuid)
    remove_seats(thread, [actor.uuid])
    thread.notice(Notice.LEFT, **about(actor))


def remove(thread: Thread, actor: Member, leads: bool, who: str) -> None:
    """Takes a colleague's seat away; for leaders and managers."""
    if not leads:
        raise Refused("forbidden", "Only leaders and managers remove a member.")
    if who not in thread.seats:
        colleague(who, thread.ent_id)
        return
    if who == thread.visitor:
        raise Refused("not_found", "There is no such colleague.", member=who)
    refuse_last(thread, who)
    name = claims.name_of(thread, who)
    remove_seats(thread, [who])
    thread.notice(Notice.REMOVED, member=who, name=name, **by(actor))


def refuse_last(thread: Thread, who: str) -> None:
    """A visitor whose conversation is open must not be left without people."""
    others = [one for one in thread.agents() if one != who]
    if thread.open and not Member.objects.people().filter(uuid__in=others).exists():
        detail = "Nobody else sits here. Close it, or hand it on first."
        raise Refused("conflict", detail)


def hand_to_member(thread: Thread, actor: Member, leads: bool, who: str, now: datetime) -> None:
    """Seats a colleague and gives them the claim. The sender stays."""
    refuse_closed(thread, actor, leads)
    if thread.claimed_by == who:
        return
    member = colleague(who, thread.ent_id)
    if who not in thread.seats:
        seating.take_seats([(thread, member, MemberType.MEMBER)])
    claims.set_holder(thread, who, member.display_name, now)
    thread.notice(Notice.TRANSFERRED, **about(member), **by(actor))


def hand_to_team(
    thread: Thread, actor: Member, leads: bool, slug: str, locked: set[int], now: datetime
) -> None:
    """The team's agents take the seats, the others leave, the claim is free, and the visitor waits:
    since now, or for longer already; not while they are blocked.

    The caller holds the rows of both teams (`lock_teams`, which gave `locked`), so nobody gets or
    loses a place in either meanwhile.
    """
    refuse_closed(thread, actor, leads)
    conversation = Conversation.objects.select_related("team", "visitor").get(pk=thread.id)
    team = team_of(slug, thread.ent_id)
    if team.pk == conversation.team_id:
        return
    if conversation.team_id not in locked:
        raise Refused("conflict", "It was handed on at this very moment. Look again.")
    others = Conversation.objects.whole().filter(visitor_id=thread.visitor, team=team)
    if others.exists():
        detail = "The visitor has a conversation with that team already; write there."
        raise Refused("conflict", detail)
    places = {place.member.uuid: place for place in agents_of(team)}
    if all(place.member.is_program for place in places.values()):
        raise Refused("conflict", "Nobody is in that team.")
    remove_seats(thread, [who for who in thread.agents() if who not in places])
    claims.clear_holder(thread)
    for who in thread.agents():
        set_type(thread, who, places[who].member_type)
    come = [place for who, place in places.items() if who not in thread.seats]
    seating.take_seats([(thread, place.member, place.member_type) for place in come])
    thread.team_id = team.pk
    thread.set_columns(team=team, door_id=conversation.door_id or conversation.team_id)
    thread.facts |= {"team": team.slug, "team_name": team.name, "routing": team.routing}
    since = floor.end(thread) or now
    if not conversation.visitor.blocked:
        waits.wait(thread, since)
        if thread.former_holder:
            # They may sit in the other team, too, and held it last.
            offers.step_back(thread, thread.former_holder, now)
    facts: Facts = {"team": team.slug, "team_name": team.name}
    names = {code: texts["name"] for code, texts in team.translations.items() if "name" in texts}
    if names:
        facts["team_names"] = names
    thread.notice(Notice.MOVED, **facts, **by(actor))  # type: ignore[misc]  # each has its own keys


def refuse_closed(thread: Thread, actor: Member, leads: bool) -> None:
    """Handing on is for the holder, for who leads, and for all while nobody holds it."""
    if not thread.open:
        raise Refused("conflict", "It is closed. Reopen it first.")
    if thread.claimed_by not in ("", actor.uuid) and not leads:
        raise claims.refusal(thread)


def colleague(who: str, ent_id: str) -> Member:
    """An enabled member of the enterprise who works in the workspace, by uuid."""
    member = Member.objects.filter(uuid=who, enterprise__code=ent_id).first()
    if member is None or not (member.is_active and member.may(rights.WORKSPACE)):
        raise Refused("not_found", "There is no such colleague.", member=who)
    return member


def lock_teams(slug: str, ent_id: str, group: str) -> set[int]:
    """Locks the team that a conversation is handed to and the one that has it, and returns their
    keys. Whoever joins or leaves one of them waits, and then finds the conversation where it is.
    Before the conversation is locked, as everywhere else, and in the order of the keys, so that
    two who hand on in opposite directions do not wait for each other."""
    wanted = Team.objects.filter(enterprise__code=ent_id, slug=slug).values_list("pk", flat=True)
    present = Conversation.objects.filter(uuid=group, ent_id=ent_id)
    ids = {*wanted, *present.values_list("team_id", flat=True)}
    locked = Team.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    return {team.pk for team in locked}


def team_of(slug: str, ent_id: str) -> Team:
    team = Team.objects.filter(enterprise__code=ent_id, slug=slug).first()
    if team is None:
        raise Refused("not_found", "There is no such team.", team=slug)
    return team


def agents_of(team: Team) -> list[TeamMember]:
    places = team.places.filter(member__status=Member.Status.NORMAL)
    return list(places.select_related("member"))


def remove_seats(thread: Thread, people: list[str]) -> None:
    """Takes seats away, and with one its claim."""
    ChatGroup.objects.of(thread).filter(member_id__in=people).delete()
    shown = GroupMember.objects.filter(theirs(thread.ent_id), group_id=thread.uuid)
    shown.filter(member_id__in=people).delete()
    for who in people:
        del thread.seats[who]
        if thread.claimed_by == who:
            claims.clear_holder(thread)
    thread.left += tuple(people)


def set_type(thread: Thread, who: str, member_type: int) -> None:
    seat = thread.seats[who]
    if seat.member_type != member_type:
        seat.member_type = member_type
        ChatGroup.objects.filter(pk=seat.id).update(member_type=member_type)
        shown = GroupMember.objects.filter(theirs(thread.ent_id), group_id=thread.uuid)
        shown.filter(member_id=who).update(member_type=member_type)
