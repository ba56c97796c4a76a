"""What waits for somebody's decision, with where it is decided."""

from collections.abc import Iterable
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import hours
from accounts.admin import invitations
from accounts.models import Enterprise
from chat.customers import signed
from chat.models import Conversation, Robot, theirs
from chat.presence import unattended_teams
from chat.webhooks import hooks


class Decision(NamedTuple):
    """`key` is its kind, `act` the words of the link to `href`; without a link nothing can be done
    on a page, and `detail` says what to do."""

    key: str
    text: str
    detail: str = ""
    act: str = ""
    href: str = ""


def decisions(enterprise: Enterprise, late: int, chosen: str) -> list[Decision]:
    """Those of an enterprise, the most urgent first. `late` is how many visitors have waited past
    their target, `chosen` the query with which a superuser looks at it."""
    only = f"&enterprise={enterprise.pk}" * bool(chosen)  # as lists of the administration filter
    found = of_teams(enterprise, reverse("live") + chosen)
    if late:
        text = ngettext(
            "%(n)d visitor has waited past the limit",
            "%(n)d visitors have waited past the limit",
            late,
        )
        href = reverse("live") + chosen
        found.append(Decision("late", text % {"n": late}, act=_("View"), href=href))
    quarantined = Conversation.objects.filter(
        ent_id=enterprise.code, quarantined_since__isnull=False
    ).count()
    if quarantined:
        text = ngettext(
            "%(n)d conversation was caught as spam",
            "%(n)d conversations were caught as spam",
            quarantined,
        )
        href = f"{reverse('archive')}{chosen or '?'}{'&' * bool(chosen)}state=quarantined"
        found.append(Decision("quarantined", text % {"n": quarantined}, act=_("Decide"), href=href))
    if parked := hooks.parked_of(enterprise):
        text = ngettext(
            "%(n)d event could not be delivered to a webhook",
            "%(n)d events could not be delivered to a webhook",
            parked,
        )
        href = f"{reverse('admin:chat_webhookdelivery_changelist')}?state__exact=2{only}"
        found.append(Decision("parked", text % {"n": parked}, act=_("View"), href=href))
    for robot in Robot.objects.filter(theirs(enterprise.code)).failing(timezone.now()):
        text = _("The robot %(name)s has failed for a day") % {"name": robot.name}
        href = reverse("notifications") + chosen
        found.append(Decision("robot", text, act=_("View"), href=href))
    if left := signed.left_out(enterprise, timezone.now()):
        text = _("Your site signs attributes that do not fit: %(keys)s") % {"keys": left}
        page = reverse("admin:accounts_enterprise_change", args=[enterprise.pk])
        found.append(
            Decision(
                "attributes",
                text,
                _("They are left out. Define them, or mend what your site signs."),
                _("View"),
                f"{page}?section=attributes",
            )
        )
    ends = invitations.links_end(invitations.invited(enterprise.members.all()))
    if expired := sum(until < timezone.now() for until in ends.values()):
        text = ngettext("%(n)d invitation has expired", "%(n)d invitations have expired", expired)
        href = f"{reverse('admin:accounts_member_changelist')}?invited=open{only}"
        found.append(Decision("invited", text % {"n": expired}, act=_("View"), href=href))
    if enterprise.mail_fails:
        found.append(
            Decision(
                "mail",
                _("E-mails are not sent: the mail server took none"),
                _("They are kept and tried again."),
            )
        )
    return found


def of_teams(enterprise: Enterprise, href: str) -> list[Decision]:
    """Teams in which visitors wait and nobody is there; last those that do not work now, of which
    nobody expects it."""
    waiting = {team["team"]: team for team in unattended_teams.of_enterprise(enterprise.code)}
    urgent, calm = [], []
    for team in enterprise.teams.filter(slug__in=waiting).order_by("name", "id"):
        n = waiting[team.slug]["waiting"]
        facts = {"team": team.name, "n": n}
        if hours.is_open(team, timezone.now()):
            text = ngettext(
                "%(team)s: %(n)d visitor waits and nobody is there",
                "%(team)s: %(n)d visitors wait and nobody is there",
                n,
            )
            urgent.append(Decision("unattended", text % facts, act=_("View"), href=href))
        else:
            text = ngettext(
                "%(team)s: %(n)d visitor waits until working hours",
                "%(team)s: %(n)d visitors wait until working hours",
                n,
            )
            calm.append(Decision("closed", text % facts, act=_("View"), href=href))
    return urgent + calm


def of_installation(findings: Iterable[tuple[str, object]]) -> list[Decision]:
    """What the doctor has found (kefu/doctor), for superusers. `findings` are names of checks with
    what each found."""
    return [Decision(f"doctor {one.severity}", one.what, one.cure) for _name, one in findings]
