"""Conversations of a Chatwoot, from a server that answers as its public API does."""

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Member
from chat.bulk.adoption import chatwoot
from chat.models import ChatGroup, Conversation, GroupMessage
from tests.fakes.server import Fake

from .comparing import assert_consistent, everything

pytestmark = pytest.mark.django_db
NOON = 1_700_000_000


class Account(Fake):
    """An account with one agent and what `say` adds."""

    def __init__(self):
        super().__init__()
        self.address = f"{self.url}/app/accounts/1"
        self.agents = [
            {"id": 4, "name": "Ann Smith", "available_name": "Ann", "email": "ann@example.com"}
        ]
        self.conversations: dict[int, dict] = {}
        self.messages: dict[int, list[dict]] = {}
        self.failures: list[int] = []
        self.asked: list[tuple[str, str, str]] = []

    def begin(self, id: int, status: str = "resolved", **columns) -> None:
        contact = {"id": 90 + id, "name": f"Wang {id}", "email": "wang@example.com"}
        self.conversations[id] = {
            "id": id,
            "status": status,
            "created_at": NOON,
            "contact_last_seen_at": NOON + 10_000,
            "unread_count": 0,
            "meta": {"sender": contact | {"phone_number": "+861"}, "team": {"name": "Sales"}},
            **columns,
        }
        self.messages[id] = []

    def say(self, conversation: int, type: int, content: str | None, **columns) -> None:
        id = sum(map(len, self.messages.values())) + 1
        row = {"id": id, "content": content, "message_type": type, "private": False}
        row |= {"created_at": NOON + id, "attachments": []}
        if type == 0:
            row["sender"] = {"id": 90 + conversation, "name": "Wang", "type": "contact"}
        elif type == 1:
            row["sender"] = {"id": 4, "name": "Ann Smith", "type": "user"}
        self.messages[conversation].append(row | columns)

    def answer(self, method, path, query, headers, body):
        token = headers.get("api_access_token")
        self.asked.append((method, path, token))
        status = self.failures.pop(0) if self.failures else 200
        if token != "the token":
            status = 401
        return status, self.found(path, query) if status == 200 else {"error": "no"}

    def found(self, path: str, query: dict):
        path = path.removeprefix("/api/v1/accounts/1/")
        if path == "agents":
            return self.agents
        if path == "conversations":
            start = 25 * (int(query["page"]) - 1)
            rows = [self.conversations[id] for id in sorted(self.conversations, reverse=True)]
            return {"data": {"meta": {}, "payload": rows[start : start + 25]}}
        after = int(query["after"])
        rows = [row for row in self.messages[int(path.split("/")[1])] if row["id"] > after]
        return {"meta": {}, "payload": rows[:100]}


@pytest.fixture
def account(monkeypatch, team):
    monkeypatch.setenv("CHATWOOT_TOKEN", "the token")
    monkeypatch.setattr(chatwoot.Api.__init__, "__defaults__", (0.0,))
    with Account() as fake:
        yield fake


def adopt(account, *options: str) -> str:
    out = io.StringIO()
    options = options or ("--yes",)
    call_command("adopt", account.address, "--enterprise", "acme", *options, stdout=out)
    return out.getvalue()


@pytest.fixture
def talk(account):
    assignee = {"id": 4, "name": "Ann Smith"}
    account.begin(1)
    account.conversations[1]["meta"]["assignee"] = assignee
    account.say(1, 0, "hello")
    account.say(1, 2, "Conversation was assigned to Ann")
    account.say(1, 1, "hi")
    account.say(1, 1, "a regular", private=True)
    account.say(1, 3, "How was it?")
    account.say(1, 0, None, attachments=[{"data_url": "https://x.example/a.png"}])
    return account


def test_a_conversation_comes_with_contact_agents_notes_and_times(talk):
    adopt(talk)
    row = Conversation.objects.get()
    assert (row.open, row.topic, row.visitor.label) == (False, "Sales", "Wang 1")
    assert row.visitor.contact == "wang@example.com +861"
    assert row.visitor.contact_by == "import"
    ann = Member.objects.get(name="ann@example.com")
    assert (ann.nickname, ann.role) == ("Ann", Member.Role.AGENT)
    said = GroupMessage.objects.filter(client_id__startswith="adopted:").order_by("seq")
    assert list(said.values_list("sender", "message_type", "message_content")) == [
        (row.visitor_id, 1, "hello"),
        ("", 2, "Conversation was assigned to Ann"),
        (ann.uuid, 1, "hi"),
        (ann.uuid, 3, "a regular"),
        ("", 1, "How was it?"),
        (row.visitor_id, 1, "https://x.example/a.png"),
    ]
    assert said[0].created_at.timestamp() == NOON + 1
    assert ChatGroup.objects.get(member_id=ann.uuid).member_type == 1
    assert {one[0] for one in talk.asked} == {"GET"}
    assert_consistent()


def test_many_conversations_and_long_ones_come_whole(account):
    for id in range(1, 61):
        account.begin(id, "open" if id == 60 else "resolved")
        account.say(id, 0, f"hello {id}")
    for n in range(250):
        account.say(60, n % 2, f"line {n}")
    adopt(account)
    assert Conversation.objects.count() == 60 and Conversation.objects.get(open=True)
    assert GroupMessage.objects.filter(client_id__startswith="adopted:").count() == 310
    before = everything()
    adopt(account)
    assert everything() == before
    account.say(7, 0, "again")
    adopt(account)
    assert GroupMessage.objects.filter(message_content="again").count() == 1
    assert_consistent()


def test_what_is_unread_there_is_unread_here(account):
    account.begin(1, "open", unread_count=2, contact_last_seen_at=NOON + 3)
    account.conversations[1]["meta"]["assignee"] = {"id": 4}
    for type in (0, 1, 1, 1, 0, 0):
        account.say(1, type, "words")
    adopt(account)
    ann = Member.objects.get(name="ann@example.com")
    visitor = Conversation.objects.get().visitor_id
    unread = dict(ChatGroup.objects.values_list("member_id", "unread"))
    assert unread == {ann.uuid: 2, visitor: 1}


def test_a_server_that_fails_for_a_moment_is_asked_again(talk):
    talk.failures = [503, 429]
    adopt(talk)
    assert Conversation.objects.count() == 1


@pytest.mark.parametrize("failures", [[404], [500] * 4])
def test_a_server_that_fails_for_good_is_told(talk, failures):
    talk.failures = failures
    before = everything()
    with pytest.raises(CommandError, match="cannot be read"):
        adopt(talk)
    assert everything() == before


def test_without_a_token_or_with_a_wrong_one_nothing_is_read(talk, monkeypatch):
    monkeypatch.setenv("CHATWOOT_TOKEN", "another")
    with pytest.raises(CommandError, match="401") as error:
        adopt(talk)
    assert "another" not in str(error.value)
    monkeypatch.delenv("CHATWOOT_TOKEN")
    with pytest.raises(CommandError, match="CHATWOOT_TOKEN"):
        adopt(talk)


@pytest.mark.parametrize("url", ["https://x.example", "https://u@x.example/accounts/1"])
def test_an_address_of_no_account_is_refused(talk, url):
    talk.address = url
    with pytest.raises(CommandError, match="must look like"):
        adopt(talk)


def test_answers_of_another_shape_are_told(talk):
    del talk.conversations[1]["id"]
    with pytest.raises(CommandError, match="what is not known"):
        adopt(talk)
