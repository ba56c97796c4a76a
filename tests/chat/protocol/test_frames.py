"""Bytes from a socket: an object of sound JSON, or a refusal, and never another exception."""

import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.protocol.errors import Refused
from chat.protocol.frames import MAX_FRAME, encode, parse

BAD = {
    "binary": None,
    "nothing": "",
    "blank": "  ",
    "no JSON": "hello",
    "half": '{"a":1',
    "two": '{"a":1}{"b":2}',
    "a comma too many": '{"a":1,}',
    "single quotes": "{'a':1}",
    "a list": "[]",
    "a text": '"x"',
    "a number": "1",
    "true": "true",
    "null": "null",
    "NaN": '{"a":NaN}',
    "infinity": '{"a":-Infinity}',
    "a lone high surrogate": '{"a":"\\ud83d"}',
    "a lone low surrogate": '{"a":"\\udc4b"}',
    "a raw lone surrogate": '{"a":"\ud83d"}',
    "a raw line end in a text": '{"a":"\n"}',
    "a NUL": '{"a":"\x00"}',
    "deep lists": '{"a":' + "[" * 20_000 + "]" * 20_000 + "}",
    "deep objects": '{"a":' * 10_000 + "1" + "}" * 10_000,
    "open lists": "[" * 60_000,
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_what_is_no_sound_object_is_a_bad_frame(text):
    with pytest.raises(Refused) as refusal:
        parse(text)
    assert refusal.value.code == "bad_frame"


@pytest.mark.parametrize("letter", ["x", "é", "你", "👋"])
def test_64_kib_of_utf_8_are_taken_and_one_byte_more_is_not(letter):
    frame = '{"a":""}'
    room = MAX_FRAME - len(frame)
    text = f'{{"a":"{letter * (room // len(letter.encode()))}"}}'
    text += " " * (MAX_FRAME - len(text.encode()))
    assert len(text.encode()) == MAX_FRAME == 65_536
    assert set(parse(text)) == {"a"}
    with pytest.raises(Refused) as refusal:
        parse(text + " ")
    assert refusal.value.code == "bad_frame"


def test_an_emoji_written_as_two_escapes_is_one_character():
    assert parse('{"a":"\\ud83d\\udc4b"}') == {"a": "👋"}


def test_huge_numbers_do_not_stop_the_server():
    for number in ("9" * 4_000, "1" + "0" * 60_000, "-" + "9" * 400, "1e400", "1e-400"):
        try:
            assert set(parse(f'{{"a":{number}}}')) == {"a"}
        except Refused as refusal:
            assert refusal.code == "bad_frame"


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.characters()) | st.text(alphabet='{}[]":,\\ue+-.0123aN '))
def test_any_text_is_an_object_or_refused(text):
    try:
        assert isinstance(parse(text), dict)
    except Refused as refusal:
        assert refusal.code == "bad_frame"


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.text(alphabet=st.characters(exclude_categories=["Cs"])),
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text('ab你👋\n"\\'),
    )
)
def test_what_is_sound_comes_through_as_it_is(value):
    assert parse(json.dumps(value)) == value
    assert parse(json.dumps(value, ensure_ascii=False)) == value


def test_times_leave_as_utc_with_a_z():
    moment = datetime(2026, 11, 25, 12, 30, 1, 5, timezone.utc)
    assert encode({"at": moment}) == b'{"at":"2026-11-25T12:30:01.000005Z"}'
    east = moment.astimezone(timezone(timedelta(hours=8)))
    assert encode({"at": east}) in (
        b'{"at":"2026-11-25T12:30:01.000005Z"}',
        b'{"at":"2026-11-25T20:30:01.000005+08:00"}',
    )


@pytest.mark.parametrize("text", ["</script>", "\u2028", "你好", "👋", '"\\'])
def test_any_text_leaves_as_json_that_reads_back(text):
    assert json.loads(encode({"a": text})) == {"a": text}
