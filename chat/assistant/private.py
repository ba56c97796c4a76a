"""What of a person's words a model does not get: mail addresses, numbers of phones and cards.

A number of seven digits and more is replaced if it looks like one of these; an order's number does
not, and stays.
"""

import re

from chat.knowledge import tokens
from chat.protocol.spelling import nfkc

from .texts import visible

MAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+'-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}"
)
OTHER_MAIL = re.compile(r"\w[\w.+-]{0,63}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
"""In any writing: without spaces, the words before it go with it."""
GROUPS = re.compile(
    rf"(?<!{tokens.LETTER})(?<![#_])"
    rf"[+(]{{0,2}}\d(?:[ ()./–—-]{{0,3}}\d){{1,200}}(?!-?{tokens.LETTER})"
)
"""Digits, alone or in groups, that are no part of a longer mark such as A-1234567. So many at the
most, as they are looked for from each group on."""
WAYS = r"(?<![a-z])(?:vx|wx|qq|phone|tel|telephone|mobile|cell|call|fax|whatsapp|text|reach|sms)"
GLUED = re.compile(rf"({WAYS})(?=\d)", re.IGNORECASE)
CALLED = re.compile(
    rf"(?:电话|手机|座机|热线|联系|微信|{WAYS}(?![a-z])|my number)([^\d,，。;；?？!！]{{0,20}})\Z",
    re.IGNORECASE,
)
"""Before digits that are somebody's, whatever they look like."""
ORDERED = re.compile(r"单|order|track|parcel|invoice|no\.?\s*\Z", re.IGNORECASE)
"""Between these, it is an order's number after all."""
BEFORE = 40
"""Characters before a number in which such words are looked for."""
SHAPES = re.compile(
    r"(?:(?:\+|00)?86)?1[3-9]\d{9}"  # A Chinese mobile phone.
    r"|(?:(?:\+|00)?86)?0[1-9]\d{8,10}"  # A landline with its area.
    r"|(?:400|800)\d{7}"
    r"|\+\d{7,15}|00[1-9]\d{7,13}"
)
GROUPED = re.compile(
    r"\(?\d{2,4}\)[ -]?\d{3,4}[ -]?\d{3,4}"
    r"|(?:1[ -])?\d{3}([ .-])\d{3}\1\d{4}"
    r"|0\d{1,4}([ -])\d{2,4}(?:\2\d{2,4}){1,3}"
    r"|(?!\d\d0-\d{3}0)\d{3}-\d{4}"
    r"|(?!\d\d00 \d\d00)[2-9]\d{3} \d{4}"
)
DATE = re.compile(r"(?:19|20)\d\d([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:19|20)\d\d")
CARD = re.compile(r"\d{4} \d{4} \d{4} \d{1,7}(?: \d{1,3})?|3\d{3} \d{6} \d{5}")
IDENTITY = re.compile(
    r"(?<!\d)[1-8]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)"
)
"""A Chinese identity card: a region, a day of birth, and four more."""
FEWEST = 7
"""Digits of a phone."""
TOGETHER = 6
"""Groups between spaces that may be one number."""


def replaced(text: str) -> str:
    """The text after NFKC, with [email], [phone] or [card] in place of these."""
    plain = MAIL.sub("[email]", nfkc(visible(text)))
    plain = IDENTITY.sub("[card]", OTHER_MAIL.sub("[email]", plain))
    plain = GLUED.sub(r"\1 ", plain)
    return GROUPS.sub(lambda found: of_groups(found, plain), plain)


def of_groups(found: re.Match, text: str) -> str:
    """What is left of groups of digits in a text."""
    called = CALLED.search(text[max(0, found.start() - BEFORE) : found.start()])
    is_called = bool(called and not ORDERED.search(called[1]))
    parts, left = found[0].split(" "), []
    while parts:
        together = range(min(TOGETHER, len(parts)), 0, -1)
        kinds = ((many, kind_of(" ".join(parts[:many]), is_called)) for many in together)
        many, kind = next((one for one in kinds if one[1]), (1, parts[0]))
        left.append(kind)
        parts = parts[many:]
    return " ".join(left)


def kind_of(written: str, is_called: bool) -> str:
    """What is put in a number's place; "" where it stays."""
    digits = re.sub(r"\D", "", written)
    if len(digits) < FEWEST or DATE.fullmatch(written):
        return ""
    if is_card(written, digits):
        return "[card]"
    sign = "+" if "+" in written else ""
    is_phone = SHAPES.fullmatch(sign + digits) or GROUPED.fullmatch(written.strip("+"))
    return "[phone]" if is_called or is_phone else ""


def is_card(written: str, digits: str) -> bool:
    """Whether it is a bank's card, by its groups or by its check digit."""
    known = 13 <= len(digits) <= 19 and digits[0] in "3456" and luhn(digits)
    return known or bool(CARD.fullmatch(written))


def luhn(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(one), 10)) for one in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0
