"""Settings of the whole admin site: title, sign-in form, and the models that it hides."""

from django.contrib import admin
from django.contrib.auth.models import Group
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts.forms import AdminLoginForm

admin.site.site_header = admin.site.site_title = "Kefu"
admin.site.index_title = _("Administration")
# Ours, by task, takes its place (navigation.py).
admin.site.enable_nav_sidebar = False
admin.site.login_form = AdminLoginForm
# Our own page changes passwords: the admin's does not count wrong ones.
admin.site.password_change = lambda request, extra_context=None: redirect("password-change")
admin.site.unregister(Group)
