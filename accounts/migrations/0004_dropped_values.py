from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_customers")]

    operations = [
        migrations.AlterField(
            model_name="auditrow",
            name="action",
            field=models.CharField(
                choices=[
                    ("added", "added"),
                    ("changed", "changed"),
                    ("deleted", "deleted"),
                    ("used", "used"),
                    ("signed_in", "signed in"),
                    ("sign_in_failed", "failed sign-ins"),
                    ("link_sent", "sent a password link"),
                    ("read", "read without taking part"),
                    ("exported", "exported"),
                    ("shown", "showed contact details"),
                    ("erased", "erased"),
                    ("dropped", "left out"),
                    ("cut", "audit shortened"),
                ],
                max_length=20,
                verbose_name="action",
            ),
        ),
    ]
