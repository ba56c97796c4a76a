"""An enterprise that is closed while people are at its pages."""

import pytest
from playwright.sync_api import expect

from .pages import came, write

SWITCH = """
from accounts.models import Enterprise
row = Enterprise.objects.get(code={code!r})
row.status = Enterprise.Status.{status}
row.save()
"""


@pytest.fixture
def switch(server):
    """A function: closes or opens an enterprise, as an administrator's save does."""

    def switched(code: str, status: str) -> None:
        server.arrange(SWITCH.format(code=code, status=status))

    return switched


def test_a_closed_enterprise_tells_everybody_and_opens_again(
    browse, sign_in, enterprise, switch, watch
):
    code = enterprise("Shutters")
    visitor = came(browse, "before it closes", code)
    alice = sign_in(f"{code}-alice")
    expect(alice.locator(".inbox .row")).to_have_count(1)

    switch(code, "CLOSED")
    expect(visitor.get_by_text("You cannot write here at present.")).to_be_visible()
    expect(visitor.locator(".composer[inert]")).to_be_visible()
    reason = "Your account is disabled, or your enterprise is closed."
    expect(alice.get_by_text(reason)).to_be_visible()
    watch.expect("403")
    alice.reload()
    expect(alice.get_by_text(reason)).to_be_visible()
    other = browse(f"/chat/{code}/")
    expect(other.get_by_role("heading", name="This chat is closed")).to_be_visible()

    switch(code, "OPEN")
    visitor.evaluate("window.dispatchEvent(new Event('online'))")  # Otherwise within a minute.
    expect(visitor.locator(".composer[inert]")).to_have_count(0)
    write(visitor, "after it opened")
    again = sign_in(f"{code}-alice")
    expect(again.locator(".inbox .row")).to_contain_text("after it opened")
