"""What a page may say of its browser, and what comes of a push to it."""

import json

import pytest
from django.utils import timezone

from accounts.models import AuditRow
from chat.conversations import causes
from chat.models import NotificationDelivery, PushDevice
from chat.notifications.push import vapid
from chat.posting import batches
from kefu.doctor import tables
from tests.chat.actions import do
from tests.chat.notifications.conftest import post
from tests.fakes.push import encoded

pytestmark = [pytest.mark.once, pytest.mark.django_db]
TEST = "/agent/push/test/"


@pytest.fixture
def browser(service):
    return service.subscribe()


@pytest.fixture
def client(browser_of, alice):
    return browser_of(alice)


def given(browser, **changed) -> dict:
    return {**browser.subscription, **changed}


def test_a_device_is_added_kept_and_removed(client, browser, alice):
    assert client.get("/agent/push/").json() == {"key": vapid.public_key()}
    wishes = {"choice": "mine", "quiet_from": "22:00", "quiet_to": "07:00", "zone": "Asia/Tokyo"}
    assert post(client, given(browser, **wishes)).status_code == 200
    assert alice.enterprise.code in causes.with_devices
    assert post(client, browser.subscription).status_code == 200
    device = PushDevice.objects.get()
    assert (device.choice, str(device.quiet_from), device.zone) == (
        "mine",
        "22:00:00",
        "Asia/Tokyo",
    )
    rows = AuditRow.objects.filter(kind="pushdevice")
    assert [(row.action, row.object_name) for row in rows] == [("added", "alice")]
    assert browser.endpoint not in rows[0].details
    assert post(client, {"endpoint": browser.endpoint}, "delete").status_code == 200
    assert not PushDevice.objects.exists() and rows.filter(action="deleted").count() == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"endpoint": None},
        {"endpoint": "https://push.example.net/" + "x" * 2000},
        {"endpoint": "ftp://push.example.net/x"},
        {"endpoint": "https://10.0.0.1/x"},
        {"endpoint": "https://[::ffff:169.254.169.254]/x"},
        {"endpoint": "http://203.0.113.9/x"},
        {"endpoint": "https://me:secret@push.example.net/x"},
        {"keys": []},
        {"keys": {"p256dh": encoded(b"\4" + bytes(64)), "auth": encoded(bytes(16))}},
        {"keys": {"p256dh": encoded(b"\2" + bytes(32)), "auth": encoded(bytes(16))}},
        {"keys": {"p256dh": 7, "auth": encoded(bytes(16))}},
        {"auth": encoded(bytes(15))},
        {"auth": "ä" * 22},
        {"choice": "none"},
        {"choice": []},
        {"zone": "../etc/passwd"},
        {"zone": {}},
        {"quiet_from": "22:00"},
        {"quiet_from": "25:00", "quiet_to": "07:00"},
        {"quiet_from": "22:00", "quiet_to": "22:00"},
    ],
)
def test_what_is_wrong_is_refused(client, browser, changed):
    body = given(browser, **changed)
    if "auth" in body:
        body["keys"] = {**body["keys"], "auth": body.pop("auth")}
    answer = post(client, body)
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_field")
    assert not PushDevice.objects.exists()


def test_an_endpoint_without_encryption_is_refused_before_its_host_is_known(
    client, browser, settings
):
    settings.PUSH_ALLOW = []
    answer = post(client, given(browser, endpoint="http://push.invalid/x"))
    assert answer.json()["field"] == "endpoint"


def test_no_json_no_object_no_session_no_token(client, browser, browser_of, analyst):
    for body in ("[]", "{", '"x"', '{"endpoint": "' + "x" * 9000 + '"}', b"\xff\xfe"):
        answer = client.generic("POST", "/agent/push/", body, content_type="application/json")
        assert answer.status_code == 400
    assert post(client.__class__(), browser.subscription).status_code == 401
    assert post(browser_of(analyst), browser.subscription).status_code == 403
    strict = client.__class__(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert post(strict, browser.subscription).status_code == 403
    assert not PushDevice.objects.exists()


def test_an_eleventh_is_a_conflict(client, service):
    for _ in range(10):
        browser = service.subscribe()
        assert post(client, browser.subscription).status_code == 200
    assert post(client, browser.subscription).status_code == 200
    answer = post(client, service.subscribe().subscription)
    assert (answer.status_code, answer.json()["error"]) == (409, "conflict")
    assert PushDevice.objects.count() == 10


def test_a_browser_is_whose_it_was_last(client, browser, browser_of, alice, outsider):
    post(client, given(browser, choice="mine"))
    other = browser_of(outsider)
    assert post(other, {"endpoint": browser.endpoint}, "delete").status_code == 200
    assert post(other, {"endpoint": browser.endpoint}, path=TEST).status_code == 404
    assert PushDevice.objects.get().member == alice
    post(other, browser.subscription)
    device = PushDevice.objects.get()
    assert (device.member, device.ent_id, device.choice) == (outsider, "umbrella", "all")


@pytest.mark.parametrize("how", ["sign out", "end", "password"])
def test_it_ends_with_its_session(how, client, browser, browser_of, alice):
    post(client, browser.subscription)
    if how == "sign out":
        client.post("/agent/logout/")
    elif how == "end":
        browser_of(alice).post("/agent/security/sessions/", {"session": "others"})
    else:
        alice.set_password("another good one 7")
        alice.save()
    assert not PushDevice.objects.exists()


@pytest.mark.parametrize(
    "status, reason, left",
    [
        (201, "", 1),
        (404, "gone", 0),
        (410, "gone", 0),
        (413, "large", 1),
        (403, "key", 1),
        (400, "refused", 1),
        (301, "refused", 1),
        (429, "busy", 1),
        (500, "busy", 1),
    ],
)
def test_what_comes_of_a_push_is_said_in_words(client, browser, status, reason, left):
    post(client, browser.subscription)
    browser.answer = status
    found = post(client, {"endpoint": browser.endpoint}, path=TEST).json()
    assert (found["sent"], found["reason"]) == (not reason, reason) and found["words"]
    assert browser.kinds == ([] if reason else ["test"])
    assert PushDevice.objects.filter(failure=reason).count() == left
    # Its page hears that it has to subscribe anew; of a device that a member removed it does not.
    assert client.get("/agent/app.json").json()["gone"] is not bool(left)
    post(client, browser.subscription)
    assert not client.get("/agent/app.json").json()["gone"] and PushDevice.objects.count() == 1


def test_a_browser_with_a_newer_subscription_need_not_subscribe_anew(client, service):
    before, browser = service.subscribe(), service.subscribe()
    before.answer = 410
    for one in (before, browser):
        post(client, one.subscription)
    post(client, {"endpoint": before.endpoint}, path=TEST)
    assert not client.get("/agent/app.json").json()["gone"]


def test_a_service_asks_for_a_pause(phone_of, alice, group, guest, look):
    phone = phone_of(alice)
    phone.answer, phone.more = 429, {"Retry-After": "600"}
    batches.post(guest.draft("again"))
    do("claim", alice, group)
    look()
    delivery = NotificationDelivery.objects.get()
    assert 590 < (delivery.due_at - timezone.now()).total_seconds() < 605


def test_an_address_is_looked_up_anew_at_each_send(client, browser, settings):
    post(client, browser.subscription)
    settings.PUSH_ALLOW = []
    found = post(client, {"endpoint": browser.endpoint}, path=TEST).json()
    assert found["reason"] == "unreachable" and browser.pushes == []


def test_tests_are_counted(client, browser, settings, stopped):
    post(client, browser.subscription)
    answers = [post(client, {"endpoint": browser.endpoint}, path=TEST) for _ in range(6)]
    assert [one.status_code for one in answers] == [200] * 5 + [429]
    assert "retry_after" in json.loads(answers[-1].content)


def test_the_doctor_says_what_apple_refuses(client, browser, settings):
    assert not list(tables.pushes())
    post(client, browser.subscription)
    assert [finding.severity for finding in tables.pushes()] == ["warning"]
    settings.PUBLIC_URL = "https://chat.example.com"
    assert not list(tables.pushes())
