"""The one form page: who saved in between, and what its rows are called."""

import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from accounts import audit
from accounts.audit.origins import Origin
from accounts.models import AuditRow, Member, Team, Topic
from accounts.models.topic import MAX_TOPICS
from chat.models import CannedReply
from tests.conftest import hire, stored

from .page import MEMBERS, TEAMS, edit, errors_of, form_of, submit

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def test_what_somebody_else_saved_since_is_not_overwritten_unseen(boss, root, team):
    topic = Topic.objects.create(team=team, label="Orders")
    fields = form_of(boss.get(edit(team)))
    submit(root, edit(team), name="By root", **{"topics-0-label": "Returns"})
    mine = {**fields, "greeting": "Hi", "name": "Mine", "topics-0-label": "Mine"}
    refused = boss.post(edit(team), mine)
    errors = errors_of(refused)
    assert errors["name"] == ["It is now “By root”."] and "greeting" not in errors
    assert errors["topics-0-label"] == ["It is now “Returns”."]
    assert "root changed this page at" in errors["__all__"][0]
    assert escape(errors["name"][0]) in refused.content.decode()
    team.refresh_from_db()
    assert (team.name, team.greeting) == ("By root", "")
    assert boss.post(edit(team), {**form_of(refused), "_continue": ""}).status_code == 302
    team.refresh_from_db()
    topic.refresh_from_db()
    assert (team.name, team.greeting, topic.label) == ("Mine", "Hi", "Mine"), "they wanted it"


def test_what_nobody_else_has_touched_is_saved(boss, root, team):
    fields = form_of(boss.get(edit(team)))
    submit(root, edit(team), name="Mine")
    assert boss.post(edit(team), {**fields, "name": "Mine", "greeting": "Hi"}).status_code == 302
    assert Team.objects.get(pk=team.pk).greeting == "Hi"
    for broken in ("[1", "[" * 9000, "[" * 200_000):
        assert boss.post(edit(team), {**fields, "_seen": broken}).status_code == 302


def test_what_only_somebody_else_has_touched_stays_theirs(boss, root, team):
    fields = form_of(boss.get(edit(team)))
    others = {"name": "By root", "answer_seconds": "7", "routing": "offer", "warning_zh-hans": "好"}
    others |= {"monday": "9:00-12:00"}
    submit(root, edit(team), greeting="Hi", **others)
    refused = boss.post(edit(team), {**fields, "greeting": "Mine"})
    assert set(errors_of(refused)) == {"__all__", "greeting"}
    assert boss.post(edit(team), form_of(refused)).status_code == 302
    stored = form_of(boss.get(edit(team)))
    assert {name: stored[name] for name in others} == others and stored["greeting"] == "Mine"
    assert boss.post(edit(team), {**fields, "capacity": "3"}).status_code == 302
    assert form_of(boss.get(edit(team)))["greeting"] == "Mine", "not even refused"


def test_two_people_translate_a_text_at_once(boss, root, team):
    page, fields = edit(team), form_of(boss.get(edit(team)))
    submit(root, page, **{"greeting_zh-hans": "你好"})
    refused = boss.post(page, {**fields, "greeting": "Mine", "capacity": "x"})
    assert set(errors_of(refused)) == {"capacity"}
    both = {"greeting": "Mine", "greeting_zh-hans": "你好"}
    assert both.items() <= form_of(refused).items()
    assert boss.post(page, {**form_of(refused), "capacity": "3"}).status_code == 302
    assert both.items() <= form_of(boss.get(page)).items()
    refused = boss.post(page, {**fields, "greeting_zh-hans": "您好"})
    said = ["It is now “Mine”.", "简体中文: It is now “你好”."]
    assert errors_of(refused)["greeting"] == said
    assert boss.post(page, form_of(refused)).status_code == 302
    changed = {"greeting": "Mine", "greeting_zh-hans": "您好"}
    assert changed.items() <= form_of(boss.get(page)).items()


def test_who_changed_a_page_is_not_who_signed_in_or_sent_a_link(boss, root, alice):
    fields = form_of(boss.get(edit(alice)))
    submit(root, edit(alice), nickname="By root")
    about = {"kind": "member", "object_id": str(alice.pk)}
    audit.note(audit.Action.SIGNED_IN, alice.enterprise_id, Origin(name="alice"), **about)
    for year, said in ((2099, "root changed this page at 2099-01-02"), (2000, "This page was")):
        AuditRow.objects.update(at=datetime(year, 1, 2, 12, tzinfo=UTC))
        refused = boss.post(edit(alice), {**fields, "nickname": "Mine"})
        assert errors_of(refused)["__all__"][0].startswith(said), "not who did before"


def test_a_row_is_locked_from_its_check_to_its_saving(boss, team, monkeypatch):
    locked, real = [], QuerySet.select_for_update

    def note(self, **options):
        locked.append(self.model)
        return real(self, **options)

    monkeypatch.setattr(QuerySet, "select_for_update", note)
    fields = form_of(boss.get(edit(team)))
    assert Team not in locked
    boss.post(edit(team), fields)
    assert Team in locked


def test_rows_that_somebody_removed_meanwhile_are_left_out(boss, team, alice):
    topic = Topic.objects.create(team=team, label="Orders")
    bea = hire("bea", team.enterprise, team=team)
    fields = form_of(boss.get(edit(team)))
    topic.delete()
    alice.places.all().delete()
    refused = boss.post(edit(team), {**fields, "greeting": "Hi"})
    errors = errors_of(refused)
    assert set(errors) == {"places-0-__all__", "topics-0-__all__"}
    assert errors["topics-0-__all__"] == ["This row was removed meanwhile. Save again without it."]
    assert boss.post(edit(team), form_of(refused)).status_code == 302
    team.refresh_from_db()
    assert team.greeting == "Hi" and team.places.get().member == bea and not team.topics.exists()


def test_what_stands_beside_a_row_that_somebody_removed_is_stored(boss, team):
    for label in "ABC":
        Topic.objects.create(team=team, label=label)
    fields = form_of(boss.get(edit(team)))
    Topic.objects.get(label="A").delete()
    mine = {"topics-2-label": "Mine", "topics-3-label": "New", "topics-3-position": "9"}
    refused = boss.post(edit(team), {**fields, **mine})
    page = refused.content.decode()
    titles = re.findall(r'id="topics-\d" role="group" aria-label="([^"]*)"', page)
    assert titles == ["Topic", "B", "Mine", "Topic"]
    # A script counts the cards.
    again = {**form_of(refused), "topics-TOTAL_FORMS": len(titles)}
    assert boss.post(edit(team), again).status_code == 302
    assert set(team.topics.values_list("label", flat=True)) == {"B", "Mine", "New"}


def test_a_row_that_the_page_does_not_show_yet_is_no_row(boss, team):
    fields = form_of(boss.get(edit(team)))
    late = {name: v for name, v in fields.items() if not name.startswith("topics-0")}
    assert len(late) < len(fields)
    assert boss.post(edit(team), {**late, "greeting": "Hi"}).status_code == 302
    assert boss.post(edit(team), {**fields, "topics-0-label": "Orders"}).status_code == 302
    assert Topic.objects.get().label == "Orders"


def test_a_topic_that_no_visitor_would_see_is_refused(boss, team):
    vip = Team.objects.create(enterprise=team.enterprise, slug="vip", name="VIP")
    Topic.objects.bulk_create(Topic(team=vip, label=f"{n}") for n in range(MAX_TOPICS - 1))
    page, one = edit(team), {"topics-0-label": "Orders", "topics-TOTAL_FORMS": "1"}
    assert submit(boss, page, **one).status_code == 302
    more = {"topics-1-label": "Returns", "topics-1-position": "1", "topics-TOTAL_FORMS": "2"}
    refused = submit(boss, page, **more)
    assert errors_of(refused)["topics"] == [
        "Visitors choose among at most 30 topics of all teams. Delete some first."
    ]
    assert submit(boss, page, **more, **{"topics-0-DELETE": "on"}).status_code == 302
    Topic.objects.create(team=vip, label="from elsewhere")
    assert submit(boss, page, greeting="Hi").status_code == 302
    assert [topic.label for topic in team.topics.all()] == ["Returns"]


def test_a_form_may_have_thousands_of_rows(boss, team):
    fields = form_of(boss.get(edit(team)))
    rows = {f"places-{n}-{name}": "" for n in range(1000, 2900) for name in ("id", "a", "b", "c")}
    assert boss.post(edit(team), {**fields, **rows, "greeting": "Hi"}).status_code == 302
    assert stored(team).greeting == "Hi"


def test_a_team_offers_who_can_join_it_and_reads_its_members_at_once(
    root, team, alice, outsider, django_assert_num_queries
):
    hire("gone", team.enterprise, status=Member.Status.CLOSED)
    with CaptureQueriesContext(connection) as few:
        page = root.get(edit(team))
    inline = page.context["inline_admin_formsets"][0].formset
    offered = [str(label) for _key, label in inline.empty_form.fields["member"].choices]
    assert offered == ["Choose…", str(alice)]
    for number in range(3):
        hire(f"agent{number}", team.enterprise, team=team)
    with django_assert_num_queries(len(few)):
        root.get(edit(team))


def test_a_page_is_headed_by_what_is_done_there_and_stays_after_saving(boss, team):
    new = boss.get("/admin/accounts/team/add/").content.decode()
    assert "<h1" in new and ">Add a team</h1>" in new and "_addanother" not in new
    page = boss.post(edit(team), {**form_of(boss.get(edit(team))), "_continue": ""}, follow=True)
    assert page.redirect_chain == [(edit(team), 302)]
    assert f">{team.name}</h1>" in page.content.decode() and "Saved." in page.content.decode()


def test_what_was_refused_stands_in_the_order_of_the_page(boss):
    wrong = {"name": "Mei Lin", "first_password": "123", "email": "x"}
    page = submit(boss, f"{MEMBERS}add/", **wrong).content.decode()
    first, second, third = (page.index(f'href="#id_{name}"') for name in wrong)
    assert first < second < third


def test_a_new_team_is_asked_for_what_has_no_value_yet(boss):
    assert "capacity" not in form_of(boss.get(f"{TEAMS}add/"))
    submit(boss, f"{TEAMS}add/", name="Returns", slug="returns")
    made = Team.objects.get(slug="returns")
    assert (made.name, made.hours, made.answer_seconds) == ("Returns", {}, 120)


def test_a_section_is_folded_until_something_is_set_or_refused_there(boss, team, settings):
    def folded(answer) -> list[str]:
        return [one.name for one in answer.context["adminform"] if one.is_collapsible]

    settings.PUBLIC_URL = "https://chat.example"
    Team.objects.update(answering_claims=True)
    page = boss.get(edit(team))
    assert folded(page) == ["Waiting", "Routing", "Automatic closing", "Privacy"]
    fields = {**form_of(page), "capacity": "x", "farewell_zh-hans": "再见"}
    assert folded(boss.post(edit(team), fields)) == ["Waiting", "Privacy"]
    settings.PUBLIC_URL = ""
    assert "Waiting" not in folded(boss.get(edit(team))), "no mail goes out, as is said there"


def test_who_does_not_delete_a_row_is_on_its_page_again(boss, rows):
    page = boss.get(edit(rows[CannedReply][0]).replace("/change/", "/delete/")).content.decode()
    assert ">Delete the canned reply</h1>" in page
    assert page.count(edit(rows[CannedReply][0])) == 2, "above the title, and beside the button"


def test_what_is_empty_says_so(boss, team, alice):
    assert "none yet" in boss.get(edit(team)).content.decode()
    words = "Topics are added at a team."
    assert words in boss.get(edit(alice)).content.decode()
    Topic.objects.create(team=team, label="Orders")
    assert words not in boss.get(edit(alice)).content.decode()
    assert "none yet" not in boss.get(edit(team)).content.decode()
