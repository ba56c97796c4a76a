"""The tick of a process: closes sockets that may not stay, renews leases, announces who came and
went. What may take longer is in periodic.py and does not delay it.

Everything here is read from the database, so it is right whichever process changed it and
whether or not a push arrived; what a tick reads grows with the sockets here and with what changed,
not with all who are connected. `soon` only makes the next tick come at once.
"""

import asyncio
import logging
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error
from django.db.models import F

from accounts.models import TeamMember
from accounts.sign_ins import sessions
from chat import clock, metrics
from chat.database import read, run_or_refuse, write
from chat.delivery.hub import hub
from chat.models import ChatGroup, Conversation
from chat.presence import leases, unattended_teams
from chat.protocol import events
from chat.protocol.errors import Refused
from chat.protocol.frames import encode

from . import revocation, router
from .looks import PerLoop, woken

log = logging.getLogger("kefu.upkeep")

TICK = 3
"""Seconds. Access that ended anywhere ends here within one tick (guarantee: 5 s)."""
RENEWAL = 15
"""Seconds between two renewals of the leases."""
SILENCE = 63
"""Seconds without a frame after which a socket is closed: a minute (docs/protocol.md), and some
more, since browsers let the timers of a hidden page run once a minute, and its ping with them."""
ALONE = 20
"""Seconds without the database after which sockets are closed, so that their pages come to a host
that can reach it. With one process there is no other."""
LATE = timedelta(seconds=10)
"""By how much a change of presence may be older than the look that finds it: commits take their
time, and machines' clocks differ."""
GRACE = 2
"""Seconds that somebody may be without a socket, as when a page reloads, and still be here."""


def refuse_if_alone() -> None:
    """Raises Refused (unavailable) while this process does not reach the database, as it is known
    to: a new socket would wait for it in vain."""
    if current().is_alone:
        raise Refused("unavailable", "This host does not reach its database.")


class Upkeep:
    """The tick of one event loop, and what it announced last about who is online."""

    def __init__(self):
        self.wake = asyncio.Event()
        self.throttled = metrics.ThrottledLog(metrics.WARN_EVERY)
        self.renewed = self.noted = 0.0
        self.answered = time.monotonic()
        """When the database answered last."""
        self.arriving: set[str] = set()
        self.leaving: dict[str, float] = {}
        self.leases: dict[str, datetime] = {}
        """Until when the people of this process have theirs."""
        self.known: dict[str, dict[str, str]] = {}
        """The agents who are not offline and their state, of each enterprise with sockets here."""
        self.looked: datetime | None = None
        self.announced: dict[str, bool] = {}
        """Who came or went lately, and what was told of them last."""
        self.task = asyncio.create_task(self.run())

    async def prepare(self, ent_id: str) -> None:
        """Takes the first look at who is online, before anybody of the enterprise is told a
        state here that later differences refer to."""
        if not clock.is_measured():
            await run_or_refuse(clock.measure)
        if ent_id not in self.known:
            found = await run_or_refuse(leases.agents_by_enterprise, {ent_id})
            self.known.setdefault(ent_id, found[ent_id])
        if self.looked is None:
            moment = clock.now()
            states, _ = await run_or_refuse(leases.changes, moment - LATE, moment)
            if self.looked is None:
                self.looked, self.announced = moment, states

    async def run(self) -> None:
        while True:
            await woken(self.wake, TICK)
            try:
                await self.tick(time.monotonic())
            except (Error, Refused) as error:
                self.throttled.warn(
                    log, "the database does not answer: %s", error.__cause__ or error
                )
                metrics.DATABASE_ERRORS.labels("tick").inc()
                if self.is_alone:
                    self.send_away()
            except Exception:
                log.exception("a tick failed")

    async def tick(self, now: float) -> None:
        for outbox in hub.all():
            if now - outbox.owner.last_frame_at > SILENCE:
                outbox.owner.end(4408)
        await self.check_access()
        if not hub.all():
            await read(clock.measure)  # Nobody's access has asked the database.
        self.answered = time.monotonic()
        await self.release(now)
        seldom = now - self.renewed > RENEWAL
        if seldom:
            self.renewed = now
            # First: should the database not answer now, the next tick renews them.
            self.arriving.update(hub.people())
            await read(clock.measure)
        # Whoever has gone meanwhile must not be seen here for the life of a lease.
        arriving = {who for who in self.arriving if hub.outboxes_of(who)}
        self.arriving = set()
        if arriving:
            await self.renew(arriving)
        changed = await self.announce_members()
        if arriving or changed:
            router.soon()
        if changed or seldom:
            await self.announce_unattended()
        await self.announce_visitors()
        if now - self.noted > sessions.EVERY:
            self.noted = now
            await self.note_sessions()

    @property
    def is_alone(self) -> bool:
        """Whether this process has not reached the database for long, where others may."""
        return bool(settings.REDIS_URL) and time.monotonic() - self.answered > ALONE

    def send_away(self) -> None:
        """Closes all sockets: their pages connect again, and a balancer may know a better host."""
        for outbox in hub.all():
            outbox.owner.end(4503)

    async def note_sessions(self) -> None:
        """Members' list of their sessions tells when each was seen: a page may stay open all day
        and be known by its socket alone."""
        keys = {outbox.owner.session_key for outbox in hub.all()} - {None}
        if keys:
            await write(sessions.saw_sockets, sorted(keys))

    async def renew(self, people: set[str]) -> None:
        """Renews leases. One that ran out meanwhile, as when this process was frozen, was seen
        to end by the others: it is taken anew. Where the database fails, the next tick renews
        them."""
        now = clock.now()
        current_leases = {who for who in people if who in self.leases and self.leases[who] > now}
        outboxes = {who: hub.outboxes_of(who) for who in people}
        away = {who for who, own in outboxes.items() if own and all(map(is_away, own))}
        try:
            for some, anew in ((current_leases, False), (people - current_leases, True)):
                if some:
                    until = await write(
                        leases.renew, sorted(some), leases.NODE_ID, leases.LEASE, anew, away
                    )
                    self.leases.update(dict.fromkeys(some, until))
        except Error:
            self.arriving |= people
            raise

    async def check_access(self) -> None:
        """Closes sockets whose login, account, enterprise or visitor is not welcome any more,
        and gives the others their present name."""
        owners = {outbox.owner for outbox in hub.all()}
        if not owners:
            return
        signed_in = [owner for owner in owners if owner.is_visitor and owner.sign_in]
        facts = await read(
            revocation.facts,
            [owner.who for owner in owners],
            [owner.session_key for owner in owners if owner.session_key],
            [(owner.ent_id, owner.sign_in) for owner in signed_in],
            {owner.ent_id for owner in owners},
            {owner.token_id for owner in owners if owner.token_id},
        )
        for owner in owners:
            code = owner.closing_code(*facts)
            if code:
                owner.end(code)

    def arrived(self, who: str) -> None:
        """Somebody became present between two renewals, or went away from the desk or came back."""
        self.arriving.add(who)
        self.wake.set()

    def left(self, who: str, grace: float = GRACE) -> None:
        """The last socket of `who` in this process is gone; they have so many seconds to come
        back."""
        self.leaving[who] = time.monotonic() + grace
        asyncio.get_running_loop().call_later(grace, self.wake.set)

    async def release(self, now: float) -> None:
        """Ends the leases of those who have not come back, many at once: a balancer may take all
        sockets away together."""
        for who in [who for who in self.leaving if hub.outboxes_of(who)]:
            del self.leaving[who]
        gone = {who: due for who, due in self.leaving.items() if now >= due}
        if not gone:
            return
        for who in gone:
            self.leases.pop(who, None)
        await write(leases.release, sorted(gone))
        # Not of those who came back meanwhile and left again.
        for who, due in gone.items():
            if self.leaving.get(who) == due:
                del self.leaving[who]

    async def announce_members(self) -> bool:
        """Compares the agents' states with what was told before, and tells the difference; of the
        enterprises that have sockets here. Returns whether there was any."""
        here = {outbox.owner.ent_id for outbox in hub.all()}
        for ent_id in self.known.keys() - here:
            del self.known[ent_id]
        if not self.known:
            return False
        now = await read(leases.agents_by_enterprise, set(self.known))
        changed = set()
        for ent_id, members in now.items():
            for who, _state in members.items() ^ self.known[ent_id].items():
                changed.add((ent_id, who))
        for ent_id, who in changed:
            state = now[ent_id].get(who, leases.OFFLINE)
            event = events.member_presence(who, leases.for_colleagues(state))
            push(ent_id, [f"agents:{ent_id}"], event)
        if changed:
            for ent_id, team, slug, counts in await read(team_counts, {who for _, who in changed}):
                push(ent_id, [f"team:{team}"], events.team_presence(slug, counts))
        # Last: whatever failed before is told again at the next tick.
        self.known.update(now)
        return bool(changed)

    async def announce_unattended(self) -> None:
        """Where visitors wait and nobody is there: to the managers with sockets here, whole, each
        time, so that none keeps an old state."""
        managers: dict[str, set[str]] = {}
        for outbox in hub.all():
            owner = outbox.owner
            if not owner.is_visitor and owner.member.is_manager:
                managers.setdefault(owner.ent_id, set()).add(owner.who)
        if not managers:
            return
        for ent_id, teams in (await read(unattended_teams.by_enterprise, set(managers))).items():
            push(ent_id, sorted(managers[ent_id]), events.unattended(teams))

    async def announce_visitors(self) -> None:
        """Tells which visitors came or went since the last look."""
        moment = clock.now()
        since = (self.looked or moment) - LATE
        states, stayed = await read(leases.changes, since, moment)
        told = self.announced | dict.fromkeys(stayed, True)
        news = {who for who, online in states.items() if told.get(who) is not online}
        here = {outbox.owner.who for outbox in hub.all() if not outbox.owner.is_visitor}
        seated = await read(agents_of, news, here) if news and here else {}
        for (ent_id, who), agents in seated.items():
            push(ent_id, agents, events.visitor_presence(who, states[who]))
        self.announced, self.looked = states, moment


def is_away(outbox) -> bool:
    return outbox.owner.away


def push(ent_id: str, recipients: list[str], event: dict) -> None:
    hub.deliver(ent_id, [(recipients, encode(event))], [])


def team_counts(members: set[str]) -> list[tuple[str, int, str, dict]]:
    """(enterprise's code, id, slug, what visitors are told) of the teams that any of `members` is
    in."""
    places = TeamMember.objects.filter(member__uuid__in=members).select_related("team__enterprise")
    teams = {place.team_id: place.team for place in places}
    return [
        (
            team.enterprise.code,
            team.id,
            team.slug,
            leases.for_visitors(team, leases.team_states(team)),
        )
        for team in teams.values()
    ]


def agents_of(visitors: set[str], here: set[str]) -> dict[tuple[str, str], list[str]]:
    """Those of the agents `here` who sit in the conversations of each of `visitors` that are not
    in quarantine, by the enterprise's code and the visitor."""
    agents: dict[tuple[str, str], list[str]] = {}
    found = Conversation.objects.filter(
        visitor_id__in=visitors, visitor__ent_id=F("ent_id"), quarantined_for=""
    )
    groups = {row[0]: row[1:] for row in found.values_list("uuid", "ent_id", "visitor_id")}
    seats = ChatGroup.objects.filter(uuid__in=groups, member_id__in=here)
    for group, ent_id, member in seats.values_list("uuid", "ent_id", "member_id"):
        if ent_id == groups[group][0]:
            agents.setdefault(groups[group], []).append(member)
    return {who: sorted(set(seated)) for who, seated in agents.items()}


current = PerLoop(Upkeep)
soon = current.soon
