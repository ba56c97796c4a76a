"""While an installation is renewed process by process, a process of the version before still
inserts rows into tables that have columns it does not know. The database has to fill them.

This holds from 0.1.0 on. The step to it renames columns and a table, so it needs a stop."""

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AddField, CreateModel

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def added():
    """(model, field) of every column that was added to a table by a later migration than the one
    that made the table, and that is there now."""
    graph = MigrationLoader(connection).graph
    for app, name in graph.nodes:
        if app not in ("accounts", "chat"):
            continue
        operations = graph.nodes[app, name].operations
        new = {one.name.lower() for one in operations if isinstance(one, CreateModel)}
        for one in operations:
            if not isinstance(one, AddField) or one.model_name.lower() in new:
                continue
            known = apps.get_app_config(app).models.get(one.model_name.lower())
            fields = {field.name: field for field in known._meta.local_fields} if known else {}
            if one.name in fields:
                yield known, fields[one.name]


def test_every_column_that_was_added_later_is_filled_by_the_database():
    described, unfilled = {}, set()
    with connection.cursor() as cursor:
        for model, field in added():
            table = model._meta.db_table
            if table not in described:
                found = connection.introspection.get_table_description(cursor, table)
                described[table] = {column.name: column for column in found}
            column = described[table][field.column]
            if not (field.generated or column.null_ok or column.default is not None):
                unfilled.add((model._meta.model_name, field.name))
    assert not unfilled
