"""What a change of people means for conversations: who is hired, moved, renamed, dismissed.

`accounts` knows nothing of conversations; it says what changed by signals, and this module
listens. Whoever makes the change (admin, command, shell) cannot forget the consequences.
"""

from typing import cast

from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.signals import post_delete, post_save, pre_delete

from accounts import audit, rights
from accounts.models import Attribute, Enterprise, Member, Team, TeamMember
from accounts.models.member_queries import EXPECTED
from accounts.signals import (
    access_changed,
    attribute_reshaped,
    presence_asked,
    profile_changed,
    token_ended,
    use_asked,
    values_asked,
)
from chat import clock
from chat.assistant import drafts, handing, queued, rehearsal
from chat.background import assistant, channels, notifier, router, upkeep
from chat.conversations import causes, changes, floor, recalls, seating, targets
from chat.customers import definitions
from chat.delivery import announce
from chat.ledger import visible_names
from chat.presence import leases
from chat.protocol import events
from chat.reports import counting
from chat.webhooks import deliveries

from . import models

IN_USE = 10
"""Answered conversations from which on an enterprise serves visitors: fewer may be somebody's who
tries the chat."""


def listen() -> None:
    """Connects the functions below; called once, when the app is ready."""
    post_save.connect(place_given, sender=TeamMember)
    post_delete.connect(place_taken, sender=TeamMember)
    pre_delete.connect(deleted, sender=Member)
    profile_changed.connect(renamed)
    access_changed.connect(access_set)
    presence_asked.connect(presence_of)
    use_asked.connect(is_in_use)
    user_logged_out.connect(access_ended)
    token_ended.connect(access_ended)
    post_save.connect(team_saved, sender=Team)
    pre_delete.connect(team_removed, sender=Team)
    values_asked.connect(values_of)
    attribute_reshaped.connect(attribute_changed)
    post_delete.connect(attribute_deleted, sender=Attribute)
    changes.settled.connect(router.changed)
    changes.settled.connect(assistant.changed)
    changes.settled.connect(channels.changed)
    changes.settled.connect(notifier.changed)
    floor.handing_over.connect(handing.part)
    recalls.recalled.connect(handing.forget)
    queued.done.connect(drafts.made)
    queued.done.connect(rehearsal.ended)
    deliveries.broken.connect(webhook_broken)


def watch_what_is_read() -> None:
    """Has the audit note changes of what is read by agents and visitors, and mailed to members."""
    audit.watch(
        models.CannedReply,
        chain=audit.by_enterprise,
        name="title",
        ignored={"updated_at"},
        private="owner",
    )
    audit.watch(
        models.ReportMail,
        chain=lambda row: audit.chain_of_member(row.member),
        name="member.name",
        ignored={"sent_at"},
    )
    audit.watch(
        models.Robot,
        chain=lambda row: audit.chain_of(cast(models.Robot, row).ent_id),
        name="name",
        ignored={"sent_at", "failure", "failed_at", "failures", "created_at"},
        secrets={"sealed"},
    )
    audit.watch(
        models.Webhook,
        chain=audit.by_enterprise,
        name="url",
        ignored={"uuid", "place", "told_at", "created_at"},
        secrets={"secret", "former_secret"},
    )
    audit.watch(
        models.Article,
        chain=audit.by_enterprise,
        name="slug",
        ignored={"body", "draft", "version", "saved_by", "saved_at", "updated_at"},
    )
    audit.watch(
        models.Channel,
        chain=lambda row: audit.chain_of(cast(models.Channel, row).ent_id),
        name="name",
        ignored={
            *("key", "token", "token_until", "bell", "cursor", "lease", "leased_until", "heard_at"),
            *("fetched_at", "failure", "failure_words", "failed_at", "blocked", "created_at"),
        },
        secrets={"sealed"},
    )
    audit.watch(
        models.PushDevice,
        chain=lambda row: audit.chain_of(cast(models.PushDevice, row).ent_id),
        name="member.name",
        ignored={
            *("ent_id", "member", "session", "digest", "p256dh", "auth", "created_at"),
            *("shown_at", "sent_at", "failure", "failed_at"),
        },
        secrets={"endpoint"},
    )
    audit.watch(models.QuickQuestion, chain=lambda row: row.team.enterprise_id, name="question")


def webhook_broken(hook: models.Webhook, since: str, **kwargs) -> None:
    code = hook.enterprise.code
    causes.broken(code, None, "webhook", key=hook.pk, since=since, now=clock.now())


def team_saved(instance: Team, **kwargs) -> None:
    """Routing, capacity, hours and targets may have changed."""
    if not kwargs.get("raw"):
        targets.recompute(instance)
    transaction.on_commit(router.soon)


def team_removed(instance: Team, **kwargs) -> None:
    counting.team_removed(instance)


def presence_of(people: set[str], **kwargs) -> dict[str, str]:
    """The states of those of `people` who are not offline, for pages of the administration."""
    return leases.agent_states(people)


def values_of(attribute: Attribute, lost: bool, **kwargs) -> int:
    return definitions.count(attribute, lost)


def attribute_changed(attribute: Attribute, **kwargs) -> None:
    transaction.on_commit(lambda: definitions.reshape(attribute))


def attribute_deleted(instance: Attribute, **kwargs) -> None:
    code, key = instance.enterprise.code, instance.key
    transaction.on_commit(lambda: definitions.forget(code, key))


def is_in_use(enterprise: Enterprise, **kwargs) -> bool:
    """Whether visitors of this enterprise, which are not the demo's or imported, were answered."""
    live = models.Conversation.objects.filter(ent_id=enterprise.code, origin=models.Origin.LIVE)
    answered = live.filter(reception__first_reply_at__isnull=False)
    return len(answered.values_list("pk")[:IN_USE]) == IN_USE


def place_given(instance: TeamMember, **kwargs) -> None:
    """A member of a team sits in all of its open conversations, unless the place takes no seats."""
    member = instance.member
    if kwargs.get("raw") or not (member.is_active and instance.takes_seats):
        return
    with transaction.atomic():
        lock_teams([instance.team_id])
        take_place(instance, member)


def lock_teams(ids: list[int]) -> None:
    """Keeps conversations of these teams from opening until the transaction ends: they would
    seat by what they read before it."""
    list(Team.objects.select_for_update().filter(pk__in=ids).order_by("pk"))


def take_place(instance: TeamMember, member: Member) -> None:
    kind = instance.member_type
    seats = models.ChatGroup.objects.held_by(member)
    seats = seats.filter(uuid__in=team_groups(instance.team_id))
    others = seats.exclude(member_type=kind).order_by("uuid")
    seating.set_type(member, list(others.values_list("uuid", flat=True)), kind)
    seated = set(seats.values_list("uuid", flat=True))
    missing = [group for group in open_groups(instance.team_id) if group not in seated]
    seating.join(member, missing, kind, host_of(member))


def host_of(member: Member) -> Member | None:
    """Who acts now on somebody who was invited and has not come yet: visitors are not told of them.
    None of somebody else, or where nobody is known to act."""
    expected = Member.objects.filter(EXPECTED, pk=member.pk).exists()
    return Member.objects.filter(uuid=audit.actor()).first() if expected else None


def place_taken(instance: TeamMember, **kwargs) -> None:
    with transaction.atomic():
        lock_teams([instance.team_id])
        member = instance.member
        seats = models.ChatGroup.objects.for_member(member.uuid)
        leave_seats(member, seats.filter(uuid__in=team_groups(instance.team_id)))


def open_groups(team_id: int) -> list[str]:
    found = models.Conversation.objects.filter(team_id=team_id, open=True)
    return list(found.order_by("uuid").values_list("uuid", flat=True))


def team_groups(team_id: int) -> QuerySet:
    return models.Conversation.objects.filter(team_id=team_id).values("uuid")


def renamed(member: Member, **kwargs) -> None:
    """Seats and shown members carry names; messages keep the name they were sent under."""
    visible_names.forget(member.uuid)
    code = member.enterprise.code if member.enterprise else ""
    models.GroupMember.objects.filter(models.theirs(code), member_id=member.uuid).update(
        member_name=member.display_name, member_avatar=member.avator
    )
    if member.enterprise is not None:
        transaction.on_commit(lambda: announce_profile(member))
    transaction.on_commit(upkeep.soon)


def announce_profile(member: Member) -> None:
    """One event for all pages of the enterprise: a member may sit in thousands of groups."""
    ent_id = member.enterprise.code
    announce.send_event(ent_id, [f"agents:{ent_id}"], events.member(member))


def access_set(member: Member, changed: set[str], **kwargs) -> None:
    """One who may not enter any more, or whose role has no seats, leaves all; one who may again
    takes them."""
    transaction.on_commit(upkeep.soon)
    if changed <= {"password"}:
        return
    with transaction.atomic():
        places = list(member.places.all())
        lock_teams([place.team_id for place in places])
        if member.is_active and member.may(rights.SEAT):
            for place in places:
                take_place(place, member)
        else:
            leave_all(member)


def deleted(instance: Member, **kwargs) -> None:
    """Seats by invitation go with no place in a team. One that stayed would keep the last agent
    from being called so, and a visitor alone with it."""
    with transaction.atomic():
        lock_teams(list(instance.places.values_list("team_id", flat=True)))
        leave_all(instance)


def leave_all(member: Member) -> None:
    leave_seats(member, models.ChatGroup.objects.for_member(member.uuid))


def leave_seats(member: Member, seats: QuerySet) -> None:
    groups = seats.order_by("uuid").values_list("uuid", flat=True)
    seating.leave(member, list(groups), host_of(member))


def access_ended(**kwargs) -> None:
    """Somebody signed out, or a token was ended: their sockets close with the next tick."""
    transaction.on_commit(upkeep.soon)
