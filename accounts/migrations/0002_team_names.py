"""Names the default teams in every language, where they still have the name they were made with."""

from django.db import migrations

NAMES = {"en": "Customer service", "zh-hans": "在线客服"}


def name_in_every_language(apps, schema_editor):
    teams = apps.get_model("accounts", "Team").objects.filter(slug="service")
    for team in teams.filter(name__in=NAMES.values()).select_related("enterprise"):
        for language, name in NAMES.items():
            if language != team.enterprise.text_language:
                team.translations.setdefault(language, {})["name"] = name
        team.save(update_fields=["translations"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_schema")]
    operations = [migrations.RunPython(name_in_every_language, migrations.RunPython.noop)]
