"""The links of a mail to a visitor, in a browser in which they never were."""

from playwright.sync_api import expect

from .pages import accessible, came, looks, sees, write

LINKS = """
from accounts.models import Enterprise
from chat.models import Conversation, Visitor
from chat.visitors import links
conversation = Conversation.objects.get(ent_id={code!r})
visitors = Visitor.objects.filter(uuid=conversation.visitor_id)
visitors.update(contact="li@example.com", contact_by="visitor")
for what in (links.BACK, links.STOP):
    print(links.address(what, conversation, Enterprise.objects.get(code={code!r})))
"""
"""Gives the visitor an address, and prints the paths of the links that a mail to it has."""


@looks
def test_a_link_in_a_mail_leads_back_into_the_conversation(browse, enterprise, server, watch, look):
    code = enterprise(f"back-{look}")
    visitor = came(browse, "written at the desk", code)
    expect(visitor.locator(".messages .message[data-mine] .state")).to_have_text("Sent")

    back, stop = server.arrange(LINKS.format(code=code)).split()
    phone = browse(back, **look)
    accessible(phone)

    phone.click("main button.primary")
    phone.wait_for_url(f"**/chat/{code}/?team=service")
    sees(phone, "written at the desk")
    write(phone, "read on the train", visitor)

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
