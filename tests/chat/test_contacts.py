"""Contact data that an enterprise hides from agents: who gets it where, and that it is asked for
by name."""

import json
import re

import pytest

from accounts import audit
from accounts.models import AuditRow, Enterprise
from chat.delivery import announce
from chat.models import Visitor
from chat.posting import batches
from chat.protocol import contacts
from chat.protocol.forms import PageForm
from chat.stream import payloads
from chat.visitors import page_views
from tests.chat.api.program import bot_of, program_of
from tests.chat.helpers import JSON, WITHIN, act_of, database, within

pytestmark = pytest.mark.django_db
MAIL, SIGNED, PHONE, CHAT = "zhangsan@example.com", "signed@example.com", "138 0013 8012", "wxid77"
PLANTED = (
    *("zhangsan", "signed@", "example.com", "0013", "13800138012", "wxid77", "77123456789"),
    "0077",
)
CHANCE = re.compile(r"[0-9a-f-]{32,}|[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+")
"""Uuids, hashes and times: they have any four digits now and then."""
SEEING = "manager", "supervisor"
HIDDEN_FROM = "alice", "leader"
OUTSIDE = "carol", "other_manager"


@pytest.fixture
def hiding(enterprise):
    Enterprise.objects.filter(pk=enterprise.pk).update(hide_contacts=True)
    return enterprise


@pytest.fixture
def known(hiding, guest, group) -> str:
    """A conversation whose visitor can be reached in many ways."""
    Visitor.objects.filter(uuid=guest.uuid).update(
        label="Zhang San",
        contact=f"{MAIL}, {PHONE}; {CHAT}",
        identity={"id": "77123456789", "name": "Zhang San", "email": SIGNED},
        attributes={"phone": "139/0077_8012"},
    )
    return group


def pages(group: str) -> list[tuple[str, dict]]:
    """What a member of the workspace can open."""
    places = [
        *("/agent/", f"/agent/c/{group}/", f"/agent/c/{group}/messages/"),
        *(f"/agent/c/{group}/visitor/", "/agent/inbox/", f"/agent/inbox/?group={group}"),
        *("/agent/search/?q=Zhang", "/agent/?q=Zhang", "/agent/visitors/", "/agent/colleagues/"),
        *("/agent/search/?q=zhangsan", "/agent/search/?q=138", "/agent/search/?q=wxid"),
    ]
    return [(place, accept) for place in places for accept in (JSON, {})]


def found_in(text: str) -> list[str]:
    text = CHANCE.sub("", text)
    return [word for word in PLANTED if word in text]


def told(browser, group: str) -> dict[str, list[str]]:
    """By page, what of the contact data is in it."""
    answers = {
        (place, bool(accept)): browser.get(place, **accept).content.decode()
        for place, accept in pages(group)
    }
    # The query itself stands in the answer to a search.
    return {
        key: words
        for key, text in answers.items()
        if (words := [word for word in found_in(text) if word not in key[0]])
    }


def test_who_gets_contact_data_on_which_page(request, browser_of, known):
    whole = {f"/agent/c/{known}/", f"/agent/c/{known}/visitor/"}
    for who in (*SEEING, *HIDDEN_FROM, *OUTSIDE):
        browser = browser_of(request.getfixturevalue(who))
        places = {place for place, _json in told(browser, known)}
        assert places >= whole if who in SEEING else places == set(), (who, places)


def test_names_are_seen_and_enough_to_tell_two_contacts_apart(browser_of, alice, known):
    page = browser_of(alice).get(f"/agent/c/{known}/visitor/", **JSON)
    visitor = json.loads(page.content)["visitor"]
    assert visitor["name"] == "Zhang San" and visitor["contacts_hidden"]
    assert visitor["contact"] == "z…@…, 138…12; w…"
    assert visitor["identity"] == {"id": "771…89", "name": "Zhang San", "email": "s…@…"}
    assert "Show contact details" in browser_of(alice).get(f"/agent/c/{known}/").content.decode()


def test_nothing_is_hidden_unless_the_enterprise_wants_it(browser_of, alice, known):
    Enterprise.objects.update(hide_contacts=False)
    browser = browser_of(alice)
    visitor = json.loads(browser.get(f"/agent/c/{known}/visitor/", **JSON).content)["visitor"]
    assert visitor["contact"].startswith(MAIL) and visitor["contacts_hidden"] is False
    page = browser.get(f"/agent/c/{known}/").content.decode()
    assert MAIL in page and 'class="hidden-contacts" hidden' in page


@pytest.mark.parametrize("accept", [JSON, {}])
def test_who_asks_is_shown_it_once_and_noted(browser_of, alice, guest, known, accept):
    browser = browser_of(alice)
    place = f"/agent/c/{known}/visitor/"
    answer = browser.post(place, {"action": "contacts"}, **accept)
    assert answer.status_code == 200
    text = answer.content.decode()
    for word in (MAIL, SIGNED, CHAT):
        assert word in text, word
    row = AuditRow.objects.get(action="shown")
    assert (row.actor, row.kind, row.source) == (alice.uuid, "visitor", "conversation-visitor")
    assert (row.object_id, row.visitor, row.address) == (guest.uuid, guest.uuid, "127.0.0.1")
    assert not found_in(row.details) and audit.verify(row.chain).problem == ""
    assert told(browser, known) == {}, "the next page hides it again"
    browser.post(place, {"action": "contacts"}, **JSON)
    assert AuditRow.objects.filter(action="shown").count() == 2, "each time"


def test_what_is_not_seen_is_not_lost_by_a_change_of_the_name(browser_of, alice, guest, known):
    browser, place = browser_of(alice), f"/agent/c/{known}/visitor/"
    row = Visitor.objects.get(uuid=guest.uuid)
    for contact in ("", contacts.mask(row.contact)):
        browser.post(place, {"action": "edit", "name": "Li", "contact": contact})
        row.refresh_from_db()
        assert row.label == "Li" and row.contact.startswith(MAIL)
    browser.post(place, {"action": "edit", "name": "Li", "contact": "new@example.org"})
    row.refresh_from_db()
    assert row.contact == "new@example.org", "what the agent learned is kept"


def test_whoever_sees_it_can_take_a_contact_away(browser_of, manager, guest, known):
    form = {"action": "edit", "name": "Li", "contact": ""}
    browser_of(manager).post(f"/agent/c/{known}/visitor/", form)
    assert Visitor.objects.get(uuid=guest.uuid).contact == ""


def test_a_search_by_contact_is_no_way_around_it(browser_of, alice, manager, known):
    batches.do(act_of("invite", alice.uuid, known, member=manager.uuid))

    def finds(member, words: str) -> int:
        answer = browser_of(member).get("/agent/search/", {"q": words}, **JSON)
        return len(json.loads(answer.content)["conversations"])

    for words in ("zhangsan@", "0013", "wxid", "example"):
        assert finds(alice, words) == 0 and finds(manager, words) == 1, words
    assert finds(alice, "Zhang San") == finds(manager, "Zhang San") == 1


def test_what_visitors_write_stays_as_it_is(browser_of, alice, guest, known):
    batches.post(guest.draft(f"write to {MAIL}", group=known))
    page = browser_of(alice).get(f"/agent/c/{known}/messages/", **JSON).content.decode()
    assert f"write to {MAIL}" in page


def test_the_visitor_sees_their_own(visitor, known):
    for place in ("privacy/", "privacy/export/"):
        assert MAIL in visitor.get(f"/chat/acme/{place}").content.decode()


def test_programs_get_what_agents_get(hiding, guest, known):
    class Told:
        id, type, about, row_id, at, public_id = 1, "visitor.updated", guest.uuid, None, None, "1"

    (event,) = payloads.shape("acme", [Told]).values()
    assert not found_in(json.dumps(event, default=str)) and event["data"]["name"] == "Zhang San"
    Enterprise.objects.update(hide_contacts=False)
    (event,) = payloads.shape("acme", [Told]).values()
    assert event["data"]["contact"].startswith(MAIL)


def test_the_api_has_it_for_a_service_account_whose_token_reads_visitors(
    hiding, team, guest, known
):
    """A manager gives that scope, and its name says so. A bot has what agents have."""
    reader, other = program_of(hiding), program_of(hiding, "conversations:read")
    for place in (f"visitors/{guest.uuid}/", "conversations/", f"conversations/{known}/"):
        assert MAIL in reader.get(place).content.decode(), place
    for place in ("conversations/", f"conversations/{known}/"):
        for program in (other, bot_of(team)):
            answer = program.get(place)
            assert answer.status_code == 200, place
            assert not found_in(answer.content.decode()), place


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("", ""),
        ("zhang@example.com", "z…@…"),
        ("13800138012", "138…12"),
        ("+86 138-0013-8012, li@x.de", "861…12, l…@…"),
        ("12345", "1…"),
        ("微信 wangwang", "微… w…"),
        ("wx13800138012abc", "138…12"),
        ("li…@x.com", "…"),
        ("@b", "…@…"),
        ("a", "…"),
        ("(02) 2345-6789", "(022…89"),
    ],
)
def test_what_is_left_of_a_contact(text, masked):
    assert contacts.mask(text) == masked


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        *((138_001, 138_001), (1_380_013, "1…"), (13_800_138_012, "138…12"), (999.99, 999.99)),
        *(("138001", "138001"), ("138/00_13", "1…"), ("139/0077_8012", "139…12")),
        *(("2026/11/30", "2026/11/30"), ("2026-11-30", "2026-11-30"), ("gold", "gold")),
    ],
)
def test_what_is_left_of_an_attribute(value, masked):
    assert contacts.masked_value(value) == masked


@pytest.mark.django_db(transaction=True)
@within(4 * WITHIN)
async def test_frames_tell_each_reader_what_they_may_see(
    connect, alice, manager, guest, group, enterprise
):
    """hello, the event `visitor` after an edit, and after a page that the visitor opens."""

    def plant():
        Enterprise.objects.update(hide_contacts=True)
        Visitor.objects.filter(uuid=guest.uuid).update(
            contact=f"{MAIL} {PHONE}", identity={"id": "7", "name": "", "email": SIGNED}
        )
        batches.do(act_of("invite", alice.uuid, group, member=manager.uuid))

    await database(plant)()
    sockets = {who: await connect(who) for who in (alice, manager)}
    for socket in sockets.values():
        assert not found_in(json.dumps(socket.hello))
    page = PageForm(url="https://shop.example/a", referrer="")
    await database(page_views.record_page)(guest.uuid, {}, page)
    row = await database(Visitor.objects.get)(uuid=guest.uuid)
    await database(announce.send_visitor)(row, [alice.uuid, manager.uuid])
    for who, socket in sockets.items():
        events = [await socket.until("visitor") for _time in range(2)]
        text = json.dumps(events)
        assert ("z…@…" in text or "z\\u2026@\\u2026" in text) is (who is alice)
        assert bool(found_in(text)) is (who is manager), text
