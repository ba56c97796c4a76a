"""How a transaction finds the conversations that it locks."""

import pytest
from django.db import connection

from chat.ledger import ledger
from chat.models import Conversation
from chat.posting import batches
from tests.chat.helpers import new_guest

pytestmark = pytest.mark.django_db


def test_a_batch_reads_no_table_whole(team, alice):
    """Of tables that have just grown, MariaDB believes that they are small."""
    batches.run([new_guest(team).draft() for _ in range(20)])
    keys = list(Conversation.objects.values_list("pk", flat=True))
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        marks = ",".join(["%s"] * len(keys))
        cursor.execute(f"{explain} {ledger.seats_sql()}({marks})", keys)
        steps = [" ".join(map(str, row)) for row in cursor.fetchall()]
    assert steps and not [step for step in steps if " ALL " in step or "SCAN" in step]
