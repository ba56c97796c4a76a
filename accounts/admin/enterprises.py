"""Enterprises: superusers create and close them, managers edit their own."""

from django.contrib import admin, messages
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts import factors, mails, setup
from accounts.forms.hours import week_words
from accounts.models import Enterprise, Member
from accounts.sentences import sentences

from . import sections
from .attributes import AttributeInline
from .base import ScopedAdmin, is_superuser
from .brand import BrandAdmin
from .cells import Badge
from .first_password import FirstPassword
from .forms import EnterpriseAddForm, EnterpriseForm
from .identity import IdentityPages
from .texts import TextsAdmin
from .widget import GreetingRuleInline, WidgetPages


def unmailed() -> str:
    """What to know of questions for an e-mail address where no answer is mailed; "" elsewhere."""
    why = mails.why_unanswered()
    asked = _("Visitors are not asked for an e-mail address while nobody is online.")
    return sentences(why, asked) if why else ""


@admin.register(Enterprise)
class EnterpriseAdmin(
    TextsAdmin, BrandAdmin, IdentityPages, WidgetPages, FirstPassword, ScopedAdmin
):
    scope = "pk"
    enterprise_column = None
    managers_may = frozenset(("view", "change"))
    # Members and the default team keep each enterprise: it is closed, not deleted.
    superusers_may = frozenset(("view", "add", "change"))
    form = EnterpriseForm
    purpose = _("An enterprise has its own members, teams, visitors and conversations.")
    adds = _("Add an enterprise")
    list_display = ["name", "state", "created_at"]
    list_filter = ["status"]
    search_fields = ["name", "code"]
    ordering = ["name"]
    actions = ["close", "open"]
    proved_columns = frozenset(("second_factor_roles", "sign_in_days"))
    when_empty = {"widget_language": _("the visitor's language")}

    def get_form(self, request, obj=None, **kwargs):
        return super().get_form(
            request, obj, **{"form": EnterpriseForm if obj else EnterpriseAddForm, **kwargs}
        )

    def change_view(self, request, object_id, form_url="", extra_context=None):
        sections.of(request)
        return super().change_view(request, object_id, form_url, extra_context)

    def get_fieldsets(self, request, obj=None):
        if obj is not None:
            useless = self.without_use(obj)
            found = []
            for heading, names in sections.of(request).parts:
                about = unmailed() if "ask_email" in names else ""
                fields = [name for name in names if name not in useless]
                found.append((heading, {"fields": fields, "description": about}))
            return found
        return [
            (None, {"fields": ["name", "code", "first_language", "zone", "accent", "sites"]}),
            (_("First manager"), {"fields": ["manager_account", "manager_email"]}),
        ]

    def get_readonly_fields(self, request, obj=None):
        return ["code", "status"] if obj and sections.of(request) == sections.SECTIONS[0] else []

    def get_inlines(self, request, obj):
        section = sections.of(request).key if obj is not None else ""
        return {"greetings": [GreetingRuleInline], "attributes": [AttributeInline]}.get(section, [])

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        response = super().render_change_form(request, context, add, change, form_url, obj)
        if not add:
            # As it is stored: a form that was refused has written into `obj`.
            stored = Enterprise.objects.prefetch_related("rules", "teams").get(pk=obj.pk)
            shown = sections.of(request)
            response.context_data |= {
                "title": _("Settings"),
                "subtitle": str(stored) if is_superuser(request) else "",
                "section": shown,
                "writes": response.context_data["writes"] and shown.writes,
                "sections": sections.entries(stored, shown),
                "stored": stored,
                "teams": [(team, week_words(team.hours)) for team in stored.teams.all()],
            }
        return response

    def response_change(self, request, obj):
        """Stays in the section."""
        self.message_user(request, _("Saved."), messages.SUCCESS)
        return redirect(request.get_full_path())

    def view_on_site(self, obj):
        return obj.chat_path

    def changelist_view(self, request, extra_context=None):
        """Leads a manager to their only enterprise instead of a list."""
        plain = request.method == "GET" and not request.GET
        if not plain or is_superuser(request) or not request.user.is_manager:
            return super().changelist_view(request, extra_context)
        return redirect("admin:accounts_enterprise_change", request.user.enterprise_id)

    def second_line(self, enterprise):
        return enterprise.code

    @admin.display(description=_("status"), ordering="status")
    def state(self, enterprise):
        return Badge(enterprise.get_status_display(), "ok" if enterprise.is_open else "bad")

    def save_model(self, request, obj, form, change):
        if not change:
            obj.text_language = form.cleaned_data["first_language"]
        super().save_model(request, obj, form, change)
        if change:
            return
        language = obj.text_language
        with translation.override(language):
            team = setup.find_or_create_team(obj)
        member = Member(
            name=form.cleaned_data["manager_account"],
            email=form.cleaned_data["manager_email"],
            enterprise=obj,
            role=Member.Role.MANAGER,
            language=language,
        )
        self.set_first_password(request, member)
        member.save()
        setup.join_team(member, team)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        if change and "text_language" in form.changed_data:
            setup.change_language(form.instance, form.initial["text_language"])

    def has_close_permission(self, request):
        return is_superuser(request)

    @admin.action(description=_("Close the enterprise…"), permissions=["close"])
    def close(self, request, queryset):
        question = _("Visitors and members of these enterprises lose access immediately.")
        return self.set_status(request, queryset, "close", Enterprise.Status.CLOSED, question)

    close.destroys = True

    @admin.action(description=_("Open again"), permissions=["close"])
    def open(self, request, queryset):
        factors.fresh.require(request)
        question = _("Visitors and members of these enterprises regain access.")
        return self.set_status(request, queryset, "open", Enterprise.Status.OPEN, question)

    def set_status(self, request, queryset, action, status, question):
        if request.POST.get("confirmed") != "yes":
            closes = status == Enterprise.Status.CLOSED
            act = _("Close") if closes else _("Open again")
            return self.ask(
                request, [question], act, found=queryset, action=action, destroys=closes
            )
        for enterprise in queryset.exclude(status=status):
            enterprise.status = status
            enterprise.save(update_fields=["status"])
            self.log_change(request, enterprise, enterprise.get_status_display())
        self.message_user(request, _("Done."), messages.SUCCESS)
        return None
