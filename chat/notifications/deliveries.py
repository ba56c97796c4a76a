"""Spreads what is due, and sends it: each row is claimed before it is worked on, so that two
processes do not do it twice, and one that was killed is followed by another."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from chat import clock, sweeps
from chat.conversations import causes
from chat.conversations.causes import PUSHED
from chat.database import closing
from chat.models import Conversation, Notification, NotificationDelivery

from . import recipients
from .contract import Failed, Later
from .push import sending as push
from .robots import sending as robots

Kind, State = Notification.Kind, NotificationDelivery.State
BATCH = 200
"""Rows that a look takes."""
LEASE = timedelta(seconds=30)
"""How long a process may work on a row before another one does: longer than a try may take
(push.TIMEOUT, robots.TIMEOUT)."""
AGAIN = timedelta(seconds=10)
"""After which time it is looked anew whom a cause that lasts reaches: windows close."""
LASTS = {Kind.WAITING: timedelta(hours=1), Kind.OFFER: timedelta(minutes=10)}
"""For how long that is done."""
DELAYS = [timedelta(seconds=seconds) for seconds in (2, 10, 30, 120, 600)]
"""Between two tries; after the last one it is given up."""
KEPT = timedelta(days=7)
"""How long a notification is kept."""
WORKERS = ThreadPoolExecutor(20, thread_name_prefix="kefu-notifications")


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
    for delivery in claimed(due.select_related("notification", "device__member", "robot"), now):
        WORKERS.submit(closing, send, delivery, soon)


def note_late(now: datetime) -> None:
    """Notes for robots whose visitors wait past their target since the last minutes."""
    late = Conversation.objects.filter(
        ent_id__in=causes.with_robots,
        open=True,
        quarantined_since=None,
        snoozed_until=None,
        waiting_since__isnull=False,
        due_at__range=(now - timedelta(minutes=10), now),
    )
    found = late.values_list("ent_id", "team_id", "uuid", "waiting_since")
    noted = Notification.objects.filter(kind=Kind.LATE, ent_id__in=causes.with_robots)
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
    Notification.objects.bulk_create(new, ignore_conflicts=True)


def claimed(rows, now: datetime) -> list:
    """Those of the rows that are due which this process works on, for LEASE."""
    mine = []
    for row in rows.order_by("due_at")[:BATCH]:
        same = type(row).objects.filter(pk=row.pk, due_at=row.due_at)
        if same.update(due_at=now + LEASE):
            mine.append(row)
    return mine


def spread(key: int, one: Notification, now: datetime) -> None:
    """Makes the deliveries of a notification; once its cause is gone, those that replace them."""
    mine = NotificationDelivery.objects.filter(notification=key)
    if not recipients.lasts(one):
        with transaction.atomic():
            mine.filter(state=State.DUE).delete()
            mine.filter(state=State.SENT, device__isnull=False).update(
                state=State.ENDING, due_at=now, tries=0
            )
            done(one)
        return
    known = set(mine.values_list("device_id", "robot_id"))
    new = [(device.pk, None) for device in recipients.devices(one, now)]
    new += [(None, robot.pk) for robot in recipients.robots(one, now)]
    rows = [
        NotificationDelivery(notification=one, device_id=device, robot_id=robot, due_at=now)
        for device, robot in new
        if (device, robot) not in known
    ]
    NotificationDelivery.objects.bulk_create(rows, ignore_conflicts=True)
    if one.kind in PUSHED and now - one.created_at < LASTS.get(one.kind, timedelta(0)):
        Notification.objects.filter(pk=key, ended_at=None).update(due_at=now + AGAIN)
    else:
        done(one)


def done(one: Notification) -> None:
    """There is nothing more to do, unless its cause was gone meanwhile."""
    same = Q(ended_at=None) if one.ended_at is None else Q(ended_at=F("ended_at"))
    Notification.objects.filter(same, pk=one.pk).update(due_at=None)


def send(delivery: NotificationDelivery, soon: Callable[[], None]) -> None:
    """A try, and what came of it."""
    one = delivery.notification
    one.refresh_from_db()
    ending = delivery.state == State.ENDING
    if not ending and one.ended_at is not None:
        delivery.delete()
        return
    try:
        if delivery.device is not None:
            push.send(one, delivery.device, ending)
        else:
            robots.send(one, delivery.robot)
    except Later as later:
        put_off(delivery, later)
        return
    except Failed:
        store(delivery, State.FAILED)
        return
    store(delivery, State.ENDED if ending else State.SENT)
    if not ending and delivery.device is not None:
        # Its cause may have gone while it was sent, when there was nothing to replace.
        Notification.objects.filter(pk=one.pk, ended_at__isnull=False).update(due_at=clock.now())
        soon()


def put_off(delivery: NotificationDelivery, later: Later) -> None:
    if delivery.tries >= len(DELAYS):
        store(delivery, State.FAILED)
        return
    pause = max(DELAYS[delivery.tries], timedelta(seconds=later.seconds))
    rows = NotificationDelivery.objects.filter(pk=delivery.pk)
    rows.update(tries=F("tries") + 1, due_at=clock.now() + pause)


def store(delivery: NotificationDelivery, state: int) -> None:
    rows = NotificationDelivery.objects.filter(pk=delivery.pk)
    rows.update(state=state, due_at=None)


def delete_old() -> None:
    """Deletes notifications after KEPT."""
    Notification.objects.filter(created_at__lt=clock.now() - KEPT).delete()
