"""What MySQL has not and MariaDB has must not be needed: RETURNING, and ids in steps of one.

The tests' server is a MariaDB; here Django and we treat it as MySQL 8 in these two respects, and in
the last test as a node of a Galera cluster.
"""

import pytest
from django.db import connection

from chat.conversations import seating
from chat.models import GroupMessage
from chat.posting import batches
from chat.presence import leases
from chat.reading import inbox

from .helpers import NOTE, check_ledger, draft_of, new_guest, rows_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'mysql'", reason="about MySQL"),
]


@pytest.fixture
def mysql(monkeypatch):
    """A connection on which Django uses no RETURNING, and a statement with it fails."""
    # The feature for many rows is read from this one.
    monkeypatch.setattr(connection.features, "can_return_columns_from_insert", False)

    def refuse(execute, sql, params, many, context):
        assert " RETURNING " not in sql.upper(), sql
        return execute(sql, params, many, context)

    connection.close()
    with connection.execute_wrapper(refuse):
        yield
    connection.close()


def test_nothing_on_the_chat_path_needs_returning(mysql, guest, alice, bob, carol, team):
    group = batches.post(guest.draft("first"))["group"]
    batches.post(draft_of(alice, group, "a note", note=True))
    answer = batches.post(draft_of(bob, group, "an answer"))
    batches.mark(alice.uuid, group, answer["seq"])
    seating.join(carol, [group])
    seating.leave(carol, [group])
    leases.renew([alice.uuid, guest.uuid])
    leases.renew([alice.uuid])
    assert leases.online({alice.uuid, guest.uuid}) == {alice.uuid, guest.uuid}
    rows, _more = inbox.page(alice)
    assert [row["group"] for row in rows] == [group]
    kinds = [row.message_type for row in rows_of(group)]
    assert kinds[2] == NOTE and len(kinds) == 6
    assert rows_of(group)[3].id == answer["id"]
    assert check_ledger() == 6


def test_ids_are_right_in_a_cluster_that_counts_in_steps(mysql, guest, alice, team):
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION auto_increment_increment = 7, auto_increment_offset = 3")
    drafts = [guest.draft(f"{number}") for number in range(5)]
    answers = batches.run([*drafts, new_guest(team).draft("another")])
    stored = dict(GroupMessage.objects.values_list("client_id", "id"))
    assert {answer["client_id"]: answer["id"] for answer in answers}.items() <= stored.items()
    ids = [answer["id"] for answer in answers]
    assert ids[1] - ids[0] == 7


@pytest.mark.skipif(
    "not getattr(connection, 'mysql_is_mariadb', False)", reason="only MariaDB is in such clusters"
)
def test_ids_are_right_where_their_steps_change_meanwhile(guest, alice, team):
    group = batches.post(guest.draft("first"))["group"]
    connection.ensure_connection()
    connection.connection.id_step = None
    for step in (1, 5, 2):
        with connection.cursor() as cursor:
            cursor.execute(f"SET SESSION auto_increment_increment = {step}")
        drafts = [guest.draft(f"{step} {number}", group=group) for number in range(4)]
        answers = batches.run([*drafts, new_guest(team).draft("another")])
        stored = dict(GroupMessage.objects.values_list("client_id", "id"))
        assert {answer["client_id"]: answer["id"] for answer in answers}.items() <= stored.items()
    connection.close()
