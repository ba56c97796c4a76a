"""The colours of people without a picture, and the visitors whom only a number tells apart."""

import re
from collections import Counter, defaultdict
from functools import lru_cache

from django.db.models import QuerySet

from accounts.kept import Kept
from accounts.models import Assistant, Enterprise, Member
from accounts.models.member_queries import EXPECTED

HUES = 18
"""Colours of faces without a picture, numbered from 0: `.hue-0` and on in static/css/base.css."""

NUMBERED = re.compile(r"(Visitor|访客) \d{4}")
"""The names that visitors have until somebody learns theirs (visitors/cookies.py)."""


def is_numbered(name: str) -> bool:
    """Whether a visitor has such a name. avatar.js has the same rule."""
    return NUMBERED.fullmatch(name) is not None


@lru_cache(10_000)
def hue_of(uuid: str) -> int:
    """The number of a person's colour, always the same for a uuid. avatar.js counts alike."""
    number = 0
    for letter in uuid or "":
        number = (number * 31 + ord(letter)) % 65_521
    return number % HUES


def hues_of(enterprise: Enterprise) -> dict[str, int]:
    """The colour of each member of an enterprise, by uuid.

    Members get them in the order of their ids: the colour that the fewest of their teams have, then
    the fewest of the enterprise, then the first. So a team of up to HUES members has each of them
    once, and a new colleague changes nobody's.
    """
    teams = defaultdict(set)
    for uuid, team in places_in(enterprise.pk) if enterprise else ():
        teams[uuid].add(team)
    in_team, in_all, hues = Counter(), Counter(), {}
    for uuid, own in teams.items():
        worn = [(max(in_team[team, hue] for team in own), in_all[hue], hue) for hue in range(HUES)]
        hue = hues[uuid] = min(worn)[-1]
        in_all[hue] += 1
        in_team.update((team, hue) for team in own)
    return hues


@Kept
def places_in(enterprise) -> QuerySet:
    rows = Member.objects.filter(enterprise=enterprise).order_by("id")
    return rows.values_list("uuid", "places__team")


@Kept
def shown_in(team) -> QuerySet[Member]:
    """The members of a team (its id) whom visitors see: without those whom nobody here has seen
    yet, and an assistant that answers no visitors."""
    active = Member.objects.faces().filter(teams=team, status=Member.Status.NORMAL)
    silent = Assistant.objects.exclude(mode=Assistant.Mode.ANSWER)
    return active.exclude(EXPECTED).exclude(pk__in=silent.values("member"))
