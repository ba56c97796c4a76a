"""Visits to the enterprise's sites: reported by the widget, listed for agents, deleted soon.

Only for enterprises with `visits_told`. The widget reports a visit every 15 seconds while its page
is visible, and the response contains an agent's invitation (invitations.py), so a site needs no
socket.
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

from accounts import rights
from accounts.models import Enterprise, Member
from chat.limits import limits
from chat.models import ChatGroup, Conversation, SiteVisit, Visitor
from chat.protocol.errors import Refused
from chat.protocol.fields import CONTROL_CATEGORIES, MAX_STORED_URL, page_url

from .cookies import default_name

PRESENT_FOR = timedelta(seconds=50)
"""How long after the last report a visit counts as present: three reports, and some delay."""
STORE_EVERY = timedelta(seconds=20)
"""How often `seen_at` is stored while nothing else changes: with every second report. That saves
half of the commits, and a lost report removes nobody from the list."""
KEPT_FOR = timedelta(hours=1)
"""How long after the last report a visit is deleted."""
MAX_LISTED = 200
"""Visits in the list."""
DELETE_BATCH = 2_000
"""Rows deleted at a time."""
MAX_TITLE = 200
"""Characters of a page's title (the column's length)."""
MAX_VISITS = 10_000
MAX_DIGITS = len(str(MAX_VISITS))
"""int() raises ValueError for a number with thousands of digits."""
KEY = re.compile(r"[0-9a-f]{32}\Z")


@dataclass(slots=True)
class VisitReport:
    """A checked report of a page: the visit's key, the page, how many visits the browser has made,
    and whether the visitor dismissed a greeting or invitation."""

    key: str
    url: str
    title: str
    referrer: str
    visits: int
    dismissed: bool


def check_report(fields: Mapping[str, str], origin: str, queries: bool) -> VisitReport:
    """The report in the fields of a request from a page of `origin`. With `queries` the URL keeps
    its query. Refuses with bad_field malformed fields and a URL of another origin."""
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
    """A text on one line without control characters, cut to `most` characters."""
    text = " ".join(text.split())
    text = "".join(each for each in text if unicodedata.category(each) not in CONTROL_CATEGORIES)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def external_referrer(referrer: str, origin: str) -> str:
    """The referrer without query; "" for none, for the site itself, and for what is no http(s)
    URL, such as an app."""
    try:
        place = page_url(referrer, "referrer")
    except Refused:
        return ""
    return "" if place.startswith(f"{origin}/") else place


def record_visit(
    enterprise: Enterprise, report: VisitReport, who: str | None, keys: dict[str, str]
) -> SiteVisit:
    """Stores a report and returns its visit. `who` is the visitor (uuid) whom the browser's cookie
    identifies, if they have written. A new visit takes a token of `keys` (limits.py)."""
    found = SiteVisit.objects.filter(enterprise=enterprise, key=report.key)
    visit = found.select_related("enterprise", "invited_by").first()
    now = timezone.now()
    if visit and not has_changes(visit, report, who, now):
        return visit
    try:
        store(enterprise, report, who, keys, now)
    except (IntegrityError, OperationalError):
        # The visitor is being joined with a signed-in one (care/joins.py). The next report has
        # the right uuid.
        store(enterprise, report, None, keys, now)
    return found.select_related("enterprise", "invited_by").get()


def has_changes(visit: SiteVisit, report: VisitReport, who: str | None, now: datetime) -> bool:
    """Whether a report contains something new, or `seen_at` is due."""
    return (
        visit.seen_at <= now - STORE_EVERY
        or (visit.url, visit.title, visit.visits) != (report.url, report.title, report.visits)
        or who not in (None, visit.visitor_id)
        or (report.dismissed and visit.dismissed_at is None)
    )


def store(
    enterprise: Enterprise,
    report: VisitReport,
    who: str | None,
    keys: dict[str, str],
    now: datetime,
) -> None:
    """Updates or inserts the visit. Without `who`, as in browsers that block third-party cookies,
    the visitor stays who `link` stored with the first message."""
    seen = {"url": report.url, "title": report.title, "visits": report.visits, "seen_at": now}
    if who:
        seen["visitor_id"] = who
    dismissed = {"dismissed_at": Coalesce("dismissed_at", now)} if report.dismissed else {}
    if SiteVisit.objects.filter(enterprise=enterprise, key=report.key).update(**seen, **dismissed):
        return
    limits.take("arrival", keys)
    began = {"referrer": report.referrer, "began_at": now}
    began["dismissed_at"] = now if report.dismissed else None
    SiteVisit.objects.get_or_create(enterprise=enterprise, key=report.key, defaults=seen | began)


def link(ent_id: str, key: str, who: str) -> bool:
    """Assigns the visit with this key to the visitor `who` (uuid), whose first message names it.
    False if there is no such visit, or it is another visitor's already."""
    found = SiteVisit.objects.filter(enterprise__code=ent_id, key=key)
    pk = found.values_list("pk", flat=True).first()
    # On MySQL Django splits an UPDATE with a join into two statements, and the second one would not
    # check the visitor any more.
    return bool(available_to(who).filter(pk=pk).update(visitor_id=who))


def available_to(who: str) -> QuerySet[SiteVisit]:
    """The visits of a visitor (uuid), and those without a visitor yet."""
    return SiteVisit.objects.filter(Q(visitor=None) | Q(visitor=who))


def reassign(former: Visitor, who: Visitor) -> None:
    """Assigns all visits of the visitor `former` to `who`, see care/joins.py."""
    chain = Enterprise.objects.filter(code=who.ent_id).values_list("pk", flat=True).first()
    SiteVisit.objects.filter(enterprise=chain, visitor=former.uuid).update(visitor=who.uuid)


def current_visits(enterprise: Enterprise) -> QuerySet[SiteVisit]:
    """The visits to the enterprise's sites that are present now."""
    return SiteVisit.objects.filter(enterprise=enterprise, seen_at__gt=timezone.now() - PRESENT_FOR)


def list_visits(member: Member) -> list[dict]:
    """The current visits to the sites of the member's enterprise, newest first. The visitor's name
    and the conversation are given if the member may read that conversation."""
    found = current_visits(member.enterprise).select_related("visitor", "invited_by")
    visits = list(found.order_by("-began_at", "-id")[:MAX_LISTED])
    talks = conversations_of([visit.visitor_id for visit in visits if visit.visitor])
    groups = [group for own in talks.values() for group in own]
    may = set(groups)
    if not member.may(rights.READ_ALL):
        seats = ChatGroup.objects.held_by(member).filter(uuid__in=groups)
        may = set(seats.values_list("uuid", flat=True))
    rows = []
    for visit in visits:
        inviter, (site, place) = visit.invited_by, split_url(visit.url)
        own = talks.get(visit.visitor_id, [])
        group = next((group for group in own if group in may), None)
        rows.append(
            {
                "visit": visit.pk,
                "name": visit.visitor.label if group else default_name(visit.key),
                "title": visit.title,
                "site": site,
                "place": place,
                "referrer": split_url(visit.referrer)[0],
                "since": visit.began_at,
                "visits": visit.visits,
                "state": visit_state(visit, bool(own)),
                "invitation": visit.invitation,
                "by": inviter.display_name if inviter else member.enterprise.name,
                "group": group,
            }
        )
    return rows


def conversations_of(visitors: list[str]) -> dict[str, list[str]]:
    """The groups of each of these visitors (uuids), the latest active first."""
    found: dict[str, list[str]] = {}
    rows = Conversation.objects.whole().filter(visitor_id__in=visitors).order_by("-last_activity")
    for who, group in rows.values_list("visitor_id", "uuid"):
        found.setdefault(who, []).append(group)
    return found


def split_url(url: str) -> tuple[str, str]:
    """The host and the path of a URL, as the list shows them."""
    _scheme, _, rest = url.partition("://")
    site, slash, place = rest.partition("/")
    return site, slash + place


def visit_state(visit: SiteVisit, talking: bool) -> str:
    """The state of a visit: chatting, declined, invited, or browsing. Only a browsing one can be
    invited."""
    if talking:
        return "chatting"
    if visit.dismissed_at:
        return "declined"
    return "invited" if visit.invitation else "browsing"


def delete_old() -> None:
    """Deletes visits whose last report is older than KEPT_FOR."""
    old = SiteVisit.objects.filter(seen_at__lt=timezone.now() - KEPT_FOR)
    old.filter(pk__in=list(old.values_list("pk", flat=True)[:DELETE_BATCH])).delete()
