"""How a visitor gets a person while a bot answers: by the button, by words, with and without
scripts."""

import pytest

from chat.conversations import human_words
from chat.models import Conversation
from chat.posting import batches
from tests.chat.helpers import JSON, act_of, draft_of, new_guest, refused, rows_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(bot, guest, alice):
    return batches.post(guest.draft())["group"]


def handed(group: str) -> dict | None:
    """The facts of the last notice, if people have it."""
    data = rows_of(group)[-1].data or {}
    return data if data.get("event") == "handed_over" else None


def test_the_page_has_a_button_while_a_bot_answers(group, bot, guest, alice):
    page = guest.browser().get(f"/chat/{guest.enterprise.code}/").content.decode()
    assert button_of(page).count("hidden") == 1, "of the token alone"
    batches.do(act_of("claim", alice.uuid, group))
    page = guest.browser().get(f"/chat/{guest.enterprise.code}/").content.decode()
    assert button_of(page).count("hidden") == 2


def button_of(page: str) -> str:
    return page.partition('class="handover"')[2].partition("</form>")[0]


def test_the_button_works_as_a_plain_form(group, guest):
    answer = guest.browser().post(f"/chat/{guest.enterprise.code}/handover/")
    assert answer.status_code == 302
    assert handed(group)["why"] == "visitor"
    row = Conversation.objects.get()
    assert (row.bot, row.waiting_since) == ("", rows_of(group)[-2].created_at)


def test_who_has_not_written_has_nobody_to_wait_for(bot, team):
    browser = new_guest(team).browser()
    answer = browser.post(f"/chat/{team.enterprise.code}/handover/", **JSON)
    assert refused(answer) == (404, "not_found")


@pytest.mark.parametrize(
    "words",
    [
        *("转人工", "转人工！", " 人工客服 。", "ｈｕｍａｎ"),
        *("HUMAN", "Talk to a person!", "talk to a  person"),
    ],
)
def test_words_do_the_same(group, guest, words):
    batches.post(guest.draft(words, group=group))
    assert handed(group)["by"] == guest.uuid
    assert Conversation.objects.get().waiting_since == rows_of(group)[1].created_at


def test_words_as_the_first_message_hand_over_at_once(bot, guest, alice):
    group = batches.post(guest.draft("转人工"))["group"]
    assert Conversation.objects.get().bot == ""
    assert handed(group)


def test_words_within_a_sentence_do_not(group, guest):
    for text in ("the human body", "人工智能是什么", "!", "human " * 20):
        batches.post(guest.draft(text, group=group))
        assert not handed(group), text


def test_an_enterprise_has_words_of_its_own_in_each_language(group, guest, enterprise):
    enterprise.text_language = "en"
    enterprise.human_words = "mayday, help me"
    enterprise.save()
    assert human_words.asks(enterprise.code, "Mayday!")
    assert not human_words.asks(enterprise.code, "human")
    assert human_words.asks(enterprise.code, "转人工"), "in the other language the usual ones"
    enterprise.translations = {"zh-hans": {"human_words": "呼叫客服"}}
    enterprise.save()
    assert human_words.asks(enterprise.code, "呼叫客服")
    assert not human_words.asks(enterprise.code, "转人工")


def test_where_no_bot_answers_words_are_words(alice, guest):
    group = batches.post(guest.draft("human"))["group"]
    assert [one.data for one in rows_of(group) if one.data][-1]["event"] == "opened"


def test_what_a_bot_said_is_marked_on_the_page_and_in_the_transcript(group, bot, guest):
    batches.post(draft_of(bot, group, "At nine.", bot=True, seen=9))
    browser = guest.browser()
    page = browser.get(f"/chat/{guest.enterprise.code}/").content.decode()
    assert 'data-role="bot"' in page and '<span class="bot">' in page
    text = browser.get(f"/chat/{guest.enterprise.code}/transcript/").content.decode()
    assert "小机 (bot): At nine." in text


def test_a_bots_answer_lets_nobody_mail_the_transcript(group, bot, guest):
    batches.post(draft_of(bot, group, "At nine.", bot=True, seen=9))
    form = {"email": "victim@example.com", "zone": "UTC"}
    answer = guest.browser().post(f"/chat/{guest.enterprise.code}/transcript/", form, **JSON)
    assert refused(answer) == (409, "conflict")
