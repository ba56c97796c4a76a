"""The tree of an article (chat/knowledge/markup.py) as HTML.

The elements are written into one format, and all that anybody wrote into its values, which are
escaped: an element of its own for each node takes ten times as long.
"""

from dataclasses import dataclass, field

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chat.knowledge import markup, pictures
from chat.models import ArticlePicture

from .formatting import LINK, TAGS

register = template.Library()

ELEMENTS = {kind: (f"<{tag}>", f"</{tag}>") for kind, tag in TAGS.items()} | {
    "article": ('<a href="{}">', "</a>"),
    "numbered": ('<ol start="{}">', "</ol>"),
    "block": ("<pre><code>", "</code></pre>"),
    "quote": ("<blockquote>", "</blockquote>"),
    "rule": ("<hr>", ""),
    "table": ('<div class="table"><table>', "</table></div>"),
    "row": ("<tr>", "</tr>"),
    "head": ('<th scope="col" class="{}">', "</th>"),
    "cell": ('<td class="{}">', "</td>"),
}
"""The beginning and the end of the element of each kind of node that is like no other."""
VALUES = {"numbered": "start", "head": "align", "cell": "align"}
PICTURE = '<img src="{}files/{}/" alt="{}" width="{}" height="{}" loading="lazy">'


@register.filter
def article_html(body: str, code: str) -> SafeString:
    """The body of an article of the enterprise with this code."""
    nodes = markup.tree(body)
    page = Page(f"/help/{code}/", pictures.by_name(code, markup.pictures(nodes)))
    page.add(nodes)
    return format_html("".join([*page.format, "{}"]), *page.values, "")


@dataclass(slots=True)
class Page:
    """The elements of an article so far, for the help centre at `address`, with its pictures by
    their names."""

    address: str
    pictures: dict[str, ArticlePicture]
    format: list[str] = field(default_factory=list)
    values: list = field(default_factory=list)

    def add(self, nodes: list) -> None:
        for node in nodes:
            if isinstance(node, str):
                self.write("<br>".join(["{}"] * (node.count("\n") + 1)), *node.split("\n"))
            elif node["kind"] == "picture":
                self.add_picture(node)
            else:
                self.add_element(node)

    def add_element(self, node: dict) -> None:
        kind, parts = node["kind"], node["parts"]
        if kind == "heading":
            before, after = f'<h{node["level"]} id="{{}}">', f"</h{node['level']}>"
            self.write(before, node["id"])
        elif kind == "link":
            before, _words, after = LINK.rpartition("{}")
            self.write(before, node["href"], node["href"])
        else:
            before, after = ELEMENTS[kind]
            if kind == "article":
                self.write(before, self.address_of(node))
            elif kind in VALUES:
                self.write(before, node[VALUES[kind]])
            else:
                self.write(before)
        if kind == "block":
            self.write("{}", *parts)
        else:
            self.add(parts)
        self.write(after)

    def address_of(self, node: dict) -> str:
        """The address of another article, or of a heading in this one."""
        before = f"{self.address}{node['slug']}/" if node["slug"] else ""
        query = f"?lang={node['lang']}" if node["lang"] else ""
        return before + query + (f"#{node['place']}" if node["place"] else "")

    def add_picture(self, node: dict) -> None:
        """A picture, or where it is missing its alternative text."""
        file = self.pictures.get(node["name"])
        if file is None:
            self.add(node["parts"])
        else:
            self.write(PICTURE, self.address, file.key, *node["parts"], file.width, file.height)

    def write(self, element: str, *values) -> None:
        self.format.append(element)
        self.values += values
