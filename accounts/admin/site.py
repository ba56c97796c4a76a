"""Settings of the whole admin site: title, sign-in form, and the models that it hides."""

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.auth.models import Group
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.pages.sign_in import AdminLogin

from .base import Recorded

admin.site.site_header = admin.site.site_title = "Kefu"
admin.site.index_title = _("Administration")
# Ours, by task, takes its place (navigation.py).
admin.site.enable_nav_sidebar = False
admin.site.login = AdminLogin.as_view()
# Our own page changes passwords: the admin's does not count wrong ones.
admin.site.password_change = lambda request, extra_context=None: redirect("password-change")
admin.site.unregister(Group)


class Attempts(Recorded):
    """A mixin for the pages of django-axes: whoever deletes a record of a sign-in unlocks an
    account, or hides a trace."""

    def log_deletions(self, request, queryset):
        for row in queryset:
            about = {"kind": row._meta.model_name, "object_id": str(row.pk)}
            audit.note(audit.Action.DELETED, audit.INSTALLATION, **about)
        return super().log_deletions(request, queryset)


for model in (AccessAttempt, AccessFailureLog, AccessLog):
    theirs = type(admin.site.get_model_admin(model))
    admin.site.unregister(model)
    admin.site.register(model, type(theirs.__name__, (Attempts, theirs), {}))
