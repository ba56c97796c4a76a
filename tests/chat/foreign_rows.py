"""Two enterprises with a row in every table, and references that lead from one to the other."""

from types import SimpleNamespace

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from accounts.models import Enterprise, Member, Provider, Team, new_uuid
from chat.bulk.portability import checks
from chat.bulk.portability.tables import OF_MODEL, TABLES
from chat.models import Attachment, Conversation, CountedReception, StreamEvent, Visitor
from chat.posting import batches
from chat.posting.visitor_actions import VisitorAction
from chat.reports import counting
from chat.stream import sequencer
from chat.stream.types import TYPES
from chat.webhooks import deliveries, hooks
from tests.conftest import hire

from .api.program import program_of
from .helpers import JSON, act_of, draft_of, new_guest

MARK = "umbrellas own"
"""Stands in every text of umbrella's rows, and in its files."""
MARKED = {
    *("label", "contact", "message_content", "nickname", "sender_name", "member_name", "comment"),
    *("group_name", "title", "content", "reason", "summary", "topic", "page", "greeting", "text"),
    *("body", "category", "words"),
    *("placed_by_name", "question", "answer", "welcome", "label", "block_reason", "referrer"),
}
ROUNDS = 6
"""In each some columns of a table refer to another enterprise and the others do not, so that what
refuses one of them hides no other for good."""
ALONE = ((Conversation, "visitor_id"), (Conversation, "team_id"))
"""Each has a round for itself afterwards: nothing is reached of such a conversation."""
FOREIGN = {
    ("group_message", "data"): lambda of: {
        "mentions": [of(Member, "uuid")],
        "attachment": {"name": "x", "size": 1, "mime": "text/plain", "width": None, "height": None}
        | {"key": of(Attachment, "key")},
    },
    ("conversation", "counting"): lambda of: {
        "team": of(Team, "pk"),
        "reception": of(CountedReception, "pk"),
    },
    ("conversation", "asked"): lambda of: {"wait": "", "who": [of(Member, "uuid")]},
}
"""What is planted in JSON."""


def build(enterprise: Enterprise, mark: str) -> SimpleNamespace:
    """People, conversations, and a row in every table; `mark` in every text."""
    team, code = enterprise.teams.get(), enterprise.code
    anna, mona = (
        hire(f"anna-{code}", enterprise, team=team, email=f"anna@{code}.example"),
        hire(f"mona-{code}", enterprise, Member.Role.MANAGER, email=f"mona@{code}.example"),
    )
    guest = new_guest(team)
    group = batches.post(guest.draft(f"hello {mark}"))["group"]
    place = f"/chat/{code}/messages/"
    upload = SimpleUploadedFile("b.txt", f"bytes {mark}".encode(), "text/plain")
    guest.browser().post(place, {"content": "", "file": upload}, **JSON)
    note = draft_of(anna, group, f"a note {mark}", note=True, mentions=(mona.uuid,))
    for draft in (draft_of(anna, group, f"hi {mark}"), note):
        batches.post(draft)
    batches.do(act_of("claim", anna.uuid, group))
    batches.do(act_of("tag", anna.uuid, group, tag=f"tag {mark}"[:30]))
    batches.do(VisitorAction("hold", mona.uuid, group, reason=f"case {mark}"))
    hook = hooks.create(enterprise, "https://x.example/hook", TYPES)
    program = program_of(enterprise)
    counting.settle([group])
    sequencer.look()
    deliveries.make_new()
    for table in TABLES:
        rows = table.model._base_manager.filter(table.rows(enterprise))
        if not rows.exists():
            make(table, enterprise, mark)
        texts = {
            field.attname: mark
            for field in table.model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField)
            and (field.attname in MARKED or (field.name, table.model) == ("name", Team))
        }
        if mark and texts:
            rows.update(**texts)
    Provider.objects.filter(enterprise=enterprise).update(is_on=False)
    return SimpleNamespace(
        enterprise=enterprise, team=team, anna=anna, mona=mona, guest=guest, group=group,
        program=program, hook=hook, keys=list(Attachment.objects.values_list("key", flat=True)),
    )  # fmt: skip


def make(table, enterprise: Enterprise, mark: str) -> None:
    """A row in a table that nothing above has written to."""
    values = {}
    for field in table.model._meta.concrete_fields:
        if field.attname in checks.loose_columns(table):
            values[field.attname] = own(enterprise, *kind_of(table, field.attname))
        elif field.is_relation:
            target = field.related_model, field.target_field.attname
            values[field.attname] = own(enterprise, *target)
        elif field.attname == "ent_id":
            values["ent_id"] = enterprise.code
        elif field.primary_key or field.generated or field.has_default() or field.null:
            continue
        elif isinstance(field, models.DateTimeField | models.DateField):
            values[field.attname] = timezone.now()
        elif isinstance(field, models.CharField | models.TextField):
            # Of a file the key has no dashes.
            text = new_uuid().replace("-", "") if field.attname == "key" else new_uuid()
            values[field.attname] = text[: field.max_length or 36]
        else:
            values[field.attname] = 1
    if table.model.__name__ == "StreamPlace":
        values["group_id"] = own(enterprise, Conversation, "uuid")
    if table.model.__name__ == "Channel":
        values["kind"] = "telegram"
    if table.model.__name__ == "Robot":
        values["kind"] = "slack"
    table.model._base_manager.create(**values)


def own(enterprise: Enterprise, model, key: str):
    if model is Enterprise:
        return enterprise.pk
    rows = model._base_manager.filter(OF_MODEL[model].rows(enterprise))
    return rows.order_by("-pk").values_list(key, flat=True).first()


def kind_of(table, column: str) -> tuple:
    """What a column with a uuid is of."""
    if "group" in column or column in table.groups:
        return Conversation, "uuid"
    return (Visitor if column in ("visitor", "about", "reader") else Member), "uuid"


def references() -> dict[tuple, list[str]]:
    """The columns by which each table's rows refer to others than to their enterprise."""
    found = {}
    for table in TABLES:
        strict = [
            column
            for column, (model, _key) in checks.strict_columns(table).items()
            if model is not Enterprise
        ]
        inside = [column for name, column in FOREIGN if name == table.model._meta.db_table]
        columns = [*strict, *checks.loose_columns(table), *inside]
        if table.model is Team:
            columns.append("overflow_id")
        # A row with one reference is whosever that row is.
        found[table.model] = columns if len(columns) > 1 or has_owner(table.model) else []
    return found


def has_owner(model) -> bool:
    """Whether its rows say by themselves whose they are."""
    names = {field.attname for field in model._meta.concrete_fields}
    return bool(names & {"ent_id", "enterprise_id", "chain"}) or model is StreamEvent


def plant(number: int, ours: Enterprise, theirs: Enterprise) -> list[str]:
    """Makes the columns whose turn it is refer to rows of `theirs`; returns their names."""
    planted = []
    for place, (model, columns) in enumerate(references().items()):
        if number < ROUNDS:
            others = [column for column in columns if (model, column) not in ALONE]
            turn = others[(number - place) % ROUNDS :: ROUNDS]
        else:
            turn = [column for one, column in ALONE[number - ROUNDS :][:1] if one is model]
        planted += [plant_column(model, column, ours, theirs) for column in turn]
    return planted


def plant_column(model, column: str, ours: Enterprise, theirs: Enterprise) -> str:
    table = OF_MODEL[model]
    name = model._meta.db_table
    if (name, column) in FOREIGN:
        value = FOREIGN[name, column](lambda *what: own(theirs, *what))
    elif column == "overflow_id":
        value = own(theirs, Team, "pk")
    else:
        strict = checks.strict_columns(table).get(column)
        value = own(theirs, *(strict or kind_of(table, column)))
    mine = list(model._base_manager.filter(table.rows(ours)).values_list("pk", flat=True))
    assert mine and value is not None, f"{model.__name__} has no row that refers to another"
    beside = {"seq": models.F("seq") + 1_000} if (name, column) == GROUP else {}
    for pk in mine:
        try:
            with transaction.atomic():
                model._base_manager.filter(pk=pk).update(**{column: value}, **beside)
        except IntegrityError:
            continue  # One alone can refer to it.
    return f"{name}.{column}"


GROUP = ("group_message", "group_id")


def digest(enterprise: Enterprise) -> dict:
    """Every row of an enterprise."""
    return {
        table.model.__name__: sorted(
            map(str, table.model._base_manager.filter(table.rows(enterprise)).values_list())
        )
        for table in TABLES
    }
