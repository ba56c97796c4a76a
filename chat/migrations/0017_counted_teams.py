import django.db.models.deletion
from django.db import migrations, models


class AlterOnServers(migrations.AlterField):
    """Leaves SQLite alone: it would write the whole table anew, and has one lock for all rows."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "sqlite":
            super().database_forwards(app_label, schema_editor, from_state, to_state)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_notifications"), ("chat", "0016_notifications")]

    operations = [
        AlterOnServers(
            model_name=name,
            name="team",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="accounts.team",
            ),
        )
        for name in ("countedreception", "countedmessages")
    ]
