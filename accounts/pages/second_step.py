"""The second step of a sign-in, the page on which members prove who they are once more, and
signing in by a passkey alone."""

import json

from axes.helpers import get_client_ip_address
from axes.utils import reset
from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate, login
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import RedirectURLMixin
from django.http import HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django.views.generic import FormView

from accounts import directory, factors
from accounts.backends import BACKEND
from accounts.factors.verification import LONGEST_CODE
from accounts.forms.members import authenticated
from accounts.models import Provider
from accounts.requests import own_address, wants_json
from accounts.sign_ins import sessions

from .sign_in import front_page

NOT_ALONE = gettext_lazy(
    "Sign in with your organisation's account. Your passkey is then good as the second step and to "
    "confirm that it is you."
)
WRONG_PASSKEY = gettext_lazy("This passkey was not accepted. Try again, or choose another way.")


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
    """The password of a member who has no second factor, here or in their directory. Each try
    counts."""

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
        asked = directory.of_enterprise(self.member.enterprise)
        found = authenticated(self.request, self.member.name, password, asked)
        if found != self.member:
            raise forms.ValidationError(_("Wrong password."))
        return password


class ByFactor(RedirectURLMixin, FormView):
    """A page that takes a code, or what a passkey has signed. Views say who `member` is, and what
    follows in `passed`."""

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "request": self.request, "member": self.member}

    def get_context_data(self, **kwargs):
        passkey = factors.passkeys.ask(self.request, self.member)
        return super().get_context_data(
            next=self.get_redirect_url(), passkey=passkey and json.dumps(passkey), **kwargs
        )

    def get_default_redirect_url(self):
        return front_page(self.member)

    def post(self, request, *args, **kwargs):
        if "credential" not in request.POST:
            return super().post(request, *args, **kwargs)
        if factors.passkeys.accept(request, request.POST["credential"], self.member):
            return self.passed(True)
        form = self.get_form_class()(request=request, member=self.member)
        return self.refused(form, WRONG_PASSKEY)

    def form_valid(self, form):
        return self.passed("code" in form.cleaned_data)

    def form_invalid(self, form):
        return self.refused(form, " ".join(form.errors.get("code", [""])))

    def passed(self, by_factor: bool):
        if by_factor:
            self.request.session[factors.fresh.PASSED] = True
        if wants_json(self.request):
            return JsonResponse({"ok": True})
        return HttpResponseRedirect(self.get_success_url())

    def refused(self, form, detail: str):
        if wants_json(self.request):
            return JsonResponse({"error": "bad_field", "detail": str(detail)}, status=400)
        wrong = detail if not form.is_bound else ""
        return self.render_to_response(self.get_context_data(form=form, wrong_passkey=wrong))


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class SecondStep(ByFactor):
    """Asks who has given a right password for a second factor. JSON is for the workspace."""

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

    def passed(self, by_factor: bool):
        provider = factors.pending.provider_of(self.request)
        factors.pending.end(self.request)
        login(self.request, self.member, backend=BACKEND)
        if provider:
            sessions.let_in_by(self.request, provider, "")
        return super().passed(by_factor)


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class Confirm(LoginRequiredMixin, ByFactor):
    """Asks a member for the second factor, or for the password where there is none."""

    template_name = "accounts/confirm.html"

    @property
    def member(self):
        return self.request.user

    def get_context_data(self, **kwargs):
        provider = sessions.provider_of(self.request)
        asks_anew = provider is not None and provider.kind == Provider.Kind.OIDC
        return super().get_context_data(provider=provider if asks_anew else None, **kwargs)

    def get_form_class(self):
        return CodeForm if factors.has_any(self.member) else PasswordForm

    def passed(self, by_factor: bool):
        # A successful sign-in resets the count of failures, too.
        reset(username=self.member.name, ip=get_client_ip_address(self.request))
        factors.fresh.mark(self.request)
        return super().passed(by_factor)


@sensitive_post_parameters()
@never_cache
@require_POST
def passkey_login(request):
    """Signs in by a passkey alone, which has asked for a finger, a face or a PIN. Without what it
    signed, the answer is what it has to sign."""
    if "credential" not in request.POST:
        return JsonResponse(factors.passkeys.ask(request))
    member = factors.passkeys.accept(request, request.POST["credential"])
    if member is None or not member.is_active:
        messages.error(request, WRONG_PASSKEY)
        return redirect("agent-login")
    if not member.has_usable_password():
        # Whom the provider does not let in any more would come in by the passkey all the same, even
        # where nobody is linked with it now.
        messages.error(request, NOT_ALONE)
        return redirect("agent-login")
    factors.pending.end(request)
    login(request, member, backend=BACKEND)
    request.session[factors.fresh.PASSED] = True
    wanted = own_address(request, request.POST.get("next", ""))
    return HttpResponseRedirect(wanted or front_page(member))
