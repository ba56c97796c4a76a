"""A conversation in the archive: what it shows, to whom, and that opening it is noted."""

import pytest

from accounts.models import AuditRow
from chat.archive import question, thread
from chat.models import Conversation
from chat.posting import batches
from tests.chat.files.uploads import sent
from tests.chat.helpers import act_of, draft_of, new_guest

pytestmark = pytest.mark.django_db
ARCHIVE = "/admin/archive/"


@pytest.fixture
def told(group, alice):
    """A conversation with an answer, a note, a tag, and a close with a summary."""
    batches.post(draft_of(alice, group, "an **answer**"))
    batches.post(draft_of(alice, group, "between us", note=True))
    batches.do(act_of("tag", alice.uuid, group, tag="vip"))
    batches.do(act_of("close", alice.uuid, group, reason="Solved", summary="all is well"))
    return group


def test_it_shows_messages_notes_notices_and_what_came_of_it(browser_of, manager, told):
    page = browser_of(manager).get(f"{ARCHIVE}{told}/")
    shown = page.content.decode()
    for words in ("first", "between us", "Internal note", "all is well", "vip", "Solved"):
        assert words in shown, words
    assert "小艾" in shown and f'href="/agent/c/{told}/"' in shown
    assert '<form method="post" action="/agent/c/' not in shown, "nothing can be done here"


def test_opening_it_is_noted_once(browser_of, supervisor, told):
    browser = browser_of(supervisor)
    for _ in range(2):
        assert browser.get(f"{ARCHIVE}{told}/").status_code == 200
    row = AuditRow.objects.get(kind="conversation", object_id=told)
    assert (row.action, row.actor_name, row.source) == ("read", "susan", "archive-thread")


def test_a_file_can_be_opened_by_who_may_and_has_only_a_name_for_superusers(
    browser_of, manager, superuser, agent, group
):
    sent(agent, content="look")
    own = browser_of(manager).get(f"{ARCHIVE}{group}/").content.decode()
    assert 'class="file picture" href="/files/' in own
    foreign = browser_of(superuser).get(f"{ARCHIVE}{group}/").content.decode()
    assert "/files/" not in foreign and "look" in foreign


def test_a_wrong_filter_of_a_conversation_is_said(browser_of, superuser, group, other_enterprise):
    browser = browser_of(superuser)
    assert browser.get(f"{ARCHIVE}{group}/?member=nobody").status_code == 400
    assert browser.get(f"{ARCHIVE}{group}/?from=x").status_code == 400


def test_long_conversations_come_in_parts_that_meet(group, guest):
    for n in range(60):
        batches.post(guest.draft(f"message {n}", group=group))
    one = Conversation.objects.get(uuid=group)
    thread_part = thread.PART
    thread.PART = 40
    try:
        newest = thread.part(one)
        seen = [row["seq"] for row in newest.messages]
        assert newest.later is None and seen[-1] == one.last_seq
        part = newest
        while part.earlier:
            part = thread.part(one, before=part.earlier)
            seen = [row["seq"] for row in part.messages] + seen
        assert seen == list(range(1, one.last_seq + 1))
        around = thread.part(one, at=30)
        assert 30 in [row["seq"] for row in around.messages] and around.earlier and around.later
        later = thread.part(one, after=around.later)
        assert later.messages[0]["seq"] == around.later + 1
    finally:
        thread.PART = thread_part


@pytest.mark.parametrize("query", ["before=x", "at=-1", "before=1&after=2", "state=lost"])
def test_a_wrong_address_is_refused(browser_of, manager, group, query):
    assert browser_of(manager).get(f"{ARCHIVE}{group}/?{query}").status_code == 400


def test_its_neighbours_are_those_of_the_list_it_was_opened_from(
    browser_of, manager, team, alice, bob
):
    groups = [batches.post(new_guest(team).draft(text))["group"] for text in ("a b", "a", "a b")]
    asked = question.ask(manager, {"q": "b"})
    rows = [Conversation.objects.get(uuid=group) for group in groups]
    assert thread.neighbours(asked, rows[2]) == (None, groups[0])
    assert thread.neighbours(asked, rows[0]) == (groups[2], None)
    page = browser_of(manager).get(f"{ARCHIVE}{groups[0]}/", {"q": "b"}).content.decode()
    assert f'rel="prev" href="{ARCHIVE}{groups[2]}/?q=b"' in page
