"""The full-text index over article_index, which Django cannot express: FTS5 with triggers on
SQLite, FULLTEXT on MariaDB and MySQL."""

from django.db import migrations

SQLITE = (
    "CREATE VIRTUAL TABLE article_words USING fts5("
    "title, body, content='article_index', content_rowid='id', tokenize='ascii')",
    "CREATE TRIGGER article_words_added AFTER INSERT ON article_index BEGIN"
    " INSERT INTO article_words (rowid, title, body)"
    " VALUES (new.id, new.title, new.body); END",
    "CREATE TRIGGER article_words_removed AFTER DELETE ON article_index BEGIN"
    " INSERT INTO article_words (article_words, rowid, title, body)"
    " VALUES ('delete', old.id, old.title, old.body); END",
    "CREATE TRIGGER article_words_changed AFTER UPDATE ON article_index BEGIN"
    " INSERT INTO article_words (article_words, rowid, title, body)"
    " VALUES ('delete', old.id, old.title, old.body);"
    " INSERT INTO article_words (rowid, title, body)"
    " VALUES (new.id, new.title, new.body); END",
)
MYSQL = ("CREATE FULLTEXT INDEX article_words ON article_index (title, body)",)


def create(apps, schema_editor):
    sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in SQLITE if sqlite else MYSQL:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name in ("added", "removed", "changed"):
            schema_editor.execute(f"DROP TRIGGER article_words_{name}")
        schema_editor.execute("DROP TABLE article_words")
    else:
        schema_editor.execute("DROP INDEX article_words ON article_index")


class Migration(migrations.Migration):
    dependencies = [("chat", "0011_knowledge")]

    operations = [migrations.RunPython(create, drop, atomic=False)]
