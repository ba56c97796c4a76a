"""The forms of providers, one for each kind."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import directory, encryption, rights, single_sign_on
from accounts.forms import secrets
from accounts.models import Member, Provider


class ProviderForm(forms.ModelForm):
    """What all kinds have. A subclass says its `kind`, and which fields stand under `AT_PROVIDER`,
    and by which field roles are given; `LABELS` and `HELP` are its own words for them."""

    kind = ""
    AT_PROVIDER: tuple[str, ...] = ()
    BY: tuple[str, ...] = ("claim",)
    LABELS: dict[str, str] = {}
    HELP: dict[str, str] = {}
    filled_in_by: Member | None = None

    secret = forms.CharField(
        label=_("client secret"),
        required=False,
        max_length=300,
        strip=True,
        widget=secrets.SecretInput(),
        help_text=_("It is stored encrypted and never shown. Empty: stays as it is."),
    )
    default_role = forms.TypedChoiceField(
        label=Provider._meta.get_field("default_role").verbose_name,
        coerce=int,
        choices=[one for one in Member.Role.choices if one[0] not in rights.PROGRAMS],
        initial=Member.Role.AGENT,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.filled_in_by:
            secrets.filled_in_by(self.filled_in_by, self)
        if not self.instance.sealed:
            self.fields["secret"].help_text = _("It is stored encrypted and never shown.")
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
            self.instance.sealed = encryption.seal(secret)
            self.changed_columns.append("sealed")


class OidcForm(ProviderForm):
    kind = Provider.Kind.OIDC
    AT_PROVIDER = ("issuer", "client_id", "secret")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("issuer", "client_id"):
            self.fields[name].required = True

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
        self.fields["issuer"].required = True
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


class VendorForm(ProviderForm):
    """Departments alone decide roles, if anything does."""

    BY = ()
    HELP = {
        "roles": _(
            "A line for each department: id: role, or id: role, team, team. Roles are manager, "
            "agent, supervisor and analyst; teams are named by their address. The first line that "
            "fits decides; whoever fits none may not sign in. Empty: everybody gets the role below."
        ),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("client_id", "organisation"):
            if name in self.fields:
                self.fields[name].required = True
        self.fields["secret"].required = not self.instance.sealed
        self.fields["default_role"].label = _("role without such lines")

    def clean(self):
        self.cleaned_data["claim"] = "department" if self.cleaned_data.get("roles") else ""
        return super().clean()

    def _post_clean(self):
        super()._post_clean()
        self.instance.claim = self.cleaned_data.get("claim", "")
        self.changed_columns.append("claim")


class WecomForm(VendorForm):
    kind = Provider.Kind.WECOM
    AT_PROVIDER = ("organisation", "client_id", "secret")
    LABELS = {"organisation": _("CorpID"), "client_id": _("AgentId"), "secret": _("Secret")}


class DingtalkForm(VendorForm):
    kind = Provider.Kind.DINGTALK
    AT_PROVIDER = ("organisation", "client_id", "secret")
    LABELS = {
        "organisation": _("CorpId"),
        "client_id": _("Client ID (AppKey)"),
        "secret": _("Client Secret (AppSecret)"),
    }


class FeishuForm(VendorForm):
    kind = Provider.Kind.FEISHU
    AT_PROVIDER = ("issuer", "client_id", "secret")
    LABELS = {"client_id": _("App ID"), "secret": _("App Secret")}

    issuer = forms.ChoiceField(
        label=_("service"), choices=[("feishu.cn", _("Feishu")), ("larksuite.com", _("Lark"))]
    )


FORMS = {form.kind: form for form in (OidcForm, DirectoryForm, WecomForm, DingtalkForm, FeishuForm)}
