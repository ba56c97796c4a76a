from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_overflow_hours")]

    operations = [
        migrations.AddField(
            "member", "link_sent_at", models.DateTimeField(editable=False, null=True)
        )
    ]
