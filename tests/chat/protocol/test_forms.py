"""What a frame may hold: every field's wrong kinds, and the edges of what is right."""

import unicodedata
import uuid
from dataclasses import is_dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.protocol import checks, fields, forms, spelling
from chat.protocol.errors import BAD_FRAME_CODES, EXPLANATIONS, HTTP_STATUS, Refused
from tests.examples import examples

pytestmark = pytest.mark.once

ID = "6f1c4f6a-30a1-4b5e-9c36-0d6f1a9d2b11"
SEND = {"type": "message.send", "client_id": ID, "content": "x", "group": ID}
WRONG_IDS = [
    *(None, "", "x", 0, 1, True, [], {}, [ID], 1.5, ID[:-1], ID + "0", ID + "\n", " " + ID),
    *(ID.replace("-", ""), "{" + ID + "}", "urn:uuid:" + ID, "٣" * 36, ID.replace("6", "６")),
]
WRONG_WHOLES = [
    *(-1, 2**31, 10**30, 1.0, 1.5, 1e300, True, False, "1", "", [], {}, [1]),
    *(float("nan"), float("inf")),
]


def code(frame, visitor=False) -> str:
    with pytest.raises(Refused) as refusal:
        checks.check_frame(frame, visitor)
    assert refusal.value.code in BAD_FRAME_CODES and refusal.value.detail
    return refusal.value.code


@pytest.mark.parametrize("value", WRONG_IDS, ids=repr)
def test_an_id_is_a_uuids_text_and_nothing_else(value):
    assert code({**SEND, "client_id": value}) == "bad_field"
    assert code({**SEND, "group": value}) == "bad_field"
    assert code({"type": "message.read", "group": value, "seq": 1}) == "bad_field"
    assert code({"type": "message.recall", "group": value, "seq": 1}) == "bad_field"
    edit = {"type": "message.edit", "group": value, "seq": 1, "content": "x"}
    assert code(edit) == "bad_field"
    assert code({**SEND, "note": True, "mentions": [value]}) == "bad_field"
    assert code({"type": "typing", "group": value, "draft": True}) == "bad_field"
    if isinstance(value, str):
        assert code({"type": "sync", "groups": {value: 1}}) == "bad_field"


def test_ids_are_taken_in_lower_case():
    form = checks.check_frame({**SEND, "client_id": ID.upper(), "group": ID.upper()}, False)
    assert form.client_id == form.group == ID
    assert checks.check_frame({"type": "sync", "groups": {ID.upper(): 1}}, False).groups == {ID: 1}


@pytest.mark.parametrize("value", WRONG_WHOLES, ids=repr)
def test_a_number_is_a_whole_one_from_0_to_what_a_column_holds(value):
    assert code({"type": "message.read", "group": ID, "seq": value}) == "bad_field"
    assert code({"type": "sync", "groups": {ID: value}}) == "bad_field"
    assert code({"type": "ping", "got": value}) == "bad_field"
    assert code({**SEND, "seen": value}) == "bad_field"
    assert code({**SEND, "reply_to": value}) == "bad_field"
    assert code({"type": "message.recall", "group": ID, "seq": value}) == "bad_field"
    assert code({"type": "message.edit", "group": ID, "seq": value, "content": "x"}) == "bad_field"


@pytest.mark.parametrize("value", [0, 1, 2**31 - 1])
def test_the_ends_of_a_numbers_range_are_taken(value):
    assert (
        checks.check_frame({"type": "message.read", "group": ID, "seq": value}, False).seq == value
    )
    assert checks.check_frame({**SEND, "seen": value}, False).seen == value
    assert checks.check_frame({"type": "ping", "got": value}, True).got == value


@pytest.mark.parametrize(
    "value", [None, 0, 1.5, True, [], ["x"], {}, "", " ", "\n\r\t", "\u3000", "\u2003"], ids=repr
)
def test_a_message_is_a_text_that_is_not_empty(value):
    for visitor in (True, False):
        assert code({**SEND, "content": value}, visitor) == "bad_field"
    assert code({key: SEND[key] for key in SEND if key != "content"}) == "bad_field"


@pytest.mark.parametrize("value", [None, 0, 1.5, True, [], ["x"], {}, " ", "\n\r\t"], ids=repr)
def test_an_edit_takes_a_text_away_only_by_an_empty_one(value):
    edit = {"type": "message.edit", "group": ID, "seq": 1}
    assert checks.check_frame({**edit, "content": ""}, False).content == ""
    assert code({**edit, "content": value}) == "bad_field"
    assert code(edit) == "bad_field", "it is missing"


@pytest.mark.parametrize("letter", ["x", "你", "👋", "é", "\r\n"])
def test_a_message_has_10_000_code_points_at_the_most(letter):
    """After line ends are made one character each."""
    whole = (letter * 9_999 + "x") if letter == "\r\n" else letter * 10_000
    content = checks.check_frame({**SEND, "content": whole}, False).content
    assert len(content) == 10_000
    assert code({**SEND, "content": whole + "x"}) == "too_long"
    assert code({**SEND, "content": whole + "x"}, visitor=True) == "too_long"


@pytest.mark.parametrize(
    "sent, kept",
    [("a\r\nb", "a\nb"), ("a\rb", "a\nb"), ("a\n\r\n\rb", "a\n\n\nb"), (" a \n", " a \n")],
)
def test_line_ends_are_normalised_and_nothing_else(sent, kept):
    assert checks.check_frame({**SEND, "content": sent}, False).content == kept


@pytest.mark.parametrize("value", [None, 0, 1, "true", "", [], {}], ids=repr)
def test_a_note_is_true_or_false(value):
    assert code({**SEND, "note": value}) == "bad_field"


@pytest.mark.parametrize("name", ["note", "seen", "mentions"])
@pytest.mark.parametrize("value", [None, False, True, 0, 1])
def test_note_and_seen_are_never_a_visitors(name, value):
    assert code({**SEND, name: value}, visitor=True) == "bad_field"


def test_a_visitors_first_message_has_no_group_and_an_agents_always_has():
    first = {key: SEND[key] for key in SEND if key != "group"}
    assert checks.check_frame(first, True).group is None
    assert checks.check_frame({**first, "group": None}, True).group is None
    assert code(first) == code({**first, "group": None}) == "bad_field"


@pytest.mark.parametrize("value", [None, 0, 1, [], {}], ids=repr)
def test_a_draft_is_a_visitors_text_or_an_agents_yes_or_no(value):
    frame = {"type": "typing", "group": ID, "draft": value}
    assert code(frame, True) == code(frame, False) == "bad_field"
    assert checks.check_frame({**frame, "draft": ""}, True).draft == ""
    assert checks.check_frame({**frame, "draft": "我想"}, True).draft == "我想"
    assert code({**frame, "draft": "x" * 10_001}, True) == "too_long"
    assert code({**frame, "draft": "我想"}, False) == "bad_field"
    assert checks.check_frame({**frame, "draft": True}, False).draft is True
    assert checks.check_frame({**frame, "draft": True}, True).draft is True


@pytest.mark.parametrize("value", [None, 0, True, [], {}], ids=repr)
def test_suggestions_are_asked_for_with_a_text(value):
    frame = {"type": "knowledge.suggest", "text": value}
    assert code(frame, True) == code(frame, False) == "bad_field"
    assert code({**frame, "text": "x" * 10_001}) == "too_long"
    assert code({**frame, "text": "x", "group": "x"}) == "bad_field"
    assert checks.check_frame({**frame, "text": ""}, True).text == ""


@pytest.mark.parametrize("value", [None, 0, True, [], "", "e", "english-en", "en_GB"], ids=repr)
def test_a_translation_names_a_text_and_a_language(value):
    frame = {"type": "assistant.translate", "text": "x", "to": "en"}
    assert code({**frame, "to": value}) == "bad_field"
    assert code({**frame, "text": "x" * 10_001}) == "too_long"
    assert code({**frame, "text": " "}) == code({**frame, "group": 1}) == "bad_field"
    assert checks.check_frame({**frame, "to": "zh-hans"}, False).to == "zh-hans"


@pytest.mark.parametrize("more", [{}, {"helpful": 1}, {"seq": "1"}, {"helpful": True, "seq": 1}])
def test_feedback_is_one_thing_about_a_draft(more):
    assert code({"type": "assistant.feedback", "group": ID, **more}) == "bad_field"


@pytest.mark.parametrize("value", [None, [], [ID], "x", 1, True], ids=repr)
def test_sync_names_groups_by_an_object(value):
    assert code({"type": "sync", "groups": value}) == "bad_field"


def test_sync_takes_as_many_groups_as_a_frame_holds():
    groups = {str(uuid.uuid4()): 0 for _ in range(1_450)}
    assert checks.check_frame({"type": "sync", "groups": groups}, False).groups == groups


@pytest.mark.parametrize("value", [None, 0, 1, "true", []], ids=repr)
def test_the_inbox_is_asked_for_by_true_and_by_agents(value):
    assert code({"type": "sync", "groups": {}, "inbox": value}) == "bad_field"
    assert code({"type": "sync", "groups": {}, "inbox": True}, True) == "bad_field"
    assert checks.check_frame({"type": "sync", "groups": {}, "inbox": True}, False).inbox is True


def test_fields_that_nobody_knows_are_left_alone():
    form = checks.check_frame(
        {**SEND, "sender": "root", "kind": "notice", "seq": 1, "role": 1}, False
    )
    assert form == forms.SendForm(ID, "x", ID, False, None)


def test_a_refusal_of_a_message_names_its_client_id():
    with pytest.raises(Refused) as refusal:
        checks.check_frame({**SEND, "content": ""}, False)
    assert refusal.value.facts["client_id"] == ID


def test_every_code_has_a_status_and_words_for_a_page():
    assert set(EXPLANATIONS) | {"bad_frame", "unknown_type", "claimed"} >= set(HTTP_STATUS)
    assert {
        **dict.fromkeys(("bad_frame", "unknown_type", "bad_field"), 400),
        **dict.fromkeys(("forbidden", "closed_out"), 403),
        "not_found": 404,
        **dict.fromkeys(("conflict", "stale", "claimed", "window_closed"), 409),
        "merged": 410,
        "too_long": 413,
        "bad_kind": 415,
        **dict.fromkeys(("rate_limited", "challenge"), 429),
        "unavailable": 503,
    } == HTTP_STATUS


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(ID),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
FORMS = [made for made in vars(forms).values() if is_dataclass(made)]
names = st.sampled_from(
    ["client_id", "content", "group", "groups", "note", "seen", "seq", "draft", "got", "inbox"]
)


@settings(max_examples=examples(1_000), deadline=None)
@given(
    kind=st.sampled_from(sorted(checks.CHECKS)) | anything,
    fields=st.dictionaries(names | st.text(), anything, max_size=8),
    visitor=st.booleans(),
)
def test_whatever_a_frame_holds_it_becomes_a_form_or_is_refused(kind, fields, visitor):
    try:
        form = checks.check_frame({**fields, "type": kind}, visitor)
    except Refused as refusal:
        assert refusal.code in BAD_FRAME_CODES | {"forbidden"}
    else:
        assert type(form) in FORMS


def test_a_line_that_is_too_long_is_refused_before_it_is_normalised(monkeypatch):
    """Python sorts runs of marks in a time that grows with the square of their number."""
    short = "ệ" * 30
    long = unicodedata.normalize("NFD", short)
    assert fields.line({"name": long}, "name", 30) == fields.tag(long) == short
    with monkeypatch.context() as broken:
        broken.setattr(unicodedata, "normalize", None)
        for take in (lambda text: fields.line({"name": text}, "name", 30), fields.tag):
            with pytest.raises(Refused, match="30 characters"):
                take("\u0301\u0316" * 16_000)


@pytest.mark.parametrize("text", ["", "plain", "ﾞﾊﾞ①ﷺ", "Tiê\u0301ng Vie\u0323\u0302t", "각"])
def test_ordinary_texts_are_put_into_nfkc_as_by_python(text):
    assert spelling.nfkc(text) == unicodedata.normalize("NFKC", text)


@pytest.mark.parametrize("run", ["\u0301\u0316", "\uff9e\u0316", "\u0f73\u0316"])
def test_python_never_sorts_more_marks_than_a_language_needs(run, monkeypatch):
    given, normalize = [], unicodedata.normalize
    monkeypatch.setattr(
        unicodedata, "normalize", lambda form, text: given.append(text) or normalize(form, text)
    )
    assert spelling.nfkc(f"a{run * 2_000}b{run}") == normalize("NFKC", f"a{run * 15}b{run}")
    assert max(map(len, given)) == 34
