from django.db import migrations, models

BOTH = "您好！请问有什么可以帮您？ Hello! How can we help?"
"""What every new team said so far, to visitors of either language."""


def leave_to_the_page(apps, schema_editor):
    apps.get_model("accounts", "Team").objects.filter(greeting=BOTH).update(greeting="")


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0002_team_target"),
    ]

    operations = [
        migrations.RunPython(leave_to_the_page, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="team",
            name="greeting",
            field=models.CharField(blank=True, default="", help_text="What a visitor reads before writing the first message. Left empty, a few words in the visitor's own language.", max_length=500, verbose_name="greeting"),
        ),
    ]
