"""The tree of a formatted message (chat/protocol/formatting.py) as HTML, made of escaped parts.
static/js/thread/formatted.js makes the same elements.
"""

from collections.abc import Sequence

import orjson
from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from chat.protocol import citations

register = template.Library()

TAGS = {
    "paragraph": "p",
    "bold": "strong",
    "italic": "em",
    "code": "code",
    "list": "ul",
    "item": "li",
}
"""The tag of each kind of node that needs nothing else."""
LINK = '<a href="{}" title="{}" rel="noopener noreferrer nofollow" target="_blank">{}</a>'


MARK = '<sup class="mark" title="{}">{}</sup>'


@register.simple_tag
def formatted(nodes: list) -> SafeString:
    return elements(nodes, ())


@register.simple_tag
def cited(message: dict) -> SafeString:
    """The text of a message object, formatted or plain, with its marks."""
    nodes = message["formatted"] or [message["content"]]
    return elements(nodes, message["data"]["citations"])


@register.filter
def cites(messages: list[dict]) -> bool:
    """Whether any of these message objects stands on articles."""
    return any((one["data"] or {}).get("citations") for one in messages or ())


register.filter("sources", citations.sources)


@register.filter
def as_json(value: list | dict) -> str:
    """A formatted message's tree, or a message object, for static/js, as an attribute."""
    return orjson.dumps(value).decode()


def elements(nodes: list, found: Sequence[dict]) -> SafeString:
    """The elements of these nodes; in texts a mark for each of the citations `found`."""
    return format_html_join("", "{}", ((element(node, found),) for node in nodes))


def element(node: str | dict, found: Sequence[dict]) -> SafeString:
    if isinstance(node, str):
        return format_html_join("", "{}", map(piece, citations.pieces(node, found)))
    inside = elements(node["parts"], found)
    match node["kind"]:
        case "link":
            return format_html(LINK, node["href"], node["href"], inside)
        case "numbered":
            return format_html('<ol start="{}">{}</ol>', node["start"], inside)
        case "block":
            return format_html("<pre><code>{}</code></pre>", inside)
        case kind:
            return format_html("<{0}>{1}</{0}>", TAGS[kind], inside)


def piece(part: str | dict) -> tuple:
    return (part if isinstance(part, str) else format_html(MARK, part["quote"], part["n"]),)
