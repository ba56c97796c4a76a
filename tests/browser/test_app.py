"""The workspace as an app: what it shows without a network, and for a push."""

import json

import pytest
from playwright.sync_api import expect

from tests.fakes.push import PushService

from .pages import PATIENCE, accessible, came, looks, open_conversation, sees, until, write

READY = "navigator.serviceWorker.controller && window.kept"
LOOK = """(async () => {
  const cache = await caches.open("kefu-own");
  window.kept = (await cache.keys()).length === 2;
})()"""
SHOWN = """navigator.serviceWorker.getRegistration("/agent/").then((one) => one.getNotifications())
  .then((found) => found.map(({ title, body, tag, silent }) => ({ title, body, tag, silent })))"""
KEPT = """(async () => {
  const places = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
  const answers = (await Promise.all(places.map((one) => one.matchAll()))).flat();
  return Promise.all(answers.map((one) => one.text()));
})()"""
NOTICES = """(() => {
  const place = () => caches.open("notices");
  const address = (tag) => `/${encodeURIComponent(tag)}`;
  const known = ServiceWorkerRegistration.prototype;
  known.showNotification = async (title, options) => {
    const shown = new Response(JSON.stringify({ title, ...options }));
    await (await place()).put(address(options.tag), shown);
  };
  known.getNotifications = async ({ tag } = {}) => {
    const cache = await place();
    const all = await Promise.all((await cache.matchAll()).map((one) => one.json()));
    return all
      .filter((one) => !tag || one.tag === tag)
      .map((one) => ({ ...one, close: () => cache.delete(address(one.tag)) }));
  };
  navigator.setAppBadge = async () => {};
  Notification.requestPermission = async () => "granted";
  Object.defineProperty(Notification, "permission", { get: () => "granted" });
})()"""
"""Notices of pages and of their worker. Chromium without windows has none; a badge crashes it."""
PUSHED = """(said) => {
  const event = new PushEvent("push", { data: JSON.stringify(said) });
  return new Promise((done) => {
    event.waitUntil = done;
    dispatchEvent(event);
  });
}"""
SEEN = """(value) => {
  Object.defineProperty(document, "visibilityState", { value, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
"""A page that is looked at says so every half minute, and takes its conversation's notices away."""
FAKE = """(() => {
  const given = %s;
  const one = { endpoint: given.endpoint, options: { applicationServerKey: null },
    toJSON: () => given, unsubscribe: async () => !(window.name = "") };
  PushManager.prototype.getSubscription = async () => (window.name ? one : null);
  PushManager.prototype.subscribe = async () => ((window.name = "on"), one);
})()"""
"""A browser of its own push service: Chromium's is elsewhere."""


def app_of(sign_in, code: str, name: str = "alice", **options):
    """The workspace of an agent, once its service worker has kept what it keeps."""
    page = sign_in(f"{code}-{name}", service_workers="allow", **options)
    page.add_init_script(NOTICES)
    page.evaluate(NOTICES)
    for _ in range(PATIENCE // 100):
        page.evaluate(LOOK)
        workers = page.context.service_workers
        if workers and page.evaluate(f"Boolean({READY})"):
            workers[0].evaluate(NOTICES)
            return page
        page.wait_for_timeout(100)
    raise AssertionError("no service worker")


def push(page, **said) -> None:
    """As the browser's push service brings it."""
    (worker,) = page.context.service_workers
    worker.evaluate(PUSHED, said)


def shown(page, *titles: str) -> dict | None:
    """The only notice on the screen, once it has this title; without one, once there is none."""
    for _ in range(PATIENCE // 100):
        found = page.evaluate(SHOWN)
        if [one["title"] for one in found] == [*titles]:
            return found[0] if found else None
        page.wait_for_timeout(100)
    raise AssertionError(page.evaluate(SHOWN))


def test_without_a_network_it_shows_what_is_unsent_and_a_push_is_a_notice(
    sign_in, browse, enterprise, watch
):
    watch.expect("ERR_INTERNET_DISCONNECTED|WebSocket")
    code = enterprise("app")
    write(browse(f"/chat/{code}/"), "a secret question")
    page = app_of(sign_in, code, locale="zh-CN")
    open_conversation(page, "a secret question")
    page.fill("#content", "half an answer")
    address, name = page.url, page.inner_text("#thread-name")
    group = address.partition("?")[0].rstrip("/").rpartition("/")[2]
    page.evaluate(SEEN, "hidden")
    push(page, kind="gone", group=group, name="Bob")
    shown(page, "Bob 已在处理")
    shown(page)
    push(page, kind="gone", group=group, name="Bob")
    push(page, kind="waiting", group=group, name="Li")
    page.wait_for_timeout(6_000)  # Longer than what is over is shown.
    assert shown(page, "Li 正在等待")["tag"] == group
    push(page, kind="gone", group=group, name="Bob")
    assert shown(page, "Bob 已在处理")["silent"]
    page.evaluate(SEEN, "visible")
    shown(page)
    assert "a secret question" not in str(page.evaluate(KEPT))
    page.context.set_offline(True)
    page.reload()
    expect(page.locator(".unsent a")).to_have_text("half an answer")
    expect(page.locator(".unsent .help").last).to_have_text(f"{name} · 草稿")
    page.context.set_offline(False)
    expect(page.locator("#content")).to_have_value("half an answer")
    assert page.url == address


def test_who_answers_a_notice_finds_it_gone(sign_in, browse, enterprise):
    code = enterprise("app-answer")
    visitor = came(browse, "is anybody there?", code)
    page = app_of(sign_in, code)
    group = page.locator(".inbox .row").first.get_attribute("data-group")
    open_conversation(page, "is anybody there?")
    page.evaluate(SEEN, "hidden")
    push(page, kind="waiting", group=group, name="Li")
    shown(page, "Li is waiting")
    write(page, "I am", visitor)
    shown(page)


@pytest.mark.release
def test_the_buttons_of_a_notice_act_and_a_refusal_is_said(sign_in, browse, enterprise):
    code = enterprise("app-buttons")
    visitor = came(browse, "is anybody there?", code)
    for name, form, said in (
        ("alice", {"action": "claim"}, "You have claimed it: Li"),
        ("alice", {"content": "I am"}, "Sent to Li"),
        ("bob", {"action": "claim"}, "小艾 has claimed it"),
    ):
        page = app_of(sign_in, code, name)
        row = page.locator(".inbox .row")
        data = {"group": row.first.get_attribute("data-group"), "name": "Li"}
        data["me"] = page.evaluate("document.body.dataset.me")
        action, path = ("claim", "actions/") if "action" in form else ("reply", "messages/")
        (worker,) = page.context.service_workers
        worker.evaluate("(all) => act(...all)", [action, path, form, data])
        shown(page, said)
        page.context.close()
    sees(visitor, "I am")


@pytest.mark.release
def test_a_sign_out_leaves_nothing_of_the_member(sign_in, enterprise, watch):
    watch.expect("ERR_INTERNET_DISCONNECTED|WebSocket")
    page = app_of(sign_in, enterprise("app-out"))
    page.context.set_offline(True)
    page.reload()
    accessible(page)
    page.context.set_offline(False)
    expect(page.locator(".inbox")).to_be_visible()
    push(page, kind="waiting", group="", name="Li")
    shown(page, "Li is waiting")
    page.click(".online summary")
    page.click("form[action='/agent/logout/'] button")
    page.wait_for_url("**/agent/login/**")
    until(page, "document.readyState === 'complete'")
    assert page.evaluate(SHOWN) == []
    assert "kefu-own" not in page.evaluate("caches.keys()")


@pytest.mark.release
def test_a_page_that_only_holds_a_socket_is_used(sign_in, watch):
    """Its session lasts by requests."""
    watch.expect("WebSocket")
    page = sign_in("alice")
    page.clock.install()
    page.reload()
    page.clock.run_for(4_000)
    expect(page.locator("link[rel=manifest]")).to_be_attached()
    with page.expect_request("**/agent/app.json"):
        page.clock.fast_forward(3_600_000)


@pytest.mark.release
@looks
def test_a_member_allows_pushes_tries_them_and_removes_the_device(sign_in, enterprise, watch, look):
    code = enterprise(f"pushes-{look}")
    with PushService() as service:
        phone = service.subscribe()
        page = sign_in(f"{code}-alice", service_workers="allow", **look)
        page.add_init_script(NOTICES)
        page.add_init_script(FAKE % json.dumps(phone.subscription))
        page.goto("/agent/alerts/#pushes")
        page.click(".pushes [data-only=off]")
        expect(page.locator(".pushes [data-state=on]")).to_be_visible()
        expect(page.locator(".devices .this")).to_be_visible()
        page.check(".pushes [value=mine]")
        page.fill("#push-from", "22:00")
        watch.expect("status of 400")
        page.click(".pushes [data-only=on].primary")
        expect(page.locator(".push-outcome")).not_to_be_empty()
        assert page.input_value("#push-from") == "22:00"
        page.fill("#push-to", "07:00")
        page.click(".pushes [data-only=on].primary")
        expect(page.locator(".devices li")).to_have_attribute("data-to", "07:00")
        page.click(".pushes .test")
        expect(page.locator(".devices .field-error")).to_have_count(0)
        until(page, "document.querySelector('.push-outcome').textContent")
        assert phone.kinds == ["test"]
        accessible(page)
        page.click(".devices .remove")
        expect(page.locator(".devices")).to_have_count(0)
