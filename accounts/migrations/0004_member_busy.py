from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_greetings'),
    ]

    operations = [
        migrations.AddField(
            model_name='member',
            name='busy',
            field=models.BooleanField(db_default=False, default=False, verbose_name='busy'),
        ),
    ]
