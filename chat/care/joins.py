"""Joins a visitor without a name with the person as whom they have signed in since.

Where the person has never written, the visitor becomes that person and nothing else changes. Where
they have, the conversations of the visitor are added to theirs: a conversation with a team that
they have none with is handed over whole; two with the same team become one (merges.py).

Neither may be blocked: a blocked visitor could write again by signing in.
"""

import uuid
from dataclasses import asdict
from datetime import datetime

from django.db.models import Q

from accounts.models import Enterprise
from chat import database
from chat.conversations import changes, seating
from chat.conversations.changes import Change
from chat.customers import attributes, links
from chat.ledger.threads import Thread
from chat.models import (
    ArticleUse,
    Attachment,
    ChatGroup,
    ContactBy,
    Conversation,
    GroupMember,
    GroupMessage,
    LegalHold,
    Presence,
    Reception,
    Visitor,
    theirs,
)
from chat.models.visitor import OWN, first_address
from chat.protocol import contacts
from chat.protocol.notices import Notice
from chat.reports import counting
from chat.visitors import identities, site_visits
from chat.visitors.identities import Person
from chat.visitors.page_views import MAX_PAGES
from chat.webhooks import logs

from . import erasure, legal_holds, merges, personal_data, quarantine

BATCH = 500


def join(who: str, enterprise: Enterprise, person: Person) -> None:
    """Joins the visitor `who`, by uuid, with the person. Does nothing where there is nothing to
    join: whoever wrote nothing, and then never will; is somebody already, was erased or is
    blocked."""
    database.retry(lambda: join_once(who, enterprise, person))


def join_once(who: str, enterprise: Enterprise, person: Person) -> None:
    with changes.begin() as change:
        key = identities.identity_key(enterprise.code, person)
        # Before the look, as a first message looks after its row is there
        # (openings.refuse_ended): of two at once one finds the other.
        identities.end_anonymous(who, change.now)
        either = Visitor.objects.filter(
            Q(uuid=who) | Q(identity_key=key), ent_id=enterprise.code
        ).order_by("pk")
        rows = list(either.select_for_update())
        loose = next((row for row in rows if row.uuid == who), None)
        known = next((row for row in rows if row.identity_key == key), None)
        if loose is None or loose.identity_key or loose.is_erased or loose.is_blocked:
            return
        if known is None:
            become(change, loose, enterprise, person)
        elif not known.is_blocked:
            unite(change, loose, known)


def become(change: Change, visitor: Visitor, enterprise: Enterprise, person: Person) -> None:
    """The visitor, whose row is locked, is this person from now on. Their old cookie is invalid."""
    threads = change.lock_all_of(visitor)
    former = visitor.label
    write_identity(visitor, enterprise, person, threads)
    tell_who_it_is(threads, former, visitor.label, change.now)


def tell_who_it_is(threads: list[Thread], former: str, name: str, now: datetime) -> None:
    """Appends a notice that says who it is. Somebody whom the site knows is no spam, so all of
    theirs leave the quarantine."""
    for thread in threads:
        if thread.quarantine_reason:
            quarantine.clear(thread, now)
        thread.notice(Notice.IDENTIFIED, former=former, name=name)


def write_identity(
    visitor: Visitor, enterprise: Enterprise, person: Person, threads: list[Thread]
) -> None:
    """Writes who the site says that it is. The name and contact that agents see first follow it,
    until an agent gives others; an address from a file gives way to the one that is signed."""
    before = visitor.identity
    if person.name and (not before or visitor.label == before["name"]):
        seating.relabel(visitor, person.name, threads)
    imported = visitor.contact_by == ContactBy.IMPORT and first_address(visitor.contact)
    if person.email and visitor.contact in ("", before.get("email"), imported):
        visitor.give_contact(person.email, ContactBy.SITE)
    if person.email and person.email.lower() == first_address(visitor.contact).lower():
        # A member, a program or a file may have given it before; now it is theirs.
        visitor.contact_by = visitor.contact_by if visitor.contact_by in OWN else ContactBy.SITE
    for name, value in identities.visitor_columns(enterprise, person).items():
        setattr(visitor, name, value)
    visitor.secret_hash = identities.NO_SECRET_HASH
    names = "label", "contact", "contact_by", "identity_key", "identity", "secret_hash"
    visitor.save(update_fields=names)


def renew(enterprise: Enterprise, person: Person, values: attributes.Values) -> None:
    """Takes over what the site says otherwise than before, of attributes too."""
    known = identities.find_visitor(enterprise, person)
    if known is None:
        return
    given = {key: value for key, value in values.items() if value != known.attributes.get(key)}
    if given or known.identity != asdict(person):
        database.retry(lambda: renew_once(known.identity_key, enterprise, person, given))


def renew_once(key: str, enterprise: Enterprise, person: Person, values: attributes.Values) -> None:
    with changes.begin() as change:
        visitor = (
            Visitor.objects.select_for_update()
            .filter(identity_key=key, ent_id=enterprise.code)
            .first()
        )
        if visitor is not None:
            former = facts_of(visitor)
            write_identity(visitor, enterprise, person, change.lock_all_of(visitor))
            attributes.write(visitor, values)
            if facts_of(visitor) != former:
                LegalHold.objects.keep_former(visitor, change.now, **former)
            change.visitor_changed = True


def facts_of(visitor: Visitor) -> dict:
    """What a site says of a visitor, as a legal hold keeps it."""
    return {
        "name": visitor.label,
        "contact": visitor.contact,
        "identity": contacts.identity(visitor),
        "attributes": visitor.attributes,
    }


def unite(change: Change, loose: Visitor, known: Visitor) -> None:
    """Everything that `loose` has becomes that of `known`; both rows are locked. `loose` is
    deleted."""
    people = loose.uuid, known.uuid
    groups = Conversation.objects.filter(visitor_id__in=people, ent_id=known.ent_id)
    threads = change.lock(groups.values_list("uuid", flat=True))
    change.visitor = known
    rows = Conversation.objects.filter(uuid__in=threads).order_by("id")
    of_person = [row for row in rows if row.visitor_id == known.uuid]
    added = [row for row in rows if row.visitor_id == loose.uuid]
    targets = {row.uuid: target for row in added if (target := counterpart(row, of_person))}
    counted = counting.catch_up([*targets, *{target.uuid for target in targets.values()}])
    move_rows(loose, known, [row.uuid for row in added])
    move_uses(loose, known)
    site_visits.reassign(loose, known)
    logs.move(known.ent_id, loose.uuid, known.uuid)
    for row in added:
        thread = threads[row.uuid]
        if target := targets.get(row.uuid):
            merges.merge(threads[target.uuid], target, thread, row, counted)
            thread = threads[target.uuid]
        else:
            hand_over(thread, loose, known)
        tell_who_it_is([thread], loose.label, known.label, change.now)
    keep_facts(loose, known)
    Presence.objects.filter(who=loose.uuid).delete()
    # An erasure of the person has to find it.
    erasure.log_of(loose).update(object_id=str(known.pk))
    merged = {group: target.uuid for group, target in targets.items()}
    links.move(loose, known, change.now)
    legal_holds.move(loose, known, personal_data.facts(loose), merged)
    identities.end_joined(loose.uuid, change.now)
    loose.delete()


def move_rows(loose: Visitor, known: Visitor, groups: list[str]) -> None:
    """What was written, sent and done in these conversations. A number that both had given a
    message is used anew."""
    own = theirs(known.ent_id)
    mine = GroupMessage.objects.filter(own, sender=loose.uuid)
    ids = list(mine.values_list("client_id", flat=True))
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        twice = GroupMessage.objects.filter(sender=known.uuid, client_id__in=part)
        for client_id in list(twice.values_list("client_id", flat=True)):
            fresh = str(uuid.uuid4())
            mine.filter(client_id=client_id).update(client_id=fresh)
            files = Attachment.objects.filter(own, sender=loose.uuid, client_id=client_id)
            files.update(client_id=fresh)
    mine.update(sender=known.uuid)
    Attachment.objects.filter(own, sender=loose.uuid).update(sender=known.uuid)
    ended = Reception.objects.filter(own, group_id__in=groups, closed_by=loose.uuid)
    ended.update(closed_by=known.uuid)
    notices = list(GroupMessage.objects.filter(own, group_id__in=groups, data__by=loose.uuid))
    for row in notices:
        row.data |= {"by": known.uuid}
    GroupMessage.objects.bulk_update(notices, ["data"], batch_size=BATCH)


def move_uses(loose: Visitor, known: Visitor) -> None:
    """What they did with articles. Where both have voted, the person's vote counts."""
    uses = ArticleUse.objects.by(loose)
    voted = ArticleUse.objects.by(known).votes().values_list("slug", flat=True)
    uses.votes().filter(slug__in=list(voted)).delete()
    uses.update(reader=known.uuid)


def counterpart(row: Conversation, theirs: list[Conversation]) -> Conversation | None:
    """Which of the person's conversations a visitor meets where they met this one."""
    here = row.door_id or row.team_id
    same_page = [other for other in theirs if (other.door_id or other.team_id) == here]
    same_team = [other for other in theirs if other.team_id == row.team_id]
    return next(iter(same_page + same_team), None)


def hand_over(thread: Thread, loose: Visitor, known: Visitor) -> None:
    """A whole conversation, under its own id."""
    seats = ChatGroup.objects.of(thread)
    seats.for_member(loose.uuid).update(member_id=known.uuid)
    seats.update(group_name=known.label)
    shown = GroupMember.objects.filter(
        theirs(thread.ent_id), group_id=thread.uuid, member_id=loose.uuid
    )
    shown.update(member_id=known.uuid, member_name=known.label)
    thread.visitor = known.uuid
    if seat := thread.seats.pop(loose.uuid, None):
        seat.member_id = known.uuid
        thread.seats[known.uuid] = seat
    Conversation.objects.filter(pk=thread.id).update(visitor_id=known.uuid)
    thread.facts |= {"visitor": known.uuid, "group_name": known.label}


def keep_facts(loose: Visitor, known: Visitor) -> None:
    """What was known of the one and not of the other; the later pages, the earlier beginning."""
    if not known.contact:
        known.give_contact(loose.contact, loose.contact_by)
    for name in ("referrer", "consented_at"):
        if not getattr(known, name):
            setattr(known, name, getattr(loose, name))
    steps = sorted([*known.path, *loose.path], key=lambda step: step["at"])
    known.path = steps[-MAX_PAGES:]
    known.created_at = min(known.created_at, loose.created_at)
    names = "contact", "contact_by", "referrer", "consented_at", "path", "created_at"
    known.save(update_fields=names)
    attributes.write(known, {**loose.attributes, **known.attributes})
