"""Guarantee 31: a push reveals nothing, and does not outlive its cause. All that the push service
was sent is kept, and searched."""

import random

import pytest

from chat import clock
from chat.conversations import causes, changes, offers
from chat.models import Notification, NotificationDelivery, Visitor
from chat.notifications.push.sending import topic
from chat.posting import batches
from chat.posting.visitor_actions import VisitorAction
from tests.chat.actions import do
from tests.chat.helpers import act_of, draft_of, new_guest
from tests.chat.threads import at_once, put

MARKS = ("NOTE-MARK", "contact-mark", "OTHER-MARK", "TEXT-MARK", "13800138000")


def searched(service) -> None:
    """None of the marks was sent, as it came or opened."""
    for path, headers, body in service.seen:
        assert not any(mark.lower() in f"{path}{headers}{body!r}".lower() for mark in MARKS)
    for browser in service.browsers.values():
        for push in browser.pushes:
            assert not any(mark.lower() in str(push.payload).lower() for mark in MARKS)
            assert push.payload["group"] not in f"{push.headers}{push.claims}"
            assert push.size == 1024 + 103, "all have one length"


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["answer", "snooze", "claim", "decline", "read"])
def test_what_ended_while_no_device_was_known_is_not_pushed(
    how, answered, guest, alice, bob, phone_of, look
):
    causes.with_devices.add("acme")
    if how == "read":
        batches.post(draft_of(bob, answered, "see @alice", note=True, mentions=(alice.uuid,)))
    else:
        batches.post(guest.draft("help"))
        with changes.begin() as change:
            offers.make(change.lock_one(answered), alice.uuid, 30, change.now, "", taken=0, limit=4)
    causes.with_devices.clear()
    if how == "answer":
        batches.post(draft_of(bob, answered, "hello"))
    elif how == "read":
        batches.mark(alice.uuid, answered, 99)
    elif how == "decline":
        with changes.begin() as change:
            offers.decline(change.lock_one(answered), alice.uuid, change.now)
    else:
        do(how, bob, answered, **({"minutes": 60} if how == "snooze" else {}))
    phone = phone_of(alice)
    look()
    assert phone.kinds == (["waiting"] if how == "decline" else [])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.release) for seed in (2, 3, 4))]
)
def test_no_push_stands_after_its_cause(seed, team, alice, bob, manager, service, phone_of, look):
    """Claims, answers, closes, sign-outs and erasures meet pushes under way."""
    chance = random.Random(seed)
    phones = {phone_of(member): member for member in (alice, alice, bob)}
    guests = [new_guest(team) for _ in range(4)]
    groups = [batches.post(one.draft("TEXT-MARK call 13800138000"))["group"] for one in guests]
    Visitor.objects.update(contact="contact-mark@example.com")
    batches.post(draft_of(bob, groups[0], "NOTE-MARK", note=True, mentions=(alice.uuid,)))
    leaving = next(iter(phones))

    def act(number: int) -> None:
        group, guest = groups[number], guests[number]
        put(guest.draft("TEXT-MARK again"))
        step = chance.choice(["claim", "answer", "close", "erase"])
        if step == "claim":
            put(act_of("claim", chance.choice([alice, bob]).uuid, group))
        elif step == "answer":
            put(draft_of(bob, group, "OTHER-MARK"))
        elif step == "close":
            put(act_of("close", alice.uuid, group))
        else:
            put(VisitorAction("erase", manager.uuid, group))

    def sign_out() -> None:
        leaving.client.post("/agent/logout/")

    jobs = [lambda number=number: act(number) for number in range(4)]
    for _ in range(2):
        at_once(*jobs, look, sign_out)
    look()
    NotificationDelivery.objects.exclude(due_at=None).update(due_at=clock.now())
    look()
    searched(service)
    assert not Notification.objects.filter(ended_at__isnull=False, due_at__isnull=False).exists()
    lasting = {one.group_id for one in Notification.objects.filter(ended_at=None)}
    may_stand = {topic(group) for group in lasting}
    for phone in phones:
        if phone is not leaving:
            standing = {name for name, kind in phone.shown().items() if kind != "gone"}
            assert standing <= may_stand
