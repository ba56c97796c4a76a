"""Every table has its place."""

import pytest
from django.apps import apps

from chat.bulk.portability.tables import LEFT_OUT, TABLES

pytestmark = pytest.mark.django_db


def test_every_table_has_its_place():
    """Whoever adds a table says here whether it goes along: chat/bulk/portability/tables.py."""
    known = {table.model._meta.label for table in TABLES}
    there = {model._meta.label for model in apps.get_models()}
    assert there - known - set(LEFT_OUT) == set(), "say in tables.py whether these go along"
    assert set(LEFT_OUT) <= there and not known & set(LEFT_OUT)
    assert all(reason for reason in LEFT_OUT.values())


def test_numbers_that_may_be_keys_are_known():
    """A column that holds a key of another table without a reference would point at somebody
    else's row, once that has another key over there."""
    found = set()
    for table in TABLES:
        for field in table.model._meta.concrete_fields:
            loose = not field.is_relation and not field.primary_key
            number = field.get_internal_type() in ("IntegerField", "BigIntegerField") or (
                field.get_internal_type().startswith("Positive")
            )
            if loose and number and field.attname not in (*table.keys, *table.moved):
                found.add(field.attname)
    assert found == NUMBERS, "keys or numbers? see tables.py"


NUMBERS = {
    *("answer_seconds", "next_seconds", "bot_seconds", "mail_minutes", "mail_answer_hours"),
    *("mail_next_hours", "idle_hours", "warn_minutes", "capacity"),
    *("offer_seconds", "overflow_minutes", "retention_days", "audit_days", "missed_offers"),
    *("failures", "sign_in_days"),
    *("position", "seconds", "visits", "revision", "away_minutes", "last_seq", "public_seq"),
    "message_seq",
    *("emptied_seq", "mailed_seq", "counted_seq", "unread", "read_seq", "joined_seq"),
    *("daily_tokens", "prompt_tokens"),
    *("mentioned_seq", "reminded_seq", "seq", "size", "width", "height", "first_seq"),
    *("reply_worked", "resolution_worked", "worked", "n", "version", "packed", "last", "deleted"),
    *("offset", "wrong", "number", "tries", "place", "messages", "id_sum", "id_xor", "last_id"),
    *("last_step", "sign_count", "left", "blocked", "pieces", "sent"),
}
"""Numbers that are no keys."""
