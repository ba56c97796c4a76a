"""Guarantee 21: a bot never speaks over a person. Two processes on one database, in one of which a
person writes or claims, in the other the bot writes as often as it may."""

import os
import time

import pytest

from chat.conversations import floor
from chat.models import Conversation
from chat.posting import batches
from tests.chat.helpers import MESSAGE, NOTICE, new_guest, rows_of
from tests.chat.two_processes import twins

pytestmark = pytest.mark.django_db(transaction=True)

RACES = int(os.environ.get("KEFU_FLOOR_RACES", 20))
"""How many conversations they race for; a release is tried with 10,000."""
BATCH = 100

PROGRAM = """
import mmap, os, random, struct, sys, time
import django
django.setup()
from accounts.models import Member
from chat.models import Conversation
from chat.posting import batches
from tests.chat.helpers import act_of, draft_of
from tests.chat.threads import put

alice, bot = (Member.objects.get(uuid=who) for who in os.environ["PEOPLE"].split())
groups = open(os.environ["GROUPS"]).read().split()
print("ready", flush=True)
sys.stdin.readline()
try:  # The first to make it is the person.
    os.mkdir(os.environ["GROUPS"] + ".person")
    person = True
except FileExistsError:
    person = False
pace = mmap.mmap(os.open(os.environ["GROUPS"] + ".pace", os.O_RDWR), 16)
chance = random.Random(os.getpid())
for number, group in enumerate(groups):
    # Both are here, then each comes a little later.
    struct.pack_into("q", pace, 8 * person, number + 1)
    while struct.unpack_from("q", pace, 8 * (not person))[0] <= number:
        time.sleep(0.0002)
    time.sleep(chance.random() * 0.006)
    if person:
        claims = number % 3 == 0
        put(act_of("claim", alice.uuid, group) if claims else draft_of(alice, group, "a person"))
        continue
    while True:
        # It has seen everything: what it is refused for is neither late nor stale.
        seen = Conversation.objects.values_list("last_seq", flat=True).get(uuid=group)
        answer = put(draft_of(bot, group, "a bot", bot=True, seen=seen))
        if answer["type"] == "error":
            assert answer["code"] in ("claimed", "stale", "forbidden"), answer
            break
        time.sleep(0.002)  # SQLite's lock goes to whoever asks at the right moment.
os.mkdir(os.environ["GROUPS"] + (".person.done" if person else ".bot.done"))
"""


def test_no_word_of_a_bot_stands_after_a_persons(team, alice, bot, tmp_path):
    groups = []
    while len(groups) < RACES:
        drafts = [new_guest(team).draft() for _number in range(min(BATCH, RACES - len(groups)))]
        groups += [answer["group"] for answer in batches.run(drafts)]
    assert Conversation.objects.filter(bot=bot.uuid).count() == RACES
    list_of = tmp_path / "groups"
    list_of.write_text(" ".join(groups))
    (tmp_path / "groups.pace").write_bytes(bytes(16))
    with twins(PROGRAM, GROUPS=str(list_of), PEOPLE=f"{alice.uuid} {bot.uuid}"):
        while len(list(tmp_path.glob("*.done"))) < 2:
            time.sleep(0.1)
    spoke = [check(group, alice.uuid, bot.uuid) for group in groups]
    assert Conversation.objects.filter(bot=bot.uuid).count() == 0
    first = sum(map(bool, spoke))
    if RACES > 100:  # Of fewer one may win all by chance.
        assert RACES / 20 < first < RACES * 19 / 20, "a race has two who may win"
    print(f"{RACES} races; in {first} the bot spoke first, {sum(spoke)} times in all")


def check(group: str, person: str, bot: str) -> int:
    """How often the bot spoke, each time before the person."""
    by_person, by_bot = [], []
    for row in rows_of(group):
        if row.message_type == MESSAGE and row.sender == bot:
            by_bot.append(row.seq)
        elif row.sender == person or (
            row.message_type == NOTICE and row.data["event"] == "claimed"
        ):
            by_person.append(row.seq)
    assert by_person, "the person was there"
    assert max(by_bot, default=0) < min(by_person), group
    return len(by_bot)


LOOKING = """
import sys
import django
django.setup()
from chat.conversations import floor
print("ready", flush=True)
sys.stdin.readline()
for _look in range(20):
    floor.expire()
"""


def test_two_processes_hand_over_what_a_bot_left_unanswered_once(team, alice, bot, monkeypatch):
    drafts = [new_guest(team).draft() for _number in range(30)]
    groups = [answer["group"] for answer in batches.run(drafts)]
    long_ago = Conversation.objects.get(uuid=groups[0]).bot_asked_at - floor.ALONE * 10
    Conversation.objects.filter(uuid__in=groups).update(bot_asked_at=long_ago)
    with twins(LOOKING):
        pass
    for group in groups:
        events = [row.data["event"] for row in rows_of(group) if row.message_type == NOTICE]
        assert events == ["opened", "handed_over"]
        assert Conversation.objects.get(uuid=group).waiting_since == long_ago
