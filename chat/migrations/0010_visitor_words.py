from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0009_customer_imports")]

    operations = [
        migrations.AddIndex(
            model_name="visitor",
            index=models.Index(
                fields=["ent_id", "blocked", "label", "contact", "email_key"], name="visitor_words"
            ),
        ),
    ]
