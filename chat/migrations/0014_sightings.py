from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0013_blocks"),
    ]

    operations = [
        migrations.AddField(
            model_name="visitor",
            name="address",
            field=models.CharField(blank=True, default="", max_length=45, verbose_name="address"),
        ),
        migrations.AddField(
            model_name="visitor",
            name="browser",
            field=models.CharField(blank=True, default="", max_length=60, verbose_name="browser"),
        ),
        migrations.AddField(
            model_name="visitor",
            name="device",
            field=models.CharField(blank=True, default="", max_length=60, verbose_name="device"),
        ),
        migrations.AddField(
            model_name="visitor",
            name="path",
            field=models.JSONField(default=list, verbose_name="pages visited"),
        ),
    ]
