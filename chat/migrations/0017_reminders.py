from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0016_presence_away'),
    ]

    operations = [
        migrations.AddField(
            model_name='conversation',
            name='reminded_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='chatgroup',
            name='reminded_seq',
            field=models.IntegerField(db_default=0, default=0),
        ),
    ]
