"""A channel is added, changed, switched and deleted: nothing that waits is lost, and the audit has
all of it without secrets."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection

from accounts import audit
from accounts.models import AuditRow
from chat.channels import arrivals, failures, http, setup
from chat.channels.contract import Arrived, Failed
from chat.models import Channel, GroupMessage
from chat.posting import batches
from tests.accounts.audit.rows import newest
from tests.chat.helpers import draft_of
from tests.fakes.telegram import TOKEN

from .talks import write

pytestmark = pytest.mark.django_db
OLD = "123456:revoked"


def answered(channel, alice) -> None:
    """Somebody has written, and got an answer that is on its way."""
    batches.post(draft_of(alice, write(channel).uuid, "On its way."))


def test_a_change_leaves_alone_what_is_served_meanwhile(channel):
    stale = Channel.objects.get(pk=channel.pk)
    Channel.objects.update(lease="other", cursor={"offset": 7})
    setup.change(stale, {}, name="Bot")
    channel.refresh_from_db()
    assert (channel.name, channel.lease, channel.cursor) == ("Bot", "other", {"offset": 7})


def test_stored_secrets_go_to_no_other_host(channel, fake):
    with pytest.raises(ValidationError) as refused:
        setup.change(channel, {"api": "http://127.0.0.2:9"})
    assert refused.value.error_dict.keys() == {"token"}
    channel.refresh_from_db()
    assert channel.settings["api"] == fake.url
    setup.change(channel, {"api": "http://127.0.0.2:9", "token": TOKEN})


def test_no_transaction_waits_for_the_other_side(enterprise, team, fake, settings, monkeypatch):
    settings.CHANNEL_ALLOW, settings.PUBLIC_URL = ["127.0.0.0/8"], "https://x.example"
    outside, ask, seen = len(connection.savepoint_ids), http.received, []

    def asked(*args, **kwargs):
        seen.append(len(connection.savepoint_ids))
        return ask(*args, **kwargs)

    monkeypatch.setattr(http, "received", asked)
    given = {"token": TOKEN, "api": fake.url, "mode": "webhook"}
    channel = setup.add(enterprise, "telegram", given, team=team)
    setup.change(channel, {})
    setup.switch(channel, on=False)
    setup.switch(channel, on=True)
    setup.delete(channel)
    assert len(seen) == 5 and set(seen) == {outside}
    assert fake.webhook is None


def test_one_that_the_other_side_refuses_is_not_added(enterprise, team, fake, settings):
    settings.CHANNEL_ALLOW, settings.PUBLIC_URL = ["127.0.0.0/8"], "https://x.example"
    given = {"token": OLD, "api": fake.url, "mode": "webhook"}
    with pytest.raises(Failed):
        setup.add(enterprise, "telegram", given, team=team)
    assert not Channel.objects.exists()


def test_a_deleted_channel_leaves_its_conversations_and_what_was_on_its_way_has_failed(
    channel, alice
):
    answered(channel, alice)
    setup.delete(channel)
    row = GroupMessage.objects.get(message_content="On its way.")
    assert row.data["delivery"] == {"channel": "telegram", "state": "failed", "reason": "gone"}
    again = batches.run([draft_of(alice, row.group_id, "More.")])[0]
    assert again["code"] == "window_closed"


def test_every_change_and_test_has_its_row_without_secrets(channel, fake):
    by = audit.of_command("channel")
    setup.change(channel, {"token": TOKEN}, by, name="Bot")
    row = newest(kind="channel", action="changed")
    assert (row.object_name, row.source) == ("Bot", "manage.py channel")
    setup.switch(channel, False, by)
    assert '"active": false' in newest(kind="channel").details
    assert setup.test(channel, by) is None
    assert newest(kind="channel").action == "used"
    call_command("channel", "on", "acme", channel.key)
    assert '"active": true' in newest(kind="channel").details
    setup.delete(channel, by)
    assert newest(kind="channel").action == "deleted"
    secrets = TOKEN, channel.sealed
    assert not [one for one in secrets if AuditRow.objects.filter(details__contains=one)]


@pytest.mark.parametrize(
    ("kind", "code", "said", "means"),
    [
        ("weixin", "40125", "invalid", "AppSecret is refused (40125)"),
        ("telegram", "401", "", "the bot's token is refused (401)"),
        ("mail", "550 5.1.1", "no such user", "this mailbox does not exist (550 5.1.1)"),
        ("mail", "smtp 535", "", "user name or password are refused (535)"),
        ("mail", "bad_key", "imap: …", "a setting is refused: imap: …"),
        ("mail", "sign_in", "wrong", "the mailbox does not let the server sign in: wrong"),
        ("mail", "certificate", "IMAP: expired", "its certificate is not valid: IMAP: expired"),
        ("mail", "smtp 553", "no", "the mail server refuses the account or the sender: no (553)"),
        (
            "mail",
            "smtp 550 5.7.1",
            "",
            "the mail server refuses the account or the sender (550 5.7.1)",
        ),
        ("weixin", "99999", "odd", "the service refuses it: odd (99999)"),
        ("", "99999", "", "the service refuses it (99999)"),
    ],
)
def test_a_code_is_shown_in_words(kind, code, said, means):
    assert failures.words(kind, code, said) == means


def test_another_account_is_read_from_its_beginning(channel, fake):
    Channel.objects.update(cursor={"offset": 500})
    channel.refresh_from_db()
    setup.change(channel, {"token": "123456:renewed", "api": fake.url})
    assert channel.cursor == {"offset": 500}
    setup.change(channel, {"token": "777:other", "api": fake.url})
    channel.refresh_from_db()
    assert channel.cursor == {}


def test_what_was_asked_of_the_former_account_is_not_kept(channel, fake):
    Channel.objects.update(lease="one")
    asked = Channel.objects.get(pk=channel.pk)
    setup.change(channel, {"token": "777:other", "api": fake.url})
    assert not arrivals.keep(asked, [Arrived("1", "42", content="Hi")], {"offset": 500}, "one")
    channel.refresh_from_db()
    assert channel.cursor == {} and not channel.arrivals.exists()
    assert arrivals.keep(channel, [Arrived("1", "42", content="Hi")], {"offset": 5}, "one")
