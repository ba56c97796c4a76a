"""Who is on the enterprise's sites: told by the widget there, listed for agents, soon forgotten.

Only where the enterprise wants it (`Enterprise.visits_told`). Nothing is pushed: a visit is told
every 15 seconds while its page is looked at, and the answer brings what an agent said to it
(invitations.py), so a site needs no socket.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import IntegrityError, OperationalError
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Enterprise, Member
from chat.limits import limits
from chat.models import ChatGroup, Conversation, SiteVisit
from chat.protocol.errors import Refused
from chat.protocol.fields import CONTROL_CATEGORIES, MAX_STORED_URL, page_url

PRESENT_FOR = timedelta(seconds=50)
"""Who was not heard of for so long is not on the site: three tellings, and a little."""
STORE_EVERY = timedelta(seconds=20)
"""That one is still on the same page is stored with every second telling: none costs a commit that
tells nothing, and one that is lost takes nobody off the list."""
KEPT_FOR = timedelta(hours=1)
"""After which nothing of a visit is kept."""
MAX_LISTED = 200
"""Visits that the list shows."""
DELETED_AT_ONCE = 2_000
"""Rows forgotten at a time."""
MAX_TITLE = 200
MAX_VISITS = 10_000
MAX_DIGITS = len(str(MAX_VISITS))
"""Python refuses to read thousands of them, and the database what they come to."""
KEY = re.compile(r"[0-9a-f]{32}\Z")


@dataclass(slots=True)
class VisitReport:
    """What a page of the site tells of itself and its visitor, checked."""

    key: str
    url: str
    title: str
    referrer: str
    visits: int
    dismissed: bool


def check_report(fields: Mapping[str, str], origin: str, queries: bool) -> VisitReport:
    """The fields of a telling, from a page of `origin`; with `queries` addresses keep what follows
    their "?". Refuses with bad_field what that page cannot be."""
    key = fields.get("key", "")
    if not KEY.match(key):
        raise Refused("bad_field", "key is 32 hexadecimal digits.")
    url = page_url(fields.get("url"), "url")
    if not f"{url}/".startswith(f"{origin}/"):
        raise Refused("bad_field", "url is a page of the site that tells it.")
    visits = fields.get("visits", "1")
    plain = visits.isascii() and visits.isdecimal() and len(visits) <= MAX_DIGITS
    if not plain or not 1 <= int(visits) <= MAX_VISITS:
        raise Refused("bad_field", f"visits is a number from 1 to {MAX_VISITS:,}.")
    if queries and (query := urlsplit(fields["url"]).query):
        url = clip(f"{url}?{query}", MAX_STORED_URL)
    return VisitReport(
        key,
        url,
        clip(fields.get("title", ""), MAX_TITLE),
        external_referrer(fields.get("referrer", ""), origin),
        int(visits),
        fields.get("dismissed") == "1",
    )


def clip(text: str, most: int) -> str:
    """On one line, without what no line holds; of a long text the beginning."""
    text = " ".join(text.split())
    text = "".join(each for each in text if unicodedata.category(each) not in CONTROL_CATEGORIES)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def external_referrer(referrer: str, origin: str) -> str:
    """Where they came from, up to the path; "" for nowhere, for the site itself, and for what is no
    page, such as an app."""
    try:
        place = page_url(referrer, "referrer")
    except Refused:
        return ""
    return "" if place.startswith(f"{origin}/") else place


def record_visit(
    enterprise: Enterprise, told: VisitReport, who: str | None, keys: dict[str, str]
) -> SiteVisit:
    """The visit, stored as it is now; `who` is the visitor (uuid) that the browser's cookie names,
    if they have written. A new one counts against the limits of `keys`."""
    found = SiteVisit.objects.filter(enterprise=enterprise, key=told.key)
    visit = found.select_related("enterprise", "invited_by").first()
    now = timezone.now()
    if visit and not has_changes(visit, told, who, now):
        return visit
    try:
        store(enterprise, told, who, keys, now)
    except (IntegrityError, OperationalError):
        # That visitor has become somebody who signed in, at this moment (joining.py), or was about
        # to; the next telling knows who it is.
        store(enterprise, told, None, keys, now)
    return found.select_related("enterprise", "invited_by").get()


def has_changes(visit: SiteVisit, told: VisitReport, who: str | None, now: datetime) -> bool:
    """Whether a telling says what is not stored, or it is time to store that they are there."""
    return (
        visit.seen_at <= now - STORE_EVERY
        or (visit.url, visit.title, visit.visits) != (told.url, told.title, told.visits)
        or who not in (None, visit.visitor_id)
        or (told.dismissed and visit.dismissed_at is None)
    )


def store(
    enterprise: Enterprise, told: VisitReport, who: str | None, keys: dict[str, str], now: datetime
) -> None:
    """Where no cookie tells who it is, as in a browser that keeps them from other sites' frames,
    what the first message told stays (`link`)."""
    seen = {"url": told.url, "title": told.title, "visits": told.visits, "seen_at": now}
    if who:
        seen["visitor_id"] = who
    dismissed = {"dismissed_at": Coalesce("dismissed_at", now)} if told.dismissed else {}
    if SiteVisit.objects.filter(enterprise=enterprise, key=told.key).update(**seen, **dismissed):
        return
    limits.take("arrival", keys)
    began = {"referrer": told.referrer, "began_at": now}
    began["dismissed_at"] = now if told.dismissed else None
    SiteVisit.objects.get_or_create(enterprise=enterprise, key=told.key, defaults=seen | began)


def link(ent_id: str, key: str, who: str) -> bool:
    """Gives the visit of this key to the visitor `who` (uuid), as their first message asks. False
    where there is no such visit, or it is another visitor's already: a key counts for one."""
    found = SiteVisit.objects.filter(enterprise__code=ent_id, key=key)
    pk = found.values_list("pk", flat=True).first()
    # On MySQL Django splits an UPDATE with a join into two statements, and the second one no longer
    # asks whose visit it is.
    return bool(available_to(who).filter(pk=pk).update(visitor_id=who))


def available_to(who: str) -> QuerySet[SiteVisit]:
    """The visits that are the visitor's (uuid), or nobody's yet."""
    return SiteVisit.objects.filter(Q(visitor=None) | Q(visitor=who))


def reassign(former: str, who: str) -> None:
    """All visits of one visitor are another one's, who they turned out to be (joining.py)."""
    SiteVisit.objects.filter(visitor_id=former).update(visitor_id=who)


def current_visits(enterprise: Enterprise) -> QuerySet[SiteVisit]:
    """The visits of this moment."""
    return SiteVisit.objects.filter(enterprise=enterprise, seen_at__gt=timezone.now() - PRESENT_FOR)


def list_visits(member: Member) -> list[dict]:
    """Who is on the sites of the member's enterprise, the newest first; with name and conversation
    of those who have one that the member may read."""
    found = current_visits(member.enterprise).select_related("visitor", "invited_by")
    visits = list(found.order_by("-began_at", "-id")[:MAX_LISTED])
    talks = conversations_of([visit.visitor_id for visit in visits if visit.visitor_id])
    groups = [group for held in talks.values() for group in held]
    may = set(groups)
    if not member.is_manager:
        seats = ChatGroup.objects.of(member.uuid).filter(uuid__in=groups)
        may = set(seats.values_list("uuid", flat=True))
    rows = []
    for visit in visits:
        inviter, (site, place) = visit.invited_by, split_url(visit.url)
        held = talks.get(visit.visitor_id, [])
        group = next((group for group in held if group in may), None)
        rows.append(
            {
                "visit": visit.pk,
                "name": visit.visitor.label if group else visit_name(visit.key),
                "title": visit.title,
                "site": site,
                "place": place,
                "referrer": split_url(visit.referrer)[0],
                "since": visit.began_at,
                "visits": visit.visits,
                "state": visit_state(visit, bool(held)),
                "invitation": visit.invitation,
                "by": inviter.display_name if inviter else member.enterprise.name,
                "group": group,
            }
        )
    return rows


def conversations_of(visitors: list[str]) -> dict[str, list[str]]:
    """The groups of each of these visitors (uuids), the latest first."""
    found: dict[str, list[str]] = {}
    rows = Conversation.objects.filter(visitor_id__in=visitors).order_by("-last_activity")
    for who, group in rows.values_list("visitor_id", "uuid"):
        found.setdefault(who, []).append(group)
    return found


def split_url(url: str) -> tuple[str, str]:
    """The site and the rest of an address, as they are shown."""
    _scheme, _, rest = url.partition("://")
    site, slash, place = rest.partition("/")
    return site, slash + place


def visit_name(key: str) -> str:
    """What agents tell a visit apart by until they read its conversation; one whom they invited
    has this name there, too (greeting.py)."""
    return _("Visitor %(number)d") % {"number": 1000 + int(key[:8], 16) % 9000}


def visit_state(visit: SiteVisit, talking: bool) -> str:
    """chatting, declined, invited, or browsing: then somebody may invite them."""
    if talking:
        return "chatting"
    if visit.dismissed_at:
        return "declined"
    return "invited" if visit.invitation else "browsing"


def delete_old() -> None:
    """Drops visits of which nothing was heard for so long."""
    old = SiteVisit.objects.filter(seen_at__lt=timezone.now() - KEPT_FOR)
    old.filter(pk__in=list(old.values_list("pk", flat=True)[:DELETED_AT_ONCE])).delete()
