"""Settings of the whole admin site: title, sign-in form, and the models that it hides."""

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.auth.models import Group
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.pages.sign_in import AdminLogin
from accounts.sign_ins.user_agents import parse_user_agent

from . import cells, navigation
from .base import Recorded

admin.site.site_header = admin.site.site_title = "Kefu"
admin.site.index_title = _("Administration")
# Ours, by task, takes its place (navigation.py).
admin.site.enable_nav_sidebar = False
admin.site.login = AdminLogin.as_view()
# Our own page changes passwords: the admin's does not count wrong ones.
admin.site.password_change = lambda request, extra_context=None: redirect("password-change")
admin.site.unregister(Group)


TABS = (_("Wrong passwords"), _("Refused sign-ins"), _("Sign-ins"))
"""What the lists of sign-ins are called."""


class Attempts(Recorded):
    """A mixin for the pages of django-axes: whoever deletes a record of a sign-in unlocks an
    account, or hides a trace. They are the tabs of one list."""

    purpose = _("Wrong passwords, accounts that are locked, and who signed in.")
    search_help_text = _("Account, address")
    list_filter = []
    date_hierarchy = None
    actions = []
    show_full_result_count = False
    list_per_page = 50

    def get_list_display(self, request):
        tried = ["failures_since_start"] if self.model is AccessAttempt else []
        return ["account", "ip_address", *tried, "attempt_time"]

    def title_of(self, row):
        return f"{row.username} · {cells.minute_of(row.attempt_time)}"

    @admin.display(description=_("account"), ordering="username")
    def account(self, row):
        return row.username

    def second_line(self, row):
        return " · ".join(filter(None, parse_user_agent(row.user_agent)))

    def changelist_view(self, request, extra_context=None):
        tabs = [
            navigation.entry_of(request, model, label=label)
            for model, label in zip(navigation.SIGN_INS, TABS, strict=True)
        ]
        context = {"title": _("Sign-ins"), "tabs": tabs, **(extra_context or {})}
        return super().changelist_view(request, context)

    def log_deletions(self, request, queryset):
        for row in queryset:
            about = {"kind": row._meta.model_name, "object_id": str(row.pk)}
            audit.note(audit.Action.DELETED, audit.INSTALLATION, **about)
        return super().log_deletions(request, queryset)


for model in (AccessAttempt, AccessFailureLog, AccessLog):
    theirs = type(admin.site.get_model_admin(model))
    admin.site.unregister(model)
    admin.site.register(model, type(theirs.__name__, (Attempts, theirs), {}))
