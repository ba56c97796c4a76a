"""Reads the audit."""

import orjson

from accounts.models import AuditRow


def newest(**columns) -> AuditRow:
    """The newest row with these columns."""
    found = AuditRow.objects.filter(**columns).order_by("pk").last()
    assert found is not None, (columns, [told(row) for row in AuditRow.objects.all()])
    return found


def told(row: AuditRow) -> str:
    return f"{row.actor_name} {row.action} {row.kind} {row.object_name} by {row.source}"


def details(row: AuditRow) -> dict:
    return orjson.loads(row.details)
