"""Access tokens of programs: made and shown once, replaced, ended."""

from datetime import timedelta

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts import factors, tokens
from accounts.models import AccessToken, Enterprise, Team
from accounts.sentences import listed

from .base import EnterpriseFilter, ScopedAdmin, is_superuser
from .cells import Badge
from .form_pages import Danger

LIVES = [
    (30, _("30 days")),
    (90, _("90 days")),
    (365, _("a year")),
    (0, _("without end")),
]
OVERLAPS = [
    (0, _("ends at once: it has leaked, or nobody uses it")),
    (1, _("stays valid for 24 hours, until your programs use the new one")),
    (7, _("stays valid for 7 days")),
]
CHOSEN = [
    *(tokens.Scope.CONVERSATIONS_READ, tokens.Scope.MESSAGES_READ, tokens.Scope.VISITORS_READ),
    tokens.Scope.MESSAGES_WRITE,
]
"""What the form begins with: what a bot needs, and nothing that erases or leads elsewhere."""


def lives_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=_("Valid for"), choices=LIVES, coerce=int, initial=90)


def end_of_life(days: int):
    return timezone.now() + timedelta(days=days) if days else None


class TokenAddForm(forms.ModelForm):
    """Makes a token, and the account that it belongs to where that is not there yet."""

    kind = forms.ChoiceField(
        label=pgettext_lazy("token", "For"),
        choices=[
            ("service", _("a program that uses the API")),
            ("bot", _("a bot that answers visitors in a team")),
        ],
        initial="service",
        widget=forms.RadioSelect,
    )
    enterprise = forms.ModelChoiceField(
        Enterprise.objects.none(), label=_("Enterprise"), required=False
    )
    team = forms.ModelChoiceField(
        Team.objects.none(), label=_("Team"), required=False, help_text=_("Only for a bot.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("May be used to"),
        choices=tokens.Scope.choices,
        initial=CHOSEN,
        widget=forms.CheckboxSelectMultiple,
    )
    days = lives_field()

    offered = {}
    """What the reader of the form may choose: a subclass has the rows of `enterprise` and `team`,
    and the id of `own`, a manager's enterprise."""

    class Meta:
        model = AccessToken
        fields = ["name"]
        help_texts = {"name": _("Visitors see this name where the program writes.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("enterprise", "team"):
            self.fields[name].queryset = self.offered[name]
            self.fields[name].empty_label = _("Choose…")
        if own := self.offered["own"]:
            self.fields["enterprise"].initial = own
            self.fields["enterprise"].widget = forms.HiddenInput()

    def clean(self):
        cleaned = super().clean()
        team, is_bot = cleaned.get("team"), cleaned.get("kind") == "bot"
        if is_bot and team is None and "team" not in self.errors:
            self.add_error("team", _("A bot needs a team."))
        if not is_bot and team is not None:
            self.add_error("team", _("Only for a bot."))
        enterprise = team.enterprise if team else cleaned.get("enterprise")
        if enterprise is None and not self.errors:
            self.add_error("enterprise", _("Choose the enterprise."))
        if not self.errors:
            try:
                # In the transaction of the request, which what follows may still undo.
                name = cleaned["name"]
                self.instance.member = (
                    tokens.bot(team, name) if is_bot else tokens.service_account(enterprise, name)
                )
            except ValidationError as error:
                self.add_error("name", error)
        return cleaned


class ReplaceForm(forms.Form):
    former = forms.TypedChoiceField(
        label=_("The present token"),
        choices=OVERLAPS,
        coerce=int,
        initial=1,
        widget=forms.RadioSelect,
    )
    days = lives_field()


class ByEnterprise(EnterpriseFilter):
    path = "member__enterprise"


@admin.register(AccessToken)
class AccessTokenAdmin(ScopedAdmin):
    purpose = _("A token lets a program in: a bot that answers visitors, or a system of yours.")
    scope = "member__enterprise_id"
    enterprise_filter = ByEnterprise
    managers_may = superusers_may = frozenset(("view", "add"))
    adds = _("Add an access token")
    adds_fresh = True
    list_display = ["name", "how", "expires_at", "last_used_at", "created_at"]
    search_fields = ["name", "member__name"]
    list_select_related = ["member__enterprise"]
    ordering = ["-pk"]
    fields = ["name", "account", "kind", "allowed", "state", "created_at", "expires_at"]
    fields += ["last_used_at", "ended_at"]
    readonly_fields = ["account", "kind", "allowed", "state", "created_at", "last_used_at"]
    change_form_template = "admin/accounts/accesstoken/change_form.html"

    def get_form(self, request, obj=None, **kwargs):
        if obj is not None:
            return super().get_form(request, obj, **kwargs)
        offered = {
            "enterprise": self.choices(Enterprise, request),
            "team": self.choices(Team, request).select_related("enterprise"),
            "own": None if is_superuser(request) else request.user.enterprise_id,
        }
        form = super().get_form(request, obj, form=TokenAddForm, **kwargs)
        return type("OfferedTokenAddForm", (form,), {"offered": offered})

    def get_fieldsets(self, request, obj=None):
        if obj is not None:
            return super().get_fieldsets(request, obj)
        return [(None, {"fields": ["kind", "enterprise", "team", "name", "scopes", "days"]})]

    def get_readonly_fields(self, request, obj=None):
        """Of a token that is there all; the form that makes one asks for its kind."""
        return super().get_readonly_fields(request, obj) if obj else []

    def dangers(self, request, row):
        if row.ended_at or not self.is_allowed(request, "add", row):
            return []
        text = _("The program that uses it gets no answer any more.")
        href = reverse("admin:accounts_accesstoken_end", args=[row.pk])
        return [Danger(_("End the token"), text, _("End…"), href)]

    @admin.display(description=_("account"), ordering="member__name")
    def account(self, token):
        return token.member.name

    @admin.display(description=_("role"))
    def kind(self, token):
        return token.member.get_role_display()

    @admin.display(description=_("may be used to"))
    def allowed(self, token):
        return listed(tokens.Scope(one).label for one in token.scopes)

    def second_line(self, token):
        return f"{token.member.name} · {token.member.get_role_display()}"

    @admin.display(description=_("state"))
    def how(self, token):
        if token.ended_at:
            return Badge(self.state(token))
        return Badge(self.state(token), "ok" if token.is_valid(timezone.now()) else "bad")

    @admin.display(description=_("state"))
    def state(self, token):
        if token.ended_at:
            return _("ended")
        now = timezone.now()
        if token.expires_at and token.expires_at <= now:
            return _("expired")
        return _("valid") if token.is_valid(now) else _("account disabled")

    @admin.display(description=_("enterprise"), ordering="member__enterprise__name")
    def enterprise(self, token):
        return token.member.enterprise

    def save_model(self, request, obj, form, change):
        obj.scopes = form.cleaned_data["scopes"]
        obj.expires_at = end_of_life(form.cleaned_data["days"])
        request.shown_token = tokens.issue(obj)

    def response_add(self, request, obj, post_url_continue=None):
        return self.show_once(request, obj, request.shown_token)

    def show_once(self, request, token: AccessToken, text: str):
        """Shows the text in this response only; no cookie, session or row contains it."""
        return self.shown_only_once(
            request,
            title=_("Access token (shown only once)"),
            words=_(
                "Give it to the program now; it cannot be shown again. Whoever has it can do what"
                " it is for."
            ),
            facts=[
                (_("Account"), token.member.name, ""),
                (_("Access token"), text, "token"),
            ],
            copies="token",
            copy=_("Copy the token"),
            next=reverse("admin:accounts_accesstoken_change", args=[token.pk]),
        )

    def get_urls(self):
        own = self.own_urls(replace=self.replace_view, end=self.end_view)
        return own + super().get_urls()

    @method_decorator(factors.needs_fresh)
    def replace_view(self, request, object_id):
        token = self.token_or_refuse(request, object_id)
        form = ReplaceForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            until = timezone.now() + timedelta(days=form.cleaned_data["former"])
            fresh, text = tokens.rotate(token, until, end_of_life(form.cleaned_data["days"]))
            return self.show_once(request, fresh, text)
        what = {"title": _("Replace the token"), "form": form, "act": _("Make a new token")}
        return self.row_page(request, "admin/accounts/accesstoken/replace.html", token, **what)

    def end_view(self, request, object_id):
        token = self.token_or_refuse(request, object_id)
        if request.method == "POST":
            tokens.end(token)
            self.message_user(request, gettext("The token has ended."), messages.SUCCESS)
            return redirect("admin:accounts_accesstoken_changelist")
        question = gettext(
            "The program that uses it as %(account)s gets no answer any more, and its sockets are"
            " closed. This cannot be undone."
        )
        asked = [question % {"account": token.member.name}]
        return self.ask(request, asked, _("End the token"), row=token, destroys=True)

    def token_or_refuse(self, request, object_id) -> AccessToken:
        """The token, if it can still be replaced and ended by whoever may make one like it."""
        token = self.row_or_refuse(request, object_id, "add")
        if token.ended_at is not None:
            raise Http404
        return token
