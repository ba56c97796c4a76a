"""Files with customers that a test uploads, and has checked, stored and undone at once."""

from unittest import mock

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.audit import Origin
from chat import leased
from chat.bulk.customer_imports import files, jobs
from chat.models import CustomerImport

PLACE = "/admin/customers/import/"


def upload(content: str | bytes, name: str = "customers.csv") -> SimpleUploadedFile:
    data = content.encode() if isinstance(content, str) else content
    return SimpleUploadedFile(name, data, "text/csv")


def receive(member, content: str | bytes) -> CustomerImport:
    return files.receive(member, member.enterprise, upload(content), origin=Origin())


def worked(row: CustomerImport) -> CustomerImport:
    """The row once this process has done the step that it is in."""
    taken = jobs.take(timezone.now())
    assert taken.pk == row.pk
    with mock.patch.object(leased, "REST", 0):
        jobs.go_on(taken)
    row.refresh_from_db()
    return row


def checked(member, content: str | bytes) -> CustomerImport:
    row = worked(receive(member, content))
    assert row.state == "ready", row.problem
    return row


def stored(member, content: str | bytes) -> CustomerImport:
    row = checked(member, content)
    files.begin(row, ignored=True)
    return worked(row)


def undone(row: CustomerImport) -> CustomerImport:
    files.undo(row, timezone.now())
    return worked(row)


def lines(row: CustomerImport) -> list[tuple]:
    """What each line does, and the column and the reason of a problem."""
    return list(row.rows.order_by("line").values_list("line", "what", "column", "problem"))
