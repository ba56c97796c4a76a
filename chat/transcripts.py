"""Transcripts: a conversation as plain text for its visitor, in the active language and the
reader's time zone. They contain what the visitor may see, without recalled messages."""

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
from chat.ledger import visible_names
from chat.ledger.threads import MESSAGE
from chat.mail import jobs
from chat.protocol import citations, formatting
from chat.protocol.errors import Refused
from chat.protocol.sizes import size_text
from chat.reading import history, undone

from .models import Conversation, GroupMessage
from .templatetags import notices

MAX_LENGTH = 1024 * 1024
"""Characters of a transcript, about two years of messages. A longer one contains the newest
part."""
MAX_EMAIL = 125
"""Characters of an e-mail address, as for members."""


def find_zone(name: str) -> tuple[tzinfo, str]:
    """The time zone of this name, as a browser sends it, and its name; UTC for an unknown one."""
    try:
        return ZoneInfo(name[:64]), name[:64]
    except (ValueError, OSError, KeyError):  # Unknown names, and names of files and directories.
        return zones.utc, "UTC"


def transcript_text(conversation: Conversation, enterprise: Enterprise, zone_name: str) -> str:
    zone, shown = find_zone(zone_name)
    parts, length, more = [], 0, True
    before = None
    while more and length < MAX_LENGTH:
        rows, more = history.messages(conversation, as_visitor=True, before=before, limit=200)
        if not rows:
            break
        before = rows[0]["seq"]
        parts.append(rows)
        length += sum(len(row["content"] or "") + 40 for row in rows)
    messages = [visible_names.worded(row) for rows in reversed(parts) for row in rows]
    now = timezone.now().astimezone(zone)
    left_out = undone.leave(conversation, messages, now).left_out
    messages = [row for row in messages if row["seq"] not in left_out]
    head = [
        f"{enterprise.name} · {conversation.team.translated('name')}",
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
        said = line_text(message, visitor)
        if not said:
            continue
        if at.date() != day:
            day = at.date()
            yield ""
            yield f"—— {date_format(at, 'DATE_FORMAT')} ——"
        # Further lines of a message are indented, so that nobody can fake another one's message.
        yield f"{at:%H:%M}  " + said.replace("\n", "\n       ")


def line_text(message: dict, visitor: str) -> str:
    """A message as text; "" for notices that pages do not show."""
    data = message["data"] or {}
    if message["kind"] == "notice":
        silent = notices.is_silent(message) or data.get("event") == "erasure"
        return "" if silent else f"— {notices.visitor_text(message, visitor)}"
    name = _("You") if message["sender"] == visitor else message["sender_name"]
    if message.get("automatic"):
        name = _("%(name)s (automatic)") % {"name": name}
    elif data.get("generated"):
        name = _("%(name)s (AI)") % {"name": name}
    elif message["sender_role"] == "bot":
        name = _("%(name)s (bot)") % {"name": name}
    formatted = message.get("formatted")
    text = formatting.plain_text(formatted) if formatted else message["content"] or ""
    said = [citations.without_marks(text, data)]
    if file := message["attachment"]:
        word = _("[Picture]") if file["width"] else _("[File]")
        said.insert(0, f"{word} {file['name']} ({size_text(file['size'])})")
    said += [formatting.buttons_line(data), *source_lines(data)]
    return _("%(name)s: %(text)s") % {"name": name, "text": "\n".join(filter(None, said))}


def source_lines(data: dict) -> list[str]:
    """The articles on which a message stands, with their addresses where Kefu knows its own."""
    lines = []
    for one in citations.sources(data.get("citations") or []):
        address = settings.PUBLIC_URL and f" {settings.PUBLIC_URL}{one['url']}"
        lines.append(f"· {one['title']}{address}")
    return [_("Sources:"), *lines] if lines else []


def check_email(text: str) -> str:
    """One e-mail address without surrounding spaces. Refuses anything else with bad_field."""
    text = text.strip()
    try:
        EmailValidator()(text)
    except Exception as error:
        raise Refused("bad_field", "email is one address.") from error
    if len(text) > MAX_EMAIL or not text.isascii():
        raise Refused("bad_field", "email is one address.")
    return text


def check_answered(conversation: Conversation) -> None:
    """Refuses with conflict a conversation without a reply by an agent: otherwise anybody could
    have Kefu mail texts of their own to strangers. An invitation is no reply, nor what a bot says.
    """
    said = GroupMessage.objects.of(conversation).filter(message_type=MESSAGE)
    said = said.filter(data__invitation__isnull=True, data__bot__isnull=True)
    if not said.exclude(sender__in=("", conversation.visitor_id)).exists():
        raise Refused("conflict", "Nobody has answered yet.")


def send_transcript(
    conversation: Conversation, enterprise: Enterprise, zone_name: str, to: str
) -> None:
    """Mails the transcript to the address `to`, on a thread that may wait for the mail server."""
    subject = _("Your conversation with %(name)s") % {"name": " ".join(enterprise.name.split())}
    text = transcript_text(conversation, enterprise, zone_name)
    message = EmailMessage(subject, text, settings.DEFAULT_FROM_EMAIL, to=[to])
    jobs.POST.submit(deliver, message)
