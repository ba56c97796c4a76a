"""The administration of rows with texts in several languages."""

from operator import attrgetter

from accounts.forms.texts import TextsForm


class TextsAdmin:
    """A mixin for the admin classes and inlines of Translated rows."""

    form = TextsForm

    def language_of(self, request, obj) -> str:
        """The language of the enterprise of `obj`, which for an inline is the parent row, or of
        the manager who adds a row; "" if neither is known."""
        if obj is not None and obj.pk:
            path = self.scope.rpartition("_")[0] if self.scope != "pk" else ""
            enterprise = attrgetter(path.replace("__", "."))(obj) if path else obj
            return enterprise.text_language
        enterprise = request.user.enterprise
        return enterprise.text_language if enterprise and not request.user.is_superuser else ""

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        form.language = self.language_of(request, obj)
        return form

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.language = self.language_of(request, obj)
        return formset
