from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0011_tags_and_snoozes"),
    ]

    operations = [
        migrations.AddField(
            model_name="visitor",
            name="last_seen_at",
            field=models.DateTimeField(null=True, verbose_name="last seen"),
        ),
    ]
