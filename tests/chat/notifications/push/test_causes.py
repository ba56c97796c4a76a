"""Who is pushed what, and what replaces it."""

from collections import deque
from types import SimpleNamespace

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import (
    Enterprise,
    Member,
)
from chat.conversations import causes, changes, offers
from chat.models import Conversation, Notification, NotificationDelivery, PushDevice, Visitor
from chat.notifications import deliveries, recipients
from chat.notifications.lanes import Lanes
from chat.notifications.push import sending
from chat.posting import batches
from chat.posting.actions import Recall
from chat.posting.visitor_actions import VisitorAction
from chat.presence import leases, shown
from chat.routing import overflow
from tests.chat.actions import do, make_leader
from tests.chat.helpers import draft_of

pytestmark = [pytest.mark.django_db]


def test_all_of_the_team_but_who_is_offline_or_wants_only_theirs(
    phone_of, answered, guest, alice, bob, carol, look
):
    phones = [phone_of(alice), phone_of(bob, choice="mine"), phone_of(carol), phone_of(alice)]
    batches.post(guest.draft("help"))
    batches.post(guest.draft("please"))
    look()
    assert [phone.kinds for phone in phones] == [["waiting"], [], [], ["waiting"]]
    (push,) = phones[0].pushes
    label = Conversation.objects.get(uuid=answered).visitor.label
    assert push.payload == {"kind": "waiting", "group": answered, "name": label}
    assert (push.headers["ttl"], push.headers["urgency"]) == ("3600", "high")
    assert len(push.headers["topic"]) == 32 and answered not in str(push.headers)
    assert "sub" not in push.claims

    Member.objects.filter(pk=alice.pk).update(online_status=Member.OnlineStatus.OFFLINE)
    batches.post(draft_of(bob, answered, "hello"))
    batches.post(guest.draft("again"))
    look()
    assert phones[0].kinds == ["waiting", "gone"]


def test_who_has_it_is_not_read_again_while_it_lasts(phone_of, answered, guest, alice, look, now):
    phone_of(alice)
    batches.post(guest.draft("help"))
    look()
    assert recipients.devices(Notification.objects.get(), now) == []


def test_only_the_holder_and_once(phone_of, answered, guest, alice, bob, look, pass_time):
    phones = phone_of(alice, choice="mine"), phone_of(bob)
    do("claim", alice, answered)
    batches.post(guest.draft("help"))
    look()
    pass_time(20)
    batches.post(guest.draft("please"))
    look()
    assert [phone.kinds for phone in phones] == [["waiting"], []]
    do("transfer", alice, answered, member=bob.uuid)
    look()
    assert [phone.kinds for phone in phones] == [["waiting", "gone"], ["waiting"]]
    assert phones[0].pushes[1].payload["name"] == bob.display_name
    assert phones[0].pushes[1].headers["urgency"] == "normal"
    assert phones[0].pushes[1].headers["ttl"] == "86400"
    assert len(phones[0].shown()) == 1


@pytest.mark.parametrize("by", ["claim", "answer", "close", "snooze", "block"])
def test_another_one_ends_it(by, phone_of, answered, guest, alice, bob, look):
    phone = phone_of(alice)
    batches.post(guest.draft("help"))
    look()
    {
        "claim": lambda: do("claim", bob, answered),
        "answer": lambda: batches.post(draft_of(bob, answered, "hello")),
        "close": lambda: do("close", bob, answered),
        "snooze": lambda: do("snooze", bob, answered, minutes=60),
        "block": lambda: batches.do(VisitorAction("block", bob.uuid, answered, minutes=5)),
    }[by]()
    look()
    look()
    assert phone.kinds == ["waiting", "gone"]
    known = by in ("claim", "answer")
    assert phone.pushes[1].payload == {
        **{"kind": "gone", "group": answered},
        "name": bob.display_name if known else "",
    }


def test_not_while_a_window_is_seen_but_afterwards(
    phone_of, answered, guest, alice, look, pass_time
):
    phone = phone_of(alice)
    leases.renew([alice.uuid], node="another process")
    shown.Presence.objects.filter(who=alice.uuid).update(shown_at=timezone.now())
    batches.post(guest.draft("help"))
    look()
    pass_time(40)
    look()
    assert phone.kinds == []
    pass_time(25)
    look()
    assert phone.kinds == ["waiting"]


def test_who_answers_gets_no_word_where_they_answer(phone_of, answered, guest, alice, look):
    phones = phone_of(alice), phone_of(alice)
    batches.post(guest.draft("help"))
    look()
    shown.note(alice.uuid, phones[0].client.session.session_key)
    batches.post(draft_of(alice, answered, "hello"))
    look()
    assert [phone.kinds for phone in phones] == [["waiting"], ["waiting", "gone"]]


def test_who_claims_what_they_were_sent_is_not_sent_it_again(
    phone_of, answered, guest, alice, bob, look, pass_time
):
    phones = phone_of(alice), phone_of(bob)
    batches.post(guest.draft("help"))
    look()
    do("claim", alice, answered)
    look()
    pass_time(20)
    look()
    assert [phone.kinds for phone in phones] == [["waiting"], ["waiting", "gone"]]
    # It comes back: who was sent that it is gone is sent that it is there.
    do("release", alice, answered)
    for _ in range(3):
        look()
        pass_time(2)
    assert [phone.kinds for phone in phones] == [["waiting"], ["waiting", "gone", "waiting"]]
    batches.post(draft_of(bob, answered, "hello"))
    look()
    assert [phone.kinds[-1] for phone in phones] == ["gone", "gone"]


def test_an_offer_and_its_end(phone_of, answered, guest, alice, bob, look, pass_time):
    phone = phone_of(alice, choice="mine")
    batches.post(guest.draft("help"))
    with changes.begin() as change:
        offers.make(change.lock_one(answered), alice.uuid, 30, change.now, "", taken=0, limit=4)
    look()
    assert phone.kinds == ["offer"] and 25 <= int(phone.pushes[0].headers["ttl"]) <= 30
    do("claim", bob, answered)
    look()
    assert phone.kinds == ["offer", "gone"]


def test_the_end_of_an_offer_does_not_hide_that_somebody_waits(
    phone_of, answered, guest, alice, look, pass_time
):
    phone = phone_of(alice)
    batches.post(guest.draft("help"))
    with changes.begin() as change:
        offers.make(change.lock_one(answered), alice.uuid, 30, change.now, "", taken=0, limit=4)
    look()
    assert sorted(phone.kinds) == ["offer", "waiting"]
    with changes.begin() as change:
        offers.decline(change.lock_one(answered), alice.uuid, change.now)
    look()
    pass_time(2)
    look()
    assert phone.kinds[2:] == ["gone", "waiting"]


def test_a_mention(phone_of, group, alice, bob, look):
    phone = phone_of(alice)
    do("claim", bob, group)
    look()
    before = len(phone.pushes)
    batches.post(draft_of(bob, group, "a secret @alice", note=True, mentions=(alice.uuid,)))
    look()
    assert phone.kinds[before:] == ["mention"]
    assert phone.pushes[-1].payload["name"] == bob.display_name
    assert "text" not in phone.pushes[-1].payload
    batches.mark(alice.uuid, group, 99)
    look()
    assert phone.kinds[before:] == ["mention", "gone"]


@pytest.mark.parametrize("by", ["colleague", "overflow"])
def test_a_call_names_who_calls_and_its_end_nobody(by, phone_of, answered, team, alice, bob, look):
    phone = phone_of(alice)
    do("claim", bob, answered)
    if by == "colleague":
        note = draft_of(bob, answered, "@alice", note=True, mentions=(alice.uuid,))
        seq = batches.post(note)["seq"]
    else:
        make_leader(alice, team, answered)
        with changes.begin() as change:
            overflow.tell_leaders(change.lock_one(answered), 10)
    look()
    if by == "colleague":
        batches.do(Recall(bob.uuid, answered, seq))
    else:
        batches.mark(alice.uuid, answered, 99)
    look()
    names = [(push.payload["kind"], push.payload["name"]) for push in phone.pushes]
    name = bob.display_name if by == "colleague" else ""
    assert names == [("mention", name), ("gone", "")]


def test_a_mention_that_was_read_is_not_pushed_anew(phone_of, answered, alice, bob, look):
    """A later one is recalled."""
    phone = phone_of(alice)
    note = {"note": True, "mentions": (alice.uuid,)}
    seqs = [batches.post(draft_of(bob, answered, "@alice", **note))["seq"] for _ in range(2)]
    batches.mark(alice.uuid, answered, 99)
    batches.do(Recall(bob.uuid, answered, seqs[1]))
    look()
    assert phone.kinds == []


def test_words_where_the_enterprise_wants_them(phone_of, answered, guest, alice, bob, look):
    Enterprise.objects.update(push_text=True)
    Visitor.objects.update(label="zoe@example.com")
    phone = phone_of(alice)
    batches.post(guest.draft("call 13800138000 or zoe@example.com, order 12345"))
    look()
    payload = phone.pushes[0].payload
    assert payload["name"] == "z…@…"
    assert payload["text"] == "call 138…00 or z…@…, order 12345"
    batches.post(draft_of(bob, answered, "a secret @alice", note=True, mentions=(alice.uuid,)))
    look()
    assert phone.kinds[-1] == "mention" and "text" not in phone.pushes[-1].payload


def test_quiet_hours(phone_of, answered, guest, alice, look, pass_time):
    hour = timezone.now().hour
    quiet = {"quiet_from": f"{hour:02}:00", "quiet_to": f"{(hour + 2) % 24:02}:00"}
    phones = phone_of(alice, **quiet), phone_of(alice, **quiet, zone="Asia/Tokyo")
    batches.post(guest.draft("help"))
    look()
    assert [phone.kinds for phone in phones] == [[], ["waiting"]]


@pytest.mark.parametrize("how", ["signed out", "expired", "disabled", "closed", "seat", "role"])
def test_who_may_not_see_it_any_more_gets_nothing(
    how, phone_of, answered, guest, alice, look, monkeypatch
):
    """It is spread already when that happens."""
    phone = phone_of(alice)
    batches.post(guest.draft("help"))
    with monkeypatch.context() as slow:
        slow.setattr("chat.notifications.deliveries.send", lambda *args: None)
        look()
    assert NotificationDelivery.objects.count() == 1
    NotificationDelivery.objects.update(due_at=timezone.now())
    own = Member.objects.filter(pk=alice.pk)
    {
        "signed out": lambda: phone.client.post("/agent/logout/"),
        "expired": lambda: Session.objects.update(expire_date=timezone.now()),
        "disabled": lambda: own.update(status=Member.Status.CLOSED),
        "closed": lambda: Enterprise.objects.update(status=Enterprise.Status.CLOSED),
        "seat": lambda: do("leave", alice, answered),
        "role": lambda: own.update(role=Member.Role.ANALYST),
    }[how]()
    look()
    assert phone.kinds == []


def test_a_slow_service_keeps_a_part_of_the_workers_and_the_others_are_not_held_up(monkeypatch):
    queued, sent = deque(), []
    monkeypatch.setattr(deliveries.WORKERS, "submit", lambda _closing, *call: queued.append(call))
    monkeypatch.setattr(deliveries, "send", lambda delivery, _soon: sent.append(delivery))
    slow, quick = (PushDevice(endpoint=f"https://{name}.example/1") for name in ("slow", "quick"))
    due = [NotificationDelivery(device=device) for device in [slow] * 30 + [quick]]
    monkeypatch.setattr(
        deliveries, "claimed", lambda rows, _now: due if rows.model is type(due[0]) else []
    )
    causes.with_devices.add("acme")
    monkeypatch.setattr(causes, "look", lambda: None)
    deliveries.look(lambda: None)
    assert len(queued) < 20
    while queued:
        work, *args = queued.popleft()
        work(*args)
    assert len(sent) == 31 and not deliveries.LANES.busy and not deliveries.LANES.waiting


def test_the_backlog_of_a_dead_service_comes_before_nobody(phone_of, alice, group, monkeypatch):
    phone_of(alice)
    quick = PushDevice.objects.get()
    dead = [
        PushDevice(
            **{"ent_id": quick.ent_id, "member": alice, "session": quick.session, "digest": number},
            endpoint=f"https://dead.example/{number}",
        )
        for number in range(30)
    ]
    one = Notification.objects.create(kind="waiting", cause="1", created_at=timezone.now())
    NotificationDelivery.objects.bulk_create(
        NotificationDelivery(notification=one, device=device, due_at=one.created_at)
        for device in [*PushDevice.objects.bulk_create(dead), quick]
    )
    taken = []
    pool = SimpleNamespace(submit=lambda _closing, _run, _lane, _work, args: taken.append(args[0]))
    monkeypatch.setattr(deliveries, "LANES", Lanes(pool, 8))
    monkeypatch.setattr(deliveries, "BATCH", 10)
    for _ in range(2):
        deliveries.look(lambda: None)
    assert [delivery.device for delivery in taken[8:]] == [quick]


def test_a_push_of_two_conversations_has_two_topics(group):
    assert sending.topic(group) != sending.topic("another")


def test_push_makes_nobody_eligible(phone_of, alice):
    before = leases.online({alice.uuid})
    phone_of(alice)
    assert leases.online({alice.uuid}) == before == set()


def test_without_devices_nothing_more_is_asked(answered, guest, django_assert_num_queries):
    with CaptureQueriesContext(connection) as plain:
        batches.post(guest.draft("help"))
    assert not [one for one in plain.captured_queries if "notification" in one["sql"]]
    with django_assert_num_queries(1):
        causes.look()
    assert not causes.with_devices
