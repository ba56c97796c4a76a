from django.db import migrations
from django.db.models import Max

OLD = {"view": "held", "notice": "held_over"}
NEW = {"view": "quarantined", "notice": "quarantine_over"}
AGENT_NOTICE = 4
IDS = 20_000
"""Ids of rows in one look, which locks only the notices that it changes."""


def replace(apps, old, new):
    """Writes the new words where rows have the old ones. A run that was cut off may be repeated."""
    apps.get_model("accounts", "Member").objects.filter(inbox_view=old["view"]).update(
        inbox_view=new["view"]
    )
    for name in ("SavedView", "ArchiveExport"):
        model = apps.get_model("chat", name)
        for row in model.objects.filter(fields__state=old["view"]):
            model.objects.filter(pk=row.pk).update(fields={**row.fields, "state": new["view"]})
    replace_notices(apps.get_model("chat", "GroupMessage"), old["notice"], new["notice"])


def replace_notices(model, old, new):
    last = model.objects.aggregate(last=Max("pk"))["last"] or 0
    for start in range(0, last, IDS):
        rows = model.objects.filter(pk__gt=start, pk__lte=start + IDS, message_type=AGENT_NOTICE)
        found = list(rows.filter(data__event=old).only("data"))
        for row in found:
            row.data["event"] = new
        model.objects.bulk_update(found, ["data"], batch_size=500)


class Migration(migrations.Migration):
    """The words of the quarantine in rows: the remembered view of a member, the state among an
    archive's filters, and the notice of an end by age."""

    atomic = False
    dependencies = [("chat", "0003_quarantined"), ("accounts", "0001_schema")]

    operations = [
        migrations.RunPython(
            lambda apps, editor: replace(apps, OLD, NEW),
            lambda apps, editor: replace(apps, NEW, OLD),
        )
    ]
