"""The database backend: what a transaction costs, and that it is one."""

import pytest
from django.db import connection, models, transaction
from django.test.utils import isolate_apps

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


@pytest.mark.parametrize("null", [False, True])
@isolate_apps("accounts")
def test_a_column_of_json_gets_a_default_later_and_keeps_the_rest(null):
    """MySQL refuses ALTER COLUMN … SET DEFAULT for it, and an enterprise's texts got theirs so."""

    class Draft(models.Model):
        texts = models.JSONField(null=null, db_comment="what is said")

        class Meta:
            app_label = "accounts"
            db_table = "a_draft_of_this_test"

    after = models.JSONField(null=null, db_comment="what is said", db_default={"a": "b"})
    after.set_attributes_from_name("texts")
    after.model = Draft
    with connection.schema_editor() as editor:
        editor.create_model(Draft)
    try:
        with connection.schema_editor() as editor:
            editor.alter_field(Draft, Draft._meta.get_field("texts"), after)
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO a_draft_of_this_test (id) VALUES (1)")
            cursor.execute("SELECT texts FROM a_draft_of_this_test")
            assert cursor.fetchone()[0].replace(" ", "") == '{"a":"b"}'
            cursor.execute(
                "SELECT is_nullable, column_comment FROM information_schema.columns WHERE"
                " table_name = 'a_draft_of_this_test' AND column_name = 'texts'"
            )
            assert cursor.fetchone() == ("YES" if null else "NO", "what is said")
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(Draft)
