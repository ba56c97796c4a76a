"""The addresses below /agent/ for signing in and out, passwords and the profile."""

from django.contrib.auth.views import LogoutView
from django.urls import path, re_path
from django.views.generic import TemplateView

from .pages import provider, second_step, security, sign_in

DONE = "accounts/login_done.html"
"""What the window shows in which somebody has signed in again for another one."""

urlpatterns = [
    path("login/", sign_in.Login.as_view(), name="agent-login"),
    path("login/second/", second_step.SecondStep.as_view(), name="second-step"),
    path("login/passkey/", second_step.passkey_login, name="passkey-login"),
    path("login/done/", TemplateView.as_view(template_name=DONE), name="login-done"),
    path("sso/<slug:ent_id>/", provider.EnterpriseLogin.as_view(), name="sso"),
    path("sso/<slug:ent_id>/back/", provider.back, name="sso-back"),
    path("sso/<slug:ent_id>/logout/", provider.logout, name="sso-logout"),
    path("sso/<slug:ent_id>/<slug:kind>/", provider.begin, name="sso-begin"),
    path("sso/<slug:ent_id>/<slug:kind>/back/", provider.back, name="sso-kind-back"),
    path("confirm/", second_step.Confirm.as_view(), name="confirm"),
    path("logout/", LogoutView.as_view(), name="agent-logout"),
    path("profile/", sign_in.profile, name="profile"),
    path("security/", security.page, name="security"),
    path("security/app/", security.app, name="security-app"),
    path("security/codes/", security.codes, name="security-codes"),
    path("security/passkeys/", security.passkeys, name="security-passkeys"),
    path("security/off/", security.off, name="security-off"),
    path("security/sessions/", security.sessions_end, name="security-sessions"),
    re_path(r"^avatar/(?P<name>[0-9a-f]{32}\.(?:png|webp))$", sign_in.avatar, name="avatar"),
    path("password/", sign_in.PasswordChange.as_view(), name="password-change"),
    path("password/forgotten/", sign_in.password_forgotten, name="password-forgotten"),
    path("password/set/<uidb64>/<token>/", sign_in.PasswordSet.as_view(), name="password-set"),
]
