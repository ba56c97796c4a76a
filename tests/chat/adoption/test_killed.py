"""A process that is killed anywhere while it imports: the next one goes on, and nothing is lost
or there twice."""

import io
import os
import random
import signal

import pytest
from django.core.management import call_command
from django.db import connections

from accounts import audit
from chat.bulk.adoption import people, run
from chat.models import AdoptedGroup, Conversation

from .comparing import adopt, assert_consistent, digests_here, digests_there, everything
from .seed_database import fill

pytestmark = pytest.mark.django_db(transaction=True)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def run_and_die(url: str, after: int, inside: bool) -> bool:
    """Runs the command in a process that is killed after so many transactions that wrote, or
    within the last of them; whether it was killed."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            countdown(after, inside)
            call_command("adopt", url, "--enterprise", "acme", "--yes", stdout=io.StringIO())
        finally:
            os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def countdown(left: int, inside: bool) -> None:
    genuine = audit.recording

    class Recording:
        def __init__(self, origin):
            self.inner = genuine(origin)

        def __enter__(self):
            return self.inner.__enter__()

        def __exit__(self, *error):
            nonlocal left
            left -= 1
            if inside and left <= 0:
                die()
            self.inner.__exit__(*error)
            if left <= 0:
                die()

    audit.recording = Recording


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(run, "BATCH", 25)
    monkeypatch.setattr(run, "GROUPS", 4)
    monkeypatch.setattr(people, "Argon2OfMD5", Quick)


class Quick:
    def encode_md5(self, digest: str) -> str:
        return f"argon2_md5${digest}"


@pytest.mark.parametrize("inside", [False, True], ids=["after a commit", "before a commit"])
def test_killed_at_every_batch_it_goes_on_where_it_was(theirs, team, small_batches, inside):
    fill(theirs, random.Random(3), 4, 30, 300)
    theirs.group("long", "v-long", "m-0001", unread=3)
    for n in range(90):
        theirs.say("long", ("v-long", "m-0001")[n % 2], f"line {n}", n)
    kills, came_to = 0, 0
    # Within a transaction nothing of it is kept: each time one more is let through.
    while run_and_die(theirs.url, 2 if inside else 1, inside):
        kills += 1
        assert kills < 100
        now = Conversation.objects.count() + AdoptedGroup.objects.filter(state="").count()
        came_to = max(now, came_to)
    assert kills > 15 and came_to
    assert digests_here(theirs) == digests_there(theirs)
    assert_consistent()
    before = everything()
    adopt(theirs)
    assert everything() == before


def test_it_is_known_how_much_of_a_long_conversation_is_there(theirs, team, small_batches):
    theirs.member(1, "ann")
    theirs.group("long", "v", "agent-1", unread=5)
    for n in range(60):
        theirs.say("long", "v", f"line {n}", n)
    assert run_and_die(theirs.url, 3, inside=False)
    row = AdoptedGroup.objects.get()
    assert (row.messages, row.state) == (25, "")
    adopt(theirs)
    assert digests_here(theirs) == digests_there(theirs)
    assert_consistent()
