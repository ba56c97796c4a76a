"""The audit's list: who sees what, filters, before and after, and the file."""

import csv
import io
from urllib.parse import urlencode

import pytest
from django.utils import timezone, translation

from accounts import audit
from accounts.admin import audit as page
from accounts.admin import audit_filters
from accounts.models import AuditRow, Enterprise
from tests.accounts.admin.page import edit, submit
from tests.chat.matrix import routes

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/auditrow/"
EXPORT = f"{LIST}export/"


@pytest.fixture
def changed(boss, team, outsider):
    """Mona changed the team; there are rows of the other enterprise, too."""
    submit(boss, edit(team), name="Help <b>", routing="offer", answering_claims="on")
    return AuditRow.objects.filter(action="changed", kind="team").last()


def listed(browser, query="") -> list[AuditRow]:
    answer = browser.get(f"{LIST}?{query}")
    assert answer.status_code == 200, (query, answer.status_code)
    return list(answer.context["cl"].queryset)


def test_managers_see_their_enterprise_and_superusers_all(boss, root, changed, enterprise):
    audit.note("changed", audit.INSTALLATION, kind="member")
    assert {row.chain for row in listed(boss)} == {enterprise.pk}
    assert {row.chain for row in listed(root)} > {enterprise.pk, audit.INSTALLATION}
    foreign = AuditRow.objects.exclude(chain=enterprise.pk).first()
    assert boss.get(f"{LIST}{foreign.pk}/change/").status_code == 302
    assert boss.get(f"{LIST}{changed.pk}/change/").status_code == 200


def test_the_history_of_a_row_is_what_the_audit_has_of_it(boss, team, outsider, changed):
    page = boss.get(f"/admin/accounts/team/{team.pk}/history/", follow=True)
    rows = page.context["cl"].queryset
    assert changed in rows and {(row.kind, row.object_id) for row in rows} == {
        ("team", str(team.pk))
    }
    assert "Help &lt;b&gt;" in page.content.decode(), "its chip names it"
    foreign = outsider.places.get().team_id
    assert boss.get(f"/admin/accounts/team/{foreign}/history/").url == "/admin/"
    assert not listed(boss, f"about=team.{foreign}"), "nor by the address of the list"
    everything = len(listed(boss))
    for nothing in ("", "team", "team.", ".5", "\0.\0"):
        assert len(listed(boss, urlencode({"about": nothing}))) in (0, everything)


@pytest.mark.parametrize("who", ["boss", "root"])
def test_nobody_changes_it(request, who, changed):
    browser, before = request.getfixturevalue(who), AuditRow.objects.count()
    fields = {"action": "delete_selected", "_selected_action": [changed.pk], "post": "yes"}
    browser.post(LIST, fields)
    assert AuditRow.objects.filter(pk=changed.pk).exists()
    assert AuditRow.objects.count() == before


def test_before_and_after_can_be_read_in_both_languages(boss, manager, changed):
    text = boss.get(f"{LIST}{changed.pk}/change/").content.decode()
    for word in ("routing", "everyone: agents claim by themselves", "offer: one agent at a time"):
        assert word in text
    assert "Help &lt;b&gt;" in text and "Help <b>" not in text
    manager.language = "zh-hans"
    manager.save()
    text = boss.get(f"{LIST}{changed.pk}/change/").content.decode()
    assert "分配方式" in text and "变更前" in text
    assert "变更" in boss.get(LIST).content.decode()


def test_the_state_of_an_article_is_no_presence():
    details = '{"before": {"state": "draft"}, "after": {"state": "published"}}'
    row = AuditRow(kind="article", action="changed", details=details)
    with translation.override("en"):
        assert page.audit_texts.summary(row) == "state"
        assert page.audit_texts.lines(row)[0]["after"] == "published"


@pytest.mark.parametrize("reader", ["boss", "root"])
def test_the_list_names_who_what_and_where_in_the_enterprises_zone(
    reader, changed, enterprise, request
):
    Enterprise.objects.filter(pk=enterprise.pk).update(zone="Asia/Shanghai")
    at = timezone.now().replace(year=2026, month=3, day=1, hour=20, minute=5, second=6)
    AuditRow.objects.filter(pk=changed.pk).update(at=at)
    browser = request.getfixturevalue(reader)
    whose = f"&enterprise={enterprise.pk}" if reader == "root" else ""
    text = browser.get(f"{LIST}?kind=team&action__exact=changed{whose}").content.decode()
    for word in ("2026-03-02 04:05:06", "mona", "team service", "team: form"):
        assert word in text
    assert "Times in Asia/Shanghai" in text


@pytest.mark.parametrize("at", ["2026-03-01T20:05:00+00:00", "2026-03-01T20:05:00.250Z"])
def test_a_time_in_a_row_is_on_the_clocks_that_the_row_is_read_on(at):
    with timezone.override("Asia/Shanghai"):
        assert page.audit_texts.text({"minute": at}).endswith("2026-03-02 04:05:00")
        assert page.audit_texts.text(f"since {at}") == f"since {at}"


@pytest.mark.parametrize("name", ["2026-13-45T25:61:00Z", "9999-12-31T23:59:59Z"])
def test_words_that_only_look_like_a_time_stay_as_they_are(name):
    with timezone.override("Asia/Shanghai"):
        assert page.audit_texts.text(name) == name


def test_no_page_is_called_by_its_route():
    names = {name for name, _pattern in routes() if name.startswith(("admin:", "api:", "sso"))}
    others = ("file-small", "conversation-edit", "canned-reply", "security-app", "archive-views")
    for name in {"admin:login", *names, *others}:
        if "<" not in name and "(" not in name:
            assert ":" not in page.audit_texts.place(name).split(": ")[0], name
            assert page.audit_texts.place(name) != name
    found = [page.audit_texts.place(f"admin:{name}") for name in ("login", "chat_visitor_change")]
    assert found == ["sign-in", "visitor: form"]
    assert page.audit_texts.place("manage.py setup") == "manage.py setup"


def test_filters_combine(boss, manager, changed, enterprise, alice):
    day = timezone.now().date()
    query = f"actor={manager.uuid}&kind=team&action__exact=changed&from={day}&to={day}"
    assert listed(boss, query) == [changed]
    assert listed(boss, f"actor={alice.uuid}&kind=team") == []
    assert changed not in listed(boss, "to=2026-01-01")
    assert changed not in listed(boss, "from=2999-01-01")
    assert changed in listed(boss, "q=mona")
    page = boss.get(f"{LIST}?{query}&q=mona").content.decode()
    assert '<input type="hidden" name="kind" value="team">' in page
    assert '<input type="hidden" name="q" value="mona">' in page


def test_the_choice_of_who_does_not_end_in_silence(boss, manager, alice, monkeypatch):
    assert "Search for others." not in boss.get(LIST).content.decode()
    monkeypatch.setattr(audit_filters, "OFFERED", 1)
    assert "Search for others." in boss.get(LIST).content.decode()


@pytest.mark.parametrize(
    "query", ["from=yesterday", "to=2026-13-01", "from=2026-02-02&to=2026-02-01", "from=0001-01-01"]
)
def test_a_wrong_period_leads_back_to_the_list(boss, changed, query):
    assert boss.get(f"{LIST}?{query}").url.endswith("?e=1")
    assert boss.get(f"{EXPORT}?{query}").url == LIST


def test_a_filter_for_another_enterprise_shows_nothing_of_it(boss, changed, other_enterprise):
    for query in (f"chain={other_enterprise.pk}", f"enterprise={other_enterprise.pk}"):
        assert boss.get(f"{LIST}?{query}").status_code == 400


def read(answer) -> list[dict]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_file_has_what_the_list_shows_and_leaves_a_row(boss, team, enterprise, changed):
    submit(boss, edit(team), name="=1+1")
    answer = boss.get(f"{EXPORT}?kind=team")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = read(answer)
    assert {row["kind"] for row in rows} == {"team"}
    assert {row["chain"] for row in rows} == {str(enterprise.pk)}
    assert [int(row["number"]) for row in rows] == [row.number for row in listed(boss, "kind=team")]
    assert rows[0]["at"].endswith("Z")
    noted = AuditRow.objects.last()
    assert (noted.action, noted.kind, noted.actor_name) == ("exported", "auditrow", "mona")
    assert f'"rows": {len(rows)}' in noted.details and '"kind": "team"' in noted.details


def test_cells_that_a_spreadsheet_would_calculate_are_quoted(boss, enterprise):
    audit.note("changed", enterprise.pk, kind="topic", object_name=" =cmd()")
    assert read(boss.get(f"{EXPORT}?kind=topic"))[0]["object_name"] == "' =cmd()"


def test_a_file_has_an_end(boss, changed, monkeypatch):
    monkeypatch.setattr(page, "MOST", 1)
    answer = boss.get(EXPORT, follow=True)
    assert answer.redirect_chain[-1][0] == LIST
    assert "A file has at most 1 rows" in answer.content.decode()


def test_an_erased_row_says_so(boss, enterprise):
    who = "00000000-0000-4000-8000-000000000001"
    audit.note("exported", enterprise.pk, kind="visitor", object_id=who, visitor=who)
    audit.forget(who, enterprise.pk)
    row = AuditRow.objects.last()
    assert "erased with the visitor" in boss.get(LIST).content.decode()
    assert "Erased with the visitor." in boss.get(f"{LIST}{row.pk}/change/").content.decode()


def test_the_days_are_a_setting_with_bounds(boss, enterprise):
    assert submit(boss, edit(enterprise, "privacy"), audit_days="29").status_code == 200
    assert submit(boss, edit(enterprise, "privacy"), audit_days="90").status_code == 302
    enterprise.refresh_from_db()
    assert enterprise.audit_days == 90


def test_what_is_shown_can_be_searched_for(boss, manager, changed, team, other_enterprise):
    """Rows hold columns by other names than those that the list shows."""
    hours = {"zone": "UTC", "week": [[[540, 1080]]] + [[]] * 6, "holidays": []}
    later = hours | {"week": [[[600, 1080]]] + [[]] * 6}
    about = {"kind": "team", "object_id": str(team.pk), "object_name": "help"}
    for chain in (team.enterprise_id, other_enterprise.pk):
        details = {"before": {"hours": hours}, "after": {"hours": later}}
        audit.note("changed", chain, details=details, **about)
    row = AuditRow.objects.filter(chain=team.enterprise_id).last()
    for words in ("working hours", "Monday", "1080"):
        found = listed(boss, f"q={words}")
        assert row in found and changed not in found, words
        assert {one.chain for one in found} == {team.enterprise_id}, words
    assert changed in listed(boss, "q=routing") and row in listed(boss, "q=team")
    assert listed(boss, "q=no such words") == []
    text = boss.get(f"{LIST}{row.pk}/change/").content.decode()
    assert "<mark>Monday: 9:00-18:00</mark>" in text and "<mark>Monday: 10:00-18:00</mark>" in text
    assert text.count("<mark>") == 2
    manager.language = "zh-hans"
    manager.save()
    assert row in listed(boss, "q=工作时间")
    text = boss.get(f"{LIST}{row.pk}/change/").content.decode()
    assert "哈希值" in text and "节假日：" in text and "zone: " not in text
