from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Member
from chat.channels.mail import adapter, copies
from chat.channels.mail.parsing import Part
from chat.mail import daily
from chat.models import (
    AutomaticMail,
    Channel,
    ChannelContact,
    ChannelDelivery,
    Conversation,
    Visitor,
)
from chat.presence import leases
from chat.protocol.errors import Refused
from tests.chat.channels.conftest import deliver
from tests.conftest import hire

from .mails import ANN, EVE, answer, comes, mail, state_of

pytestmark = pytest.mark.django_db
SHOP = "shop@shop.example"


@pytest.fixture(autouse=True)
def one_day(monkeypatch):
    """Midnight does not come while these tests run."""
    tomorrow = (timezone.now() + timedelta(days=1)).date()
    monkeypatch.setattr(daily, "day_of", lambda _now: tomorrow)


def test_two_programs_that_answer_each_other_end(box, server, bot):
    """One whose mails say so gets no answer; one that hides it gets ten on a day."""
    group = comes(box, mail())
    seen = {"bot": True, "seen": 10_000}
    Conversation.objects.update(bot=bot.uuid)
    answer(box, bot, group, **seen)
    (ours,) = server.mails
    assert (ours["Auto-Submitted"], ours["X-Auto-Response-Suppress"]) == ("auto-replied", "All")
    comes(box, mail(answers=ours, headers={"Auto-Submitted": "auto-replied"}))
    Conversation.objects.update(bot=bot.uuid)
    with pytest.raises(Refused) as refused:
        answer(box, bot, group, **seen)
    assert refused.value.code == "window_closed"
    for _turn in range(15):
        comes(box, mail(answers=ours))
        Conversation.objects.update(bot=bot.uuid)
        row = answer(box, bot, group, **seen)
    assert len(server.mails) == daily.MOST and state_of(row) == ("sending", "daily_limit")


def test_ten_are_all_that_a_person_gets_from_all_enterprises(box, server, bot, other_team):
    more = {"settings": box.settings, "sealed": box.sealed, "team": other_team}
    other = Channel.objects.create(ent_id="umbrella", kind="mail", name="Other", **more)
    robot = hire("other-robo", other_team.enterprise, Member.Role.BOT, other_team)
    leases.renew([robot.uuid], restart=True)
    seen = {"bot": True, "seen": 10_000}
    for one, who in ((box, bot), (other, robot)):
        group = comes(one, mail())
        for _each in range(6):
            Conversation.objects.filter(uuid=group).update(bot=who.uuid)
            row = answer(one, who, group, **seen)
    assert len(server.mails) == daily.MOST and state_of(row) == ("sending", "daily_limit")


def test_an_automatic_mail_that_waits_holds_up_no_person(box, server, bot, alice):
    group = comes(box, mail())
    Conversation.objects.update(bot=bot.uuid)
    now = timezone.now()
    for _each in range(daily.MOST):
        assert daily.take(ANN, now)
    waiting = answer(box, bot, group, "By a program", bot=True, seen=10_000)
    row = answer(box, alice, group, "By a person")
    assert state_of(row) == ("sent", "") and state_of(waiting) == ("sending", "daily_limit")
    delivery = ChannelDelivery.objects.get(state="sending")
    assert delivery.due_at >= daily.next_day(now) and not delivery.tries
    AutomaticMail.objects.all().delete()
    ChannelDelivery.objects.update(due_at=now)
    deliver(box)
    assert state_of(waiting) == ("sent", "")


def test_who_reads_along_gets_no_more_of_them(box, server, bot, alice):
    group = comes(box, mail(cc=[EVE]))
    copies.accept(alice, group, EVE)
    Conversation.objects.update(bot=bot.uuid)
    for _each in range(daily.MOST):
        assert daily.take(EVE, timezone.now())
    row = answer(box, bot, group, bot=True, seen=10_000)
    assert not server.mails and state_of(row) == ("sending", "daily_limit")
    assert daily.of(ANN, timezone.now()).get().count == 0


@pytest.mark.parametrize(
    ("more", "automatic"),
    [
        ({}, False),
        ({"headers": {"Auto-Submitted": "no"}}, False),
        ({"headers": {"Auto-Submitted": "auto-generated; x"}}, True),
        ({"headers": {"Precedence": "Bulk"}}, True),
        ({"headers": {"List-Id": "<a.b>"}}, True),
        ({"headers": {"X-Autoreply": "yes"}}, True),
        ({"headers": {"Feedback-ID": "i1:Fastmail"}}, False),
        ({"return_path": "<>"}, True),
        ({"mime": "multipart/report"}, True),
        ({"sender": "shop@shop.example"}, True),
        ({"subject": "自动回复: 您好"}, True),
        ({"subject": "自动回复功能怎么设置？"}, False),
        ({"subject": "Automatic reply"}, True),
        ({"subject": "Auto-reply for visitors?"}, False),
        ({"subject": "Out of Office AutoReply: Order 7"}, True),
        ({"subject": "Out of office chairs"}, False),
    ],
)
def test_which_mails_are_automatic(box, bot, more, automatic):
    """No bot gets the floor by one."""
    leases.renew([bot.uuid])
    group = comes(box, mail(**more))
    found = Conversation.objects.get(uuid=group)
    assert (found.bot == "") == automatic
    assert ChannelContact.objects.get().data["automatic"] == automatic


@pytest.mark.parametrize(
    ("sender", "reply_to", "to"),
    [
        (SHOP, f"Ann <{ANN}>", [ANN]),
        (SHOP, f"{ANN}, shop+1-0-a.b@shop.example", [ANN]),
        (SHOP, f"{ANN}, {EVE}", None),
        (SHOP, "shop+1-0-a.b@shop.example", None),
        (SHOP, "", None),
        (EVE, ANN, [EVE]),
    ],
)
def test_what_a_form_of_our_site_sends_is_answered_to_who_filled_it_in(
    box, server, alice, sender, reply_to, to
):
    """By people alone, and it joins nothing; another From counts whatever Reply-To says."""
    form = {"headers": {"Reply-To": reply_to}}
    group = comes(box, mail(sender, **form))
    row = answer(box, alice, group)
    assert state_of(row) == (("sent", "") if to else ("failed", "own_address"))
    assert server.to == ([to] if to else [])
    if sender == SHOP and to:
        assert ChannelContact.objects.get().data["automatic"]
        assert not Visitor.objects.get().own_email, "nothing vouches for it"
        assert comes(box, mail(SHOP, answers=server.mails[0], **form)) != group
        assert comes(box, mail(ANN, answers=server.mails[0])) == group


def test_a_form_that_names_its_customer_in_cc_alone_is_answered_once_that_is_accepted(
    box, server, alice
):
    group = comes(box, mail(SHOP, cc=[ANN]))
    assert state_of(answer(box, alice, group)) == ("failed", "own_address")
    copies.accept(alice, group, ANN)
    assert state_of(answer(box, alice, group)) == ("sent", "") and ANN in server.to[0]


def test_who_is_away_asks_nothing_and_is_not_who_is_answered(box, server, alice):
    group = comes(box, asked := mail())
    answer(box, alice, group)
    comes(box, mail(answers=server.mails[0], headers={"Auto-Submitted": "auto-replied"}))
    assert Conversation.objects.get().waiting_since is None
    answer(box, alice, group, "One more thing")
    assert server.mails[1]["In-Reply-To"] == asked.message_id
    comes(box, mail(answers=server.mails[1]))
    assert Conversation.objects.get().waiting_since


def test_the_parts_of_an_automatic_mail_ask_nothing_either(box, settings, tmp_path):
    """A logo would begin the wait that the text has ended."""
    settings.MEDIA_ROOT = tmp_path
    away = mail(headers={"Auto-Submitted": "auto-replied"})
    away.parts = [Part("logo.png", "image/png", b"x")]
    text, logo = adapter.arrived_of(box, away, [], hidden=False)
    assert text.about["automatic"] and logo.about == {"automatic": True}
