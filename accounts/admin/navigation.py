"""The administration's own navigation: by what somebody wants to do, not by table."""

from typing import NamedTuple
from urllib.parse import urlencode

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import rights
from accounts.models import AccessToken, AuditRow, Enterprise, Member, Provider


class Entry(NamedTuple):
    label: str
    href: str
    place: str
    """The beginning of the addresses of its pages."""


class Group(NamedTuple):
    """`label` is empty for what stands above all groups."""

    label: str
    entries: list[Entry]


def groups(request, chosen: str = "") -> list[Group]:
    """What the member may open. `chosen` is the code of the enterprise that a superuser looks at;
    empty where a manager's own is meant."""
    member = request.user
    found = [
        Group("", [*looks(member, chosen), *lists(request, ("chat", "Visitor"))]),
        Group(_("People"), lists(request, ("accounts", "Team", "Member"))),
        Group(_("Site and widget"), of_enterprise(request)),
        Group(_("Content"), lists(request, ("chat", "CannedReply", "QuickQuestion"))),
        Group(_("Security"), security(request)),
        Group(_("System"), lists(request, ("accounts", "Enterprise")) * member.is_superuser),
    ]
    return [group for group in found if group.entries]


def looks(member: Member, chosen: str) -> list[Entry]:
    """The pages that only show something."""
    query = f"?{urlencode({'enterprise': chosen})}" if chosen else ""
    pages = [
        ("overview", _("Overview"), member.is_staff),
        ("live", _("Live"), member.is_superuser or member.may(rights.LIVE)),
        ("archive", _("Conversations"), member.is_superuser or member.may(rights.READ_ALL)),
        ("reports", _("Reports"), member.sees_reports),
    ]
    return [Entry(label, reverse(name) + query, reverse(name)) for name, label, may in pages if may]


def lists(request, names: tuple[str, ...]) -> list[Entry]:
    """The lists of an app's models, by their names after its label."""
    app, *models = names
    return [
        entry_of(model)
        for model in (apps.get_model(app, name) for name in models)
        if may_view(request, model)
    ]


def may_view(request, model) -> bool:
    return admin.site.get_model_admin(model).has_view_permission(request)


def entry_of(model) -> Entry:
    options = model._meta
    place = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
    label = str(options.verbose_name_plural)
    return Entry(label[:1].upper() + label[1:], place, place)


def of_enterprise(request) -> list[Entry]:
    """The pages of the member's own enterprise. A superuser finds them by the list of all."""
    own = request.user.enterprise
    if own is None or not may_view(request, Enterprise):
        return []
    settings = reverse("admin:accounts_enterprise_change", args=[own.pk])
    widget = reverse("admin:accounts_enterprise_widget", args=[own.pk])
    return [
        Entry(_("Settings"), settings, settings),
        Entry(_("Put the chat on your site"), widget, widget),
    ]


def security(request) -> list[Entry]:
    own, found = request.user.enterprise, []
    if own is not None and may_view(request, Enterprise):
        place = reverse("admin:accounts_enterprise_identity", args=[own.pk])
        found.append(Entry(_("Signed-in visitors"), place, place))
    tables = AccessToken, Provider, AuditRow, AccessAttempt, AccessFailureLog, AccessLog
    found += lists(request, ("chat", "LegalHold", "Webhook", "WebhookDelivery"))
    return found + [entry_of(table) for table in tables if may_view(request, table)]


def here(path: str, found: list[Group]) -> str:
    """The `place` of the entry that a page belongs to; "" for none. The overview has no other."""
    own = reverse("overview")
    places = {entry.place for group in found for entry in group.entries}
    if path == own:
        return own
    return max((one for one in places - {own} if path.startswith(one)), key=len, default="")
