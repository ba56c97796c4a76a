"""Which addresses the administration's lists take. Django's would compare any column with anything:
a regular expression runs in SQLite's process, and some stop it for good."""

from typing import TYPE_CHECKING, NamedTuple

from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.templatetags.admin_urls import admin_urlname
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import SuspiciousOperation
from django.db import DataError
from django.db.models import Model
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext

from accounts.sentences import Words

from . import cells

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin as Base
else:
    Base = object

MAX_QUERY = 200
"""Characters of a search: an address of the web fits, and no column that is searched for a name is
longer."""
MAX_WORDS = 20
"""Words of a search. Each is a condition on every column; SQLite takes less than 1,000 of them."""


class OwnFilters(ChangeList):
    """A list that takes the parameters of its own filters and of its date hierarchy. All others
    are refused with 400; values that cannot be compared lead to the list without a filter."""

    def get_filters(self, request):
        try:
            found = super().get_filters(request)
        except (OverflowError, ValueError) as error:  # The year 10000.
            raise IncorrectLookupParameters from error
        # What no filter has taken. Of a date hierarchy Django makes these two itself.
        made = {f"{self.date_hierarchy}__{bound}" for bound in ("gte", "lt")}
        if set(found[2]) - made:
            raise DisallowedModelAdminLookup("This list has no such filter.")
        return found

    def is_narrowed(self) -> bool:
        """Whether a search or a filter leaves rows out, the choice of an enterprise aside: the
        navigation makes that one for superusers."""
        return bool(self.query or self.get_filters_params().keys() - {"enterprise"})

    def get_results(self, request):
        try:
            super().get_results(request)
        except (DataError, OverflowError) as error:
            raise IncorrectLookupParameters from error
        self.result_list = self.model_admin.prepared(self.result_list)


def title_of(model: type[Model]) -> str:
    """What the list of a model is called."""
    owner = admin.site.get_model_admin(model)
    return str(getattr(owner, "called", "") or capfirst(model._meta.verbose_name_plural or ""))


class Act(NamedTuple):
    """Something to be done with the ticked rows: an action of the ModelAdmin."""

    name: str
    label: str
    destroys: bool


class Recipe(NamedTuple):
    """A row that a list suggests while it has hardly any: a form that is filled in already."""

    label: Words
    hint: Words
    fields: dict


class OwnLists(Base):
    """A mixin for ModelAdmin: its list is an `OwnFilters`, its searches are short, and its rows
    look like those of the rest (templates/admin/change_list.html)."""

    delete_confirmation_template = "admin/delete_confirmation.html"
    delete_selected_confirmation_template = "admin/delete_confirmation.html"
    called: Words = ""
    """What the list is called, if not by the name of its model."""
    recipes: tuple[Recipe, ...] = ()
    """Up to three; `?recipe=1` fills the form with the first."""

    def get_changelist(self, request, **kwargs):
        return OwnFilters

    def changelist_view(self, request, extra_context=None):
        context = {
            "title": title_of(self.model),
            "purpose": self.purpose,
            "adds": self.adds,
            "acts": self.acts(request),
            "recipes": self.recipes,
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def get_changeform_initial_data(self, request):
        initial, chosen = super().get_changeform_initial_data(request), request.GET.get("recipe")
        for number, one in enumerate(self.recipes, 1):
            if str(number) == chosen:
                initial |= one.fields
        return initial

    def acts(self, request) -> list[Act]:
        """What the bar offers for the ticked rows; what destroys, as its function says, is last."""
        found = []
        for function, name, description in self.get_actions(request).values():
            removes = name == "delete_selected"
            label = gettext("Delete…") if removes else str(description)
            found.append(Act(name, label, removes or getattr(function, "destroys", False)))
        return sorted(found, key=lambda act: act.destroys)

    def prepared(self, found):
        """The rows of one page, with what its cells need of other tables."""
        return found

    def face(self, row) -> cells.Face | None:
        """Whose face a row begins with."""
        return None

    def ask(self, request, question: list, act, *, row=None, found=(), action="", **more):
        """The page that says what will happen to a row, or to the ticked ones, and has it done by
        the button `act`. For the ticked ones its form posts the action again, with `confirmed`.
        `more` may have `title`, `destroys` and `other`, the name and words of a second button."""
        page, keys = ("change", [row.pk]) if row is not None else ("changelist", [])
        kept = [(ACTION_CHECKBOX_NAME, one.pk) for one in found]
        context = {
            **self.admin_site.each_context(request),
            "title": act,
            "subtitle": "" if row is None else str(row),
            "original": row,
            "opts": self.opts,
            "question": question,
            "rows": found,
            "act": act,
            "kept": kept and [*kept, ("action", action), ("confirmed", "yes")],
            "back": reverse(admin_urlname(self.opts, page), args=keys),
            **more,
        }
        return TemplateResponse(request, "admin/confirm.html", context)

    def get_search_results(self, request, queryset, search_term):
        if len(search_term) > MAX_QUERY or len(search_term.split()) > MAX_WORDS:
            raise SuspiciousOperation("The search is too long.")
        return super().get_search_results(request, queryset, search_term)
