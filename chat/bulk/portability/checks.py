"""What rows of a file say and point at, checked some hundred at a time before they are stored.

A file is written by whoever has it, digests and all. So what its rows refer to must be the
enterprise's own, whether the database knows of the reference or not. `strict_columns` must name a
row that came with the file. Any other uuid may be of what is gone, such as a member who was deleted
since, but not of what is another enterprise's here: `loose_columns`, and all texts in JSON columns.
"""

import dataclasses
import re
from collections.abc import Iterable, Iterator

from django.core.exceptions import ValidationError
from django.db.models import CharField, EmailField, ForeignKey, JSONField, Model

from accounts.hours import are_sound, is_zone
from accounts.models import Enterprise, Member
from chat import sweeps
from chat.knowledge.articles import LANGUAGES, Text
from chat.models import (
    ArticlePicture,
    Attachment,
    ChannelArrival,
    Conversation,
    GroupMessage,
    StreamHead,
    Visitor,
)
from chat.models.stream import ROOM

from .form import ROWS, Unusable, columns_of
from .tables import COUNTING, OF_MODEL, Table, event_id

UUID_LENGTH = 36
OWN_IDS = {"uuid", "client_id", "lease"}
"""Columns of that length in which a row has an id of its own."""
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
KEY = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)
"""Of a file, in what a message says of it."""
Lines = list[tuple[int, Model]]
"""Rows, each with its line in the file."""


def check(table: Table, lines: Lines, enterprise: Enterprise) -> None:
    """Raises Unusable, with the line and the column, for a row with a value that no form would
    take, or with a reference to what is not the enterprise's."""
    for number, row in lines:
        if column := unreadable(row):
            raise impossible(table, number, column)
        if table.settings:
            check_settings(table, number, row)
    for column, (model, key) in strict_columns(table).items():
        wanted = {getattr(row, column) for _number, row in lines} - {None, ""}
        refuse(table, lines, column, wanted - own_of(model, key, wanted, enterprise))
    check_events(table, lines, enterprise)
    told = [(number, row, set(loose_values(table, row))) for number, row in lines]
    foreign = foreign_of({value for *_row, values in told for _column, value in values}, enterprise)
    if foreign:
        for number, _row, values in told:
            for column, value in values:
                if value in foreign:
                    raise strange(table, number, column)


def unreadable(row: Model) -> str:
    """The JSON column in which something else stands than an object, or by default a list; or what
    says which files are a message's, so that it cannot be read. "" for none. One such row would end
    the search for files of nobody, in all enterprises."""
    for field in columns_of(type(row)):
        value = getattr(row, field.attname) if isinstance(field, JSONField) else None
        if value is None:
            continue
        sound = isinstance(value, list if isinstance(field.get_default(), list) else dict)
        if sound and isinstance(row, ChannelArrival | GroupMessage):
            sound = names_files(value.get("data", {}) if isinstance(row, ChannelArrival) else value)
        if not sound:
            return field.attname
    return ""


def names_files(data: object) -> bool:
    if not isinstance(data, dict):
        return False
    file, mail = data.get("attachment") or {"key": ""}, data.get("mail") or {}
    known = isinstance(file, dict) and isinstance(file.get("key"), str)
    return known and isinstance(mail, dict) and isinstance(mail.get("raw") or "", str)


def check_settings(table: Table, number: int, row: Model) -> None:
    # What is empty stands for a default, whatever a form says of it; names and addresses of people
    # who were imported from elsewhere may be ones that no form takes.
    lax = [
        field.name
        for field in columns_of(table.model)
        if field.is_relation
        or isinstance(field, EmailField)
        or getattr(row, field.attname) in field.empty_values
        or (table.model is Member and field.name in ("name", "password"))
    ]
    try:
        row.clean_fields(exclude=lax)
    except ValidationError as error:
        raise impossible(table, number, min(error.message_dict)) from error
    for field in columns_of(table.model):
        value = getattr(row, field.attname)
        sound = value is None or not isinstance(field, JSONField) or has_form(value, field)
        if field.name == "hours":
            sound = are_sound(value)
        elif field.name == "zone":
            sound = is_zone(value)
        elif field.name == "lang":
            sound = value in ("", *LANGUAGES)
        elif field.name == "draft":
            sound = value is None or is_text(value)
        if not sound:
            raise impossible(table, number, field.name)


def has_form(value: object, field: JSONField) -> bool:
    """Whether it is what the column holds by default: an object, or a list of texts or numbers."""
    usual = field.get_default()
    if isinstance(usual, list):
        return isinstance(value, list) and all(type(one) in (str, int) for one in value)
    return not isinstance(usual, dict) or isinstance(value, dict)


def is_text(value: object) -> bool:
    """Whether it is a text of an article, as `Article.draft` has it."""
    names = {field.name for field in dataclasses.fields(Text)}
    return (
        isinstance(value, dict)
        and value.keys() == names
        and set(map(type, value.values())) == {str}
    )


def impossible(table: Table, number: int, column: str) -> Unusable:
    return Unusable(f"Line {number} of {entry(table)} has a {column} that cannot be.")


def strict_columns(table: Table) -> dict[str, tuple[type[Model], str]]:
    """Columns that name a row of a table before: of which model, and by which column there."""
    found = {
        field.attname: (field.related_model, field.target_field.attname)
        for field in columns_of(table.model)
        if isinstance(field, ForeignKey) and field.related_model is not table.model
    }
    found |= {column: (model, "pk") for column, model in table.keys.items()}
    return found | dict.fromkeys(table.groups, (Conversation, "uuid"))


def loose_columns(table: Table) -> list[str]:
    """Columns with the uuid of a conversation, a member or a visitor, which may be gone."""
    return [
        field.attname
        for field in columns_of(table.model)
        if isinstance(field, CharField)
        and field.max_length == UUID_LENGTH
        and field.attname not in OWN_IDS
        and field.attname not in table.groups
    ]


def own_of(model: type[Model], key: str, wanted: set, enterprise: Enterprise) -> set:
    """Those of these values of `key` that are of rows of the enterprise."""
    rows = model._base_manager.filter(OF_MODEL[model].rows(enterprise))
    return {
        value
        for some in sweeps.parts(wanted, ROWS)
        for value in rows.filter(**{f"{key}__in": some}).values_list(key, flat=True)
    }


def check_events(table: Table, lines: Lines, enterprise: Enterprise) -> None:
    """Ids of events have the key of their stream in them."""
    for column in (name for name, by in table.moved.items() if by is event_id):
        head = StreamHead.objects.filter(ent_id=enterprise.code).values_list("pk", flat=True)
        own = head.first()
        found = {getattr(row, column) for _number, row in lines} - {None}
        refuse(table, lines, column, {value for value in found if value // ROOM != own})


def loose_values(table: Table, row: Model) -> Iterator[tuple[str, object]]:
    """The column and the value of what may be a reference; keys with their model."""
    for column in loose_columns(table):
        if value := getattr(row, column):
            yield column, value.rstrip().lower()
    for field in columns_of(table.model):
        if isinstance(field, JSONField) and (value := getattr(row, field.attname)):
            for text in texts_in(value):
                if UUID.fullmatch(text) or KEY.fullmatch(text):
                    yield field.attname, text.lower()
    if isinstance(row, ArticlePicture):
        # It would be shown to everybody as a picture, whosever file it is.
        yield "key", row.key.lower()
    if isinstance(row, Conversation):
        for name, model in COUNTING.items():
            if (key := (row.counting or {}).get(name)) is not None:
                yield "counting", (model, key)


def texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value:
            yield from texts_in(one)
        for one in value.values() if isinstance(value, dict) else ():
            yield from texts_in(one)


def foreign_of(values: Iterable, enterprise: Enterprise) -> set:
    """Those of these values that name what is another enterprise's here. Superusers are nobody's:
    they act in all of them."""
    texts = {value for value in values if isinstance(value, str)}
    found = set()
    members = Member.objects.filter(is_superuser=False, enterprise__isnull=False)
    for rows, key in (
        (members.exclude(enterprise=enterprise.pk), "uuid"),
        (Visitor.objects.exclude(ent_id=enterprise.code), "uuid"),
        (Conversation.objects.exclude(ent_id=enterprise.code), "uuid"),
        (Attachment.objects.exclude(ent_id=enterprise.code), "key"),
    ):
        length = 32 if key == "key" else UUID_LENGTH
        for some in sweeps.parts({text for text in texts if len(text) == length}, ROWS):
            found |= {
                value.lower()
                for value in rows.filter(**{f"{key}__in": some}).values_list(key, flat=True)
            }
    for model in COUNTING.values():
        keys = {value[1] for value in values if isinstance(value, tuple) and value[0] is model}
        others = model._base_manager.exclude(OF_MODEL[model].rows(enterprise))
        for some in sweeps.parts(keys, ROWS):
            found |= {
                (model, key) for key in others.filter(pk__in=some).values_list("pk", flat=True)
            }
    return found


def refuse(table: Table, lines: Lines, column: str, wrong: set) -> None:
    """Raises Unusable for the first row with one of these values."""
    for number, row in lines if wrong else ():
        if getattr(row, column) in wrong:
            raise strange(table, number, column)


def strange(table: Table, number: int, column: str) -> Unusable:
    return Unusable(
        f"Line {number} of {entry(table)} has a {column} that is not this enterprise's."
    )


def entry(table: Table) -> str:
    return f"tables/{table.model._meta.db_table}.jsonl"
