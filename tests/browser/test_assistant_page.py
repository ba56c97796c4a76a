"""The assistant's page of the administration: set up, asked before visitors are answered, tried."""

import pytest
from playwright.sync_api import expect

from .administration import signed_in
from .pages import accessible, looks

SET_UP = """
from accounts.models import Enterprise
from chat.assistant import assistants
made = assistants.make(Enterprise.objects.get(code={code!r}))
assistants.change(made, url="https://model.example/v1", model="small")
"""


@pytest.mark.release
@looks
def test_the_assistant_is_set_up_and_answers_once_a_manager_is_sure(
    browse, server, enterprise, look
):
    code = enterprise(f"assistant-{look}")
    page = signed_in(browse, bypass_csp=True, **look)
    page.goto(f"/admin/assistant/?enterprise={code}")
    accessible(page)
    server.arrange(SET_UP.format(code=code))
    page.reload()
    accessible(page)
    page.locator("[name=mode][value=answer]").check()
    page.fill("[name=greeting]", "Hi!")
    page.click(".save-bar .primary")
    page.click("form.ask .primary")
    expect(page.locator("[name=mode][value=answer]")).to_be_checked()
    expect(page.locator("[name=greeting]")).to_have_value("Hi!")
    page.click(".page-head a[href*='/trial/']")
    page.fill("[name=question]", "When?")
    page.click(".trial .primary")
    expect(page.locator("[data-renewed] .badge.warn")).to_be_visible()
    accessible(page)
