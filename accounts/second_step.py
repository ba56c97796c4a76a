"""The second step of a sign-in, and the page on which members prove who they are once more."""

from axes.utils import reset
from django import forms
from django.contrib.auth import authenticate, login
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import RedirectURLMixin
from django.http import JsonResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from . import factors
from .factors.using import LONGEST_CODE
from .requests import wants_json
from .views import front_page

BACKEND = "accounts.backends.MemberBackend"
"""Which backend sessions belong to, whatever somebody signed in with."""


class CodeForm(forms.Form):
    """The code of an authenticator app, or a recovery code. Each try counts."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        # People type codes with spaces.
        max_length=LONGEST_CODE + 10,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "off",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
        help_text=gettext_lazy(
            "The six digits that your authenticator app shows now, or one of your recovery codes."
        ),
    )

    def __init__(self, *args, request, member, **kwargs):
        super().__init__(*args, **kwargs)
        self.request, self.member = request, member

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        if authenticate(self.request, username=self.member.name, code=code) is None:
            raise forms.ValidationError(
                _("This code is wrong, or was used before. Wait for the next one.")
            )
        return code


class PasswordForm(forms.Form):
    """The password of a member who has no second factor. Each try counts."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )

    def __init__(self, *args, request, member, **kwargs):
        super().__init__(*args, **kwargs)
        self.request, self.member = request, member

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        found = authenticate(self.request, username=self.member.name, password=password)
        if found != self.member:
            raise forms.ValidationError(_("Wrong password."))
        return password


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class SecondStep(RedirectURLMixin, FormView):
    """Asks who has given a right password for a code. JSON is for the workspace."""

    form_class = CodeForm
    template_name = "accounts/second_step.html"

    def dispatch(self, request, *args, **kwargs):
        self.member = factors.pending.member_of(request)
        if self.member is None:
            factors.pending.end(request)
            return self.begin_again()
        return super().dispatch(request, *args, **kwargs)

    def begin_again(self):
        if wants_json(self.request):
            detail = _("That took too long. Enter your password again.")
            return JsonResponse({"error": "bad_field", "detail": detail, "again": True}, status=400)
        return redirect("agent-login")

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "request": self.request, "member": self.member}

    def get_context_data(self, **kwargs):
        return super().get_context_data(next=self.get_redirect_url(), **kwargs)

    def get_default_redirect_url(self):
        return front_page(self.member)

    def form_valid(self, form):
        factors.pending.end(self.request)
        login(self.request, self.member, backend=BACKEND)
        self.request.session[factors.fresh.PASSED] = True
        if wants_json(self.request):
            return JsonResponse({"ok": True})
        return super().form_valid(form)

    def form_invalid(self, form):
        if wants_json(self.request):
            detail = " ".join(form.errors.get("code", [""]))
            return JsonResponse({"error": "bad_field", "detail": detail}, status=400)
        return super().form_invalid(form)


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class Confirm(LoginRequiredMixin, RedirectURLMixin, FormView):
    """Asks a member for the second factor, or for the password where there is none."""

    template_name = "accounts/confirm.html"

    def get_form_class(self):
        return CodeForm if factors.has_any(self.request.user) else PasswordForm

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "request": self.request, "member": self.request.user}

    def get_context_data(self, **kwargs):
        return super().get_context_data(next=self.get_redirect_url(), **kwargs)

    def get_default_redirect_url(self):
        return front_page(self.request.user)

    def form_valid(self, form):
        # A successful sign-in resets the count of failures, too.
        reset(username=self.request.user.name, ip=self.request.axes_ip_address)
        factors.fresh.mark(self.request)
        if "code" in form.cleaned_data:
            self.request.session[factors.fresh.PASSED] = True
        return super().form_valid(form)
