"""Whose sockets may stay: a tick reads the facts for all of them at once, and each socket decides
for itself by them (`closing_code`)."""

import time
from dataclasses import dataclass

from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts import tokens
from accounts.models import Enterprise, Member
from chat.models import Conversation, Visitor, theirs
from chat.visitors import identities

COLUMNS = (
    *("uuid", "label", "secret_hash", "blocked", "blocked_until"),
    *("contact", "contact_by"),
)
"""What tells whether a visitor may stay. Ten thousand of them are read with each tick."""


@dataclass(slots=True)
class Sessions:
    """Which sign-ins hold: `alive` are the keys of members' sessions, `ended` those of visitors'
    that were ended, `tokens` the ids of the bots' tokens that are valid; `marks` tells by which
    secrets of an enterprise visitors may be signed in, and `visitors` whose visitor is which of
    those who have a conversation, by Visitor.identity_key."""

    alive: set[str]
    ended: set[str]
    marks: dict[str, set[str]]
    visitors: dict[str, str]
    tokens: set[int]

    def over(self, session: identities.SignIn, ent_id: str, who: str) -> bool:
        """Whether this visitor's session is over, or stands for another visitor by now."""
        return (
            session.key in self.ended
            or session.mark not in self.marks[ent_id]
            or session.expires <= time.time()
            or self.visitor_of(session, ent_id) not in (None, who)
        )

    def visitor_of(self, session: identities.SignIn, ent_id: str) -> str | None:
        """The visitor (uuid) of a session, if they have a conversation."""
        return self.visitors.get(identities.identity_key(ent_id, session.person))


def facts(
    people: list[str],
    sessions: list[str],
    signed_in: list[tuple[str, identities.SignIn]],
    enterprises: set[str],
    bearers: set[int],
) -> tuple[dict[str, Member], dict[str, Visitor], Sessions, set[str]]:
    """Members and visitors by uuid, the sign-ins that hold, the enterprises that are open.
    `bearers` are the ids of the tokens by which bots came."""
    members = {member.uuid: member for member in Member.objects.filter(uuid__in=people)}
    rows = Visitor.objects.filter(uuid__in=people).only(*COLUMNS)
    visitors = {visitor.uuid: visitor for visitor in rows}
    alive = Session.objects.filter(session_key__in=sessions, expire_date__gt=timezone.now())
    opened = Enterprise.objects.filter(code__in=enterprises, status=Enterprise.Status.OPEN)
    opened = opened.only("code", "identity_secret", "former_secret", "former_until")
    now = timezone.now()
    marks = {enterprise.code: identities.valid_marks(enterprise, now) for enterprise in opened}
    valid = Sessions(set(alive.values_list("session_key", flat=True)), set(), marks, {}, set())
    if bearers:
        valid.tokens = tokens.valid_among(bearers)
    if signed_in:
        keys = [identities.identity_key(ent_id, session.person) for ent_id, session in signed_in]
        valid.ended = identities.ended_keys({session.key for _ent_id, session in signed_in})
        own = Conversation.objects.filter(theirs(OuterRef("ent_id")), visitor=OuterRef("uuid"))
        named = Visitor.objects.filter(Exists(own), identity_key__in=keys)
        valid.visitors = dict(named.values_list("identity_key", "uuid"))
    return members, visitors, valid, set(marks)
