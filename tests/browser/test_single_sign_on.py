"""Single sign-on as a member meets it: a button, the provider, and the workspace; its end there
ends the chat here."""

import re
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from tests.accounts.single_sign_on import fake

from .pages import accessible, looks

COLUMNS = "enterprise_id, name, issuer, client_id, sealed, claim, roles, default_role, is_on"


@pytest.fixture
def idp(server):
    """A provider of the demo's enterprise, without a client secret."""
    running = fake.Provider(secret="")
    server.sql(
        f"INSERT INTO sign_in_provider ({COLUMNS})"
        " SELECT id, '<b>Acme</b> login', ?, ?, '', '', '', 2, 1"
        " FROM enterprise WHERE code = 'demo'",
        *(running.issuer, fake.CLIENT),
    )
    yield running
    for table in ("member_session", "provider_account"):
        server.sql(f"DELETE FROM {table} WHERE provider_id IS NOT NULL")
    server.sql("DELETE FROM sign_in_provider")
    running.close()


@looks
def test_a_member_signs_in_at_the_provider(browse, server, watch, idp, look):
    watch.expect(rf"foreign host: {idp.issuer}/")
    size = look.size
    idp.person |= {"sub": size, "sid": size, "email": f"{size}@example.com", "name": "王芳"}
    page = browse("/agent/sso/demo/", **look)
    page.wait_for_url("**/agent/")
    page.goto("/agent/security/")
    expect(page.locator(".session")).to_have_count(1)
    page.goto("/agent/")
    watch.expect(r"400|401|403|WebSocket")
    form = urlencode({"logout_token": idp.logout_token(sid=size)}).encode()
    assert urlopen(f"{server.url}/agent/sso/demo/logout/", form, timeout=10).status == 200
    expect(page.locator("dialog.login")).to_be_visible()
    accessible(page)
    with page.expect_popup() as opened:
        page.locator("dialog.login [data-provider]").click()
    opened.value.wait_for_url("**/agent/login/done/")
    accessible(opened.value)
    opened.value.close()
    # What a window is told that gets the focus again.
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("dialog.login")).to_be_hidden()
    idp.person["email_verified"] = False
    idp.person["sub"] = f"{size} other"
    refused = browse("/agent/sso/demo/", **look)
    expect(refused.get_by_role("alert")).to_be_visible()
    expect(refused).to_have_url(re.compile("/agent/sso/demo/back/"))
    accessible(refused)
