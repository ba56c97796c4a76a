"""What the archive is asked for: the filters in an address, read or refused."""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from accounts import hours, rights
from accounts.models import Enterprise, Member, Team
from chat.customers import attributes
from chat.models import Tag
from chat.periods import day_after, day_of, enterprise_of, midnight
from chat.protocol import channels
from chat.protocol.errors import Refused
from chat.protocol.fields import has_controls
from chat.protocol.selection import tag_key
from chat.reading.search import MAX_QUERY, terms_of

STATES = ("open", "waiting", "closed", "quarantined")
SCORES = ("1", "2", "3", "4", "5")
RATINGS = (*SCORES, "comment", "none")
PAGE = "page"
"""Instead of a kind of channel: those who write on the chat page."""
CHANNELS = (PAGE, *channels.KINDS)
TEXTS = ("q", "visitor", "page")
"""The fields that are texts to be found."""
FIELDS = (
    *("q", "from", "to", "team", "member", "tag", "topic", "rating", "state", "channel"),
    *("visitor", "page"),
)
"""The fields of an address, in the order of the page."""


@dataclass(frozen=True)
class Asked:
    """Filters, all of which must hold."""

    enterprise: Enterprise
    zone: ZoneInfo
    fields: dict[str, str]
    """The filters as the address has them, without empty ones."""
    first: date | None = None
    last: date | None = None
    team: Team | None = None
    member: str = ""
    """A uuid."""
    tag: int | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    """Keys, and values as visitors are found by them."""

    @property
    def begin(self) -> datetime | None:
        return midnight(self.first, self.zone) if self.first else None

    @property
    def end(self) -> datetime | None:
        """The moment after the last day."""
        return day_after(self.last, self.zone) if self.last else None

    def terms(self, name: str) -> list[str]:
        """The terms of one of TEXTS, which must all occur; none without that filter."""
        return terms_of(self.fields[name]) if name in self.fields else []

    def query(self, superuser: bool, **more: str) -> str:
        """The query of an address that asks the same, and `more`."""
        own = {"enterprise": self.enterprise.code} if superuser else {}
        return urlencode({**own, **self.fields, **more})


def may_read(member: Member) -> bool:
    """Whether the archive is there for a member: for those who may read every conversation."""
    return member.is_superuser or member.may(rights.READ_ALL)


def ask(member: Member, fields) -> Asked:
    """Reads the fields of an address. Raises `Refused`: `forbidden`, `not_found` for a foreign
    enterprise, `bad_field` with the `field` for anything else."""
    if not may_read(member):
        raise Refused("forbidden", "The archive is for managers and supervisors.")
    return ask_about(enterprise_of(member, fields.get("enterprise")), fields)


def ask_about(enterprise: Enterprise, fields) -> Asked:
    """The same, where it is known whose conversations these are."""
    names = [*FIELDS, *sorted(name for name in fields if name.startswith(attributes.PARAMETER))]
    known = {name: (fields.get(name) or "").strip() for name in names}
    known = {name: text for name, text in known.items() if text}
    for name in TEXTS:
        if name in known:
            check_text(name, known[name])
    first, last = day_of(known, "from"), day_of(known, "to")
    if first and last and first > last:
        raise Refused("bad_field", "from is after to.", field="from")
    one_of(known, "rating", RATINGS)
    one_of(known, "state", STATES)
    one_of(known, "channel", CHANNELS)
    return Asked(
        enterprise,
        hours.zone_named(enterprise.zone),
        known,
        first,
        last,
        team_of(enterprise, known.get("team")),
        member_of(enterprise, known.get("member")),
        tag_of(enterprise, known.get("tag")),
        attributes_of(enterprise, known),
    )


def check_text(name: str, text: str) -> None:
    if len(text) > MAX_QUERY or has_controls(text):
        detail = f"{name} is a text of at most {MAX_QUERY} characters, none of which is a control."
        raise Refused("bad_field", detail, field=name)


def one_of(known: dict[str, str], name: str, values: tuple[str, ...]) -> None:
    if known.get(name, values[0]) not in values:
        raise Refused("bad_field", f"{name} is one of {', '.join(values)}.", field=name)


def team_of(enterprise: Enterprise, slug: str | None) -> Team | None:
    if slug is None:
        return None
    found = enterprise.teams.filter(slug=slug).first()
    if found is None:
        raise Refused("bad_field", "There is no such team.", field="team")
    return found


def member_of(enterprise: Enterprise, account: str | None) -> str:
    if account is None:
        return ""
    found = Member.objects.filter(enterprise=enterprise, name=account.lower()).first()
    if found is None:
        raise Refused("bad_field", "There is no such member.", field="member")
    return found.uuid


def tag_of(enterprise: Enterprise, name: str | None) -> int | None:
    if name is None:
        return None
    found = Tag.objects.filter(ent_id=enterprise.code, key=tag_key(name)).first()
    if found is None:
        raise Refused("bad_field", "No conversation has this tag.", field="tag")
    return found.pk


def attributes_of(enterprise: Enterprise, known: dict[str, str]) -> tuple[tuple[str, str], ...]:
    wanted = {
        name.removeprefix(attributes.PARAMETER): text
        for name, text in known.items()
        if name.startswith(attributes.PARAMETER)
    }
    if not wanted:
        return ()
    try:
        values = attributes.checked(attributes.known(enterprise.code), wanted)
    except Refused as refused:
        raise Refused("bad_field", refused.detail, field="attr") from None
    return tuple((key, attributes.searched(value)) for key, value in values.items())
