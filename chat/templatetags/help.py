"""Filters of the help centre."""

import re

from django import template
from django.utils.text import Truncator
from django.utils.translation import get_language_info

from chat.knowledge import markup

register = template.Library()

LONG = 3
"""Headings from which on an article has a table of contents."""
SUMMARY = 160
"""Characters: search engines show no more."""

ICONS = {
    "truck": "ship|deliver|transport|发货|物流|配送|快递|运费",
    "return": "return|refund|exchang|damage|退|换货|破损|售后",
    "card": "pay|invoice|billing|price|支付|付款|发票|价格",
    "gift": "gift|engrav|礼|定制",
    "cup": r"\buse|using|care|clean|使用|保养|清洁",
    "search": "choos|size|choice|选购|挑选|尺寸",
    "member": "account|member|sign|账号|账户|会员|登录",
    "shield": "privacy|secur|warrant|隐私|安全|保修|质保",
}
"""Icons of categories by words in their names, in the languages of the site; others are a book."""


@register.filter
def category_icon(name: str) -> str:
    found = (icon for icon, words in ICONS.items() if re.search(words, name, re.IGNORECASE))
    return next(found, "book")


@register.filter
def own_name(code: str) -> str:
    """A language in its own words."""
    return get_language_info(code)["name_local"]


@register.filter
def headings(body: str) -> list[dict]:
    """The table of contents of a text; empty where it has few headings."""
    found = [node for node in markup.tree(body) if isinstance(node, dict)]
    found = [node for node in found if node["kind"] == "heading" and node["level"] < 4]
    words = [{**node, "words": markup.words_of(node["parts"])} for node in found]
    return words if len(words) >= LONG else []


@register.filter
def summary(body: str) -> str:
    """The beginning of a text in one line, for search engines."""
    return Truncator(" ".join(markup.plain(body).split())).chars(SUMMARY)
