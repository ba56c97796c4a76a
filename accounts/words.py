"""Texts of other packages in the administration. django-axes has no Chinese translation, and some
of Django's is poor. Listed here, they are in our catalogue, which overrides theirs."""

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy

AXES = [
    *(_("access attempt"), _("access attempts"), _("Access Attempt"), _("Failed Logins")),
    *(_("access failure"), _("access failures"), _("Access lock out"), _("Locked Out")),
    *(_("access log"), _("access logs"), _("Attempt Time"), _("Logout Time"), _("Expires At")),
    *(_("User Agent"), _("IP Address"), _("Username"), _("HTTP Accept"), _("Path")),
    *(_("GET Data"), _("POST Data"), _("Form Data"), _("Meta Data"), _("Not set")),
    *(_("Session key hash (sha256)"), _("Clean up expired attempts"), _("Attempt Remaining")),
]
DJANGO = [
    *(_("Select %s"), _("Select %s to change"), _("Select %s to view")),
    *(_("Add %s"), _("Change %s"), _("View %s"), _("Add %(name)s"), _("Add")),
    *(_("Add another %(verbose_name)s"), _("Add another %(model)s")),
    *(_("Change selected %(model)s"), _("Delete selected %(model)s")),
    *(_("View selected %(model)s"), _("Delete selected %(verbose_name_plural)s")),
    *(_("Save and add another"), _("View on site"), _("Filter"), _(" By %(filter_title)s ")),
    *(_("Recent actions"), _("My actions"), _("None available"), _("%(app)s administration")),
    _("%(name)s with ID “%(key)s” doesn’t exist. Perhaps it was deleted?"),
    *(_("Action"), _("Action:"), _("No action selected."), _("Run the selected action")),
    *(_("Start typing to filter…"), _("Breadcrumbs"), _("Change history: %s"), _("Past 7 days")),
    _("Items must be selected in order to perform actions on them. No items have been changed."),
    _("The {name} “{obj}” was added successfully."),
    _("The {name} “{obj}” was added successfully. You may add another {name} below."),
    _("The {name} “{obj}” was changed successfully."),
    _("The {name} “{obj}” was changed successfully. You may edit it again below."),
    _("The {name} “{obj}” was changed successfully. You may add another {name} below."),
    _("You may edit it again below."),
    _("The %(name)s “%(obj)s” was deleted successfully."),
    _("Changed {fields} for {name} “{object}”."),
    _("Added {name} “{object}”."),
    _("Deleted {name} “{object}”."),
    ngettext_lazy("%(counter)s result", "%(counter)s results", "counter"),
    *(_("%(full_result_count)s total"), _("0 of %(cnt)s selected")),
    ngettext_lazy("%(total_count)s selected", "All %(total_count)s selected", "total_count"),
]
