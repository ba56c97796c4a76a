"""The administration's own navigation: by what somebody wants to do, not by table."""

from operator import attrgetter
from typing import NamedTuple
from urllib.parse import urlencode

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.templatetags.admin_urls import admin_urlname
from django.contrib.admin.utils import unquote
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import rights
from accounts.models import AuditRow, Enterprise, Member

from .lists import title_of

SIGN_INS = (AccessAttempt, AccessFailureLog, AccessLog)
"""The lists behind one entry; each leads to the others."""
LONGEST = 19
"""Digits of an id, of 64 bits. Python refuses to convert thousands."""
ICONS = {
    "Visitor": "panel",
    "CannedReply": "bolt",
    "QuickQuestion": "question",
    "Team": "team",
    "Member": "member",
    "AccessToken": "key",
    "Webhook": "link",
    "WebhookDelivery": "send",
    "Provider": "leave",
    "LegalHold": "quarantine",
    "AuditRow": "record",
    "AccessAttempt": "shield",
    "Enterprise": "home",
}


class Entry(NamedTuple):
    label: str
    href: str
    place: str
    """The beginning of the addresses of its pages."""
    icon: str


class Group(NamedTuple):
    """`label` is empty for what stands above all groups."""

    label: str
    entries: list[Entry]


def chosen(request) -> Enterprise | None:
    """The enterprise that is looked at: a member's own; of a superuser the one that the address
    names, else the own one, else the only one there is. Looked up once for each request."""
    if not hasattr(request, "chosen_enterprise"):
        request.chosen_enterprise = look_up(request)
    return request.chosen_enterprise


def look_up(request) -> Enterprise | None:
    member = request.user
    if member.is_superuser:
        key, value = named(request)
        found = Enterprise.objects.filter(**{key: value}).first() if value else None
        if found is None and member.enterprise_id is None:
            two = list(Enterprise.objects.all()[:2])
            found = two[0] if len(two) == 1 else None
        if found is not None:
            return found
    return member.enterprise


def named(request) -> tuple[str, str]:
    """How the address names an enterprise: the column, and its value there; "" where it does
    not. A list's filter takes an id or a code, as its rows refer to it; the page of a row shows
    the enterprise that the row belongs to."""
    owner = getattr(request.resolver_match.func, "model_admin", None)
    place = request.resolver_match.kwargs.get("object_id")
    if owner is not None and place and hasattr(owner, "scope"):
        row = owner.get_object(request, unquote(place))
        value = row and attrgetter(owner.scope.replace("__", "."))(row)
        return owner.enterprise_filter.key, value or ""
    kept = QueryDict(request.GET.get("_changelist_filters", "")).get("enterprise", "")
    key = owner.enterprise_filter.key if hasattr(owner, "enterprise_filter") else "code"
    value = request.GET.get("enterprise", kept)
    return key, value if key == "code" or (value.isdecimal() and len(value) <= LONGEST) else ""


def groups(request, enterprise: Enterprise | None) -> list[Group]:
    """What the member may open, for the enterprise that is looked at."""
    asked = request, enterprise
    found = [
        Group("", [*looks(*asked), *lists(*asked, "chat", "Visitor")]),
        Group(_("Content"), content(*asked)),
        Group(_("People"), lists(*asked, "accounts", "Team", "Member")),
        Group(_("Configuration"), of_enterprise(*asked)),
        Group(_("Integrations"), integrations(*asked)),
        Group(_("Compliance"), compliance(*asked)),
        Group(_("Installation"), installation(request)),
    ]
    return [group for group in found if group.entries]


def looks(request, enterprise: Enterprise | None) -> list[Entry]:
    """The pages that only show something."""
    member: Member = request.user
    query = query_of(request, enterprise)
    everything = member.is_superuser
    pages = [
        ("overview", _("Overview"), "home", member.is_staff),
        ("live", _("Live"), "live", everything or member.may(rights.LIVE)),
        ("archive", _("Conversations"), "inbox", everything or member.may(rights.READ_ALL)),
        ("reports", _("Reports"), "reports", member.sees_reports),
    ]
    return [
        Entry(label, reverse(name) + query, reverse(name), icon)
        for name, label, icon, may in pages
        if may
    ]


def query_of(request, enterprise: Enterprise | None, **fields) -> str:
    """The query of an address of ours with these fields; a superuser's names the enterprise."""
    if enterprise and request.user.is_superuser:
        fields = {"enterprise": enterprise.code} | fields
    return f"?{urlencode(fields)}" if fields else ""


def content(request, enterprise: Enterprise | None) -> list[Entry]:
    """What is written once and read often. Articles are edited by members of their enterprise."""
    member: Member = request.user
    place = reverse("admin-articles:list")
    may = member.may(rights.PUBLISH) or (member.may(rights.ARTICLES) and member.leads_teams)
    found = [Entry(_("Knowledge"), place, place, "book")] * may
    # Supervisors judge what it would say.
    judges = member.may(rights.READ_ALL)
    place = reverse("assistant" if member.is_staff else "assistant-rehearsal")
    label, href = _("AI assistant"), place + query_of(request, enterprise)
    found += [Entry(label, href, place, "assistant")] * (member.is_staff or judges)
    return found + lists(request, enterprise, "chat", "CannedReply", "QuickQuestion")


def lists(request, enterprise: Enterprise | None, app: str, *models: str) -> list[Entry]:
    """The lists of an app's models that the member may view."""
    found = [apps.get_model(app, name) for name in models]
    return [entry_of(request, model, enterprise) for model in found if may_view(request, model)]


def may_view(request, model) -> bool:
    return admin.site.get_model_admin(model).has_view_permission(request)


def entry_of(request, model, enterprise: Enterprise | None = None, label: str = "") -> Entry:
    """The entry of a model's list; a superuser's has the rows of this enterprise."""
    owner = admin.site.get_model_admin(model)
    place, query = reverse(admin_urlname(model._meta, "changelist")), ""
    if enterprise and request.user.is_superuser and hasattr(owner, "enterprise_filter"):
        query = f"?enterprise={getattr(enterprise, owner.enterprise_filter.key)}"
    name = label or title_of(model)
    return Entry(name, place + query, place, ICONS.get(model.__name__, "list"))


def of_enterprise(request, enterprise: Enterprise | None) -> list[Entry]:
    """By which ways visitors write, and how the enterprise's chat looks."""
    if enterprise is None or not may_view(request, Enterprise):
        return []
    channels = reverse("channels")
    widget = reverse("admin:accounts_enterprise_widget", args=[enterprise.pk])
    settings = reverse("admin:accounts_enterprise_change", args=[enterprise.pk])
    return [
        Entry(_("Channels"), channels + query_of(request, enterprise), channels, "channels"),
        Entry(_("Site widget"), widget, widget, "site"),
        Entry(_("Settings"), settings, settings, "admin"),
    ]


def integrations(request, enterprise: Enterprise | None) -> list[Entry]:
    """Other systems: what they send here, and what is sent to them."""
    found = []
    if enterprise is not None and may_view(request, Enterprise):
        place = reverse("notifications")
        href = place + query_of(request, enterprise)
        found.append(Entry(_("Notifications"), href, place, "bell"))
        place = reverse("admin:accounts_enterprise_identity", args=[enterprise.pk])
        found.append(Entry(_("Signed-in visitors"), place, place, "at"))
    asked = request, enterprise
    found += lists(*asked, "accounts", "AccessToken")
    found += lists(*asked, "chat", "Webhook", "WebhookDelivery")
    return found + lists(*asked, "accounts", "Provider")


def compliance(request, enterprise: Enterprise | None) -> list[Entry]:
    """What is kept, and who did what."""
    found = lists(request, enterprise, "chat", "LegalHold")
    # Without a filter: a superuser's audit has the rows of the installation, too.
    return found + [entry_of(request, AuditRow)] * may_view(request, AuditRow)


def installation(request) -> list[Entry]:
    """What belongs to no enterprise."""
    found = [entry_of(request, Enterprise)] * request.user.is_superuser
    first = SIGN_INS[0]
    return found + [entry_of(request, first, label=_("Sign-ins"))] * may_view(request, first)


def here(request, found: list[Group]) -> str:
    """The `place` of the entry that a page belongs to; "" for none. The overview has no other."""
    own, path = reverse("overview"), request.path
    if path == own:
        return own
    owner = getattr(request.resolver_match.func, "model_admin", None)
    if owner is not None and owner.model in SIGN_INS:
        return reverse(admin_urlname(SIGN_INS[0]._meta, "changelist"))
    places = {entry.place for group in found for entry in group.entries}
    return max((one for one in places - {own} if path.startswith(one)), key=len, default="")


def is_alone(request, model) -> bool:
    """Whether the reader's list of this model has nothing but the page that they are on."""
    return model is Enterprise and not request.user.is_superuser
