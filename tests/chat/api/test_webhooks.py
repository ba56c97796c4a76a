"""Webhooks by the API."""

import pytest

from accounts.models import AuditRow
from chat.models import Webhook, WebhookDelivery
from chat.stream.types import TYPES
from chat.webhooks import deliveries, hooks, sender
from chat.webhooks.sender import Outcome

from .program import bot_of, program_of, refusal

pytestmark = pytest.mark.django_db
URL = "https://crm.example.com/hook"


@pytest.fixture
def hook(enterprise):
    return hooks.create(enterprise, URL, TYPES)


def test_a_webhook_is_made_and_its_secret_is_told_once(program, enterprise):
    made = program.post("webhooks/", {"url": URL, "events": ["message.posted"]}).json()
    assert made["secret"].startswith("whsec_")
    assert (made["url"], made["events"], made["active"]) == (URL, ["message.posted"], True)
    (listed,) = program.get("webhooks/").json()["webhooks"]
    assert listed["id"] == made["id"] and "secret" not in listed
    assert "secret" not in program.get(f"webhooks/{made['id']}/").json()
    row = AuditRow.objects.filter(kind="webhook").last()
    assert (row.action, row.actor) == ("added", program.member.uuid)
    assert made["secret"] not in row.details


def test_it_is_changed_field_by_field(program, hook):
    place = f"webhooks/{hook.uuid}/"
    assert program.patch(place, {"active": False}).json()["active"] is False
    changed = program.patch(place, {"events": ["visitor.erased"]}).json()
    assert (changed["url"], changed["events"]) == (URL, ["visitor.erased"])
    assert program.patch(place, {"url": f"{URL}?x"}).json()["url"] == f"{URL}?x"
    fresh = program.patch(place, {"rotate_secret": True}).json()["secret"]
    row = Webhook.objects.get()
    assert (row.secret, row.former_secret) == (fresh, hook.secret)
    assert AuditRow.objects.filter(kind="webhook", action="changed").count() == 4


def test_what_is_left_out_may_change_meanwhile(program, hook, monkeypatch):
    check = hooks.check

    def gone_meanwhile(url, events):
        Webhook.objects.update(active=False)
        return check(url, events)

    monkeypatch.setattr(hooks, "check", gone_meanwhile)
    assert program.patch(f"webhooks/{hook.uuid}/", {"url": f"{URL}?x"}).status_code == 200
    row = Webhook.objects.get()
    assert (row.url, row.active) == (f"{URL}?x", False)


def test_it_is_removed_with_its_log(program, hook):
    deliveries.send_test(hook)
    assert program.delete(f"webhooks/{hook.uuid}/").json() == {"ok": True}
    assert not Webhook.objects.exists() and not WebhookDelivery.objects.exists()
    assert refusal(program.delete(f"webhooks/{hook.uuid}/")) == (404, "not_found")


def test_a_token_makes_webhooks_of_what_it_reads_only(enterprise, hook):
    program = program_of(enterprise, "webhooks", "conversations:read", name="little")
    body = {"url": URL, "events": ["message.posted"]}
    assert refusal(program.post("webhooks/", body)) == (403, "forbidden")
    made = program.post("webhooks/", {"url": URL}).json()
    assert set(made["events"]) == {each for each in TYPES if each.startswith("conversation.")}
    more = {"events": ["visitor.updated"]}
    assert refusal(program.patch(f"webhooks/{made['id']}/", more)) == (403, "forbidden")
    # Who changes where it is sent reads it.
    for change in ({"url": f"{URL}?mine"}, {"rotate_secret": True}):
        assert refusal(program.patch(f"webhooks/{hook.uuid}/", change)) == (403, "forbidden")
    assert refusal(program.post(f"webhooks/{hook.uuid}/test/")) == (403, "forbidden")
    log = f"webhooks/{hook.uuid}/deliveries/"
    assert refusal(program.get(log)) == (403, "forbidden")
    assert Webhook.objects.get(pk=hook.pk).url == URL
    # Nor does it take from others what it may not read, or send it again.
    sent = deliveries.send_test(hook)
    deliveries.park(sent, deliveries.database_now(), "no connection")
    assert refusal(program.post(f"{log}{sent.pk}/replay/")) == (403, "forbidden")
    assert refusal(program.delete(f"webhooks/{hook.uuid}/")) == (403, "forbidden")
    assert WebhookDelivery.objects.get().state == WebhookDelivery.State.PARKED
    assert program.delete(f"webhooks/{made['id']}/").json() == {"ok": True}


def test_who_may_not_gets_nothing(enterprise, team, other_program, hook, outcome):
    for one in (program_of(enterprise, "messages:read", name="reader"), bot_of(team)):
        assert refusal(one.get("webhooks/")) == (403, "forbidden")
        assert refusal(one.post(f"webhooks/{hook.uuid}/test/")) == (403, "forbidden")
    assert refusal(other_program.post(f"webhooks/{hook.uuid}/test/")) == (404, "not_found")
    assert outcome[0] == []
    assert other_program.get("webhooks/").json() == {"webhooks": []}
    for method in ("get", "delete"):
        call = getattr(other_program, method)
        assert refusal(call(f"webhooks/{hook.uuid}/")) == (404, "not_found")
    sent = deliveries.send_test(hook).pk
    place = f"webhooks/{hook.uuid}/deliveries/"
    assert refusal(other_program.get(place)) == (404, "not_found")
    assert refusal(other_program.post(f"{place}{sent}/replay/")) == (404, "not_found")


def test_the_log_tells_every_try_and_what_was_parked_is_sent_again(program, hook):
    for _ in range(3):
        deliveries.park(deliveries.send_test(hook), deliveries.database_now(), "no connection")
    place = f"webhooks/{hook.uuid}/deliveries/"
    page = program.get(place, limit=2).json()
    rest = program.get(place, cursor=page["cursor"]).json()
    ids = [each["id"] for each in page["deliveries"] + rest["deliveries"]]
    assert ids == sorted(ids, reverse=True) and len(ids) == 3
    assert rest["cursor"] is None
    (attempt,) = page["deliveries"][0]["attempts"]
    assert (attempt["status"], attempt["error"]) == (None, "no connection")
    assert attempt["at"].endswith("Z")
    assert program.post(f"{place}{ids[0]}/replay/").json() == {"ok": True}
    assert program.get(place).json()["deliveries"][0]["state"] == "due"
    for unknown in (0, 10**30):
        assert refusal(program.post(f"{place}{unknown}/replay/")) == (404, "not_found")


def test_the_log_goes_on_behind_any_number(program, hook):
    sent = deliveries.send_test(hook)
    first, sent.pk = sent.pk, 2**40
    sent.save(force_insert=True)
    place = f"webhooks/{hook.uuid}/deliveries/"
    cursor = program.get(place, limit=1).json()["cursor"]
    assert [one["id"] for one in program.get(place, cursor=cursor).json()["deliveries"]] == [first]


@pytest.fixture
def outcome(monkeypatch):
    """What comes of each try; the letters that were sent."""
    letters, found = [], [Outcome(0.0871, 204)]
    monkeypatch.setattr(sender, "post", lambda *letter: letters.append(letter) or found[0])
    return letters, found


def test_a_test_is_sent_now_and_answered_by_what_came_of_it(program, hook, outcome):
    letters, found = outcome
    place = f"webhooks/{hook.uuid}/test/"
    answer = {"delivered": True, "status": 204, "milliseconds": 87, "error": ""}
    assert program.post(place).json() == answer
    ((url, headers, body),) = letters
    assert url == URL and headers["webhook-id"].startswith("test_") and b"webhook.test" in body
    found[0] = Outcome(15.0, error="no answer within 15 seconds")
    for _ in range(2):
        failed = program.post(place).json()
        assert (failed["delivered"], failed["status"]) == (False, None)
        assert failed["error"] == "no answer within 15 seconds"
    states = WebhookDelivery.objects.order_by("pk").values_list("state", "tries")
    assert list(states) == [(WebhookDelivery.State.DONE, 1), (WebhookDelivery.State.DUE, 2)]
    found[0] = Outcome(0.1, 410)
    assert program.post(place).json()["status"] == 410
    assert not Webhook.objects.get().active


def test_an_enterprise_sends_one_test_at_a_time(program, hook, enterprise, outcome, monkeypatch):
    other = hooks.create(enterprise, URL, TYPES)

    def meanwhile(*letter):
        for each in (hook, other):
            assert refusal(program.post(f"webhooks/{each.uuid}/test/")) == (409, "conflict")
        return Outcome(0.1, 200)

    monkeypatch.setattr(sender, "post", meanwhile)
    assert program.post(f"webhooks/{hook.uuid}/test/").json()["delivered"] is True
