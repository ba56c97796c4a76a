"""Every page: accessible, at home on a phone, in both languages, light and dark."""

import pytest
from playwright.sync_api import expect

from .pages import accessible, came, looks, open_conversation

OPEN_TO_ALL = ["/", "/chat/demo/", "/chat/nowhere/", "/agent/login/", "/agent/password/forgotten/"]
FOR_AGENTS = ["/agent/", "/agent/replies/", "/agent/alerts/", "/agent/profile/", "/agent/password/"]
FOR_AGENTS += ["/agent/visitors/", "/agent/figures/", "/agent/security/"]
ADDS = ["/admin/accounts/member/add/", "/admin/notifications/add/slack/"]


@looks
def test_the_public_pages_are_accessible(browse, watch, look):
    watch.expect("404")
    page = browse("/", **look)
    for path in OPEN_TO_ALL:
        page.goto(path)
        accessible(page)


@looks
def test_the_agents_pages_are_accessible(browse, sign_in, look):
    came(browse, f"axe {look}", locale=look.locale)
    page = sign_in("alice", **look)
    for path in FOR_AGENTS:
        page.goto(path)
        accessible(page)
    page.goto("/agent/")
    open_conversation(page, f"axe {look}")
    accessible(page)


def test_every_page_of_the_managers_navigation_is_accessible(browse, sign_in):
    came(browse, "what the tables show")
    # Axe tries styles on Django's pages; the corpus proves that these keep to the policy.
    page = sign_in("manager", bypass_csp=True)
    page.goto("/admin/")
    links = page.locator("#tasks a").evaluate_all("all => all.map((one) => one.pathname)")
    # These have tests of their own.
    others = [link for link in links if link not in ("/admin/archive/", "/admin/reports/")]
    assert len(others) > 10
    for link in [*others, "/agent/questions/", *ADDS]:
        page.goto(link)
        accessible(page)
        if link in ADDS:
            expect(page.locator(".save-bar .primary")).to_be_visible()


@pytest.mark.parametrize("encoding", [pytest.param("br, gzip", marks=pytest.mark.release), "gzip"])
@pytest.mark.parametrize(("path", "limit"), [("/chat/demo/", 45_000), ("/agent/", 110_000)])
def test_the_pages_are_light(sign_in, browse, path, limit, encoding):
    """Transferred bytes of a first visit, as docs/performance.md promises: by a browser that has
    the cookies of a login and nothing else yet, behind a proxy that may pass no Brotli. Other tests
    add conversations to the demo's eight that wait; a row takes some 170 bytes."""
    cookies = sign_in("bob").context.cookies()
    page = browse("/health/live/", extra_http_headers={"Accept-Encoding": encoding})
    if path == "/agent/":
        page.context.add_cookies(cookies)
    # Scripts that are loaded once the page is at rest, after 3 s, are none of it on a slow machine.
    page.add_init_script(
        "const { setTimeout: f } = window; setTimeout = (g, ms) => ms >= 3000 || f(g, ms)"
    )
    requests = []
    page.on("requestfinished", lambda request: requests.append(request))
    page.goto(path)
    page.wait_for_load_state("networkidle")
    # The browser may have the icon from the first address, and takes it when it likes.
    sizes = [sum_of(request.sizes()) for request in requests if "/img/icon." not in request.url]
    assert len(sizes) > 20 and 0 not in sizes, "something was there already"
    assert sum(sizes) <= limit + 200 * max(0, page.locator(".rows .row").count() - 8), sum(sizes)


def sum_of(sizes: dict) -> int:
    return sizes["responseHeadersSize"] + sizes["responseBodySize"]
