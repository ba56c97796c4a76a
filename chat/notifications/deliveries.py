"""Spreads what is due, and sends it: each row is claimed before it is worked on, so that two
processes do not do it twice, and one that was killed is followed by another."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import F, Q, QuerySet

from chat import clock, sweeps
from chat.conversations import causes
from chat.conversations.causes import PUSHED
from chat.models import Conversation, Notification, NotificationDelivery, theirs

from . import recipients
from .contract import Failed, Later
from .lanes import Lane, Lanes
from .push import sending as push
from .robots import sending as robots

log = logging.getLogger("kefu.notifications")

Kind, State = Notification.Kind, NotificationDelivery.State
BATCH = 200
"""Rows that a look takes."""
LEASE = timedelta(seconds=30)
"""How long a process may work on a row before another one does: longer than a try may take
(push.TIMEOUT, robots.TIMEOUT)."""
AGAIN = timedelta(seconds=10)
"""After which time it is looked anew whom a cause that lasts reaches: windows close."""
SOON = timedelta(seconds=1)
"""The same, where a device is first to be sent that a former cause is gone."""
LASTS = {
    Kind.WAITING: timedelta(hours=1),
    Kind.OFFER: timedelta(minutes=10),
    Kind.MENTION: timedelta(hours=1),
}
"""For how long that is done."""
DELAYS = [timedelta(seconds=seconds) for seconds in (2, 10, 30, 120, 600)]
"""Between two tries; after the last one it is given up."""
LATELY = timedelta(minutes=10)
"""For how long after its target a wait is still noted, as where no process ran."""
KEPT = timedelta(days=7)
"""How long a notification is kept."""
WORKERS = ThreadPoolExecutor(20, thread_name_prefix="kefu-notifications")
LANES = Lanes(WORKERS, 8)
"""So many of them one receiver may keep busy."""


def look(soon: Callable[[], None]) -> None:
    """One look: reads who listens, notes who waits past the target, spreads, and has sent what is
    due; `soon` asks for another look once something was sent."""
    causes.look()
    if not causes.with_devices and not causes.with_robots:
        return
    now = clock.now()
    if causes.with_robots:
        note_late(now)
    for one in claimed(Notification.objects.filter(due_at__lte=now), now):
        sweeps.run_step(spread, one.pk, one, now)
    due = NotificationDelivery.objects.filter(due_at__lte=now)
    for lane in LANES.full:
        # Its backlog waits where it is, and takes no others' places in the batch.
        due = due.exclude(Q(lane))
    for delivery in claimed(due.select_related("device__member", "robot"), now):
        LANES.put(lane_of(delivery), tried, delivery, soon)


def note_late(now: datetime) -> None:
    """Notes for robots whose visitors wait past their target since the last minutes."""
    late = Conversation.objects.filter(
        ent_id__in=causes.with_robots,
        open=True,
        quarantined_since=None,
        snoozed_until=None,
        visitor__blocked=False,
        waiting_since__isnull=False,
        due_at__range=(now - LATELY, now),
    )
    found = list(late.values_list("ent_id", "team_id", "uuid", "waiting_since"))
    noted = Notification.objects.filter(kind=Kind.LATE, group_id__in=[row[2] for row in found])
    known = set(noted.values_list("group_id", "cause")) if found else set()
    new = [
        Notification(
            ent_id=ent_id,
            team_id=team_id,
            group_id=group,
            kind=Kind.LATE,
            cause=since.isoformat(),
            created_at=now,
            due_at=now,
        )
        for ent_id, team_id, group, since in found
        if (group, since.isoformat()) not in known
    ]
    if new:
        Notification.objects.bulk_create(new, ignore_conflicts=True)


def claimed(rows, now: datetime) -> list:
    """Those of the rows that are due which this process works on, for LEASE: what is over comes
    before what follows."""
    mine = []
    for row in rows.order_by("due_at", "pk")[:BATCH]:
        same = type(row).objects.filter(pk=row.pk, due_at=row.due_at)
        if same.update(due_at=now + LEASE):
            row.due_at = now + LEASE
            mine.append(row)
    return mine


def spread(key: int, one: Notification, now: datetime) -> None:
    """Makes the deliveries of a notification; once its cause is gone, those that replace them."""
    mine = NotificationDelivery.objects.filter(notification=key)
    if not recipients.lasts(one):
        with transaction.atomic():
            mine.filter(state=State.DUE).delete()
            sent = mine.filter(state=State.SENT, device__isnull=False)
            hand_on(one, sent, now)
            sent.update(state=State.ENDING, due_at=now, tries=0)
            Notification.objects.filter(pk=key, ended_at=None).update(ended_at=now)
            one.ended_at = one.ended_at or now
            done(one)
        return
    known: set[tuple[int | None, int | None]] = set(mine.values_list("device_id", "robot_id"))
    new: list[tuple[int | None, int | None]]
    new = [(device.pk, None) for device in recipients.devices(one, now)]
    again, later = AGAIN, replacing(one) if new else set()
    if later & {device for device, _robot in new}:
        known, again = known | {(device, None) for device in later}, SOON
    new += [(None, robot.pk) for robot in recipients.robots(one, now)]
    rows = [
        NotificationDelivery(notification=one, device_id=device, robot_id=robot, due_at=now)
        for device, robot in new
        if (device, robot) not in known
    ]
    NotificationDelivery.objects.bulk_create(rows, ignore_conflicts=True)
    if one.kind in PUSHED and now - one.created_at < LASTS.get(Kind(one.kind), timedelta(0)):
        Notification.objects.filter(pk=key, ended_at=None).update(due_at=now + again)
    else:
        done(one)


def hand_on(one: Notification, sent: QuerySet[NotificationDelivery], now: datetime) -> None:
    """A wait that goes on for other people keeps what it has been sent to those of them who were
    among the former: nobody gets two pushes for it."""
    heir = same_wait(one).filter(ended_at=None).order_by("-pk").first()
    if heir is None:
        return
    theirs = recipients.entitled(heir, now).values_list("pk", flat=True)
    has = NotificationDelivery.objects.filter(notification=heir).values_list("device_id", flat=True)
    kept = sent.filter(device__in=list(theirs)).exclude(device__in=list(has.filter(device__gt=0)))
    kept.update(notification=heir)
    # It may have ended meanwhile, when there was nothing of these to replace.
    Notification.objects.filter(pk=heir.pk, ended_at__isnull=False).update(due_at=now)


def replacing(one: Notification) -> set[int]:
    """The devices that are still to be sent that something of the conversation is gone: under the
    same Topic, so what follows must come after it. Or else they keep it (hand_on)."""
    others = NotificationDelivery.objects.filter(
        Q(state=State.ENDING)
        | Q(state__in=(State.SENT, State.TRYING), notification__ended_at__isnull=False),
        notification__ent_id=one.ent_id,
        notification__group_id=one.group_id,
    )
    return (
        {pk for pk in others.values_list("device_id", flat=True) if pk} if one.group_id else set()
    )


def same_wait(one: Notification) -> QuerySet[Notification]:
    """Other notifications of the wait that this one is of."""
    if one.kind != Kind.WAITING:
        return Notification.objects.none()
    rows = Notification.objects.filter(theirs(one.ent_id), group_id=one.group_id, kind=one.kind)
    return rows.filter(cause__startswith=f"{causes.origin_of(one)}#").exclude(pk=one.pk)


def done(one: Notification) -> None:
    """There is nothing more to do, unless somebody has made it due meanwhile."""
    Notification.objects.filter(pk=one.pk, due_at=one.due_at).update(due_at=None)


def lane_of(delivery: NotificationDelivery) -> Lane:
    """Its receiver, as it is looked up: the host of a push service, or a robot."""
    if delivery.device is None:
        return "robot", delivery.robot_id or 0
    parts = urlsplit(delivery.device.endpoint)
    return "device__endpoint__startswith", f"{parts.scheme}://{parts.netloc}/"


def tried(delivery: NotificationDelivery, soon: Callable[[], None]) -> None:
    try:
        send(delivery, soon)
    except Exception as error:
        # It is tried again once its lease is over. Its text may hold what somebody wrote.
        log.error("a notification was not sent: %s", type(error).__name__)


def send(delivery: NotificationDelivery, soon: Callable[[], None]) -> None:
    """A try, and what came of it."""
    now = clock.now()
    one = Notification.objects.filter(pk=delivery.notification_id).first()
    perhaps = delivery.state == State.TRYING  # A try before may have been taken.
    if one is None or not begin(delivery, one, now):
        return
    ending = delivery.state == State.ENDING
    try:
        if delivery.robot is not None:
            robots.send(one, delivery.robot)
        elif delivery.device is None or not recipients.may_have(one, delivery.device, ending, now):
            if perhaps and not ending:
                store(delivery, State.ENDING, due_at=now)
            else:
                drop(delivery)
            return
        else:
            push.send(one, delivery.device, ending)
    except Later as later:
        later.perhaps |= perhaps
        put_off(delivery, later)
        return
    except Failed:
        give_up(delivery, perhaps)
        return
    if not ending:
        count_as_sent(delivery)
    else:
        store(delivery, State.ENDED)
        if delivery.device is not None:
            anew(delivery, one)
    if delivery.device is not None:
        soon()


def count_as_sent(delivery: NotificationDelivery) -> None:
    """From a device it is taken back once its cause is gone."""
    store(delivery, State.SENT)
    if delivery.device is not None:
        # Its cause may have gone while it was sent, when there was nothing to replace.
        ended = Notification.objects.filter(pk=delivery.notification_id, ended_at__isnull=False)
        ended.update(due_at=clock.now())


def give_up(delivery: NotificationDelivery, perhaps: bool) -> None:
    """Tries it no more; if it was `perhaps` taken by a device, that counts as sent."""
    if perhaps and delivery.device is not None and delivery.state == State.TRYING:
        count_as_sent(delivery)
    else:
        store(delivery, State.FAILED)


def anew(delivery: NotificationDelivery, one: Notification) -> None:
    """What of the conversation the device was sent stood under the same Topic: where its cause
    lasts it is looked at again, as if it had not been sent."""
    lasting = Notification.objects.filter(
        theirs(one.ent_id), group_id=one.group_id, ended_at=None, kind__in=PUSHED
    )
    for other in lasting:
        sent = NotificationDelivery.objects.filter(
            notification=other,
            device_id=delivery.device_id,
            state__in=(State.SENT, State.ENDED),
        )
        if sent.delete()[0]:
            Notification.objects.filter(pk=other.pk).update(due_at=clock.now())


def begin(delivery: NotificationDelivery, one: Notification, now: datetime) -> bool:
    """Notes what is tried now, before it is: a process may end in the middle of it. False where
    there is nothing to do, or another process does it."""
    state = delivery.state
    if state != State.ENDING and one.ended_at is not None:
        if state == State.DUE:
            drop(delivery)
            return False
        # Nobody knows whether it was taken.
        state = State.ENDING
    elif state == State.DUE:
        state = State.TRYING
    rows = NotificationDelivery.objects.filter(
        pk=delivery.pk, state=delivery.state, due_at=delivery.due_at
    )
    delivery.state, delivery.due_at = state, now + LEASE
    return bool(rows.update(state=state, due_at=delivery.due_at))


def put_off(delivery: NotificationDelivery, later: Later) -> None:
    if delivery.tries >= len(DELAYS):
        give_up(delivery, later.perhaps)
        if delivery.robot is not None:
            robots.fails(delivery.robot, later.reason)
        return
    pause = max(DELAYS[delivery.tries], timedelta(seconds=later.seconds))
    again = {"tries": F("tries") + 1, "due_at": clock.now() + pause}
    if delivery.state == State.TRYING and not later.perhaps:
        again["state"] = State.DUE
    NotificationDelivery.objects.filter(pk=delivery.pk).update(**again)


def store(delivery: NotificationDelivery, state: int, due_at: datetime | None = None) -> None:
    rows = NotificationDelivery.objects.filter(pk=delivery.pk)
    rows.update(state=state, due_at=due_at)


def drop(delivery: NotificationDelivery) -> None:
    NotificationDelivery.objects.filter(pk=delivery.pk).delete()


def delete_old() -> None:
    """Deletes notifications after KEPT."""
    Notification.objects.filter(created_at__lt=clock.now() - KEPT).delete()
