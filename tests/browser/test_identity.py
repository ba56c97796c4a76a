"""Who is signed in on the site around the widget, from another origin under a strict policy."""

from playwright.sync_api import expect

from .pages import at_desk, comes, open_conversation, row_of, sees, until, write
from .widget import answer, badge, chat, opened, signed_in


def test_the_thread_follows_a_person_to_another_device(browse, sign_in, shop, token):
    page = browse(signed_in(shop, token("thread", name="Ada Thread")))
    frame = opened(page)
    write(frame, "from the first device", frame)
    frame.locator(".leave").click()
    agent = sign_in("alice")
    expect(row_of(agent, "Ada Thread")).to_be_visible()
    answer(agent, "from the first device", "to all devices")
    other = browse("about:blank")
    asked = []
    other.on("request", lambda request: asked.append(request.url))
    other.goto(signed_in(shop, token("thread", name="Ada Thread")))
    expect(badge(other)).to_have_text("1")
    assert not any("user=" in url or "eyJ" in url for url in asked if "localhost" not in url)
    frame = opened(other)
    sees(frame, "from the first device")
    sees(frame, "to all devices")
    panel = agent.locator("[data-fact=identity]")
    expect(panel).to_have_text("Ada Thread · thread")


def test_what_was_written_before_signing_in_comes_along(browse, sign_in, shop, token):
    page = browse(shop.url)
    write(opened(page), "before I signed in", chat(page))
    agent = at_desk(sign_in, "alice", "before I signed in")
    page.evaluate("(token) => Kefu.identify(token)", token("joins", name="Bo Joins"))
    expect(agent.locator("#thread-name")).to_have_text("Bo Joins")
    sees(chat(page), "before I signed in")
    write(chat(page), "and after", agent)
    # The same person on another device, without a name at first: the two threads become one.
    other = browse(shop.url)
    write(opened(other), "elsewhere, without a name", chat(other))
    open_conversation(agent, "elsewhere, without a name")
    agent.fill("#content", "half a thou")
    other.evaluate("(token) => Kefu.identify(token)", token("joins", name="Bo Joins"))
    for text in ("before I signed in", "and after", "elsewhere, without a name"):
        sees(agent, text)
        sees(chat(other), text)
        sees(chat(page), text)
    expect(agent.locator("#thread-name")).to_have_text("Bo Joins")
    expect(agent.locator("#content")).to_have_value("half a thou")
    expect(row_of(agent, "Bo Joins")).to_have_count(1)


def lose_first(socket, lost: list) -> None:
    """Lets a page's socket be, but for the first message that it sends."""
    server = socket.connect_to_server()

    def pass_on(frame: str) -> None:
        if "message.send" in frame and not lost:
            lost.append(frame)
        else:
            server.send(frame)

    socket.on_message(pass_on)


def test_what_another_window_sends_while_one_signs_in_arrives(browse, sign_in, shop, token, watch):
    # Of Playwright, which passes frames on to a socket that is closing.
    watch.expect("WebSocket is already in CLOSING or CLOSED state")
    first = browse(signed_in(shop, token("sends", name="Ed Sends")))
    write(opened(first), "known from elsewhere", chat(first))
    page = browse(shop.url)
    write(opened(page), "no name yet", chat(page))
    window = browse("about:blank", context=page.context)
    lost = []
    window.route_web_socket("**/ws/visitor/**", lambda socket: lose_first(socket, lost))
    window.goto(f"{shop.url}/next")
    write(opened(window), "on its way just then")
    chat(window).locator("#content").fill("and half of anoth")
    comes(window, lost)
    page.evaluate("(token) => Kefu.identify(token)", token("sends", name="Ed Sends"))
    for one in (window, page, first):
        sees(chat(one), "on its way just then")
        sees(chat(one), "known from elsewhere")
    expect(chat(window).locator("#content")).to_have_value("and half of anoth")
    page.evaluate("Kefu.identify(null)")
    for one in (window, page):
        expect(chat(one).locator(".messages .message")).to_have_count(0)
        expect(chat(one).locator("#content")).to_have_value("")


KNOWN = """
from accounts import tokens
from accounts.models import AccessToken, Enterprise
from chat.models import Visitor
from chat.visitors import identities
demo = Enterprise.objects.get(code="demo")
columns = identities.visitor_columns(demo, identities.Person("begun", "Di Begun"))
columns["secret_hash"] = identities.NO_SECRET_HASH
visitor = Visitor.objects.create(ent_id="demo", label="Di Begun", **columns)
member = tokens.service_account(demo, "begins")
token = AccessToken(member=member, name="begins", scopes=list(tokens.SCOPES))
print(visitor.uuid, tokens.issue(token))
"""


def test_what_a_program_begins_is_on_every_page_of_the_person(browse, server, shop, token):
    visitor, access = server.arrange(KNOWN).split()
    page = browse(signed_in(shop, token("begun", name="Di Begun")))
    frame = opened(page)
    expect(frame.locator("#content")).to_be_visible()
    begun = page.request.post(
        f"{server.url}/api/v1/conversations/",
        headers={"Authorization": f"Bearer {access}"},
        data={"visitor": visitor, "content": "Your parcel is here."},
    )
    assert begun.status == 201
    sees(frame, "Your parcel is here.")
    write(frame, "Thank you")
    other = browse(signed_in(shop, token("begun", name="Di Begun")))
    sees(opened(other), "Your parcel is here.")
    sees(chat(other), "Thank you")


def test_signing_out_on_the_site_ends_it_in_every_window(browse, shop, token):
    page = browse(signed_in(shop, token("leaves", name="Cy Leaves")))
    write(opened(page), "mine alone", chat(page))
    window = browse(f"{shop.url}/next", context=page.context)
    sees(opened(window), "mine alone")
    page.evaluate("Kefu.identify(null)")
    for one in (page, window):
        sees(chat(one), "mine alone", 0)
        expect(chat(one).locator(".messages .message")).to_have_count(0)
    write(chat(page), "nobody in particular", chat(window))
    again = browse(signed_in(shop, token("leaves", name="Cy Leaves")))
    sees(opened(again), "mine alone")
    assert "nobody in particular" not in chat(again).locator(".messages").inner_text()


def test_a_wrong_token_changes_nothing_and_the_console_says_why(browse, shop, watch, token):
    watch.expect(r"status of 40[03]")
    page = browse("about:blank")
    why = "not signed with this enterprise's secret"
    with page.expect_console_message(lambda message: why in message.text):
        page.goto(signed_in(shop, token("x") + "0"))
    until(page, "window.Kefu")
    refused = "(token) => Kefu.identify(token).catch(({ reason, message }) => [reason, message])"
    assert page.evaluate(refused, token("x") + "0")[0] == "forbidden"
    assert page.evaluate(refused, token("x", exp=1))[0] == "expired"
    reason, message = page.evaluate(refused, {"id": 1})
    assert reason == "bad_field" and "A token is base64url" in message
    assert page.evaluate("Kefu.identify(null)") is None
    frame = opened(page)
    write(frame, "still without a name", frame)
