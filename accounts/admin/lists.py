"""Which addresses the administration's lists take. Django's would compare any column with anything:
a regular expression runs in SQLite's process, and some stop it for good."""

from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import SuspiciousOperation
from django.db import DataError

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

    def get_results(self, request):
        try:
            super().get_results(request)
        except (DataError, OverflowError) as error:
            raise IncorrectLookupParameters from error


class OwnLists:
    """A mixin for ModelAdmin: its list is an `OwnFilters`, and its searches are short."""

    def get_changelist(self, request, **kwargs):
        return OwnFilters

    def get_search_results(self, request, queryset, search_term):
        if len(search_term) > MAX_QUERY or len(search_term.split()) > MAX_WORDS:
            raise SuspiciousOperation("The search is too long.")
        return super().get_search_results(request, queryset, search_term)
