import io
import smtplib
import time

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.setup import find_or_create_team
from chat.channels import failures, health, http, kinds, sealed, setup
from chat.channels.contract import Failed
from chat.channels.mail import copies, imap, sending, smtp
from chat.channels.mail.adapter import adapter
from chat.mail import proofs
from chat.models import Channel, ChannelDelivery, Conversation, Visitor
from chat.webhooks.addresses import Target
from tests.chat.channels.conftest import deliver

from .mails import ANN, EVE, answer, comes, mail, state_of

pytestmark = pytest.mark.django_db


def test_an_answer_is_a_mail_in_its_thread(box, server, alice):
    first = mail(references=["<0@ann.example>"], subject="RE: 回复：Order\r\n7")
    group = comes(box, first)
    row = answer(box, alice, group, "**Good** morning")
    (one,) = server.mails
    last = first.message_id
    assert (one["In-Reply-To"], one["References"]) == (last, f"<0@ann.example> {last}")
    assert one["Subject"] == "Re: Order 7" and one["To"] == ANN and server.to == [[ANN]]
    assert one["From"].addresses[0].addr_spec == "shop@shop.example" == server.senders[0]
    assert one.get_content().split("\r\n") == ["Good morning", "", "-- ", "Shop", ""]
    assert one["Auto-Submitted"] is None and state_of(row) == ("sent", "")
    assert comes(box, mail(answers=one)) == group
    tagged = mail(to=[one["Reply-To"].addresses[0].addr_spec])
    assert comes(box, tagged) == group, "the address alone proves it, too"


def test_signature_and_subject_are_those_of_the_team_that_answers(box, server, enterprise, alice):
    sales, group = find_or_create_team(enterprise, "sales"), comes(box, mail(subject=""))
    words = {"address": "sales@shop.example", "signature": "Sales", "subject": "An offer"}
    given = {"ent_id": box.ent_id, "kind": "mail", "name": "Sales", "settings": words}
    Channel.objects.create(team=sales, **given)
    answer(box, alice, group)
    Conversation.objects.update(team=sales)
    answer(box, alice, group, "And once more")
    first, second = server.mails
    assert "-- \r\nShop" in first.get_content() and "-- \r\nSales" in second.get_content()
    assert first["Subject"] != second["Subject"] == "An offer"
    assert second["From"].addresses[0].addr_spec == "shop@shop.example"


def test_a_kill_after_sending_sends_the_same_mail_again(box, server, alice):
    group = comes(box, mail())
    server.drops = 1
    row = answer(box, alice, group)
    assert state_of(row) == ("sending", "")
    ChannelDelivery.objects.update(due_at=timezone.now())
    deliver(box)
    first, second = server.mails
    assert first["Message-ID"] == second["Message-ID"] and first["Date"] == second["Date"]
    assert state_of(row) == ("sent", "")


def test_what_a_refusal_means(box, server, alice):
    group = comes(box, mail())
    for where, words, found in (
        (ANN, "450 4.2.1 busy", ("sending", "")),
        ("auth", "535 5.7.8 no", ("sending", "")),
        ("mail", "553 5.7.1 not yours", ("sending", "")),
        (ANN, "550 5.1.1 no such user", ("failed", "550 5.1.1")),
        ("data", "554 5.7.1 spam", ("failed", "554 5.7.1")),
    ):
        server.refuses = {where: words}
        Channel.objects.update(failure="")
        box.refresh_from_db()
        row = answer(box, alice, group, words)
        assert state_of(row) == found, words
        box.refresh_from_db()
        assert bool(box.failure) == (where in ("auth", "mail")), words
        ChannelDelivery.objects.filter(state="sending").delete()
    server.refuses = {"auth": "535 5.7.8 no"}
    with pytest.raises(Failed) as error:
        sending.test(box)
    assert error.value.breaks and error.value.code == "smtp 535 5.7.8"
    answer(box, alice, group)
    box.refresh_from_db()
    health.works(box)
    assert box.failure, "a fetch says nothing of it"
    server.refuses = {}
    ChannelDelivery.objects.update(due_at=timezone.now())
    deliver(box)
    box.refresh_from_db()
    assert not box.failure


def test_letters_beyond_ascii_in_an_address(box, server, alice):
    hans, coded = "hans@müller.example", "hans@xn--mller-kva.example"
    group = comes(box, mail(hans, cc=[EVE, "hänsel@a.example"]))
    copies.accept(alice, group, EVE)
    copies.accept(alice, group, "hänsel@a.example")
    assert state_of(answer(box, alice, group)) == ("sent", "")
    assert server.to == [[coded, EVE]] and server.mails[0]["To"] == coded
    server.refuses = {coded: "550 5.1.1 no such user"}
    assert state_of(answer(box, alice, group)) == ("failed", "550 5.1.1")
    assert len(server.mails) == 1, "nobody gets what the first one does not, and another try sends"
    row = answer(box, alice, comes(box, mail("hänsel@a.example")))
    assert state_of(row) == ("failed", "553 5.6.7")
    for address in ("a@ü..example", "a@faß.example"):  # fass.example is another's.
        row = answer(box, alice, comes(box, mail(address)))
        assert state_of(row) == ("failed", "553 5.6.7")


def test_an_address_that_is_too_long_for_a_contact_is_not_cut(box, server, alice):
    long = f"{'a' * 60}@{'b' * 60}.example.com"
    answer(box, alice, comes(box, mail(long)))
    assert Visitor.objects.get().contact == "" and server.to == [[long]]


def test_only_where_the_server_may_go(box, settings):
    settings.CHANNEL_ALLOW = []
    with pytest.raises(Failed) as error:
        smtp.connected(box)
    assert error.value.code == "forbidden_address"
    box.sealed = sealed.seal({"smtp": "ftp://shop.example"})
    with pytest.raises(Failed):
        smtp.check(box)


def test_a_name_that_is_not_found_is_no_connection(box, monkeypatch):
    def unknown(*args, **kwargs):
        raise OSError("no such name")

    monkeypatch.setattr("socket.getaddrinfo", unknown)
    mailbox = imap.Box(Target(True, "imap.shop.example", 993, "/"), "u", "p", "INBOX")
    with pytest.raises(Failed) as by_imap, imap.failures(mailbox):
        imap.Connection(mailbox.target)
    with pytest.raises(Failed) as by_smtp:
        smtp.connected(box)
    with pytest.raises(Failed) as by_http:
        http.received("https://api.shop.example/")
    said = [failures.words("mail", one.value.code, one.value.words) for one in (by_imap, by_smtp)]
    assert ["IMAP: " in said[0], "SMTP: " in said[1]] == [True, True]
    for error in by_imap, by_smtp, by_http:
        assert error.value.code == "unreachable" and not error.value.breaks


def test_a_provider_that_takes_no_plus_gets_none(box, monkeypatch):
    monkeypatch.setitem(kinds.ADAPTERS, "mail", adapter)
    given = {"address": "shop@shop.example", "imap": "imaps://u:p@imap.exmail.qq.com/INBOX"}
    for host, more, plus in (
        ("smtp.exmail.qq.com", {}, False),
        ("smtp.exmail.qq.com", {"subaddress": "yes"}, True),
        ("smtp.gmail.com", {"subaddress": "auto"}, True),
        ("smtp.gmail.com", {"subaddress": "no"}, False),
    ):
        setup.set_keys(box, given | {"smtp": f"smtp+ssl://u:p@{host}"} | more)
        assert ("+" in proofs.reply_address(box, "1-0-a")) == plus, (host, more)


def test_a_token_is_renewed_where_the_server_refuses_it(box, server, monkeypatch):
    box.settings |= {"oauth_token_url": "https://login.example/token", "oauth_client": "kefu"}
    box.sealed = sealed.seal({"smtp": server.url, "oauth_refresh": "r1"})
    box.save()
    given, asked = iter(["old", "new"]), []

    def received(url, *, method, headers, body, timeout):
        asked.append(body.decode())
        keys = sealed.keys_of(Channel.objects.get(pk=box.pk))
        anew = sealed.seal(keys)  # as another machine does at its start
        Channel.objects.filter(pk=box.pk).update(sealed=anew)
        found = b'{"access_token": "%s", "refresh_token": "r2"}' % next(given).encode()
        return http.Received(200, b"", found)

    monkeypatch.setattr(http, "received", received)
    server.tokens = {"new"}
    assert sending.test(box) == "shop@shop.example"
    assert "refresh_token=r1" in asked[0] and "refresh_token=r2" in asked[1]
    box.refresh_from_db()
    assert sealed.keys_of(box)["oauth_refresh"] == "r2" and smtp.access_token(box) == "new"


def test_a_server_that_repeats_the_password_is_not_quoted(box, server):
    secret = sealed.seal({"smtp": server.url.replace("p%40ss%3Aword", "p%40ss-w0rd")})
    box.sealed, server.refuses["auth"] = secret, "535 5.7.8 p@ss-w0rd (cEBzcy13MHJk) is wrong"
    with pytest.raises(Failed) as failed:
        smtp.check_sign_in(box)
    assert failed.value.words == "5.7.8 … (…) is wrong"


def test_a_server_that_answers_without_an_end_is_left(box, server, monkeypatch):
    monkeypatch.setattr(smtp, "MOST_SAID", 4_000)
    server.refuses["auth"] = "535-no\r\n" * 1_000 + "535 no"
    with pytest.raises(Failed) as failed:
        smtp.check_sign_in(box)
    assert failed.value.code == "unreachable"


def test_a_stored_refresh_token_opens_no_other_mailbox(box, monkeypatch):
    monkeypatch.setitem(kinds.ADAPTERS, "mail", adapter)
    box.settings |= {"oauth_token_url": "https://login.example/token"}
    box.sealed = sealed.seal({"imap": "imaps://u:@a.example", "smtp": "smtp+tls://u:@a.example"})
    setup.set_keys(box, {"oauth_refresh": "r1"})
    setup.set_keys(box, {"imap": "imaps://u:@a.example/Shop"})
    for moved in {"imap": "imaps://u:@b.example"}, {"smtp": "smtp+tls://u:@b.example#@a.example"}:
        with pytest.raises(ValidationError):
            setup.set_keys(box, moved)
    setup.set_keys(box, {"imap": "imaps://u:@b.example", "oauth_refresh": "r2"})


def test_a_large_mail_leaves_in_parts_of_which_each_has_its_time():
    class Line:
        parts, patience = [], []
        settimeout, sendall = patience.append, staticmethod(lambda part: Line.parts.append(part))

    one = smtp.Pinned()
    one.sock, one.until = Line, time.monotonic() + smtp.SESSION
    one.send(b"x" * (2 * smtp.PART + 1))
    assert [len(part) for part in Line.parts] == [smtp.PART, smtp.PART, 1]
    assert Line.patience == [smtp.TIMEOUT] * 3


def test_a_server_that_closes_within_a_mail_has_said_why():
    class Line:
        settimeout = close = staticmethod(lambda *_: None)

        def sendall(self, part):
            raise ConnectionResetError

    one = smtp.Pinned()
    one.sock, one.file = Line(), io.BytesIO(b"552 5.3.4 too large\r\n")
    with pytest.raises(smtplib.SMTPDataError) as error:
        one.send(b"x")
    failed = smtp.failure(error.value)
    assert failed.final and failed.code == "552 5.3.4"


def test_another_address_of_the_mail_server_is_tried(box, server, alice, monkeypatch):
    monkeypatch.setattr(smtp.addresses, "resolve", lambda *_asked: ["127.0.0.77", "127.0.0.1"])
    answer(box, alice, comes(box, mail()))
    assert len(server.mails) == 1
