"""Nothing crosses an enterprise, whatever rows exist.

Two enterprises have a row in every table that can be moved. In rounds, each column of acme's rows
that refers to something is made to refer to umbrella's; what refers, chat/portability/checking.py
says by the models. Then acme's people look at every page, send every frame and post every form, and
every periodic task runs: nothing of umbrella's is shown or sent, and none of its rows changes.
"""

import json
import time
import zipfile
from datetime import timedelta
from types import SimpleNamespace

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, models, transaction
from django.test import Client, TestCase
from django.utils import timezone

from accounts.models import Enterprise, Member, Provider, Team, new_uuid
from chat import portability
from chat.archive import exporting
from chat.background import periodic
from chat.care import blocks, quarantine, retention
from chat.conversations import claims, idle, snoozes
from chat.delivery.hub import hub
from chat.files import storage
from chat.limits import limits
from chat.mail import answers, parked, reminders
from chat.models import (
    Attachment,
    Conversation,
    CountedReception,
    LegalHold,
    Reception,
    StreamEvent,
    Visitor,
    Webhook,
)
from chat.portability import checking
from chat.portability.tables import OF_MODEL, TABLES
from chat.posting import batches
from chat.posting.visitor_actions import VisitorAction
from chat.reports import counting, mailing
from chat.routing import live
from chat.sockets import agent, base, bot, hello, visitor
from chat.stream import sequencing
from chat.stream.types import TYPES
from chat.webhooks import deliveries, hooks
from tests.conftest import hire

from .addresses import ADDRESSES, FORMS, NOBODY
from .api.program import program_of
from .helpers import JSON, act_of, draft_of, new_guest, session_cookie
from .test_matrix_frames import FRAMES

pytestmark = pytest.mark.django_db

MARK = "umbrellas own"
"""Stands in every text of umbrella's rows, and in its files."""
MARKED = {
    *("label", "contact", "message_content", "nickname", "sender_name", "member_name", "comment"),
    *("group_name", "title", "content", "reason", "summary", "topic", "page", "greeting", "text"),
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
TASKS = (
    *(claims.expire, claims.give_up, snoozes.expire, blocks.expire, quarantine.expire, idle.look),
    *(counting.count, sequencing.look, sequencing.delete_old, deliveries.make_new, live.look),
    *(lambda: storage.sweep(0), lambda: retention.expire(0), lambda: sequencing.find_missing(0)),
    *(exporting.look, lambda: deliveries.due(set()), deliveries.delete_old, periodic.count),
    *(reminders.take_due, answers.take_due, mailing.take_due, parked.take_due),
)


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
    sequencing.look()
    deliveries.make_new()
    for table in TABLES:
        rows = table.model._base_manager.filter(table.rows(enterprise))
        if not rows.exists():
            make(table, enterprise, mark)
        texts = {
            field.attname: mark
            for field in table.model._meta.concrete_fields
            if field.attname in MARKED or (field.name, table.model) == ("name", Team)
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
        if field.attname in checking.loose_columns(table):
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
            values[field.attname] = new_uuid()[: field.max_length or 36]
        else:
            values[field.attname] = 1
    if table.model.__name__ == "StreamPlace":
        values["group_id"] = own(enterprise, Conversation, "uuid")
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
    return (Visitor if column in ("visitor", "about") else Member), "uuid"


def references() -> dict[tuple, list[str]]:
    """The columns by which each table's rows refer to others than to their enterprise."""
    found = {}
    for table in TABLES:
        strict = [
            column
            for column, (model, _key) in checking.strict_columns(table).items()
            if model is not Enterprise
        ]
        inside = [column for name, column in FOREIGN if name == table.model._meta.db_table]
        columns = [*strict, *checking.loose_columns(table), *inside]
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
        strict = checking.strict_columns(table).get(column)
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


class Outbox:
    """What a socket of `owner` would be sent."""

    size = 0

    def __init__(self, owner):
        self.owner, self.sent = owner, []

    def push(self, event: bytes) -> None:
        self.sent.append(event)

    def release(self, events: list) -> None:
        self.sent += events

    def pause(self, *_args) -> None:
        pass

    acknowledge = pause


class Walk:
    """All that acme's people do, and what comes of it."""

    def __init__(self, ours, theirs, monkeypatch):
        self.ours, self.theirs, self.wrong = ours, theirs, []
        monkeypatch.setattr(limits, "take", lambda *args, **kwargs: None)
        monkeypatch.setattr(hub, "deliver", hub._deliver)
        for module in (base, agent, visitor, bot):
            if hasattr(module, "run_or_refuse"):
                monkeypatch.setattr(module, "run_or_refuse", direct)
        self.cookies = {
            "anna": session_cookie(ours.anna),
            "mona": session_cookie(ours.mona),
            "guest": ours.guest.cookie,
        }
        self.boxes = [self.join(one) for one in (ours, theirs)]

    def join(self, one) -> list[Outbox]:
        boxes = []
        for who in (one.anna.uuid, one.mona.uuid, one.guest.uuid):
            owner = SimpleNamespace(ent_id=one.enterprise.code, who=who, is_visitor=False)
            boxes.append(Outbox(owner))
            hub.outboxes[who].add(boxes[-1])
            hub.outboxes[f"agents:{one.enterprise.code}"].add(boxes[-1])
        return boxes

    def look(self, what: str, content: bytes) -> None:
        if MARK.encode() in content or MARK.encode().replace(b" ", b"+") in content:
            at = content.find(MARK.encode())
            self.wrong.append(f"{what} shows {content[max(0, at - 60) : at + 30]!r}")

    def try_(self, what: str, step, changes: bool = True) -> None:
        """One thing that is done, and undone."""
        for box in self.boxes[0]:
            box.sent = []
        with transaction.atomic():
            try:
                with TestCase.captureOnCommitCallbacks(execute=True):
                    self.look(what, step() or b"")
            except Exception as error:
                self.wrong.append(f"{what} raises {type(error).__name__}: {error}")
            self.look(f"{what}, live,", b"".join(b"".join(box.sent) for box in self.boxes[0]))
            if changes and connection.in_atomic_block:
                now = digest(self.theirs.enterprise)
                for name in [name for name in now if now[name] != self.before[name]]:
                    self.wrong.append(f"{what} changes {name}")
            transaction.set_rollback(True)

    def page(self, who: str, path: str, form: dict | None = None) -> bytes:
        browser = Client()
        browser.cookies.load(self.cookies[who])
        answer = browser.get(path) if form is None else browser.post(path, form)
        content = b"".join(answer) if answer.streaming else answer.content
        if answer.status_code >= 500:
            raise AssertionError(answer.status_code)
        return content + str(answer.headers).encode()

    def frame(self, who: str, fields: dict) -> bytes:
        one = self.visitor() if who == "guest" else self.agent(getattr(self.ours, who))
        text = json.dumps(fields)
        async_to_sync(one.receive)(text)
        return b"".join(one.outbox.sent)

    def agent(self, member: Member) -> agent.AgentConsumer:
        one = agent.AgentConsumer()
        one.member, one.who, one.ent_id, one.window_id = member, member.uuid, code_of(member), "w"
        return self.ready(one)

    def visitor(self) -> visitor.VisitorConsumer:
        cookies = dict([self.cookies["guest"].split("=", 1)])
        scope = {"url_route": {"kwargs": {"ent_id": self.ours.enterprise.code}}}
        scope |= {
            "query_string": b"",
            "headers": [],
            "cookies": cookies,
            "client": ["127.0.0.1", 1],
        }
        one = visitor.VisitorConsumer()
        (one.context,) = hello.identify_visitors([scope])
        one.who, one.ent_id = one.context.guest.uuid, self.ours.enterprise.code
        ((event, _unread),) = hello.greet_visitors([one.context])
        one.group = event["groups"][0]["group"] if event["groups"] else None
        one.is_known = one.is_admitted = one.has_row = True
        self.ready(one).outbox.push(json.dumps(event, default=str).encode())
        return one

    def ready(self, one):
        one.outbox, one.keys, one.closing = Outbox(one), {}, False
        one.bad_frames = one.pending = 0
        one.last_frame_at = time.monotonic()
        one.writer = SimpleNamespace(enqueue=enqueue)
        return one


def enqueue(item, answer, _arrival) -> bool:
    answer(batches.run([item])[0])
    return True


async def direct(function, *args, by=None):
    return await sync_to_async(function)(*args)


def code_of(member: Member) -> str:
    return member.enterprise.code


SKIPPED = ("_add", "_delete", "_history", ">/", "health", "metrics", "login", "logout", "password")
"""Parts of the names of pages that show nothing stored, or what another page shows as well."""


def addresses(one) -> dict[str, str]:
    """An address of each page, with the ids of an enterprise's rows."""
    ids = {"nothing": 10**9, "group": one.group, "enterprise": one.enterprise.pk, "export": 1}
    for model in OF_MODEL:
        ids.setdefault(model._meta.model_name, own(one.enterprise, model, "pk"))
    ids["sitevisit"] = 1
    found = {
        name: path.format(**ids)
        .replace(f"webhooks/{NOBODY}", f"webhooks/{one.hook.uuid}")
        .replace(f"visitors/{NOBODY}", f"visitors/{one.guest.uuid}")
        for name, path in ADDRESSES.items()
        if not any(part in name for part in SKIPPED)
    }
    for number, key in enumerate(one.keys):
        found |= {f"file {number}": f"/files/{key}/", f"small {number}": f"/files/{key}/small/"}
    return found


def readers(path: str) -> tuple[str, ...]:
    if path.startswith("/admin/"):
        return ("mona",)
    if path.startswith("/files/"):
        return ("anna", "guest")
    return ("guest",) if path.startswith("/chat/") else ("anna",)


@pytest.fixture
def walk(enterprise, other_enterprise, settings, monkeypatch):
    settings.PUBLIC_URL = "https://chat.example.com"
    ours, theirs = build(enterprise, ""), build(other_enterprise, MARK)
    # What would be done for umbrella in any case.
    Webhook.objects.filter(pk=theirs.hook.pk).update(active=False)
    later = timezone.now() + timedelta(days=1)
    Conversation.objects.filter(uuid=theirs.group).update(claimed_at=later)
    for task in (sequencing.look, sequencing.look, counting.count):
        task()
    for table in TABLES:
        if not table.model._base_manager.filter(table.rows(enterprise)).exists():
            make(table, enterprise, "")
    yield Walk(ours, theirs, monkeypatch)
    hub.outboxes.clear()


def age(one) -> None:
    """So long ago that every periodic task has something to do."""
    then = timezone.now() - timedelta(days=3)
    mine = {"ent_id": one.enterprise.code}
    Conversation.objects.filter(**mine).update(
        claimed_at=then, waiting_since=then, offered_until=then, due_at=then, last_held_at=then
    )
    Reception.objects.filter(**mine).update(opened_at=then, closed_at=then)
    Visitor.objects.filter(**mine).update(contact="li@example.com", blocked_until=then)
    Team.objects.filter(enterprise=one.enterprise).update(
        retention_days=1, mail_minutes=1, idle_hours=1, routing="offer"
    )
    Webhook.objects.filter(enterprise=one.enterprise).update(active=True)


@pytest.mark.parametrize("number", range(ROUNDS + len(ALONE)))
def test_nothing_of_another_enterprise_is_shown_sent_or_changed(walk, number, tmp_path):
    ours, theirs = walk.ours, walk.theirs
    age(ours)
    assert plant(number, ours.enterprise, theirs.enterprise)
    walk.before = digest(theirs.enterprise)
    seen = set()
    for one in (ours, theirs):
        for name, path in addresses(one).items():
            if path in seen:
                continue
            seen.add(path)
            if path.startswith("/api/"):
                walk.try_(f"GET {path}", lambda path=path: ours.program.get(path).content, False)
                continue
            for who in readers(path):
                step = lambda who=who, path=path: walk.page(who, path)  # noqa: E731
                walk.try_(f"GET {path} ({name}) by {who}", step, False)
                if name in FORMS:
                    step = lambda who=who, path=path, form=FORMS[name]: walk.page(who, path, form)  # noqa: E731
                    walk.try_(f"POST {path} by {who}", step)
        for name, fields in FRAMES.items():
            frame = filled(fields, one)
            for who in ("anna", "guest"):
                walk.try_(f"{name} by {who}", lambda who=who, frame=frame: walk.frame(who, frame))
        for action in ("erase", "edit", "block", "hold"):
            walk.try_(
                action, lambda action=action, one=one: act_on_visitor(walk, action, one.group)
            )
    walk.try_("the visitor's erasure", lambda: erased(walk))
    for task in TASKS:
        walk.try_(f"task {task.__module__} {task.__qualname__}", lambda task=task: done(task))
    walk.try_("export", lambda: exported(ours.enterprise, tmp_path / "acme.zip"))
    assert digest(theirs.enterprise) == walk.before
    assert not walk.wrong, "\n".join(walk.wrong[:20])


def filled(fields: dict, one) -> dict:
    people = {"manager": one.mona, "bob": one.mona, "outsider": one.anna}
    frame = dict(fields)
    if frame.get("group") == "group":
        frame["group"] = one.group
    if "groups" in frame:
        frame["groups"] = {one.group: 0}
    if "client_id" in frame:
        frame["client_id"] = new_uuid()
    if "member" in frame:
        frame["member"] = people[frame["member"]].uuid
    if "mentions" in frame:
        frame["mentions"] = [people[who].uuid for who in frame["mentions"]]
    return frame


def act_on_visitor(walk, action: str, group: str) -> bytes:
    code = walk.ours.enterprise.code
    LegalHold.objects.filter(ent_id=code).delete()
    facts = {"label": "x", "reason": "x"}
    answer = batches.run([VisitorAction(action, walk.ours.mona.uuid, group, **facts)])
    return json.dumps(answer, default=str).encode()


def erased(walk) -> bytes:
    LegalHold.objects.filter(ent_id=walk.ours.enterprise.code).delete()
    return walk.page("guest", f"/chat/{walk.ours.enterprise.code}/privacy/erase/", {"sure": "1"})


def done(task) -> bytes:
    """What a periodic task sends: mails, and letters to webhooks."""
    found = task()
    found = found if isinstance(found, list) else []
    sent = [one for each in found for one in getattr(each, "mails", ())]
    letters = [each.body for each in found if hasattr(each, "body")]
    strangers = [one.to for one in sent if "umbrella" in str(one.to)]
    assert not strangers, strangers
    texts = [f"{one.subject} {one.body} {one.to}".encode() for one in sent]
    return b"".join([*texts, *letters])


def exported(enterprise: Enterprise, path) -> bytes:
    portability.export(enterprise, path)
    with zipfile.ZipFile(path) as archive:
        return b"".join(map(archive.read, archive.namelist()))
