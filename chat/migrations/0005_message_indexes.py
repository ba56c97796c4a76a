from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0004_agent_notices'),
    ]

    operations = [
        # Before the old one goes: a retry that comes meanwhile must not be stored twice.
        migrations.AddConstraint(
            model_name='groupmessage',
            constraint=models.UniqueConstraint(fields=('sender', 'client_id'), name='group_message_once'),
        ),
        migrations.RemoveConstraint(
            model_name='groupmessage',
            name='group_message_client_id',
        ),
        migrations.RemoveIndex(
            model_name='groupmessage',
            name='group_message_group_id',
        ),
        migrations.RemoveIndex(
            model_name='groupmessage',
            name='group_message_sender',
        ),
    ]
