"""The forms of providers, one for each kind."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import directory, rights, sealing, single_sign_on
from accounts.models import Member, Provider


class ProviderForm(forms.ModelForm):
    """What all kinds have. A subclass says its `kind`, and which fields stand under `AT_PROVIDER`;
    `LABELS` and `HELP` are its own words for them."""

    kind = ""
    AT_PROVIDER: tuple[str, ...] = ()
    LABELS: dict[str, str] = {}
    HELP: dict[str, str] = {}

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

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, label in self.LABELS.items():
            self.fields[name].label = label
        for name, text in self.HELP.items():
            self.fields[name].help_text = text

    def clean(self):
        cleaned = super().clean()
        enterprise = cleaned.get("enterprise") or getattr(self.instance, "enterprise", None)
        others = Provider.objects.filter(enterprise=enterprise, kind=self.kind)
        if enterprise and others.exclude(pk=self.instance.pk).exists():
            self.add_error(None, _("The enterprise has one of this kind already."))
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
        self.instance.kind = self.kind
        self.changed_columns = [name for name in self.changed_data if name in self._meta.fields]
        if secret := self.cleaned_data.get("secret"):
            self.instance.sealed = sealing.seal(secret)
            self.changed_columns.append("sealed")


class OidcForm(ProviderForm):
    kind = Provider.Kind.OIDC
    AT_PROVIDER = ("issuer", "client_id", "secret")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["client_id"].required = True

    def clean_issuer(self) -> str:
        issuer = self.cleaned_data["issuer"].strip()
        if not single_sign_on.is_safe(issuer) or "?" in issuer or "#" in issuer:
            raise ValidationError(_("An address that begins with https://, without ? and #."))
        return issuer


class DirectoryForm(ProviderForm):
    kind = Provider.Kind.LDAP
    AT_PROVIDER = (
        *("issuer", "is_plain", "authorities", "client_id", "secret"),
        *("base", "person_filter"),
    )
    LABELS = {
        "issuer": _("address"),
        "client_id": _("account that searches"),
        "secret": _("its password"),
    }
    HELP = {
        "name": _("What the sign-in page calls it."),
        "issuer": _(
            "ldaps://ldap.example.com, or ldap://ldap.example.com, which is encrypted by StartTLS. "
            "The server asks there."
        ),
        "client_id": _("Its DN, such as cn=kefu,dc=example,dc=com. Empty: nobody (anonymous)."),
        "claim": _("Such as memberOf; its values are DNs then. Empty: not looked at."),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person_filter"].initial = "(&(objectClass=person)(uid={login}))"

    def clean_person_filter(self) -> str:
        text = self.cleaned_data["person_filter"].strip()
        directory.check_filter(text)
        return text

    def clean_authorities(self) -> str | None:
        text = (self.cleaned_data["authorities"] or "").strip()
        directory.check_authorities(text)
        return text or None

    def clean(self):
        cleaned = super().clean()
        if "issuer" in cleaned:
            cleaned["issuer"] = cleaned["issuer"].strip()
            try:
                directory.check_server(cleaned["issuer"], cleaned.get("is_plain", False))
            except ValidationError as error:
                self.add_error("issuer", error)
        return cleaned


FORMS = {form.kind: form for form in (OidcForm, DirectoryForm)}
