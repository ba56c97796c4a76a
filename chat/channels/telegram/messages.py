"""What an update of Telegram says."""

from typing import Any

from django.utils.translation import gettext as _

from chat.channels.contract import Arrived, File

FILES = "document", "video", "voice", "audio", "animation", "video_note"
"""The kinds of messages that are a file, beside pictures. An animation comes as a document, too."""


def arrived(update: dict[str, Any]) -> Arrived | None:
    """The message in an update; None where there is none of somebody's."""
    edited = update.get("edited_message")
    message = edited or update.get("message")
    if not isinstance(message, dict):
        return None
    if edited and "location" in message:
        return None  # A live one moves for hours.
    chat = message.get("chat")
    if not isinstance(chat, dict) or type(chat.get("id")) is not int:
        return None
    if chat.get("type", "private") != "private":
        return None  # In a group many people would be one visitor, and all would read the answer.
    sender = message.get("from") or {}
    if not isinstance(sender, dict):
        sender = {}
    found = Arrived(str(update["update_id"]), str(chat["id"]), name_of(chat) or name_of(sender))
    found.language = language_of(sender)
    found.content = text_of(message, "text") or text_of(message, "caption")
    if edited:
        found.missing = _("Edited: %(text)s") % {"text": found.content or missing_of(message)}
        return found
    found.file = file_of(message)
    if not found.file and not found.content:
        found.missing = missing_of(message)
    return found


def name_of(person: dict[str, Any]) -> str:
    parts = [text_of(person, "first_name"), text_of(person, "last_name")]
    return " ".join(filter(None, parts))


def text_of(found: dict[str, Any], name: str) -> str:
    text = found.get(name)
    return text if isinstance(text, str) else ""


def language_of(sender: dict[str, Any]) -> str:
    code = text_of(sender, "language_code").lower()
    return "" if not code else "zh-hans" if code.startswith("zh") else "en"


def file_of(message: dict[str, Any]) -> File | None:
    sizes = message.get("photo")
    if isinstance(sizes, list) and sizes and isinstance(sizes[-1], dict):
        return one_file(sizes[-1], "")
    for kind in FILES:
        if isinstance(message.get(kind), dict):
            return one_file(message[kind], text_of(message[kind], "file_name"))
    return None


def one_file(found: dict[str, Any], name: str) -> File | None:
    ref, size = text_of(found, "file_id"), found.get("file_size")
    return File(ref, name, size if type(size) is int else 0) if ref else None


def missing_of(message: dict[str, Any]) -> str:
    """In a line, what came that is neither text nor a file."""
    sticker, place = message.get("sticker"), message.get("location")
    if isinstance(sticker, dict):
        return _("Sticker %(emoji)s") % {"emoji": text_of(sticker, "emoji")}
    if isinstance(place, dict):
        found = {"latitude": place.get("latitude"), "longitude": place.get("longitude")}
        return _("Location: %(latitude)s, %(longitude)s") % found
    contact = message.get("contact")
    if isinstance(contact, dict):
        phone = text_of(contact, "phone_number")
        return _("Contact: %(name)s %(phone)s") % {"name": name_of(contact), "phone": phone}
    return _("Something that cannot be shown here")
