"""Webhooks in the administration."""

import pytest

from chat.models import Webhook, WebhookAttempt, WebhookDelivery
from chat.stream.types import TYPES
from chat.webhooks import deliveries
from tests.accounts.admin.page import submit

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]
PLACE = "/admin/chat/webhook/"


def test_a_manager_makes_a_webhook_and_sees_its_secret_once(boss, enterprise, receiver):
    page = submit(boss, f"{PLACE}add/", url=receiver.url, events=["message.posted"])
    hook = Webhook.objects.get()
    assert hook.secret in page.content.decode()
    assert (hook.enterprise, hook.events) == (enterprise, ["message.posted"])
    assert hook.active
    again = boss.get(f"{PLACE}{hook.pk}/change/").content.decode()
    assert hook.secret not in again and receiver.url in again


def test_where_it_must_not_lead_is_said_at_the_field(boss):
    page = submit(boss, f"{PLACE}add/", url="https://10.0.0.1/", events=TYPES)
    assert page.status_code == 200
    assert page.context["adminform"].form.errors["url"]
    assert not Webhook.objects.exists()


def test_a_change_keeps_what_is_not_on_the_page(boss, hook, receiver):
    Webhook.objects.update(place=7)
    submit(boss, f"{PLACE}{hook.pk}/change/", url=f"{receiver.url}?x=1", active="")
    changed = Webhook.objects.get()
    assert (changed.url, changed.active) == (f"{receiver.url}?x=1", False)
    assert (changed.place, changed.secret) == (7, hook.secret)


def test_another_secret_is_shown_and_the_former_signs_for_a_day(boss, hook):
    page = boss.post(f"{PLACE}{hook.pk}/rotate/")
    changed = Webhook.objects.get()
    assert changed.secret in page.content.decode()
    assert changed.secret != hook.secret and changed.former_secret == hook.secret


def test_a_test_is_sent_and_its_page_shows_the_answer(boss, hook, receiver, send):
    receiver.status, receiver.body = 500, b"<b>broken</b>"
    answer = boss.post(f"{PLACE}{hook.pk}/test/")
    send()
    page = boss.get(answer["Location"]).content.decode()
    assert "500" in page
    assert "&lt;b&gt;broken&lt;/b&gt;" in page and "<b>broken" not in page
    assert WebhookAttempt.objects.count() == 1


def test_what_was_parked_is_sent_again_by_its_button(boss, hook, receiver, send):
    parked = deliveries.send_test(hook)
    deliveries.park(parked, deliveries.database_now(), "x")
    boss.post(f"/admin/chat/webhookdelivery/{parked.pk}/replay/")
    send()
    assert WebhookDelivery.objects.get().state == WebhookDelivery.State.DONE
    listed = boss.get("/admin/chat/webhookdelivery/?state__exact=1").content.decode()
    assert "webhook.test" in listed
