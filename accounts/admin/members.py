"""Members: created with a first password, enabled, disabled, given a new password."""

from functools import partial

from django.contrib import admin, messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import avatars, factors, mails, rights, signals
from accounts.models import Assistant, Member, TeamMember

from .base import ScopedAdmin, TeamFilter, is_superuser
from .cells import Badge, Face, Trouble
from .form_pages import Danger
from .forms import MemberAddForm, MemberForm, MemberPasswordForm
from .invitations import (
    Invitations,
    InvitedFilter,
    invitation_line,
    is_invited,
    links_end,
)
from .places import TeamPlaceInline

STATES = {
    "online": (_("Online"), "ok"),
    "busy": (_("Busy"), "bad"),
    "away": (_("Away"), "warn"),
}
"""The words and the tone of those who are there."""


def is_assistant(member: Member) -> bool:
    return Assistant.objects.filter(member=member).exists()


def assistant_line(name: str) -> str:
    """Why an assistant is neither deleted nor disabled, and what to do."""
    text = gettext("%(account)s is the AI assistant. Switch it off on the page “AI assistant”.")
    return text % {"account": name}


@admin.register(Member)
class MemberAdmin(Invitations, ScopedAdmin):
    purpose = _("Everybody who works here: those who answer, and those who look after it.")
    adds, removes = _("Add a member"), _("Delete the member")
    list_display = ["person", "job", "team_names", "presence", "last_login"]
    list_filter = ["role", "status", InvitedFilter, TeamFilter]
    search_fields = ["name", "nickname", "email", "tel"]
    search_help_text = _("Name, account, e-mail, phone")
    ordering = ["name"]
    inlines = [TeamPlaceInline]
    # Whoever reads the mails of an account can set its password.
    proved_columns = frozenset(("role", "is_superuser", "email"))
    actions = ["disable", "enable", "send_link"]

    def changeform_view(self, request, *args, **kwargs):
        # Draw before the transaction: it would lock SQLite for everybody meanwhile.
        if picture := request.FILES.get("picture"):
            avatars.draw_anew(picture, request.user.uuid)
        return super().changeform_view(request, *args, **kwargs)

    def get_queryset(self, request):
        """Hides superusers from managers, even those of their own enterprise."""
        rows = super().get_queryset(request)
        return rows if is_superuser(request) else rows.filter(is_superuser=False)

    def owns(self, request, obj):
        return super().owns(request, obj) and not obj.is_superuser

    def get_form(self, request, obj=None, **kwargs):
        return super().get_form(
            request, obj, **{"form": MemberForm if obj else MemberAddForm, **kwargs}
        )

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        """The roles of programs come with their first access token, and stay."""
        if db_field.name == "role":
            people = [one for one in db_field.choices if one[0] not in rights.PROGRAMS]
            kwargs["choices"] = people
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def get_deleted_objects(self, objs, request):
        """Nobody deletes an assistant here: its settings and all that is known of it would go,
        too."""
        shown, counts, lacking, protected = super().get_deleted_objects(objs, request)
        names = {one.name for one in objs if is_assistant(one)}
        return shown, counts, lacking, [*protected, *map(assistant_line, sorted(names))]

    def dangers(self, request, row):
        found = super().dangers(request, row)
        if is_assistant(row):
            return []
        if row == request.user or not self.has_change_permission(request, row):
            return found
        rows = reverse("admin:accounts_member_changelist")
        if row.status == Member.Status.CLOSED:
            text = _("Then they can sign in again.")
            act = Danger(_("Enable the member"), text, _("Enable"), rows, "enable", False)
        else:
            text = _("They are signed out everywhere and leave all conversations.")
            act = Danger(_("Disable the member"), text, _("Disable…"), rows, "disable")
        return [act, *found]

    def get_fieldsets(self, request, obj=None):
        if obj is not None and obj.is_program:
            picture = ["picture", *["without_picture"] * bool(obj.avator)]
            return [
                (_("Access"), {"fields": ["name", "enterprise", "role", "status"]}),
                (_("Public profile"), {"fields": ["nickname", *picture]}),
            ]
        entry = ["name", "password_state" if obj else "first_password", "enterprise", "role"]
        entry += ["status"] if obj else []
        entry += ["is_superuser"] if is_superuser(request) else []
        picture = ["picture", "without_picture"] if obj and obj.avator else ["picture"]
        seen, unseen = _("What visitors and colleagues see."), _("Visitors see none of it.")
        routed = {
            "fields": ["capacity", "languages", "topics"],
            "description": _("Which conversations come here first, and how many at a time."),
        }
        return [
            (_("Signing in"), {"fields": entry}),
            (_("Public profile"), {"fields": ["nickname", *picture], "description": seen}),
            (_("Contact details"), {"fields": ["email", "tel"], "description": unseen}),
            *([(_("Routing"), routed)] if obj else []),
        ]

    def get_readonly_fields(self, request, obj=None):
        fixed = super().get_readonly_fields(request, obj)
        if obj is not None:
            fixed += ["name", "password_state", "status"]
            fixed += ["role"] * obj.is_program
        if obj == request.user:
            # So that nobody locks themselves out by mistake.
            fixed += ["role", "is_superuser"]
        return fixed

    @admin.display(description=_("password"))
    def password_state(self, member):
        if not member.has_usable_password():
            state = _("Not set yet.")
        elif member.must_change_password:
            state = _("Set; the member has to change it at the next sign-in.")
        else:
            state = _("Set.")
        where = reverse("admin:accounts_member_password", args=[member.pk])
        between = pgettext("between sentences", " ")
        return format_html('{}{}<a href="{}">{}</a>', state, between, where, _("Set a password"))

    @admin.display(description=_("member"), ordering="name")
    def person(self, member):
        return member.display_name

    def second_line(self, member):
        account = member.name if member.nickname else ""
        email = "" if member.email in (account, member.display_name) else member.email
        # The list has read all at once.
        until = getattr(member, "link_ends", None) or links_end([member]).get(member.uuid)
        invited = invitation_line(member, until) if until else ""
        return " · ".join(filter(None, [account, email, invited]))

    def face(self, member):
        state = None if member.is_program else member.state or ""
        dashed = is_invited(member)
        return Face(member.uuid, member.display_name, member.avator, state, dashed)

    @admin.display(description=_("role"), ordering="role")
    def job(self, member):
        if member.is_superuser:
            return Badge(_("superuser"), "accent")
        leads = member.role in (Member.Role.MANAGER, Member.Role.SUPERVISOR)
        return Badge(member.get_role_display(), "accent" if leads else "")

    @admin.display(description=_("presence"))
    def presence(self, member):
        if member.status == Member.Status.CLOSED:
            return Badge(member.get_status_display(), "bad")
        if member.is_program:
            return ""
        if is_invited(member):
            where = reverse("admin:accounts_member_invitation", args=[member.pk])
            is_over = member.link_ends < timezone.now()
            state = _("Link expired") if is_over else _("Invited")
            return Trouble(state, where, _("Send again…"))
        if not member.last_login:
            return Badge(_("never signed in"), "warn")
        return Badge(*STATES.get(member.state, (_("Offline"), "")))

    @admin.display(description=_("teams"))
    def team_names(self, member):
        names = [place.team.name for place in member.places.all()]
        serves = member.status == Member.Status.NORMAL and member.may(rights.SEAT)
        if names or not serves:
            return names
        if member.may(rights.READ_ALL):
            return _("sees all conversations")
        where = f"{reverse('admin:accounts_member_change', args=[member.pk])}#places-group"
        return Trouble(_("In no team"), where, _("Choose teams"))

    def prepared(self, found):
        members = list(found.prefetch_related(TeamMember.with_teams()))
        people = {member.uuid for member in members}
        told = signals.presence_asked.send(Member, people=people)
        states = {who: state for _receiver, found in told for who, state in found.items()}
        ends = links_end(members)
        for member in members:
            member.state = states.get(member.uuid)
            member.link_ends = ends.get(member.uuid)
        return members

    def save_model(self, request, obj, form, change):
        if not change:
            self.set_first_password(request, obj, form.cleaned_data["first_password"])
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        member = form.instance
        if member.enterprise_id and member.may(rights.SEAT) and not member.places.exists():
            text = _("%(account)s is not in any team and receives no conversations.") % {
                "account": member.name
            }
            where = f"{reverse('admin:accounts_member_change', args=[member.pk])}#places-group"
            link = format_html('{} <a href="{}">{}</a>', text, where, _("Choose teams"))
            self.message_user(request, link, messages.WARNING)

    def get_urls(self):
        return self.own_urls(password=self.password_view) + super().get_urls()

    @method_decorator([sensitive_post_parameters(), factors.needs_fresh])
    def password_view(self, request, object_id):
        member = self.row_or_refuse(request, object_id)
        if member.is_program:
            raise Http404
        if member == request.user:
            return redirect("password-change")
        form = MemberPasswordForm(member, request.POST or None)
        if request.method == "POST" and form.is_valid():
            form.save()
            self.log_change(request, member, gettext("Password set."))
            text = _("The password is set; the member changes it at the next sign-in.")
            self.message_user(request, text, messages.SUCCESS)
            return redirect("admin:accounts_member_change", member.pk)
        what = {"title": _("Set a password"), "act": _("Set a password"), "form": form}
        return self.row_page(request, "admin/accounts/member/password.html", member, **what)

    @admin.action(description=_("Disable…"), permissions=["change"])
    def disable(self, request, queryset):
        others = queryset.exclude(pk=request.user.pk)
        machines = [one.name for one in others if is_assistant(one)]
        for name in machines:
            self.message_user(request, assistant_line(name), messages.ERROR)
        others = others.exclude(name__in=machines)
        if machines and not others.exists():
            return None
        if request.POST.get("confirmed") != "yes":
            question = [_("They are signed out everywhere and leave all conversations.")]
            return self.ask(
                request, question, _("Disable"), found=others, action="disable", destroys=True
            )
        self.set_status(request, others, Member.Status.CLOSED)
        return None

    disable.destroys = True

    @admin.action(description=_("Enable again"), permissions=["change"])
    def enable(self, request, queryset):
        factors.fresh.require(request)
        self.set_status(request, queryset, Member.Status.NORMAL)

    def set_status(self, request, queryset, status):
        """Saves each member, so that the signal `access_changed` is sent for each."""
        changed = list(queryset.exclude(status=status))
        for member in changed:
            member.status = status
            member.save(update_fields=["status", "updated_at"])
            self.log_change(request, member, member.get_status_display())
        text = ngettext("%(count)d member changed.", "%(count)d members changed.", len(changed))
        self.message_user(request, text % {"count": len(changed)}, messages.SUCCESS)

    @admin.action(description=_("Send a link to set the password"), permissions=["change"])
    def send_link(self, request, queryset):
        if mails.are_printed():
            self.message_user(request, mails.PRINTED, messages.WARNING)
            return
        for member in queryset:
            if member.email and member.is_active:
                # After the commit: a mail server that is slow would hold the database up.
                transaction.on_commit(partial(self.send_password_link, request, member))
                self.note_link(member)
            else:
                text = _(
                    "No e-mail was sent to %(account)s: the member has no e-mail address or"
                    " is disabled."
                )
                self.message_user(request, text % {"account": member.name}, messages.WARNING)
