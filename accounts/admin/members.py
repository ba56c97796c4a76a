"""Setting up: enterprises by superusers, teams and members by managers (admin_base.py)."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import avatars, setup
from accounts.forms import AdminLoginForm
from accounts.hours_form import DAYS, HoursForm
from accounts.models import DEFAULT_TEAM, Enterprise, Member, Team

from .base import ScopedAdmin, TeamFilter, is_superuser
from .forms import EnterpriseAddForm, EnterpriseForm, MemberAddForm, MemberForm, MemberPasswordForm
from .identity import IdentityPages
from .places import MemberPlaceInline, TeamPlaceInline, TopicInline
from .welcome import Welcome
from .widget import GreetingRuleInline, WidgetPages

admin.site.site_header = admin.site.site_title = "Kefu"
admin.site.index_title = _("Administration")
admin.site.login_form = AdminLoginForm
# One page changes the own password. The admin's own would count no wrong ones.
admin.site.password_change = lambda request, extra_context=None: redirect("password-change")
admin.site.unregister(Group)


@admin.register(Enterprise)
class EnterpriseAdmin(IdentityPages, WidgetPages, Welcome, ScopedAdmin):
    scope = "pk"
    enterprise_column = None
    managers_may = frozenset(("view", "change"))
    form = EnterpriseForm
    list_display = ["name", "code", "status", "created_at"]
    list_filter = ["status"]
    search_fields = ["name", "code"]
    ordering = ["name"]
    inlines = [GreetingRuleInline]
    actions = ["close", "open"]

    def get_form(self, request, obj=None, **kwargs):
        return super().get_form(
            request, obj, **{"form": EnterpriseForm if obj else EnterpriseAddForm, **kwargs}
        )

    def get_fieldsets(self, request, obj=None):
        if obj is not None:
            asked = ["ask_name", "ask_email", "ask_phone", "away_email_must", "consent"]
            look = ["widget_side", "widget_label", "widget_language"]
            return [
                (None, {"fields": ["code", "name", "status", "accent", "sites"]}),
                (_("Before the first message"), {"fields": asked}),
                (_("Chat button on sites"), {"fields": look}),
                (_("Who is on the site"), {"fields": ["visits_told", "queries_told"]}),
                (_("In the chat"), {"fields": ["draft_preview", "hold", "challenge"]}),
                (_("Privacy"), {"fields": ["addresses", "retention_days"]}),
            ]
        return [
            (None, {"fields": ["code", "name", "first_language", "accent", "sites"]}),
            (_("First manager"), {"fields": ["manager_account", "manager_email"]}),
        ]

    def get_readonly_fields(self, request, obj=None):
        return ["code", "status"] if obj else []

    def view_on_site(self, obj):
        return obj.chat_path

    def changelist_view(self, request, extra_context=None):
        """A manager has but one, and nothing to look for."""
        plain = request.method == "GET" and not request.GET
        if not plain or is_superuser(request) or not request.user.is_manager:
            return super().changelist_view(request, extra_context)
        return redirect("admin:accounts_enterprise_change", request.user.enterprise_id)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if change:
            return
        language = form.cleaned_data["first_language"]
        with translation.override(language):
            team = setup.find_or_create_team(obj)
        member = Member(
            name=form.cleaned_data["manager_account"],
            email=form.cleaned_data["manager_email"],
            enterprise=obj,
            role=Member.Role.MANAGER,
            language=language,
        )
        self.welcome(request, member)
        member.save()
        setup.join_team(member, team)

    def has_close_permission(self, request):
        return is_superuser(request)

    @admin.action(description=_("Close: chat page and workspace"), permissions=["close"])
    def close(self, request, queryset):
        question = _("Visitors and members of these enterprises will be shut out at once.")
        return self.set_status(request, queryset, "close", Enterprise.Status.CLOSED, question)

    @admin.action(description=_("Open again"), permissions=["close"])
    def open(self, request, queryset):
        question = _("Visitors and members of these enterprises will be let in again.")
        return self.set_status(request, queryset, "open", Enterprise.Status.OPEN, question)

    def set_status(self, request, queryset, action, status, question):
        """Asks first; the page that asks posts the same action again, confirmed."""
        if request.POST.get("confirmed") != "yes":
            context = {
                **self.admin_site.each_context(request),
                "title": _("Are you sure?"),
                "question": question,
                "rows": queryset,
                "action": action,
                "opts": self.opts,
            }
            return TemplateResponse(request, "admin/accounts/confirm.html", context)
        for enterprise in queryset.exclude(status=status):
            enterprise.status = status
            enterprise.save(update_fields=["status"])
            self.log_change(request, enterprise, enterprise.get_status_display())
        self.message_user(request, _("Done."), messages.SUCCESS)
        return None


@admin.register(Team)
class TeamAdmin(ScopedAdmin):
    managers_may = frozenset(("view", "add", "change", "delete"))
    list_display = ["name", "slug", "greeting", "answer_seconds"]
    list_select_related = ["enterprise"]
    search_fields = ["name", "slug"]
    ordering = ["name"]
    form = HoursForm
    inlines = [MemberPlaceInline, TopicInline]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("enterprise")

    def get_fieldsets(self, request, obj=None):
        about_hours = _(
            "Several times of a day are separated by commas: 9:00-12:00, 13:30-18:00. What ends"
            " after midnight stands at the day on which it begins: 22:00-6:00. A day left empty is"
            " closed; if all seven are, the team is always there. Outside of its hours visitors are"
            " told when it is back, and can leave a message."
        )
        return [
            (None, {"fields": ["enterprise", "slug", "name", "greeting", "offered"]}),
            (_("Waiting"), {"fields": ["answer_seconds", "mail_minutes", "mail_left"]}),
            (_("Closing"), {"fields": ["idle_hours", "warn_minutes", "warning", "farewell"]}),
            (
                _("Working hours"),
                {"fields": ["time_zone", *DAYS, "holidays"], "description": about_hours},
            ),
        ]

    def get_form(self, request, obj=None, **kwargs):
        area = forms.Textarea(attrs={"rows": 3, "maxlength": 500})
        wide = dict.fromkeys(("greeting", "warning", "farewell"), area)
        return super().get_form(request, obj, **{"widgets": wide, **kwargs})

    def get_changeform_initial_data(self, request):
        """No slug: the column's default is taken by the team that each enterprise begins with."""
        return {"slug": "", **super().get_changeform_initial_data(request)}

    def get_readonly_fields(self, request, obj=None):
        """The slug stands in links on the enterprise's own site."""
        return [*super().get_readonly_fields(request, obj), *(["slug"] if obj else [])]

    def has_delete_permission(self, request, obj=None):
        """The default team is the one that visitors reach without naming any."""
        default = isinstance(obj, Team) and obj.slug == DEFAULT_TEAM
        return not default and super().has_delete_permission(request, obj)

    def view_on_site(self, obj):
        return obj.chat_path


@admin.register(Member)
class MemberAdmin(Welcome, ScopedAdmin):
    list_display = ["name", "nickname", "role", "switch", "team_names", "status"]
    list_display += ["last_login"]
    list_filter = ["role", "status", "online_status", TeamFilter]
    search_fields = ["name", "nickname", "email", "tel"]
    ordering = ["name"]
    inlines = [TeamPlaceInline]
    actions = ["disable", "enable", "send_link"]

    def changeform_view(self, request, *args, **kwargs):
        # Its transaction would keep SQLite locked for everybody while the picture is drawn.
        if picture := request.FILES.get("picture"):
            avatars.draw_face(picture, request.user.uuid)
        return super().changeform_view(request, *args, **kwargs)

    def get_queryset(self, request):
        """Superusers are nobody's to manage, also where they belong to the enterprise."""
        rows = super().get_queryset(request)
        return rows if is_superuser(request) else rows.filter(is_superuser=False)

    def owns(self, request, obj):
        return super().owns(request, obj) and not obj.is_superuser

    def get_form(self, request, obj=None, **kwargs):
        return super().get_form(
            request, obj, **{"form": MemberForm if obj else MemberAddForm, **kwargs}
        )

    def get_fieldsets(self, request, obj=None):
        entry = ["name", "password_state" if obj else "first_password", "enterprise", "role"]
        entry += ["status"] if obj else []
        entry += ["is_superuser"] if is_superuser(request) else []
        picture = ["picture", "without_picture"] if obj and obj.avator else ["picture"]
        return [
            (_("Signing in"), {"fields": entry}),
            (_("As others see"), {"fields": ["nickname", *picture]}),
            (_("How to reach"), {"fields": ["email", "tel"]}),
        ]

    def get_readonly_fields(self, request, obj=None):
        fixed = super().get_readonly_fields(request, obj)
        if obj is not None:
            fixed += ["name", "password_state"]
        if obj == request.user:
            # Nobody locks the door from outside by mistake.
            fixed += ["role", "status", "is_superuser"]
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
        return format_html('{} <a href="{}">{}</a>', state, where, _("Set a password"))

    @admin.display(description=_("online switch"), ordering="online_status")
    def switch(self, member):
        """The column's default is online, which says nothing of one who was never there."""
        return member.get_online_status_display() if member.last_login else _("never signed in")

    @admin.display(description=_("teams"))
    def team_names(self, member):
        return ", ".join(place.team.name for place in member.places.all()) or "–"

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        changelist.result_list = changelist.result_list.prefetch_related("places__team")
        return changelist

    def save_model(self, request, obj, form, change):
        if not change:
            self.welcome(request, obj, form.cleaned_data["first_password"])
        super().save_model(request, obj, form, change)

    def get_formset_kwargs(self, request, obj, inline, prefix):
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        return {**kwargs, "initial": inline.preselected(request, obj)}

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        member = form.instance
        if member.enterprise_id and not member.places.exists():
            text = _("%(account)s is in no team, so no conversation reaches them.") % {
                "account": member.name
            }
            where = f"{reverse('admin:accounts_member_change', args=[member.pk])}#places-group"
            told = format_html('{} <a href="{}">{}</a>', text, where, _("Choose teams"))
            self.message_user(request, told, messages.WARNING)

    def get_urls(self):
        view = self.admin_site.admin_view(self.password_view)
        return [
            path("<path:object_id>/password/", view, name="accounts_member_password"),
            *super().get_urls(),
        ]

    @method_decorator(sensitive_post_parameters())
    def password_view(self, request, object_id):
        member = self.get_object(request, unquote(object_id))
        if member is None:
            raise Http404
        if not self.has_change_permission(request, member):
            raise PermissionDenied
        if member == request.user:
            return redirect("password-change")
        form = MemberPasswordForm(member, request.POST or None)
        if request.method == "POST" and form.is_valid():
            form.save()
            self.log_change(request, member, gettext("Password set."))
            text = _("The password is set; the member changes it at the next sign-in.")
            self.message_user(request, text, messages.SUCCESS)
            return redirect("admin:accounts_member_change", member.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Set a password"),
            "subtitle": str(member),
            "form": form,
            "original": member,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/accounts/member/password.html", context)

    @admin.action(description=_("Disable: sign out, and leave every seat"), permissions=["change"])
    def disable(self, request, queryset):
        self.set_status(request, queryset.exclude(pk=request.user.pk), Member.Status.CLOSED)

    @admin.action(description=_("Enable again"), permissions=["change"])
    def enable(self, request, queryset):
        self.set_status(request, queryset, Member.Status.NORMAL)

    def set_status(self, request, queryset, status):
        """One by one, since each member's leaving or coming is told to the conversations."""
        changed = list(queryset.exclude(status=status))
        for member in changed:
            member.status = status
            member.save(update_fields=["status", "updated_at"])
            self.log_change(request, member, member.get_status_display())
        text = ngettext("%(count)d member changed.", "%(count)d members changed.", len(changed))
        self.message_user(request, text % {"count": len(changed)}, messages.SUCCESS)

    @admin.action(description=_("Send a link to set the password"), permissions=["change"])
    def send_link(self, request, queryset):
        for member in queryset:
            if member.email and member.is_active:
                self.invite(request, member)
            else:
                text = _("Nothing was sent to %(account)s: no e-mail address, or disabled.")
                self.message_user(request, text % {"account": member.name}, messages.WARNING)
