from django.db import migrations, models
from django.db.models import F


def tell_origin(apps, schema_editor):
    """Of what was counted before; and all days are packed anew, the demo's figures apart."""
    demo = apps.get_model("chat", "Conversation").objects.filter(origin="demo").values("uuid")
    for name in ("CountedReception", "CountedMessages"):
        apps.get_model("chat", name).objects.filter(group_id__in=demo).update(origin="demo")
    apps.get_model("chat", "CountedDay").objects.update(version=F("version") + 1)


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0039_asked_default'),
    ]

    operations = [
        migrations.AddField(
            model_name='countedmessages',
            name='origin',
            field=models.CharField(db_default='', default='', max_length=10),
        ),
        migrations.AddField(
            model_name='countedreception',
            name='origin',
            field=models.CharField(db_default='', default='', max_length=10),
        ),
        migrations.RunPython(tell_origin, migrations.RunPython.noop),
    ]
