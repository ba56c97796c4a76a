from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0001_schema")]

    operations = [
        migrations.AddField(
            model_name="visitor",
            name="contact_by",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "Unknown"),
                    ("visitor", "Visitor"),
                    ("proven", "Proven"),
                    ("site", "Site"),
                    ("member", "Member"),
                    ("program", "Program"),
                    ("import", "Import"),
                ],
                db_default="",
                default="",
                editable=False,
                max_length=10,
            ),
        ),
    ]
