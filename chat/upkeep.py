"""The process's slow beat: ends sockets that may not stay, renews leases, tells who came and went.

Everything here is read from the database, so it is right whichever process changed it and
whether or not a push arrived. `soon` only makes the next beat come at once.
"""

import asyncio
import logging
import time
from weakref import WeakKeyDictionary

from django.contrib.sessions.models import Session
from django.db import Error
from django.utils import timezone

from accounts.models import Enterprise, Member, TeamMember

from . import claims, files, metrics, presence
from .database import answer, read
from .errors import Refused
from .frames import encode
from .hub import hub
from .models import ChatGroup, Conversation, Visitor

log = logging.getLogger("kefu.upkeep")

BEAT = 3
"""Seconds. Access that ended anywhere ends here within one beat (guarantee: 5 s)."""
RENEWAL = 15
"""Seconds between two renewals of the leases."""
SILENCE = 60
"""Seconds without a frame after which a socket is closed (docs/protocol.md)."""
GRACE = 2
"""Seconds that somebody may be without a socket, as when a page reloads, and still be here."""


def soon() -> None:
    """Asks for a beat now, from any thread."""
    hub.call(lambda: current().wake.set())


class Upkeep:
    """One event loop's beat, and what it last told about who is online."""

    def __init__(self):
        self.wake = asyncio.Event()
        self.seldom = metrics.Seldom(metrics.SLOW_EVERY)
        self.renewed = 0.0
        self.swept = 0
        self.arriving: set[str] = set()
        self.leaving: dict[str, float] = {}
        self.known: dict[str, set[str]] | None = None
        self.task = asyncio.create_task(self.run())

    async def prepare(self) -> None:
        """Takes the first look at who is online, before anybody here is told a state that
        later differences refer to."""
        if self.known is None:
            self.known = await answer(online_now)

    async def run(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self.wake.wait(), BEAT)
            except asyncio.TimeoutError:
                pass
            self.wake.clear()
            try:
                await self.beat(time.monotonic())
            except (Error, Refused) as error:
                self.seldom.warn(log, "the database does not answer: %s", error.__cause__ or error)
                metrics.DATABASE_ERRORS.labels("beat").inc()
            except Exception:
                log.exception("a beat failed")

    async def beat(self, now: float) -> None:
        for outbox in hub.all():
            if now - outbox.owner.heard > SILENCE:
                outbox.owner.end(4408)
        await self.check_access()
        await self.release(now)
        if now - self.renewed > RENEWAL:
            self.renewed = now
            self.arriving.update(hub.people())
            await read(claims.expire)
            self.swept = await read(files.sweep, self.swept)
        if arriving := set(self.arriving):
            await read(presence.renew, sorted(arriving))
            self.arriving -= arriving
        await self.tell_presence()

    async def check_access(self) -> None:
        """Closes sockets whose login, account, enterprise or visitor is not welcome any more,
        and gives the others their present name."""
        owners = {outbox.owner for outbox in hub.all()}
        if not owners:
            return
        facts = await read(
            access_facts,
            [owner.who for owner in owners],
            [owner.session_key for owner in owners if owner.session_key],
            {owner.ent_id for owner in owners},
        )
        for owner in owners:
            code = owner.verdict(*facts)
            if code:
                owner.end(code)

    def arrived(self, who: str) -> None:
        """Somebody became present between two renewals."""
        self.arriving.add(who)
        self.wake.set()

    def left(self, who: str) -> None:
        """The last socket of `who` in this process is gone; they have GRACE to come back."""
        self.leaving[who] = time.monotonic()
        asyncio.get_running_loop().call_later(GRACE, self.wake.set)

    async def release(self, now: float) -> None:
        for who, since in list(self.leaving.items()):
            if hub.of(who):
                del self.leaving[who]
            elif now - since >= GRACE:
                await read(presence.release, who)
                self.leaving.pop(who, None)

    async def tell_presence(self) -> None:
        """Compares who is online with what was told before, and tells the difference."""
        await self.prepare()
        known, now = self.known, await read(online_now)
        metrics.ONLINE.labels("agent").set(len(now["members"]))
        metrics.ONLINE.labels("visitor").set(len(now["visitors"]))
        if known == now:
            return
        before, after = known["members"], now["members"]
        changed = before.keys() ^ after.keys()
        for who in changed:
            ent_id = after.get(who) or before[who]
            event = {"type": "presence", "member": who, "online": who in after}
            tell([f"agents:{ent_id}"], event)
        for team, slug, count in await read(team_counts, changed):
            tell([f"team:{team}"], {"type": "presence", "team": slug, "online": count})
        came = now["visitors"] - known["visitors"]
        went = known["visitors"] - now["visitors"]
        for who, agents in (await read(agents_of, came | went)).items():
            tell(agents, {"type": "presence", "visitor": who, "online": who in came})
        # Last: whatever failed before is told again at the next beat.
        self.known = now


def tell(recipients: list[str], event: dict) -> None:
    hub.deliver([(recipients, encode(event))], [])


def access_facts(people: list[str], sessions: list[str], enterprises: set[str]):
    """Members and visitors by uuid, the session keys that live, the enterprises that are open."""
    members = {member.uuid: member for member in Member.objects.filter(uuid__in=people)}
    visitors = {visitor.uuid: visitor for visitor in Visitor.objects.filter(uuid__in=people)}
    alive = Session.objects.filter(session_key__in=sessions, expire_date__gt=timezone.now())
    opened = Enterprise.objects.filter(code__in=enterprises, status=Enterprise.Status.OPEN)
    return (
        members,
        visitors,
        set(alive.values_list("session_key", flat=True)),
        set(opened.values_list("code", flat=True)),
    )


def online_now() -> dict:
    """`members`: {uuid: ent_id} of agents who are online; `visitors`: uuids of all others."""
    connected = presence.everyone()
    rows = Member.objects.filter(uuid__in=connected).values_list(
        "uuid", "enterprise__code", "online_status", "status"
    )
    members = {}
    for uuid, code, switch, status in rows:
        connected.discard(uuid)
        if switch == Member.OnlineStatus.ONLINE and status == Member.Status.NORMAL and code:
            members[uuid] = code
    return {"members": members, "visitors": connected}


def team_counts(members: set[str]) -> list[tuple[int, str, int]]:
    """(id, slug, agents online) of the teams that any of `members` is in."""
    places = TeamMember.objects.filter(member__uuid__in=members).select_related("team")
    teams = {place.team_id: place.team for place in places}
    return [(team.id, team.slug, len(presence.team_online(team))) for team in teams.values()]


def agents_of(visitors: set[str]) -> dict[str, list[str]]:
    """The agents who sit in the conversations of each of `visitors`."""
    agents: dict[str, list[str]] = {}
    groups = dict(
        Conversation.objects.filter(visitor_id__in=visitors).values_list("uuid", "visitor_id")
    )
    for seat in ChatGroup.objects.filter(uuid__in=groups):
        if seat.member_id != groups[seat.uuid]:
            agents.setdefault(groups[seat.uuid], []).append(seat.member_id)
    return {who: sorted(set(seated)) for who, seated in agents.items()}


beats: WeakKeyDictionary[asyncio.AbstractEventLoop, Upkeep] = WeakKeyDictionary()


def current() -> Upkeep:
    """The running loop's upkeep, begun at its first use (daphne knows no lifespan)."""
    loop = asyncio.get_running_loop()
    upkeep = beats.get(loop)
    if upkeep is None or upkeep.task.done():
        upkeep = beats[loop] = Upkeep()
    return upkeep
