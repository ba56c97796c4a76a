"""Words of django-axes that superusers read in the administration. It brings no Chinese; named
here, they are in our catalogue, which counts before a package's own."""

from django.utils.translation import gettext_noop as _

WORDS = [
    *(_("access attempt"), _("access attempts"), _("Access Attempt"), _("Failed Logins")),
    *(_("access failure"), _("access failures"), _("Access lock out"), _("Locked Out")),
    *(_("access log"), _("access logs"), _("Attempt Time"), _("Logout Time"), _("Expires At")),
    *(_("User Agent"), _("IP Address"), _("Username"), _("HTTP Accept"), _("Path")),
    *(_("GET Data"), _("POST Data"), _("Form Data"), _("Meta Data"), _("Not set")),
    *(_("Session key hash (sha256)"), _("Clean up expired attempts"), _("Attempt Remaining")),
]
