import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import chat.models.alert_choices


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0014_sightings'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AlertChoices',
            fields=[
                ('member', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to=settings.AUTH_USER_MODEL)),
                ('sound', models.JSONField(default=chat.models.alert_choices.usual, verbose_name='sound')),
                ('desktop', models.JSONField(default=chat.models.alert_choices.usual, verbose_name='notification')),
                ('quiet_from', models.TimeField(blank=True, null=True, verbose_name='quiet from')),
                ('quiet_to', models.TimeField(blank=True, null=True, verbose_name='until')),
            ],
            options={
                'db_table': 'alert_choices',
            },
        ),
    ]
