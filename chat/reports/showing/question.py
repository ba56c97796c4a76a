"""What a report is asked: whose receptions, of which days. Reads an address, or refuses it."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from operator import attrgetter
from zoneinfo import ZoneInfo

from accounts import hours, rights
from accounts.models import Enterprise, Member, Team, TeamMember
from chat.periods import FIRST, QUARTER, day_after, day_of, enterprise_of, midnight, zone_of
from chat.protocol.errors import Refused

from . import facets
from .facets import Facets

MOST_DAYS = 400
USUAL_DAYS = 7
REMOVED = "*"
"""Instead of an account, which it cannot be: the members who are not there any more."""


@dataclass(frozen=True)
class Question:
    """A report's period and filters, and what its reader may see."""

    now: datetime
    enterprise: Enterprise
    first: date
    last: date
    zone: ZoneInfo
    teams: tuple[Team, ...]
    """Those whose receptions count, in the order of their slugs."""
    choices: tuple[Team, ...]
    """Those that could be asked for."""
    whole: bool
    """Whether these are all of the enterprise, so that receptions of removed teams count, too."""
    names: bool
    """Whether the reader may see members."""
    member: str | None = None
    """The uuid of the only member that counts; REMOVED for all who were removed."""
    account: str = ""
    """The account of that member, as it was asked for."""
    team: str = ""
    """The slug of the team that was asked for."""
    hours: bool = False
    """Whether only the team's working hours count."""
    demo: bool = True
    """Whether conversations count that are the demo's or were imported."""
    slot: tuple[int, int] | None = None
    """The only weekday, Monday 0, and hour of which something counts."""
    facets: Facets = field(default_factory=Facets)
    """The topic, tag, page and channel of the only conversations of which something counts."""
    until: datetime | None = None
    """A moment in UTC at which the period ends before its last day is over; only with `brief`, as
    messages are counted by the quarter of an hour."""
    brief: bool = False
    """Whether only what is told of receptions is asked for: no next replies and no messages."""
    sums: bool = False
    """Whether nothing is asked for by day and hour, which takes half of the time."""

    @property
    def begin(self) -> datetime:
        return midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The moment after the last day, or `until`."""
        end = day_after(self.last, self.zone)
        return end if self.until is None else min(end, self.until)

    @property
    def slots(self) -> list[tuple[datetime, datetime]]:
        """When the hour begins and ends that was asked for, on each of its days."""
        found = []
        moment = self.begin
        while moment < self.end:
            if self.is_slot(moment):
                if found and found[-1][1] == moment:
                    found[-1] = found[-1][0], moment + QUARTER
                else:
                    found.append((moment, moment + QUARTER))
            moment += QUARTER
        return found

    def is_slot(self, moment: datetime) -> bool:
        """Whether a moment is in the hour that was asked for, if one was."""
        if self.slot is None:
            return True
        local = moment.astimezone(self.zone)
        return (local.weekday(), local.hour) == self.slot

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(n) for n in range((self.last - self.first).days + 1)]


def led_teams(member: Member):
    leads = TeamMember.Type.LEADER
    if member.enterprise_id is None:
        return Team.objects.none()
    led = Team.objects.filter(places__member=member, places__member_type=leads)
    return led.filter(enterprise=member.enterprise_id)


def ask(member: Member, fields, now: datetime) -> Question:
    """Reads the fields of an address. Raises `Refused`: `forbidden`, `not_found` for what is
    foreign, `bad_field`."""
    enterprise = enterprise_of(member, fields.get("enterprise"))
    whole = member.is_superuser or member.may(rights.REPORTS)
    names = member.is_superuser or not whole or member.may(rights.NAMES)
    teams = enterprise.teams.all() if whole else led_teams(member)
    choices = tuple(teams.order_by("name"))
    if not whole and not choices:
        raise Refused("forbidden", "Reports are for managers, supervisors, analysts and leaders.")
    zone = zone_of(fields["zone"]) if fields.get("zone") else hours.zone_named(enterprise.zone)
    first, last = days_of(fields, now.astimezone(zone).date())
    asked = choices
    if slug := fields.get("team"):
        asked, whole = tuple(one for one in choices if one.slug == slug), False
        if not asked:
            raise Refused("not_found", "There is no such team.", team=slug)
    if (fields.get("demo") or "1") not in ("0", "1"):
        raise Refused("bad_field", "demo is 0 or 1.", field="demo")
    clock = fields.get("clock") or "all"
    if clock not in ("all", "hours"):
        raise Refused("bad_field", "clock is all or hours.", field="clock")
    account = fields.get("member") or ""
    return Question(
        now,
        enterprise,
        first,
        last,
        zone,
        tuple(sorted(asked, key=attrgetter("slug"))),
        choices,
        whole,
        names,
        member_of(enterprise, account, names) if account else None,
        account.lower(),
        slug or "",
        clock == "hours",
        fields.get("demo") != "0",
        slot_of(fields),
        facets.asked_of(fields),
    )


def before(asked: Question) -> Question | None:
    """The sums of as many days before; None where there are none to be asked for."""
    length = asked.last - asked.first + timedelta(1)
    if asked.first - FIRST < length:
        return None
    first, last = asked.first - length, asked.first - timedelta(1)
    return replace(asked, first=first, last=last, sums=True)


def slot_of(fields) -> tuple[int, int] | None:
    """The weekday and the hour; both, or none."""
    texts = [fields.get(name) or "" for name in ("weekday", "hour")]
    if texts == ["", ""]:
        return None
    known = [text.isascii() and text.isdecimal() and len(text) < 3 for text in texts]
    numbers = [int(text) if is_number else 99 for text, is_number in zip(texts, known, strict=True)]
    if numbers[0] > 6 or numbers[1] > 23:
        raise Refused("bad_field", "weekday is 0 to 6, hour 0 to 23, both together.", field="hour")
    return numbers[0], numbers[1]


def days_of(fields, today: date) -> tuple[date, date]:
    """The first and the last day. Without `to` today, without `from` a week until then."""
    last = day_of(fields, "to")
    first = day_of(fields, "from")
    last = last or max(today, first or today)
    first = first or max(last, date.min + timedelta(USUAL_DAYS)) - timedelta(USUAL_DAYS - 1)
    if first > last:
        raise Refused("bad_field", "from is after to.", field="from")
    if (last - first).days >= MOST_DAYS:
        raise Refused("bad_field", f"A report has {MOST_DAYS} days at the most.", field="to")
    return first, last


def member_of(enterprise: Enterprise, account: str, names: bool) -> str:
    if not names:
        raise Refused("forbidden", "You see reports without members.", field="member")
    if account == REMOVED:
        return REMOVED
    found = Member.objects.filter(enterprise=enterprise, name=account.lower()).first()
    if found is None:
        raise Refused("not_found", "There is no such member.", member=account)
    return found.uuid
