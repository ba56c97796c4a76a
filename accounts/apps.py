from axes import apps as axes
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and teams")

    def ready(self):
        from . import audit
        from .passwords import attempts
        from .sign_ins import sessions

        audit.listen()
        attempts.listen()
        sessions.listen()


class GuessingConfig(axes.AppConfig):
    """django-axes under a heading that says what it is for (see words.py)."""

    default = False
    verbose_name = _("Sign-in attempts")
