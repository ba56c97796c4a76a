"""The addresses below /agent/ for signing in and out, passwords and the profile."""

from django.contrib.auth.views import LogoutView
from django.urls import path, re_path
from django.views.generic import TemplateView

from .pages import provider as provider_pages
from .pages import second_step, security
from .pages import sign_in as views

DONE = "accounts/login_done.html"
"""What the window shows in which somebody has signed in again for another one."""

urlpatterns = [
    path("login/", views.Login.as_view(), name="agent-login"),
    path("login/second/", second_step.SecondStep.as_view(), name="second-step"),
    path("login/passkey/", second_step.passkey_login, name="passkey-login"),
    path("login/done/", TemplateView.as_view(template_name=DONE), name="login-done"),
    path("sso/<slug:ent_id>/", provider_pages.EnterpriseLogin.as_view(), name="sso"),
    path("sso/<slug:ent_id>/back/", provider_pages.back, name="sso-back"),
    path("sso/<slug:ent_id>/logout/", provider_pages.logout, name="sso-logout"),
    path("sso/<slug:ent_id>/<slug:kind>/", provider_pages.begin, name="sso-begin"),
    path("sso/<slug:ent_id>/<slug:kind>/back/", provider_pages.back, name="sso-kind-back"),
    path("confirm/", second_step.Confirm.as_view(), name="confirm"),
    path("logout/", LogoutView.as_view(), name="agent-logout"),
    path("profile/", views.profile, name="profile"),
    path("security/", security.page, name="security"),
    path("security/app/", security.app, name="security-app"),
    path("security/codes/", security.codes, name="security-codes"),
    path("security/passkeys/", security.passkeys, name="security-passkeys"),
    path("security/off/", security.off, name="security-off"),
    path("security/sessions/", security.sessions_end, name="security-sessions"),
    re_path(r"^avatar/(?P<name>[0-9a-f]{32}\.(?:png|webp))$", views.avatar, name="avatar"),
    path("password/", views.PasswordChange.as_view(), name="password-change"),
    path("password/forgotten/", views.password_forgotten, name="password-forgotten"),
    path("password/set/<uidb64>/<token>/", views.PasswordSet.as_view(), name="password-set"),
]
