"""Connected people. Who they are stands in tests/conftest.py."""

import asyncio
import threading

import pytest

from accounts import setup
from accounts.models import Member
from chat import sweeps
from chat.background import notifier, periodic, router, sampler, streamer, upkeep, webhooker
from chat.conversations import causes
from chat.database import READERS
from chat.delivery import bus
from chat.delivery.hub import hub
from chat.mail import jobs
from chat.models import Conversation
from chat.posting import batches, writer
from chat.presence import leases
from tests.conftest import hire

from .helpers import Guest, Socket, act_of, database, draft_of, new_guest, session_cookie
from .signed_visitors import WANG, session_guest, sign_in


@pytest.fixture
def guest(team) -> Guest:
    """A visitor who has not written yet."""
    return new_guest(team)


@pytest.fixture
def other_guest(other_team) -> Guest:
    return new_guest(other_team)


@pytest.fixture
def bot(team):
    """A bot of the team, as if it had a socket: it gets the floor of what begins."""
    member = hire("robo", team.enterprise, Member.Role.BOT, team, nickname="小机")
    leases.renew([member.uuid], restart=True)
    return member


@pytest.fixture
def carol(enterprise):
    """An agent of the enterprise who sits in no team, and so in no group."""
    return hire("carol", enterprise, nickname="小卡")


@pytest.fixture
def sales(enterprise, carol):
    """Another team, in which carol sits alone."""
    team = setup.find_or_create_team(enterprise, "sales", "Sales")
    setup.join_team(carol, team)
    return team


@pytest.fixture
def boss(manager, browser_of):
    """The manager's browser."""
    return browser_of(manager)


@pytest.fixture
def group(guest, alice, bob) -> str:
    """A conversation of the guest with alice and bob: a notice, and one message."""
    return batches.post(guest.draft("first"))["group"]


@pytest.fixture
def other_group(other_guest, outsider) -> str:
    return batches.post(other_guest.draft("elsewhere"))["group"]


@pytest.fixture
def customer(enterprise, team, alice, bob):
    """A person who wrote before, elsewhere: alice and bob have read it and closed it."""
    person = session_guest(enterprise, team, "7", **WANG)
    batches.post(person.draft("long ago"))
    batches.post(draft_of(alice, person.group, "an old answer"))
    for member in (alice, bob):
        batches.mark(member.uuid, person.group, 99)
    batches.do(act_of("close", alice.uuid, person.group))
    return person


@pytest.fixture
def wanting(team, alice, bob, settings):
    """The team wants mails after ten minutes; alice and bob can be mailed."""
    settings.PUBLIC_URL = "https://chat.example.com"
    Member.objects.filter(pk=bob.pk).update(email="bob@example.com", language="zh-hans")
    team.mail_minutes, team.mail_left = 10, False
    team.save()
    return team


@pytest.fixture
def careful(enterprise):
    """An enterprise that quarantines all that can be."""
    enterprise.hold = enterprise.Hold.BOTH
    enterprise.save()


@pytest.fixture
def visitor(guest):
    """The guest's browser; `place` is where it posts."""
    browser = guest.browser()
    browser.place = f"/chat/{guest.enterprise.code}/messages/"
    return browser


@pytest.fixture
def agent(alice, group, browser_of):
    browser = browser_of(alice)
    browser.page = f"/agent/c/{group}/"
    browser.place = f"/agent/c/{group}/messages/"
    return browser


@pytest.fixture
async def connect():
    """A function: the open socket of a member or a guest. All are closed after the test."""
    sockets = []

    async def connect(who, **options) -> Socket:
        socket = await unopened(who, **options)
        sockets.append(socket)
        return await socket.open()

    yield connect
    for socket in sockets:
        try:
            await socket.leave()
        except BaseException:  # a communicator raises its task's cancellation
            pass
    await end_background()


@pytest.fixture
async def house():
    """For tests that open no socket by `connect`, but may start the loop's tasks."""
    yield
    await end_background()


async def unopened(who, query="", path="/ws/agent/", **options) -> Socket:
    if isinstance(who, Guest):
        options.setdefault("cookie", who.cookie)
        return Socket(f"/ws/visitor/{who.enterprise.code}/{query}", **options)
    if "cookie" not in options:
        options["cookie"] = await database(session_cookie)(who)
    return Socket(path + query, **options)


async def end_background() -> None:
    """Ends this loop's tasks, so that none of them reads while the database is emptied."""
    loop = asyncio.get_running_loop()
    tasks = [
        begun.task
        for each in (upkeep, periodic, router, streamer, webhooker, notifier)
        if (begun := each.current.running.pop(loop, None))
    ]
    if queue := writer.writers.pop(loop, None):
        tasks.append(queue.task)
    if beats := sampler.running.pop(loop, None):
        tasks.append(beats.task)
    if line := bus.buses.pop(loop, None):
        tasks += line.tasks
    while tasks:
        for task in tasks:
            task.cancel()
        # Again and again: before Python 3.12, wait_for may swallow a cancellation.
        _done, tasks = await asyncio.wait(tasks, timeout=0.2)
    finish_threads()
    sweeps.stopping.clear()
    causes.State.unread = False
    hub.outboxes.clear()
    hub.totals.clear()
    hub.loop = None


def finish_threads() -> None:
    """Waits for what still runs on the chat's threads: a transaction that goes on while the
    database is emptied would be in its way."""
    count = READERS._max_workers
    barrier = threading.Barrier(count)
    for job in [READERS.submit(barrier.wait, 20) for _ in range(count)]:
        job.result()
    for thread in (
        writer.THREAD,
        periodic.THREAD,
        router.THREAD,
        streamer.THREAD,
        webhooker.THREAD,
        notifier.THREAD,
        jobs.POST,
    ):
        thread.submit(int).result()


@pytest.fixture
def sold(guest, enterprise, alice, group) -> str:
    """The same visitor's conversation with another team."""
    team = setup.find_or_create_team(enterprise, "sales")
    setup.join_team(alice, team)
    return batches.post(Guest(enterprise, team, guest.token).draft("a price"))["group"]


@pytest.fixture
def merged(customer, guest, group) -> tuple[str, str, int]:
    """The group that is no more, the one that it became a part of, and by how much its numbers
    grew."""
    offset = Conversation.objects.get(uuid=customer.group).last_seq
    sign_in(guest)
    return group, customer.group, offset
