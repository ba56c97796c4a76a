"""A thread that was begun without a name joins the person who has signed in since, once.

Where the person never wrote, the visitor becomes theirs, and all stays as it is. Where they have
conversations already, those of the visitor without a name are added to them: with a team where they
have none a whole conversation changes hands; where there are two with one team, they become one
(merging.py).

Nothing joins a person who is blocked, and nobody who is blocked joins: who may not write would be
in again by signing in.
"""

import uuid
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Enterprise
from chat.conversations import seating
from chat.delivery import announce, ledger
from chat.delivery.announce import Announcement
from chat.delivery.threads import Thread
from chat.models import (
    Attachment,
    ChatGroup,
    Conversation,
    GroupMember,
    GroupMessage,
    Presence,
    Visitor,
)
from chat.visitors import identities, site_visits
from chat.visitors.identities import Person
from chat.visitors.page_views import MAX_PAGES

from . import erasure, merging, quarantine

ATTEMPTS = 3
BATCH = 500


def join(who: str, enterprise: Enterprise, person: Person) -> None:
    """Joins the visitor `who`, by uuid, with the person. Does nothing where there is nothing to
    join: whoever wrote nothing, and then never will; is somebody already, was erased or is
    blocked."""
    again(lambda: join_locked(who, enterprise, person, timezone.now()))


def again(step: Callable[[], Announcement | None]) -> None:
    """Takes a step in a transaction, once more where somebody else came at the same moment, as the
    person's first message from another browser; then tells what it returns."""
    for attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                announcement = step()
            break
        except (IntegrityError, OperationalError):
            if attempt == ATTEMPTS - 1:
                raise
    announce.send([announcement] if announcement else [])


def join_locked(
    who: str, enterprise: Enterprise, person: Person, now: datetime
) -> Announcement | None:
    key = identities.identity_key(enterprise.code, person)
    # Before the look, as a first message looks after its row is there (openings.refuse_ended): of
    # two at once one finds the other.
    identities.end_anonymous(who, now)
    either = Visitor.objects.filter(Q(uuid=who) | Q(identity_key=key)).order_by("pk")
    rows = list(either.select_for_update())
    loose = next((row for row in rows if row.uuid == who), None)
    known = next((row for row in rows if row.identity_key == key), None)
    if loose is None or loose.identity_key or loose.is_erased or loose.is_blocked:
        return None
    if known is None:
        return become(loose, enterprise, person, now)
    if known.is_blocked:
        return None
    return unite(loose, known, now)


def become(visitor: Visitor, enterprise: Enterprise, person: Person, now: datetime) -> Announcement:
    """The visitor, locked, is this person's from now on; the cookie of before opens nothing."""
    threads = ledger.lock_all_of(visitor)
    former = visitor.label
    sign(visitor, enterprise, person, threads)
    tell(threads, former, visitor.label, now)
    ledger.write(threads, now)
    announcement = Announcement(visitor.ent_id)
    announce.attempt(quarantine.tell, threads, lambda _ent_id: announcement)
    announce.attempt(announce.of_visitor, visitor, threads, now, announcement)
    return announcement


def tell(threads: list[Thread], former: str, name: str, now: datetime) -> None:
    """Agents hear who it is; and nothing of somebody whom the site knows is held as spam, or will
    be once it is open again."""
    for thread in threads:
        if thread.held_for:
            quarantine.let_in(thread, now)
    text = f"{former} signed in on the site: {name}"
    ledger.tell_agents(threads, "identified", text, former=former, name=name)


def sign(visitor: Visitor, enterprise: Enterprise, person: Person, threads: list[Thread]) -> None:
    """Writes who the site says that it is. The name and contact that agents see first follow it,
    until an agent gives others."""
    before = visitor.identity
    if person.name and (not before or visitor.label == before["name"]):
        seating.relabel(visitor, person.name, threads)
    if person.email and visitor.contact in ("", before.get("email")):
        visitor.contact = person.email
    for name, value in identities.visitor_columns(enterprise, person).items():
        setattr(visitor, name, value)
    visitor.secret_hash = identities.NO_SECRET_HASH
    visitor.save(update_fields=["label", "contact", "identity_key", "identity", "secret_hash"])


def renew(enterprise: Enterprise, person: Person) -> None:
    """Takes over what the site tells otherwise than before."""
    known = identities.find_visitor(enterprise, person)
    if known and known.identity != asdict(person):
        again(lambda: renew_locked(known.identity_key, enterprise, person))


def renew_locked(key: str, enterprise: Enterprise, person: Person) -> Announcement | None:
    visitor = Visitor.objects.select_for_update().filter(identity_key=key).first()
    if visitor is None:
        return None
    threads = ledger.lock_all_of(visitor)
    sign(visitor, enterprise, person, threads)
    announcement = Announcement(visitor.ent_id)
    announce.attempt(announce.of_visitor, visitor, threads, timezone.now(), announcement)
    return announcement


def unite(loose: Visitor, known: Visitor, now: datetime) -> Announcement:
    """All that is of `loose` becomes the other's, both locked; of `loose` nothing is left."""
    people = loose.uuid, known.uuid
    groups = Conversation.objects.filter(visitor_id__in=people).values_list("uuid", flat=True)
    threads = ledger.lock(set(groups))
    rows = Conversation.objects.filter(uuid__in=threads).order_by("id")
    theirs = [row for row in rows if row.visitor_id == known.uuid]
    take_rows(loose.uuid, known.uuid)
    site_visits.reassign(loose.uuid, known.uuid)
    announcement = Announcement(known.ent_id)
    changed: dict[str, Thread] = {}
    for row in [row for row in rows if row.visitor_id == loose.uuid]:
        thread = threads[row.uuid]
        if target := counterpart(row, theirs):
            gone = merging.merge(threads[target.uuid], target, thread, row)
            announcement.events += gone.events
            announcement.unread += gone.unread
            thread = threads[target.uuid]
        else:
            hand_over(thread, loose, known)
        tell([thread], loose.label, known.label, now)
        changed[thread.uuid] = thread
    keep_facts(loose, known)
    Presence.objects.filter(who=loose.uuid).delete()
    # An erasure of the person has to find it.
    erasure.log_of(loose).update(object_id=str(known.pk))
    identities.end_joined(loose.uuid, now)
    loose.delete()
    ledger.write(list(changed.values()), now)
    for thread in changed.values():
        if thread.joined:
            announce.attempt(seating.announce_seats, [thread], announcement)
    announce.attempt(quarantine.tell, list(changed.values()), lambda _ent_id: announcement)
    everything = known, list(changed.values()), now, announcement
    announce.attempt(announce.of_visitor, *everything)
    return announcement


def take_rows(loose: str, known: str) -> None:
    """What was written and sent. A number that both had given a message is used anew."""
    mine = GroupMessage.objects.filter(sender=loose)
    ids = list(mine.values_list("client_id", flat=True))
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        twice = GroupMessage.objects.filter(sender=known, client_id__in=part)
        for client_id in list(twice.values_list("client_id", flat=True)):
            fresh = str(uuid.uuid4())
            mine.filter(client_id=client_id).update(client_id=fresh)
            files = Attachment.objects.filter(sender=loose, client_id=client_id)
            files.update(client_id=fresh)
    mine.update(sender=known)
    Attachment.objects.filter(sender=loose).update(sender=known)


def counterpart(row: Conversation, theirs: list[Conversation]) -> Conversation | None:
    """Which of the person's conversations a visitor meets where they met this one."""
    here = row.door_id or row.team_id
    same_page = [other for other in theirs if (other.door_id or other.team_id) == here]
    same_team = [other for other in theirs if other.team_id == row.team_id]
    return next(iter(same_page + same_team), None)


def hand_over(thread: Thread, loose: Visitor, known: Visitor) -> None:
    """A whole conversation, under its own id."""
    seats = ChatGroup.objects.in_group(thread.uuid)
    seats.for_member(loose.uuid).update(member_id=known.uuid)
    seats.update(group_name=known.label)
    shown = GroupMember.objects.filter(group_id=thread.uuid, member_id=loose.uuid)
    shown.update(member_id=known.uuid, member_name=known.label)
    thread.visitor = known.uuid
    if seat := thread.seats.pop(loose.uuid, None):
        seat.member_id = known.uuid
        thread.seats[known.uuid] = seat
    Conversation.objects.filter(pk=thread.id).update(visitor_id=known.uuid)
    thread.facts |= {"visitor": known.uuid, "group_name": known.label}


def keep_facts(loose: Visitor, known: Visitor) -> None:
    """What was known of the one and not of the other; the later pages, the earlier beginning."""
    for name in ("contact", "referrer", "consented_at"):
        if not getattr(known, name):
            setattr(known, name, getattr(loose, name))
    steps = sorted([*known.path, *loose.path], key=lambda step: step["at"])
    known.path = steps[-MAX_PAGES:]
    known.created_at = min(known.created_at, loose.created_at)
    known.save(update_fields=["contact", "referrer", "consented_at", "path", "created_at"])
