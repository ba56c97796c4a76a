import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_notifications")]

    operations = [
        migrations.AlterField(
            model_name="team",
            name="overflow_minutes",
            field=models.PositiveSmallIntegerField(
                db_default=5,
                default=5,
                help_text="Only working hours count. If nobody has answered after twice the time, the leaders are told; after three times, the visitor is asked to leave a message.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(1440),
                ],
                verbose_name="overflows after (minutes)",
            ),
        )
    ]
