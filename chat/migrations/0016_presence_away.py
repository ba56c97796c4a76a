import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0015_alert_choices'),
    ]

    operations = [
        migrations.AddField(
            model_name='presence',
            name='away',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='alertchoices',
            name='away_minutes',
            field=models.PositiveSmallIntegerField(db_default=10, default=10, help_text='Colleagues see it; to visitors you are not online meanwhile. 0: never.', validators=[django.core.validators.MaxValueValidator(480)], verbose_name='away after (minutes without input)'),
        ),
    ]
