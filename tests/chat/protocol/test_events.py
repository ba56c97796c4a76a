"""Events for clients are shaped in one module, and it knows all of them."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

from chat.protocol import errors, events

ROOT = Path(settings.BASE_DIR)
PROTOCOL = (ROOT / "docs/protocol.md").read_text()
NAMED = re.compile(r"^\*\*`([a-z.]+)`\*\*|<a id=\"[a-z]+\"></a>\*\*`([a-z.]+)`\*\*", re.M)
JSON_TYPE = re.compile(r'"type": ?"([a-z._]+)"')


def documented() -> set[str]:
    """The names of the events that docs/protocol.md describes."""
    part = PROTOCOL.partition("### From the server")[2].partition("## Error codes")[0]
    return {name for pair in NAMED.findall(part) for name in pair if name}


def shaped(source: str) -> list[tuple[int, str]]:
    """Line and type of each event that is written out in a source: as a dict with a literal `type`,
    by `dict(type=…)`, or as text or bytes of JSON. Docstrings are no events."""
    found = []
    for node in ast.walk(ast.parse(source)):
        pairs = []
        if isinstance(node, ast.Dict):
            pairs = [*zip(node.keys, node.values, strict=True)]
        elif isinstance(node, ast.Call):
            pairs = [(ast.Constant(word.arg), word.value) for word in node.keywords]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
            found += [(node.lineno, kind) for kind in JSON_TYPE.findall(text)]
        found += [
            (node.lineno, value.value)
            for key, value in pairs
            if isinstance(key, ast.Constant) and key.value == "type"
            if isinstance(value, ast.Constant)
        ]
    return found


def test_all_events_of_the_protocol_are_shaped_in_one_module_and_no_others():
    kinds = {kind for _line, kind in shaped((ROOT / "chat/protocol/events.py").read_text())}
    assert len(documented()) > 20
    assert kinds == documented()


def test_no_other_module_shapes_an_event():
    names = documented()
    wrong = [
        f"{path.relative_to(ROOT)}:{line} {kind}"
        for path in (ROOT / "chat").rglob("*.py")
        if path != ROOT / "chat/protocol/events.py" and "migrations" not in path.parts
        if path != ROOT / "chat/api/examples.py"  # It shows what the API answers.
        for line, kind in shaped(path.read_text())
        if kind in names
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "source",
    [
        'send({"type": "identity"})',
        'event = {"group": 1, "type": "read", **facts}',
        'event = dict(type="presence", member=who)',
        'push(b\'{"type":"pong"}\')',
        'push(\'{"type": "unread", "group": 1}\')',
    ],
)
def test_an_event_that_is_written_out_is_found(source):
    ((line, kind),) = shaped(source)
    assert line == 1 and kind in documented()


@pytest.mark.parametrize(
    "source", ['{"type": kind}', '{"kind": "read"}', 'x["type"] == "read"', '"type", "read"']
)
def test_what_is_no_event_is_not_found(source):
    assert shaped(source) == []


def test_a_refusal_is_the_error_event():
    event = errors.Refused("bad_field", "No.", group="x").event()
    assert event == events.error("bad_field", "No.", {"group": "x"})
    assert event == {"type": "error", "code": "bad_field", "detail": "No.", "group": "x"}
