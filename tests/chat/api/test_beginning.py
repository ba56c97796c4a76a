"""A conversation that a program begins by the API."""

import pytest
from django.utils import timezone

from accounts import setup
from chat.care import joins
from chat.models import Conversation, Reception, Visitor
from chat.posting import batches
from chat.stream import sequencer
from chat.visitors import identities
from chat.visitors.identities import Person
from tests.chat.helpers import (
    act_of,
    check_ledger,
    database,
    draft_of,
    new_guest,
    new_id,
    rows_of,
    seat_of,
    within,
)
from tests.chat.mail.answered import BASE, look
from tests.chat.signed_visitors import WANG, session_guest
from tests.chat.threads import at_once
from tests.chat.two_processes import twins

from .program import program_of, refusal

pytestmark = pytest.mark.django_db
PLACE = "conversations/"


@pytest.fixture
def person(enterprise) -> Visitor:
    """Somebody whom the site knows, and who has never written."""
    return known(enterprise, "7")


def known(enterprise, who: str) -> Visitor:
    columns = identities.visitor_columns(enterprise, Person(who, **WANG))
    secret = identities.NO_SECRET_HASH
    return Visitor.objects.create(ent_id="acme", label="Wang", secret_hash=secret, **columns)


def asked(who, **fields) -> dict:
    body = {"visitor": getattr(who, "uuid", who), "content": "Your parcel is here."}
    return {**body, "client_id": new_id(), **fields}


def events_of(group: str) -> list[str]:
    return [row.data["event"] for row in rows_of(group) if row.data and "event" in row.data]


def test_the_message_opens_a_conversation_for_the_whole_team(
    program, person, alice, bob, carol, enterprise
):
    answer = program.post(PLACE, asked(person))
    assert answer.status_code == 201, answer.content
    shown = answer.json()["conversation"]
    assert shown == program.get(f"conversations/{shown['group']}/").json()["conversation"]
    assert (shown["team"], shown["open"], shown["waiting_since"]) == ("service", True, None)
    assert {one["name"] for one in shown["members"]} == {"小艾", "小博"}
    message = shown["messages"][-1]
    assert (message["content"], message["sender_role"]) == ("Your parcel is here.", "bot")
    assert message["automatic"] is True and message["sender"] == program.member.uuid
    assert events_of(shown["group"]) == ["opened"]
    assert seat_of(alice, shown["group"]).unread == seat_of(person, shown["group"]).unread == 1
    assert check_ledger() == 2
    assert program.post(PLACE, asked(person, team="nowhere")).json()["field"] == "team"
    sales = setup.find_or_create_team(enterprise, "sales")
    other = program.post(PLACE, asked(person, team=sales.slug))
    assert other.status_code == 201 and other.json()["conversation"]["team"] == "sales"


def test_the_stream_has_it(program, person):
    program.post(PLACE, asked(person))
    sequencer.look()
    found = [one["type"] for one in program.get("events/").json()["events"]]
    assert found == ["conversation.opened", "message.posted"]


def test_one_that_is_there_gets_it_and_is_opened_again(program, guest, group, alice):
    first = program.post(PLACE, asked(guest))
    assert (first.status_code, first.json()["conversation"]["group"]) == (200, group)
    waits = Conversation.objects.get().waiting_since
    assert waits and first.json()["conversation"]["waiting_since"]
    batches.do(act_of("close", alice.uuid, group))
    again = program.post(PLACE, asked(guest)).json()["conversation"]
    assert again["open"] and again["waiting_since"] is None
    assert events_of(group)[-2:] == ["closed", "reopened"]
    assert rows_of(group)[-1].sender == program.member.uuid
    assert list(Reception.objects.values_list("first_reply_at", flat=True)) == [None, None]
    check_ledger()


def test_a_retry_gets_the_first_answer_and_changes_nothing(program, person, alice):
    body = asked(person)
    first = program.post(PLACE, body)
    group = first.json()["conversation"]["group"]
    batches.do(act_of("close", alice.uuid, group))
    Visitor.objects.update(blocked=True)
    before = len(rows_of(group))
    again = program.post(PLACE, body)
    assert (again.status_code, again.json()["conversation"]["group"]) == (201, group)
    assert len(rows_of(group)) == before and not Conversation.objects.get().open
    Visitor.objects.update(blocked=False)
    other = asked(person)
    for _twice in range(2):
        assert program.post(PLACE, other).status_code == 200
    assert refusal(program.post(PLACE, {**body, "content": "x"})) == (409, "conflict")
    stranger = known(program.member.enterprise, "8")
    assert refusal(program.post(PLACE, {**body, "visitor": stranger.uuid})) == (409, "conflict")
    assert Conversation.objects.count() == 1


def test_to_whom_nothing_may_be_written(program, person, guest, other_guest, group, other_group):
    assert refusal(program.post(PLACE, asked(new_id()))) == (404, "not_found")
    assert refusal(program.post(PLACE, asked(other_guest))) == (404, "not_found")
    now = timezone.now()
    Visitor.objects.filter(pk=person.pk).update(blocked=True)
    blocked = program.post(PLACE, asked(person))
    assert refusal(blocked) == (409, "conflict") and blocked.json()["state"] == "blocked"
    Conversation.objects.filter(uuid=group).update(quarantined_for="links", quarantined_since=now)
    sales = setup.find_or_create_team(program.member.enterprise, "sales")
    for team in (None, sales.slug):
        assert refusal(program.post(PLACE, asked(guest, team=team))) == (409, "conflict")
    Conversation.objects.filter(uuid=group).update(quarantined_since=None, open=False)
    assert refusal(program.post(PLACE, asked(guest))) == (409, "conflict")
    assert len(rows_of(group)) == 2 and Conversation.objects.count() == 2
    assert program.delete(f"visitors/{guest.uuid}/").status_code == 200
    assert refusal(program.post(PLACE, asked(guest))) == (404, "not_found")


def test_what_a_token_gives_and_reads(program, team, person):
    for wrong in ({"visitor": "7"}, {"content": ""}, {"content": None}, {"client_id": "x"}):
        assert refusal(program.post(PLACE, asked(person, **wrong))) == (400, "bad_field")
    assert not Conversation.objects.exists()
    writer = program_of(team.enterprise, "conversations:write", "messages:write", name="writer")
    shown = writer.post(PLACE, asked(person)).json()["conversation"]
    assert "messages" not in shown and shown["visitor"].keys() == {"visitor", "name", "erased"}


@pytest.mark.parametrize("by", ["visitor", "proven", "site", "", "member", "program", "import"])
def test_it_is_mailed_to_an_address_of_the_visitors_own_alone(program, guest, settings, by):
    settings.PUBLIC_URL = BASE
    own = by in ("visitor", "proven", "site")
    Visitor.objects.create(
        uuid=guest.uuid, ent_id="acme", label="Li", secret_hash="x", language="en",
        contact="li@example.com", contact_by=by,
    )  # fmt: skip
    group = program.post(PLACE, asked(guest)).json()["conversation"]["group"]
    mails = look()
    assert [message.to for message in mails] == [["li@example.com"]] * own
    assert all(
        message.subject == "Acme has written to you" and message.subject in message.body
        for message in mails
    )
    program.post(f"conversations/{group}/messages/", {"content": "and more"})
    assert look() == [], "what a program says afterwards waits for a person's answer"


def test_who_never_wrote_is_mailed_nothing_at_an_address_that_others_gave(
    program, person, settings, alice
):
    settings.PUBLIC_URL = BASE
    Visitor.objects.update(contact="x@example.com", contact_by="program", language="en")
    group = program.post(PLACE, asked(person)).json()["conversation"]["group"]
    assert [message.to for message in look()] == [[WANG["email"]]], "which the site has signed"
    Visitor.objects.update(identity={})
    batches.post(draft_of(alice, group, "Hello, this is Alice"))
    assert look() == []


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_pages_have_it_later_and_at_once(connect, program, person, team, alice):
    post, watching = database(program.post), await connect(alice)
    await post(PLACE, asked(person))
    row = await watching.until("conversation")
    assert (row["group_name"], row["waiting_since"], row["online"]) == ("Wang", None, False)
    window = await connect(await database(session_guest)(team.enterprise, team, "7", **WANG))
    assert [one["unread"] for one in window.hello["groups"]] == [1]
    await post(PLACE, asked(person, content="And more."))
    assert (await window.until("message.posted"))["message"]["content"] == "And more."


BEGINNING = """
import os, sys
import django
django.setup()
from accounts.models import Member
from chat.posting import beginnings
actor = Member.objects.get(uuid=os.environ["ACTOR"])
print("ready", flush=True)
sys.stdin.readline()
for visitor in os.environ["VISITORS"].split():
    beginnings.begin(actor, {"visitor": visitor, "content": "news"})
"""


@pytest.mark.django_db(transaction=True)
def test_of_two_processes_that_begin_at_once_one_opens_it(program, enterprise, alice):
    people = [known(enterprise, str(number)).uuid for number in range(15)]
    with twins(BEGINNING, ACTOR=program.member.uuid, VISITORS=" ".join(people)):
        pass
    for who in people:
        group = Conversation.objects.get(visitor_id=who).uuid
        assert events_of(group) == ["opened"] and len(rows_of(group)) == 3
    check_ledger()


@pytest.mark.django_db(transaction=True)
def test_a_sign_in_that_joins_while_a_program_begins_loses_nothing(
    program, enterprise, team, customer
):
    """Either it stands in the person's conversation, or the visitor is nobody any more."""
    for number in range(8):
        guest = new_guest(team)
        batches.post(guest.draft("hello"))
        sales = setup.find_or_create_team(enterprise, f"sales{number}")
        text = f"news {number}"
        body = asked(guest, team=sales.slug, content=text)

        def post(body=body):
            # Sent again, as programs do, while SQLite's one writer is busy for too long.
            while (answer := program.post(PLACE, body)).status_code == 503:
                pass
            return answer

        def join(guest=guest):
            joins.join(guest.uuid, enterprise, Person("7", "Wang"))

        answer, _none = at_once(post, join)
        found = Conversation.objects.filter(team=sales)
        if answer.status_code == 404:
            assert not found.exists()
        else:
            assert answer.status_code == 201
            assert found.get().visitor_id == customer.uuid
            assert rows_of(found.get().uuid)[1].message_content == text
    check_ledger()
