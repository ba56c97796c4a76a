from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0007_email_keys")]

    operations = [
        migrations.CreateModel(
            name="MergedConversation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ent_id", models.CharField(max_length=100)),
                ("group", models.CharField(max_length=36, unique=True)),
                ("into", models.CharField(db_index=True, max_length=36)),
                ("offset", models.IntegerField()),
            ],
            options={"db_table": "merged_conversation"},
        ),
        # The column keeps its name: a process of the version before writes it meanwhile.
        migrations.AlterField(
            model_name="streamevent",
            name="visitor",
            field=models.CharField(db_column="visitor", default="", max_length=36),
        ),
        migrations.RenameField(model_name="streamevent", old_name="visitor", new_name="about"),
        migrations.AddField(
            model_name="streamevent",
            name="why",
            field=models.CharField(db_default="", default="", max_length=10),
        ),
        migrations.AddField(
            model_name="streamdue",
            name="why",
            field=models.CharField(db_default="", default="", max_length=10),
        ),
    ]
