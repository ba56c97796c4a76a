"""Articles beside the chat: suggested while one writes, read over the chat, put into answers."""

from playwright.sync_api import expect

from .pages import UNSPOKEN, accessible, at_desk, looks, shot, write
from .widget import button, chat

PLACES = "We send it: [see below](#煮水).\n\n## 煮水"
ARTICLES = {
    "lid": ("盖碗少了盖子怎么补", "The lid of a gaiwan is missing", "免费补发。", PLACES),
    "order": ("在哪里查订单号", "Where is the order number", "在确认邮件里。", "In your mail."),
}


def written(server, code: str) -> None:
    server.arrange(
        "from accounts.models import Enterprise\n"
        "from chat.knowledge import articles\n"
        f"enterprise = Enterprise.objects.get(code={code!r})\n"
        f"for slug, (zh, en, in_zh, in_en) in {ARTICLES!r}.items():\n"
        "    articles.put(enterprise, slug, 'zh-hans', articles.Text(zh, in_zh))\n"
        "    articles.put(enterprise, slug, 'en', articles.Text(en, in_en))\n"
    )


@looks
def test_an_article_that_helps_spares_the_conversation(server, browse, enterprise, look):
    code = enterprise(f"spared{look}")
    written(server, code)
    words = {"en-GB": "my gaiwan has no lid, it is missing", "zh-CN": "盖碗少了盖子"}[look.locale]
    visitor = browse(f"/chat/{code}/", **look)
    visitor.evaluate(UNSPOKEN)
    visitor.fill("#content", words)
    card, sheet = visitor.locator(".suggested"), visitor.locator(".article-sheet")
    expect(card.locator("a").first.locator("b").first).to_be_visible()
    expect(card.locator("#suggested-title")).not_to_be_empty()
    assert not any(visitor.evaluate("unspoken"))
    accessible(visitor)
    card.locator("a").first.click()
    expect(sheet.locator(".article-body")).to_be_focused()
    accessible(visitor)
    visitor.go_back()
    expect(sheet).to_be_hidden()
    expect(visitor.locator("#content")).to_have_value(words)
    card.locator("a").first.click()
    sheet.locator(".helped").click()
    end = visitor.locator(".was-solved")
    expect(end.locator("p")).to_be_focused()
    expect(visitor.locator("#content")).to_have_value("")
    accessible(visitor)
    end.locator("button").click()
    expect(visitor.locator("#content")).to_have_value(words)
    visitor.press("#content", "Enter")
    expect(card).to_be_hidden()
    expect(visitor.locator(".message[data-mine]:not([data-state])")).to_have_count(1)


def test_agents_put_an_article_into_their_answer(server, browse, sign_in, enterprise):
    code = enterprise("put")
    written(server, code)
    visitor = browse(f"/chat/{code}/?article=order")
    expect(visitor.locator(".about-article")).to_contain_text("Where is the order number")
    shot(visitor)
    write(visitor, "my gaiwan has no lid, it is missing")
    alice = at_desk(sign_in, f"{code}-alice", "my gaiwan")
    expect(alice.locator(".pages .place")).to_contain_text(f"/help/{code}/order/")
    panel = alice.locator(".panel .articles")
    expect(panel.locator("a").first).to_have_text("The lid of a gaiwan is missing")
    accessible(alice)
    panel.get_by_role("button", name="Insert a link").first.click()
    link = f"[The lid of a gaiwan is missing]({server.url}/help/{code}/lid/?lang=en)"
    expect(alice.locator("#content")).to_have_value(link)
    alice.fill("#content", "/order number")
    expect(alice.locator("#suggestions [role=option]")).to_have_count(1)
    shot(alice)
    alice.press("#content", "Shift+Enter")
    expect(alice.locator("#content")).to_have_value("In your mail.")
    alice.keyboard.press("Control+k")
    alice.keyboard.type("order number")
    expect(alice.get_by_role("group", name="Articles")).to_be_visible()
    shot(alice)
    alice.keyboard.press("Escape")
    alice.press("#content", "Enter")
    answer = alice.locator(".message[data-mine]:not([data-state])")
    answer.locator(".body").hover()
    with alice.context.expect_page() as opened:
        alice.get_by_role("button", name="Make an article of it").click()
    title = opened.value.locator("[name=title]")
    expect(title).to_have_value("my gaiwan has no lid, it is missing")
    expect(opened.value.locator("[name=body]")).to_have_value("In your mail.")


def test_a_site_opens_an_article_in_its_widget(server, browse, shop, watch):
    watch.expect("404")
    written(server, "demo")
    try:
        page = browse(f"{shop.url}/")
        expect(button(page)).to_be_visible()
        page.evaluate("Kefu.article('lid')")
        text = chat(page).locator(".article-sheet .article-body")
        expect(text).to_contain_text("We send")
        link = text.get_by_role("link", name="see below")
        link.click()
        assert link.get_attribute("target") is None, "a place in the article is no other page"
        assert page.evaluate("Kefu.article('gone').catch(({ reason }) => reason)") == "not_found"
    finally:
        server.arrange("from chat.models import Article\nArticle.objects.all().delete()")
