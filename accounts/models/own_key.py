"""References that do not leave an enterprise, whatever they hold."""

from typing import TypeVar

from django.db import connection, models
from django.db.models.expressions import RawSQL
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor


class OwnDescriptor(ForwardManyToOneDescriptor):
    """Prefetches what belongs to the enterprise of the row, and nothing for the others."""

    def get_prefetch_querysets(self, instances, querysets=None):
        found, related, own, *rest = super().get_prefetch_querysets(instances, querysets)
        if self.field.within:
            raise TypeError("prefetch it by select_related")
        if not has(found.model, "ent_id") and has(self.field.model, "ent_id"):
            found = found.annotate(ent_id=models.F("enterprise__code"))
        column = code_or_key(self.field.model)
        return (
            found,
            lambda row: (*related(row), getattr(row, column)),
            lambda row: (*own(row), getattr(row, column)),
            *rest,
        )


_ST = TypeVar("_ST")
_GT = TypeVar("_GT")


class OwnKey(models.ForeignKey[_ST, _GT]):
    """A reference to a row of the same enterprise: joins over it find no row of another one, and to
    ask for one is to ask for what is not there.

    The enterprise of a row is its `enterprise`, or its `ent_id` (the enterprise's code). A row that
    has neither names in `within` another of its references, whose row has one. The conditions stand
    in the join itself, on rows that are found by their key; no index is used otherwise.
    """

    forward_related_accessor_class = OwnDescriptor

    def __init__(self, *args, within: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        self.within = within

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs

    def get_extra_restriction(self, alias, related_alias):
        if alias is None:
            return None
        quoted = connection.ops.quote_name
        own, by_code = self.owner(quoted(related_alias))
        if has(self.related_model, "ent_id"):
            theirs = f"{quoted(alias)}.ent_id"
            if not by_code:
                own = f"(SELECT code FROM enterprise WHERE id = {own})"
        else:
            theirs = f"{quoted(alias)}.enterprise_id"
            if by_code:
                own = f"(SELECT id FROM enterprise WHERE code = {own})"
        return RawSQL(f"{theirs} = {own}", [])

    def owner(self, alias: str) -> tuple[str, bool]:
        """The SQL of the enterprise of the row that has the reference, and whether it is a code."""
        if not self.within:
            column = code_or_key(self.model)
            return f"{alias}.{column}", column == "ent_id"
        by = self.model._meta.get_field(self.within)
        column = code_or_key(by.related_model)
        table, key = by.related_model._meta.db_table, by.target_field.column
        found = f"(SELECT {column} FROM {table} own WHERE own.{key} = {alias}.{by.column})"
        return found, column == "ent_id"

    def get_extra_descriptor_filter(self, instance):
        if self.within:
            return {}
        if has(self.related_model, "ent_id") and has(self.model, "ent_id"):
            return {"ent_id": instance.ent_id}
        if has(self.related_model, "ent_id"):
            return {"ent_id": instance.enterprise.code}
        if has(self.model, "ent_id"):
            return {"enterprise__code": instance.ent_id}
        return {"enterprise": instance.enterprise_id}


def has(model: type[models.Model], column: str) -> bool:
    return any(field.attname == column for field in model._meta.concrete_fields)


def code_or_key(model: type[models.Model]) -> str:
    """The column by which a row of it says whose it is."""
    return "ent_id" if has(model, "ent_id") else "enterprise_id"
