import pytest

from chat.channels.mail import starting
from chat.models import Conversation, Visitor
from chat.protocol.errors import Refused
from tests.chat.api.program import program_of
from tests.chat.api.schemas import DOCUMENT, faults
from tests.chat.channels.conftest import deliver

from .mails import ANN, EVE, answer, comes, mail

pytestmark = pytest.mark.django_db


def test_an_agent_begins_a_thread(box, server, enterprise, alice, outsider, bot):
    group = starting.start(alice, box, " Ann@ann.example", "Your order", "It is here.")
    history = program_of(enterprise).get(f"conversations/{group}/messages/").json()
    assert faults(history, DOCUMENT["components"]["schemas"]["History"]) == []
    deliver(box)
    answer(box, alice, group, "One more thing")
    first, second = server.mails
    assert first["To"] == ANN and first["Subject"] == "Your order" and not first["References"]
    assert second["References"] == first["Message-ID"]
    assert Conversation.objects.get().claimed_by == alice.uuid
    assert comes(box, mail(answers=second)) == group
    for who, to, subject in (
        (outsider, ANN, "x"),
        (bot, ANN, "x"),
        (alice, "shop@shop.example", "x"),
        (alice, f"{ANN}, {EVE}", "x"),
        (alice, ANN, "Re: "),
    ):
        with pytest.raises(Refused):
            starting.start(who, box, to, subject, "Hello")
    box.kind = "telegram"
    with pytest.raises(Refused):
        starting.start(alice, box, ANN, "x", "Hello")


NEW = "/agent/mails/new/"


@pytest.fixture
def form(box):
    said = {"subject": "Your order", "text": "It is here.", "to": "typed", "address": ANN}
    return said | {"channel": box.key, "client_id": "00000000-0000-4000-8000-000000000001"}


def test_the_page_sends_once_and_keeps_what_was_refused(box, server, client, alice, form):
    client.force_login(alice)
    assert NEW in client.get("/agent/").content.decode()
    for wrong in {"address": ""}, {"address": "shop@shop.example"}, {"subject": "Re:"}:
        page = client.post(NEW, form | wrong)
        assert page.status_code == 400 and "It is here." in page.content.decode()
        assert 'class="field-error"' in page.content.decode()
    assert not Conversation.objects.exists()
    first, again = client.post(NEW, form), client.post(NEW, form)
    deliver(box)
    assert first.url == again.url == f"/agent/c/{Conversation.objects.get().uuid}/"
    assert [one["To"] for one in server.mails] == [ANN]


def test_who_may_write_the_first_mail(box, client, form, alice, carol, manager, outsider):
    for who, status in (carol, 404), (outsider, 404), (manager, 200), (alice, 200):
        client.force_login(who)
        assert client.get(NEW).status_code == status
        refused = client.post(NEW, form | {"subject": ""}).status_code
        assert refused == (400 if status == 200 else 404)
    box.active = False
    box.save()
    assert client.get(NEW).status_code == 404


def test_from_a_customers_page_the_address_is_theirs(box, client, alice, form):
    comes(box, mail())
    Visitor.objects.update(label="Ann")
    client.force_login(alice)
    page = f"/agent/customers/{Visitor.objects.get().uuid}/mail/"
    shown = client.get(page).content.decode()
    assert "New mail to Ann" in shown and ANN in shown and 'name="address"' not in shown
    Visitor.objects.update(contact="", email_key="")
    assert 'name="address"' in client.get(page).content.decode()


def test_a_mail_without_a_subject_has_that_of_its_mailbox(box, server, client, alice, form):
    box.settings["subject"] = "Shop service"
    box.save()
    client.force_login(alice)
    assert client.post(NEW, form | {"subject": ""}).status_code == 302
    deliver(box)
    assert [one["Subject"] for one in server.mails] == ["Shop service"]


def test_who_sees_no_contacts_chooses_a_customer(box, server, client, alice, form, enterprise):
    comes(box, mail())
    visitor, other = Visitor.objects.get().uuid, "00000000-0000-4000-8000-000000000009"
    enterprise.hide_contacts = True
    enterprise.save()
    client.force_login(alice)
    page = f"/agent/customers/{visitor}/mail/"
    assert ANN not in client.get(page).content.decode()
    assert client.post(page, form).status_code == client.post(NEW, form).status_code == 400
    assert "New mail to Visitor" in client.get(page).content.decode()
    assert client.get(page.replace(visitor, other)).status_code == 404
    assert client.post(page, form | {"to": visitor}).status_code == 302
    deliver(box)
    assert [one["To"] for one in server.mails] == [ANN]
