"""The whole house as it is deployed: TLS, nginx, two processes, MariaDB, Redis."""

import asyncio
import re
from http.cookies import SimpleCookie
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
import websockets
from axes.models import AccessAttempt
from django.conf import settings
from django.db import connection

from accounts import mails
from chat.background.upkeep import SILENCE
from tests.chat.helpers import check_ledger, database, new_id, within
from tests.conftest import PASSWORD
from tests.plugins.services import free_port

from .nginx import CALLER, DEPLOY, NAME, ORIGIN, House, Nginx

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "mysql", reason="two processes need MariaDB"),
]
PING = 25
"""Seconds between two pings (docs/protocol.md)."""


@pytest.fixture(scope="module", params=["uvicorn", "daphne"])
def house(request, django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock():
        house = House(tmp_path_factory.mktemp("house"), request.param).start()
    yield house
    house.stop()


@pytest.fixture(scope="module")
def nginx(house, tmp_path_factory):
    nginx = Nginx(tmp_path_factory.mktemp("nginx") / "etc", house).start()
    yield nginx
    nginx.stop()


def cookies_of(*responses) -> SimpleCookie:
    cookies = SimpleCookie()
    for response in responses:
        for line in response.headers.get_all("Set-Cookie") or []:
            cookies.load(line)
    return cookies


def header_of(cookies: SimpleCookie) -> str:
    return "; ".join(f"{name}={cookie.value}" for name, cookie in cookies.items())


def sign_in(nginx, name, password=PASSWORD, **headers):
    """The response to a sign-in form, and all cookies that it took and gave."""
    page = nginx.ask("GET", "/agent/login/")
    token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page.body)[1].decode()
    fields = {"csrfmiddlewaretoken": token, "username": name, "password": password}
    headers |= {"Cookie": header_of(cookies_of(page)), "Referer": f"{ORIGIN}/agent/login/"}
    headers |= {"Content-Type": "application/x-www-form-urlencoded"}
    answer = nginx.ask("POST", "/agent/login/", urlencode(fields), headers)
    return answer, cookies_of(page, answer)


async def open_on_two_processes(nginx, path, cookies, other_path, other_cookies):
    """Two sockets, each after its hello, on different processes: they name different epochs."""
    first = await nginx.open(path, cookies)
    epoch = (await first.until("hello"))["epoch"]
    for _ in range(60):
        second = await nginx.open(other_path, other_cookies)
        if (await second.until("hello"))["epoch"] != epoch:
            return first, second
        await second.close()
    raise AssertionError("60 sockets came to the same process")


@within(60)
async def test_a_visitor_and_an_agent_talk_across_processes_over_tls(nginx, alice):
    answer, cookies = await database(sign_in)(nginx, "alice")
    assert answer.status == 302 and answer.headers["Location"] == "/agent/"
    page = await database(nginx.ask)("GET", "/chat/acme/")
    assert page.status == 200
    visitor, agent = await open_on_two_processes(
        nginx, "/ws/visitor/acme/", header_of(cookies_of(page)), "/ws/agent/", header_of(cookies)
    )
    for number in range(1, 6):
        question = await visitor.say(f"question {number}")
        group = question["group"]
        message = None
        while message is None or message["content"] != f"question {number}":
            message = (await agent.until("message.posted"))["message"]
        await agent.say(f"answer {number}", group=group, seen=question["seq"])
        while message["content"] != f"answer {number}":
            message = (await visitor.until("message.posted"))["message"]
    for wire in (visitor, agent):
        await wire.close()
    assert await database(check_ledger)() == 11


@within(120)
async def test_an_upgrade_without_a_stop_refuses_nobody(nginx, house, enterprise):
    """`systemctl reload kefu` while pages are opened and a visitor writes, one after the other."""
    if house.server == "daphne":
        pytest.skip("daphne cuts requests that are open (docs/deployment.md says uvicorn)")
    page = await database(nginx.ask)("GET", "/chat/acme/")
    cookies = header_of(cookies_of(page))
    answers, acked, done = [], [], asyncio.Event()

    async def read():
        while not done.is_set():
            answers.append((await asyncio.to_thread(nginx.ask, "GET", "/chat/acme/")).status)

    async def write():
        client_id = new_id()
        while not done.is_set():
            try:
                wire = await nginx.open("/ws/visitor/acme/", cookies)
                while not done.is_set():
                    answer = await wire.say("still here", client_id=client_id)
                    assert answer["type"] == "message.accepted", answer
                    acked.append(answer["seq"])
                    client_id = new_id()
                    await asyncio.sleep(1)  # as many as the limits allow for good
                await wire.close()
            except websockets.ConnectionClosed as closed:
                assert closed.rcvd.code == 1012

    tasks = [asyncio.create_task(task()) for task in (read, read, write)]
    await asyncio.to_thread(house.renew)
    done.set()
    await asyncio.gather(*tasks)
    assert len(answers) > 10 and set(answers) == {200}
    assert acked == list(range(2, len(acked) + 2))


def test_cookies_go_over_https_only(nginx, alice):
    _answer, cookies = sign_in(nginx, "alice")
    visit = cookies_of(nginx.ask("GET", "/chat/acme/"))
    assert "sessionid" in cookies and len(visit) >= 1
    for name, cookie in (*cookies.items(), *visit.items()):
        assert cookie["secure"], name
        if name != "csrftoken":
            assert cookie["httponly"], name


def test_a_forged_client_address_does_not_get_through(nginx, alice):
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9"}
    answer, _cookies = sign_in(nginx, "alice", "wrong", **forged, Forwarded="for=203.0.113.9")
    assert answer.status == 200
    assert [attempt.ip_address for attempt in AccessAttempt.objects.all()] == [CALLER]


def test_a_forged_scheme_or_host_does_not_get_through(nginx, enterprise):
    page = nginx.ask("GET", "/chat/acme/", headers={"X-Forwarded-Proto": "http"})
    assert page.status == 200
    page = nginx.ask("GET", "/chat/acme/", headers={"X-Forwarded-Host": "evil.example"})
    assert page.status == 200 and b"evil.example" not in page.body
    assert nginx.ask("GET", "/chat/acme/", headers={"Host": "evil.example"}).status == 400


ORIGINS = [
    *("http://chat.example.com", "https://chat.example.com:8443", "https://chat.example.com.evil"),
    *("https://evil.example", "null", "https://example.com", "https://127.0.0.1"),
]


@within(30)
async def test_only_our_own_origin_opens_a_socket(nginx, enterprise):
    cookies = header_of(cookies_of(await database(nginx.ask)("GET", "/chat/acme/")))
    for origin in ORIGINS:
        forged = {"X-Forwarded-Proto": "http"} if origin.startswith("http:") else {}
        with pytest.raises(websockets.InvalidStatus) as refused:
            await nginx.open("/ws/visitor/acme/", cookies, origin, **forged)
        assert refused.value.response.status_code == 403, origin
    wire = await nginx.open("/ws/visitor/acme/", cookies)
    await wire.until("hello")
    await wire.close()


def test_a_body_over_the_limit_is_refused_and_one_below_reaches_kefu(nginx, enterprise):
    limit = settings.MAX_BODY
    assert nginx.ask("POST", "/agent/login/", b"x" * (limit + 1)).status == 413
    most = settings.MAX_FILE_BODY
    assert nginx.ask("POST", "/chat/acme/messages/", b"x" * (most + 1)).status == 413
    assert nginx.ask("POST", "/chat/acme/messages/", b"x" * (most - 1000)).status == 403
    below = nginx.ask("POST", "/agent/login/", b"x" * (limit - 1000))
    assert below.status == 403 and b"nginx" not in below.body


def test_plain_http_is_led_to_https_under_our_own_name(nginx):
    for host in (NAME, "evil.example"):
        answer = nginx.ask("GET", "/chat/acme/?team=x", headers={"Host": host}, secure=False)
        assert answer.status == 308
        assert answer.headers["Location"] == "https://chat.example.com/chat/acme/?team=x"


@pytest.mark.parametrize(
    "path", ["/metrics", "/metrics/", "/metrics?a=b", "//metrics", "/%6detrics", "/a/../metrics"]
)
def test_metrics_are_not_for_the_world(nginx, path):
    answer = nginx.ask("GET", path)
    assert answer.status == 404 and b"nginx" in answer.body


def test_logs_hold_no_link_that_sets_a_password(house, alice, tmp_path):
    away = SimpleNamespace(port=free_port(), data_dir=house.data_dir)
    link = mails.link_path(alice)
    secret = link.rstrip("/").rpartition("/")[2]
    spellings = [link, f"/{link}", link.replace("word", "%77ord"), f"{link}?a=b"]
    for number, one in enumerate((house, away)):
        nginx = Nginx(tmp_path / str(number), one).start()
        try:
            for path in spellings:
                answers = (502,) if one is away else (302, 404)
                assert nginx.ask("GET", path).status in answers, path
                headers = {"Referer": ORIGIN + link, "User-Agent": "Browser"}
                nginx.ask("GET", path, headers=headers, secure=False)
            headers["Referer"] = f"{ORIGIN}/admin/?q=Somebody"
            nginx.ask("GET", "/agent/?q=Somebody", headers=headers)
        finally:
            nginx.stop()
        logs = {path.name: path.read_text() for path in nginx.folder.glob("*.log")}
        assert not any(secret in log for log in logs.values()), logs
        assert "Somebody" not in logs["access.log"]
        lines = logs["access.log"].splitlines()
        assert len(lines) == 2 * len(spellings) + 1
        for line in lines[:-1]:
            assert re.search(r'"GET /agent/password/set/\.\.\. HTTP/1\.1" \d{3} \d+ "-" ', line)
        assert re.search(r'"GET /agent/ HTTP/1.1" \d{3} \d+ "-" "Browser"$', lines[-1])
        assert lines[-1].startswith(f"{CALLER} - - [")


def test_logs_hold_no_link_that_leads_a_visitor_back(house, tmp_path):
    away = SimpleNamespace(port=free_port(), data_dir=house.data_dir)
    for number, one in enumerate((house, away)):
        nginx = Nginx(tmp_path / str(number), one).start()
        try:
            for what in ("back", "stop", "b%61ck"):
                answer = nginx.ask("GET", f"/chat/acme/{what}/s3cret:token/")
                assert answer.status == (502 if one is away else 404)
        finally:
            nginx.stop()
        logs = {path.name: path.read_text() for path in nginx.folder.glob("*.log")}
        assert not any("s3cret" in log for log in logs.values()), logs
        assert logs["access.log"].count('"GET /chat/.../... HTTP/1.1"') == 3


def test_pages_are_kept_nowhere_and_files_with_a_hash_for_ever(nginx, house, alice, tmp_path):
    page = nginx.ask("GET", "/chat/acme/")
    kept = page.headers["Cache-Control"] or ""
    assert "public" not in kept and "immutable" not in kept
    file = re.search(rb'/static/[^"]+\.[0-9a-f]{12}\.css', page.body)[0].decode()
    direct = Nginx(tmp_path / "etc", house, static=True).start()
    try:
        # Who serves it, Kefu or nginx itself, shows in the header.
        for proxy, scope in ((nginx, ""), (direct, "public, ")):
            answer = proxy.ask("GET", file)
            assert answer.status == 200 and len(answer.body) > 100
            assert answer.headers["Cache-Control"] == f"{scope}max-age=31536000, immutable"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            squeezed = proxy.ask("GET", file, headers={"Accept-Encoding": "gzip"})
            assert squeezed.headers["Content-Encoding"] == "gzip"
            assert len(squeezed.body) < len(answer.body)
            assert proxy.ask("GET", "/static/gone.0123456789ab.css").status == 404
            assert proxy.ask("GET", "/static/../secret_key").status in (400, 404)
    finally:
        direct.stop()


def test_the_shipped_file_waits_longer_than_a_socket_is_silent():
    """What would take minutes to see: nginx's default of 60 s cuts a socket before Kefu does."""
    text = re.sub(r"#.*", "", (DEPLOY / "nginx.conf").read_text())
    for name in ("proxy_read_timeout", "proxy_send_timeout"):
        assert int(re.search(rf"{name}\s+(\d+)s;", text)[1]) > max(SILENCE, PING)
    assert "$proxy_add_x_forwarded_for" not in text
    assert "proxy_cache" not in text
    size = re.search(r"client_max_body_size\s+(\d+)m;", text)[1]
    assert int(size) * 1024 * 1024 == settings.MAX_IMPORT_BODY
