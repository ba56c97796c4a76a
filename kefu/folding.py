"""Templates in which what is the same for everybody is rendered once.

Half of what a page renders are texts, addresses of files and of pages, and icons, which depend on
nothing but the language. Where such nodes follow each other, a template keeps what they rendered.
"""

from typing import Any

from django.template import Node, NodeList, Template
from django.template.base import (
    TextNode,
    TokenType,
    Variable,
    VariableNode,
)
from django.template.defaulttags import CommentNode, IfNode, LoadNode, URLNode
from django.template.library import SimpleNode
from django.template.loader_tags import ExtendsNode
from django.template.loaders import base, cached
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.templatetags.static import StaticNode

from chat.templatetags.fixed import fixed

from .compiling import Compiled, Folded


class Fresh(base.Loader):
    """Folds a template that was just read, before anybody else can have it."""

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        template = super().get_template(template_name, skip)
        fold(template.nodelist)
        # Of one that extends another the blocks alone are rendered, and Django looks for them.
        if not any(isinstance(node, ExtendsNode) for node in template.nodelist):
            compile_nodes(template.nodelist)
        return template


class Loader(cached.Loader, Fresh):
    """Django's, which keeps templates, here folded."""


def fold(nodes: NodeList) -> None:
    """Puts a Folded in the place of nodes that follow each other and are the same for everybody."""
    found: list[Node] = []
    run: list[Node] = []
    for node in [*nodes, None]:
        if node is not None and is_same(node):
            run.append(node)
            continue
        # A text alone is as quick.
        found += run if all(isinstance(one, TextNode) for one in run) else [Folded(run)]
        run = []
        if node is not None:
            for inner in inside(node):
                fold(inner)
                if not isinstance(node, IfNode):  # Which is a part of the function around it.
                    compile_nodes(inner)
            found.append(node)
    nodes[:] = found


def compile_nodes(nodes: NodeList) -> None:
    """Puts a Compiled in the place of nodes."""
    if any(isinstance(node, (IfNode, VariableNode)) for node in nodes):
        nodes[:] = [Compiled(nodes)]


def inside(node: Node) -> list[NodeList]:
    if isinstance(node, IfNode):
        return [inner for _condition, inner in node.conditions_nodelists]
    return [inner for name in node.child_nodelists if (inner := getattr(node, name, None))]


def is_same(node: Node) -> bool:
    """Whether a node renders the same for everybody who reads its language."""
    match node:
        case TextNode() | CommentNode() | LoadNode():
            return True
        case TranslateNode():
            return node.asvar is None and all(
                map(is_literal, [node.filter_expression, *said_in(node)])
            )
        case BlockTranslateNode():
            tokens = [*node.singular, *(node.plural or ())]
            named = any(token.token_type == TokenType.VAR for token in tokens)
            varied = named or node.extra_context or node.counter or node.asvar
            return not varied and all(map(is_literal, said_in(node)))
        case StaticNode():
            return node.varname is None and is_literal(node.path)
        case URLNode():
            values = [node.view_name, *node.args, *node.kwargs.values()]
            # What a name in a namespace stands for may depend on the page.
            within = ":" in node.view_name.token
            return not (within or node.asvar) and all(map(is_literal, values))
        case SimpleNode():
            values = [*node.args, *node.kwargs.values()]
            return node.func is fixed and not node.target_var and all(map(is_literal, values))
    return False


def said_in(node: TranslateNode | BlockTranslateNode) -> list:
    """The context of a text, if it names one."""
    return [node.message_context] if node.message_context else []


def is_literal(expression: Any) -> bool:
    variable = expression.var
    plain = not isinstance(variable, Variable) or variable.lookups is None
    return plain and not expression.filters
