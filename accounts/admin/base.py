"""The one gate of the admin: a superuser has everything, a manager the own enterprise.

Every admin class of this project inherits from here. What a manager may see is decided by
`get_queryset` alone: lists, pages, actions and autocompletion ask it, and each choice in a
form offers, and accepts, what the admin class of that model would list.
"""

from operator import attrgetter

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.models import Enterprise, Team

SECRET = {"password", "identity_secret", "former_secret", "secret_hash"}
"""Columns that nobody may filter a list by: a filter tells a value letter by letter."""


def is_superuser(request) -> bool:
    return request.user.is_active and request.user.is_superuser


class Scoped:
    """For ModelAdmin and inlines. `scope` is the path from a row to what names its enterprise."""

    scope = "enterprise_id"
    managers_may = frozenset(("view", "add", "change"))
    superusers_may = frozenset(("view", "add", "change", "delete"))

    def scope_value(self, enterprise: Enterprise):
        """What `scope` leads to on the rows of this enterprise."""
        return enterprise.pk

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        if is_superuser(request):
            return rows
        if not getattr(request.user, "is_manager", False):
            return rows.none()
        return rows.filter(**{self.scope: self.scope_value(request.user.enterprise)})

    def may(self, request, what: str, obj=None) -> bool:
        if is_superuser(request):
            return what in self.superusers_may
        if not (request.user.is_active and getattr(request.user, "is_manager", False)):
            return False
        return what in self.managers_may and (obj is None or self.owns(request, obj))

    def owns(self, request, obj) -> bool:
        """Whether `obj` (of an inline: the row it is part of) is of the manager's enterprise."""
        value = attrgetter(self.scope.replace("__", "."))(obj)
        return value == self.scope_value(request.user.enterprise)

    def has_module_permission(self, request):
        return self.may(request, "view")

    def has_view_permission(self, request, obj=None):
        return self.may(request, "view", obj)

    def has_add_permission(self, request, obj=None):
        return self.may(request, "add", obj)

    def has_change_permission(self, request, obj=None):
        return self.may(request, "change", obj)

    def has_delete_permission(self, request, obj=None):
        return self.may(request, "delete", obj)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        kwargs["queryset"] = self.choices(db_field.remote_field.model, request)
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.remote_field.model is Enterprise and not is_superuser(request):
            # Never empty either: a row of no enterprise would belong to nobody.
            field.required = True
            field.initial = request.user.enterprise_id
            field.widget = forms.HiddenInput()
        return field

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        kwargs["queryset"] = self.choices(db_field.remote_field.model, request)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def choices(self, model, request):
        """The rows of another model that may be chosen: those its own admin class lists."""
        if self.admin_site.is_registered(model):
            related = self.admin_site.get_model_admin(model)
            if isinstance(related, Scoped):
                return related.get_queryset(request)
        rows = model._default_manager.all()
        return rows if is_superuser(request) else rows.none()


class ChoiceFilter(admin.SimpleListFilter):
    """A filter that ignores values it does not offer, foreign ones included."""

    path = ""
    """From a row of the list to what is chosen."""

    def queryset(self, request, queryset):
        offered = {str(value) for value, _label in self.lookup_choices}
        if self.value() not in offered:
            return queryset
        return queryset.filter(**{self.path: self.value()})


class EnterpriseFilter(ChoiceFilter):
    title = _("enterprise")
    parameter_name = "enterprise"
    path = "enterprise"
    key = "pk"

    def lookups(self, request, model_admin):
        return list(Enterprise.objects.order_by("name").values_list(self.key, "name"))


class TeamFilter(ChoiceFilter):
    """Only teams that the reader may see: Django's own would list those of everybody."""

    title = _("team")
    parameter_name = "team"
    path = "teams"

    def lookups(self, request, model_admin):
        teams = model_admin.choices(Team, request).select_related("enterprise").order_by("name")
        if is_superuser(request):
            return [(team.pk, f"{team.name} ({team.enterprise.name})") for team in teams]
        return [(team.pk, team.name) for team in teams]


class ScopedAdmin(Scoped, admin.ModelAdmin):
    enterprise_column = "enterprise"
    """Shown and filtered by for superusers only; a manager's list has but one."""
    enterprise_filter = EnterpriseFilter
    show_full_result_count = False
    list_per_page = 50

    def get_list_display(self, request):
        columns = list(super().get_list_display(request))
        return columns + [self.enterprise_column] * self.of_many(request)

    def get_list_filter(self, request):
        filters = list(super().get_list_filter(request))
        return filters + [self.enterprise_filter] * self.of_many(request)

    def of_many(self, request) -> bool:
        """Whether the list has rows of several enterprises to tell apart."""
        return bool(self.enterprise_column) and is_superuser(request)

    def lookup_allowed(self, lookup, value, request):
        if SECRET & set(lookup.split("__")):
            return False
        return super().lookup_allowed(lookup, value, request)

    def get_readonly_fields(self, request, obj=None):
        """A row stays in its enterprise: seats, places and names all hang on that."""
        fixed = list(super().get_readonly_fields(request, obj))
        if obj is not None and getattr(obj, "enterprise_id", None):
            fixed.append("enterprise")
        return fixed

    def save_model(self, request, obj, form, change):
        """Writes the columns that the form changed, so that no other change is undone."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        columns = getattr(form, "changed_columns", form.changed_data)
        names = {field.name for field in obj._meta.concrete_fields}
        changed = [name for name in columns if name in names]
        if changed:
            obj.save(update_fields=changed + ["updated_at"] * ("updated_at" in names))


class ScopedInline(Scoped, admin.TabularInline):
    """Rows shown on the page of what they are part of; that page's enterprise is theirs."""

    superusers_may = managers_may = frozenset(("view", "add", "change", "delete"))
    row_scope = "enterprise_id"
    """From an inline's own row to its enterprise; `scope` starts at the page's row."""

    def get_queryset(self, request):
        rows = super(Scoped, self).get_queryset(request)
        if is_superuser(request):
            return rows
        if not getattr(request.user, "is_manager", False):
            return rows.none()
        return rows.filter(**{self.row_scope: self.scope_value(request.user.enterprise)})
