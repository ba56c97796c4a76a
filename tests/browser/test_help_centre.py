"""The help centre as a reader meets it: found while typing, opened by keys, and voted on."""

import re

from playwright.sync_api import expect

from .pages import accessible, looks

ARTICLES = """
from accounts.models import Enterprise
from chat.knowledge import articles
for slug, en, zh in (("hot", "Gaiwan too hot", "盖碗太烫"), ("ship", "Shipping", "发货")):
    for lang, title in (("en", en), ("zh-hans", zh)):
        text = articles.Text(title, f"{title}\\n\\n## A\\n\\n## B\\n\\n## C", title)
        articles.put(Enterprise.objects.get(code="demo"), slug, lang, text)
"""


@looks
def test_a_reader_finds_an_article_while_typing_and_says_that_it_helped(
    browse, server, watch, look
):
    server.arrange(ARTICLES)
    page = browse("/help/demo/", **look)
    accessible(page)
    asked = "too hot?" if look.locale == "en-GB" else "太烫了"
    page.fill("[name=q]", asked)
    expect(page.locator("[role=option]").last).to_contain_text(asked)
    page.press("[name=q]", "ArrowDown")
    expect(page.locator("[aria-selected=true]")).to_have_count(1)
    accessible(page)

    def is_opened(request) -> bool:
        return request.url.endswith("/seen/") and "slug=hot" in (request.post_data or "")

    with page.expect_request(is_opened) as opened:
        page.press("[name=q]", "Enter")
    assert "&q=" in opened.value.post_data
    accessible(page)
    page.route("**/helpful/", lambda route: route.abort(), times=1)
    watch.expect("ERR_FAILED")
    page.locator(".helpful button").first.click()
    expect(page.locator(".helpful [role=status]")).to_have_text(re.compile("did not work|没有成功"))
    with page.expect_response("**/helpful/") as voted:
        page.locator(".helpful button").first.click()
    assert voted.value.ok
    expect(page.locator(".helpful button").first).to_be_hidden()
    assert page.context.cookies() == []
