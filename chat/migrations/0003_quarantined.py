from django.db import migrations, models


class Migration(migrations.Migration):
    """The columns of the quarantine get its name. Its index and `uncounted`, which is computed from
    one of them, are made anew: Django renames no columns within these, and MySQL none on which
    another one depends."""

    dependencies = [("chat", "0002_contact_by")]

    operations = [
        migrations.RemoveIndex("conversation", "conversation_held"),
        migrations.RemoveIndex("conversation", "conversation_uncounted"),
        migrations.RemoveField("conversation", "uncounted"),
        migrations.RenameField("conversation", "held_since", "quarantined_since"),
        migrations.RenameField("conversation", "held_for", "quarantined_for"),
        migrations.AddField(
            "conversation",
            "uncounted",
            models.GeneratedField(
                db_persist=False,
                expression=models.Q(last_seq__gt=models.F("counted_seq"), quarantined_for=""),
                output_field=models.SmallIntegerField(),
            ),
        ),
        migrations.AddIndex(
            "conversation",
            models.Index(fields=["ent_id", "quarantined_since"], name="conversation_quarantined"),
        ),
        migrations.AddIndex(
            "conversation",
            models.Index(fields=["uncounted", "ent_id"], name="conversation_uncounted"),
        ),
    ]
