"""Visitors by the API: looked for, and made or changed by their identity."""

import pytest
from django.utils import timezone

from accounts import setup
from accounts.models import Attribute, Enterprise
from chat.models import ContactBy, CustomerLink, StreamDue, Visitor, VisitorAttribute
from chat.posting import batches
from chat.protocol.errors import Refused
from chat.visitors import identities
from tests.chat.helpers import new_guest
from tests.chat.signed_visitors import session_guest, signed

from .program import program_of, refusal

pytestmark = pytest.mark.django_db
WANG = {"identity": "4711", "name": "王建国", "email": "Wang@Example.com", "language": "zh-CN"}


@pytest.fixture
def plan(enterprise) -> Attribute:
    choices = ["gold", "free"]
    return Attribute.objects.create(
        enterprise=enterprise, key="plan", label="Plan", kind="choice", choices=choices
    )


def names(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [one["name"] for one in answer.json()["visitors"]]


def given(program, **fields) -> dict:
    answer = program.post("visitors/", {**WANG, **fields})
    assert answer.status_code in (200, 201), answer.content
    return answer.json()["visitor"]


def test_a_visitor_is_made_once_and_then_changed(program, plan):
    first = program.post("visitors/", {**WANG, "attributes": {"plan": "gold"}})
    made = first.json()["visitor"]
    assert first.status_code == 201
    assert made == {
        "visitor": made["visitor"],
        "name": "王建国",
        "contact": "Wang@Example.com",
        "email": "Wang@Example.com",
        "identity": "4711",
        "attributes": {"plan": "gold"},
        "contacts_hidden": False,
        "customer": made["visitor"],
        "conversations": [],
    }
    row = Visitor.objects.get()
    assert (row.contact_by, row.language, row.own_email) == (ContactBy.PROGRAM, "zh-hans", "")
    for _said_again in range(2):
        again = program.post("visitors/", {"identity": "4711", "attributes": {"plan": None}})
        assert again.status_code == 200
    assert again.json()["visitor"] == {**made, "attributes": {}}
    assert not VisitorAttribute.objects.exists()
    for _said_again in range(2):
        changed = given(program, name="Wang", email="w@example.com")
    assert (changed["name"], changed["contact"]) == ("Wang", "w@example.com")
    assert StreamDue.objects.filter(about=row.uuid).count() == 3, "one event for each change"


def test_who_gives_a_visitor_reads_them_by_scope_alone(program, enterprise, group, known):
    writer = program_of(enterprise, "visitors:write", name="writer")
    customer = given(program, identity="4712")["visitor"]
    named = Visitor.objects.get(uuid=customer)
    CustomerLink.objects.create(ent_id="acme", visitor=known, customer=named)
    body = {"identity": "boss@example.com"}
    assert writer.post("visitors/", body).json()["visitor"] == {
        "visitor": known.uuid,
        "name": "Boss",
        "contact": "",
        "email": "",
        "identity": "boss@example.com",
        "attributes": {},
        "contacts_hidden": True,
        "customer": known.uuid,
        "conversations": [],
    }
    whole = program.post("visitors/", body).json()["visitor"]
    assert whole["contact"] == "boss@example.com" and whole["customer"] == customer
    assert [one["group"] for one in whole["conversations"]] == [group]


def test_a_known_conversation_hears_of_it(program, guest, group):
    person = identities.Person("4711", "Wang")
    columns = identities.visitor_columns(guest.enterprise, person)
    Visitor.objects.filter(uuid=guest.uuid).update(contact="138 0013 8012", **columns)
    shown = given(program)
    assert shown["contact"] == "Wang@Example.com, 138 0013 8012"
    assert shown["conversations"] == [{"group": group, "team": "service", "state": "waiting"}]
    assert Visitor.objects.get().contact_by == ContactBy.PROGRAM


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("identity", {"identity": ""}),
        ("identity", {"identity": " 4711"}),
        ("identity", {"identity": "a\nb"}),
        ("identity", {"identity": None}),
        ("identity", {"identity": 4711}),
        ("identity", {"identity": "x" * 101}),
        ("identity", {"identity": "telegram:1:2"}),
        ("identity", {"identity": "weixin_kf:1:2"}),
        ("email", {"email": "nobody"}),
        ("email", {"email": "a@b@c.example"}),
        (None, {"name": "a\x00"}),
        ("language", {"language": "<b>"}),
        ("attributes.plan", {"attributes": {"plan": "silver"}}),
        ("attributes.other", {"attributes": {"other": "x"}}),
        ("attributes", {"attributes": ["gold"]}),
    ],
)
def test_what_is_wrong_is_refused_by_field_and_stores_nothing(program, plan, field, fields):
    answer = program.post("visitors/", {**WANG, **fields})
    assert refusal(answer) == (400, "bad_field")
    assert answer.json().get("field") == field
    assert not Visitor.objects.exists()


def test_no_token_names_somebody_of_a_channel(enterprise):
    now = timezone.now()
    for who in ("mail:1:a@b.example", "weixin:1:o2"):
        with pytest.raises(Refused) as refused:
            identities.verify_token(signed(enterprise, who), enterprise, now)
        assert refused.value.code == "bad_field"


def test_it_is_the_visitor_whom_a_token_names(program, enterprise, team):
    before = session_guest(enterprise, team, "4711", name="Site", email="site@example.com")
    made = given(program)["visitor"]
    after = session_guest(enterprise, team, "4711")
    assert after.uuid == made
    group = batches.post(before.draft())["group"]
    row = Visitor.objects.get()
    assert (row.uuid, row.contact_by) == (made, ContactBy.PROGRAM)
    (listed,) = program.get("visitors/", identity="4711").json()["visitors"]
    assert [one["group"] for one in listed["conversations"]] == [group]


def test_another_enterprises_identity_is_another_visitor(program, other_program):
    mine, theirs = given(program)["visitor"], given(other_program)["visitor"]
    assert mine != theirs
    assert names(other_program.get("visitors/", q="王建国")) == ["王建国"]
    assert other_program.get("visitors/").json()["visitors"][0]["visitor"] == theirs


def test_visitors_are_found_and_paged(program, enterprise):
    for n in range(5):
        given(program, identity=str(n), name=f"Person {n}", email=f"p{n}@example.com")
    erased = Visitor.objects.filter(label="Person 4")
    erased.update(secret_hash="")
    linked, customer = (Visitor.objects.get(label=f"Person {n}") for n in (0, 1))
    CustomerLink.objects.create(ent_id="acme", visitor=linked, customer=customer)
    assert names(program.get("visitors/")) == [f"Person {n}" for n in (3, 2, 1, 0)]
    assert names(program.get("visitors/", identity="2")) == ["Person 2"]
    assert names(program.get("visitors/", email="P3@EXAMPLE.com")) == ["Person 3"]
    assert names(program.get("visitors/", email="3@example.com")) == []
    assert names(program.get("visitors/", q="person%203")) == ["Person 3"]
    assert names(program.get("visitors/", q="p2@example")) == ["Person 2"]
    assert names(program.get("visitors/", q="p2@example", identity="3")) == []
    assert names(program.get("visitors/", q="%25")) == []
    (one,) = program.get("visitors/", identity="0").json()["visitors"]
    assert one["customer"] == customer.uuid
    pages = program.pages("visitors/", limit=3)
    assert [one["name"] for page in pages for one in page["visitors"]] == [
        f"Person {n}" for n in (3, 2, 1, 0)
    ]


def test_wrong_questions_are_refused(program, other_program):
    given(other_program, identity="1")
    given(other_program, identity="2")
    foreign = other_program.get("visitors/", limit=1).json()["cursor"]
    for query in (
        {"identity": ""},
        {"email": "%20"},
        {"q": "%20"},
        {"limit": 0},
        {"cursor": foreign},
    ):
        assert refusal(program.get("visitors/", **query)) == (400, "bad_field"), query


@pytest.fixture
def known(enterprise, guest, group, plan) -> Visitor:
    """A visitor with a conversation and much contact data."""
    row = Visitor.objects.get(uuid=guest.uuid)
    row.label, row.contact = "Boss", "boss@example.com"
    row.attributes = {"plan": "gold", "phone": "138 0013 8012", "day": "2026-11-30"}
    for name, value in identities.visitor_columns(
        enterprise, identities.Person("boss@example.com")
    ).items():
        setattr(row, name, value)
    row.save()
    return row


def test_hidden_contacts_are_masked_and_find_nobody(program, bot, known):
    queries = ("email=boss@example.com", "q=boss@", "identity=boss@example.com", "q=boss")
    for query in queries:
        assert names(bot.get(f"visitors/?{query}")) == ["Boss"], query
    Enterprise.objects.update(hide_contacts=True)
    for query in queries[:-1]:
        assert names(bot.get(f"visitors/?{query}")) == [], query
        assert names(program.get(f"visitors/?{query}")) == ["Boss"], query
    (shown,) = bot.get("visitors/", q="boss").json()["visitors"]
    found = [shown[name] for name in ("contact", "email", "identity", "contacts_hidden")]
    assert found == ["b…@…", "b…@…", "b…@…", True]
    assert shown["attributes"] == {"plan": "gold", "phone": "138…12", "day": "2026-11-30"}


def test_nobody_of_a_channel_is_found_or_shown_by_identity(program, bot, enterprise, known):
    who = identities.Person("telegram:1:2345678901")
    columns = identities.visitor_columns(enterprise, who)
    Visitor.objects.filter(pk=known.pk).update(**columns)
    assert names(program.get("visitors/", identity=who.id)) == []
    Enterprise.objects.update(hide_contacts=True)
    (shown,) = bot.get("visitors/", q="boss").json()["visitors"]
    assert shown["identity"] is None


def test_a_bot_sees_the_visitors_of_its_conversations(program, bot, guest, group, enterprise):
    made = given(program)
    elsewhere = new_guest(setup.find_or_create_team(enterprise, "sales"))
    batches.post(elsewhere.draft("hello"))
    (one,) = bot.get("visitors/").json()["visitors"]
    assert one["visitor"] == guest.uuid and [c["group"] for c in one["conversations"]] == [group]
    assert bot.get("visitors/", identity=made["identity"]).json()["visitors"] == []
    assert refusal(bot.post("visitors/", WANG)) == (403, "forbidden")
    assert len(program.get("visitors/").json()["visitors"]) == 3


def test_attributes_are_patched_by_key(program, guest, group, plan):
    place = f"visitors/{guest.uuid}/"
    assert program.patch(place, {"attributes": {"plan": "gold"}}).status_code == 200
    assert program.get(place).json()["visitor"]["attributes"] == {"plan": "gold"}
    for wrong in ({"plan": "silver"}, {"other": 1}, {"plan": ["gold"]}):
        answer = program.patch(place, {"attributes": wrong, "name": "X"})
        assert refusal(answer) == (400, "bad_field")
    assert program.patch(place, {"attributes": {"plan": None}}).status_code == 200
    shown = program.get(place).json()["visitor"]
    assert shown["attributes"] == {} and shown["name"] != "X"
