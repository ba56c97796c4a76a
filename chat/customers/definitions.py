"""What a change of an attribute's definition means for the values that customers have of it."""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import F, Func, JSONField, QuerySet, Value

from accounts.models import Attribute
from chat import clock
from chat.models import LegalHold, Visitor, VisitorAttribute, theirs
from chat.protocol.errors import Refused

from . import attributes

BATCH = 1_000
"""Visitors of one transaction: about 20 ms on either database."""


def rows_of(code: str, key: str) -> QuerySet[VisitorAttribute]:
    return VisitorAttribute.objects.filter(ent_id=code, key=key)


def count(attribute: Attribute, lost: bool) -> int:
    """How many visitors have a value of it; with `lost`, one that it does not allow."""
    if not lost:
        return rows_of(attribute.enterprise.code, attribute.key).count()
    return sum(becomes is None for _visitor, becomes in converted(attribute))


def reshape(attribute: Attribute) -> None:
    """Writes the values as its kind stores them; a number that becomes a text is a text."""
    for visitor, value in converted(attribute):
        if value is not None and value != visitor.attributes[attribute.key]:
            visitor.attributes[attribute.key] = value
            visitor.save(update_fields=["attributes"])
            attributes.index(visitor)


def converted(attribute: Attribute) -> Iterator[tuple[Visitor, attributes.Value | None]]:
    """The visitors that have a value of it, locked, with what its kind makes of the value; None for
    nothing."""
    code, key = attribute.enterprise.code, attribute.key
    after = ""
    while some := list(
        Visitor.objects.select_for_update()
        .filter(ent_id=code, uuid__gt=after, uuid__in=rows_of(code, key).values("visitor_id"))
        .only("uuid", "ent_id", "attributes")
        .order_by("uuid")[:BATCH]
    ):
        for visitor in some:
            value = visitor.attributes.get(key)
            try:
                text = value if isinstance(value, str) else str(value)
                yield visitor, attributes.read(attribute, text)
            except Refused:
                yield visitor, None
        after = some[-1].uuid


def forget(code: str, key: str) -> None:
    """Takes the values of an attribute away that is no more, from all of the enterprise's visitors;
    legal holds keep theirs."""
    own = rows_of(code, key)
    rest = Func(F("attributes"), Value(f"$.{key}"), function="JSON_REMOVE")
    rest.output_field = JSONField()
    while some := list(own.order_by("pk").values_list("visitor_id", flat=True)[:BATCH]):
        with transaction.atomic():
            mine = Visitor.objects.filter(ent_id=code, uuid__in=some)
            held = LegalHold.objects.filter(theirs(code), visitor__in=some)
            values = dict(mine.filter(legalhold__in=held).values_list("uuid", "attributes"))
            for hold in held.select_for_update().order_by("pk"):
                kept = {key: values.get(hold.visitor_id, {}).get(key)}
                facts = {"visitor": hold.visitor_id, "attributes": kept, "until": clock.now()}
                hold.kept.append(facts)
                hold.save(update_fields=["kept"])
            mine.update(attributes=rest)
            own.filter(visitor_id__in=some).delete()


def forget_undefined() -> None:
    """Takes away what was written while its attribute was deleted, and what a process that was
    killed has left."""
    found = set(VisitorAttribute.objects.order_by().values_list("ent_id", "key").distinct())
    for code, key in found - set(Attribute.objects.values_list("enterprise__code", "key")):
        forget(code, key)
