"""The tree of a formatted message (chat/protocol/formatting.py) as HTML, made of escaped parts.
static/js/thread/formatted.js makes the same elements.
"""

import orjson
from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

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


@register.simple_tag
def formatted(nodes: list) -> SafeString:
    return format_html_join("", "{}", ((element(node),) for node in nodes))


@register.filter
def as_json(value: list | dict) -> str:
    """A formatted message's tree, or a message object, for static/js, as an attribute."""
    return orjson.dumps(value).decode()


def element(node: str | dict) -> SafeString:
    if isinstance(node, str):
        return format_html("{}", node)
    inside = formatted(node["parts"])
    match node["kind"]:
        case "link":
            return format_html(LINK, node["href"], node["href"], inside)
        case "numbered":
            return format_html('<ol start="{}">{}</ol>', node["start"], inside)
        case "block":
            return format_html("<pre><code>{}</code></pre>", inside)
        case kind:
            return format_html("<{0}>{1}</{0}>", TAGS[kind], inside)
