"""The administrators' home, whose numbers lead to their rows, and the live view."""

from playwright.sync_api import expect

from .pages import accessible, came, looks, shot


@looks
def test_the_home_tells_who_waits_and_leads_to_the_rows(browse, sign_in, look):
    came(browse, f"home {look}", locale=look.locale)
    page = sign_in("manager", **look)
    page.goto("/admin/")
    expect(page.locator("#tasks li [aria-current]")).to_have_count(1)
    assert int(page.locator(".tiles dd").first.inner_text().split()[0]) > 0
    accessible(page)
    page.locator(".home summary").press("Enter")
    expect(page.locator(".home details table")).to_be_visible()
    accessible(page)
    page.locator(".tiles a").last.click()
    page.wait_for_url("**/reports/rows/?**")
    accessible(page)


@looks
def test_the_live_view_renews_itself_and_changes_a_colleagues_state(browse, sign_in, look):
    sign_in("bob")
    page = sign_in("manager", **look)
    page.goto("/admin/live/")
    accessible(page)
    shown = page.locator(".live .tiles dd").first
    before = int(shown.inner_text())
    came(browse, f"live {look}", locale=look.locale)
    expect(shown).to_have_text(str(before + 1))
    page.locator("[data-focus='bob busy']").click()
    expect(page.locator("[data-focus='bob busy']")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-focus='bob busy']")).to_be_focused()
    expect(page.locator(".agents .state.busy")).to_be_visible()
    accessible(page)
    page.locator("[data-focus='bob online']").click()
    expect(page.locator(".agents .state.busy")).to_have_count(0)


def test_the_live_view_is_told_by_its_socket(browse, sign_in):
    page = sign_in("manager")
    told, asked = [], []

    def hear(socket):
        socket.on("framereceived", lambda frame: told.append(str(frame)))

    page.on("websocket", hear)
    page.goto("/admin/live/")
    shown = page.locator(".live .tiles dd").first
    before = int(shown.inner_text())
    page.on("request", lambda request: asked.append((len(told), request.url)))
    came(browse, "told by the socket")
    expect(shown).to_have_text(str(before + 1))
    assert any("changed" in frame for frame in told)
    assert asked and all(count for count, _url in asked), "it asks because it was told"


def test_the_live_view_counts_on_and_says_when_it_is_old(browse, sign_in, watch):
    watch.expect("ERR_FAILED")
    came(browse, "who waits for long")
    page = sign_in("manager")
    page.clock.install()
    page.goto("/admin/live/")
    counter = page.locator("[data-live=conversations] time").first
    first = counter.inner_text()
    page.clock.run_for(2_000)
    expect(counter).not_to_have_text(first)
    expect(page.locator(".stale")).to_be_hidden()
    page.route("**/admin/live/", lambda route: route.abort())
    page.clock.run_for(20_000)
    expect(page.locator(".stale")).to_be_visible()
    accessible(page)
    page.unroute("**/admin/live/")
    page.clock.run_for(9_000)
    expect(page.locator(".stale")).to_be_hidden()


def test_the_live_view_fills_a_wall(sign_in):
    page = sign_in("manager", viewport={"width": 1920, "height": 1080})
    page.goto("/admin/live/")
    page.locator(".wall").click()
    expect(page.locator("#live:fullscreen")).to_be_visible()
    expect(page.locator(".live .act").first).to_be_hidden()
    shot(page)
