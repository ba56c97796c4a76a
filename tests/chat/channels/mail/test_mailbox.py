"""Mails that come into a mailbox, from IMAP to the conversation."""

from datetime import datetime, timedelta, timezone
from unittest.mock import Mock

import pytest
from django.core.exceptions import ValidationError

from chat.channels import arrivals, kinds, setup
from chat.channels.contract import Failed
from chat.channels.mail import fetching, parsing, smtp
from chat.files import storage
from chat.models import Attachment, Channel, Conversation, GroupMessage, Visitor
from chat.stream import sequencer
from tests.chat.api.program import program_of
from tests.chat.api.schemas import DOCUMENT, faults
from tests.chat.channels.conftest import receive, take_in
from tests.fakes.imap import Imap
from tests.fakes.smtp import SMTP

pytestmark = pytest.mark.django_db

MIXED = b"""\
From: =?utf-8?B?5p2O6Zu3?= <li@customer.example>\r
To: shop@example.com\r
Cc: boss@customer.example\r
Subject: =?gb2312?B?tqm1pQ==?=\r
Message-ID: <m1@customer.example>\r
Content-Type: multipart/mixed; boundary=b\r
\r
--b\r
Content-Type: multipart/related; boundary=c\r
\r
--c\r
Content-Type: text/html; charset=utf-8\r
\r
<p>See <b>here</b>: <img src="cid:p1"></p><script>alert(1)</script>\r
--c\r
Content-Type: text/plain; name="note.txt"\r
Content-Disposition: inline; filename="../../etc/note.txt"\r
Content-ID: <p1>\r
\r
A note\r
--c--\r
--b\r
Content-Type: application/x-msdownload; name=evil.exe\r
Content-Transfer-Encoding: base64\r
\r
TVqQAAMAAAA=\r
--b--\r
"""


@pytest.fixture
def imap():
    with Imap() as one:
        yield one
        fetching.close()


@pytest.fixture
def shop(enterprise, team, imap, settings, monkeypatch):
    settings.CHANNEL_ALLOW = ["127.0.0.0/8"]
    monkeypatch.setattr(fetching, "IDLE", 0)
    with SMTP() as smtp:
        given = {"address": "shop@example.com", "imap": imap.url, "smtp": smtp.url}
        yield setup.add(enterprise, "mail", given, team=team)


def mail(number: int, text: str = "Hello", sender: str = "ann@customer.example") -> bytes:
    head = f"From: Ann <{sender}>\r\nSubject: Order {number}\r\nMessage-ID: <{number}@c.example>"
    return f"{head}\r\n\r\n{text} {number}\r\n".encode()


def contents() -> list[str]:
    rows = GroupMessage.objects.filter(message_type=1).order_by("id")
    return list(rows.values_list("message_content", flat=True))


def test_a_mail_opens_a_conversation_once(shop, imap, enterprise):
    imap.put(mail(1))
    receive(shop)
    receive(shop)
    row = GroupMessage.objects.get(message_type=1)
    assert row.message_content == "Hello 1" and row.sender_name == "Ann"
    told = row.data["mail"]
    assert told["subject"] == "Order 1" and told["from"] == "ann@customer.example"
    assert told["message_id"] == "<1@c.example>" and told["raw"].startswith("/mails/")
    history = program_of(enterprise).get(f"conversations/{row.group_id}/messages/").json()
    assert faults(history, DOCUMENT["components"]["schemas"]["History"]) == []
    visitor = Visitor.objects.get()
    assert (visitor.contact, visitor.contact_by) == ("ann@customer.example", "channel")
    assert visitor.identity["id"].startswith(f"mail:{shop.key}:t")
    assert Conversation.objects.get().channel == "mail"


def test_what_was_there_before_is_left_unless_it_is_new_and_unread(
    enterprise, team, imap, settings
):
    settings.CHANNEL_ALLOW = ["127.0.0.0/8"]
    imap.put(mail(0), datetime.now(timezone.utc) - timedelta(days=3, minutes=1))
    imap.seen.add(imap.put(mail(9)))
    imap.put(mail(1))
    given = {"address": "shop@example.com", "imap": imap.url, "smtp": "smtp://localhost:25"}
    channel = setup.add(enterprise, "mail", given, team=team)
    imap.put(mail(2))
    receive(channel)
    assert contents() == ["Hello 1", "Hello 2"]


def test_a_mailbox_that_was_unreachable_begins_when_the_channel_did(shop, imap):
    imap.put(mail(1), datetime.now(timezone.utc) - timedelta(hours=2))
    imap.put(mail(2))
    began = datetime.now(timezone.utc) - timedelta(hours=1)
    shop.cursor = {"box": shop.cursor["box"], "began": began.isoformat()}
    shop.save()
    receive(shop)
    receive(shop)
    assert contents() == ["Hello 2"]
    shop.refresh_from_db()
    assert shop.cursor["uid"] == 2 and "since" not in shop.cursor


def test_a_mailbox_that_loses_its_uids_doubles_nothing_and_keeps_the_order(shop, imap, monkeypatch):
    monkeypatch.setattr(fetching, "PAGE", 2)
    monkeypatch.setattr(fetching, "REST", 3)
    began = datetime.now(timezone.utc)
    imap.put(mail(0), began - timedelta(hours=2))
    shop.cursor["uid"] = 1
    shop.save()
    for number in range(1, 7):
        imap.put(mail(number), began + timedelta(seconds=number))
    receive(shop)
    Channel.objects.update(fetched_at=began)
    imap.loses_uids()
    imap.put(mail(7), began + timedelta(seconds=7))
    shop.arrivals.all().delete()
    for _ in range(6):
        receive(shop)
        assert len(shop.cursor.get("rest", [])) < 3, "it is written each time"
    assert contents() == [f"Hello {number}" for number in range(1, 8)]
    assert "since" not in shop.cursor and "after" not in shop.cursor


def test_a_mail_that_the_server_never_gives_is_left_out_at_last(
    shop, imap, client, manager, monkeypatch
):
    monkeypatch.setattr(fetching, "TRIES", 2)
    imap.put(mail(1))
    imap.refuses.add(imap.put(mail(2)))
    receive(shop)
    for _ in range(fetching.TRIES + 1):
        with pytest.raises(Failed):
            receive(shop)
    assert contents() == ["Hello 1"]
    imap.put(mail(3))
    receive(shop)
    receive(shop)
    assert contents() == ["Hello 1", "Hello 3"]
    client.force_login(manager)
    page = client.get("/admin/channels/").content.decode()
    assert f"a mail of {datetime.now(timezone.utc):%Y-%m-%d} (UID 2)" in page
    assert "Order" not in str(shop.cursor), "nothing that somebody wrote stays there"


def test_a_refused_mail_at_the_end_of_what_is_read_again_holds_up_nothing(shop, imap, monkeypatch):
    monkeypatch.setattr(fetching, "TRIES", 1)
    imap.put(mail(1))
    receive(shop)
    imap.refuses.add(imap.put(mail(2)))
    imap.put(mail(3))
    shop.cursor |= {"uid": 2, "rest": [2]}
    shop.save()
    receive(shop)
    receive(shop)
    assert contents() == ["Hello 1", "Hello 3"]


def test_a_mail_is_there_as_soon_as_it_comes(shop, imap, monkeypatch):
    monkeypatch.setattr(fetching, "IDLE", 300)
    imap.on_idle = lambda: imap.put(mail(1))
    receive(shop)
    assert contents() == ["Hello 1"] and "IDLE" in imap.commands


def test_a_token_that_is_refused_is_renewed_once(shop, imap, monkeypatch):
    imap.token = "second"
    tokens = {"": "first", "first": "second"}
    monkeypatch.setattr(smtp, "access_token", lambda channel, refused="": tokens[refused])
    assert fetching.check(shop) is None
    assert [line.split()[0] for line in imap.commands].count("AUTHENTICATE") == 2


def test_a_connection_that_dies_in_a_mail_loses_none(shop, imap):
    for number in range(1, 4):
        imap.put(mail(number))
    imap.dies_after = 150
    with pytest.raises(Failed):
        receive(shop)
    receive(shop)
    assert contents() == ["Hello 1", "Hello 2", "Hello 3"]


def test_a_server_that_says_more_than_a_mail_has_is_left(shop, imap, monkeypatch):
    monkeypatch.setattr("chat.channels.mail.imap.LARGEST", 2_000)
    for number in range(20):
        imap.put(mail(number))
    with pytest.raises(Failed, match="too large"):
        receive(shop)


def test_a_server_that_says_more_while_it_is_waited_for_is_left(shop, imap, monkeypatch):
    monkeypatch.setattr(fetching, "IDLE", 2)
    monkeypatch.setattr("chat.channels.mail.imap.TIMEOUT", 2)
    monkeypatch.setattr("chat.channels.mail.imap.LARGEST", 20_000)
    imap.talk = b"x" * 50_000
    with pytest.raises(Failed, match="too large"):
        receive(shop)


def test_a_refused_password_is_said_without_it(shop, imap):
    imap.password = "another"
    failed = setup.test(shop)
    assert failed.code == "sign_in" and failed.breaks
    assert failed.words == "[AUTHENTICATIONFAILED] … is wrong"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("address", "shop"), ("smtp", "h"), ("imap", "h"), ("imap", "imap://u:p@h/")),
        *(("imap", "imap://u:p@127.0.0.1/"), ("imap", "imaps://u:p@10.0.0.1/")),
        ("imap", "http://u:p@h/"),
    ],
)
def test_a_key_that_is_none_or_leads_inside_is_refused_at_its_field(enterprise, team, name, value):
    url = "imaps://u:p@mail.example/INBOX"
    given = {"address": "shop@example.com", "imap": url, "smtp": "smtp+tls://u:p@mail.example:587"}
    with pytest.raises(ValidationError) as refused:
        setup.add(enterprise, "mail", given | {name: value}, team=team)
    assert refused.value.message_dict.keys() == {name}


def test_every_part_is_a_row_and_a_name_is_no_path(shop, imap):
    imap.put(MIXED)
    receive(shop)
    first, note, refused = GroupMessage.objects.filter(message_type=1).order_by("id")
    assert first.message_content == "See here:" and first.sender_name == "李雷"
    assert first.data["mail"]["subject"] == "订单"
    assert first.data["mail"]["cc"] == ["boss@customer.example"]
    assert note.data["attachment"]["name"] == "note.txt"
    assert "evil.exe" in refused.message_content and "attachment" not in (refused.data or {})


def test_a_mail_is_not_read_anew_for_each_of_its_parts(shop, imap, monkeypatch):
    part = b"--b\r\nContent-Disposition: attachment; filename=%d.txt\r\n\r\nwords\r\n"
    head = b"From: a@c.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    imap.put(head + b"".join(part % number for number in range(5)))
    read = Mock(side_effect=parsing.parse)
    monkeypatch.setattr(parsing, "parse", read)
    receive(shop)
    assert len(contents()) == 6 and read.call_count == 2


def test_a_mail_over_the_bound_keeps_its_beginning(shop, imap, monkeypatch):
    monkeypatch.setattr(fetching, "MOST", 2_000)
    monkeypatch.setattr(fetching, "BEGINNING", 600)
    imap.put(mail(1, "x" * 5_000))
    imap.put(mail(2))
    for _ in range(2):
        receive(shop)
    first, cut, last = contents()
    assert first.startswith("xxx") and "only the beginning" in cut and last == "Hello 2"
    assert Attachment.objects.order_by("id").first().size == 600


def test_a_blocked_senders_new_thread_is_counted_and_not_stored(shop, imap):
    imap.put(mail(1))
    receive(shop)
    Visitor.objects.update(blocked=True)
    imap.put(mail(2))
    receive(shop)
    shop.refresh_from_db()
    assert contents() == ["Hello 1"] and shop.blocked == 1
    assert Attachment.objects.count() == 1


def test_the_mail_itself_is_kept_while_it_waits_and_swept_with_its_message(shop, imap):
    imap.put(mail(1))
    page = kinds.adapter_of(shop).fetch(shop)
    arrivals.keep(shop, page.arrived, page.cursor)
    Attachment.objects.update(created_at=datetime.now(timezone.utc) - timedelta(hours=2))
    storage.sweep(0)
    assert Attachment.objects.count() == 1
    take_in(shop)
    storage.sweep(0)
    assert Attachment.objects.count() == 1
    GroupMessage.objects.all().delete()
    storage.sweep(0)
    assert not Attachment.objects.exists()


def test_who_may_read_a_mail(shop, imap, client, alice, outsider, leader, enterprise):
    imap.put(MIXED)
    receive(shop)
    address = GroupMessage.objects.get(data__mail__isnull=False).data["mail"]
    assert client.get(address["raw"]).status_code == 404
    client.force_login(outsider)
    assert client.get(address["raw"]).status_code == 404
    assert client.get(address["html"]).status_code == 404
    client.force_login(alice)
    assert client.get(address["raw"].replace("mails", "files")).status_code == 404
    assert client.get(address["raw"]).content == MIXED
    page = client.get(address["html"])
    assert b"script" not in page.content and "sandbox" in page["Content-Security-Policy"]
    assert " https:" not in page["Content-Security-Policy"]
    assert " https:" in client.get(f"{address['html']}?pictures")["Content-Security-Policy"]
    enterprise.hide_contacts = True
    enterprise.save()
    assert client.get(address["raw"]).status_code == 403
    assert client.get(address["html"]).status_code == 403


@pytest.mark.parametrize("from_the_first", [True, False])
def test_addresses_are_masked_where_contact_data_is_hidden(
    shop, imap, client, alice, enterprise, from_the_first
):
    enterprise.hide_contacts = from_the_first
    enterprise.save()
    imap.put(MIXED.replace(b"=?utf-8?B?5p2O6Zu3?= <li@customer.example>", b"li@customer.example"))
    receive(shop)
    sequencer.look()
    enterprise.hide_contacts = True
    enterprise.save()
    client.force_login(alice)
    group = Conversation.objects.get().uuid
    found = client.get(
        f"/agent/c/{group}/messages/?after=0", headers={"Accept": "application/json"}
    )
    if from_the_first:
        assert b"@customer.example" not in found.content.replace(b"<m1@customer.example>", b"")
    ours = [one["data"] for one in found.json()["messages"] if one["kind"] == "message"]
    events = program_of(enterprise).get("events/").json()["events"]
    theirs = [one["data"]["message"]["data"] for one in events if one["type"] == "message.posted"]
    for data in (ours[0], theirs[0]):
        assert (data["mail"]["from"], data["mail"]["cc"]) == ("l…@…", ["b…@…"])
