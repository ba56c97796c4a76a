from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_dropped_values")]

    operations = [
        migrations.AddField(
            model_name="enterprise",
            name="suggests_articles",
            field=models.BooleanField(
                db_default=True,
                default=True,
                verbose_name="suggest articles while visitors write",
            ),
        ),
    ]
