"""A thread without a name joins the person who has signed in since: once, whole, and exactly."""

import json
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.care import joins
from chat.knowledge import articles
from chat.knowledge.articles import Text
from chat.mail import answers
from chat.models import (
    Article,
    ArticleUse,
    AssistantTask,
    Attachment,
    ChatGroup,
    Conversation,
    ConversationTag,
    GroupMember,
    GroupMessage,
    Reception,
    Visitor,
)
from chat.posting import batches
from chat.posting.actions import Rating, Recall
from chat.posting.visitor_actions import VisitorAction
from chat.visitors.identities import Person
from tests.chat.helpers import (
    AGENT_NOTICE,
    JSON,
    Guest,
    act_of,
    check_ledger,
    draft_of,
    new_guest,
    new_id,
    rows_of,
    seat_of,
)
from tests.chat.signed_visitors import (
    WANG,
    exchange,
    person_page,
    session_guest,
    sign_in,
    signed,
    texts,
)

pytestmark = pytest.mark.django_db


def act(actor, group: str, name: str, **fields) -> None:
    batches.do(act_of(name, actor.uuid, group, **fields))


def test_of_one_who_never_wrote_the_thread_stays_as_it_is(guest, group, alice):
    browser = guest.browser()
    exchange(browser, signed(guest.enterprise, "7", **WANG))
    row = Visitor.objects.get()
    assert (row.uuid, row.label, row.contact) == (guest.uuid, "Wang", "w@example.com")
    assert row.identity == {"id": "7", **WANG}
    assert texts(browser) == ["first"] and person_page(browser) == guest.uuid
    assert {seat.group_name for seat in ChatGroup.objects.all()} == {"Wang"}
    last = rows_of(group)[-1]
    assert last.message_type == AGENT_NOTICE and last.data["event"] == "identified"
    assert last.data["former"].startswith("Visitor") and last.data["name"] == "Wang"
    assert guest.browser().get("/chat/acme/messages/", **JSON).status_code == 401, "the old cookie"
    exchange(browser, signed(guest.enterprise, "7", **WANG))
    assert len(rows_of(group)) == 3, "once"
    check_ledger()


def test_two_threads_with_one_team_become_one(customer, guest, alice, bob):
    loose = batches.post(guest.draft("without a name"))["group"]
    asked = {"ent_id": "acme", "kind": "draft", "conversation_id": loose, "seq": 2}
    AssistantTask.objects.create(**asked)
    batches.post(draft_of(bob, loose, "a new answer"))
    batches.post(draft_of(bob, loose, "between us", note=True))
    browser = sign_in(guest)
    assert texts(browser) == ["long ago", "an old answer", "without a name", "a new answer"]
    assert Conversation.objects.get().uuid == customer.group
    assert Visitor.objects.get().uuid == person_page(browser)
    kept = [row.message_content for row in rows_of(customer.group)]
    task = AssistantTask.objects.get()
    assert task.conversation_id == customer.group and kept[task.seq - 1] == "without a name"
    assert "between us" in kept and GroupMessage.objects.count() == len(kept)
    assert not ChatGroup.objects.filter(uuid=loose).exists()
    assert not GroupMember.objects.filter(group_id=loose).exists()
    check_ledger()
    browser.post("/chat/acme/messages/", {"content": "and on"}, **JSON)
    assert texts(browser)[-1] == "and on"
    check_ledger()


def test_it_is_open_waits_and_counts_as_the_later_one_did(customer, guest, alice, bob):
    loose = batches.post(guest.draft("help"))["group"]
    since = Conversation.objects.get(uuid=loose).waiting_since
    act(bob, loose, "claim")
    act(bob, loose, "tag", tag="urgent")
    act(alice, customer.group, "tag", tag="old")
    batches.mark(alice.uuid, loose, 99)
    Conversation.objects.filter(uuid=loose).update(topic="Refunds")
    sign_in(guest)
    row = Conversation.objects.get()
    assert row.topic == "Refunds", "what the agents are asked about now"
    assert row.open and row.claimed_by == bob.uuid and row.waiting_since == since
    assert row.tags == ["old", "urgent"]
    assert sorted(ConversationTag.objects.values_list("tag__name", flat=True)) == row.tags
    assert row.reception.closed_at is None and Reception.objects.count() == 2
    assert set(Reception.objects.values_list("group_id", flat=True)) == {row.uuid}
    assert (seat_of(alice, row.uuid).unread, seat_of(bob, row.uuid).unread) == (0, 1)
    check_ledger()


def test_of_two_open_ones_the_later_reception_ends(customer, guest, alice, bob):
    act(alice, customer.group, "reopen")
    loose = batches.post(guest.draft("help"))["group"]
    ended = Conversation.objects.get(uuid=loose).reception_id
    sign_in(guest)
    row = Conversation.objects.get()
    assert row.open and row.reception_id != ended
    assert Reception.objects.filter(closed_at=None).get() == row.reception
    check_ledger()


def test_a_warning_of_before_closes_nothing_any_more(customer, guest, alice):
    act(alice, customer.group, "reopen")
    batches.post(guest.draft("here again"))
    Conversation.objects.filter(uuid=customer.group).update(closing_at=timezone.now())
    sign_in(guest)
    assert Conversation.objects.get().closing_at is None


def test_unread_of_both_is_counted_for_each_agent(customer, guest, alice, bob, carol):
    batches.post(customer.draft("news"))
    loose = batches.post(guest.draft("one"))["group"]
    batches.post(guest.draft("two"))
    batches.mark(bob.uuid, customer.group, 99)
    act(alice, loose, "invite", member=carol.uuid)
    batches.post(draft_of(alice, loose, "@", note=True, mentions=(carol.uuid,)))
    sign_in(guest)
    group = customer.group
    unread = {who.nickname: seat_of(who, group).unread for who in (alice, bob, carol)}
    assert unread == {"小艾": 3, "小博": 3, "小卡": 1}
    called = GroupMessage.objects.get(message_content="@")
    assert seat_of(carol, group).mentioned_seq == called.seq
    assert GroupMember.objects.filter(group_id=group, member_id=carol.uuid).exists()
    check_ledger()


def test_answers_and_recalls_point_at_the_moved_messages(customer, guest, alice, bob):
    loose = batches.post(guest.draft("question"))["group"]
    batches.post(draft_of(alice, loose, "answer", reply_to=2))
    slip = batches.post(draft_of(alice, loose, "slip"))
    batches.do(Recall(alice.uuid, loose, slip["seq"]))
    browser = sign_in(guest)
    told = json.loads(browser.get("/chat/acme/messages/", **JSON).content)["messages"]
    answer = next(m for m in told if m["content"] == "answer")
    question = next(m for m in told if m["content"] == "question")
    quoted = answer["reply_to"]
    assert (quoted["seq"], quoted["excerpt"]) == (question["seq"], "question")
    recall = next(m for m in told if (m["data"] or {}).get("event") == "recall")
    taken = next(m for m in told if (m["data"] or {}).get("event") == "recalled")
    assert recall["data"]["of"] == taken["seq"]


def test_files_and_ratings_come_along_and_open_for_the_person(customer, guest, alice, visitor):
    upload = SimpleUploadedFile("a.txt", b"text of a file", "text/plain")
    answer = visitor.post(visitor.place, {"content": "", "file": upload}, **JSON)
    loose = json.loads(answer.content)["group"]
    batches.do(Rating(guest.uuid, loose, 4, "good"))
    Reception.objects.filter(score=4).update(closed_by=guest.uuid)
    browser = sign_in(guest)
    file = Attachment.objects.get()
    assert browser.get(f"/files/{file.key}/").status_code == 200
    assert guest.browser().get(f"/files/{file.key}/").status_code == 404
    ended = Reception.objects.filter(score=4).values_list("comment", "closed_by")
    assert list(ended) == [("good", customer.uuid)]


def test_what_both_did_with_articles_is_the_persons_and_one_vote_counts(customer, guest, group):
    articles.put(guest.enterprise, "tea", "en", Text("Tea", "Text."))
    tea = {"enterprise": guest.enterprise, "article": Article.objects.get()}
    known = Conversation.objects.get(uuid=customer.group).visitor_id
    for who, kind in (
        *((guest.uuid, "opened"), (guest.uuid, "helpful"), (known, "unhelpful")),
        ("f" * 32, "helpful"),
    ):
        ArticleUse.objects.create(reader=who, kind=kind, **tea)
    sign_in(guest)
    done = ArticleUse.objects.order_by("id").values_list("reader", "kind")
    assert list(done) == [*((known, "opened"), (known, "unhelpful")), ("f" * 32, "helpful")]


def test_a_thread_with_another_team_changes_hands_under_its_own_id(customer, guest, sales):
    sold = batches.post(Guest(guest.enterprise, sales, guest.token).draft("to sales"))["group"]
    browser = sign_in(guest)
    assert texts(browser, "?team=sales") == ["to sales"]
    assert texts(browser) == ["long ago", "an old answer"]
    row = Conversation.objects.get(uuid=sold)
    assert row.visitor.label == "Wang"
    shown = GroupMember.objects.get(group_id=sold, member_id=row.visitor_id)
    assert shown.member_name == "Wang"
    browser.post("/chat/acme/messages/?team=sales", {"content": "more"}, **JSON)
    assert texts(browser, "?team=sales") == ["to sales", "more"]
    check_ledger()


def test_what_was_handed_on_meets_what_was_begun_on_the_same_page(customer, guest, alice, sales):
    act(alice, customer.group, "reopen")
    act(alice, customer.group, "transfer", team="sales")
    batches.post(guest.draft("again"))
    browser = sign_in(guest)
    assert texts(browser) == ["long ago", "an old answer", "again"]
    assert Conversation.objects.get().team == sales
    check_ledger()


def test_what_was_mailed_is_not_mailed_again_and_who_wanted_no_mails_gets_none(
    customer, guest, alice
):
    loose = batches.post(guest.draft("mail me"))["group"]
    seq = batches.post(draft_of(alice, loose, "as mailed"))["seq"]
    Conversation.objects.filter(uuid=loose).update(mailed_seq=seq, mails_stopped=True)
    before = Conversation.objects.get(uuid=customer.group)
    batches.mark(before.visitor_id, before.uuid, 99)
    sign_in(guest)
    row = Conversation.objects.get()
    assert row.mailed_seq == GroupMessage.objects.get(message_content="as mailed").seq
    assert row.mails_stopped


@pytest.mark.parametrize("mailed", [True, False])
def test_an_answer_that_waits_for_its_mail_is_mailed_after_the_threads_have_become_one(
    customer, guest, alice, bob, settings, mailed
):
    settings.PUBLIC_URL = "https://chat.example.com"
    soon = timezone.now() + timedelta(minutes=4)
    batches.post(draft_of(alice, customer.group, "waits for its mail"))
    loose = batches.post(guest.draft("without a name"))["group"]
    batches.post(draft_of(bob, loose, "of the later one"))
    if mailed:
        Visitor.objects.filter(uuid=guest.uuid).update(contact="w@example.com")
        Visitor.objects.exclude(uuid=guest.uuid).update(contact="", identity={})
        assert len(answers.take_due(soon)) == 1
    sign_in(guest)
    (reminder,) = answers.take_due(soon)
    body = reminder.mails[0].body
    assert body.index("waits for its mail") < body.index("of the later one")
    assert answers.take_due(soon) == [], "once"


def test_what_was_too_old_to_be_mailed_is_mailed_by_no_merge(customer, guest, bob, settings):
    settings.PUBLIC_URL = "https://chat.example.com"
    ago = timezone.now() - timedelta(days=2)
    Conversation.objects.update(last_activity=ago)
    loose = batches.post(guest.draft("without a name"))["group"]
    batches.post(draft_of(bob, loose, "a new answer"))
    sign_in(guest)
    (reminder,) = answers.take_due(timezone.now() + timedelta(minutes=4))
    assert "a new answer" in reminder.mails[0].body
    assert "an old answer" not in reminder.mails[0].body


def test_a_number_that_both_gave_a_message_does_no_harm(customer, guest, alice):
    number = new_id()
    batches.post(customer.draft("theirs", client_id=number))
    batches.post(guest.draft("mine", client_id=number))
    browser = sign_in(guest)
    assert texts(browser)[-2:] == ["theirs", "mine"]
    check_ledger()


@pytest.mark.parametrize("blocked", ["nameless", "person"])
def test_nobody_comes_in_again_by_signing_in(customer, guest, alice, blocked):
    loose = batches.post(guest.draft("spam"))["group"]
    group = loose if blocked == "nameless" else customer.group
    batches.do(VisitorAction("block", alice.uuid, group, minutes=60, reason="spam"))
    browser = guest.browser()
    exchange(browser, signed(guest.enterprise, "7", **WANG))
    assert Conversation.objects.count() == 2, "nothing joined"
    told = browser.get("/chat/acme/messages/", **JSON).status_code
    assert told == (200 if blocked == "nameless" else 403)
    exchange(browser, "")
    told = browser.get("/chat/acme/messages/", **JSON).status_code
    assert told == (403 if blocked == "nameless" else 200), "the cookie without a name is still it"


def test_an_erased_thread_joins_nobody(customer, guest, manager):
    loose = batches.post(guest.draft("gone"))["group"]
    batches.do(VisitorAction("erase", manager.uuid, loose))
    joins.join(guest.uuid, guest.enterprise, Person("7"))
    assert Conversation.objects.count() == 2
    joins.join(new_guest(guest.team).uuid, guest.enterprise, Person("7"))
    assert Visitor.objects.count() == 2


def test_one_person_never_joins_another(customer, enterprise, team, alice):
    other = session_guest(enterprise, team, "8")
    batches.post(other.draft("of eight"))
    who = other.known().uuid
    joins.join(who, enterprise, Person("7"))
    assert Conversation.objects.count() == 2 and Visitor.objects.get(uuid=who).identity["id"] == "8"


def test_erasing_the_person_takes_what_has_joined(customer, guest, manager, alice):
    batches.post(guest.draft("Quetzal"))
    row = Visitor.objects.get(uuid=guest.uuid)
    kind = ContentType.objects.get_for_model(Visitor).pk
    LogEntry.objects.create(
        user=manager, content_type_id=kind, object_id=row.pk, object_repr="Quetzal", action_flag=2
    )
    sign_in(guest)
    batches.do(VisitorAction("erase", manager.uuid, customer.group))
    assert LogEntry.objects.get().object_repr == "", "where the administration has named them"
    left = [row.message_content or "" for row in GroupMessage.objects.all()]
    assert "Quetzal" not in "".join(left) and "Wang" not in "".join(left)


def test_a_long_thread_takes_no_more_queries_than_a_short_one(customer, guest, alice):
    for number in range(2):
        batches.post(guest.draft(f"{number}"))
    other = new_guest(guest.team)
    for number in range(40):
        batches.post(other.draft(f"{number}"))
    counts = []
    for one in (guest, other):
        with CaptureQueriesContext(connection) as queries:
            joins.join(one.uuid, guest.enterprise, Person("7", "Wang"))
        counts.append(len(queries))
    # With the team, for the target of whoever waits then.
    # What reports have counted of both is read once, changed, and moved.
    # Legal holds are looked for twice: to take them along, and before the row is deleted.
    # The stream, webhooks' logs and exports are told that the rows have moved; its former address
    # points at what it has become, and the stream says so. Links of both customers are looked for.
    assert max(counts) < 115 and counts[1] < counts[0] + 4, counts
    assert check_ledger() > 40
