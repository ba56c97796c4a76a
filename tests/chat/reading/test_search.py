"""Words found in one's own conversations, and never in others'."""

import json

import pytest
from django.db import connection

from chat.models import ChatGroup, GroupMessage, Visitor
from chat.posting import batches
from chat.posting.actions import Recall
from chat.reading import search
from tests.chat.helpers import JSON, PAGE, act_of, draft_of, new_guest, refused
from tests.chat.sample_files import upload

pytestmark = pytest.mark.django_db


def find(browser, q: str, **more) -> dict:
    return json.loads(browser.get("/agent/search/", {"q": q, **more}).content)


def seqs(answer: dict) -> list[int]:
    return [message["seq"] for message in answer["messages"]]


def hits(found: dict) -> list[str]:
    return [part["text"] for part in found["parts"] if part["hit"]]


def test_words_are_found_in_messages_and_notes(agent, guest, alice, bob, group):
    batches.post(guest.draft("我要退款，订单 20931", group=group))
    batches.post(draft_of(bob, group, "Refund is on its way"))
    batches.post(draft_of(bob, group, "退款已批准", note=True))
    answer = find(agent, "退款")
    assert seqs(answer) == [5, 3]
    assert [one["kind"] for one in answer["messages"]] == ["note", "message"]
    assert answer["searched"] == {"since": None} and answer["more"] is None
    assert hits(answer["messages"][1]) == ["退款"]
    assert (
        "".join(part["text"] for part in answer["messages"][1]["parts"]) == "我要退款，订单 20931"
    )
    assert seqs(find(agent, "退款 20931")) == [3], "all words have to be there"
    assert seqs(find(agent, "refund")) == [4] and hits(find(agent, "REFUND")["messages"][0]) == [
        "Refund"
    ]
    assert seqs(find(agent, "nothing of it")) == []


def test_files_are_found_by_their_names(visitor, guest, agent, outsider, alice, group, browser_of):
    def send(name, content=""):
        form = {"file": upload(name, b"%PDF-1.4\n%%EOF"), "content": content}
        assert visitor.post(visitor.place, form, **JSON).status_code == 200

    send("订单 invoice (2026).pdf")
    send("Äpfel.pdf", "the list of 退款")
    batches.post(draft_of(alice, group, "订单 20931", mentions=[alice.uuid], note=True))
    answer = find(agent, "订单")
    assert seqs(answer) == [5, 3]
    assert [one["where"] for one in answer["messages"]] == ["text", "file"]
    assert hits(answer["messages"][1]) == ["订单"]
    line = "".join(part["text"] for part in answer["messages"][1]["parts"])
    assert line.strip() == "订单 invoice (2026).pdf"
    assert seqs(find(agent, "INVOICE 2026")) == [3] and seqs(find(agent, "%.pdf")) == []
    (mixed,) = find(agent, "äpfel 退款")["messages"]
    assert (mixed["seq"], mixed["where"], hits(mixed)) == (4, "file", ["Äpfel", "退款"])
    assert find(agent, "退款")["messages"][0]["where"] == "text"
    assert seqs(find(browser_of(outsider), "invoice")) == []
    page = agent.get(agent.page, {"q": "invoice", "view": "mine"}).content.decode()
    page = " ".join(page.split())
    assert "File: 订单 <mark>invoice</mark> (2026).pdf" in page and "1 result." in page
    assert f'action="/agent/c/{group}/"' in page, "the open conversation stays"
    assert '<input type="hidden" name="view" value="mine">' in page
    batches.run([Recall(guest.uuid, group, 3)])
    assert seqs(find(agent, "invoice")) == []


def test_what_looks_like_a_pattern_is_text(agent, alice, group):
    for text in ("100% sure", "100 sure", "a_b", "axb", "really!", "a\\b", "'); DROP"):
        batches.post(draft_of(alice, group, text))
    assert seqs(find(agent, "100%")) == [3]
    assert seqs(find(agent, "a_b")) == [5]
    assert seqs(find(agent, "really!")) == [7]
    assert seqs(find(agent, "a\\b")) == [8]
    assert seqs(find(agent, "'); DROP")) == [9]
    assert seqs(find(agent, ".*")) == [] and hits(find(agent, "a_b")["messages"][0]) == ["a_b"]


def test_letters_are_found_in_either_case(agent, alice, group):
    batches.post(draft_of(alice, group, "ÄPFEL и ЗАКАЗ"))
    for word in ("äpfel", "ÄPFEL", "Äpfel", "заказ"):
        assert seqs(find(agent, word)) == [3], word
        assert hits(find(agent, word)["messages"][0])


def test_names_contacts_and_tags_are_found(agent, alice, team, guest, group):
    Visitor.objects.filter(uuid=guest.uuid).update(label="王建国", contact="wang@example.org")
    batches.do(act_of("tag", alice.uuid, group, tag="老客户"))
    other = batches.post(new_guest(team).draft("x"))["group"]
    batches.do(act_of("tag", alice.uuid, other, tag="老客户 VIP"))
    for q, where, found in (
        ("建国", "name", [group]),
        ("WANG@", "contact", [group]),
        ("老客", "tag", [other, group]),
        ("客户 vip", "tag", [other]),
    ):
        answer = find(agent, q)["conversations"]
        assert sorted(one["group"] for one in answer) == sorted(found), q
        assert {one["where"] for one in answer} == {where} and hits(answer[0]), q


def test_nobody_finds_anything_of_others(
    agent, alice, bob, carol, manager, outsider, guest, group, other_group, browser_of
):
    batches.post(guest.draft("a secret word", group=group))
    batches.do(act_of("tag", alice.uuid, group, tag="secret tag"))
    Visitor.objects.filter(uuid=guest.uuid).update(label="secret name")
    assert len(find(agent, "secret")["messages"]) == 1
    for member in (carol, manager, outsider):
        answer = find(browser_of(member), "secret")
        assert answer["messages"] == answer["conversations"] == [], member
    ChatGroup.objects.filter(member_id=bob.uuid, uuid=group).delete()
    assert find(browser_of(bob), "secret")["messages"] == []


@pytest.mark.parametrize("few", [300, 0])
def test_all_is_found_page_by_page_however_it_is_looked_for(
    agent, alice, outsider, guest, team, group, other_group, monkeypatch, few
):
    """In the member's groups, or in the enterprise's newest messages a part at a time."""
    monkeypatch.setattr(search, "FEW_SEATS", few)
    monkeypatch.setattr(search, "MESSAGES_SCANNED", 40)
    batches.run([guest.draft(f"word {number}", group=group) for number in range(70)])
    batches.run([new_guest(team).draft(f"word of another {number}") for number in range(5)])
    batches.post(draft_of(outsider, other_group, "word of another enterprise"))
    found, cursor, answers = [], None, 0
    while True:
        answer = find(agent, "word", **({"before": cursor} if cursor else {}))
        found += [(one["group"], one["seq"]) for one in answer["messages"]]
        answers, cursor = answers + 1, answer["more"]
        assert (answer["searched"]["since"] is None) == (cursor is None)
        if cursor is None:
            break
    assert len(found) == len(set(found)) == 75 and answers >= 3
    rows = GroupMessage.objects.filter(message_content__contains="word", ent_id="acme")
    assert found == list(rows.order_by("-id").values_list("group_id", "seq"))


def test_a_long_message_is_shown_around_its_hit(agent, alice, group):
    batches.post(draft_of(alice, group, "前" * 500 + "退款" + "后" * 500))
    (one,) = find(agent, "退款")["messages"]
    text = "".join(part["text"] for part in one["parts"])
    assert len(text) < 130 and text[0] == text[-1] == "…" and hits(one) == ["退款"]


def test_the_page_shows_it_without_scripts_and_marks_nothing_as_markup(agent, alice, group):
    batches.post(draft_of(alice, group, "<b>bold</b> <script>alert(1)</script>"))
    page = agent.get("/agent/", {"q": "<b>"}).content.decode()
    assert "<mark>&lt;b&gt;</mark>" in page and "<script>alert" not in page
    assert f'href="/agent/c/{group}/?at=3#m3"' in page
    assert "All messages were searched." in page and "data-searching" in page
    assert agent.get("/agent/", {"q": "x" * 101}).status_code == 404
    assert "data-searching" not in agent.get("/agent/", {"q": " "}).content.decode()


def test_a_conversation_opens_at_the_message(agent, guest, alice, group):
    batches.run([guest.draft(f"{number}", group=group) for number in range(3, 203)])
    page = agent.get(agent.page, {"at": 60}).content.decode()
    assert 'id="m60"' in page and 'id="m85"' in page and 'id="m202"' not in page
    assert 'data-at="60"' in page and 'data-last-seq="85"' in page, "what is shown, and no more"
    for at in ("x", "-1", "99999999999"):
        assert agent.get(agent.page, {"at": at}).status_code == 404
    assert agent.get(agent.page, {"at": 5000}).status_code == 200
    assert (
        json.loads(agent.get(f"{agent.page}?at=60", **JSON).content)["conversation"]["at"] is None
    )


def test_searches_are_limited(agent, group, monkeypatch):
    from chat.protocol.errors import Refused

    def refuse(name, keys):
        if name == "search":
            raise Refused("rate_limited", "Too much.", retry_after=3)

    monkeypatch.setattr("chat.limits.limits.take", refuse)
    answer = agent.get("/agent/search/", {"q": "x"})
    assert refused(answer) == (429, "rate_limited") and answer["Retry-After"] == "3"
    assert agent.get("/agent/", {"q": "x"}, **PAGE).status_code == 200


def test_the_newest_messages_are_found_by_an_index(agent, alice, group, monkeypatch):
    if connection.vendor != "sqlite":
        pytest.skip("MariaDB takes any way through a table this small")
    monkeypatch.setattr(search, "FEW_SEATS", 0)
    monkeypatch.setattr(search, "MESSAGES_SCANNED", 1)
    asked = []
    monkeypatch.setattr(search, "select", lambda sql, values: asked.append((sql, values)) or [(1,)])
    search.scope_of(alice, None)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked[0][0]}", asked[0][1])
        assert "group_message_ent_id" in str(cursor.fetchall())
