import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_member_busy'),
    ]

    operations = [
        migrations.AddField(
            model_name='team',
            name='mail_minutes',
            field=models.PositiveSmallIntegerField(blank=True, help_text="When a visitor whom nobody has claimed, or a colleague's mention, waits longer than so many minutes, members with an e-mail address are told, each time once. Empty: never.", null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1440)], verbose_name='mail after (minutes)'),
        ),
        migrations.AddField(
            model_name='team',
            name='reminded_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
