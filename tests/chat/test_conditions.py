"""Conditions of which rows meet any."""

import pytest
from django.db import connection
from django.db.models import Q

from chat.models import GroupMessage, any_of
from chat.posting import batches
from chat.reports import counting
from tests.chat.helpers import new_guest

pytestmark = pytest.mark.django_db


def test_no_row_meets_any_of_no_conditions(team, django_assert_num_queries):
    batches.run([new_guest(team).draft()])
    with django_assert_num_queries(0):
        assert not list(GroupMessage.objects.filter(any_of([])))


def test_rows_that_meet_any_of_some_conditions_are_found_by_their_index(team):
    """A count for the reports that reads all messages takes seconds where there are millions."""
    batches.run([new_guest(team).draft() for _ in range(20)])
    asked = []

    def explain(execute, sql, params, many, context):
        if "SELECT" in sql and "FROM `group_message`" in sql.replace('"', "`"):
            asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        counting.count()
        list(GroupMessage.objects.filter(any_of(Q(sender="x", client_id=one) for one in "ab")))
    assert len(asked) == 2
    for sql, params in asked:
        assert "IS NULL" not in sql
        plan = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
        with connection.cursor() as cursor:
            cursor.execute(f"{plan} {sql}", params)
            steps = [" ".join(map(str, row)) for row in cursor.fetchall()]
        assert steps and not [step for step in steps if "SCAN" in step]
