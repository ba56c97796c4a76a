"""One form page for all models: its title, who may write there, what stands at its end."""

from typing import NamedTuple

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.sentences import Words

from . import cells
from .lists import Base

LONGEST = 120
"""Characters of the line below a page's title."""


class Danger(NamedTuple):
    """Something that destroys, at the end of a row's page: what it does, in a sentence, and the
    page that asks before. An `action` of the list is posted to `href`, with the row."""

    title: Words
    text: Words
    act: Words
    href: str
    action: str = ""
    destroys: bool = True


class OwnForms(Base):
    """A mixin for ModelAdmin: its forms look like those of the rest
    (templates/admin/change_form.html)."""

    adds: Words = ""
    """The title of the page that adds a row, and the button that leads there."""
    purpose: Words = ""
    """What the rows are for: shown above a new one, and where a list has none yet."""
    removes: Words = _("Delete")
    """What deleting a row is called on its page."""
    audited_by = "pk"
    """The column by which the audit knows a row."""

    def title_of(self, row) -> str:
        """The title of a row's page."""
        return str(cells.value_of(self, row, str(self.list_display[0])) or row)

    def second_line(self, row) -> str:
        """What stands below a row's title, in the list and on its page."""
        return ""

    def dangers(self, request, row) -> list[Danger]:
        """What destroys, for a row's page; deleting comes last."""
        if not self.has_delete_permission(request, row):
            return []
        text = _("It is deleted for good, with all that belongs to it.")
        place = f"admin:{self.opts.app_label}_{self.opts.model_name}_delete"
        href = reverse(place, args=[row.pk])
        return [Danger(self.removes, text, _("Delete…"), href)]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        place = f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"
        may_write = self.has_add_permission if add else self.has_change_permission
        context |= {
            "title": self.adds if add else self.title_of(obj),
            "subtitle": Truncator(self.purpose if add else self.second_line(obj)).chars(LONGEST),
            "writes": may_write(request, *([] if add else [obj])),
            "cancel": reverse(place) if add else "",
            "dangers": [] if add else self.dangers(request, obj),
        }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def response_change(self, request, obj):
        """Stays on the page that was saved."""
        if "_continue" not in request.POST:
            return super().response_change(request, obj)
        self.message_user(request, gettext("Saved."), messages.SUCCESS)
        return redirect(request.get_full_path())

    def history_view(self, request, object_id, extra_context=None):
        """Leads to the rows of the audit about a row: Django's own log knows less."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        about = f"{self.opts.model_name}.{getattr(row, self.audited_by)}"
        return redirect(f"{reverse('admin:accounts_auditrow_changelist')}?about={about}")

    def row_or_refuse(self, request, object_id, permission: str = "change"):
        """The row of a further page. Raises Http404, and PermissionDenied where the reader has no
        such `permission`."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not getattr(self, f"has_{permission}_permission")(request, row):
            raise PermissionDenied
        return row

    def row_page(self, request, template: str, row, **what) -> TemplateResponse:
        """A further page about a row. `what` is all else that the template takes, and the title."""
        shared = {"opts": self.opts, "original": row, "subtitle": str(row)}
        context = {**self.admin_site.each_context(request), **shared, **what}
        return TemplateResponse(request, template, context)

    def shown_only_once(self, request, **what) -> TemplateResponse:
        """The page with a secret that no cookie, session or row contains. `what` is all that
        templates/admin/shown.html takes, and the title."""
        context = {**self.admin_site.each_context(request), "opts": self.opts, **what}
        return TemplateResponse(request, "admin/shown.html", context)
