"""A conversation as a text to keep: what its visitor may see of it, in the active language and the
reader's own time. Notes and notices to colleagues are not in it, nor is what was taken back."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from datetime import timezone as zones
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.validators import EmailValidator
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.mails import deliver
from accounts.models import Enterprise
from chat.delivery.threads import MESSAGE
from chat.mail import jobs
from chat.protocol.errors import Refused
from chat.protocol.sizes import size_text
from chat.reading import history

from .models import Conversation, GroupMessage
from .templatetags.chat import notice_to_visitor

MOST = 1024 * 1024
"""Characters of a transcript: two years of chatting. Of a longer one the newest part is given."""
MAX_EMAIL = 125
"""Characters of an address, as for members."""


def zone_of(name: str) -> tuple[tzinfo, str]:
    """The time zone that a browser names, with its name; UTC for none that is known here."""
    try:
        return ZoneInfo(name[:64]), name[:64]
    except (ValueError, OSError, KeyError):  # As names of no zone, folders and paths are refused.
        return zones.utc, "UTC"


def text_of(conversation: Conversation, enterprise: Enterprise, zone_name: str) -> str:
    zone, shown = zone_of(zone_name)
    parts, length, more = [], 0, True
    before = None
    while more and length < MOST:
        rows, more = history.messages(conversation, as_visitor=True, before=before, limit=200)
        if not rows:
            break
        before = rows[0]["seq"]
        parts.append(rows)
        length += sum(len(row["content"] or "") + 40 for row in rows)
    messages = [row for rows in reversed(parts) for row in rows]
    now = timezone.now().astimezone(zone)
    head = [
        f"{enterprise.name} · {conversation.team.name}",
        _("Conversation, as of %(time)s. All times are %(zone)s.")
        % {"time": f"{now:%Y-%m-%d %H:%M}", "zone": shown},
    ]
    if more:
        head.append(_("It is very long: this is its newest part."))
    return "\n".join([*head, *lines(messages, conversation.visitor_id, zone)]) + "\n"


def lines(messages: list[dict], visitor: str, zone: tzinfo) -> Iterator[str]:
    day = None
    for message in messages:
        at: datetime = message["created_at"].astimezone(zone)
        said = words(message, visitor)
        if not said:
            continue
        if at.date() != day:
            day = at.date()
            yield ""
            yield f"—— {date_format(at, 'DATE_FORMAT')} ——"
        # What belongs to a message stands under its first line: nobody can write a line that
        # looks like another one's.
        yield f"{at:%H:%M}  " + said.replace("\n", "\n       ")


def words(message: dict, visitor: str) -> str:
    """What a message comes to; empty for what pages show no line for."""
    data = message["data"] or {}
    if message["kind"] == "notice":
        silent = data.get("event") in ("recall", "erased", "erasure")
        return "" if silent else f"— {notice_to_visitor(message, visitor)}"
    name = _("You") if message["sender"] == visitor else message["sender_name"]
    if message.get("automatic"):
        name = _("%(name)s (automatic)") % {"name": name}
    said = [message["content"] or ""]
    if file := message["attachment"]:
        word = _("[Picture]") if file["width"] else _("[File]")
        said.insert(0, f"{word} {file['name']} ({size_text(file['size'])})")
    return _("%(name)s: %(text)s") % {"name": name, "text": "\n".join(filter(None, said))}


def address(text: str) -> str:
    """One mail address; refuses anything else."""
    text = text.strip()
    try:
        EmailValidator()(text)
    except Exception as error:
        raise Refused("bad_field", "email is one address.") from error
    if len(text) > MAX_EMAIL or not text.isascii():
        raise Refused("bad_field", "email is one address.")
    return text


def check_answered(conversation: Conversation) -> None:
    """Only what was answered is mailed: else anybody could have us send their own words to people
    who never asked. An invitation answers nothing."""
    said = GroupMessage.objects.in_group(conversation.uuid).filter(message_type=MESSAGE)
    said = said.filter(data__invitation__isnull=True)
    if not said.exclude(sender__in=("", conversation.visitor_id)).exists():
        raise Refused("conflict", "Nobody has answered yet.")


def mail(conversation: Conversation, enterprise: Enterprise, zone_name: str, to: str) -> None:
    """Sends it, on a thread that may wait for the mail server."""
    subject = _("Your conversation with %(name)s") % {"name": " ".join(enterprise.name.split())}
    text = text_of(conversation, enterprise, zone_name)
    message = EmailMessage(subject, text, settings.DEFAULT_FROM_EMAIL, to=[to])
    jobs.POST.submit(deliver, message)
