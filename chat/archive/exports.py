"""Exports as members see them: asked for, looked at, cancelled, fetched; and what an erasure takes
away. export_jobs.py makes the files."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Enterprise, Member
from chat import leased
from chat.files import storage
from chat.ledger import access
from chat.models import (
    ArchiveExport,
    Conversation,
    ExportedConversation,
    MergedConversation,
    theirs,
)
from chat.protocol.errors import Refused

from . import question
from .question import Asked

KEPT = timedelta(hours=24)
"""For how long a finished export, and the link to it, is there."""
MOST_CHOSEN = 500
"""Conversations that can be ticked: those of some pages."""
MOST_WAITING = 5
"""Unfinished exports of an enterprise."""
SALT = "archive-export"
State = ArchiveExport.State
UNFINISHED = (State.WAITING, State.RUNNING)


def ask_for(member: Member, asked: Asked, kind: str, chosen: list[str]) -> ArchiveExport:
    """Notes that a member wants these conversations, or without any those that the filters find.
    Raises `Refused`."""
    if kind not in ArchiveExport.Kind.values:
        raise Refused("bad_field", "kind is csv, json or zip.", field="kind")
    if kind == ArchiveExport.Kind.ZIP and member.enterprise_id != asked.enterprise.pk:
        raise Refused("forbidden", "Files are for members of the enterprise.")
    if len(chosen) > MOST_CHOSEN:
        raise Refused("bad_field", f"{MOST_CHOSEN} at the most.", field="group")
    code = asked.enterprise.code
    own = Conversation.objects.filter(theirs(code), uuid__in=chosen)
    if missing := set(chosen) - set(own.values_list("uuid", flat=True)):
        merged = MergedConversation.objects.filter(theirs(code), group__in=missing).first()
        raise (
            access.merged_into(merged.into)
            if merged
            else Refused("not_found", "There is no such conversation.")
        )
    with transaction.atomic():
        # One after the other, so that their number holds.
        Enterprise.objects.select_for_update().get(pk=asked.enterprise.pk)
        waiting = ArchiveExport.objects.filter(enterprise=asked.enterprise, state__in=UNFINISHED)
        if waiting.count() >= MOST_WAITING:
            raise Refused("bad_field", "Others are being made.", field="exports")
        return ArchiveExport.objects.create(
            enterprise=asked.enterprise,
            member=member,
            kind=kind,
            fields=asked.fields,
            chosen=sorted(set(chosen)),
        )


def visible_to(member: Member, enterprise: Enterprise) -> QuerySet[ArchiveExport]:
    """The member's own; for a manager all of the enterprise. Newest first."""
    rows = ArchiveExport.objects.filter(enterprise=enterprise).select_related("member")
    if not (member.is_manager and member.enterprise_id == enterprise.pk):
        rows = rows.filter(member=member)
    return rows.order_by("-pk")


def one_for(member: Member, pk: int) -> ArchiveExport | None:
    """An export that a member may see, and still may read what is in it; None for any other."""
    row = ArchiveExport.objects.filter(pk=pk).select_related("enterprise").first()
    if row is None or not question.may_read(member):
        return None
    if not member.is_superuser and member.enterprise_id != row.enterprise_id:
        return None
    return visible_to(member, row.enterprise).filter(pk=pk).first()


def cancel(row: ArchiveExport) -> None:
    """Ends an export, whatever it has come to, and deletes its file."""
    ArchiveExport.objects.filter(pk=row.pk).delete()
    # Read after the row is gone: whoever works on it notices, and leaves no file.
    remove_files([row])


def token_of(row: ArchiveExport) -> str:
    """What the link to a finished file has; it counts for this file and for KEPT."""
    return signing.dumps([row.pk, row.key], salt=SALT)


def is_link(row: ArchiveExport, token: str) -> bool:
    try:
        return signing.loads(token, salt=SALT, max_age=KEPT) == [row.pk, row.key]
    except signing.BadSignature:
        return False


def file_of(row: ArchiveExport, now: datetime) -> Path | None:
    """The file of a finished export; None where it is not there any more."""
    if row.state != State.DONE or row.finished_at + KEPT <= now:
        return None
    path = path_of(row.key, row.kind)
    return path if path.is_file() else None


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "exports"


def path_of(key: str, kind: str) -> Path:
    return folder() / f"{key or 'none'}.{kind}"


def check_disk(size: int = 0) -> None:
    """Raises OSError where `size` more bytes would leave too little room for messages."""
    if shutil.disk_usage(folder()).free < size + storage.MIN_FREE_BYTES:
        raise OSError("there is too little free space")


def forget(ent_id: str, groups: list[str]) -> None:
    """Takes what an erasure takes away out of all exports, in the caller's transaction: those that
    have one of these conversations are deleted, or begun anew. Once more after the commit, for what
    began meanwhile."""
    delete_with(ent_id, groups)
    transaction.on_commit(lambda: delete_with(ent_id, groups), robust=True)


def delete_with(ent_id: str, groups: list[str]) -> None:
    having = ExportedConversation.objects.filter(
        group_id__in=groups, export__enterprise__code=ent_id
    )
    ids = set(having.values_list("export_id", flat=True))
    if not ids:
        return
    rows = list(ArchiveExport.objects.filter(pk__in=ids))
    ExportedConversation.objects.filter(export__in=ids).delete()
    # Another key: whoever works on it notices. What was finished is gone.
    begun = ArchiveExport.objects.filter(pk__in=ids, state=State.RUNNING)
    begun.update(state=State.WAITING, key="", taken_at=None, tries=0)
    ArchiveExport.objects.filter(pk__in=ids).exclude(state=State.WAITING).delete()
    transaction.on_commit(lambda: remove_files(rows), robust=True)


def move(ent_id: str, group: str, to: str) -> None:
    """A conversation has become a part of another one, in the caller's transaction: an erasure of
    that one finds the exports that have this one. Once more after the commit, for what began
    meanwhile."""
    move_rows(ent_id, group, to)
    transaction.on_commit(lambda: move_rows(ent_id, group, to), robust=True)


def move_rows(ent_id: str, group: str, to: str) -> None:
    found = ExportedConversation.objects.filter(group_id=group, export__enterprise__code=ent_id)
    ids = list(found.values_list("pk", flat=True))
    ExportedConversation.objects.filter(pk__in=ids).update(group_id=to)


def remove_files(rows: list[ArchiveExport]) -> None:
    for row in rows:
        path_of(row.key, row.kind).unlink(missing_ok=True)


def delete_old(now: datetime | None = None) -> None:
    """Deletes exports whose time is over, and files of which no row tells any more."""
    now = now or timezone.now()
    old = list(ArchiveExport.objects.filter(finished_at__lte=now - KEPT))
    ArchiveExport.objects.filter(pk__in=[row.pk for row in old]).delete()
    remove_files(old)
    leased.delete_orphans(folder(), ArchiveExport.objects.values_list("key", flat=True))
