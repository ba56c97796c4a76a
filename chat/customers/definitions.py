"""What a change of an attribute's definition means for the values that customers have of it."""

from collections.abc import Iterator

from django.db import models, transaction
from django.db.models.fields.json import KeyTransform

from accounts.models import Attribute
from chat import clock, sweeps
from chat.models import LegalHold, Visitor, VisitorAttribute, theirs
from chat.protocol.errors import Refused

from . import attributes

BATCH = 1_000
"""Visitors of one transaction: about 20 ms to forget a value of each, 0.3 s to convert it."""
CASES = 50
"""Visitors of one statement that gives each of them a value of their own: its time grows with their
square."""


def rows_of(code: str, key: str) -> models.QuerySet[VisitorAttribute]:
    return VisitorAttribute.objects.filter(ent_id=code, key=key)


def count(attribute: Attribute, lost: bool) -> int:
    """How many visitors have a value of it; with `lost`, one that it does not allow. Nothing is
    locked, and the values are those of the visitors: a row of VisitorAttribute has the beginning
    of its value, in small letters."""
    code, key = attribute.enterprise.code, attribute.key
    if not lost:
        return rows_of(code, key).count()
    values = (
        value
        for some in batches(rows_of(code, key))
        for value in Visitor.objects.filter(ent_id=code, uuid__in=some).values_list(
            KeyTransform(key, "attributes"), flat=True
        )
    )
    return sum(converted(attribute, value) is None for value in values)


def batches(rows: models.QuerySet[VisitorAttribute]) -> Iterator[list[str]]:
    """The visitors (uuids) of these rows, BATCH at a time. They are read at once: the rows of one
    key have no index in an order that stays while they change."""
    found: list[str] = list(rows.order_by().values_list("visitor_id", flat=True))  # type: ignore[arg-type]
    return sweeps.parts(found, BATCH)


def converted(attribute: Attribute, value: attributes.Value) -> attributes.Value | None:
    """What its kind makes of a value; None for nothing."""
    try:
        return attributes.read(attribute, str(value))
    except Refused:
        return None


def reshape(attribute: Attribute) -> None:
    """Writes the values as its kind stores them: a number that becomes a text is a text, and the
    other way round. Any other kind stores them as they are."""
    code, key = attribute.enterprise.code, attribute.key
    is_number = attribute.kind == Attribute.Kind.NUMBER
    for some in batches(rows_of(code, key).filter(number__isnull=is_number)):
        with transaction.atomic():
            convert(attribute, some)


def convert(attribute: Attribute, visitors: list[str]) -> None:
    code, key = attribute.enterprise.code, attribute.key
    mine = Visitor.objects.select_for_update().filter(ent_id=code, uuid__in=visitors)
    changed = {}
    for visitor in mine.only("uuid", "ent_id", "attributes").order_by("uuid"):
        before = visitor.attributes.get(key)
        after = None if before is None else converted(attribute, before)
        if after is not None:
            visitor.attributes[key] = after
            changed[visitor.uuid] = visitor
    Visitor.objects.bulk_update(changed.values(), ["attributes"], batch_size=CASES)
    rows_of(code, key).filter(visitor_id__in=list(changed)).delete()
    new = (row for visitor in changed.values() for row in attributes.rows_of(visitor))
    VisitorAttribute.objects.bulk_create(row for row in new if row.key == key)


def forget(code: str, key: str) -> None:
    """Takes the values of an attribute away that is no more, from all of the enterprise's visitors;
    legal holds keep theirs."""
    own = rows_of(code, key)
    rest = models.Func(models.F("attributes"), models.Value(f"$.{key}"), function="JSON_REMOVE")
    rest.output_field = models.JSONField()
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


def settle() -> None:
    """Takes away what was written while its attribute was deleted, reshapes what was written while
    its attribute changed, and does what a process that was killed has left."""
    is_text = models.ExpressionWrapper(models.Q(number__isnull=True), models.BooleanField())
    rows = VisitorAttribute.objects.order_by().values_list("ent_id", "key", is_text)
    found = set(rows.distinct())
    # Read after the values: an attribute that is new meanwhile keeps its own.
    known = {
        (one.enterprise.code, one.key): one
        for one in Attribute.objects.select_related("enterprise")
    }
    for code, key, textual in found:
        attribute = known.get((code, key))
        if attribute is None:
            forget(code, key)
        elif textual == (attribute.kind == Attribute.Kind.NUMBER):
            reshape(attribute)
