"""Invitations: members that have not chosen a password yet, many at once by their addresses."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import Error, IntegrityError
from django.db.models import Exists, Max, OuterRef
from django.db.models.functions import Lower
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import audit, factors, mails, setup, signals
from accounts.forms.invitations import Entry, InviteForm
from accounts.models import AuditRow, Enterprise, Member, TeamMember
from accounts.models.member_queries import EXPECTED, FACE

from . import cells, navigation
from .first_password import FirstPassword

log = logging.getLogger("kefu.invitations")

FIRST = 4
"""Members without a team that the list names beside itself."""


class Outcome(NamedTuple):
    """The result for somebody in the list: the words, the tone of cells.Badge, and whether they
    stay in the box, to be corrected."""

    entry: Entry
    words: str
    tone: str = ""
    stays: bool = False


class InvitedFilter(admin.SimpleListFilter):
    title = _("invitation")
    parameter_name = "invited"

    def lookups(self, request, model_admin):
        return [("open", _("not accepted yet"))]

    def queryset(self, request, queryset):
        return invited(queryset) if self.value() == "open" else queryset


def invited(members):
    """Those of `members` who have an invitation that is not accepted yet."""
    return members.filter(EXPECTED, status=Member.Status.NORMAL).exclude(email="")


def is_invited(member: Member) -> bool:
    """As `invited`, of one."""
    waits = not (member.last_login or member.has_usable_password() or member.is_program)
    return waits and bool(member.email) and member.status == Member.Status.NORMAL


def called(member: Member) -> str:
    """A member's name, with a word for who has not accepted the invitation yet."""
    words = gettext("%(name)s (invited)") if is_invited(member) else "%(name)s"
    return words % {"name": member.display_name}


def links_end(members: Iterable[Member]) -> dict[str, datetime]:
    """Until when the last link to each of these members is good, by the member's uuid; only of
    those who have an invitation."""
    waiting = {str(one.pk): one for one in members if is_invited(one)}
    if not waiting:
        return {}
    sent = AuditRow.objects.filter(
        chain__in={audit.chain_of_member(one) for one in waiting.values()},
        kind="member",
        object_id__in=waiting,
        action=audit.Action.LINK_SENT,
    )
    last = dict(sent.values("object_id").annotate(last=Max("at")).values_list("object_id", "last"))
    good = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    # The first link comes with the member, and may have no row.
    return {one.uuid: last.get(key, one.created_at) + good for key, one in waiting.items()}


def invitation_line(member: Member, until: datetime) -> str:
    """When somebody was invited, and until when they can accept."""
    now, words = timezone.now(), {"day": cells.day_of(member.created_at)}
    if until < now:
        return gettext("invited on %(day)s, the link has expired") % words
    words["time"] = cells.minute_of(until)
    return gettext("invited on %(day)s, link valid until %(time)s") % words


class Invitations(FirstPassword):
    """A mixin for MemberAdmin: the page that invites, that of one invitation, and the column beside
    the list."""

    def get_urls(self):
        page = self.admin_site.admin_view
        return [
            path("invite/", page(self.invite_view), name="accounts_member_invite"),
            path(
                "<path:object_id>/invitation/",
                page(self.invitation_view),
                name="accounts_member_invitation",
            ),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        enterprise = navigation.chosen(request)
        beside = self.beside(enterprise) if enterprise else {}
        if enterprise and self.has_add_permission(request):
            beside |= self.box(enterprise, InviteForm(enterprise))
        return super().changelist_view(request, beside | (extra_context or {}))

    def beside(self, enterprise: Enterprise) -> dict:
        """Numbers of those who are there, and members for whom something is to be done."""
        people = list(
            enterprise.members.people()
            .filter(is_superuser=False, status=Member.Status.NORMAL)
            .select_related(None)
            .only(*FACE, "enterprise", "role", "status", "email", "password", "last_login")
            .annotate(placed=Exists(TeamMember.objects.filter(member=OuterRef("pk"))))
            .order_by("pk")
        )
        told: list = signals.presence_asked.send(Member, people={one.uuid for one in people})
        states = [state for _receiver, found in told for state in found.values()]
        lost = [one for one in people if one.role == Member.Role.AGENT and not one.placed]
        return {
            "beside": True,
            "online": states.count("online"),
            "of": len(people),
            "lost": lost[:FIRST],
            "more_lost": len(lost[FIRST:]),
            "unaccepted": sum(map(is_invited, people)),
        }

    def box(self, enterprise: Enterprise, form: InviteForm) -> dict:
        return {"invite": form, "enterprise": enterprise, "unmailed": mails.are_printed()}

    def invite_view(self, request):
        """Invites all that it can at once. Addresses to be corrected stay in the box."""
        enterprise = navigation.chosen(request)
        if not self.has_add_permission(request):
            raise PermissionDenied
        if enterprise is None:
            raise Http404
        form = InviteForm(enterprise, request.POST or None)
        context = {}
        # A list would be lost on the way to the page that asks for a proof.
        stale = not factors.fresh.is_fresh(request)
        if form.is_bound and form.is_valid() and not stale:
            context = self.invite_all(request, enterprise, form)
            left = "\n".join(one.entry.words for one in context["outcomes"] if one.stays)
            form = InviteForm(enterprise, initial={**form.cleaned_data, "addresses": left})
        context |= {
            **self.admin_site.each_context(request),
            **self.box(enterprise, form),
            "title": _("Invite colleagues"),
            "opts": self.opts,
            "stale": stale and form.is_bound,
            "why": mails.PRINTED if mails.are_printed() else mails.REFUSED,
            "days": mails.link_days(),
        }
        return TemplateResponse(request, "admin/accounts/member/invite.html", context)

    def invite_all(self, request, enterprise: Enterprise, form: InviteForm) -> dict:
        """Makes the members, each in a transaction, and passes their links on. Returns `outcomes`,
        one for each entry, and `links`. After an error of the database nobody else is tried, since
        each might wait for it; who was made before is mailed all the same."""
        found = form.cleaned_data["addresses"]
        asked = [entry.address.lower() for entry in found]
        rows = enterprise.members.annotate(address=Lower("email")).filter(address__in=asked)
        known = {row.address: row for row in rows.filter(is_superuser=False)}
        outcomes, made, seen, broken = [], [], set(), False
        for entry in found:
            address = entry.address.lower()
            if not entry.is_address:
                outcomes.append(Outcome(entry, gettext("Not an e-mail address"), "bad", stays=True))
            elif address in seen:
                outcomes.append(Outcome(entry, gettext("Twice in the list")))
            elif address in known:
                outcomes.append(Outcome(entry, what_is_known(known[address])))
            else:
                try:
                    member = None if broken else self.make(request, enterprise, entry, form)
                except Error:
                    log.exception("an invitation failed")
                    member, broken = None, True
                if member:
                    made.append(member)
                    outcomes.append(Outcome(entry, gettext("Invited"), "ok"))
                else:
                    why = gettext("The account is taken: add this member by hand")
                    why = gettext("Not done. Try again in a moment.") if broken else why
                    outcomes.append(Outcome(entry, why, "bad", stays=True))
            seen.add(address)
        return {"outcomes": outcomes, "links": self.pass_on(request, made)}

    def make(self, request, enterprise, entry: Entry, form: InviteForm) -> Member | None:
        """The new member; None if the account is taken, here or elsewhere."""
        try:
            with audit.during(request):
                member = setup.create_member(
                    entry.account,
                    email=entry.address,
                    nickname=entry.name[: Member._meta.get_field("nickname").max_length],
                    enterprise=enterprise,
                    role=form.cleaned_data["role"],
                )
                for team in form.cleaned_data["teams"]:
                    setup.join_team(member, team)
                self.note_link(member)
                self.log_addition(request, member, [{"added": {}}])
        except (IntegrityError, ValidationError):
            return None
        return member

    def pass_on(self, request, members: list[Member]) -> list[tuple[Member, str]]:
        """Mails the links of new members, and says so. Returns those that somebody must pass on by
        hand, because no mail server takes mails, or refuses the address."""
        if not members:
            return []
        left = members if mails.are_printed() else mails.send_invitations(members, request)
        if sent := len(members) - len(left):
            text = ngettext(
                "%(n)d invitation is being sent.", "%(n)d invitations are being sent.", sent
            )
            self.message_user(request, text % {"n": sent}, messages.SUCCESS)
        base = mails.site_url(request)
        return [(member, base + mails.link_path(member)) for member in left]

    @method_decorator(factors.needs_fresh)
    def invitation_view(self, request, object_id):
        """Sends an invitation again, or withdraws it."""
        member = self.row_or_refuse(request, object_id)
        if not is_invited(member):
            raise Http404
        if request.method != "POST":
            words = _("%(email)s has not chosen a password yet.")
            return self.ask(
                request,
                [words % {"email": member.email}],
                _("Send again"),
                row=member,
                title=_("Invitation"),
                other=("withdraw", _("Withdraw the invitation")),
            )
        if "withdraw" in request.POST:
            with audit.during(request):
                self.set_status(request, Member.objects.filter(pk=member.pk), Member.Status.CLOSED)
        elif not mails.take_link(member):
            text = gettext("A link was made a moment ago. Wait two minutes.")
            self.message_user(request, text, messages.WARNING)
        else:
            with audit.during(request):
                self.note_link(member)
            if links := self.pass_on(request, [member]):
                return self.shown_only_once(
                    request,
                    title=_("Link (shown only once)"),
                    words=mails.PRINTED if mails.are_printed() else mails.REFUSED,
                    facts=[(member.email, links[0][1], "link")],
                    copies="link",
                    copy=_("Copy the link"),
                    next=reverse("admin:accounts_member_changelist"),
                )
        return redirect("admin:accounts_member_changelist")


def what_is_known(member: Member) -> str:
    if member.status == Member.Status.CLOSED:
        return gettext("A member who is disabled: enable the account again")
    return gettext("Invited already") if is_invited(member) else gettext("A member already")
