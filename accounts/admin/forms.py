"""The forms of the admin. They keep members, teams and places in one enterprise."""

from django import forms
from django.conf import settings
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import rights
from accounts.forms.members import PictureForm
from accounts.forms.zones import ZoneField, default_zone
from accounts.models import Enterprise, Member, Topic
from accounts.models.enterprise import normalise_origin
from accounts.models.member import account_validator
from accounts.passwords.strength import weaknesses

from .brand import BrandForm


def unused_account(name: str) -> str:
    """Returns the account in lower case, as it is stored. Raises ValidationError if it is in
    use."""
    name = name.lower()
    if Member.objects.filter(name=name).exists():
        raise ValidationError(_("This account is taken."))
    return name


class EnterpriseForm(BrandForm):
    zone = ZoneField(
        label=capfirst(Enterprise._meta.get_field("zone").verbose_name),
        initial=default_zone,
        help_text=Enterprise._meta.get_field("zone").help_text,
    )

    second_factor_roles = forms.TypedMultipleChoiceField(
        label=Enterprise._meta.get_field("second_factor_roles").verbose_name,
        required=False,
        coerce=int,
        choices=[one for one in Member.Role.choices if one[0] not in rights.PROGRAMS],
        widget=forms.CheckboxSelectMultiple,
        help_text=Enterprise._meta.get_field("second_factor_roles").help_text,
    )

    class Meta:
        widgets = {
            "consent": forms.Textarea(attrs={"rows": 3, "maxlength": 1000}),
            "sites": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # A declared field is there whatever the page asks for.
        for name in set(self.fields) - set(self._meta.fields):
            del self.fields[name]

    def clean_sites(self) -> str:
        return "\n".join(map(normalise_origin, self.cleaned_data["sites"].split()))


class EnterpriseAddForm(EnterpriseForm):
    """Creates an enterprise together with its first manager."""

    first_language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        initial=get_language,
        help_text=_(
            "Used for the first team's name and for the first manager's pages and e-mails."
        ),
    )
    manager_account = forms.CharField(
        label=_("Manager's account"),
        max_length=125,
        validators=[account_validator],
        help_text=_("The name that the first manager signs in with."),
    )
    manager_email = forms.EmailField(
        label=_("Manager's e-mail"),
        max_length=125,
        required=False,
        help_text=_(
            "An invitation e-mail is sent to this address. If it is empty, a password is"
            " shown to you once."
        ),
    )

    def clean_manager_account(self) -> str:
        return unused_account(self.cleaned_data["manager_account"])


class MemberForm(PictureForm):
    """A member's page. Languages and topics are lists of short texts in the row; a topic that was
    renamed since is offered as it is stored."""

    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        required=False,
        choices=settings.LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Visitors who read one of these come first to this member."),
    )
    topics = forms.MultipleChoiceField(
        label=_("Topics"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Visitors who chose one of these come first to this member."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "topics" in self.fields:
            offered = Topic.objects.filter(team__enterprise=self.instance.enterprise)
            labels = dict.fromkeys([*offered.values_list("label", flat=True)])
            known = [*labels, *(one for one in self.instance.topics or () if one not in labels)]
            self.fields["topics"].choices = [(label, label) for label in known]
            if not known:
                self.fields["topics"].help_text = _("None yet. Topics are added at a team.")

    def clean(self):
        cleaned = super().clean()
        enterprise = cleaned.get("enterprise") or self.instance.enterprise
        superuser = cleaned.get("is_superuser", self.instance.is_superuser)
        if not enterprise and not superuser and "enterprise" not in self.errors:
            raise ValidationError(_("A member needs an enterprise; only superusers have none."))
        return cleaned


class MemberAddForm(MemberForm):
    first_password = forms.CharField(
        label=_("First password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "The member must change it at the first sign-in. If it is empty, an invitation e-mail "
            "is sent; if the member has no e-mail address, a random password is shown to you "
            "once."
        ),
    )

    def clean_name(self) -> str:
        return unused_account(self.cleaned_data["name"])

    def _post_clean(self):
        """Checks the password here, when the instance has the names that it must not resemble."""
        super()._post_clean()
        password = self.cleaned_data.get("first_password")
        for problem in weaknesses(password, self.instance) if password else []:
            self.add_error("first_password", problem)


class MemberPasswordForm(SetPasswordForm):
    """Sets a password for another member, who must change it because two people know it."""

    def save(self, commit=True) -> Member:
        self.user.set_password(self.cleaned_data["new_password1"])
        self.user.must_change_password = True
        self.user.save(update_fields=["password", "must_change_password"])
        return self.user


class PlaceForm(forms.ModelForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("team", "member"):
            if self.instance.pk and name in self.fields:
                # A place is removed and added, never edited: both are events in conversations.
                field = self.fields[name]
                chosen = getattr(self.instance, f"{name}_id")
                field.queryset = field.queryset.model._default_manager.filter(pk=chosen)
                field.choices = [(chosen, str(getattr(self.instance, name)))]
                field.disabled = True

    def has_changed(self) -> bool:
        """A preselected team counts as chosen although it is unchanged; an emptied row does not."""
        if not self.instance.pk and self.initial.get("team"):
            return bool(self.data.get(self.add_prefix("team")))
        return super().has_changed()


class PlaceFormSet(forms.BaseInlineFormSet):
    """Refuses places in teams of another enterprise, for superusers as well."""

    def clean(self):
        super().clean()
        for form in self.forms:
            if self._should_delete_form(form) or not (form.instance.pk or form.has_changed()):
                continue
            if form.is_gone:
                continue
            if form.is_valid():
                self.check_role(form)
            if not form.has_changed():
                continue
            other = form.cleaned_data.get("team") or form.cleaned_data.get("member")
            if isinstance(other, type(self.instance)):
                other = form.cleaned_data.get("member")
            if other and other.enterprise_id != self.instance.enterprise_id:
                message = _("The member and the team belong to different enterprises.")
                form.add_error(None, message)

    def check_role(self, form) -> None:
        try:
            form.instance.check_role()
        except ValidationError as error:
            form.add_error(None, error)
