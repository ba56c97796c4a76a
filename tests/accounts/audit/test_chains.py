"""The chain: whatever was altered, removed or slipped in is found, and named."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils import timezone

from accounts import audit
from accounts.models import AuditHead, AuditRow, Enterprise

pytestmark = pytest.mark.django_db
VISITOR = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def chain(enterprise) -> int:
    """That of acme, with eight rows: four of its founding, and four more."""
    pk = enterprise.pk
    begun = AuditHead.objects.get(pk=pk).number
    for number in range(begun, 7):
        audit.note("changed", pk, kind="team", object_id=str(number), details={"n": number})
    about = {"kind": "visitor", "object_id": VISITOR, "visitor": VISITOR}
    audit.note("exported", pk, details={"as": "file"}, **about)
    assert audit.verify(pk).problem == "" and AuditHead.objects.get(pk=pk).number == 8
    return pk


def rows(chain, **columns):
    return AuditRow.objects.filter(chain=chain, **columns)


COLUMNS = [
    *("at", "actor", "actor_name", "source", "address", "action", "kind"),
    *("object_id", "object_name", "visitor", "digest", "hash"),
]


@pytest.mark.parametrize("column", COLUMNS)
def test_a_row_of_which_one_column_was_altered_is_named(chain, column):
    value = timezone.now() - timedelta(days=1) if column == "at" else "x"
    rows(chain, number=4).update(**{column: value})
    assert audit.verify(chain).problem in ("row 4 was altered", "the details of row 4 were altered")


def test_altered_details_are_found(chain):
    rows(chain, number=5).update(details='{"n": 6}')
    assert audit.verify(chain).problem == "the details of row 5 were altered"


def test_details_and_digest_altered_together_are_found(chain):
    from accounts.audit.chains import digest

    rows(chain, number=5).update(details="{}", digest=digest("{}"))
    assert audit.verify(chain).problem == "row 5 was altered"


@pytest.mark.parametrize("number", [1, 2, 7])
def test_a_removed_row_is_named(chain, number):
    rows(chain, number=number).delete()
    assert f"row {number} was removed" in audit.verify(chain).problem


def test_removed_last_rows_are_found(chain):
    rows(chain, number__gte=7).delete()
    assert audit.verify(chain).problem == "row 7 was removed, and all after it"


def test_all_rows_removed_are_found(chain):
    rows(chain).delete()
    assert audit.verify(chain).problem == "row 1 was removed, and all after it"
    AuditHead.objects.filter(pk=chain).delete()
    assert audit.verify(chain).problem == "the head is missing"


def test_a_removed_row_is_found_although_the_others_were_numbered_anew(chain):
    rows(chain, number=8).delete()
    rows(chain, number=6).delete()
    rows(chain, number=7).update(number=6)
    AuditHead.objects.filter(pk=chain).update(number=F("number") - 2)
    assert audit.verify(chain).problem == "row 6 was altered"


def test_a_row_behind_the_head_is_found(chain):
    row = rows(chain, number=8).get()
    row.pk, row.number = None, 9
    row.save()
    assert audit.verify(chain).problem == "row 9 is not known to the head"


def test_an_erasure_takes_the_details_and_leaves_the_chain_whole(chain):
    audit.forget(VISITOR, chain)
    audit.note("erased", chain, kind="visitor", object_id=VISITOR, visitor=VISITOR)
    assert rows(chain, number=8).get().details is None
    assert audit.verify(chain).problem == ""


def test_details_that_went_without_an_erasure_are_found(chain):
    rows(chain, number=8).update(details=None)
    assert audit.verify(chain).problem == "the details of row 8 were removed"
    rows(chain, number=8).update(details='{"as": "file"}')
    rows(chain, number=3).update(details=None)
    assert audit.verify(chain).problem == "the details of row 3 were removed"


def age(chain, upto, days):
    """Makes rows up to a number older, as if time had passed, with hashes that fit."""
    from accounts.audit import chains

    before = ""
    for row in rows(chain).order_by("number"):
        if row.number <= upto:
            row.at -= timedelta(days=days)
        row.hash = before = chains.link(before, row)
        row.save()
    AuditHead.objects.filter(pk=chain).update(hash=before)


def test_what_is_too_old_is_cut_off_and_the_rest_fits_on(chain):
    age(chain, 5, 400)
    audit.shorten()
    left = list(rows(chain).order_by("number").values_list("number", "action"))
    assert left == [(6, "changed"), (7, "changed"), (8, "exported"), (9, "cut")]
    assert audit.verify(chain).problem == ""
    audit.shorten()
    assert rows(chain).count() == 4, "a second run changes nothing"


def test_a_cut_off_beginning_cannot_be_replaced(chain):
    age(chain, 5, 400)
    audit.shorten()
    rows(chain, number=6).delete()
    assert audit.verify(chain).problem == "row 6 was removed, and all before it"


def test_everything_may_be_cut_off(chain):
    age(chain, 8, 400)
    audit.shorten()
    assert list(rows(chain).values_list("number", "action")) == [(9, "cut")]
    assert audit.verify(chain).problem == ""


def test_the_enterprise_says_how_long_rows_are_kept(chain):
    age(chain, 5, 40)
    audit.shorten()
    assert rows(chain).count() == 8
    Enterprise.objects.filter(pk=chain).update(audit_days=30)
    audit.shorten()
    assert rows(chain, number__lte=5).count() == 0


def test_the_log_has_the_end_of_each_chain_whenever_it_has_moved(chain, caplog):
    """The chain itself cannot show that its end was removed, and its head set back."""
    caplog.set_level("INFO", "kefu.audit")
    last = rows(chain, number=8).get()
    audit.log_ends()
    assert f"audit chain {chain} ends with row 8 {last.hash}" in caplog.messages
    caplog.clear()
    audit.log_ends()
    assert caplog.messages == []
    last.delete()
    before = rows(chain, number=7).get().hash
    AuditHead.objects.filter(pk=chain).update(number=7, hash=before)
    assert audit.verify(chain).problem == ""
    audit.log_ends()
    assert caplog.messages == [f"audit chain {chain} ends with row 7 {before}"]
    assert caplog.records[-1].enterprise == "acme"


def test_the_command_says_what_is_whole_and_fails_for_what_is_not(chain, capsys):
    audit.note("changed", audit.INSTALLATION)
    call_command("audit", "verify")
    last = AuditHead.objects.get(pk=chain)
    out = capsys.readouterr().out
    assert f"acme: 8 rows are whole, the last is 8 {last.hash}" in out
    assert "the installation: " in out and "cut at its end" in out
    rows(chain, number=4).update(actor_name="nobody")
    with pytest.raises(CommandError, match="1 of 2 chains"):
        call_command("audit", "verify")
    assert "acme: row 4 was altered" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("audit", "verify", "--enterprise", "acme")
    with pytest.raises(CommandError, match="no enterprise 'nobody'"):
        call_command("audit", "verify", "--enterprise", "nobody")


def test_rows_of_an_enterprise_that_was_deleted_stay_and_are_checked(chain, capsys):
    Enterprise.objects.filter(pk=chain).get().teams.all().delete()
    Enterprise.objects.filter(pk=chain).get().delete()
    audit.note("changed", audit.INSTALLATION)
    call_command("audit", "verify")
    assert f"enterprise {chain}, deleted: " in capsys.readouterr().out
    assert rows(chain).last().action == "deleted"
