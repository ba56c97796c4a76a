from django.db import migrations

from chat.models.visitor import WORDS, first_valid

BATCH = 1_000


def fill(apps, schema_editor):
    """Sets the key of every visitor who has an address."""
    Visitor = apps.get_model("chat", "Visitor")
    rows, after = Visitor.objects.exclude(contact="", identity={}), 0
    while some := list(rows.filter(pk__gt=after).order_by("pk")[:BATCH]):
        after = some[-1].pk
        found = []
        for row in some:
            email = first_valid([row.identity.get("email", ""), *WORDS.split(row.contact)])
            if email:
                row.email_key = email.lower()
                found.append(row)
        Visitor.objects.bulk_update(found, ["email_key"], batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("chat", "0006_customers")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
