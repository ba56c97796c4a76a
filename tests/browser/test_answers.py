"""The links of a mail to a visitor, in a browser in which they never were."""

import subprocess
import sys

from playwright.sync_api import expect

from .conftest import ROOT
from .pages import VIEWS, accessible, looks, sees, write


@looks("view")
def test_a_link_in_a_mail_leads_back_into_the_conversation(
    browse, enterprise, server, watch, locale, view, scheme
):
    code = enterprise(f"back-{locale.lower()}-{view}")
    visitor = browse(f"/chat/{code}/")
    write(visitor, "written at the desk")
    expect(visitor.locator(".messages .message[data-mine] .state")).to_have_text("Sent")

    links = subprocess.run(
        [sys.executable, "-m", "tests.browser.mail_link", code],
        env=server.environment,
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    back, stop = links.stdout.split()[-2:]
    look = {"locale": locale, "viewport": VIEWS[view], "color_scheme": scheme}
    phone = browse(back, **look)
    accessible(phone)

    phone.click("main button.primary")
    phone.wait_for_url(f"**/chat/{code}/?team=service")
    sees(phone, "written at the desk")
    write(phone, "read on the train")
    sees(visitor, "read on the train")

    phone.goto(stop)
    accessible(phone)
    phone.click("main button.primary")
    expect(phone.locator("[role=status]")).to_be_visible()

    phone.click("main a.button")
    sees(phone, "read on the train")
    watch.expect("404")
    phone.goto(f"/chat/{code}/back/cut-on-its-way/")
    phone.click("main a.button")
    sees(phone, "read on the train")
