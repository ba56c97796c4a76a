"""manage.py channel, in the form of the contract: options come before the keys."""

import io
import re

import pytest
from django.core.management import CommandError, call_command

from chat.channels import sealed
from chat.models import Channel
from tests.fakes.telegram import TOKEN

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(team, settings, monkeypatch):
    """A function: what the command prints, its standard input being `said`."""
    settings.CHANNEL_ALLOW = ["127.0.0.0/8"]

    def ran(*words, said=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(said))
        call_command("channel", *words, stdout=(out := io.StringIO()))
        return out.getvalue()

    return ran


def test_one_is_added_tested_switched_and_listed_without_its_secret(run, fake):
    options = "--team", "service", "--name", "Bot"
    said = run("add", "acme", "telegram", *options, "token=-", f"api={fake.url}", said=f"{TOKEN}\n")
    channel = Channel.objects.get()
    assert said.splitlines()[-1] == f"channel {channel.key}"
    assert sealed.keys_of(channel)["token"] == TOKEN
    assert run("test", "acme", channel.key) == "It works.\n"
    line = f"{channel.key} telegram off team=service name=Bot\n"
    assert (run("off", "acme", channel.key), run("list", "acme")) == (line, line)
    assert " on " in run("on", "acme", channel.key)
    with pytest.raises(CommandError, match="no channel"):
        run("test", "acme", "nothing")


def test_a_bot_that_is_called_knows_where_without_an_address_of_ours(run, fake):
    """An empty one would have Telegram call nobody."""
    keys = f"token={TOKEN}", "mode=webhook", f"api={fake.url}"
    path = run("add", "acme", "telegram", *keys).splitlines()[-1]
    assert re.fullmatch(r"/channels/[0-9a-f]{16}/", path) and fake.webhook["url"] == path
