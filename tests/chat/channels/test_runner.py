"""What one process works on: nothing of one person, or of one channel, holds up the others."""

from concurrent.futures import Future
from types import SimpleNamespace

import pytest

from chat.background import channels
from chat.channels import arrivals
from chat.channels.contract import Arrived, Failed, File
from chat.models import Channel, GroupMessage
from chat.posting import batches, uploads
from chat.protocol.errors import Refused
from tests.chat.helpers import draft_of

from .talks import channel_of, write

pytestmark = pytest.mark.django_db


def test_a_file_that_cannot_be_fetched_holds_up_its_sender_only(adapters, team):
    def download(*_asked):
        raise Failed("500", "down")

    channel = channel_of(team)
    channels.kinds.adapter_of(channel).download = download
    file = Arrived("1", "42", file=File("nowhere"))
    behind, other = Arrived("2", "42", content="behind it"), Arrived("3", "43", content="first")
    arrivals.keep(channel, [file, behind, other])
    for _ in range(2):
        channels.take_in_all(channel)
    texts = GroupMessage.objects.filter(message_type=1).values_list("message_content", flat=True)
    assert [*texts] == ["first"]


def test_a_picture_waits_while_others_are_drawn(adapters, team, monkeypatch):
    def receive(*_asked):
        raise Refused("rate_limited", "Wait, then send it again.")

    channel = channel_of(team)
    channels.kinds.adapter_of(channel).download = lambda *_asked: (b"a picture", "a.png")
    monkeypatch.setattr(uploads, "receive", receive)
    arrivals.keep(channel, [Arrived("1", "42", file=File("here"))])
    channels.take_in_all(channel)
    assert channel.arrivals.get(done_at=None).tries == 1 and not GroupMessage.objects.exists()


def test_a_channel_that_answers_slowly_leaves_room_for_others(adapters, team, alice, monkeypatch):
    submitted = []
    pool = SimpleNamespace(submit=lambda *args: submitted.append(args) or Future())
    monkeypatch.setattr(channels, "WORKERS", pool)
    slow, other, runner = channel_of(team), channel_of(team, "weixin"), channels.Runner()
    for channel, number in (slow, channels.EACH + 2), (other, 1):
        talks = [write(channel, str(who)) for who in range(number)]
        batches.settle([draft_of(alice, talk.uuid) for talk in talks])
    for _ in range(2):
        runner.look()
    assert [args[2].kind for args in submitted] == ["telegram"] * channels.EACH + ["weixin"]


def test_a_look_asks_once_for_all_channels(adapters, team, django_assert_num_queries):
    for kind in Channel.Kind.values:
        channel_of(team, kind)
    runner = channels.Runner()
    runner.look()
    with django_assert_num_queries(1):
        runner.look()


def test_what_ends_during_a_look_does_not_disturb_it():
    runner = channels.Runner()
    first, second = Future(), Future()
    runner.working = {"first": first, "second": second}
    first.done = lambda: not runner.working.pop("second", None)
    runner.look()
    assert "first" in runner.working
