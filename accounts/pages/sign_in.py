"""Signing in by password, passwords, and a member's own profile."""

from dataclasses import replace
from urllib.parse import urlencode

from axes.helpers import get_cool_off
from axes.utils import reset
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import check_for_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views import i18n
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import audit, avatars, checklist, directory, factors, mails, rights
from accounts.backends import BACKEND
from accounts.forms.members import (
    AdminLoginForm,
    ForgottenForm,
    LoginForm,
    OwnPasswordChangeForm,
    OwnPasswordSetForm,
    ProfileForm,
)
from accounts.models import Enterprise, Member
from accounts.passwords import attempts
from accounts.requests import wants_json
from accounts.sign_ins import sessions

from . import ways_in

SIGN_IN_NOW = gettext_lazy("Your password is set. Sign in with it now.")


def front_page(member) -> str:
    """The address of the page where a member starts: the workspace, the reports for an analyst, or
    the admin for a superuser without an enterprise, and for a manager until the enterprise is set
    up."""
    if member.is_manager and not checklist.is_done(member.enterprise):
        return resolve_url("admin:index")
    if member.may(rights.WORKSPACE):
        return resolve_url(settings.LOGIN_REDIRECT_URL)
    return resolve_url("reports" if member.may(rights.REPORTS) else "admin:index")


class Login(auth.LoginView):
    """The sign-in page. JSON is for the workspace, which signs in again without a new page.

    It offers the providers of the installation's only enterprise. Of several, the time that a
    directory takes would tell strangers who has one: their members have pages of their own."""

    authentication_form = LoginForm
    template_name = "accounts/login.html"

    def dispatch(self, request, *args, **kwargs):
        self.redirect_authenticated_user = self.is_of_no_use(request)
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def enterprise(self) -> Enterprise | None:
        """Whose members the page is for, if it is for those of one enterprise."""
        return ways_in.only_enterprise()

    def get_initial(self):
        """A link may name the account, never the password."""
        longest = Member._meta.get_field("name").max_length
        account = self.request.GET.get("account", "")[:longest]
        return {**super().get_initial(), "username": account}

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        if form.initial["username"]:
            form.fields["username"].widget.attrs.pop("autofocus", None)
            form.fields["password"].widget.attrs["autofocus"] = True
        return form

    def get_form_kwargs(self):
        posted = self.request.method == "POST"
        asked = directory.of_enterprise(self.enterprise) if posted else None
        return {**super().get_form_kwargs(), "asked": asked}

    def get_context_data(self, **kwargs):
        return super().get_context_data(enterprise=self.enterprise, **kwargs)

    def is_of_no_use(self, request) -> bool:
        """Whether who is signed in is led on. The workspace may ask again after another window has
        signed in."""
        return not wants_json(request)

    def get_redirect_url(self):
        """Not this page itself: Django refuses to lead whoever is signed in there, by an error."""
        wanted = super().get_redirect_url()
        return "" if wanted.partition("?")[0] == self.request.path else wanted

    def get_default_redirect_url(self):
        return self.default_page(self.request.user)

    def default_page(self, member) -> str:
        return front_page(member)

    def form_valid(self, form):
        member, account = form.get_user(), form.cleaned_data["username"]
        if member.came_by and not Member.objects.filter(name=account).exists():
            # Tries are counted by what was typed, which is not the account here. They may not end
            # for somebody else who is called so here.
            reset(username=account, ip=self.request.axes_ip_address)
        if member.came_by:
            self.request.session[attempts.TYPED] = account
        if factors.has_any(member):
            return self.ask_second_factor(member)
        response = super().form_valid(form)
        if member.came_by:
            sessions.let_in_by(self.request, member.came_by, "")
        return JsonResponse({"ok": True}) if wants_json(self.request) else response

    def ask_second_factor(self, member):
        """Nobody is signed in yet: leads to the second step, and from there to where the member
        wanted to go."""
        factors.pending.begin(self.request, member, member.came_by)
        page = reverse("second-step")
        if wants_json(self.request):
            passkey = factors.passkeys.ask(self.request, member)
            return JsonResponse({"ok": False, "second_step": page, "passkey": passkey})
        wanted = self.get_redirect_url() or self.default_page(member)
        return redirect(f"{page}?{urlencode({'next': wanted})}")

    def form_invalid(self, form):
        if not wants_json(self.request):
            return super().form_invalid(form)
        detail = " ".join(message for errors in form.errors.values() for message in errors)
        return JsonResponse({"error": "bad_field", "detail": detail}, status=400)


class AdminLogin(Login):
    """The sign-in page of the administration, instead of Django's, which knows no second step."""

    authentication_form = AdminLoginForm
    template_name = "admin/login.html"

    def is_of_no_use(self, request) -> bool:
        return request.method == "GET" and getattr(request.user, "is_staff", False)

    def default_page(self, member) -> str:
        return reverse("admin:index")


def locked_out(request, *args, **kwargs):
    """The answer of django-axes after too many wrong passwords for an account, from a network or,
    with `request.locked_for`, from everywhere."""
    seconds = getattr(request, "locked_for", 0)
    if seconds:
        detail = _(
            "Too many wrong passwords for this account. Use a browser in which you have signed in "
            "to it before, or try again in %(minutes)d minutes."
        )
    else:
        seconds = int(get_cool_off(request).total_seconds())
        detail = _("Too many wrong passwords. Try again in %(minutes)d minutes.")
    detail %= {"minutes": -(-seconds // 60)}
    if wants_json(request):
        facts = {"error": "rate_limited", "detail": detail, "retry_after": seconds}
        response = JsonResponse(facts, status=429)
    else:
        response = render(request, "accounts/locked.html", {"detail": detail}, status=429)
    response["Retry-After"] = str(seconds)
    return response


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request):
    form = ProfileForm(request.POST or None, request.FILES or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        with audit.during(request):
            form.save()
        messages.success(request, _("Your profile is saved."))
        return redirect("profile")
    return render(request, "accounts/profile.html", {"form": form})


@require_safe
def avatar(request, name: str):
    """The picture of a member, or of an enterprise. It is public, because visitors see both."""
    content = avatars.read(name)
    if content is None:
        raise Http404
    return HttpResponse(
        content,
        content_type=avatars.TYPES[name.rpartition(".")[2]],
        headers={
            "Cache-Control": "public, max-age=31536000, immutable",
            "X-Content-Type-Options": "nosniff",
            # The widget paints faces on the enterprise's sites.
            "Access-Control-Allow-Origin": "*",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


@method_decorator(never_cache, name="dispatch")
class PasswordChange(auth.RedirectURLMixin, auth.PasswordChangeView):
    """Changes the password: because the member wants to, or because middleware.py requires it. In
    that case the member goes on to the page that they wanted."""

    form_class = OwnPasswordChangeForm
    template_name = "accounts/password_change.html"

    def get_default_redirect_url(self):
        return self.after

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "request": self.request}

    def form_valid(self, form):
        if "old_password" in form.fields:
            # A successful sign-in resets the count of failures, too.
            reset(username=self.request.user.name, ip=self.request.axes_ip_address)
        forced = self.request.user.must_change_password
        self.after = front_page(self.request.user) if forced else resolve_url("profile")
        messages.success(self.request, _("Your password is changed."))
        with audit.during(self.request):
            response = super().form_valid(form)
        attempts.know(self.request, form.user, form.user.name)
        return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def password_forgotten(request):
    """Sends a link. The answer is the same for addresses that no member has."""
    form = ForgottenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        mails.send_reset_links(form.cleaned_data["email"], request)
        return render(request, "accounts/password_sent.html")
    return render(request, "accounts/password_forgotten.html", {"form": form})


class PasswordSet(auth.PasswordResetConfirmView):
    """The page behind the link of a mail: an invitation, or a forgotten password. It signs the
    member in, who could do so with the new password anyway, but for those with a second factor."""

    form_class = OwnPasswordSetForm
    template_name = "accounts/password_set.html"
    post_reset_login_backend = BACKEND

    def get_success_url(self):
        return front_page(self.user) if self.post_reset_login else reverse("agent-login")

    def get_user(self, uidb64):
        member = super().get_user(uidb64)
        return member if member and member.is_active else None

    def form_valid(self, form):
        self.post_reset_login = not factors.has_any(self.user)
        origin = audit.of_request(self.request)
        with audit.recording(replace(origin, actor=self.user.uuid, name=self.user.name)):
            response = super().form_valid(form)
        if not self.post_reset_login and self.request.user.is_authenticated:
            # The new password has ended this session, unless it is another member's.
            logout(self.request)
        # The member has probably failed to sign in a few times before.
        reset(username=self.user.name)
        attempts.know(self.request, self.user, self.user.name)
        done = _("Your password is set.") if self.post_reset_login else SIGN_IN_NOW
        messages.success(self.request, done)
        return response


def set_language(request):
    """Django's view, which sets a cookie. A language in the member's profile would override the
    cookie, so it is changed as well."""
    response = i18n.set_language(request)
    member, language = request.user, request.POST.get("language", "")
    known = language in dict(settings.LANGUAGES) and check_for_language(language)
    if known and member.is_authenticated and member.language not in ("", language):
        member.language = language
        member.save(update_fields=["language"])
    return response
