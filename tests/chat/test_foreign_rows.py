"""Nothing crosses an enterprise, whatever rows exist.

Two enterprises have a row in every table that can be moved. In rounds, each column of acme's rows
that refers to something is made to refer to umbrella's (chat/bulk/portability/checks.py lists
them by the models). Then acme's people look at every page, send every frame and post every form,
and every periodic task runs: nothing of umbrella's is shown or sent, and none of its rows changes.
"""

import json
import zipfile
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Enterprise, Team, new_uuid
from chat.archive import export_jobs
from chat.background import periodic
from chat.bulk import portability
from chat.bulk.customer_imports import files as customer_files
from chat.bulk.customer_imports import jobs as customer_jobs
from chat.bulk.portability.tables import OF_MODEL, TABLES
from chat.care import blocks, quarantine, retention
from chat.conversations import claims, idle, snoozes
from chat.delivery.hub import hub
from chat.files import storage
from chat.mail import answers, parked, reminders
from chat.models import (
    Article,
    Channel,
    Conversation,
    CustomerImport,
    CustomerImportRow,
    LegalHold,
    Reception,
    Visitor,
    Webhook,
)
from chat.posting import batches
from chat.posting.visitor_actions import VisitorAction
from chat.reports import counting, report_mail
from chat.routing import live
from chat.stream import sequencer
from chat.webhooks import deliveries

from .addresses import ADDRESSES, FORMS, NOBODY
from .crossing import Walk
from .foreign_rows import ALONE, MARK, ROUNDS, build, digest, make, own, plant
from .frames import FRAMES

pytestmark = pytest.mark.django_db

TASKS = (
    *(claims.expire, claims.give_up, snoozes.expire, blocks.expire, quarantine.expire, idle.look),
    *(counting.count, sequencer.look, sequencer.delete_old, deliveries.make_new, live.look),
    *(lambda: storage.sweep(0), lambda: retention.expire(0), lambda: retention.expire_silent(0)),
    *(lambda: export_jobs.take(timezone.now()), lambda: deliveries.due(set())),
    *(deliveries.delete_old, periodic.count),
    *(lambda: undo_import(), customer_files.delete_old),
    *(reminders.take_due, answers.take_due, report_mail.take_due, parked.take_due),
)


SKIPPED = ("_add", "_delete", "_history", ">/", "health", "metrics", "login", "logout", "password")
"""Parts of the names of pages that show nothing stored, or what another page shows as well."""


def addresses(one) -> dict[str, str]:
    """An address of each page, with the ids of an enterprise's rows."""
    ids = {"nothing": 10**9, "group": one.group, "enterprise": one.enterprise.pk, "export": 1}
    for model in OF_MODEL:
        ids.setdefault(model._meta.model_name, own(one.enterprise, model, "pk"))
    ids |= {"sitevisit": 1, "customerimport": CustomerImport.objects.get().pk}
    ids.setdefault("assistanttask", ids["nothing"])
    ids |= {"guest": one.guest.uuid, "channel": own(one.enterprise, Channel, "key")}
    found = {
        name: path.format(**ids)
        .replace(f"webhooks/{NOBODY}", f"webhooks/{one.hook.uuid}")
        .replace(f"visitors/{NOBODY}", f"visitors/{one.guest.uuid}")
        .replace("articles/tea/", f"articles/{own(one.enterprise, Article, 'slug')}/")
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
    for task in (sequencer.look, sequencer.look, counting.count):
        task()
    for table in TABLES:
        if not table.model._base_manager.filter(table.rows(enterprise)).exists():
            make(table, enterprise, "")
    plant_import(ours, theirs)
    yield Walk(ours, theirs, monkeypatch)
    hub.outboxes.clear()


def plant_import(one, other) -> None:
    """An import with lines that are another enterprise's, or name its visitor."""
    columns = {"enterprise": one.enterprise, "state": "done", "finished_at": timezone.now()}
    source = CustomerImport.objects.create(shape={"columns": [], "unknown": []}, **columns)
    for line, (owner, who) in enumerate([(one, "x"), (other, MARK), (other, MARK)]):
        CustomerImportRow.objects.create(
            ent_id=owner.enterprise.code,
            customer_import=source,
            line=line,
            what="changed",
            who=who,
            visitor_id=other.guest.uuid,
            values={"name": [who, who]},
        )


def undo_import() -> None:
    CustomerImport.objects.update(state="undoing", key="", taken_at=None)
    customer_jobs.go_on(customer_jobs.take(timezone.now()))
    assert CustomerImport.objects.get().state == "undone"


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


NUMBERS = [
    number if number in (0, ROUNDS) else pytest.param(number, marks=pytest.mark.release)
    for number in range(ROUNDS + len(ALONE))
]
"""Of a quarter of a minute each: every run has one of either kind."""


@pytest.mark.parametrize("number", NUMBERS)
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
        walk.try_("a beginning by a program", lambda one=one: begun(walk, one))
        for key in one.keys:
            path = f"/files/{key}/"
            step = lambda path=path: walk.ours.program.get(path).content  # noqa: E731
            walk.try_(f"GET {path} by a program", step, False)
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


def begun(walk, one) -> bytes:
    body = {"visitor": one.guest.uuid, "content": "x"}
    return walk.ours.program.post("conversations/", body).content


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
