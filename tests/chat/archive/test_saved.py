"""Saved views: kept for one member, of checked filters, and gone when they want."""

import pytest

from accounts.models import AuditRow
from chat.archive import saved
from chat.models import SavedView
from tests.conftest import hire

pytestmark = pytest.mark.django_db
VIEWS = "/admin/archive/views/"


def test_a_view_keeps_the_filters_under_a_name_and_leads_to_them(browser_of, manager, group):
    browser = browser_of(manager)
    sent = browser.post(VIEWS, {"name": " My  refunds ", "q": "退款", "state": "open", "x": "y"})
    assert sent.status_code == 302
    view = SavedView.objects.get()
    assert (view.name, view.fields) == ("My refunds", {"q": "退款", "state": "open"})
    page = browser.get(sent["Location"]).content.decode()
    assert "My refunds" in page and 'aria-current="true"' in page
    browser.post(VIEWS, {"name": "My refunds", "state": "closed"})
    assert SavedView.objects.get().fields == {"state": "closed"}, "the same name replaces it"
    gone = browser.post(f"{VIEWS}{view.pk}/delete/")
    assert gone.status_code == 302 and not SavedView.objects.exists()
    assert browser.post(f"{VIEWS}{view.pk}/delete/").status_code == 404


@pytest.mark.parametrize(
    "form",
    [
        {"name": "", "q": "x"},
        {"name": "x" * 61, "q": "x"},
        {"name": "a\x07b", "q": "x"},
        {"name": "all"},
        {"name": "x", "state": "lost"},
        {"name": "x", "team": "nowhere"},
    ],
)
def test_a_wrong_view_is_refused_and_nothing_kept(browser_of, manager, form):
    answer = browser_of(manager).post(VIEWS, form)
    assert answer.status_code == 400 and 'role="alert"' in answer.content.decode()
    assert not SavedView.objects.exists()


def test_a_view_may_be_called_and_look_for_whatever_can_be_typed(browser_of, manager):
    form = {
        "name": "家人👩\u200d👧\u3000退款",
        "q": "退款\u3000👩\u200d👧",
        "visitor": "王\u00a0建国",
    }
    assert browser_of(manager).post(VIEWS, form).status_code == 302
    view = SavedView.objects.get()
    assert (view.name, view.fields["q"]) == ("家人👩\u200d👧 退款", form["q"])


def test_there_are_not_too_many(browser_of, manager):
    SavedView.objects.bulk_create(
        SavedView(member=manager, enterprise=manager.enterprise, name=str(n), fields={"q": "x"})
        for n in range(saved.MOST)
    )
    browser = browser_of(manager)
    assert browser.post(VIEWS, {"name": "more", "q": "x"}).status_code == 400
    assert browser.post(VIEWS, {"name": "7", "q": "y"}).status_code == 302


def test_nobody_sees_anothers_view(browser_of, manager, supervisor, other_manager, superuser):
    browser_of(manager).post(VIEWS, {"name": "mine alone", "q": "x"})
    for who in (supervisor, other_manager, superuser):
        page = browser_of(who).get("/admin/archive/", {"enterprise": "acme"})
        assert "mine alone" not in page.content.decode(), who.name
    assert not AuditRow.objects.filter(source="archive-views").exists(), "their own choice"


def test_a_view_of_what_is_gone_leads_to_a_page_that_says_so(browser_of, manager, enterprise):
    away = hire("away", enterprise)
    browser = browser_of(manager)
    browser.post(VIEWS, {"name": "theirs", "member": "away"})
    away.delete()
    page = browser.get("/admin/archive/", SavedView.objects.get().fields)
    assert page.status_code == 400 and "does not exist" in page.content.decode()
