"""Templates in which what is the same for everybody is rendered once.

Half of what a page renders are texts, addresses of files and of pages, and icons, which depend on
nothing but the language. Where such nodes follow each other, a template keeps what they rendered.
"""

from html import escape
from typing import Any

from django.conf import settings
from django.template import Node, NodeList, Template
from django.template.base import (
    FilterExpression,
    TextNode,
    TokenType,
    Variable,
    VariableNode,
    render_value_in_context,
)
from django.template.context import Context
from django.template.defaulttags import CommentNode, IfNode, LoadNode, TemplateLiteral, URLNode
from django.template.library import SimpleNode
from django.template.loaders import base, cached
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.templatetags.static import StaticNode
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from chat.templatetags.fixed import fixed


class Fresh(base.Loader):
    """Folds a template that was just read, before anybody else can have it."""

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        template = super().get_template(template_name, skip)
        fold(template.nodelist)
        return template


class Loader(cached.Loader, Fresh):
    """Django's, which keeps templates, here folded."""


class Folded(Node):
    """Nodes that render the same whatever a page shows. What they rendered is kept by language and
    by whether texts are escaped: the template's, nothing of a person."""

    child_nodelists = ()

    def __init__(self, nodes: list[Node]):
        self.nodes = NodeList(nodes)
        self.made: dict[tuple, SafeString] = {}
        self.token, self.origin = nodes[0].token, nodes[0].origin

    def render(self, context: Context) -> SafeString:
        key = language_of(context), context.autoescape
        found = self.made.get(key)
        if found is None:
            found = self.made[key] = self.nodes.render(context)
        return found


def language_of(context: Any) -> str | None:
    """The language of a page, which Django is slow to tell; no template changes it."""
    try:
        return context.language
    except AttributeError:
        context.language = get_language()
        return context.language


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
            if isinstance(node, IfNode):
                node.conditions_nodelists = [
                    (hastened(condition), inner) for condition, inner in node.conditions_nodelists
                ]
            found.append(Shown(node) if type(node) is VariableNode else node)
    nodes[:] = found


def inside(node: Node) -> list[NodeList]:
    if isinstance(node, IfNode):
        return [inner for _condition, inner in node.conditions_nodelists]
    return [inner for name in node.child_nodelists if (inner := getattr(node, name, None))]


UNKNOWN = object()


def look_up(context: Context, names: tuple[str, ...] | None) -> Any:
    """What a template's variable is, as `Variable` finds it, where it is in dicts and attributes
    alone; else UNKNOWN."""
    if not names:
        return UNKNOWN
    for known in reversed(context.dicts):
        if names[0] in known:
            found = known[names[0]]
            break
    else:
        return UNKNOWN
    for name in names[1:]:
        if callable(found):
            return UNKNOWN
        try:
            found = found[name] if isinstance(found, dict) else attribute_of(found, name)
        except Exception:  # Django looks again, and says what becomes of it.
            return UNKNOWN
    return UNKNOWN if callable(found) else found


def attribute_of(found: Any, name: str) -> Any:
    if hasattr(type(found), "__getitem__"):
        raise TypeError
    return getattr(found, name)


def names_of(expression: FilterExpression) -> tuple[str, ...] | None:
    return None if is_literal(expression) or expression.filters else expression.var.lookups


class Shown(VariableNode):
    """A variable on a page; Django looks at each text for a number, a time and a promise."""

    def __init__(self, node: VariableNode):
        super().__init__(node.filter_expression)
        self.names = names_of(node.filter_expression)
        self.token, self.origin = node.token, node.origin

    def render(self, context: Context) -> str:
        found = look_up(context, self.names)
        if found is UNKNOWN:
            found = self.filter_expression.resolve(context)
        if type(found) is str:
            return escape(found) if context.autoescape else found
        if type(found) is SafeString:
            return found
        if type(found) is int and not settings.USE_THOUSAND_SEPARATOR:
            return str(found)
        return render_value_in_context(found, context)


class Asked(TemplateLiteral):
    """A variable in a condition."""

    def __init__(self, literal: Any):
        super().__init__(literal.value, literal.text)
        self.names = names_of(literal.value)

    def eval(self, context: Any) -> Any:
        found = look_up(context, self.names)
        return super().eval(context) if found is UNKNOWN else found


class Said(TemplateLiteral):
    """A text or a number in a condition."""

    def __init__(self, literal: Any):
        super().__init__(literal.value, literal.text)
        self.said = literal.value.resolve(Context())

    def eval(self, context: Any) -> Any:
        return self.said


def hastened(condition: Any) -> Any:
    """A condition with each variable as an Asked, and each literal as a Said."""
    if isinstance(condition, TemplateLiteral):
        return (Said if is_literal(condition.value) else Asked)(condition)
    for side in ("first", "second"):
        if getattr(condition, side, None) is not None:
            setattr(condition, side, hastened(getattr(condition, side)))
    return condition


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
