from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("chat", "0004_quarantined_words")]

    operations = [
        migrations.RenameModel("Errand", "MailJob"),
        migrations.AlterModelTable("mailjob", "mail_job"),
    ]
