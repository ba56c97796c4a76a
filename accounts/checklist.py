"""What is to be set up before an enterprise serves visitors, and whether it is done."""

from typing import NamedTuple

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.sentences import Words

from . import mails, rights, signals
from .models import Enterprise, Member, TeamMember


class Step(NamedTuple):
    """`key` names it for the page, `act` are the words of the link to `href`, where it is done.
    One that is not `needed` keeps nobody from being done with all."""

    key: str
    label: str
    help: Words
    done: bool
    act: str
    href: str
    needed: bool = True

    @property
    def is_due(self) -> bool:
        """Whether it is still to be done before the enterprise is set up."""
        return self.needed and not self.done


def is_done(enterprise: Enterprise) -> bool:
    return not any(step.is_due for step in steps(enterprise))


def serves_visitors(enterprise: Enterprise) -> bool:
    answers = signals.use_asked.send(Enterprise, enterprise=enterprise)
    return any(answer for _receiver, answer in answers)


def steps(enterprise: Enterprise) -> list[Step]:
    """In the order in which one does them."""
    placed = bool(enterprise.site_origins()) and enterprise.widget_seen_at is not None
    # By the chat page's address visitors come without any site.
    by_site = placed or not serves_visitors(enterprise)
    teams = list(enterprise.teams.order_by("pk"))
    page = reverse("admin:accounts_enterprise_change", args=[enterprise.pk])
    widget = reverse("admin:accounts_enterprise_widget", args=[enterprise.pk])
    people = {one for one in rights.roles_with(rights.SEAT) if one not in rights.PROGRAMS}
    unnamed = Q(nickname="", role__in=people, is_superuser=False)
    in_team = Q(Exists(TeamMember.objects.filter(member=OuterRef("pk"))), role=Member.Role.AGENT)
    members = enterprise.members.filter(status=Member.Status.NORMAL).aggregate(
        agents=Count("pk", filter=in_team),
        unnamed=Count("pk", filter=unnamed),
        one=Min("pk", filter=unnamed),
    )
    named = reverse("admin:accounts_member_changelist")
    if members["unnamed"] == 1:
        named = reverse("admin:accounts_member_change", args=[members["one"]]) + "#id_nickname"
    first = teams[0].pk if teams else None
    return [
        Step(
            "sites",
            _("Name your sites"),
            _("The addresses of the sites that may show the chat."),
            bool(enterprise.site_origins()),
            _("Add sites"),
            f"{page}#id_sites",
            needed=by_site,
        ),
        Step(
            "widget",
            _("Put the chat on your site"),
            _("Done as soon as a page of your sites has loaded it."),
            enterprise.widget_seen_at is not None,
            _("Get the line to paste"),
            widget,
            needed=by_site,
        ),
        Step(
            "hours",
            _("Set working hours"),
            _("Outside of them visitors see when you are back."),
            any(team.hours for team in teams),
            _("Set hours"),
            reverse("admin:accounts_team_change", args=[first]) + "#id_monday" if first else "",
        ),
        Step(
            "members",
            _("Add your colleagues"),
            _("Agents who are in a team."),
            members["agents"] > 0,
            _("Invite them"),
            reverse("admin:accounts_member_invite"),
        ),
        Step(
            "names",
            _("Choose the names that visitors see"),
            _("A member without a nickname is “Support agent” to them."),
            not members["unnamed"],
            _("Choose a name"),
            named,
            needed=False,
        ),
        Step(
            "mail",
            _("Try whether e-mails arrive"),
            mails.why_unanswered()
            or _("Invitations, and messages that visitors left, are sent by e-mail."),
            enterprise.sends_mail and mails.answers_are_sent(),
            "",
            "",
            # The rest is up to whoever runs the server.
            needed=mails.answers_are_sent(),
        ),
    ]
