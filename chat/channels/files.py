"""Files of theirs: fetched, and kept as uploads are, or said in words why not."""

import hashlib
from io import BytesIO

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.utils.translation import gettext as _

from chat.files import storage
from chat.files.uploaded import MAX_SIZE
from chat.models import Channel, ChannelArrival
from chat.posting import uploads
from chat.posting.items import Draft
from chat.protocol import errors
from chat.protocol.errors import Refused

from . import kinds, words
from .contract import Arrived, Failed

TRIES = 5
"""Times that a file is fetched before the row says that it could not be."""


def fetch(
    channel: Channel, arrival: ChannelArrival, arrived: Arrived, *, who: str, client_id: str
) -> tuple[dict | None, str]:
    """The facts of the stored file of a message that becomes `client_id` of the visitor `who`; or
    None, and what the row says instead. Raises Failed where it is to be tried again."""
    file = arrived.file
    assert file is not None
    name, size = file.name, file.size
    try:
        if size > MAX_SIZE:
            raise Refused("too_long", "", limit=MAX_SIZE)
        content, name = kinds.adapter_of(channel).download(channel, file, MAX_SIZE)
        size = len(content)
        return keep(channel, content, name, who, client_id), ""
    except Failed as failed:
        if not failed.final and arrival.tries + 1 < TRIES:
            raise
        with words.spoken(channel):
            reason = _("It could not be fetched: %(words)s") % {
                "words": failed.words or failed.code
            }
            return None, with_text(words.of_file(name, size, reason), arrived)
    except Refused as refused:
        if refused.code == "unavailable":
            raise
        if refused.code == "rate_limited":  # As many pictures are being drawn as can be.
            raise Failed(refused.code, refused.detail) from refused
        with words.spoken(channel):
            reason = str(errors.explain(refused))
            return None, with_text(words.of_file(name, size, reason), arrived)


def keep(channel: Channel, content: bytes, name: str, who: str, client_id: str) -> dict:
    """The facts of the file, stored as an upload of the visitor; one that an earlier try stored is
    used again. Raises Refused as uploads do."""
    upload = InMemoryUploadedFile(BytesIO(content), "file", name, "", len(content), None)
    draft = Draft(who, "", "", client_id, "", None)
    digest = hashlib.sha256(content).hexdigest()
    found = uploads.earlier(draft, digest)
    found = found or uploads.receive(
        draft, upload, channel.ent_id, digest, {"channel": channel.key}
    )
    return storage.message_data(found)


def with_text(said: str, arrived: Arrived) -> str:
    return "\n".join(filter(None, [said, arrived.content]))
