"""The database backend: what a transaction costs, and that it is one."""

import pytest
from django.db import connection, transaction

from accounts.models import Enterprise

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "mysql", reason="it is for MySQL and MariaDB"),
]


def questions() -> int:
    """How many statements this connection has sent, this one included."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS LIKE 'Questions'")
        return int(cursor.fetchone()[1])


def test_a_transaction_costs_two_statements_beside_its_own():
    before = questions()
    with transaction.atomic():
        list(Enterprise.objects.all())
    assert questions() - before == 3 + 1


def test_what_fails_is_undone_and_what_follows_commits_by_itself():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Enterprise.objects.create(code="undone", name="Undone")
        1 / 0  # noqa: B018
    with transaction.atomic():
        Enterprise.objects.create(code="kept", name="Kept")
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            Enterprise.objects.create(code="inner", name="Inner")
            1 / 0  # noqa: B018
    Enterprise.objects.create(code="alone", name="Alone")
    connection.close()
    found = set(Enterprise.objects.values_list("code", flat=True))
    assert {"kept", "alone"} <= found and not {"undone", "inner"} & found
    assert connection.get_autocommit()
