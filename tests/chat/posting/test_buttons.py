"""The buttons below a bot's message: who may send them, where they are stored, and what takes them
away."""

import pytest

from accounts import tokens
from accounts.models import Member
from chat import transcripts
from chat.care import personal_data
from chat.mail import answers
from chat.models import Conversation, GroupMessage
from chat.posting import batches
from chat.posting.actions import Recall
from chat.posting.items import Draft
from chat.protocol import checks
from chat.protocol.errors import Refused
from chat.reading import history
from tests.chat.helpers import codes, new_id, rows_of

pytestmark = pytest.mark.django_db
BUTTONS = ["Track my parcel", "退货"]
GROUP = "4e856ead-d369-491e-be93-eee830c99050"


def frame_of(group: str = GROUP, **fields) -> dict:
    send = {"type": "message.send", "client_id": new_id(), "group": group, "content": "How?"}
    return {**send, "seen": 2, "buttons": BUTTONS, **fields}


def says(member: Member, frame: dict, **more) -> Draft:
    draft = Draft.of_member(checks.check_frame(frame, visitor=False), member, frame["group"])
    for name, value in more.items():
        setattr(draft, name, value)
    return draft


def shown(group: str, as_visitor: bool) -> list:
    rows, _more = history.messages(Conversation.objects.get(uuid=group), as_visitor)
    return [(row["data"] or {}).get("buttons") for row in rows if row["kind"] == "message"]


@pytest.mark.parametrize(
    ("buttons", "code"),
    [
        ("yes", "bad_field"),
        ({"a": 1}, "bad_field"),
        ([], "bad_field"),
        (list("abcdef"), "bad_field"),
        (["a", 1], "bad_field"),
        (["a", ""], "bad_field"),
        (["a", " \n"], "bad_field"),
        (["a\0"], "bad_field"),
        (["a  b", "a b"], "bad_field"),
        (["a" * 41], "too_long"),
    ],
)
def test_buttons_are_a_few_short_lines_that_differ(buttons, code):
    with pytest.raises(Refused) as refused:
        checks.check_frame(frame_of(buttons=buttons), visitor=False)
    assert refused.value.code == code and "client_id" in refused.value.facts
    kept = checks.check_frame(frame_of(buttons=[" a\n b ", *"cdef"]), visitor=False)
    assert kept.buttons == ("a b", *"cdef")
    assert checks.check_frame(frame_of(buttons=None), visitor=False).buttons == ()


def test_only_a_bot_has_them_and_never_on_a_note(bot, guest, alice, enterprise):
    group = batches.post(guest.draft())["group"]
    account = tokens.service_account(enterprise, "crm")
    drafts = [says(alice, frame_of(group)), says(account, frame_of(group), service=True)]
    assert codes(batches.run(drafts)) == ["bad_field", "bad_field"]
    for frame, visitor in ((frame_of(note=True), False), ({**frame_of(), "seen": None}, True)):
        frame = {name: value for name, value in frame.items() if value is not None}
        with pytest.raises(Refused) as refused:
            checks.check_frame(frame, visitor)
        assert refused.value.code == "bad_field"
    assert len(rows_of(group)) == 2, "the opening and the visitor's message"


def test_everybody_reads_them_and_only_the_same_ones_are_a_retry(bot, guest, alice):
    group = batches.post(guest.draft())["group"]
    frame = frame_of(group)
    first = batches.post(says(bot, frame, bot=True))
    for as_visitor in (True, False):
        assert shown(group, as_visitor) == [None, BUTTONS]
    assert batches.post(says(bot, frame, bot=True)) == first
    for other in (BUTTONS[:1], BUTTONS[::-1], None):
        retry = says(bot, {**frame, "buttons": other}, bot=True)
        assert codes(batches.run([retry])) == ["conflict"]
    plain = {**frame_of(group), "buttons": None}
    batches.post(says(bot, plain, bot=True))
    with_buttons = says(bot, {**plain, "buttons": BUTTONS}, bot=True)
    assert codes(batches.run([with_buttons])) == ["conflict"]


def test_a_recall_and_an_erasure_take_them_away(bot, guest, alice):
    group = batches.post(guest.draft())["group"]
    seqs = [batches.post(says(bot, frame_of(group), bot=True))["seq"] for _ in range(2)]
    assert batches.run([Recall(bot.uuid, group, seqs[0])]) == [None]
    assert shown(group, as_visitor=True) == [None, BUTTONS]
    personal_data.erase(guest.uuid)
    assert not GroupMessage.objects.filter(data__buttons__isnull=False).exists()


def test_a_transcript_and_a_mail_name_them(bot, guest, alice, enterprise):
    group = batches.post(guest.draft())["group"]
    batches.post(says(bot, frame_of(group), bot=True))
    conversation = Conversation.objects.get(uuid=group)
    text = transcripts.transcript_text(conversation, enterprise, "UTC")
    assert "How?\n       [Track my parcel] [退货]\n" in text
    assert answers.text_of(rows_of(group)[-1]) == "How?\n[Track my parcel] [退货]"
