"""One try, with receivers of every kind."""

import shutil
import socket
import ssl
import subprocess
import threading
import time
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from chat.webhooks import addresses, sender

from .receivers import Receiver, bare


def post(url: str, timeout: float = 30) -> sender.Outcome:
    return sender.post(url, {"webhook-id": "1"}, b'{"a":1}', timeout)


def test_an_answer_of_200_has_arrived_and_its_first_lines_are_kept(receiver):
    outcome = post(receiver.url)
    assert outcome.arrived and outcome.lines == "thanks"
    headers, body = receiver.got[0]
    assert headers["host"] == f"127.0.0.1:{receiver.port}"
    assert body == b'{"a":1}'


SOON = format_datetime(datetime.now(timezone.utc) + timedelta(hours=9), usegmt=True)


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        *(("7", 7), ("0", 0), ("86400", 3600), ("9" * 9000, 3600), (SOON, 3600)),
        *(("Mon, 01 Jan 2001 00:00:00 GMT", 0), ("-5", 0), ("1.5", 0), ("soon", 0), ("", 0)),
        *(("Mon, 99 Jan 2040 00:00:00 GMT", 0), ("\xb2", 0), (f"1 Jan {9**99} 00:00", 0)),
    ],
)
def test_a_pause_is_kept_up_to_an_hour_and_nonsense_asks_for_none(asked, kept):
    head = f"HTTP/1.1 503 x\r\nRetry-After: {asked}\r\nX: y\r\n\r\n".encode("latin-1")
    assert sender.pause_of(head) == kept


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status):
    inside = Receiver()
    outside = Receiver(status, headers=[("Location", inside.url)])
    try:
        outcome = post(outside.url)
        assert not outcome.arrived and outcome.status == status
        assert outcome.error == "redirects are not followed"
        assert inside.got == []
    finally:
        inside.close()
        outside.close()


def test_a_proxy_of_the_environment_is_not_used(receiver, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    assert post(receiver.url).arrived


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"garbage\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200",
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/1.1 99999 x\r\n\r\n",
        b"\x00" * 20_000,
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ],
)
def test_garbage_has_not_arrived(answer):
    with bare(answer) as url:
        outcome = post(url)
    assert not outcome.arrived
    assert outcome.error == "the answer is no HTTP"


@pytest.mark.parametrize("answer", [None, b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000])
def test_a_receiver_that_never_answers_or_drips_is_given_up_in_time(answer):
    with bare(answer, pause=0.05) as url:
        outcome = post(url, 0.5)
    assert not outcome.arrived and outcome.error == "no answer within 0.5 seconds"


def test_a_name_server_that_never_answers_is_given_up_in_time(monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: over.wait(3) and [])
    assert post("https://a.example/", 0.1).error == "no answer within 0.1 seconds"
    over.set()


def test_a_body_without_end_is_read_to_its_beginning_only(monkeypatch):
    with bare(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 10_000_000) as url:
        outcome = post(url)
    assert outcome.arrived and outcome.lines == "x" * 500
    monkeypatch.setattr(sender, "BODY_WITHIN", 0.2)
    with bare(b"HTTP/1.1 200 OK\r\n\r\n" + b"y" * 500, pause=0.01) as url:
        assert post(url).arrived


def test_chunks_and_control_characters_are_left_out():
    body = b"6\r\nhello \r\n7\r\n\x1b[1mno\x00\r\n0\r\n\r\n"
    with bare(b"HTTP/1.1 500 x\r\nTransfer-Encoding: chunked\r\n\r\n" + body) as url:
        outcome = post(url)
    assert outcome.status == 500
    assert outcome.lines.startswith("hello  [1mno ")


def test_where_nobody_listens_there_is_no_connection():
    assert post("http://127.0.0.1:1/").error.startswith("no connection")


@pytest.fixture
def tls(tmp_path):
    """A receiver by TLS for the name receiver.example, and its certificate."""
    if not shutil.which("openssl"):
        pytest.skip("needs openssl")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subject = ["-subj", "/CN=receiver.example", "-addext", "subjectAltName=DNS:receiver.example"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    receiver = Receiver()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    receiver.server.socket = context.wrap_socket(receiver.server.socket, server_side=True)
    yield receiver, certificate
    receiver.close()


def test_the_certificate_must_be_the_one_of_the_name(tls, monkeypatch):
    receiver, certificate = tls
    monkeypatch.setattr(sender, "resolve", lambda target, allowed: ["127.0.0.1"])
    url = f"https://receiver.example:{receiver.port}/"
    assert post(url).error.startswith("its certificate is not valid")
    context = ssl.create_default_context(cafile=certificate)
    monkeypatch.setattr(sender, "trust", lambda: context)
    assert post(url).arrived
    assert receiver.got[0][0]["host"] == f"receiver.example:{receiver.port}"
    other = post(f"https://other.example:{receiver.port}/")
    assert other.error.startswith("its certificate is not valid")


def test_an_address_that_swallows_packets_leaves_time_for_the_next_one(monkeypatch):
    tried = []

    def create_connection(place, seconds):
        tried.append((place[0], round(seconds)))
        if len(tried) < 3:
            raise TimeoutError
        return socket.socket()

    monkeypatch.setattr(socket, "create_connection", create_connection)
    target = addresses.parse("http://a.example/", 100)
    found = ["192.0.2.1", "192.0.2.2", "192.0.2.3"]
    sender.connect(target, found, time.monotonic() + 30).close()
    assert tried == [("192.0.2.1", 10), ("192.0.2.2", 15), ("192.0.2.3", 30)]
