from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0012_visitor_last_seen"),
    ]

    operations = [
        migrations.AddField(
            model_name="visitor",
            name="block_reason",
            field=models.CharField(blank=True, default="", max_length=200, verbose_name="reason"),
        ),
        migrations.AddField(
            model_name="visitor",
            name="blocked_by",
            field=models.CharField(
                blank=True, default="", max_length=125, verbose_name="blocked by"
            ),
        ),
        migrations.AddField(
            model_name="visitor",
            name="blocked_until",
            field=models.DateTimeField(db_index=True, null=True, verbose_name="blocked until"),
        ),
    ]
