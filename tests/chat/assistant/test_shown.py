"""How an assistant's answer looks to everybody: it says that a model wrote it, and on what it
stands; where that is not shown there are no numbers either."""

import re

import pytest

from chat.assistant import assistants
from chat.mail import answers
from chat.models import Conversation, GroupMessage
from chat.posting import batches
from chat.reading import history, inbox
from chat.stream import payloads
from chat.transcripts import transcript_text
from tests.chat.helpers import PAGE, draft_of, rows_of

from .answered import CITATIONS, DATA, SAID, TEXT, answer, citation

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(bot, guest, alice):
    return batches.post(guest.draft("少了盖子"))["group"]


def test_everybody_gets_the_text_with_its_citations(group, bot, guest):
    seq = answer(bot, group)
    row = GroupMessage.objects.in_group(group).get(seq=seq)
    shown = [
        history.messages(Conversation.objects.get(), as_visitor)[0][-1]
        for as_visitor in (True, False)
    ]
    for one in [*shown, payloads.messages("acme", [row])[row.id]]:
        assert (one["sender_role"], one["content"]) == ("bot", TEXT)
        assert one["data"] == {"generated": True, "citations": CITATIONS}


def test_where_no_sources_are_shown_there_are_no_numbers(group, bot, guest, alice, team):
    seq = answer(bot, group)
    (row,) = inbox.rows_of(alice.uuid, "acme", [group])
    assert row["last"]["excerpt"] == SAID
    news = guest.browser().get(f"/chat/acme/news/?team={team.slug}").json()["news"]
    assert news["text"] == SAID
    assert answers.text_of(GroupMessage.objects.in_group(group).get(seq=seq)) == SAID
    batches.post(guest.draft("是吗", group=group, client_id=None))
    quoted = batches.post(draft_of(alice, group, "是的", reply_to=seq))["seq"]
    last = history.messages(Conversation.objects.get(), as_visitor=True)[0][-1]
    assert (last["seq"], last["reply_to"]["excerpt"]) == (quoted, SAID)


def test_a_transcript_names_the_sources_below(group, bot, settings):
    answer(bot, group)
    settings.PUBLIC_URL = "https://kefu.example.com"
    said = transcript_text(Conversation.objects.get(), bot.enterprise, "UTC")
    assert "小机 (AI): " + SAID in said
    place = "https://kefu.example.com/help/acme/missing/?lang=zh-hans"
    assert f"Sources:\n       · 少件怎么补 {place}\n       · 到达时间 " in said


def test_the_visitors_page_has_marks_sources_and_the_question_below_the_latest(group, bot, guest):
    first = answer(bot, group)
    batches.post(guest.draft("再问", group=group))
    twice = [*CITATIONS, citation(3, "missing", "少件怎么补")]
    last = answer(
        bot, group, "**都免费**[1]。包括运费[3]。", {**DATA, "formatted": True, "citations": twice}
    )
    page = guest.browser().get("/chat/acme/").content.decode()
    one, two = (page.partition(f'id="m{seq}"')[2].partition('id="m')[0] for seq in (first, last))
    assert "AI-generated" in one and 'class="bot"' not in one
    mark = '补发不收费<sup class="mark" title="&lt;missing 的原话&gt;">1</sup>，两天到杭州<sup'
    assert mark in one and "[3]" in one
    assert "<strong>都免费</strong><sup" in two
    links = re.findall(r'<li><a href="([^"]+)".*?</a></li>', two, re.DOTALL)
    assert [link.split("/")[3] for link in links] == ["missing", "shipping"]
    assert '<span class="mark">1</span><span class="mark">3</span>' in two
    assert ('class="helpful"' in one, 'class="helpful"' in two) == (False, True)


def test_agents_and_the_archive_show_the_same_and_ask_nothing(group, bot, alice, manager, client):
    answer(bot, group)
    for member, path in ((alice, f"/agent/c/{group}/"), (manager, f"/admin/archive/{group}/")):
        client.force_login(member)
        page = client.get(path).content.decode()
        assert page.count('class="sources') == 1 and page.count("cited") > 0, path
        assert ">AI-generated<" in page and 'class="helpful"' not in page


def test_the_first_page_says_that_a_machine_answers_where_it_would_now(assistant, guest):
    def head(path="/chat/acme/") -> str:
        return guest.browser().get(path).content.decode().partition("</header>")[0]

    assert '<b class="machine">' in head() and "Nobody is online" not in head()
    assert "Talk to a person" in head() and "handover" in head(), "hidden until it answers"
    assistants.change(assistant, when="closed")
    assert '<b class="machine" hidden>' in head() and "Nobody is online" in head()


def test_the_head_offers_a_person_while_a_machine_answers(group, bot, guest, alice):
    def head() -> str:
        return guest.browser().get("/chat/acme/").content.decode().partition("</header>")[0]

    assert '<b class="machine">A bot answers first</b>' in head() and "Talk to a person" in head()
    batches.post(draft_of(alice, group, "我来"))
    assert '<b class="machine" hidden>' in head()


def test_without_an_assistant_pages_have_nothing_of_it(bot, guest, alice, group):
    batches.post(draft_of(bot, group, "[1] plain", bot=True, seen=len(rows_of(group))))
    page = guest.browser().get("/chat/acme/", **PAGE).content.decode()
    assert '<link rel="stylesheet" href="/static/css/thread/cited.css">' not in page
    assert "[1] plain" in page and 'class="helpful"' not in page
