"""The view `waiting`: who waits for a person's answer, longest first, and that it stays cheap."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Member, new_uuid
from accounts.setup import find_or_create_team
from chat.models import ChatGroup, Conversation, QuickQuestion, Visitor
from chat.posting import batches
from chat.protocol.selection import Selection
from chat.reading import inbox, inbox_counts
from tests.chat.helpers import JSON, act_of, draft_of, new_guest, refused

pytestmark = pytest.mark.django_db
WAITING = Selection("waiting")


def waiting(member) -> list[str]:
    return [row["group"] for row in inbox.page(member, chosen=WAITING)[0]]


@pytest.fixture
def queue(team, alice, bob) -> list[str]:
    """Three who wait, in the order of their waits; the newest activity is that of the first."""
    guests = [new_guest(team) for _number in range(3)]
    groups = [
        batches.post(guest.draft(f"{number}"))["group"] for number, guest in enumerate(guests)
    ]
    batches.post(guests[0].draft("still here", group=groups[0]))
    return groups


def test_the_longest_wait_stands_first_and_later_messages_do_not_move_it(queue, alice, bob):
    assert waiting(alice) == waiting(bob) == queue
    newest = [row["group"] for row in inbox.page(alice)[0]]
    assert newest == [queue[0], queue[2], queue[1]]


def test_each_reason_not_to_wait_takes_it_out_and_counts(queue, team, alice, bob, carol, outsider):
    def counted(member):
        return inbox_counts.view_counts(member)["waiting"]

    assert (counted(alice), counted(carol), counted(outsider)) == (3, 0, 0)
    batches.do(act_of("claim", bob.uuid, queue[0]))
    assert waiting(alice) == queue, "a colleague's claim keeps it"
    batches.post(draft_of(bob, queue[0], "note", note=True))
    assert waiting(alice) == queue, "a note answers nobody"
    batches.do(act_of("snooze", bob.uuid, queue[1], minutes=5))
    assert waiting(alice) == [queue[0], queue[2]]
    batches.post(draft_of(bob, queue[0], "an answer"))
    assert waiting(alice) == [queue[2]] and counted(alice) == counted(bob) == 1
    batches.do(act_of("close", alice.uuid, queue[2]))
    assert waiting(alice) == [] and counted(alice) == 0
    batches.do(act_of("wake", bob.uuid, queue[1]))
    assert waiting(alice) == [queue[1]]
    pressed = new_guest(team).draft("When?")
    pressed.question = QuickQuestion.objects.create(team=team, question="When?", answer="9").pk
    batches.post(pressed)
    suspicious = new_guest(team).draft("quarantined")
    suspicious.opening.suspicion = "links"
    batches.post(suspicious)
    assert waiting(alice) == [queue[1]]
    assert waiting(carol) == waiting(outsider) == []


def test_managers_and_supervisors_see_who_waits_in_any_team(
    browser_of, leader, queue, enterprise, manager, supervisor, other_manager
):
    sales = find_or_create_team(enterprise, "sales", "Sales")
    far = batches.post(new_guest(sales).draft("nobody is here"))["group"]
    for who in (manager, supervisor):
        first, cursor = inbox.page(who, limit=3, chosen=WAITING)
        assert [row["group"] for row in first] == queue
        (last,), _end = inbox.page(who, cursor, chosen=WAITING)
        assert (last["group"], last["seated"], last["unread"]) == (far, False, 0)
        assert last["group_name"] and last["last"] is None, "the audit has who reads texts"
        for sort in ("target", "activity"):
            rows, _end = inbox.page(who, chosen=Selection("waiting", sort=sort))
            assert {row["group"] for row in rows} == {*queue, far}
        assert inbox_counts.view_counts(who)["waiting"] == 4
        page = browser_of(who).get("/agent/?view=waiting").content.decode()
        assert f'data-group="{far}"' in page and 'data-live="/ws/live/"' in page
        asked = browser_of(who).get("/agent/inbox/", {"group": far}).json()
        assert [row["group"] for row in asked["groups"]] == [far]
        assert "nobody is here" not in page + str(asked)
        assert far not in [row["group"] for row in inbox.page(who)[0]], "of `all` only their own"
    assert waiting(leader) == queue and waiting(other_manager) == []
    assert inbox_counts.view_counts(leader)["waiting"] == 3
    assert "data-live" not in browser_of(leader).get("/agent/").content.decode()


@pytest.mark.parametrize("few_seats", [300, 0])
def test_its_pages_neither_skip_nor_repeat(team, alice, monkeypatch, few_seats):
    """Also where many have waited since the same moment, and where rows leave between pages."""
    monkeypatch.setattr(inbox, "FEW_SEATS", few_seats)
    batches.run([new_guest(team).draft(f"{number}") for number in range(23)])
    late = batches.post(new_guest(team).draft("late"))["group"]
    everyone = waiting(alice)
    assert len(everyone) == 24 and everyone[-1] == late
    found, cursor = [], None
    while True:
        rows, cursor = inbox.page(alice, cursor, limit=5, chosen=WAITING)
        found += [row["group"] for row in rows]
        if cursor is None:
            break
        batches.post(draft_of(alice, found[-1], "answered"))
    assert found == everyone


def test_a_cursor_that_is_none_of_the_views_is_refused(agent, queue):
    first = agent.get("/agent/inbox/", {"view": "waiting", "limit": 2}).json()
    assert first["counts"]["waiting"] == 4
    for cursor in ("x", "_1", f"{first['more']}x"):
        answer = agent.get("/agent/inbox/", {"view": "waiting", "before": cursor})
        assert refused(answer) == (400, "bad_field")


class TestTheWorkspace:
    def shown(self, page: str) -> str:
        """The view that is marked as chosen."""
        return re.search(r'data-view="(\w+)"\s+aria-current="true"', page)[1]

    def test_opens_on_it_until_another_view_is_chosen(self, browser_of, alice, bob):
        Member.objects.update(inbox_view="")
        browser = browser_of(alice)
        opened = lambda: self.shown(browser.get("/agent/").content.decode())  # noqa: E731
        assert opened() == "waiting"
        for view in ("mine", "all"):
            assert browser.post("/agent/view/", {"view": view})["Location"] == "/agent/"
            assert opened() == view
        assert self.shown(browser_of(bob).get("/agent/").content.decode()) == "waiting"

    @pytest.mark.parametrize("view", ["unclaimed", "mentioned", "snoozed", "closed", "quarantined"])
    def test_never_opens_on_where_nobody_waits(self, browser_of, alice, view):
        browser = browser_of(alice)
        assert browser.post("/agent/view/", {"view": view}, **JSON).json() == {"view": view}
        assert Member.objects.get(pk=alice.pk).inbox_view == "all"
        Member.objects.filter(pk=alice.pk).update(inbox_view=view)
        assert self.shown(browser.get("/agent/").content.decode()) == "waiting"

    def test_keeps_nothing_else(self, browser_of, alice, manager, client):
        browser = browser_of(alice)
        for query in ("view=mine", "view=waiting&sort=target", "tag=vip", "view=x", ""):
            browser.get(f"/agent/?{query}")
        browser.get("/agent/inbox/?view=mine")
        for wrong in ("", "x", "newest", "ALL"):
            answer = browser.post("/agent/view/", {"view": wrong}, **JSON)
            assert refused(answer) == (400, "bad_field")
        assert Member.objects.get(pk=alice.pk).inbox_view == "all"
        assert browser.get("/agent/view/").status_code == 405
        assert client.post("/agent/view/", {"view": "all"}, **JSON).status_code == 401

    @pytest.mark.parametrize("path", ["/agent/", "/agent/replies/"])
    def test_says_in_the_rail_how_many_wait_and_not_how_many_messages(self, agent, queue, path):
        page = re.sub(r"<svg.*?</svg>|\s+(?=<)", "", agent.get(path).content.decode(), flags=re.S)
        link = re.search(r'<a class="rail-item to-inbox".*?</a>', page, re.S)[0]
        assert re.sub(r"<.*?>", "", link, flags=re.S).split() == ["Conversations4", "waiting"]
        assert "aria-label" not in link

    def test_shows_the_oldest_first_without_scripts(self, browser_of, alice, queue):
        page = browser_of(alice).get("/agent/?view=waiting").content.decode()
        places = [page.index(f'data-group="{group}"') for group in queue]
        assert places == sorted(places)
        assert "?view=waiting" in page

    @pytest.mark.parametrize("view", ["waiting", "all"])
    def test_welcomes_only_who_has_no_conversation_at_all(self, browser_of, alice, guest, view):
        browser = browser_of(alice)
        hidden = '<div class="nothing-yet stack" hidden>'
        assert hidden not in browser.get(f"/agent/?view={view}").content.decode()
        group = batches.post(guest.draft("hello"))["group"]
        batches.do(act_of("close", alice.uuid, group))
        assert hidden in browser.get(f"/agent/?view={view}").content.decode()


MANY = 5_000


@pytest.fixture
def crowd(team, alice, bob):
    """Five thousand who wait with the team, as many who do not, and seats of alice in them all; bob
    sits in the last one alone. Committed, as ANALYZE commits on MariaDB."""
    now, code = timezone.now(), team.enterprise.code
    visitors = Visitor.objects.bulk_create(
        Visitor(ent_id=code, secret_hash="0" * 64, label=f"{number}") for number in range(MANY * 2)
    )
    rows = Conversation.objects.bulk_create(
        Conversation(
            ent_id=code,
            uuid=new_uuid(),
            visitor_id=visitor.uuid,
            team=team,
            last_activity=now - timedelta(seconds=number),
            waiting_since=now - timedelta(seconds=number) if number % 2 else None,
            due_at=now + timedelta(seconds=number) if number % 2 else None,
        )
        for number, visitor in enumerate(visitors)
    )
    seats = [ChatGroup(ent_id=code, member_id=alice.uuid, uuid=row.uuid) for row in rows]
    seats.append(ChatGroup(ent_id=code, member_id=bob.uuid, uuid=rows[1].uuid))
    ChatGroup.objects.bulk_create(seats)
    with connection.cursor() as cursor:
        tables = "conversation", "chat_group"
        one = "ANALYZE" if connection.vendor == "sqlite" else f"ANALYZE TABLE {','.join(tables)}"
        cursor.execute(one)
        cursor.fetchall()
    return rows


def explained(sql: str, params) -> str:
    """How the database reads it: SQLite's steps, or MariaDB's table, key and extra of each."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            return "\n".join(row[-1] for row in cursor.fetchall())
        cursor.execute(f"EXPLAIN {sql}", params)
        names = [column[0] for column in cursor.description]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        return "\n".join(f"{one['table']} {one['key']} {one['Extra']}" for one in found)


def rows_read() -> int:
    """How many rows this session's statements have read by MariaDB's count."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%'")
        return sum(int(value) for _name, value in cursor.fetchall())


def look(alice, django_assert_num_queries, sort, index):
    chosen = Selection("waiting", sort=sort)
    position = inbox.parse_cursor(inbox.page(alice, chosen=chosen)[1])
    for before in (None, position):
        statements = []

        def keep(execute, sql, params, many, context, statements=statements):
            statements.append((sql, params))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(keep), django_assert_num_queries(2):
            found = inbox.groups_of(alice.uuid, before, 31, chosen)
        assert len(found) == 31
        plan = explained(*statements[-1])
        if connection.vendor == "sqlite":
            assert f"SEARCH c USING INDEX {index}" in plan.splitlines()[0], plan
            assert "TEMP B-TREE" not in plan, "nothing is sorted"
        else:
            assert plan.startswith(f"c {index}"), plan
            assert "filesort" not in plan, plan
            before_it = rows_read()
            inbox.groups_of(alice.uuid, before, 31, chosen)
            assert rows_read() - before_it < 600, "two for each row, and a few hundred seats"


@pytest.mark.django_db(transaction=True)
def test_thousands_who_wait_cost_little_more_than_the_rows_of_a_page(
    crowd, alice, bob, django_assert_num_queries
):
    for sort, index in (("wait", "conversation_waiting"), ("target", "conversation_due")):
        look(alice, django_assert_num_queries, sort, index)
    with django_assert_num_queries(1):
        assert inbox_counts.view_counts(alice)["waiting"] == inbox_counts.MAX_COUNT
    assert inbox_counts.view_counts(bob)["waiting"] == 1
    assert [row["group"] for row in inbox.page(bob, chosen=WAITING)[0]] == [crowd[1].uuid]
