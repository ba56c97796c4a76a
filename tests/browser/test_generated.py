"""An assistant's answer on the pages of its visitor and of who may take it back."""

import pytest
from playwright.sync_api import expect

from .pages import accessible, came, open_conversation

pytestmark = pytest.mark.release

ASSISTANT = """
from accounts import rights, setup
from accounts.models import Enterprise
from chat.knowledge import articles
from chat.knowledge.articles import Text
from chat.presence import leases
there = Enterprise.objects.get(code="{code}")
there.teams.get().places.filter(member__name="{code}-alice").update(member_type=1)
bot = setup.create_member("assistant@{code}", enterprise=there, role=rights.BOT, nickname="Aida")
setup.join_team(bot, there.teams.get())
leases.renew([bot.uuid], restart=True)
for slug in ("missing", "shipping"):
    articles.put(there, slug, "en", Text(title=f"About {{slug}}", body="It is free of charge."))
"""
ANSWER = """
from accounts.models import Member
from chat.models import Article, AssistantCitation, Conversation
from chat.posting import messages, reactions
from tests.chat.assistant.answered import answer, citation
group = Conversation.objects.get(ent_id="{code}")
cited = [citation(n, slug, f"About {{slug}}") for n, slug in enumerate(("missing", "shipping"), 1)]
for one in cited:
    one |= {{"lang": "en", "quote": "free of charge"}}
    one |= {{"url": one["url"].replace("acme", "{code}").replace("zh-hans", "en")}}
data = {{"bot": True, "generated": True, "citations": cited}}
def dress(thread, draft, row, now):
    row.data = data
at = reactions.REACTIONS.index(reactions.append)
messages.REACTIONS = (*reactions.REACTIONS[:at], dress, *reactions.REACTIONS[at:])
answer(Member.objects.get(name="assistant@{code}"), group.uuid, "Free of charge [1].[2]", data)
messages.REACTIONS = reactions.REACTIONS
for row in Article.objects.filter(enterprise__code="{code}"):
    AssistantCitation.objects.filter(ent_id="{code}", slug=row.slug).update(article=row)
"""


def test_an_answer_opens_its_articles_is_judged_and_taken_back(server, enterprise, browse, sign_in):
    code = enterprise("generated")
    server.arrange(ASSISTANT.format(code=code))
    visitor = came(browse, "A lid is missing", code)
    expect(visitor.locator(".message[data-mine]:not([data-state])")).to_have_count(1)
    server.arrange(ANSWER.format(code=code))
    said = visitor.locator(".message:has(.generated)")
    expect(said.locator(".generated")).to_have_text("AI-generated")
    expect(said.locator("sup.mark")).to_have_text(["1", "2"])
    expect(visitor.locator(".head .handover button")).to_be_in_viewport()
    said.get_by_role("button", name="Yes").click()
    expect(said.locator("[aria-pressed=true]")).to_have_text("Yes")
    said.get_by_role("link", name="About shipping").click()
    expect(visitor.get_by_role("dialog")).to_contain_text("free of charge")
    visitor.keyboard.press("Escape")
    accessible(visitor)
    plain = browse(f"/chat/{code}/", context=visitor.context)
    expect(plain.locator(".helpful [aria-pressed=true]")).to_have_text("Yes")
    said.hover()
    visitor.get_by_role("button", name="Quote").click()
    expect(visitor.locator(".answered .quote")).to_contain_text("Free of charge.")
    expect(visitor.get_by_role("button", name="Recall")).to_be_hidden()

    alice = sign_in(f"{code}-alice")
    editor = browse("/agent/articles/missing/en/", context=alice.context)
    editor.fill("#body", "Now it has a price.")
    expect(editor.locator("#previewed")).to_contain_text("1 loses it.")
    open_conversation(alice, "Free of charge.")
    alice.locator(".message:has(.sources)").hover()
    alice.get_by_role("button", name="Recall", exact=True).click()
    alice.get_by_role("button", name="Recall for everyone?").click()
    for page in (visitor, plain):
        expect(page.locator(".sources, .helpful")).to_have_count(0)
