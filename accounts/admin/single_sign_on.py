"""Single sign-on of an enterprise. Superusers alone set it up: the server fetches from the issuer,
and whoever names a provider can sign in as any member of the enterprise."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from accounts import mails, rights, sealing, single_sign_on
from accounts.models import Member, Provider, ProviderAccount

from .base import ScopedAdmin


class ProviderForm(forms.ModelForm):
    secret = forms.CharField(
        label=_("client secret"),
        required=False,
        max_length=300,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("It is stored encrypted and never shown. Empty: stays as it is."),
    )
    default_role = forms.TypedChoiceField(
        label=Provider._meta.get_field("default_role").verbose_name,
        coerce=int,
        choices=[one for one in Member.Role.choices if one[0] not in rights.PROGRAMS],
    )

    def clean_issuer(self) -> str:
        issuer = self.cleaned_data["issuer"].strip()
        if not single_sign_on.is_safe(issuer) or "?" in issuer or "#" in issuer:
            raise ValidationError(_("An address that begins with https://, without ? and #."))
        return issuer

    def clean(self):
        cleaned = super().clean()
        enterprise = cleaned.get("enterprise") or getattr(self.instance, "enterprise", None)
        try:
            lines = single_sign_on.read_roles(cleaned.get("roles", ""), enterprise)
        except ValidationError as error:
            self.add_error("roles", error)
        else:
            if bool(lines) != bool(cleaned.get("claim")):
                self.add_error("roles", _("An attribute and lines go together."))
        return cleaned

    def _post_clean(self):
        super()._post_clean()
        self.changed_columns = [name for name in self.changed_data if name in self._meta.fields]
        if secret := self.cleaned_data.get("secret"):
            self.instance.sealed = sealing.seal(secret)
            self.changed_columns.append("sealed")


@admin.register(Provider)
class ProviderAdmin(ScopedAdmin):
    managers_may = frozenset()
    form = ProviderForm
    purpose = _("With single sign-on, members of an enterprise sign in with its own accounts.")
    list_display = ["name", "issuer", "is_on"]
    ordering = ["pk"]
    readonly_fields = ["addresses"]

    def get_fieldsets(self, request, obj=None):
        at_provider = ["issuer", "client_id", "secret"] + ["addresses"] * bool(obj)
        return [
            (None, {"fields": ["enterprise", "name", "is_on"]}),
            (_("At the provider"), {"fields": at_provider}),
            (_("Roles and teams"), {"fields": ["claim", "roles", "default_role"]}),
        ]

    def get_form(self, request, obj=None, **kwargs):
        self.site = mails.site_url(request)
        return super().get_form(request, obj, **kwargs)

    @admin.display(description=_("to be entered there"))
    def addresses(self, provider):
        """The addresses that the provider has to know, and the one that members may keep."""
        names = [
            ("sso-back", _("redirect URI")),
            ("sso-logout", _("back-channel logout")),
            ("sso", _("address for members")),
        ]
        code = provider.enterprise.code
        rows = ((what, self.site + reverse(name, args=[code])) for name, what in names)
        return format_html("{}", format_html_join("\n", "{}: <code>{}</code><br>", rows))

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if change and "issuer" in form.changed_data:
            # Another provider may call somebody else by the same name.
            ProviderAccount.objects.filter(provider=obj).delete()
