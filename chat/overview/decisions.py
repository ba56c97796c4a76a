"""What waits for somebody's decision, with where it is decided."""

from collections.abc import Iterable
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Enterprise
from chat.models import Conversation
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
    found = [
        Decision(
            "unattended",
            ngettext(
                "%(team)s: %(n)d visitor waits and nobody is there",
                "%(team)s: %(n)d visitors wait and nobody is there",
                team["waiting"],
            )
            % {"team": team["name"], "n": team["waiting"]},
            act=_("View"),
            href=reverse("live") + chosen,
        )
        for team in unattended_teams.of_enterprise(enterprise.code)
    ]
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
        href = f"{reverse('admin:chat_webhookdelivery_changelist')}?state__exact=2"
        found.append(Decision("parked", text % {"n": parked}, act=_("View"), href=href))
    if enterprise.mail_fails:
        found.append(
            Decision(
                "mail",
                _("E-mails are not sent: the mail server took none"),
                _("They are kept and tried again."),
            )
        )
    return found


def of_installation(findings: Iterable[tuple[str, object]]) -> list[Decision]:
    """What the doctor has found (kefu/doctor), for superusers. `findings` are names of checks with
    what each found."""
    return [Decision(f"doctor {one.severity}", one.what, one.cure) for _name, one in findings]
