"""Frames as nobody should send them, for hypothesis: from sound ones to noise."""

import json

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from chat.protocol.checks import CHECKS

GROUP = "4e856ead-d369-491e-be93-eee830c99050"
TYPES = [*CHECKS, "rate", "hello", "__class__", "MESSAGE.SEND", "", "ping\x00"]
FIELDS = [
    *("type", "client_id", "content", "group", "note", "seen", "seq", "draft", "groups", "inbox"),
    *("got", "member", "team", "score", "comment", "message", "__proto__", "self", "\ud83d"),
]
SPECIAL = [
    *(GROUP, GROUP.upper(), "0" * 36, f"{GROUP}\n", "' OR 1=1 --", "\x00", "\u202e", "\ufeff"),
    *("x" * 10_000, "你" * 10_001, "👋" * 9_999, "\r\n\r\n", " \u3000\u200b", "{{7*7}}", "%s%n"),
    *(-1, 0, 1, 2**31 - 1, 2**31, 2**53, 2**63, 2**64, 10**40, 0.0, 1.0, -0.0, 1e308, float("nan")),
    *(float("inf"), True, False, None, [], {}, [[]], {"": {}}, {GROUP: 1}, {GROUP: -1}, {"x": 1}),
    {str(number): number for number in range(300)},
]


def one_of(values: list):
    """As sampled_from, which would spell all of them out in its name."""
    return st.integers(0, len(values) - 1).map(values.__getitem__)


VALUES = st.one_of(
    one_of(SPECIAL),
    st.text(max_size=20),
    st.integers(),
    st.floats(),
    st.recursive(
        st.none() | st.booleans() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=5,
    ),
)
SOUND = [
    {"type": "message.send", "client_id": GROUP, "content": "x"},
    {"type": "message.send", "client_id": GROUP, "content": "x", "group": GROUP},
    {"type": "message.read", "group": GROUP, "seq": 1},
    {"type": "typing", "group": GROUP, "draft": "x"},
    {"type": "typing", "group": GROUP, "draft": True},
    {"type": "sync", "groups": {GROUP: 1}},
    {"type": "ping", "got": 1},
    *({"type": kind, "group": GROUP} for kind in CHECKS),
]
FEW = st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=2)
MANY = st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=5)
OBJECTS = st.one_of(
    st.builds(lambda sound, fields: {**sound, **fields}, st.sampled_from(SOUND), FEW),
    st.builds(lambda kind, fields: {**fields, "type": kind}, st.sampled_from(TYPES) | VALUES, MANY),
)


def written(value, ascii: bool) -> str:
    """As JSON; what has no text in UTF-8 is escaped."""
    text = json.dumps(value, ensure_ascii=ascii)
    return text.encode(errors="backslashreplace").decode()


def cut(text: str, position: int, noise: str) -> str:
    """The text with something else at one place."""
    position %= len(text) + 1
    return text[:position] + noise + text[position + len(noise) :]


WRITTEN = st.builds(written, OBJECTS, st.booleans())
NOISE = st.one_of(
    st.none(),
    st.builds(cut, WRITTEN, st.integers(0, 300), st.text(max_size=4)),
    st.builds(written, VALUES, st.booleans()),
    st.text(alphabet='{}[]":,\\ue+-.0123aN \n\x00', max_size=60),
    one_of(["[" * 60_000, '{"a":' * 5_000, "x" * 70_000, "9" * 60_000, '{"a":1}' * 3_000]),
    st.text(max_size=60),
)
FRAMES = st.integers(0, 9).flatmap(lambda n: NOISE if n > 7 else WRITTEN)
"""Texts that UTF-8 can carry; most are objects with a `type`. None is a binary frame."""


def thorough(examples: int):
    return settings(
        max_examples=examples,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
