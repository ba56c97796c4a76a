"""The kinds of channels, and in how many pieces each takes a message. It touches no row."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

TELEGRAM, WEIXIN, WEIXIN_KF, MAIL = "telegram", "weixin", "weixin_kf", "mail"
KINDS = TELEGRAM, WEIXIN, WEIXIN_KF, MAIL
NAMES: dict[str, str | Promise] = {
    TELEGRAM: "Telegram",
    WEIXIN: pgettext_lazy("channel", "WeChat official account"),
    WEIXIN_KF: pgettext_lazy("channel", "WeChat customer service"),
    MAIL: pgettext_lazy("channel", "mail"),
}
FOR_PEOPLE = 2
"""Messages at the end of a window that no machine may send: they are kept for people."""


class Limit(NamedTuple):
    """How long one text may be, in units of an encoding of which each has `width` bytes."""

    most: int
    encoding: str
    width: int

    def size(self, text: str) -> int:
        return len(text.encode(self.encoding, "surrogatepass")) // self.width


LIMITS = {
    TELEGRAM: Limit(4_096, "utf-16-le", 2),
    WEIXIN: Limit(2_048, "utf-8", 1),
    WEIXIN_KF: Limit(2_048, "utf-8", 1),
}
"""By kind, as the other sides document it; a mail has no limit."""


def pieces(kind: str, text: str) -> list[str]:
    """The text in pieces that a channel of this kind takes, divided at line ends or spaces where
    there are any; [] for no text."""
    limit = LIMITS.get(kind)
    if limit is None:
        return [text] if text else []
    found = []
    while limit.size(text) > limit.most:
        end = longest(text, limit)
        cut = max(text.rfind("\n", end // 2, end), text.rfind(" ", end // 2, end))
        end = cut + 1 if cut >= 0 else end
        found.append(text[:end].rstrip())
        text = text[end:]
    return [*found, text] if text else found


def longest(text: str, limit: Limit) -> int:
    """How many characters of the beginning are within the limit."""
    low, high = 1, min(len(text), limit.most)
    while low < high:
        middle = (low + high + 1) // 2
        if limit.size(text[:middle]) <= limit.most:
            low = middle
        else:
            high = middle - 1
    return low
