"""What is asked before the first message: demanded at every door, kept, shown to agents."""

import json

import pytest

from accounts.models.enterprise import Ask
from chat.models import ChatGroup, Conversation, Visitor
from chat.posting import batches
from chat.presence import leases
from chat.protocol import introduction
from chat.protocol.errors import Refused
from chat.visitors import cookies, identities, prechat
from tests.chat.helpers import (
    JSON,
    PAGE,
    check_ledger,
    database,
    new_guest,
    new_id,
    refused,
    within,
)
from tests.chat.presence.days_off import rest
from tests.chat.signed_visitors import session_guest

ALL = {"name": "李雷", "email": "li@example.com", "phone": "+86 138-0000-0000", "consent": "1"}


@pytest.fixture(autouse=True)
def reached(settings):
    settings.PUBLIC_URL = "https://chat.example.com"


def ask(enterprise, **fields):
    for name, value in fields.items():
        setattr(enterprise, name, value)
    enterprise.save()
    return enterprise


def everything(enterprise):
    must = dict.fromkeys(("ask_name", "ask_email", "ask_phone"), Ask.MUST)
    return ask(enterprise, consent="I agree.", **must)


@pytest.fixture
def curious(enterprise):
    """An enterprise that wants to know everything."""
    return everything(enterprise)


@pytest.mark.django_db
def test_what_is_asked_comes_with_the_first_message_and_is_kept(curious, visitor, alice, guest):
    assert visitor.post(visitor.place, {"content": "hello", **ALL}, **JSON).status_code == 200
    row = Visitor.objects.get()
    assert (row.label, row.contact) == ("李雷", "li@example.com, +86 138-0000-0000")
    assert row.consented_at and row.email == "li@example.com"
    assert set(ChatGroup.objects.values_list("group_name", flat=True)) == {"李雷"}
    page = json.loads(visitor.get(visitor.place).content)
    assert page["messages"][-1]["sender_name"] == "李雷"
    again = visitor.post(visitor.place, {"content": "more"}, **JSON)
    assert again.status_code == 200, "nothing is asked twice"
    assert check_ledger() == 3


@pytest.mark.django_db
@pytest.mark.parametrize("missing", ["name", "email", "phone", "consent"])
def test_without_any_of_it_nothing_is_stored(curious, visitor, alice, missing):
    said = {name: value for name, value in ALL.items() if name != missing}
    answer = visitor.post(visitor.place, {"content": "hello", **said}, **JSON)
    assert refused(answer) == (400, "bad_field")
    assert json.loads(answer.content)["field"] == missing
    assert not Visitor.objects.exists() and not Conversation.objects.exists()


@pytest.mark.django_db
def test_the_plain_form_keeps_what_was_filled_in_and_says_what_is_wrong(curious, visitor, alice):
    page = visitor.get("/chat/acme/").content.decode()
    for name in ("name", "email", "phone", "consent"):
        assert f'form="composer" name="{name}"' in page
    said = {**ALL, "email": "li@", "content": "my long text", "name": "<b>李雷"}
    page = visitor.post(visitor.place, said, **PAGE)
    text = page.content.decode()
    assert page.status_code == 400 and "valid e-mail address" in text
    assert 'value="&lt;b&gt;李雷"' in text and "my long text</textarea>" in text
    assert 'value="1" required checked' in text
    assert visitor.post(visitor.place, {**ALL, "content": "x"}, **PAGE).status_code == 302
    assert 'name="phone"' not in visitor.get("/chat/acme/").content.decode()


@pytest.mark.django_db
def test_what_was_not_asked_is_not_taken_but_an_address_always_is(visitor, alice, enterprise):
    assert visitor.post(visitor.place, {"content": "hello", **ALL}, **JSON).status_code == 200
    row = Visitor.objects.get()
    assert row.label.startswith("Visitor ") and row.contact == "li@example.com"
    assert row.consented_at is None


@pytest.mark.django_db
def test_an_optional_field_may_be_left_empty(visitor, alice, enterprise):
    ask(enterprise, ask_name=Ask.MAY, ask_phone=Ask.MAY)
    blank = {"content": "hello", "name": " ", "phone": ""}
    assert visitor.post(visitor.place, blank, **JSON).status_code == 200
    assert Visitor.objects.get().contact == ""


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ("li@example.com", "bad_field", None),
        ([], "bad_field", None),
        ({"mail": "x"}, "bad_field", None),
        ({"name": 1}, "bad_field", "name"),
        ({"name": "a\x00b"}, "bad_field", "name"),
        ({"name": "x" * 61}, "too_long", "name"),
        ({"email": "li@"}, "bad_field", "email"),
        ({"email": "li@example.com, b@example.com"}, "bad_field", "email"),
        ({"email": "li@example.com\nBcc: all@example.com"}, "bad_field", "email"),
        ({"email": f"{'x' * 80}@example.com"}, "too_long", "email"),
        ({"phone": "call me"}, "bad_field", "phone"),
        ({"phone": "123"}, "bad_field", "phone"),
        ({"phone": "1" * 31}, "too_long", "phone"),
        ({"consent": 1}, "bad_field", "consent"),
        ({"consent": "yes"}, "bad_field", "consent"),
    ],
)
def test_a_wrong_introduction_is_refused_by_field(said, code, field):
    with pytest.raises(Refused) as refusal:
        introduction.check(said)
    assert (refusal.value.code, refusal.value.facts.get("field")) == (code, field)


def test_a_sound_introduction_is_made_neat():
    said = introduction.check(
        {"name": "  李   雷 ", "phone": "（０１０）8888 0000", "consent": True}
    )
    assert (said.name, said.phone, said.consent) == ("李 雷", "(010)8888 0000", True)
    assert introduction.check(None) == introduction.check({}) == introduction.Introduction()


@pytest.mark.parametrize(
    ("contact", "email"),
    [
        ("li@example.com", "li@example.com"),
        ("微信 lilei，邮箱：li@example.com（公司）", "li@example.com"),
        ("@lilei, li@example.com, other@example.com", "li@example.com"),
        ("13800000000", ""),
        ("", ""),
    ],
)
def test_an_address_is_found_wherever_agents_wrote_it(contact, email):
    assert Visitor(contact=contact).email == email


@pytest.mark.django_db
def test_an_address_is_asked_for_while_nobody_is_there(visitor, alice, team):
    field = 'maxlength="90" autocomplete="email" value=""'
    away = visitor.get("/chat/acme/").content.decode()
    assert f"{field}>" in away
    leases.renew([alice.uuid])
    there = visitor.get("/chat/acme/").content.decode()
    assert f"{field} disabled>" in there
    rest(team)
    assert f"{field}>" in visitor.get("/chat/acme/").content.decode()


@pytest.mark.django_db
def test_an_address_may_be_demanded_while_nobody_is_there(visitor, alice, enterprise):
    ask(enterprise, away_email_must=True)
    answer = visitor.post(visitor.place, {"content": "hello"}, **JSON)
    assert json.loads(answer.content)["field"] == "email"
    leases.renew([alice.uuid])
    assert visitor.post(visitor.place, {"content": "hello"}, **JSON).status_code == 200


@pytest.mark.django_db
def test_who_has_written_before_can_add_an_address_once(visitor, group, guest):
    Visitor.objects.filter(uuid=guest.uuid).update(contact="WeChat lilei")
    form = {"content": "later", "email": "li@example.com", "name": "Root"}
    visitor.post(visitor.place, form, **JSON)
    row = Visitor.objects.get(uuid=guest.uuid)
    assert (row.contact, row.label) == ("li@example.com, WeChat lilei", guest.draft().sender_name)
    visitor.post(visitor.place, {"content": "again", "email": "other@example.com"}, **JSON)
    row.refresh_from_db()
    assert row.email == "li@example.com"


@pytest.mark.django_db
def test_nothing_is_recorded_of_a_stranger_or_an_erased_visitor(guest, group):
    said = introduction.Introduction(email="li@example.com")
    prechat.add_email(new_id(), said)
    Visitor.objects.update(secret_hash="")
    prechat.add_email(guest.uuid, said)
    assert not Visitor.objects.exclude(contact="").exists()


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_sockets_demand_it_too_and_agents_see_it(connect, enterprise, guest, alice):
    await database(everything)(enterprise)
    agent, visitor = await connect(alice), await connect(guest)
    refusal = await visitor.say("hello")
    assert (refusal["code"], refusal["field"]) == ("bad_field", "name")
    said = {**ALL, "consent": True}
    assert (await visitor.say(introduction={**said, "email": "li"}))["field"] == "email"
    accepted = await visitor.say("hello", introduction=said)
    assert accepted["type"] == "message.accepted"
    row = await agent.until("conversation", group=accepted["group"])
    assert row["group_name"] == "李雷"
    assert (await visitor.say("more"))["type"] == "message.accepted"
    answer = await agent_says(agent, accepted["group"])
    assert answer["code"] == "bad_field", "agents introduce themselves to nobody"


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_who_is_signed_in_gets_around_nothing_by_naming_a_group(
    connect, enterprise, team, alice
):
    await database(everything)(enterprise)
    socket = await connect(await database(session_guest)(enterprise, team, "7"))
    refusal = await socket.say("hello", group=new_id())
    assert refusal["code"] == "bad_field"
    assert await database(Visitor.objects.count)() == 0


async def agent_says(agent, group):
    return await agent.say(group=group, introduction={"email": "li@example.com"})


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_an_address_that_comes_later_is_told_to_the_agents(connect, guest, alice, bob, group):
    agent, visitor = await connect(alice), await connect(guest)
    await visitor.say("hello", introduction={"email": "li@example.com"})
    event = await agent.until("visitor", visitor=guest.uuid)
    assert event["contact"] == "li@example.com" and event["consented_at"] is None


@pytest.mark.django_db
def test_many_first_messages_at_once_keep_their_own_introductions(team, alice):
    guests = [new_guest(team) for _ in range(3)]
    drafts = []
    for number, one in enumerate(guests):
        draft = one.draft()
        draft.opening.seen = {"contact": f"{number}@example.com"}
        drafts.append(draft)
    batches.run(drafts)
    found = [Visitor.objects.get(uuid=one.uuid).contact for one in guests]
    assert found == ["0@example.com", "1@example.com", "2@example.com"]


@pytest.mark.django_db
def test_what_the_site_has_signed_is_asked_of_nobody(curious, team):
    person = identities.Person("7", "李雷", "li@example.com")
    session = identities.SignIn(person, new_id(), new_id(), 0, "")
    signed = cookies.Guest(session.uuid, "signed", "李雷", False, False, None, session, True)
    fields = prechat.page_fields(curious, team, signed, set())
    assert (fields["name"], fields["email"], fields["phone"]) == (Ask.NOT, Ask.NOT, Ask.MUST)
    assert "away" not in fields
    said = introduction.Introduction(name="Root", phone="13800000000", consent=True)
    curious.away_email_must = True
    prechat.check_answers(curious, team, signed, said)
    told = prechat.visitor_columns(curious, signed, said)
    assert told.pop("consented_at") and told == {"contact": "13800000000"}
    assert Visitor(contact="other@example.com", identity={"email": "li@example.com"}).email == (
        "li@example.com"
    )
