from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0031_waiting'),
    ]

    operations = [
        migrations.AddField(
            model_name='conversation',
            name='origin',
            field=models.CharField(blank=True, choices=[('', 'Live'), ('demo', 'Demo')], db_default='', default='', max_length=10),
        ),
    ]
