"""The demo as somebody sees it who has just started Kefu, until they remove it."""

import pytest
from playwright.sync_api import expect

from .administration import signed_in
from .conftest import Server
from .pages import accessible, looks, open_conversation, shot

WAITING = """
from chat.models import Conversation
found = Conversation.objects.filter(waiting_since__isnull=False, snoozed_until=None)
for one in found.order_by("waiting_since").select_related("visitor"):
    print(one.visitor.label)
"""
"""Who waits, the longest wait first."""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One of its own, with the conversations."""
    server = Server(tmp_path_factory.mktemp("demo"))
    server.environment["DEMO"] = "full"
    server.start()
    yield server
    server.stop()


def pictures_are_there(page, count: int) -> None:
    pictures = page.locator(".messages .message img[src*='/files/']")
    expect(pictures).to_have_count(count)
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        page.wait_for_function(
            "picture => picture.complete && picture.naturalWidth > 0", arg=picture.element_handle()
        )


@looks
def test_an_agent_sees_who_waits_and_what_they_sent(server, sign_in, look):
    names = server.arrange(WAITING).splitlines()
    page = sign_in("alice", view="waiting", **look)
    rows = page.locator(".inbox .row")
    expect(rows).to_have_count(len(names))
    for row, name in zip(rows.all(), names, strict=True):
        expect(row).to_contain_text(name)
    accessible(page)
    open_conversation(page, "周文博")
    pictures_are_there(page, 2)
    accessible(page)


@looks
def test_a_visitor_is_welcomed_by_the_shop(browse, look):
    page = browse("/chat/demo/", **look)
    expect(page.locator("body")).to_contain_text("Hillmoon 山月茶器")
    accessible(page)


def test_the_conversations_leave_open_inboxes_as_they_are_removed(browse, sign_in):
    agent = sign_in("bob")
    expect(agent.locator(".inbox .row").first).to_be_visible()
    page = signed_in(browse)
    page.goto("/admin/accounts/enterprise/")
    page.locator("#result_list tbody th a").click()
    remove = page.locator(".danger", has_text="Remove the demo conversations")
    remove.get_by_role("link").click()
    shot(page)
    page.get_by_role("button", name="Remove the demo conversations").click()
    expect(page.locator(".messagelist")).to_contain_text("demo conversations were removed.")
    expect(remove).to_have_count(0)
    expect(agent.locator(".inbox .row")).to_have_count(0)
