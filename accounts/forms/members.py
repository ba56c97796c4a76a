"""The forms of members: sign-in, passwords, profile. The admin's forms are in admin/forms.py."""

from django import forms
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import avatars, factors, single_sign_on
from accounts.backends import BACKEND
from accounts.models import Member, Provider

CLOSED = _(
    "Your enterprise is closed, so its members cannot sign in. Ask the operator of this site to "
    "open it again."
)


AWAY = _(
    "%(name)s does not answer, so only accounts with a password of their own can sign in now. Try "
    "again later."
)


def authenticated(request, account: str, password: str, asked: Provider | None) -> Member | None:
    """Who has this account and password, here or in the directory `asked`; then `came_by` is that
    directory. Each wrong try counts. Raises ValidationError with what else there is to say."""
    try:
        found = authenticate(request, username=account, password=password, asked=asked)
    except single_sign_on.Refused as refused:
        raise ValidationError(str(refused)) from refused
    if found is not None:
        found.came_by = getattr(found, "came_by", None)
        found.backend = BACKEND
    elif getattr(request, "directory_is_away", False):
        raise ValidationError(AWAY % {"name": asked.name})
    return found


class AccountLogin:
    """Reads the account in lower case: otherwise ALICE and ALICe would each have ten tries. Asks
    the directory `asked`, too, if there is one."""

    def __init__(self, *args, asked: Provider | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.asked = asked

    error_messages = {
        "invalid_login": _("Wrong account or password."),
        # A disabled account is never authenticated, one of a closed enterprise is (backends.py).
        "inactive": CLOSED,
    }

    def clean_username(self) -> str:
        name = self.cleaned_data["username"].strip().lower()
        if len(name) > self.username_field.max_length:
            # No account is so long, nor is the column of django-axes that counts failures.
            raise self.get_invalid_login_error()
        return name

    def clean(self):
        """As Django's, which asks no directory."""
        account, password = (self.cleaned_data.get(name) for name in ("username", "password"))
        if account is not None and password:
            self.user_cache = authenticated(self.request, account, password, self.asked)
            if self.user_cache is None:
                raise self.get_invalid_login_error()
            self.confirm_login_allowed(self.user_cache)
        return self.cleaned_data


class LoginForm(AccountLogin, AuthenticationForm):
    pass


class AdminLoginForm(AccountLogin, AdminAuthenticationForm):
    error_messages = {**AdminAuthenticationForm.error_messages, "inactive": CLOSED}


class OwnPassword:
    """Sets a password that the member chose themselves, so it need not be changed any more."""

    user: Member
    cleaned_data: dict

    def save(self, commit=True) -> Member:
        self.user.set_password(self.cleaned_data["new_password1"])
        self.user.must_change_password = False
        if commit:
            self.user.save(update_fields=["password", "must_change_password"])
        return self.user


class OwnPasswordSetForm(OwnPassword, SetPasswordForm):
    pass


class OwnPasswordChangeForm(OwnPassword, PasswordChangeForm):
    """Asks for the old password, but not whoever has just signed in with one that must be
    changed."""

    def __init__(self, *args, request, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request
        if self.user.must_change_password and factors.fresh.is_fresh(request):
            del self.fields["old_password"]
            self.fields["new_password1"].widget.attrs["autofocus"] = True

    def clean_old_password(self) -> str:
        """Authenticates as a sign-in does, so that django-axes counts failures and locks."""
        password = self.cleaned_data["old_password"]
        found = authenticate(self.request, username=self.user.name, password=password)
        if found != self.user:
            code = "password_incorrect"
            raise ValidationError(self.error_messages[code], code=code)
        return password

    def clean(self):
        cleaned = super().clean()
        new = cleaned.get("new_password1")
        if new and self.is_old(new):
            self.add_error("new_password1", _("The new password must differ from the old one."))
        return cleaned

    def is_old(self, new: str) -> bool:
        """Compares with the old password that was typed: checked against the stored one, a new
        password would be a try that nobody counts."""
        if "old_password" in self.fields:
            return new == self.cleaned_data.get("old_password")
        return self.user.check_password(new)


class ForgottenForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=125,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("The address in your profile, set by a manager of your enterprise."),
    )


class PictureForm(forms.ModelForm):
    """Uploads or removes the avatar of a member."""

    picture = forms.FileField(
        label=_("Picture"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/gif,image/webp"}),
        help_text=_("PNG, JPEG, GIF or WebP, up to 2 MB. Visitors see it."),
    )
    without_picture = forms.BooleanField(label=_("Remove the picture"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance.avator:
            self.fields.pop("without_picture", None)

    def clean(self):
        cleaned = super().clean()
        self.avatar = self.instance.avator
        if cleaned.get("without_picture"):
            self.avatar = ""
        if cleaned.get("picture") and not self.errors:
            try:
                self.avatar = avatars.store(cleaned["picture"], self.instance.uuid)
            except ValidationError as error:
                self.add_error("picture", error)
        return cleaned

    def _post_clean(self):
        super()._post_clean()
        self.changed_columns = [name for name in self.changed_data if name in self._meta.fields]
        if not self.errors and self.avatar != self.instance.avator:
            self.instance.avator = self.avatar
            self.changed_columns.append("avator")


class ProfileForm(PictureForm):
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("Same as the browser")), *settings.LANGUAGES],
    )

    class Meta:
        model = Member
        fields = ["nickname", "language", "opens_next", "takes_routed"]

    field_order = [
        *("nickname", "picture", "without_picture", "language"),
        *("opens_next", "takes_routed"),
    ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance.is_manager:
            # Agents always take them.
            del self.fields["takes_routed"]
        if self.instance.enterprise_id is None:
            del self.fields["opens_next"]

    def save(self, commit=True) -> Member:
        """Saves only the columns that changed."""
        if commit and self.changed_columns:
            self.instance.save(update_fields=[*self.changed_columns, "updated_at"])
        return self.instance
