"""What an import stores, what ends a process on the way, and what its undoing leaves."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts.models import Attribute, AuditRow
from chat import leased, sweeps
from chat.bulk.customer_imports import files, jobs, writing
from chat.care import joins, personal_data
from chat.models import (
    ChatGroup,
    ContactBy,
    CustomerImport,
    CustomerImportRow,
    LegalHold,
    StreamDue,
    Visitor,
    VisitorAttribute,
)
from chat.posting import batches
from chat.protocol.errors import Refused
from chat.visitors import identities
from chat.visitors.identities import Person
from tests.chat.signed_visitors import session_guest

from .imports import checked, lines, receive, stored, undone, worked

pytestmark = pytest.mark.django_db
TEXT = "identity,email,name,language,plan\n"


@pytest.fixture(autouse=True)
def plan(enterprise, other_enterprise):
    for one in (enterprise, other_enterprise):
        Attribute.objects.create(enterprise=one, key="plan", label="Plan")


def known(identity: str, code: str = "acme") -> Visitor:
    key = identities.identity_key(code, Person(identity))
    return Visitor.objects.get(identity_key=key)


def written(visitor: Visitor, **columns) -> Visitor:
    for name, value in columns.items():
        setattr(visitor, name, value)
    visitor.save()
    return visitor


def everything() -> list:
    found = Visitor.objects.order_by("label").values_list(
        "label", "contact", "contact_by", "language", "attributes", "identity"
    )
    return [*found, *VisitorAttribute.objects.order_by("key", "value").values_list("key", "value")]


def test_the_preview_stores_nothing_and_the_import_what_it_said(
    manager, customer, guest, group, other_enterprise
):
    loose = written(Visitor.objects.get(uuid=guest.uuid), contact="Li@example.com, 555 1234")
    Visitor.objects.create(ent_id="umbrella", label="x", contact="only@example.com")
    before = everything()
    row = checked(
        manager,
        TEXT
        + "7,new@example.com,Wang Wu,,gold\n"
        + "8,eight@example.com,,zh-CN,\n"
        + ",li@EXAMPLE.com,Li,,free\n"
        + "9,li@example.com,,,\n"
        + ",only@example.com,,,\n"
        + "7,,Again,,\n"
        + "x,w@example.com,,,gold\n",
    )
    assert lines(row) == [
        (2, "change", "", ""),
        (3, "create", "", ""),
        (4, "change", "", ""),
        (5, "problem", "identity", "twice"),
        (6, "problem", "email", "unknown"),
        (7, "problem", "identity", "twice"),
        (8, "create", "", ""),
    ]
    assert everything() == before and not StreamDue.objects.filter(type="visitor.updated").exists()
    files.begin(row, ignored=False)
    row = worked(row)
    assert row.state == "done" and row.percent == 100 and not list(files.folder().glob("*"))
    wang = known("7")
    assert (wang.label, wang.contact, wang.contact_by) == ("Wang Wu", "new@example.com", "import")
    assert wang.email == "w@example.com", "what the site has signed stays"
    seats = ChatGroup.objects.filter(uuid=customer.group)
    assert set(seats.values_list("group_name", flat=True)) == {"Wang Wu"}
    eight = known("8")
    assert (eight.label, eight.contact, eight.language) == ("8", "eight@example.com", "zh-hans")
    assert eight.contact_by == ContactBy.IMPORT and not eight.own_email
    assert eight.identity["by"] == ContactBy.IMPORT
    loose.refresh_from_db()
    assert (loose.label, loose.contact) == ("Li", "Li@example.com, 555 1234")
    assert loose.identity_key is None, "an address proves nobody"
    found = VisitorAttribute.objects.filter(key="plan", value="gold").values_list("visitor")
    assert {one for (one,) in found} == {wang.uuid, known("x").uuid}
    noted = StreamDue.objects.filter(type="visitor.updated").values_list("about", flat=True)
    assert sorted(noted) == sorted([wang.uuid, eight.uuid, loose.uuid, known("x").uuid])
    told = AuditRow.objects.filter(kind="customerimport", source="customer-import").get()
    assert told.details == '{"changed": 2, "created": 2}'


def test_an_address_that_several_have_is_not_clear(manager):
    for label in ("a", "b"):
        Visitor.objects.create(ent_id="acme", label=label, contact="s@example.com")
    row = checked(manager, "email,identity,name\ns@example.com,,x\ns@example.com,u1,y\n")
    assert lines(row) == [(2, "problem", "email", "several"), (3, "create", "", "")]


def test_who_is_imported_is_the_person_who_signs_in(manager, enterprise, team):
    stored(manager, TEXT + "7,a@example.com,Ann,,gold\n")
    person = Person("7", "Ann Lee", "ann@example.com")
    joins.renew(enterprise, person, {})
    ann = known("7")
    assert (ann.label, ann.contact, ann.contact_by) == ("Ann Lee", "ann@example.com", "site")
    batches.post(session_guest(enterprise, team, "7", name="Ann Lee").draft("hello"))
    assert Visitor.objects.get() == ann and ann.attributes == {"plan": "gold"}


class Killed(BaseException):
    pass


def many(n: int) -> str:
    return TEXT + "".join(f"u{k},u{k}@example.com,N{k},,gold\n" for k in range(n))


@pytest.mark.parametrize("after", range(4))
@pytest.mark.parametrize("step", ["check", "store", "take_back"])
def test_a_process_that_is_killed_at_any_batch_leaves_the_rest_to_another_one(
    manager, step, after, monkeypatch
):
    monkeypatch.setattr(jobs, "BATCH", 2)
    alone = everything()
    row, batch = receive(manager, many(5)), []
    place, name = (jobs.plans, "make") if step == "check" else (writing, step)
    whole = getattr(place, name)

    def dies(*args):
        batch.append(args)
        done = None if step == "check" and len(batch) > after else whole(*args)
        if len(batch) > after:
            # Behind what it has done, so that this must not count.
            raise Killed
        return done

    for begin in (None, lambda: files.begin(row, False), lambda: files.undo(row, timezone.now())):
        if begin:
            begin()
        state = row.state
        with monkeypatch.context() as patch:
            if (step, state) in {("check", "waiting"), ("store", "ready"), ("take_back", "done")}:
                patch.setattr(place, name, dies)
            try:
                worked(row)
            except Killed:
                assert jobs.take(timezone.now()) is None, "its lease holds"
                CustomerImport.objects.update(taken_at=timezone.now() - leased.LEASE * 2)
        row.refresh_from_db()
        if row.state not in ("ready", "done", "undone"):
            worked(row)
        if row.state == "done":
            assert Visitor.objects.count() == 5 == VisitorAttribute.objects.count()
            assert StreamDue.objects.count() == 5
    assert row.state == "undone" and everything() == alone
    assert len(lines(row)) == 5 and {what for _line, what, *_rest in lines(row)} == {"undone"}


def test_a_process_that_ends_gives_it_back_at_once(manager):
    row = receive(manager, many(1))
    sweeps.stopping.set()
    try:
        worked(row)
    finally:
        sweeps.stopping.clear()
    assert (row.state, row.taken_at, row.tries) == ("checking", None, 0)
    assert worked(row).state == "ready"


def test_a_process_that_has_lost_its_import_stores_nothing(manager):
    row = checked(manager, many(1))
    files.begin(row, ignored=False)
    taken = jobs.take(timezone.now())
    CustomerImport.objects.update(key="of another process")
    jobs.go_on(taken)
    assert not Visitor.objects.exists() and files.path_of(row.file).exists()


def test_a_batch_that_collides_is_tried_again(manager, monkeypatch):
    row, tried, whole = checked(manager, many(1)), [], writing.store

    def collides(*args):
        tried.append(args)
        whole(*args)
        if len(tried) == 1:
            raise OperationalError("deadlock")

    monkeypatch.setattr(writing, "store", collides)
    files.begin(row, ignored=False)
    assert worked(row).state == "done" and Visitor.objects.count() == 1


def test_who_has_come_since_the_preview_is_changed_and_not_there_twice(manager, enterprise, team):
    row = checked(manager, TEXT + "7,,Ann,,gold\n")
    batches.post(session_guest(enterprise, team, "7", name="A").draft("hello"))
    files.begin(row, ignored=False)
    assert lines(worked(row)) == [(2, "changed", "", "")]
    assert known("7").label == "Ann" and Visitor.objects.count() == 1


def test_undoing_leaves_what_was_changed_since(manager, customer, enterprise, team):
    before = known("7")
    row = stored(
        manager,
        TEXT
        + "7,new@example.com,Wang Wu,zh-CN,gold\n"
        + "".join(f"{k},,,,gold\n" for k in "abcdef"),
    )
    written(known("7"), language="")
    batches.post(session_guest(enterprise, team, "a").draft("hello"))
    written(known("b"), label="Bea")
    written(known("c"), attributes={"plan": "gold", "other": 1})
    held = {"group_id": "", "reason": "x", "placed_by": "", "placed_by_name": ""}
    LegalHold.objects.create(ent_id="acme", visitor=known("d"), **held)
    written(known("e"), blocked=True)
    assert undone(row).state == "undone"
    kept = [what for _line, what, *_rest in lines(row)]
    assert kept == ["kept"] * 6 + ["undone"]
    wang = known("7")
    assert (wang.label, wang.contact, wang.contact_by) == ("Wang", "", "")
    assert wang.language == "" and wang.attributes == before.attributes == {}
    assert not VisitorAttribute.objects.filter(visitor=wang).exists()
    labels = {"Wang", "a", "Bea", "c", "d", "e"}
    assert set(Visitor.objects.values_list("label", flat=True)) == labels
    with pytest.raises(Refused):
        files.undo(row, timezone.now())


def test_a_day_later_nothing_is_left_of_an_import_but_its_customers(manager):
    row, waiting = stored(manager, many(1)), receive(manager, many(1))
    later = timezone.now() + files.KEPT
    with pytest.raises(Refused):
        files.undo(row, row.finished_at + files.KEPT)
    files.delete_old(later - timedelta(hours=1))
    assert CustomerImport.objects.count() == 2 and files.path_of(waiting.file).exists()
    files.delete_old(later + timedelta(minutes=1))
    assert not CustomerImport.objects.exists() and not CustomerImportRow.objects.exists()
    assert Visitor.objects.count() == 1


def test_an_erasure_takes_the_lines_along_and_no_import_brings_them_back(manager, customer):
    done = stored(manager, TEXT + "7,,Wang Wu,,gold\nu1,,,,\n")
    row = checked(manager, TEXT + "7,,Wang Si,,\nu2,,,,\n")
    personal_data.erase(known("7").uuid)
    assert lines(done) == [(3, "created", "", "")] and lines(row) == [(3, "create", "", "")]
    files.begin(row, ignored=False)
    worked(row)
    assert set(Visitor.objects.values_list("label", flat=True)) == {"Erased visitor", "u1", "u2"}
    assert undone(done).state == "undone"


def test_an_import_that_was_discarded_stores_nothing_more(manager):
    row = receive(manager, many(3))
    taken = jobs.take(timezone.now())
    files.discard(row)
    jobs.go_on(taken)
    files.delete_old()
    assert not CustomerImport.objects.exists() and not CustomerImportRow.objects.exists()
    running = checked(manager, many(3))
    files.begin(running, ignored=False)
    with pytest.raises(Refused):
        files.discard(running)


def test_undoing_an_import_leaves_what_another_one_says_of_its_customers(manager):
    first, second = stored(manager, many(2)), checked(manager, many(2))
    undone(first)
    assert [what for _line, what, *_rest in lines(second)] == ["create"] * 2
    assert StreamDue.objects.filter(type="visitor.erased").count() == 2
    files.begin(second, ignored=False)
    assert [what for _line, what, *_rest in lines(worked(second))] == ["created"] * 2
    third = stored(manager, many(2))
    assert [what for _line, what, *_rest in lines(undone(second))] == ["kept"] * 2
    assert [what for _line, what, *_rest in lines(third)] == ["nothing"] * 2


def test_who_is_erased_is_not_brought_back_by_files_that_are_not_checked_yet(
    manager, customer, guest
):
    begun, waiting = (receive(manager, TEXT + "7,,Wang,,\n") for _ in range(2))
    taken = jobs.take(timezone.now())
    personal_data.erase(guest.uuid)
    assert taken.pk == begun.pk and jobs.own(taken).exists(), "no file can name the nameless"
    personal_data.erase(known("7").uuid)
    jobs.go_on(taken)
    for row in (begun, waiting):
        row.refresh_from_db()
        assert (row.state, row.problem, lines(row)) == ("failed", "erased", [])
    assert jobs.take(timezone.now()) is None
