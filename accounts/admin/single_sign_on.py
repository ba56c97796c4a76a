"""Single sign-on of an enterprise. Superusers alone set it up: the server fetches from the issuer,
and whoever names a provider can sign in as any member of the enterprise."""

from functools import partial
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db import transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import directory, factors, mails
from accounts.models import MemberSession, Provider, ProviderAccount
from accounts.sign_ins import sessions

from .base import ScopedAdmin
from .cells import Badge
from .provider_forms import FORMS, OidcForm


@admin.register(Provider)
class ProviderAdmin(ScopedAdmin):
    managers_may = frozenset()
    purpose = _("With single sign-on, members of an enterprise sign in with its own accounts.")
    adds, removes = _("Add single sign-on"), _("Delete the single sign-on")
    list_display = ["name", "kind", "state"]
    ordering = ["pk"]
    readonly_fields = ["addresses"]

    def second_line(self, provider):
        return provider.issuer

    @admin.display(description=_("state"), ordering="is_on")
    def state(self, provider):
        return Badge(_("in use"), "ok") if provider.is_on else Badge(_("switched off"))

    @method_decorator(factors.needs_fresh)
    def changeform_view(self, request, *args, **kwargs):
        return super().changeform_view(request, *args, **kwargs)

    def form_of(self, request, obj):
        """The form of the provider's kind; a new one's is in the address."""
        return FORMS.get(obj.kind if obj else request.GET.get("kind"), OidcForm)

    def get_fieldsets(self, request, obj=None):
        form = self.form_of(request, obj)
        at_provider = [*form.AT_PROVIDER] + ["addresses"] * bool(obj)
        who = {"fields": ["enterprise", "name", "is_on"]}
        if obj is None:
            who["description"] = self.kinds(request.GET, form.kind)
        return [
            (None, who),
            (Provider.Kind(form.kind).label, {"fields": at_provider}),
            (_("Roles and teams"), {"fields": [*form.BY, "roles", "default_role"]}),
        ]

    def get_form(self, request, obj=None, **kwargs):
        self.site = mails.site_url(request)
        form = super().get_form(request, obj, **{**kwargs, "form": self.form_of(request, obj)})
        form.filled_in_by = request.user
        return form

    def kinds(self, query: QueryDict, chosen: str):
        """The kinds of which a new one may be, as links to their forms. The rest of the page's
        `query` names the enterprise."""
        kept = query.dict()
        links = [
            format_html("<b>{}</b>", kind.label)
            if kind == chosen
            else format_html('<a href="?{}">{}</a>', urlencode(kept | {"kind": kind}), kind.label)
            for kind in FORMS
        ]
        return format_html("{}", format_html_join(" · ", "{}", ((link,) for link in links)))

    @admin.display(description=_("to be entered there"))
    def addresses(self, provider):
        """The addresses that the provider has to know, and the one that members may keep."""
        code = provider.enterprise.code
        places = [(_("address for members"), reverse("sso", args=[code]))]
        if provider.kind == Provider.Kind.OIDC:
            places.insert(0, (_("back-channel logout"), reverse("sso-logout", args=[code])))
        if provider.is_elsewhere:
            places.insert(0, (_("redirect URI"), provider.back))
        rows = ((what, self.site + place) for what, place in places)
        return format_html("{}", format_html_join("\n", "{}: <code>{}</code><br>", rows))

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        # Another provider may call somebody else by the same name, and 飞书 calls everybody
        # otherwise for another app.
        names = {"issuer", "organisation"}
        if obj.kind == Provider.Kind.FEISHU:
            names.add("client_id")
        if change and names & set(form.changed_data):
            ProviderAccount.objects.filter(provider=obj).delete()
            sessions.end(MemberSession.objects.filter(provider=obj))
        elif change and not obj.is_on and "is_on" in form.changed_data:
            sessions.end(MemberSession.objects.filter(provider=obj))
        if obj.kind == Provider.Kind.LDAP:
            # After the commit: a directory that is slow would hold the database up.
            transaction.on_commit(partial(self.warn, request, obj))

    def delete_model(self, request, obj):
        factors.fresh.require(request)
        # Nobody would ask any more whether these members are still let in.
        sessions.end(MemberSession.objects.filter(provider=obj))
        super().delete_model(request, obj)

    def delete_queryset(self, request, queryset):
        factors.fresh.require(request)
        sessions.end(MemberSession.objects.filter(provider__in=queryset))
        super().delete_queryset(request, queryset)

    def warn(self, request, provider):
        """Tells whoever has saved a directory what would keep members out, or not be safe."""
        if provider.is_plain and not directory.is_loopback(provider.issuer):
            text = gettext(
                "Passwords go to the directory unencrypted: everybody on the way reads them."
            )
            messages.warning(request, text)
        if provider.is_on and not directory.answers(provider):
            text = gettext("The directory does not answer, or refuses the account that searches.")
            messages.warning(request, text)
