"""The same conversation by plain HTTP: JSON for scripts, forms for pages without them."""

import json

import pytest
from django.db import connection
from django.test import Client

from chat.models import ChatGroup, Conversation, GroupMessage, Visitor
from chat.posting import batches
from chat.presence import visitor_queue
from chat.reading import history, unread_counts
from tests.chat.api.program import program_of
from tests.chat.helpers import (
    JSON,
    PAGE,
    check_ledger,
    draft_of,
    new_guest,
    new_id,
    refused,
    rows_of,
    seat_of,
)

pytestmark = pytest.mark.django_db


def test_a_page_view_stores_nothing_but_the_cookie(enterprise, alice):
    browser = Client()
    response = browser.get("/chat/acme/")
    cookie = response.cookies["kefu_visitor_acme"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["max-age"]
    assert len(cookie.value) > 80
    assert not Visitor.objects.exists() and not Conversation.objects.exists()
    browser.get("/chat/acme/")
    assert browser.cookies["kefu_visitor_acme"].value == cookie.value, "it is kept"


def test_an_https_address_makes_the_cookie_secure(enterprise, settings):
    assert not Client().get("/chat/acme/").cookies["kefu_visitor_acme"]["secure"]
    settings.PUBLIC_URL = "https://chat.example.com"
    assert Client().get("/chat/acme/").cookies["kefu_visitor_acme"]["secure"]


def test_a_visitor_posts_json_and_reads_it_back(visitor, guest, alice):
    sent = {"content": "你好 👋\r\nzwei\rdrei", "client_id": new_id()}
    accepted = json.loads(visitor.post(visitor.place, sent, **JSON).content)
    assert set(accepted) == {"type", "client_id", "group", "seq", "id", "created_at"}
    assert accepted["client_id"] == sent["client_id"] and accepted["created_at"].endswith("Z")
    assert json.loads(visitor.post(visitor.place, sent, **JSON).content) == accepted
    page = json.loads(visitor.get(visitor.place).content)
    assert page["last_seq"] == 2 and page["more"] is False
    assert [message["content"] for message in page["messages"]][1] == "你好 👋\nzwei\ndrei"
    assert check_ledger() == 2


def test_a_plain_form_stores_and_leads_back_to_the_page(visitor, guest, alice, enterprise):
    from accounts.setup import find_or_create_team

    response = visitor.post(visitor.place, {"content": "plain"}, **PAGE)
    assert (response.status_code, response["Location"]) == (302, "/chat/acme/")
    find_or_create_team(enterprise, "sales")
    response = visitor.post(f"{visitor.place}?team=sales", {"content": "plain"}, **PAGE)
    assert (response.status_code, response["Location"]) == (302, "/chat/acme/?team=sales")
    assert "plain" in visitor.get("/chat/acme/").content.decode()
    assert Conversation.objects.count() == 2 and check_ledger() == 4


def test_a_plain_form_submitted_twice_is_one_message(visitor, agent, group):
    for browser in (visitor, agent):
        form = {"content": "double click", "client_id": new_id()}
        for _ in range(2):
            assert browser.post(browser.place, form, **PAGE).status_code == 302
    assert check_ledger() == 4


def test_an_agent_answers_by_json_and_by_form_which_marks_read(agent, alice, group):
    sent = {"content": "hello", "client_id": new_id(), "seen": "2"}
    accepted = json.loads(agent.post(agent.place, sent, **JSON).content)
    assert accepted["seq"] == 3 and accepted["group"] == group
    assert seat_of(alice, group).unread == 1
    response = agent.post(agent.place, {"content": "again"}, **PAGE)
    assert (response.status_code, response["Location"]) == (302, agent.page)
    seat = seat_of(alice, group)
    assert (seat.unread, seat.read_seq) == (0, 4)


@pytest.mark.parametrize("value", ["1", "on", "true"])
def test_a_note_by_form_is_a_note(agent, visitor, group, value):
    agent.post(agent.place, {"content": "inside", "note": value}, **PAGE)
    row = rows_of(group)[-1]
    assert row.message_type == GroupMessage.Type.NOTE
    assert "inside" not in visitor.get(visitor.place).content.decode()
    assert "inside" in agent.get(agent.page).content.decode()


def test_reading_by_form_leads_back_and_by_json_says_ok(agent, alice, group):
    place = f"{agent.page}read/"
    response = agent.post(place, {"seq": "1"}, **PAGE)
    assert (response.status_code, response["Location"]) == (302, agent.page)
    assert seat_of(alice, group).read_seq == 1
    assert json.loads(agent.post(place, {"seq": "2"}, **JSON).content) == {"ok": True}
    assert seat_of(alice, group).unread == 0
    for seq in ("", "x", "-1", "1.0", "9" * 30, "٣"):
        assert refused(agent.post(place, {"seq": seq}, **JSON)) == (400, "bad_field")


def test_history_by_after_and_before_and_limit(visitor, agent, guest, alice, group, team):
    batches.run([guest.draft(f"{number}", group=group) for number in range(3, 103)])

    def page(query, browser=agent):
        answer = json.loads(browser.get(browser.place + query).content)
        return [message["seq"] for message in answer["messages"]], answer["more"]

    assert page("") == page("?limit=") == (list(range(53, 103)), True)
    assert page("?after=100") == ([101, 102], False)
    assert page("?after=0&limit=200") == (list(range(1, 103)), False)
    assert page("?after=10&limit=3") == ([11, 12, 13], True)
    assert page("?before=4") == ([1, 2, 3], False)
    assert page("?before=50&limit=2") == ([48, 49], True)
    assert page("?after=102") == page("?before=1") == ([], False)
    batches.post(draft_of(alice, group, "note", note=True))
    assert page("?after=101") == ([102, 103], False)
    assert page("?after=101", visitor) == ([102], False)
    assert json.loads(visitor.get(visitor.place).content)["last_seq"] == 102
    stranger = new_guest(team).browser()
    stranger.place = visitor.place
    assert page("?after=1", stranger) == ([], False), "nothing is written yet"
    for query in (
        *("?after=x", "?after=-1", "?before=1&after=1", "?limit=0", "?limit=201", "?limit=x"),
        *("?after=", "?limit=1.5", "?after=2147483648"),
    ):
        for browser in (visitor, agent, stranger):
            assert refused(browser.get(browser.place + query, **JSON)) == (400, "bad_field")


def test_no_message_of_a_history_is_beyond_its_last_seq(
    visitor, agent, guest, enterprise, group, monkeypatch
):
    program = program_of(enterprise)
    read = history.messages

    def late(*args, **options):
        batches.post(guest.draft("after the conversation was read", group=group))
        return read(*args, **options)

    monkeypatch.setattr(history, "messages", late)
    for browser in (visitor, agent, program):
        place = getattr(browser, "place", f"conversations/{group}/messages/")
        page = json.loads(browser.get(place).content)
        assert page["last_seq"] == page["messages"][-1]["seq"]


def test_the_inbox_comes_in_pages_that_miss_and_repeat_nothing(agent, team, group):
    batches.run([new_guest(team).draft(f"{number}") for number in range(70)])
    seen, cursor = [], ""
    while cursor is not None:
        query = {"before": cursor} if cursor else {}
        answer = json.loads(agent.get("/agent/inbox/", query).content)
        seen += [row["group"] for row in answer["groups"]]
        assert answer["total"] == 71
        cursor = answer["more"]
    assert len(seen) == len(set(seen)) == 71 and seen[-1] == group
    for cursor in ("x", "2026-01-01", "2026-13-01T00:00:00+00:00_1", "_", "' OR 1=1"):
        assert refused(agent.get("/agent/inbox/", {"before": cursor})) == (400, "bad_field")


def test_unread_is_found_by_an_index(agent, alice, group):
    if connection.vendor == "sqlite":  # MariaDB takes any index on a table this small
        assert "chat_group_unread" in ChatGroup.objects.for_member(alice.uuid).unread().explain()
    assert [seat.uuid for seat in ChatGroup.objects.for_member(alice.uuid).unread()] == [group]
    assert unread_counts.unread_versions(alice.uuid, alice.enterprise.code)[0][1:3] == (group, 1)
    batches.mark(alice.uuid, group, 2)
    assert not ChatGroup.objects.for_member(alice.uuid).unread().exists()
    assert unread_counts.unread_versions(alice.uuid, alice.enterprise.code) == []
    assert unread_counts.unread_versions(alice.uuid, alice.enterprise.code, [group])[0][1:3] == (
        group,
        0,
    )


def test_a_conversation_as_json_is_what_the_page_shows(agent, guest, alice, bob, group):
    found = json.loads(agent.get(agent.page, **JSON).content)["conversation"]
    assert set(found) >= {
        *("group", "group_name", "team", "open", "claimed_by", "waiting_since", "last_seq"),
        *("unread", "read_seq", "seen_seq", "seated", "visitor", "members", "messages", "more"),
    }
    assert found["visitor"]["visitor"] == guest.uuid and found["seated"] is True
    assert [member["name"] for member in found["members"]] == sorted(["小艾", "小博"])
    assert [message["seq"] for message in found["messages"]] == [1, 2]


def test_pages_need_few_queries_for_many_conversations(
    agent, visitor, guest, team, alice, bob, group, django_assert_max_num_queries
):
    batches.run([new_guest(team).draft(f"{number}") for number in range(59)])
    batches.run([guest.draft(f"{number}", group=group) for number in range(60)])
    for browser, place, most in (
        (agent, "/agent/", 17),
        (agent, agent.page, 25),
        (agent, agent.place, 5),
        (agent, "/agent/inbox/", 11),
        (visitor, "/chat/acme/", 14),
        (visitor, visitor.place, 6),
    ):
        # What is cached for seconds is fresh, however long the loop takes.
        visitor_queue.queues.clear()
        browser.get(place)
        with django_assert_max_num_queries(most):
            assert browser.get(place).status_code == 200, place
