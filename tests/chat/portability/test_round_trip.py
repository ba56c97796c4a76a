"""An enterprise that comes back from a file is equal."""

from datetime import timedelta

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import audit, setup, tokens
from accounts.models import AccessToken, Assistant, AuditRow, Enterprise, Member, Team
from chat.assistant import assistants
from chat.bulk import portability
from chat.bulk.portability import chain
from chat.bulk.portability.form import Unusable
from chat.models import (
    Article,
    ArticleIndex,
    ArticleUse,
    Conversation,
    CountedDay,
    GroupMessage,
    LegalHold,
    Visitor,
    Webhook,
)
from chat.posting import batches
from chat.reports.counting import packs
from tests.chat.helpers import JSON, check_ledger
from tests.conftest import PASSWORD

from .packing import on_disk, pack, redigested, remove, tables_of

pytestmark = pytest.mark.django_db


def test_what_comes_back_is_equal(busy, tmp_path, browser_of):
    before = pack(busy, tmp_path)
    contents, words = on_disk(), list(ArticleIndex.objects.values())
    told = tables_of(before)
    assert len([name for name, rows in told.items() if rows]) > 15
    remove(busy)
    assert not Enterprise.objects.filter(code="acme").exists()
    portability.load(before)

    again = Enterprise.objects.get(code="acme")
    after = tables_of(pack(again, tmp_path, "again.zip"))
    added = {"audit_row": 2, "audit_head": 0}
    for name, rows in told.items():
        for one, other in zip(rows, after[name], strict=False):
            if name == "audit_head":
                continue
            assert one == other, name
        assert len(after[name]) == len(rows) + added.get(name, 0), name
    assert on_disk() == contents and len(contents) == 2
    assert list(ArticleIndex.objects.values()) == words and words
    check_ledger()
    assert audit.verify(again.pk).problem == ""
    row = AuditRow.objects.filter(action="added", kind="enterprise", chain=again.pk).last()
    assert row.object_name == "acme"
    assert not Webhook.objects.get().active
    assert browser_of(Member.objects.get(name="alice")).get("/agent/").status_code == 200
    assert Member.objects.get(name="alice").check_password(PASSWORD)


def test_visitors_come_back_with_their_cookie(busy, tmp_path, guest, group):
    path = pack(busy, tmp_path)
    remove(busy)
    portability.load(path)
    answer = guest.browser().get("/chat/acme/messages/", **JSON)
    assert answer.status_code == 200 and b"first" in answer.content
    batches.post(guest.draft("back again"))
    assert GroupMessage.objects.filter(group_id=group, message_content="back again").exists()


def test_keys_that_are_taken_become_others_and_all_refer_to_them(
    busy, tmp_path, group, guest, browser_of
):
    """Another enterprise sits on the same numbers."""
    path = pack(busy, tmp_path)
    old, told = busy.pk, tables_of(path)
    remove(busy)
    other = setup.create_enterprise("bolt", "Bolt")
    sit_on_the_same_numbers(other, told)
    portability.load(path)
    again = Enterprise.objects.get(code="acme")
    assert again.pk != old
    conversation = Conversation.objects.get(uuid=group)
    assert conversation.team.enterprise == again and conversation.reception.group_id == group
    assert conversation.team.overflow.slug == "sales"
    assert conversation.visitor_id == guest.uuid
    assert LegalHold.objects.get().group_id == group
    assert Member.objects.get(name="alice").places.get().team == conversation.team
    article = Article.objects.get(enterprise=again)
    assert article.revisions.get().enterprise == again and article.saved_by.name == "alice"
    assert ArticleIndex.objects.get(article=article).title.split()[0] == f"{again.pk}wtea"
    assert ArticleUse.objects.get().article == article
    state = conversation.counting
    assert state["team"] == conversation.team_id
    verdict = audit.verify(again.pk)
    assert verdict.problem == "" and verdict.rows > 1
    assert audit.verify(other.pk).problem == ""
    check_ledger()
    assert browser_of(Member.objects.get(name="alice")).get(f"/agent/c/{group}/").status_code == 200


def sit_on_the_same_numbers(other, told) -> None:
    """Rows of another enterprise with the keys of the file."""
    numbers = [row["id"] for row in told["enterprise"]]
    if other.pk not in numbers:
        Enterprise.objects.create(pk=numbers[0], code="sits", name="Sits")
    for name, model in (
        ("team", Team),
        ("visitor", Visitor),
        ("group_message", GroupMessage),
        ("article", Article),
    ):
        for row in told[name]:
            if model._base_manager.filter(pk=row["id"]).exists():
                continue
            given = {
                Team: {"enterprise": other, "slug": f"t{row['id']}", "name": "T"},
                Visitor: {"ent_id": "bolt", "label": "x", "secret_hash": "s"},
                Article: {"enterprise": other, "slug": f"a{row['id']}", "lang": "en"},
                GroupMessage: {
                    **{"ent_id": "bolt", "group_id": "g", "sender": "s"},
                    **{"client_id": str(row["id"]), "seq": row["id"]},
                },
            }[model]
            model._base_manager.create(pk=row["id"], **given)


def test_an_altered_audit_is_not_made_to_fit(busy, tmp_path):
    row = AuditRow.objects.filter(chain=busy.pk).order_by("number")[1]
    AuditRow.objects.filter(pk=row.pk).update(actor_name="nobody")
    path = pack(busy, tmp_path)
    remove(busy)
    portability.load(path)
    again = Enterprise.objects.get(code="acme")
    assert again.pk == busy.pk and audit.verify(again.pk).problem
    with pytest.raises(Unusable, match="altered"):
        AuditRow.objects.filter(chain=again.pk).update(chain=999)
        chain.renumber(999, again.pk)


def test_nobody_becomes_a_superuser_by_it(busy, tmp_path):
    Member.objects.filter(name="alice").update(is_superuser=True)
    path = pack(busy, tmp_path)
    assert not any(row["is_superuser"] for row in tables_of(path)["member"])
    no, yes = b'"is_superuser":false', b'"is_superuser":true'
    path = redigested(path, "member", lambda rows: rows.replace(no, yes))
    remove(busy)
    portability.load(path)
    assert not Member.objects.get(name="alice").is_superuser


def test_the_assistant_gets_no_token_by_it_and_its_key_stays(busy, tmp_path):
    assistant = assistants.make(busy)
    Assistant.objects.update(mode="answer", sealed="sealed")
    tokens.issue(AccessToken(member=assistant.member, name="stolen"))
    path = pack(busy, tmp_path)
    (row,) = tables_of(path)["assistant"]
    assert (row["mode"], row["sealed"]) == ("off", "")
    remove(busy)
    portability.load(path)
    assert [one.name for one in AccessToken.objects.all()] == ["crm"]


def test_columns_that_the_file_does_not_know_have_their_defaults(busy, tmp_path):
    """A file that an earlier version has written."""

    def older(content):
        rows = [orjson.loads(line) for line in content.splitlines()]
        for row in rows:
            del row["retention_days"], row["mail_left"]
        return b"".join(orjson.dumps(row) + b"\n" for row in rows)

    path = redigested(pack(busy, tmp_path), "team", older)
    remove(busy)
    portability.load(path)
    assert all(team.retention_days is None and team.mail_left for team in Team.objects.all())


def test_the_commands_tell_what_they_did_and_what_is_wrong(busy, tmp_path, capsys):
    path = tmp_path / "acme.zip"
    with pytest.raises(CommandError, match="no enterprise 'nobody'"):
        call_command("export_enterprise", "nobody", str(path))
    call_command("export_enterprise", "acme", str(path))
    assert path.stat().st_mode & 0o777 == 0o600
    assert "group_message" in capsys.readouterr().out
    row = AuditRow.objects.filter(action="exported", kind="enterprise").get()
    assert row.object_name == "acme"
    with pytest.raises(CommandError, match="already"):
        call_command("import_enterprise", str(path))
    remove(busy)
    call_command("import_enterprise", str(path))
    assert Enterprise.objects.filter(code="acme").exists()


def test_days_of_reports_are_packed_anew(busy, tmp_path):
    path = pack(busy, tmp_path)
    remove(busy)
    portability.load(path)
    days = CountedDay.objects.all()
    assert days and all(day.packed != day.version for day in days)
    packs.pack_days(timezone.now() + timedelta(days=2))
    assert all(day.packed == day.version and day.data for day in days.all())
