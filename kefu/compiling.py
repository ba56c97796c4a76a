"""Template nodes as one Python function.

Most of the time that a page takes goes into asking each node of its templates to render itself, and
into looking for the same variable in every layer of the context again. The nodes of a list that are
texts, variables and conditions are written as one function instead, which looks for each variable
once. What it cannot say for sure is asked of Django: so a page is the same.
"""

from html import escape
from typing import Any

from django.conf import settings
from django.template import Node, NodeList
from django.template.base import (
    FilterExpression,
    TextNode,
    Variable,
    VariableDoesNotExist,
    VariableNode,
    render_value_in_context,
)
from django.template.context import Context
from django.template.defaulttags import ForNode, IfNode, URLNode, WithNode
from django.template.library import SimpleNode
from django.template.loader_tags import BlockNode, IncludeNode
from django.urls import get_script_prefix
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeData, SafeString, mark_safe
from django.utils.translation import get_language


class Compiled(Node):
    """Nodes that follow each other, rendered by one function."""

    child_nodelists = ("nodes",)

    def __init__(self, nodes: list[Node]):
        self.nodes = NodeList(nodes)
        self.token, self.origin = nodes[0].token, nodes[0].origin
        self.function = Program(nodes).function()

    def render(self, context: Context) -> str:
        return self.function(context)


class Folded(Node):
    """Nodes that render the same whatever a page shows. What they rendered is kept by language, by
    whether texts are escaped and, for addresses, by the path below which the server is: the
    template's and the deployment's, nothing of a person."""

    child_nodelists = ()

    def __init__(self, nodes: list[Node]):
        self.nodes = NodeList(nodes)
        self.has_address = any(isinstance(node, URLNode) for node in nodes)
        self.made: dict[tuple, SafeString] = {}
        self.token, self.origin = nodes[0].token, nodes[0].origin

    def render(self, context: Context) -> SafeString:
        below = get_script_prefix() if self.has_address else ""
        key = get_language(), context.autoescape, below
        found = self.made.get(key)
        if found is None:
            found = self.made[key] = self.nodes.render(context)
        return found


INFIX = {"or", "and", "in", "not in", "is", "is not", "==", "!=", ">", ">=", "<", "<="}
"""Operators that Django takes from Python."""
LAYERED = (BlockNode, Folded, ForNode, IncludeNode, WithNode)
"""Nodes whose variables end with them."""


class Program:
    """The source of a function of a context, and the objects that it names."""

    def __init__(self, nodes: list[Node]):
        self.lines: list[tuple[int, str]] = []
        self.given: dict[str, Any] = dict(NAMES)
        self.roots: dict[str, str] = {}
        self.write(1, "LOAD")
        self.write_nodes(1, nodes)

    def function(self) -> Any:
        source = ["def render(context):", " parts = []", " add = parts.append"]
        for place, (depth, line) in enumerate(self.lines):
            source += [" " * depth + each for each in self.loads(place) or [line]]
        source.append(" return ''.join(parts)")
        exec("\n".join(source), self.given)
        return self.given["render"]

    def loads(self, place: int) -> list[str]:
        """The lines that look for what is used after a place where that is due."""
        if self.lines[place][1] != "LOAD":
            return []
        later = "\n".join(line for _depth, line in self.lines[place:])
        used = [(name, root) for root, name in self.roots.items() if name in later]
        found = [f"{name} = find(context, {root!r})" for name, root in used]
        if not place and "(key)" in later:
            found.append("key = get_language(), context.autoescape, ''")
        return found or ["pass"]

    def write(self, depth: int, *lines: str) -> None:
        self.lines += [(depth, line) for line in lines]

    def write_nodes(self, depth: int, nodes: list[Node]) -> None:
        self.write(depth, "pass")
        for node in nodes:
            if isinstance(node, TextNode):
                self.write(depth, f"add({self.give(node.s)})")
            elif isinstance(node, Folded) and not node.has_address:
                made, asked = self.give(node.made), self.give(node.render)
                self.write(depth, f"add({made}.get(key) or {asked}(context))")
            elif type(node) is VariableNode:
                value, asked = node.filter_expression, self.give(node.filter_expression.resolve)
                self.write_value(depth, self.value(value), f"{asked}(context)", "shown")
            elif isinstance(node, IfNode):
                self.write_conditions(depth, list(node.conditions_nodelists))
            else:
                asked = f"{self.give(node.render_annotated)}(context)"
                if type(node) is SimpleNode and not node.target_var:
                    self.write_value(depth, self.tag(node), asked, "escaped")
                else:
                    self.write(depth, f"add({asked})")
                if not keeps(node):
                    self.write(depth, "LOAD")

    def write_value(self, depth: int, value: str, asked: str, shape: str) -> None:
        """A value on the page; `asked` is what Django says where Python raises."""
        self.write(depth, "try:", f" found = {value}")
        self.write(depth, "except Exception:", f" found = {asked}")
        self.write(depth, f"add({shape}(found, context))")

    def write_conditions(self, depth: int, rest: list[tuple[Any, NodeList]]) -> None:
        for condition, inner in rest:
            if condition is None:
                self.write_nodes(depth, inner)
                return
            asked = f"ask({self.give(condition)}, context)"
            self.write(depth, "try:", f" found = {self.condition(condition)}")
            self.write(depth, "except Exception:", f" found = {asked}")
            self.write(depth, "if found:")
            self.write_nodes(depth + 1, inner)
            self.write(depth, "else:")
            depth += 1
        self.write(depth, "pass")

    def condition(self, asked: Any) -> str:
        """A condition in Python; what it raises, Django is asked about."""
        if asked.id == "literal":
            return self.value(asked.value, missing="None")
        if asked.id == "not":
            return f"(not {self.condition(asked.first)})"
        if asked.id not in INFIX:
            return f"{self.give(asked.eval)}(context)"
        return f"({self.condition(asked.first)} {asked.id} {self.condition(asked.second)})"

    def value(self, expression: FilterExpression, missing: str = "fail()") -> str:
        """A variable or a constant with its filters in Python."""
        found = self.variable(expression.var, missing)
        for function, given in expression.filters:
            rest = [self.variable(one) if varies else self.give(one) for varies, one in given]
            if getattr(function, "expects_localtime", False):
                found = f"local({found}, context.use_tz)"
            if getattr(function, "needs_autoescape", False):
                rest.append("autoescape=context.autoescape")
            name = self.give(function)
            if getattr(function, "is_safe", False):
                found = f"keep_safe({', '.join([name, found, *rest])})"
            else:
                found = f"{name}({', '.join([found, *rest])})"
        return found

    def variable(self, variable: Any, missing: str = "fail()") -> str:
        """A variable in Python, which raises where Django has to look."""
        if not isinstance(variable, Variable):
            return self.give(variable)
        if variable.translate or variable.lookups is None:
            return f"{self.give(variable.resolve)}(context)"
        root, *rest = variable.lookups
        found = name = self.roots.setdefault(root, f"v{len(self.roots)}_")
        for each in rest:
            found = f"step({found}, {each!r})"
        missing = f"{missing} if {name} is ABSENT else fail()"
        return found if rest else f"({name} if type({name}) is not Hole else {missing})"

    def tag(self, node: SimpleNode) -> str:
        """A call of a tag that is a function."""
        given = [self.value(one) for one in node.args]
        named = [f"{name!r}: {self.value(one)}" for name, one in node.kwargs.items()]
        given = [*(["context"] if node.takes_context else []), *given]
        return f"{self.give(node.func)}({', '.join([*given, '**{' + ', '.join(named) + '}'])})"

    def give(self, value: Any) -> str:
        name = f"n{len(self.given)}"
        self.given[name] = value
        return name


def keeps(node: Node) -> bool:
    """Whether the variables of a page are the same after a node."""
    if type(node) is SimpleNode:
        return not (node.takes_context or node.target_var)
    return isinstance(node, LAYERED)


class Hole:
    """Stands for a variable that is no plain value."""


ABSENT, CALLED = Hole(), Hole()
"""For one that is nowhere, and for one that Django calls or has a reason to look for elsewhere."""


def find(context: Context, name: str) -> Any:
    for layer in reversed(context.dicts):
        if name in layer:
            found = layer[name]
            return CALLED if callable(found) else found
    return CALLED if hasattr(context, name) else ABSENT


def step(found: Any, name: str) -> Any:
    """What a dict or an object has under a name; raises LookupError where Django looks further."""
    if isinstance(found, dict):
        value = found[name]
    elif hasattr(type(found), "__getitem__"):
        raise LookupError
    else:
        value = getattr(found, name)
    if callable(value):
        raise LookupError
    return value


def fail() -> None:
    raise LookupError


def keep_safe(function: Any, found: Any, *rest: Any, **named: Any) -> Any:
    """What a filter makes of a value whose safety it keeps."""
    made = function(found, *rest, **named)
    return mark_safe(made) if isinstance(found, SafeData) else made


def ask(condition: Any, context: Context) -> Any:
    """What Django says of a condition."""
    try:
        return condition.eval(context)
    except VariableDoesNotExist:
        return None


def shown(found: Any, context: Context) -> str:
    """A value on a page; Django looks at each text for a number, a time and a promise."""
    if type(found) is str:
        return escape(found) if context.autoescape else found
    if type(found) is SafeString:
        return found
    if type(found) is int and not settings.USE_THOUSAND_SEPARATOR:
        return str(found)
    return render_value_in_context(found, context)


def escaped(found: Any, context: Context) -> str:
    """What a tag says."""
    return conditional_escape(found) if context.autoescape else found


NAMES = {
    one.__name__: one
    for one in (Hole, ask, escaped, fail, find, get_language, keep_safe, shown, step)
} | {"ABSENT": ABSENT, "local": timezone.template_localtime}  # type: ignore[attr-defined]
