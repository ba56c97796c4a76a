"""Where answers are mailed to: a visitor who has written gives the address, sees it, changes it."""

import pytest
from django.test import Client

from accounts.models.enterprise import Ask
from chat.models import LegalHold, Visitor
from chat.presence import leases
from tests.chat.helpers import JSON, PAGE, new_guest, refused
from tests.chat.mail.answered import BASE, answer, link, look

PLACE = "/chat/acme/address/"
MINE, OTHER = "li@example.com", "lei@example.org"


@pytest.fixture(autouse=True)
def reached(settings):
    settings.PUBLIC_URL = BASE


def text(browser) -> str:
    return browser.get("/chat/acme/").content.decode()


@pytest.mark.django_db
def test_an_address_is_kept_without_another_message_and_can_be_changed(guest, group, alice):
    browser = guest.browser()
    assert 'class="address" open' in text(browser)
    assert browser.post(PLACE, {"email": MINE}, **JSON).json() == {"email": MINE}
    assert "We will reply to li@example.com" in text(browser), "after a reload, too"
    assert browser.post(PLACE, {"email": OTHER}, **PAGE).status_code == 302
    row = Visitor.objects.get()
    assert (row.contact, row.own_email) == (OTHER, OTHER)
    answer(alice, group)
    assert look()[0].to == [OTHER]


@pytest.mark.django_db
def test_a_wrong_address_is_refused_at_its_field(guest, group):
    browser = guest.browser()
    answered = browser.post(PLACE, {"email": "li@"}, **JSON)
    assert refused(answered) == (400, "bad_field") and answered.json()["field"] == "email"
    page = browser.post(PLACE, {"email": "li@"}, **PAGE)
    assert page.status_code == 400
    form = page.content.decode().split('class="address"')[1].split("</details>")[0]
    assert 'value="li@"' in form and "valid e-mail address" in form
    assert refused(browser.post(PLACE, {"email": " "}, **JSON)) == (400, "bad_field")
    assert Visitor.objects.get().contact == ""


@pytest.mark.django_db
@pytest.mark.parametrize("by", ["member", "program", "site", ""])
def test_an_address_that_somebody_else_gave_stays_and_is_not_shown(guest, group, by):
    Visitor.objects.update(contact=OTHER, contact_by=by)
    browser = guest.browser()
    assert refused(browser.post(PLACE, {"email": MINE}, **JSON)) == (409, "conflict")
    assert Visitor.objects.get().contact == OTHER
    assert OTHER not in text(browser) and 'class="address"' not in text(browser)


@pytest.mark.django_db
def test_where_the_site_signed_an_address_no_other_one_is_promised(guest, group):
    Visitor.objects.update(contact=MINE, contact_by="visitor", identity={"email": OTHER})
    browser = guest.browser()
    assert refused(browser.post(PLACE, {"email": MINE}, **JSON)) == (409, "conflict")
    assert 'class="address"' not in text(browser)


@pytest.mark.django_db
def test_who_came_by_a_mailed_link_cannot_lead_the_mails_elsewhere(guest, group, alice):
    Visitor.objects.update(contact=MINE, contact_by="visitor")
    answer(alice, group)
    phone = Client()
    phone.post(link(look()[0], "back"))
    assert refused(phone.post(PLACE, {"email": OTHER}, **JSON)) == (403, "forbidden")
    assert Visitor.objects.get().contact == MINE and 'class="address"' not in text(phone)


@pytest.mark.django_db
def test_the_rest_of_the_contact_stays_and_a_legal_hold_keeps_what_was(guest, group, manager):
    Visitor.objects.update(contact=f"{MINE}, 138 0000 0000", contact_by="visitor")
    LegalHold.objects.create(
        ent_id="acme", visitor=Visitor.objects.get(), reason="court", placed_by_name="Mona"
    )
    assert guest.browser().post(PLACE, {"email": OTHER}, **JSON).status_code == 200
    assert Visitor.objects.get().contact == f"{OTHER}, 138 0000 0000"
    assert LegalHold.objects.get().kept[0]["contact"] == f"{MINE}, 138 0000 0000"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "value"),
    [("PUBLIC_URL", ""), ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")],
)
def test_nobody_is_asked_where_nothing_will_be_mailed(guest, group, team, settings, name, value):
    setattr(settings, name, value)
    team.enterprise.away_email_must = True
    team.enterprise.save()
    assert "said-email" not in text(Client()) and 'class="address"' not in text(guest.browser())
    new = new_guest(team).browser()
    assert new.post("/chat/acme/messages/", {"content": "hello"}, **JSON).status_code == 200
    team.enterprise.ask_email = Ask.MUST
    team.enterprise.save()
    page = text(Client())
    assert "said-email" in page and "E-mail for our reply" not in page, "managers want it"


@pytest.mark.django_db
def test_it_is_shown_while_nobody_is_there(guest, group, alice):
    assert 'class="address" open' in text(guest.browser())
    leases.renew([alice.uuid])
    assert 'class="address" hidden open' in text(guest.browser())
