"""Nothing that people wrote runs on a page: each payload in every text that is stored, on each page
that shows it, in a browser that tells of whatever ran."""

from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from .eyes import CODE, MOST, TALL, look, visit
from .knowledge import SLUG
from .payloads import PAYLOADS, WHOLE
from .texts import LEFT_OUT, label_of, our_models, text_fields

pytestmark = pytest.mark.release

TO_THE_END = """
async (step) => {
  const list = document.querySelector(".rows");
  const before = list.scrollTop;
  list.scrollTop += step;
  await new Promise((done) => setTimeout(done, 60));
  return list.scrollTop > before;
}
"""


def test_every_text_that_is_stored_has_the_payloads_or_a_reason(places):
    labels = {label_of(field) for model in our_models() for field in text_fields(model)}
    assert set(LEFT_OUT) <= labels, "reasons for what is there no more"
    poor = {label: places["planted"][label] for label in labels - set(LEFT_OUT)}
    assert {label: count for label, count in poor.items() if count < 100} == {}


def test_an_agents_pages_show_them_as_text(member, watch, places):
    watch.expect(r"status of 400 .* \S+/replies/")
    page = member(f"{CODE}-alice")
    seen = look(page)
    while page.evaluate(TO_THE_END, 2_000):
        seen |= look(page)
    assert len(seen) >= MOST

    seen, address = set(), "/agent/?view=all"
    for _page in range(7):
        seen |= visit(page, address)
        cursor = page.locator(".row[data-cursor]").last.get_attribute("data-cursor")
        address = f"/agent/?view=all&before={quote(cursor)}"
    assert len(seen) >= MOST

    views = page.locator(".inbox a[data-view]")
    for path in views.evaluate_all("(links) => links.map((link) => link.getAttribute('href'))"):
        visit(page, path)
    for path in ("alerts/", "profile/", "password/", "figures/", "security/", "questions/"):
        visit(page, f"/agent/{path}")

    for path in (f"c/{places['blocked']}/", f"c/{places['mailed']}/"):
        visit(page, f"/agent/{path}", MOST)
    for path in (f"customers/{places['mailer']}/", f"customers/{places['mailer']}/mail/"):
        visit(page, f"/agent/{path}", MOST)
    visit(page, "/agent/?q=hit", 20)
    visit(page, "/agent/visitors/", MOST)
    visit(page, "/agent/replies/", MOST)
    visit(page, "/agent/replies/?q=hit", 20)
    page.click("article a >> nth=-1")
    page.locator("#id_title, [name=title]").evaluate(
        "(field) => field.removeAttribute('maxlength')"
    )
    page.fill("[name=title]", WHOLE)
    page.click("main form.card button.primary")
    expect(page.locator(".field-error, .errorlist").first).to_be_visible()
    assert len(look(page)) >= MOST


def test_a_conversation_shows_them_as_text(member, places):
    page = member(f"{CODE}-alice")
    address = f"/agent/c/{places['long']}/"
    seen = visit(page, address, MOST)
    for seq in range(25, places["last_seq"], 50):
        seen |= visit(page, f"{address}?at={seq}")
    page.goto(address)
    to_the_beginning(page)
    assert len(look(page)) >= MOST
    page.click("#content")
    page.wait_for_load_state("networkidle")
    page.locator("a.picture").first.click()
    expect(page.locator("dialog.viewer")).to_be_visible()
    look(page)
    page.keyboard.press("Escape")
    page.locator(".messages .message[data-kind=message]").last.hover()
    page.get_by_role("button", name="Quote", exact=True).click()
    expect(page.locator(".answered")).to_be_visible()
    look(page)
    page.goto("/agent/?view=closed")
    page.click(f".row[data-group='{places['blocked']}'] a")
    expect(page.locator(".block-over")).to_contain_text(PAYLOADS[0])
    assert len(look(page)) >= MOST


def to_the_beginning(page) -> None:
    """Scrolls up until all earlier messages are there."""
    for _page in range(30):
        page.evaluate("document.querySelector('.scroller').scrollTop = 0")
        if page.locator("#m1").count():
            return
        page.wait_for_timeout(150)
    raise AssertionError("the beginning never came")


def test_articles_and_the_assistants_pages_show_them_as_text(member, trapped, places):
    page = member(f"{CODE}-alice")
    for path in ("/agent/articles/", "/admin/articles/?page=2", "/admin/assistant/rehearsal/"):
        visit(page, path, 40)
    for path in (
        f"/agent/articles/{SLUG}/en/",
        f"/agent/articles/{SLUG}/en/history/",
        "/admin/assistant/",
        f"/admin/assistant/tasks/{places['task']}/",
        f"/admin/accounts/enterprise/{places['enterprise']}/change/?section=attributes",
        "/admin/customers/import/",
    ):
        visit(page, path, MOST)
    for path in ("new/", "proposals/", f"{SLUG}/en/answers/"):
        visit(page, f"/agent/articles/{path}")
    for path in ("reports/", "reports/articles/", "reports/articles/missing/"):
        visit(page, f"/admin/{path}")
    visit(page, "/admin/assistant/embeddings/")
    reader = trapped(viewport=TALL)
    visit(reader, f"/help/{CODE}/", MOST)
    visit(reader, f"/help/{CODE}/{SLUG}/?lang=en", MOST)
    for words in ("onload", "javascript", "script"):
        visit(reader, f"/help/{CODE}/?q={words}&lang=en", 5)


def test_what_is_offered_while_one_types_shows_them_as_text(member, places):
    page = member(f"{CODE}-alice")
    page.goto(f"/agent/c/{places['long']}/")
    page.click("#content")
    page.wait_for_load_state("networkidle")
    seen = set()
    for words in ("/", "/onload", "/javascript", "/hit(1", "/alert"):
        page.fill("#content", words)
        expect(page.locator("#suggestions [role=option]").first).to_be_visible()
        seen |= look(page)

    page.check(".modes [value='1']", force=True)
    for words in ("@", "@<svg", "@hit"):
        page.fill("#content", words)
        expect(page.locator("#suggestions [role=option]").first).to_be_visible()
        look(page)

    page.keyboard.press("Enter")
    look(page)
    page.fill(".search [name=q]", "hit")
    further = page.locator(".further")
    for _page in range(8):
        expect(page.locator(".searched")).to_contain_text("result")
        seen |= look(page)
        if not further.is_visible():
            break
        further.click()
        page.wait_for_timeout(200)

    page.fill(".search [name=q]", "")
    page.locator(".thread h1").click()
    page.keyboard.press("Control+k")
    for words in ("hit", "svg", "javascript", "<script", "{{", "://"):
        page.fill("dialog.palette input, dialog[open] input", words)
        page.wait_for_timeout(350)
        seen |= look(page)
    assert len(seen) >= MOST


def test_a_visitors_page_shows_them_as_text(trapped, watch, places):
    watch.expect(rf"status of 403 .* \S+/chat/{CODE}-0/|status of 413")
    page = trapped({"name": places["cookie"], "value": places["token"]}, viewport=TALL)
    visit(page, f"/chat/{CODE}/", MOST)
    to_the_beginning(page)
    assert len(look(page)) >= MOST
    visit(page, f"/chat/{CODE}/?embed=1", MOST)
    for text in PAYLOADS[::12]:
        visit(page, f"/chat/{CODE}/?team={quote(text, safe='')}")
    refuse(page, f"/chat/{CODE}/", f"/chat/{CODE}/messages/")
    visit(page, f"/chat/{CODE}/privacy/", MOST)
    for link in (places["back"], places["stop"]):
        visit(page, link, MOST)
    visit(page, f"/chat/{CODE}-0/")
    expect(page.locator("h1")).to_have_text("This chat is closed")
    stranger = trapped(viewport=TALL)
    visit(stranger, f"/chat/{CODE}/", MOST)
    topic = f"/chat/{CODE}/?team=service&topic={places['topic']}"
    visit(stranger, topic, MOST)
    expect(stranger.locator(".introduction")).to_contain_text("plaintext")
    refuse(stranger, topic, f"/chat/{CODE}/messages/")


def refuse(page, address: str, action: str) -> None:
    """A plain form with too much text comes back with it."""
    page.goto(address)
    page.evaluate(
        """([action, text]) => {
          const form = document.querySelector("form.composer");
          form.setAttribute("action", action);
          for (const field of form.elements)
            if (field.matches("textarea, [type=email], [type=tel], [name=name]"))
              field.value = text;
          HTMLFormElement.prototype.submit.call(form);
        }""",
        [action, WHOLE * 2],
    )
    page.wait_for_url(f"**{action}")
    assert len(look(page)) >= MOST


def test_pages_of_what_went_wrong_show_them_as_text(trapped, member, watch):
    """Whatever an address, a form or a query holds."""
    watch.expect(r"status of 40[0345] .* \S+")
    page = trapped()
    alice = member(f"{CODE}-alice")
    for text in PAYLOADS[::40]:
        word, name = quote(text, safe=""), quote(text.replace("/", "|"), safe="")
        for path in (f"/{word}", f"/chat/{name}/", f"/chat/{CODE}/?team={word}&lang={word}"):
            visit(page, path)
        visit(page, f"/agent/login/?next={word}")
        for path in (f"/agent/?view={word}&before={word}", f"/agent/?tag={word}&q={word}"):
            visit(alice, path)
    for path in ("/agent/login/", "/admin/login/"):
        fail_to_sign_in(page, path)
        look(page)


def fail_to_sign_in(page, path: str) -> None:
    page.goto(path)
    page.fill("[name=username]", WHOLE)
    page.fill("[name=password]", WHOLE)
    page.click("main button.primary, [type=submit]")


def test_other_ways_than_the_page_show_them_as_text(member, places):
    """Channels, robots, a webhook's log, files of customers; and what asks before it acts."""
    page = member(f"{CODE}-alice")
    for path in (
        "channels/",
        f"channels/{places['channel']}/",
        "notifications/",
        f"notifications/{places['robot']}/",
        f"chat/webhookdelivery/{places['delivery']}/change/",
        "customers/import/",
        f"customers/import/{places['import']}/",
        f"archive/{places['long']}/",
        f"archive/{places['mailed']}/",
    ):
        visit(page, f"/admin/{path}", MOST)
    visit(page, "/admin/archive/exports/")
    for path in (f"channels/{places['channel']}/", f"notifications/{places['robot']}/"):
        page.goto(f"/admin/{path.partition('/')[0]}/")
        card = page.locator(f".channel-card:has(form[action^='/admin/{path}act/'])")
        for action in ("test", "delete"):
            with page.expect_navigation():
                card.locator(f"details [value={action}]").dispatch_event("click")
            assert len(look(page)) >= MOST


def test_the_administration_shows_them_as_text(trapped, member, places):
    """A manager's pages; and those of a superuser, who sees all enterprises and failed sign-ins."""
    fail_to_sign_in(trapped(user_agent=PAYLOADS[0]), "/agent/login/")
    page = member(f"{CODE}-alice")
    rows = {
        "accounts/enterprise": places["enterprise"],
        "accounts/team": places["team"],
        "accounts/member": places["member"],
        "accounts/auditrow": places["audit"],
        "chat/conversation": places["conversation"],
        "chat/visitor": places["visitor"],
        "chat/cannedreply": places["reply"],
        "chat/quickquestion": places["question"],
    }
    visit(page, "/admin/", 10)
    visit(page, "/admin/live/", 10)
    visit(page, "/admin/archive/", MOST)
    visit(page, "/admin/accounts/accesstoken/?all=", MOST)
    for name, pk in rows.items():
        visit(page, f"/admin/{name}/?q=hit")
        visit(page, f"/admin/{name}/{pk}/change/", 20 if "question" in name else MOST - 5)
        visit(page, f"/admin/{name}/{pk}/history/")

    visit(page, "/admin/accounts/auditrow/?all=", MOST)
    for name in ("accounts/member", "chat/visitor", "chat/conversation", "chat/cannedreply"):
        visit(page, f"/admin/{name}/?all=", MOST)
    for name in ("chat/cannedreply", "chat/quickquestion"):
        visit(page, f"/admin/{name}/{rows[name]}/delete/")

    visit(page, f"/admin/accounts/enterprise/{places['enterprise']}/history/?all=", 100)
    visit(page, f"/admin/accounts/member/{places['member']}/password/")
    visit(page, f"/admin/accounts/enterprise/{places['enterprise']}/identity/", MOST)
    page.goto(f"/admin/accounts/enterprise/{places['enterprise']}/widget/")
    # The text on it makes it larger than any window.
    expect(page.frame_locator("iframe.preview").locator("kefu-words .words")).to_be_visible()

    look(page)
    button = page.frame_locator("iframe.preview").locator("kefu-chat button").first
    button.dispatch_event("click")
    expect(page.frame_locator("iframe.preview").locator("kefu-chat div.ready")).to_be_attached()
    assert len(look(page)) >= MOST

    page.goto(f"/admin/accounts/member/?q={quote('<script')}")
    for number in range(4):
        page.locator(".action-select").nth(number).check()
    page.click("[name=action][value=send_link]")
    expect(page.locator(".messagelist li").first).to_be_visible()

    look(page)
    superuser = member("admin", login="/admin/login/")
    for name in ("accessattempt", "accesslog", "accessfailurelog"):
        visit(superuser, f"/admin/axes/{name}/")

    visit(superuser, "/", 90)
    visit(superuser, "/admin/accounts/enterprise/?all=", MOST)
    superuser.check("#action-toggle")
    superuser.click("[name=action][value=close]")
    assert len(look(superuser)) >= 90
