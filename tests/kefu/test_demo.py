"""What `manage.py demo` and a start make beside the accounts, and what DEMO says of it."""

import pytest
from django.core.management import call_command

from accounts.models import Enterprise, Member
from chat.models import Conversation, GroupMessage, QuickQuestion, Visitor
from chat.posting import batches
from tests.chat.helpers import draft_of, new_guest
from tests.conftest import PASSWORD
from tests.serving import lines_until, serve

ACCOUNTS = {"admin", "manager", "alice", "bob", "carol"}


@pytest.fixture
def demo(db, settings, capsys, monkeypatch):
    """A function: what is printed, with this value of DEMO; of a start with `start`."""

    def run(*words, value="full", start=False) -> str:
        settings.DEMO = value
        if start:
            monkeypatch.setenv("DEMO_PASSWORD", PASSWORD)
            call_command("prepare", "--demo")
        else:
            call_command("demo", *words)
        return capsys.readouterr().out

    return run


@pytest.mark.parametrize("start", [True, False])
def test_a_first_one_has_conversations_and_a_second_doubles_nothing(demo, start):
    out = demo(start=start)
    count = Conversation.objects.count()
    assert count > 300 and f"{count} conversations" in out
    accounts = ACCOUNTS | {"assistant@demo"}
    assert set(Member.objects.values_list("name", flat=True)) == accounts
    assert Enterprise.objects.get().name == "Hillmoon 山月茶器"
    # People go on writing, in the demo's conversations and in their own.
    guest = new_guest(Enterprise.objects.get().teams.get(slug="service"))
    batches.post(guest.draft("hello"))
    some = Conversation.objects.filter(origin="demo", open=True).first()
    batches.post(draft_of(Member.objects.get(name="bob"), some.uuid, "an answer"))
    rows = GroupMessage.objects.order_by("id").values_list("group_id", "seq", "message_content")
    before = list(rows)
    assert "conversations" not in demo(start=start)
    assert list(rows.all()) == before
    assert Conversation.objects.count() == Visitor.objects.count() == count + 1


@pytest.mark.parametrize(
    ("words", "value", "start"),
    [((), "accounts", False), ((), "accounts", True), (("--empty",), "full", False)],
)
def test_accounts_alone_are_the_demo_without_conversations(demo, words, value, start):
    out = demo(*words, value=value, start=start)
    assert set(Member.objects.values_list("name", flat=True)) == ACCOUNTS
    assert "conversations" not in out
    assert not Conversation.objects.exists() and not QuickQuestion.objects.exists()
    enterprise = Enterprise.objects.get()
    assert enterprise.name == "Demo" and enterprise.teams.count() == 1


def test_conversations_come_later_if_somebody_asks(demo):
    demo("--empty")
    demo(start=True)
    assert not Conversation.objects.exists()
    demo()
    assert Conversation.objects.exists()
    assert Enterprise.objects.get().name == "Demo"


def test_where_its_agents_left_the_team_it_says_so(demo):
    demo("--empty")
    Member.objects.get(name="bob").places.all().delete()
    Member.objects.filter(name="carol").update(status=Member.Status.CLOSED)
    assert "no conversations: bob, carol cannot answer in the team" in demo()
    assert not Conversation.objects.exists()


@pytest.mark.once
@pytest.mark.release
def test_a_first_start_serves_the_full_demo(tmp_path, port):
    process = serve(tmp_path, DATABASE_URL="", REDIS_URL="", PORT=port, DEMO="")
    try:
        printed = lines_until(process, "ready ")
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert "conversations; to remove them: manage.py demo --remove" in printed
