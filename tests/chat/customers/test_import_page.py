"""The pages of imports: what managers do there, and nobody else."""

import pytest

from accounts.models import Attribute, AuditRow
from chat.bulk.customer_imports import files
from chat.files import storage
from chat.models import CustomerImport, Visitor
from tests.accounts.factors.apps import grow_old

from .imports import PLACE, checked, stored, undone, upload, worked

pytestmark = pytest.mark.django_db


def kinds() -> list[tuple[str, str]]:
    rows = AuditRow.objects.filter(kind="customerimport").order_by("pk")
    return [(row.action, row.details) for row in rows]


def test_a_manager_uploads_looks_imports_and_undoes(browser_of, manager, enterprise):
    Attribute.objects.create(enterprise=enterprise, key="plan", label="The plan")
    browser = browser_of(manager)
    template = browser.get(f"{PLACE}template.csv").content.decode()
    assert template == "\ufeffidentity,email,name,language,plan\r\n"
    text = "identity,name,plan,shoe\n=1+1,<b>Ann,gold,39\n,x,,\nu2,\a,\a,\n"
    answer = browser.post(PLACE, {"file": upload(text, "../a.csv")})
    row = CustomerImport.objects.get()
    assert answer.url == f"{PLACE}{row.pk}/" and row.name == "a.csv"
    assert "data-busy" in browser.get(answer.url).content.decode()
    worked(row)
    page = browser.get(answer.url).content.decode()
    assert "data-busy" not in page and "&lt;b&gt;Ann" in page and "The plan" in page
    assert ">shoe</b>" in page and "Neither identity nor e-mail address" in page
    browser.post(answer.url, {"action": "run"})
    row.refresh_from_db()
    assert row.state == "ready", "nobody has said that the column shoe is left out"
    browser.post(answer.url, {"action": "run", "ignore": "on"})
    worked(row)
    report = browser.get(f"{answer.url}report.csv").content.decode()
    assert '2,\'=1+1,Created,"name, plan",\r\n' in report
    assert "3,,Not importable,,Neither identity nor e-mail address\r\n" in report
    assert '4,u2,Not importable,"name, plan","Expected: a text of one line' in report
    question = browser.post(answer.url, {"action": "undo"})
    assert question.status_code == 200 and "who are deleted: 1" in question.content.decode()
    assert Visitor.objects.exists()
    browser.post(answer.url, {"action": "undo", "sure": "1"})
    worked(row)
    assert not Visitor.objects.exists()
    browser.post(answer.url, {"action": "discard"})
    row.refresh_from_db()
    assert row.state == "undone", "nobody was asked whether they are sure"
    browser.post(answer.url, {"action": "discard", "sure": "1"})
    assert browser.get(answer.url).status_code == 404
    assert kinds() == [
        ("added", "{}"),
        ("changed", '{"to_store": 1}'),
        ("changed", '{"created": 1}'),
        ("exported", "{}"),
        ("changed", '{"to_undo": 1}'),
        ("changed", '{"undone": 1}'),
        ("deleted", "{}"),
    ]


def test_a_problem_shows_the_cell_and_what_the_column_takes_before_all_else(
    browser_of, manager, enterprise
):
    wrong = {
        "number": ("many", "a number, such as 12.5"),
        "date": ("30.11.2026", "a date, such as 2026-11-30"),
        "choice": ("silver", "one of gold, new"),
        "link": ("shop", "a link that begins with https:// or http://"),
    }
    for kind in wrong:
        options = {"choices": ["gold", "new"]} if kind == "choice" else {}
        Attribute.objects.create(enterprise=enterprise, key=kind, kind=kind, **options)
    cells = ",".join(cell for cell, _form in wrong.values())
    row = checked(manager, f"identity,email,{','.join(wrong)}\nu1,,,,,\nu2,at,{cells}\n")
    page = browser_of(manager).get(f"{PLACE}{row.pk}/").content.decode()
    for cell, form in [("at", "an e-mail address"), *wrong.values()]:
        assert f'<q dir="auto">{cell}</q> Expected: {form}' in page
    assert page.index('id="problem"') < page.index('id="create"')


def test_what_is_refused_is_said(browser_of, manager):
    browser = browser_of(manager)
    for file, words in {
        upload("identity,a,A\nu1,,\n"): "Two columns have the same name: a",
        upload('identity\n"u1\n'): "Row 2: the quotation marks do not fit together.",
        "": "Choose a file first.",
    }.items():
        answer = browser.post(PLACE, {"file": file} if file else {})
        assert answer.status_code == 400 and words in answer.content.decode()
    row = checked(manager, "identity\nu1\n")
    assert browser.post(f"{PLACE}{row.pk}/", {"action": "fly"}).status_code == 400
    answer = browser.post(f"{PLACE}{row.pk}/", {"action": "undo", "sure": "1"}, follow=True)
    assert "the import has changed meanwhile" in answer.content.decode()


def test_a_list_is_of_one_enterprise_which_superusers_choose(
    browser_of, manager, other_manager, superuser
):
    stored(manager, "identity\nu1\n")
    foreign = browser_of(other_manager).get(PLACE).content.decode()
    assert "customers.csv" not in foreign
    root = browser_of(superuser)
    assert '<a href="?enterprise=acme">' in root.get(PLACE).content.decode()
    sent = {"file": upload("identity\nu2\n"), "enterprise": "umbrella"}
    root.post(PLACE, sent)
    assert CustomerImport.objects.latest("pk").enterprise == other_manager.enterprise
    assert "customers.csv" in browser_of(other_manager).get(PLACE).content.decode()


def test_the_same_identity_and_address_elsewhere_are_somebody_else(manager, other_manager):
    mine = stored(manager, "identity,email\nu1,a@example.com\n")
    stored(other_manager, "identity,email,name\nu1,a@example.com,Theirs\n")
    assert Visitor.objects.count() == 2
    files_before = Visitor.objects.get(ent_id="umbrella")
    undone(mine)
    assert Visitor.objects.get() == files_before


def test_a_report_is_for_whoever_has_proved_who_they_are(browser_of, manager):
    row, browser = checked(manager, "identity\nu1\n"), browser_of(manager)
    grow_old(browser)
    answer = browser.get(f"{PLACE}{row.pk}/report.csv")
    assert answer.status_code == 302 and "/confirm/" in answer.url


def test_an_upload_that_fails_leaves_no_file(browser_of, manager, monkeypatch):
    def full(path, parts):
        path.touch()
        raise OSError("no space left")

    monkeypatch.setattr(storage, "write_file", full)
    answer = browser_of(manager).post(PLACE, {"file": upload("identity\nu1\n")})
    assert answer.status_code == 400 and "too little free space" in answer.content.decode()
    assert not list(files.folder().glob("*"))
