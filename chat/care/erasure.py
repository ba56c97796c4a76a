"""Taking away all that is known of a visitor, for good.

What goes: the text of every message, note and notice of their conversations, the agents' as well,
since an answer repeats what it answers; files, tags, comments; name, contact and all else that
their row tells; the secret of their cookie, so that nothing opens these conversations from outside.
What stays counts and names nobody: that there were conversations, rows with their numbers and
times, receptions with their stars, and which agents took part. Reports have counted it before.

Columns are emptied unless they are listed here as kept, so that one which is added later goes too.
"""

from datetime import datetime

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.audit import Origin
from accounts.models import Enterprise, Member
from chat import models
from chat.archive import exports
from chat.conversations import claims, floor
from chat.customers import links
from chat.files import storage
from chat.ledger.threads import AGENT_NOTICE, MESSAGE, NOTE, NOTICE, Thread
from chat.protocol.notices import Notice, by
from chat.reports import counting
from chat.stream import notes, sequencer
from chat.webhooks import logs

from . import legal_holds, wal

KEPT = {
    models.Visitor: {"id", "uuid", "ent_id", "created_at"},
    models.Reception: {
        *("id", "group_id", "ent_id", "opened_at", "handed_at", "first_reply_at"),
        *("closed_at", "closed_by"),
        "score",
    },
}
OF_NOBODY = "automatic", "invitation", "bot"
"""What says of a row that no person wrote it for this conversation, as reports do not count it."""
BATCH = 500
"""Files looked up, or rows changed, at a time."""


def by_member(
    visitor: models.Visitor, actor: Member, threads: list[Thread], now: datetime, address: str = ""
) -> None:
    """`address` is the IP address from which the member does it."""
    text = f"{actor.display_name} erased what was known of the visitor"
    origin = Origin(actor.uuid, actor.name, "conversation-visitor", address)
    erase(visitor, threads, now, text, origin, **by(actor))


def by_visitor(visitor: models.Visitor, threads: list[Thread], now: datetime) -> None:
    text = "The visitor erased what was known of them"
    origin = Origin(visitor.uuid, source="visitor-erase")
    erase(visitor, threads, now, text, origin, by=visitor.uuid, by_name="", why="visitor")


def by_age(visitor: models.Visitor, threads: list[Thread], now: datetime, days: int) -> None:
    """Of one who has not come for so many days."""
    text = f"What was known of the visitor was erased after {days} days"
    origin = Origin(source="retention")
    erase(visitor, threads, now, text, origin, by="", by_name="", why="days", days=days)


def erase(
    visitor: models.Visitor,
    threads: list[Thread],
    now: datetime,
    text: str,
    origin: Origin,
    by: str,
    **facts,
) -> None:
    """Erases them, in the caller's transaction, the visitor's row and conversations locked. `text`,
    `origin` and `facts` say whose doing it was, `by` (a uuid) and others. Once more changes
    nothing. Refuses with conflict while a legal hold keeps any of it."""
    if visitor.is_erased:
        return
    legal_holds.refuse(visitor)
    groups = [thread.uuid for thread in threads]
    sequencer.skip(groups)
    counting.settle(groups)
    if "days" not in facts:
        # They last for a day; with somebody who becomes too old each minute none would be made.
        exports.forget(visitor.ent_id, groups)
    delete_imported(visitor)
    models.ArticleUse.objects.by(visitor).update(reader="", words="")
    asked = models.AssistantTask.objects.filter(
        models.theirs(visitor.ent_id), conversation_id__in=groups
    )
    asked.forget()
    delete_files(visitor, groups)
    empty_visitor(visitor)
    own, chain = models.theirs(visitor.ent_id), audit.chain_of(visitor.ent_id)
    empty_rows(models.GroupMessage.objects.filter(own, group_id__in=groups))
    receptions = models.Reception.objects.filter(own, group_id__in=groups)
    empty(models.Reception, receptions)
    receptions.filter(closed_at=None).update(closed_at=now, closed_by=by)
    delete_tags(groups, visitor.ent_id)
    # Whoever writes by a channel afterwards is somebody new.
    models.ChannelContact.objects.filter(own, visitor=visitor).delete()
    models.ChannelDelivery.objects.filter(own, conversation_id__in=groups).delete()
    models.Conversation.objects.filter(own, uuid__in=groups).update(topic="", page="")
    # That it was imported stays known, so that no later run brings it back.
    adopted = models.AdoptedGroup.objects.filter(source__ent_id=visitor.ent_id, group__in=groups)
    adopted.update(theirs="", visitor="")
    for thread in threads:
        empty_thread(thread, visitor)
        thread.notice(Notice.ERASURE, text, by=by, **facts)
    links.forget(visitor, now)
    notes.visitor_erased(visitor, now)
    logs.empty(visitor.ent_id, [visitor.uuid, *groups])
    audit.forget(visitor.uuid, chain)
    note(visitor, origin, len(groups))


@transaction.atomic
def of_reader(reader: models.Visitor) -> None:
    """Erases what is stored of a visitor without a row, at their own wish."""
    wal.empty_after_commit()
    models.ArticleUse.objects.by(reader).update(reader="", words="")
    note(reader, Origin(reader.uuid, source="visitor-erase"), 0)


def note(visitor: models.Visitor, origin: Origin, conversations: int) -> None:
    about = {"kind": "visitor", "object_id": visitor.uuid, "visitor": visitor.uuid}
    details = {"conversations": conversations}
    chain = audit.chain_of(visitor.ent_id)
    audit.note(audit.Action.ERASED, chain, origin, details=details, **about)


def delete_imported(visitor: models.Visitor) -> None:
    """Deletes what an import of customers has done to them, and is still to do. A file that is not
    checked to its end is refused: any line that is not read yet may name them."""
    names = {visitor.identity.get("id", ""), visitor.email.lower()} - {""}
    if names:
        own = Enterprise.objects.filter(code=visitor.ent_id)
        unread = models.CustomerImport.State.WAITING, models.CustomerImport.State.CHECKING
        models.CustomerImport.objects.filter(enterprise__in=own, state__in=unread).update(
            state=models.CustomerImport.State.FAILED, problem="erased", finished_at=timezone.now()
        )
    lines = models.CustomerImportRow.objects.filter(models.theirs(visitor.ent_id))
    lines.filter(Q(visitor=visitor) | Q(who__in=names)).delete()


def delete_files(visitor: models.Visitor, groups: list[str]) -> None:
    """Removes files, on their way or told of by a message, once it is sure that all else goes.
    Should that fail, no message tells of them any more and the sweep takes them."""
    own = models.theirs(visitor.ent_id)
    told = files_of(models.GroupMessage.objects.filter(own, group_id__in=groups), visitor.ent_id)
    known = {file.key for file in told}
    sent = models.Attachment.objects.filter(own, sender=visitor.uuid)
    delete_after_commit([*told, *(file for file in sent if file.key not in known)])


def files_of(messages, ent_id: str) -> list[models.Attachment]:
    """The files of the enterprise that these messages tell of."""
    told = messages.filter(data__isnull=False)
    keys = [
        key for row in told.only("data").iterator(BATCH) if (key := storage.attachment_key(row))
    ]
    return [
        file
        for start in range(0, len(keys), BATCH)
        for file in models.Attachment.objects.filter(
            models.theirs(ent_id), key__in=keys[start : start + BATCH]
        )
    ]


def delete_after_commit(rows: list[models.Attachment]) -> None:
    """Deletes these files after the commit, when it is certain that everything else is gone."""
    transaction.on_commit(lambda: storage.delete(rows), robust=True)


def delete_tags(groups: list[str], ent_id: str) -> None:
    """Deletes their tags, also from the enterprise's list unless another conversation has them."""
    worn = models.ConversationTag.objects.filter(conversation_id__in=groups, tag__ent_id=ent_id)
    tags = list(worn.values_list("tag_id", flat=True))
    worn.delete()
    models.Tag.objects.filter(pk__in=tags, ent_id=ent_id, conversationtag=None).delete()


def empty_visitor(visitor: models.Visitor) -> None:
    """The row, and where its name was copied to: seats, the administration's log."""
    log_of(visitor).update(object_repr="")
    empty(models.Visitor, models.Visitor.objects.filter(pk=visitor.pk), label=_("Erased visitor"))
    visitor.refresh_from_db()
    own = models.theirs(visitor.ent_id)
    groups = models.Conversation.objects.filter(own, visitor=visitor).values_list("uuid", flat=True)
    seats = models.ChatGroup.objects.filter(own, uuid__in=list(groups))
    # Without a seat nothing is stored in their name, whatever socket is still open.
    seats.for_member(visitor.uuid).delete()
    models.GroupMember.objects.filter(own, member_id=visitor.uuid).delete()
    models.Presence.objects.filter(who=visitor.uuid).delete()
    models.VisitorAttribute.objects.filter(own, visitor=visitor).delete()
    models.SiteVisit.objects.filter(visitor=visitor, enterprise__code=visitor.ent_id).delete()
    seats.update(group_name=visitor.label)


def log_of(visitor: models.Visitor) -> QuerySet[LogEntry]:
    """What the administration's log says of them; it has their name."""
    log = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(models.Visitor))
    return log.filter(object_id=str(visitor.pk))


def empty(model, rows, **instead) -> None:
    """Sets all columns of these rows to their defaults, but for those that are kept."""
    fields = [field for field in model._meta.concrete_fields if field.name not in KEPT[model]]
    rows.update(**{field.name: field.get_default() for field in fields} | instead)


def empty_rows(rows) -> None:
    """Messages and notes become notices that say nothing, each under its number; the agents' keep
    out of a visitor's sight as before. Once that is committed the database's log is emptied."""
    wal.empty_after_commit()
    blank = {"message_content": "", "sender_name": "", "sender_avatar": ""}
    of_nobody = {name: ids_of(rows.filter(**{f"data__{name}": True})) for name in OF_NOBODY}
    rows.update(**blank, data=Notice.ERASED.data())
    for name, ids in of_nobody.items():
        for start in range(0, len(ids), BATCH):
            some = models.GroupMessage.objects.filter(pk__in=ids[start : start + BATCH])
            some.update(data={**Notice.ERASED.data(), name: True})
    rows.filter(message_type=MESSAGE).update(message_type=NOTICE)
    rows.filter(message_type=NOTE).update(message_type=AGENT_NOTICE)


def ids_of(rows) -> list[int]:
    return list(rows.values_list("pk", flat=True))


def empty_thread(thread: Thread, visitor: models.Visitor) -> None:
    """The conversation is closed: nobody waits, nothing is unread, and no tag is left."""
    thread.message_seq = 0
    thread.open = thread.waiting = False
    thread.end_snooze()
    thread.cancel_closing()
    thread.set_quarantine(None)
    claims.clear_holder(thread)
    floor.end(thread)
    thread.set_columns(open=False, tags=[], quarantined_for="", emptied_seq=thread.last_seq)
    thread.facts |= {"open": False, "waiting_since": None, "rating": None, "last": None}
    thread.facts |= {"tags": [], "group_name": visitor.label}
    called = models.ChatGroup.objects.of(thread).mentioned()
    thread.mentioned = dict.fromkeys(called.values_list("member_id", flat=True), 0)
    for who in thread.agents():
        thread.seats[who].moved, thread.seats[who].unread = True, 0
