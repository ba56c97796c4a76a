"""Small words for the chat's templates. static/js/ has the same for what arrives live."""

from django import template
from django.utils.translation import gettext as _

register = template.Library()

HUES = 8


@register.filter
def hue(uuid: str) -> int:
    """A colour's number, 0 to 7, that stays with a person."""
    return sum(map(ord, uuid or "")) % HUES


@register.filter
def initial(name: str) -> str:
    """The letter that stands for a person without a picture; of 小艾, whose first character
    half the team shares, the second."""
    name = (name or "").strip() or "?"
    return (name[1] if len(name) == 2 and name[0] in "小老阿" else name[0]).upper()


@register.filter
def notice_text(message: dict) -> str:
    """What happened, in the reader's language; the stored sentence where it is not known."""
    data = message.get("data") or {}
    sentence = NOTICES.get(data.get("event"))
    if sentence is None:
        return message.get("content") or message.get("excerpt") or ""
    names = "、".join(data.get("members") or []) or "–"
    return sentence() % {"name": data.get("name", ""), "team": data.get("team", ""), "names": names}


NOTICES = {
    "opened": lambda: _("Conversation with %(team)s opened"),
    "joined": lambda: _("%(name)s joined"),
    "left": lambda: _("%(name)s left"),
}
