"""Erasing a visitor: nothing that names them is left, numbers stay whole, nothing opens."""

import asyncio
import json
import threading
from pathlib import Path
from unittest.mock import AsyncMock

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test import Client

from chat.background import upkeep
from chat.care import legal_holds
from chat.conversations import openings
from chat.models import (
    ArticleUse,
    Attachment,
    ChatGroup,
    Conversation,
    ConversationTag,
    GroupMessage,
    Presence,
    Reception,
    Visitor,
)
from chat.posting import batches
from chat.posting.actions import Rating
from chat.posting.visitor_actions import VisitorAction
from chat.protocol.errors import Refused
from chat.reading import inbox
from tests.chat.helpers import (
    JSON,
    PAGE,
    Guest,
    act_of,
    check_ledger,
    codes,
    database,
    draft_of,
    new_guest,
    refused,
    rows_of,
    types,
    within,
)
from tests.chat.threads import at_once, put

pytestmark = pytest.mark.django_db
MARK = "Quetzalcoatl"
"""A word that is nowhere else."""
FORM = {"action": "erase", "sure": "1"}


def erase(member, group: str) -> None:
    batches.do(VisitorAction("erase", member.uuid, group))


def row_of(guest) -> Visitor:
    return Visitor.objects.get(uuid=guest.uuid)


def traces() -> list[str]:
    """Every row of every table, and every file, with the mark in it."""
    found = [
        f"{model._meta.db_table}: {row}"
        for model in apps.get_models()
        for row in model._base_manager.values()
        if MARK.lower() in repr(row).lower()
    ]
    paths = map(Path, files_on_disk())
    marked = (path for path in paths if MARK.encode() in path.read_bytes() or MARK in path.name)
    return [*found, *map(str, marked)]


def files_on_disk() -> list[str]:
    return [str(path) for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


@pytest.fixture
def sold(guest, enterprise, group, sales) -> str:
    """The same visitor's conversation with another team."""
    return batches.post(Guest(enterprise, sales, guest.token).draft(f"{MARK} elsewhere"))["group"]


@pytest.fixture
def told(visitor, agent, guest, alice, bob, manager, superuser, group, sold, browser_of):
    """A visitor who left the mark wherever one can, and of whom colleagues wrote it down."""
    batches.post(guest.draft(f"I am {MARK}", group=group))
    for browser in (visitor, agent):
        note = SimpleUploadedFile(f"{MARK}.txt", f"{MARK} by {browser.place}".encode())
        answer = browser.post(browser.place, {"content": MARK, "file": note}, **JSON)
        assert answer.status_code == 200
    batches.post(draft_of(alice, group, f"hello {MARK}", reply_to=3))
    batches.post(draft_of(bob, group, f"note on {MARK}", note=True, mentions=(alice.uuid,)))
    batches.do(act_of("tag", alice.uuid, group, tag=MARK))
    batches.do(VisitorAction("edit", alice.uuid, group, label=MARK, contact=f"{MARK}@example.com"))
    batches.do(act_of("close", alice.uuid, group, note=f"done with {MARK}"))
    batches.do(Rating(guest.uuid, group, 4, f"{MARK} was here"))
    batches.post(guest.draft(f"{MARK} again", group=group))
    batches.do(act_of("claim", bob.uuid, group))
    batches.do(VisitorAction("block", bob.uuid, group, reason=f"{MARK} again"))
    row = row_of(guest)
    page = f"/admin/chat/visitor/{row.pk}/change/"
    answer = browser_of(manager).post(page, {"label": f"{MARK} II", "contact": MARK})
    assert answer.status_code == 302 and LogEntry.objects.filter(object_repr__contains=MARK)
    Presence.objects.create(who=guest.uuid, node="x", expires_at=row.created_at)
    use = {"enterprise": guest.enterprise, "kind": "searched", "words": f"where is {MARK}"}
    ArticleUse.objects.create(reader=guest.uuid, **use)
    return group


def test_nothing_that_names_the_visitor_is_left(
    told, guest, manager, sold, django_capture_on_commit_callbacks
):
    assert len(traces()) > 15 and len(files_on_disk()) == 2
    with django_capture_on_commit_callbacks(execute=True):
        erase(manager, told)
    assert traces() == []
    assert files_on_disk() == [] and not Attachment.objects.exists()
    assert not ConversationTag.objects.exists() and not Presence.objects.exists()
    assert not ChatGroup.objects.for_member(guest.uuid).exists()
    assert ArticleUse.objects.get().reader == ""


def test_what_counts_stays(told, guest, alice, bob, manager, sold):
    before = {each: len(rows_of(each)) for each in (told, sold)}
    times = list(GroupMessage.objects.order_by("id").values_list("id", "seq", "created_at"))
    erase(manager, told)
    check_ledger()
    for each, count in before.items():
        rows = rows_of(each)
        assert len(rows) == count + 1
        assert {row.data["event"] for row in rows[:-1]} == {"erased"}
        by = {"by": manager.uuid, "by_name": manager.display_name}
        assert rows[-1].data == {"event": "erasure", **by}
        assert not any(row.message_content or row.sender_name for row in rows[:-1])
    kept = list(GroupMessage.objects.order_by("id").values_list("id", "seq", "created_at"))
    assert kept[: len(times)] == times
    first, second = Reception.objects.filter(group_id=told).order_by("id")
    assert (first.score, first.comment, first.closed_by) == (4, "", alice.uuid)
    assert second.closed_at and second.closed_by == manager.uuid
    for row in Conversation.objects.all():
        assert not row.open and not row.claimed_by and row.waiting_since is None and row.tags == []
    assert ChatGroup.objects.filter(uuid=told, unread=0, mentioned_seq=0).count() == 2
    (shown,) = inbox.rows_of(alice.uuid, alice.enterprise.code, [told])
    assert shown["group_name"] == "Erased visitor" and shown["last"] is None
    assert row_of(guest).created_at and row_of(guest).is_erased


def test_each_column_is_emptied_unless_it_is_known_to_name_nobody(guest, manager, group):
    """A column that is added later is erased, too, without anybody thinking of it."""
    for model, which in ((Visitor, {"uuid": guest.uuid}), (Reception, {"group_id": group})):
        kept = {"uuid", "ent_id", "group_id", "secret_hash", "closed_by"}
        texts = [
            field
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField)
        ]
        values = {
            one.name: {"id": MARK} if isinstance(one, models.JSONField) else MARK[: one.max_length]
            for one in texts
            if one.name not in kept
        }
        assert values
        model.objects.filter(**which).update(**values)
    erase(manager, group)
    assert traces() == []
    assert not any(MARK[:5] in repr(row) for row in Visitor.objects.values())


def test_the_cookie_opens_nothing_any_more(visitor, guest, manager, told):
    erase(manager, told)
    assert refused(visitor.get(visitor.place, **JSON)) == (401, "forbidden")
    assert refused(visitor.post(visitor.place, {"content": "x"}, **JSON)) == (401, "forbidden")
    answer = visitor.get("/chat/acme/")
    assert answer.status_code == 200 and MARK not in answer.content.decode()
    assert guest.uuid not in answer.content.decode(), "who comes again is somebody new"
    assert visitor.post(visitor.place, {"content": "me again"}, **JSON).status_code == 200
    assert Visitor.objects.count() == 2


def test_nobody_writes_into_what_was_erased(
    agent, alice, bob, guest, manager, group, enterprise, sales
):
    draft = guest.draft("sent twice", group=group)
    first = batches.post(draft)
    erase(manager, group)
    count = GroupMessage.objects.count()
    late = [
        guest.draft("late", group=group),
        guest.draft("late, by a page that knows no group"),
        draft_of(alice, group, "hello?"),
        draft_of(alice, group, "note", note=True),
        draft_of(manager, group, "note", note=True),
    ]
    assert codes(batches.run(late)) == ["not_found"] * len(late)
    assert batches.run([Rating(guest.uuid, group, 1, "late")])[0]["type"] == "error"
    of_group = {"tag": {"tag": "late"}, "reopen": {}, "claim": {}, "close": {}}
    of_visitor = {"edit": {"label": "x"}, "block": {"reason": "x"}, "unblock": {}}
    for kind, acts in ((act_of, of_group), (VisitorAction, of_visitor)):
        for name, more in acts.items():
            answers = batches.run([kind(name, alice.uuid, group, **more)])
            assert codes(answers) == ["conflict"], name

    erase(manager, group)
    assert GroupMessage.objects.count() == count and first["seq"] == 3
    new = Guest(enterprise, sales, guest.token).draft("a new one")
    assert codes(batches.run([new])) == ["not_found"] and Conversation.objects.count() == 1
    batches.do(act_of("leave", bob.uuid, group))
    check_ledger()


def test_only_managers_erase_and_they_must_be_sure(
    agent, carol, manager, outsider, other_manager, group, browser_of
):
    place = f"{agent.page}visitor/"
    assert refused(agent.post(place, FORM, **JSON)) == (403, "forbidden")
    for member in (carol, outsider, other_manager):
        assert refused(browser_of(member).post(place, FORM, **JSON)) == (404, "not_found")
    boss = browser_of(manager)
    for fields in ({"action": "erase"}, FORM | {"sure": "0"}, FORM | {"sure": "yes"}):
        assert refused(boss.post(place, fields, **JSON)) == (400, "bad_field")
    assert not Visitor.objects.get().is_erased
    assert 'value="erase"' not in agent.get(agent.page).content.decode()
    page = boss.get(agent.page).content.decode()
    assert 'value="erase"' in page and "This cannot" not in page
    for words in ("all files sent there", "This is kept", "cannot be undone", "backups"):
        assert words in page
    answer = boss.post(place, FORM, **PAGE)
    assert answer.status_code == 302 and Visitor.objects.get().is_erased
    page = boss.get(agent.page).content.decode()
    assert "erased the messages here" in page and ">first<" not in page.partition("<main")[2]


def test_another_visitor_keeps_everything(told, guest, team, manager, agent):
    other = new_guest(team)
    kept = batches.post(other.draft("mine stays"))["group"]
    said, row = GroupMessage.objects.in_group(kept), Visitor.objects.filter(uuid=other.uuid)
    before = said.values().get(seq=2), row.values().get()
    erase(manager, told)
    assert (said.values().get(seq=2), row.values().get()) == before
    assert "mine stays" in agent.get(f"/agent/c/{kept}/").content.decode()
    assert other.browser().get("/chat/acme/messages/").status_code == 200


def test_a_file_is_gone_for_everybody(told, agent, visitor, manager):
    url = next(
        message["attachment"]["url"]
        for message in json.loads(agent.get(agent.place).content)["messages"]
        if message["attachment"]
    )
    assert agent.get(url).status_code == 200
    erase(manager, told)
    for browser in (agent, visitor, Client()):
        assert browser.get(url).status_code == 404


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_open_pages_are_told_and_the_visitors_are_signed_off(
    alice, bob, manager, guest, group, connect, monkeypatch
):
    page, visitor, boss = await connect(alice), await connect(guest), await connect(manager)
    tick = upkeep.current()
    # One that the sockets have woken may sign the visitor off between the commit and the events.
    with monkeypatch.context() as paused:
        paused.setattr(tick, "check_access", AsyncMock())
        before = tick.answered
        tick.wake.set()
        while tick.answered == before:
            await asyncio.sleep(0.01)
        await database(erase)(manager, group)
        for socket in (page, boss):
            event = await socket.until("conversation", group=group)
            assert event["open"] is False and event["last"] is None and event["tags"] == []
            event = await socket.until("message.posted")
            assert event["message"]["data"]["event"] == "erasure"
            event = await socket.until("visitor", visitor=guest.uuid)
            assert event["erased"] is True and event["name"] == "Erased visitor"
    tick.wake.set()
    assert await visitor.closed() == 4401
    (erasure,) = [event for event in visitor.waiting if event["type"] == "message.posted"]
    assert erasure["message"]["data"]["event"] == "erasure"
    assert not {"visitor", "conversation"} & set(types(visitor.waiting)), "these are for agents"


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_a_page_that_was_away_hears_of_it_by_its_sync(alice, manager, guest, group, connect):
    await database(batches.post)(guest.draft("more", group=group))
    await database(erase)(manager, group)
    page = await connect(alice)
    await page.send("sync", groups={group: 3})
    event = await page.until("message.posted")
    assert event["message"]["data"]["event"] == "erasure" and event["message"]["seq"] == 4
    assert not any(MARK in str(event) for event in await page.all())


def test_a_socket_that_is_still_open_begins_nothing(guest, manager, group):
    """Its first message to another team would make a conversation of somebody who is erased."""
    erase(manager, group)
    opening = guest.draft("x").opening
    with pytest.raises(Refused, match="nobody any more"):
        openings.lock_known([opening])


@pytest.mark.django_db(transaction=True)
def test_none_of_their_conversations_begins_meanwhile(
    guest, manager, group, enterprise, monkeypatch
):
    elsewhere = guest.draft("to another team")
    elsewhere.opening.team_id = enterprise.teams.create(name="Sales", slug="sales").pk
    began, done = threading.Event(), threading.Event()
    monkeypatch.setattr(legal_holds, "refuse", lambda visitor: began.set() or done.wait(1))

    def begin():
        began.wait(9)
        answer = put(elsewhere)
        done.set()
        return answer

    _erased, answer = at_once(lambda: erase(manager, group), begin)
    assert answer["code"] == "not_found" and Conversation.objects.get().uuid == group
