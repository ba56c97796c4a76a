"""Takes an uploaded file: recognises its kind, draws pictures anew, stores it, and posts its
message.

A retry with the same client_id and file is one message and one file: it uses what an earlier try
has stored. Everything runs on the thread of the request.
"""

import math
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import Error

from chat import clock
from chat.conversations import outgoing
from chat.files import heif, kinds, pictures, storage
from chat.files.uploaded import check_size, digest_of
from chat.ledger import ledger
from chat.limits import limits
from chat.models import Attachment, Conversation
from chat.protocol import events
from chat.protocol.errors import Refused

from . import batches
from .items import Draft

MIB = 1024 * 1024


def refuse_early(draft: Draft, conversation: Conversation) -> None:
    """Refuses a file before it is read that the conversation's channel would not take; what an
    earlier try has stored is answered as then."""
    if not conversation.channel or draft.note:
        return
    machine, now = draft.bot or draft.service, clock.now()
    try:
        outgoing.refuse_closed(
            conversation, draft.content, has_file=True, by_machine=machine, now=now
        )
    except Refused:
        if not ledger.stored_rows({draft.key}):
            raise


def post(draft: Draft, upload: UploadedFile, ent_id: str, keys: dict[str, str]) -> dict:
    """Stores a message with its file, as batches.post does one without. `keys` are those whose
    quota it takes. Returns `message.accepted`, with the `attachment`."""
    size = upload.size or 0
    check_size(size)
    limits.take("upload", keys, math.ceil(size / MIB))
    digest = digest_of(upload)
    try:
        return send(draft, upload, ent_id, digest, keys)
    except Error as error:
        detail = "The database cannot take it now; nothing was stored. Send it again."
        raise Refused("unavailable", detail) from error


def send(
    draft: Draft, upload: UploadedFile, ent_id: str, digest: str, keys: dict[str, str]
) -> dict:
    own = None
    file = earlier(draft, digest)
    if file is None:
        file = own = receive(draft, upload, ent_id, digest, keys)
    draft.file = storage.message_data(file)
    try:
        accepted = batches.post(draft)
    except Refused as refused:
        # Whether a lost connection's commit counted is not known: the sweep will see.
        if own and refused.code != "unavailable":
            storage.delete([own])
            # The same, sent twice at once: the other one was first.
            if refused.code == "conflict" and (first := earlier(draft, digest)):
                draft.file = storage.message_data(first)
                return accepted_with(first, batches.post(draft))
        raise
    return accepted_with(file, accepted)


def earlier(draft: Draft, digest: str) -> Attachment | None:
    """What an earlier try of the same message stored of the same file."""
    found = Attachment.objects.filter(
        client_id=draft.client_id, sender=draft.sender, digest=digest
    ).order_by("id")
    return next((file for file in found if storage.exists(file)), None)


def receive(
    draft: Draft, upload: UploadedFile, ent_id: str, digest: str, keys: dict[str, str]
) -> Attachment:
    """Recognises the file's kind, and stores its row and content."""
    file: Any = upload.file
    kind = kinds.detect_kind(file, upload.name or "")
    content: UploadedFile | bytes = upload
    picture: pictures.Picture | None = None
    if kind.picture:
        picture = pictures.redraw(file, keys)
        kind, content = picture.kind, picture.content
    elif kind in heif.KINDS:
        file.seek(0)
        content = heif.strip_metadata(file.read())
    row = Attachment(
        ent_id=ent_id,
        sender=draft.sender,
        client_id=draft.client_id,
        digest=digest,
        name=kinds.safe_name(upload.name or "", kind),
        size=len(content) if isinstance(content, bytes) else upload.size or 0,
        mime=kind.mime,
        width=picture.width if picture else None,
        height=picture.height if picture else None,
    )
    storage.store(row, content, picture.thumbnail if picture else None)
    return row


def accepted_with(file: Attachment, accepted: dict) -> dict:
    return accepted | {"attachment": events.attachment(storage.message_data(file))}
