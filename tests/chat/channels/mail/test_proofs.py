import pytest

from chat.channels import sealed
from chat.channels.mail import copies
from chat.models import Channel, ChannelContact, GroupMessage
from chat.protocol.errors import Refused

from .mails import ANN, EVE, answer, comes, mail

pytestmark = pytest.mark.django_db
BOB = "bob@bob.example"
DKIM = "dkim=pass header.d=ann.example"


@pytest.mark.parametrize(
    ("sender", "more", "hint"),
    [
        (EVE, {}, "unknown_sender"),
        (EVE, {"headers": {"Reply-To": ANN, "Sender": ANN}}, "unknown_sender"),
        (ANN, {"from_": [ANN, EVE]}, "two_senders"),
        (ANN, {"in_reply_to": ["<1-0-abcdefabcdef.00112233445566778899@shop.example>"]}, ""),
        (ANN, {"in_reply_to": [], "references": []}, ""),
        (ANN, {"in_reply_to": ["<1@ann.example>"], "references": []}, ""),
    ],
)
def test_a_mail_joins_nothing_that_it_does_not_prove(box, server, alice, sender, more, hint):
    group = comes(box, mail())
    answer(box, alice, group)
    one = mail(sender, "Mine!", "Re: Order 7", answers=server.mails[0], **more)
    if more.get("in_reply_to"):
        one.references = []
    other = comes(box, one)
    assert other not in ("", group)
    row = GroupMessage.objects.get(group_id=other, message_content="Mine!")
    assert row.data["mail"].get("hint", "") == hint or "00112233" in str(more)


def test_a_proof_of_another_mailbox_is_none(box, server, alice, enterprise, team):
    group = comes(box, mail())
    answer(box, alice, group)
    more = {"settings": box.settings, "sealed": box.sealed, "team": team}
    other = Channel.objects.create(ent_id=enterprise.code, kind="mail", name="Other", **more)
    assert comes(other, mail(answers=server.mails[0])) != group


def test_a_cc_joins_once_an_agent_accepted_it(box, server, alice, bob, outsider):
    group = comes(box, mail(cc=[EVE]))
    answer(box, alice, group)
    assert comes(box, mail(EVE, answers=server.mails[0])) != group
    for who, address in ((alice, BOB), (outsider, EVE)):
        with pytest.raises(Refused):
            copies.accept(who, group, address)
    copies.accept(alice, group, EVE)
    assert ChannelContact.objects.get(conversation=group).copies == [
        {"address": EVE, "accepted": True}
    ]
    assert comes(box, mail(EVE, "Me, too", answers=server.mails[0])) == group
    answer(box, alice, group, "To both")
    assert server.to[-1] == [ANN, EVE]


@pytest.mark.parametrize(
    ("results", "joins"),
    [
        (["mx.shop.example; spf=pass smtp.mailfrom=ann@ann.example"], True),
        (["mx.shop.example 1; spf=fail; dkim=pass (ok) header.d=ann.example"], True),
        (["mx.shop.example; spf=pass smtp.mailfrom=eve@eve.example; dkim=none"], False),
        (["mx.shop.example; dkim=pass header.d=x.ann.example"], False),
        (["evil.example; dkim=pass header.d=ann.example"], False),
        ([f'mx.shop.example; spf=fail smtp.mailfrom="x;{DKIM};"@eve.example'], False),
        ([f"mx.shop.example; spf=fail (of x(y); {DKIM}; z)"], False),
        ([f"mx.shop.example; spf=fail (of x; {DKIM}; z"], False),
        (["mx.shop.example; dkim=fail", "mx.shop.example; dkim=pass header.d=ann.example"], False),
        ([], False),
    ],
)
def test_a_customers_own_earlier_mail_is_a_thread_where_our_server_knows_them(box, results, joins):
    first = mail()
    group = comes(box, first)
    cited = {"in_reply_to": [first.message_id], "auth_results": results}
    assert (comes(box, mail(**cited)) == group) == joins
    assert comes(box, mail(**cited, references=["<x@y.example>"])) != group
    assert comes(box, mail(EVE, **cited)) != group


@pytest.mark.parametrize(
    ("host", "more", "joins"),
    [
        ("imap.host.example", {}, True),
        ("mx.shop.example", {"Received": "from x"}, True),
        ("mx.othershop.example", {}, False),
        ("example", {}, False),
        ("", {}, False),
    ],
)
def test_without_its_name_our_server_is_the_mailboxes_or_the_addresss(box, host, more, joins):
    box.settings["authserv"] = ""
    box.sealed = sealed.seal(sealed.keys_of(box) | {"imap": "imaps://u:p@imap.host.example"})
    first, results = mail(), f"{host}; {DKIM}"
    group = comes(box, first)
    cited = {"in_reply_to": [first.message_id], "auth_results": [results]}
    name = "Authentication-Results"
    assert (comes(box, mail(**cited, headers={name: results} | more)) == group) == joins
    below = {"Received": "from x", name: results}
    assert comes(box, mail(**cited, headers=below)) != group, "the sender's own words"
    cited["auth_results"].insert(0, "evil.example; dkim=fail")
    assert comes(box, mail(**cited, headers={name: results})) != group
