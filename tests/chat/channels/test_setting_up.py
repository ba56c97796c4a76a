"""The administration's page of channels: cards, adding, changing, a test, and what was not sent."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditRow
from chat.channels import sealed, setup
from chat.models import Channel, ChannelDelivery, Conversation
from chat.posting import batches
from tests.accounts.factors.apps import grow_old
from tests.chat.helpers import draft_of
from tests.fakes.telegram import TOKEN

from .conftest import deliver
from .talks import limit, write

pytestmark = [pytest.mark.django_db, pytest.mark.once]
PAGE, ADD = reverse("channels"), reverse("channel-add", args=["telegram"])


@pytest.fixture
def given(team, fake, settings):
    settings.CHANNEL_ALLOW = ["127.0.0.0/8"]
    return {"name": "", "team": team.pk, "token": TOKEN, "mode": "poll", "api": fake.url}


def change(channel) -> str:
    return reverse("channel-change", args=[channel.key])


def act(browser, channel, action, **fields):
    return browser.post(reverse("channel-act", args=[channel.key]), {"action": action, **fields})


def read(browser, address=PAGE, follow=False) -> str:
    return browser.get(address, follow=follow).content.decode()


def test_one_is_added_and_tested_at_once_and_its_secret_is_shown_nowhere(boss, given, enterprise):
    assert "BotFather" in read(boss, ADD)
    page = boss.post(ADD, given, follow=True).content.decode()
    channel = Channel.objects.get()
    assert "It works: @kefu_bot" in page and (channel.name, channel.active) == ("Telegram", True)
    for text in (page, read(boss, change(channel))):
        assert TOKEN not in text
    assert not AuditRow.objects.filter(details__contains=TOKEN).exists()
    assert AuditRow.objects.filter(kind="channel", action="added", actor_name="mona").exists()


def test_where_a_mailbox_is_can_be_read_and_its_password_cannot(boss, team, enterprise):
    keys = {"imap": "imaps://shop%40a.example:s3cret@b.example/Shop", "smtp": "smtp://c.example"}
    columns = {"ent_id": enterprise.code, "kind": "mail", "name": "Mail", "team": team}
    stored = {"address": "shop@a.example"}
    box = Channel.objects.create(**columns, settings=stored, sealed=sealed.seal(keys))
    page = read(boss, change(box))
    assert "It is stored: shop@a.example, b.example. " in page
    assert "It is stored: c.example. " in page and "s3cret" not in page


def test_a_bad_form_adds_nothing_and_says_why(boss, given, other_team):
    for wrong, field in (
        ({"token": "x"}, "token"),
        ({"token": ""}, "token"),
        ({"mode": "pigeon"}, "mode"),
        ({"api": "http://10.0.0.1"}, "api"),
        ({"team": other_team.pk}, "team"),
        ({"name": "x" * 61}, "name"),
        ({"token": "1:" + "é" * 2_000}, "token"),
    ):
        errors = boss.post(ADD, {**given, **wrong}).context["errors"]
        assert field in errors, wrong
    assert boss.get(reverse("channel-add", args=["pigeon"])).status_code == 404
    assert not Channel.objects.exists()


def test_what_the_other_side_refuses_is_said_in_words(boss, given, settings):
    settings.PUBLIC_URL = "https://x.example"
    wrong = {**given, "token": "123456:wrong", "mode": "webhook"}
    page = boss.post(ADD, wrong).content.decode()
    assert "the bot&#x27;s token is refused (401)" in page and not Channel.objects.exists()
    called = boss.post(ADD, {**given, "mode": "webhook"}, follow=True).content.decode()
    assert f"https://x.example/channels/{Channel.objects.get().key}/" in called


def test_a_broken_one_comes_first_and_goes_on_with_new_keys(boss, given, channel, alice, fake):
    Channel.objects.update(sealed=sealed.seal({"token": "777:other"}))
    broken = setup.add(*of(channel), {"token": "123456:old", "api": fake.url}, team=channel.team)
    batches.post(draft_of(alice, write(broken).uuid, "On its way."))
    deliver(broken)
    cards = boss.get(PAGE).context["cards"]
    assert [card.channel for card in cards] == [broken, channel]
    assert cards[0].state == "The bot's token is refused (401)" and cards[0].cure == "change"
    assert [one.then for one in boss.get(PAGE).context["unsent"]] == ["Sent once the channel works"]
    boss.post(change(broken), {**given, "name": "Bot"})
    deliver(Channel.objects.get(pk=broken.pk))
    assert fake.sent == [("42", "On its way.")]
    assert [card.tone for card in boss.get(PAGE).context["cards"]] == ["ok", "ok"]


def of(channel):
    return channel.team.enterprise, "telegram"


def test_keys_change_only_after_a_fresh_proof(boss, given, channel):
    grow_old(boss)
    for address in (ADD, change(channel)):
        for answer in (boss.get(address), boss.post(address, given)):
            assert answer["Location"].startswith(reverse("confirm"))
    assert Channel.objects.count() == 1


def test_switching_off_and_deleting_ask_first(boss, channel, alice):
    assert b"Switch Telegram off?" in act(boss, channel, "off").content
    channel.refresh_from_db()
    assert channel.active
    act(boss, channel, "off", sure="1")
    channel.refresh_from_db()
    assert not channel.active and "Switched off" in read(boss)
    act(boss, channel, "on")
    channel.refresh_from_db()
    assert channel.active
    write(channel)
    assert b"Delete Telegram?" in act(boss, channel, "delete").content
    act(boss, channel, "delete", sure="1")
    assert (Channel.objects.count(), Conversation.objects.count()) == (0, 1)


def test_a_test_says_what_is_wrong_and_has_a_row(boss, channel, fake):
    setup.change(channel, {"token": "123456:wrong"})
    page = act(boss, channel, "test").headers["Location"]
    assert "Telegram does not work: the bot&#x27;s token is refused (401)" in read(boss, page)
    assert AuditRow.objects.get(kind="channel", action="used").actor_name == "mona"


def test_a_channel_whose_test_finds_nobody_does_not_work(boss, channel):
    setup.change(channel, {"api": "http://127.0.0.1:9", "token": "123456:other"})
    page = read(boss, act(boss, channel, "test").headers["Location"])
    assert "Telegram does not work: there is no connection" in page and "Test again" in page


def test_the_numbers_of_a_day_and_what_was_not_sent(boss, channel, alice):
    now = timezone.now()
    talk = write(channel)
    for text in ("one", "two", "three", "four"):
        batches.post(draft_of(alice, talk.uuid, text))
    rows = list(ChannelDelivery.objects.order_by("pk"))
    for row, columns in zip(
        rows,
        [
            {"state": "sent", "ended_at": now},
            {"state": "failed", "ended_at": now, "reason": "403"},
            {"reason": "daily_limit", "due_at": now + timedelta(hours=5)},
            {"created_at": now - timedelta(minutes=2)},
        ],
        strict=True,
    ):
        ChannelDelivery.objects.filter(pk=row.pk).update(**columns)
    context = boss.get(PAGE).context
    assert context["totals"] == (1, 1, 1)
    assert context["cards"][0].tone == "warn"
    assert {(one.reason, one.then) for one in context["unsent"]} == {
        ("they have blocked the bot (403)", "Not tried again"),
        ("it waits for tomorrow, after ten automatic mails today", "Waits for tomorrow"),
    }


def test_windows_are_counted(boss, team, enterprise):
    keys = {"appid": "wx1", "secret": "s", "token": "t"}
    channel = setup.add(enterprise, "weixin", keys, team=team)
    hour = timezone.now() + timedelta(hours=1)
    for who, left, until in (("a", 5, hour), ("b", 0, hour), ("c", 5, hour - timedelta(hours=2))):
        limit(write(channel, who), left, until)
    card = boss.get(PAGE).context["cards"][0]
    assert card.facts[0].value == "1"
    assert [one.value for one in card.notes] == [
        "1 for less than 6 hours",
        "1 has used up all messages",
    ]
