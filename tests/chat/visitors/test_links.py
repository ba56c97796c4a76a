"""Only the visitor is the visitor: a mail opens a conversation for them alone, and no other one."""

import re

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.setup import find_or_create_team, join_team
from chat.background import upkeep
from chat.care import joins
from chat.models import Visitor
from chat.posting import batches
from chat.visitors.identities import Person
from tests.chat.api.program import bot_of, program_of
from tests.chat.helpers import JSON, PAGE, Socket, database, refused, within
from tests.chat.mail.answered import BASE, answer, link, look
from tests.chat.signed_visitors import WANG, exchange, signed

MESSAGES = "/chat/acme/messages/"
MINE, OTHER = "li@example.com", "eve@example.com"


@pytest.fixture(autouse=True)
def reached(settings):
    settings.PUBLIC_URL = BASE


@pytest.fixture
def write(guest, alice, bob, manager, browser_of, enterprise, team):
    """A function: somebody does what stores a visitor's contact."""

    def by_visitor(email: str) -> None:
        guest.browser().post(MESSAGES, {"content": "hello", "email": email}, **JSON)

    def in_the_panel(contact: str) -> None:
        form = {"action": "edit", "name": "Li", "contact": contact}
        browser_of(alice).post(f"/agent/c/{guest.group}/visitor/", form, **JSON)

    def in_the_administration(contact: str) -> None:
        place = f"/admin/chat/visitor/{Visitor.objects.get().pk}/change/"
        browser_of(manager).post(place, {"label": "Li", "contact": contact})

    def by_program(contact: str) -> None:
        program_of(enterprise).patch(f"visitors/{guest.uuid}/", {"contact": contact})

    def by_bot(contact: str) -> None:
        bot_of(team).patch(f"visitors/{guest.uuid}/", {"contact": contact})

    def before_that_was_stored(contact: str) -> None:
        Visitor.objects.update(contact=contact)

    def by_site(email: str) -> None:
        joins.join(guest.uuid, enterprise, Person("7", "Wang", email))

    def write(who: str, contact: str) -> None:
        named = {each.__name__: each for each in (
            by_visitor, in_the_panel, in_the_administration, by_program, by_bot,
            before_that_was_stored, by_site,
        )}  # fmt: skip
        named[who](contact)
        assert Visitor.objects.get().contact == contact

    return write


def opened(messages: list) -> set[str]:
    """What strangers read of the visitor's who press the button of each link of these mails."""
    found = set()
    for path in re.findall(rf"{BASE}(\S+)", "".join(message.body for message in messages)):
        browser = Client()
        browser.post(path)
        rows = browser.get(MESSAGES, **JSON).json().get("messages", ())
        found |= {row["content"] for row in rows if row["kind"] == "message"}
    return found


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("steps", "to", "opens"),
    [
        ([("by_visitor", MINE)], MINE, True),
        ([("by_visitor", ""), ("by_visitor", MINE)], MINE, True),
        ([("by_visitor", MINE), ("in_the_panel", f"{MINE}, 138 0000 0000")], MINE, True),
        ([("by_visitor", ""), ("in_the_panel", OTHER)], OTHER, False),
        ([("by_visitor", MINE), ("in_the_panel", f"{OTHER}, {MINE}")], OTHER, False),
        ([("by_visitor", MINE), ("in_the_administration", OTHER)], OTHER, False),
        ([("by_visitor", MINE), ("by_program", OTHER)], OTHER, False),
        ([("by_visitor", MINE), ("by_bot", OTHER)], OTHER, False),
        ([("by_visitor", MINE), ("by_program", OTHER), ("by_program", MINE)], MINE, False),
        ([("by_visitor", ""), ("before_that_was_stored", OTHER)], OTHER, False),
        ([("by_visitor", ""), ("by_site", MINE)], MINE, False),
    ],
    ids=lambda value: "-".join(who for who, _ in value) if isinstance(value, list) else None,
)
def test_a_mail_opens_the_conversation_only_where_the_visitor_gave_the_address(
    write, guest, alice, steps, to, opens
):
    for who, contact in steps:
        if contact:
            write(who, contact)
        else:
            guest.browser().post(MESSAGES, {"content": "hello"}, **JSON)
    answer(alice, guest.group, "Your parcel is here.")
    (message,) = look()
    assert message.to == [to] and "Your parcel is here." in message.body
    guest.browser().post("/chat/acme/transcript/", {"email": OTHER}, **JSON)
    assert opened([message]) == ({"hello", "Your parcel is here."} if opens else set())
    assert opened(mail.outbox[1:]) == set()


@pytest.fixture
def sales(guest, group, enterprise, carol):
    """The visitor has left an address, and has written to another team, too."""
    Visitor.objects.update(contact=MINE, contact_by="visitor", language="en")
    service, guest.team = guest.team, find_or_create_team(enterprise, "sales")
    join_team(carol, guest.team)
    batches.post(guest.draft("for sales alone"))
    found, guest.team = guest.group, service
    return found


@pytest.fixture
def phone(guest, alice, group, sales):
    """A browser in which the link was followed, of a mail about the first conversation."""
    answer(alice, group)
    browser = Client()
    browser.post(link(look()[0], "back"))
    return browser


@pytest.mark.django_db
def test_the_link_opens_nothing_else_of_the_visitor(guest, phone, group, enterprise):
    files = {}
    for slug in ("service", "sales"):
        file = SimpleUploadedFile("a.txt", b"a text", "text/plain")
        place = f"{MESSAGES}?team={slug}"
        assert guest.browser().post(place, {"file": file}, **JSON).status_code == 200
        rows = guest.browser().get(place, **JSON).json()["messages"]
        files[slug] = rows[-1]["attachment"]["url"]
    assert [phone.get(files[slug]).status_code for slug in files] == [200, 404]
    for path in ("/chat/acme/?team=sales", "/chat/acme/privacy/?team=service"):
        page = phone.get(path, **PAGE).content.decode()
        assert "one conversation" in page or "privacy" not in path
        assert "for sales alone" not in page and MINE not in page and guest.uuid not in page, path
    assert phone.get("/chat/acme/messages/?team=sales", **JSON).json()["messages"] == []
    assert phone.get("/chat/acme/privacy/export/", **JSON).status_code in (401, 404)
    assert phone.post("/chat/acme/privacy/erase/", {"sure": "1"}, **JSON).status_code == 404
    exchange(phone, signed(enterprise, "7", **WANG))
    assert not Visitor.objects.exclude(identity_key=None).exists(), "nobody else becomes them"


@pytest.mark.django_db
def test_another_address_closes_what_the_link_opened(guest, phone, alice, group, browser_of):
    answer(alice, group, "again")
    place = link(look()[0], "back")
    assert phone.get(MESSAGES, **JSON).status_code == 200
    form = {"action": "edit", "name": "Li", "contact": OTHER}
    browser_of(alice).post(f"/agent/c/{group}/visitor/", form, **JSON)
    assert refused(phone.get(MESSAGES, **JSON)) == (401, "forbidden")
    assert Client().post(place).status_code == 404


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_a_socket_by_the_link_hears_of_no_other_conversation(
    guest, alice, carol, phone, group, sales, house
):
    cookie = "; ".join(f"{name}={each.value}" for name, each in phone.cookies.items())
    socket = await Socket("/ws/visitor/acme/?team=service", cookie=cookie).open()
    assert [row["group"] for row in socket.hello["groups"]] == [group]
    await database(answer)(carol, sales, "not for this browser")
    await database(answer)(alice, group, "for this browser")
    heard = [await socket.next()]
    while heard[-1]["type"] != "message.posted":
        heard.append(await socket.next())
    assert heard[-1]["message"]["content"] == "for this browser" and sales not in str(heard)
    for frame in (
        {"type": "sync", "groups": {sales: 0}},
        {"type": "message.read", "group": sales, "seq": 1},
        {"type": "rate", "group": sales, "score": 1},
    ):
        await socket.send(**frame)
        assert (await socket.until("error"))["code"] == "not_found", frame
    assert (await socket.say("into it", group=sales))["code"] == "not_found"
    assert (await socket.say("from my phone"))["group"] == group
    await database(Visitor.objects.update)(contact=OTHER, contact_by="member")
    upkeep.current().wake.set()
    assert await socket.closed() == 4401, "the address is no more the visitor's own"
