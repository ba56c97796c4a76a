"""The demo's conversations go by one action, and nothing that a visitor wrote goes with them."""

import json
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.urls import reverse

from accounts.models import Member
from chat.bulk.demo import removal
from chat.delivery import announce
from chat.models import (
    Attachment,
    ChatGroup,
    Conversation,
    ConversationTag,
    GroupMember,
    GroupMessage,
    Origin,
    Reception,
    Tag,
    Visitor,
)
from chat.posting import batches
from tests.chat.helpers import act_of, draft_of, new_guest

EVERYTHING = (Visitor, Conversation, Reception, ChatGroup, GroupMember, GroupMessage)


@pytest.fixture
def real(full):
    """A visitor who tried the chat beside the demo, was answered, and tagged as some of it is."""
    guest = new_guest(full.teams.get(slug="service"))
    batches.post(guest.draft("I am real"))
    alice = Member.objects.get(name="alice")
    batches.post(draft_of(alice, guest.group, "so am I"))
    batches.do(act_of("tag", alice.uuid, guest.group, tag="presale"))
    return guest


def rows_of(guest) -> dict:
    found = {model: model.objects.all() for model in EVERYTHING}
    found[Visitor] = Visitor.objects.filter(uuid=guest.uuid)
    found[Conversation] = Conversation.objects.filter(uuid=guest.group)
    found[ChatGroup] = ChatGroup.objects.filter(uuid=guest.group)
    for model in (Reception, GroupMember, GroupMessage):
        found[model] = model.objects.filter(group_id=guest.group)
    return {model: list(rows.order_by("id").values()) for model, rows in found.items()}


def left_of(guest) -> dict:
    """What else there is."""
    counts = {model: model.objects.count() for model in EVERYTHING}
    return {model: counts[model] - len(rows) for model, rows in rows_of(guest).items()}


def test_all_of_it_goes_and_a_real_visitor_stays(
    full, real, settings, django_capture_on_commit_callbacks
):
    before = rows_of(real)
    assert all(left_of(real).values()) and files(settings)
    # What an agent writes to an invented visitor goes with them.
    some = Conversation.objects.filter(origin=Origin.DEMO, open=True).first()
    batches.post(draft_of(Member.objects.get(name="bob"), some.uuid, "trying it out"))
    count = removal.count(full)
    with django_capture_on_commit_callbacks(execute=True):
        assert removal.remove(full) == count > 300
    assert left_of(real) == dict.fromkeys(EVERYTHING, 0)
    assert rows_of(real) == before
    assert not Attachment.objects.exists() and files(settings) == []
    assert list(Tag.objects.values_list("name", flat=True)) == ["presale"]
    assert ConversationTag.objects.count() == 1
    assert removal.remove(full) == 0


def files(settings) -> list[Path]:
    return [path for path in (Path(settings.MEDIA_ROOT) / "files").rglob("*") if path.is_file()]


def test_open_inboxes_are_told(full, monkeypatch, django_capture_on_commit_callbacks):
    told = []
    monkeypatch.setattr(announce, "send", told.extend)
    groups = set(Conversation.objects.values_list("uuid", flat=True))
    alice = Member.objects.get(name="alice").uuid
    seats = set(ChatGroup.objects.for_member(alice).values_list("uuid", flat=True))
    with django_capture_on_commit_callbacks(execute=True):
        removal.remove(full)
    found = {"everybody": set(), alice: set()}
    for announcement in told:
        for recipients, text in announcement.events:
            event = json.loads(text)
            if not recipients or event["type"] == "changed":
                continue
            assert event["type"] == "conversation.left"
            found["everybody"].add(event["group"])
            if alice in recipients:
                found[alice].add(event["group"])
    assert found == {"everybody": groups, alice: seats}


def page_of(enterprise) -> str:
    return reverse("admin:chat_conversation_demo", args=[enterprise.pk])


@pytest.mark.parametrize("name", ["admin", "manager"])
def test_one_action_in_the_administration_removes_it(full, browser_of, name):
    browser = browser_of(Member.objects.get(name=name))
    change = reverse("admin:accounts_enterprise_change", args=[full.pk])
    assert page_of(full) in browser.get(change).content.decode()
    count = removal.count(full)
    asked = browser.get(page_of(full)).content.decode()
    assert f"{count} conversations with invented visitors" in " ".join(asked.split())
    assert removal.count(full) == count
    done = browser.post(page_of(full), follow=True)
    assert done.redirect_chain == [(change, 302)]
    page = done.content.decode()
    assert f"{count} demo conversations were removed." in page and page_of(full) not in page
    assert removal.count(full) == 0
    assert "demo conversations" in LogEntry.objects.get().change_message
    again = browser.post(page_of(full), follow=True).content.decode()
    assert "0 demo conversations were removed." in again


def test_the_command_removes_it_and_a_later_start_does_not_bring_it_back(full, settings, capsys):
    settings.DEMO = "full"
    count = removal.count(full)
    call_command("demo", "--remove")
    assert capsys.readouterr().out == f"{count} conversations removed\n"
    call_command("prepare", "--demo")
    assert not Conversation.objects.exists()
    # Whoever asks for it gets it again.
    call_command("demo")
    assert removal.count(full) > 300, "how many depends on the day"
