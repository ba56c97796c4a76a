"""Access control in the admin: superusers see everything, managers their own enterprise.

Every admin class of this project inherits from a class here. `get_queryset` alone decides which
rows a manager sees: lists, pages, actions and autocompletion use it, and a form's choices are the
rows that the admin class of their model would list.
"""

from operator import attrgetter

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import transaction
from django.urls import path
from django.utils.translation import gettext_lazy as _

from accounts import audit, factors
from accounts.forms import durations
from accounts.models import Enterprise, OwnKey, Team
from accounts.sentences import Words

from .form_pages import OwnForms
from .lists import OwnLists, Recipe
from .navigation import chosen, named
from .seen import Seen


def is_superuser(request) -> bool:
    return request.user.is_active and request.user.is_superuser


class Scoped:
    """A mixin for ModelAdmin and inlines. `scope` is the lookup path from a row to the value that
    identifies its enterprise, such as `team__enterprise_id`."""

    scope = "enterprise_id"
    managers_may = frozenset(("view", "add", "change"))
    superusers_may = frozenset(("view", "add", "change", "delete"))
    when_empty: dict[str, Words] = {}
    """By column: what an empty choice means, if not "None"."""

    def scope_value(self, enterprise: Enterprise):
        """The value that `scope` has on rows of this enterprise."""
        return enterprise.pk

    def get_queryset(self, request):
        # Read in the same query, what refers to another enterprise's row has none.
        rows = super().get_queryset(request)
        if names := own_keys(self.model):
            rows = rows.select_related(*names)
        if is_superuser(request):
            return rows
        if not getattr(request.user, "is_manager", False):
            return rows.none()
        return rows.filter(**{self.scope: self.scope_value(request.user.enterprise)})

    def is_allowed(self, request, permission: str, obj=None) -> bool:
        if is_superuser(request):
            return permission in self.superusers_may
        if not (request.user.is_active and getattr(request.user, "is_manager", False)):
            return False
        return permission in self.managers_may and (obj is None or self.owns(request, obj))

    def owns(self, request, obj) -> bool:
        """Whether `obj` belongs to the manager's enterprise. For an inline `obj` is the parent
        row."""
        value = attrgetter(self.scope.replace("__", "."))(obj)
        return value == self.scope_value(request.user.enterprise)

    def has_module_permission(self, request):
        return self.is_allowed(request, "view")

    def has_view_permission(self, request, obj=None):
        return self.is_allowed(request, "view", obj)

    def has_add_permission(self, request, obj=None):
        return self.is_allowed(request, "add", obj)

    def has_change_permission(self, request, obj=None):
        return self.is_allowed(request, "change", obj)

    def has_delete_permission(self, request, obj=None):
        return self.is_allowed(request, "delete", obj)

    def preselected(self, request, obj) -> list[dict]:
        """Of an inline: the new rows that are filled in already on the page of `obj`."""
        return []

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Without Django's ways to other forms beside a choice; lengths of time with a unit."""
        if stored := durations.unit_of(db_field):
            return durations.DurationField(db_field, stored)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        kwargs["queryset"] = self.choices(db_field.remote_field.model, request)
        kwargs.setdefault("empty_label", _("None") if db_field.blank else _("Choose…"))
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.remote_field.model is Enterprise and not is_superuser(request):
            # Required: no manager could see a row without an enterprise.
            field.required = True
            field.initial = request.user.enterprise_id
            field.widget = forms.HiddenInput()
        return field

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        if db_field.blank:
            said = self.when_empty.get(db_field.name, _("None"))
            kwargs["choices"] = db_field.get_choices(blank_choice=[("", said)])
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        kwargs["queryset"] = self.choices(db_field.remote_field.model, request)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def choices(self, model, request):
        """The rows of another model that a form offers: those that its admin class lists."""
        if self.admin_site.is_registered(model):
            related = self.admin_site.get_model_admin(model)
            if isinstance(related, Scoped):
                return related.get_queryset(request)
        rows = model._default_manager.all()
        return rows if is_superuser(request) else rows.none()


def own_keys(model) -> list[str]:
    """The references of a model that stay in its enterprise."""
    return [field.name for field in model._meta.fields if isinstance(field, OwnKey)]


def keeps_seen(form):
    """The form class, which refuses to overwrite what its reader has not seen."""
    return type(form.__name__, (Seen, form), {})


class ChoiceFilter(admin.SimpleListFilter):
    """A filter that ignores values that it does not offer, such as those of other enterprises."""

    path = ""
    """The lookup path from a row of the list to the chosen value."""

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
    """Offers only teams that the user may see; Django's own filter offers all of them."""

    title = _("team")
    parameter_name = "team"
    path = "teams"

    def lookups(self, request, model_admin):
        teams = model_admin.choices(Team, request).select_related("enterprise").order_by("name")
        if is_superuser(request):
            return [(team.pk, f"{team.name} ({team.enterprise.name})") for team in teams]
        return [(team.pk, team.name) for team in teams]


class Recorded(OwnForms, OwnLists):
    """A mixin for ModelAdmin: the audit notes what its forms, actions and further pages change, in
    one transaction with the change. Every registered class has it, so each list is an
    `OwnFilters`."""

    def changelist_view(self, request, extra_context=None):
        with audit.during(request):
            return super().changelist_view(request, extra_context)

    def changeform_view(self, request, *args, **kwargs):
        with audit.during(request):
            return super().changeform_view(request, *args, **kwargs)

    def delete_view(self, request, object_id, extra_context=None):
        context = {"title": self.removes, **(extra_context or {})}
        with audit.during(request):
            return super().delete_view(request, object_id, context)

    def own_page(self, view):
        """A further page of this class, for `get_urls`."""
        page = self.admin_site.admin_view(audit.recorded(view))
        # As Django's own pages say whose they are: the navigation looks up the row's enterprise.
        page.model_admin = self
        return page

    def own_urls(self, **views) -> list:
        """The addresses of further pages about a row, for `get_urls`, by their names."""
        model = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path(f"<path:object_id>/{name}/", self.own_page(view), name=f"{model}_{name}")
            for name, view in views.items()
        ]


class ScopedAdmin(Scoped, Recorded, admin.ModelAdmin):
    enterprise_column = "enterprise"
    """The column and filter that superusers get; a manager sees one enterprise only."""
    enterprise_filter = EnterpriseFilter
    proved_columns: frozenset[str] = frozenset()
    """Columns that only somebody with a fresh proof may change (accounts/factors/fresh.py)."""
    adds_fresh = False
    """Whether only somebody with such a proof may add a row."""
    show_full_result_count = False
    list_per_page = 50

    def get_list_display(self, request):
        columns = list(super().get_list_display(request))
        return columns + [self.enterprise_column] * self.spans_enterprises(request)

    def get_list_filter(self, request):
        filters = list(super().get_list_filter(request))
        return filters + [self.enterprise_filter] * self.spans_enterprises(request)

    def spans_enterprises(self, request) -> bool:
        """Whether the list may have rows of several enterprises."""
        return bool(self.enterprise_column) and is_superuser(request)

    def get_readonly_fields(self, request, obj=None):
        """A stored row cannot move to another enterprise, because its seats and places cannot."""
        fixed = list(super().get_readonly_fields(request, obj))
        if obj is not None and getattr(obj, "enterprise_id", None):
            fixed.append("enterprise")
        return fixed

    def get_object(self, request, object_id, from_field=None):
        """Locks the row that is about to be changed: what others have changed since the page was
        opened is compared with it, and its texts in other languages are one column."""
        found = super().get_object(request, object_id, from_field)
        if found and request.method == "POST" and transaction.get_connection().in_atomic_block:
            found = self.model._base_manager.select_for_update().filter(pk=found.pk).first()
        return found

    def add_view(self, request, form_url="", extra_context=None):
        add = super().add_view
        if self.adds_fresh:
            add = factors.needs_fresh(add)
        return add(request, form_url, extra_context)

    def get_changeform_initial_data(self, request):
        """A new row belongs to the enterprise whose list its superuser came from."""
        initial = super().get_changeform_initial_data(request)
        if is_superuser(request) and named(request)[1] and (enterprise := chosen(request)):
            initial.setdefault("enterprise", enterprise.pk)
        return initial

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        return form if obj is None else keeps_seen(form)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """Without the enterprise, where its reader has one only."""
        if not add and not self.spans_enterprises(request):
            for _name, options in context["adminform"].fieldsets:
                kept = [name for name in options["fields"] if name != self.enterprise_column]
                options["fields"] = kept
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_formset_kwargs(self, request, obj, inline, prefix):
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        return {**kwargs, "initial": inline.preselected(request, obj)}

    def get_inline_formsets(self, request, formsets, inline_instances, obj=None):
        """Puts each row that was sent beside its own stored one, or None. Django pairs them in
        order, which is wrong once somebody has removed one, and leaves out the last."""
        for formset in formsets:
            if formset.is_bound:
                rows = [form.instance for form in formset.initial_forms]
                formset._queryset = [row if row.pk else None for row in rows]
        return super().get_inline_formsets(request, formsets, inline_instances, obj)

    def save_model(self, request, obj, form, change):
        """Saves only the columns that the form changed, so that concurrent changes are kept."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        if self.proved_columns & set(form.changed_data):
            factors.fresh.require(request)
        columns = getattr(form, "changed_columns", form.changed_data)
        names = {field.name for field in obj._meta.concrete_fields}
        changed = [name for name in columns if name in names]
        if changed:
            obj.save(update_fields=changed + ["updated_at"] * ("updated_at" in names))


class ScopedInline(Scoped, admin.StackedInline):
    """Rows on the page of their parent row. They belong to the parent's enterprise."""

    extra = 1
    """For those without scripts."""
    adds: Words = ""
    """The button that adds a row."""
    order = ""
    """The column by which the rows are ordered, if they are."""
    about: Words = ""
    """A sentence about the rows."""
    superusers_may = managers_may = frozenset(("view", "add", "change", "delete"))
    recipes: tuple[Recipe, ...] = ()
    """What is suggested while there are no rows."""
    row_scope = "enterprise_id"
    """The lookup path from an inline's own row to its enterprise; `scope` starts at the parent."""

    def title_of(self, row) -> str:
        return str(row)

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.form = keeps_seen(formset.form)
        return formset

    def get_queryset(self, request):
        rows = super(Scoped, self).get_queryset(request)
        if is_superuser(request):
            return rows
        if not getattr(request.user, "is_manager", False):
            return rows.none()
        return rows.filter(**{self.row_scope: self.scope_value(request.user.enterprise)})
