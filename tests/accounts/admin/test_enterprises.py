"""Enterprises, teams and visitors in the admin."""

import re

import pytest
from django.utils import timezone

from accounts.models import Enterprise, Member, Team
from chat.models import ChatGroup, Conversation, GroupMember, Visitor
from tests.conftest import stored

from .page import ENTERPRISES, GOOD, TEAMS, edit, errors_of, form_of, submit, submit_each

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_a_superuser_makes_an_enterprise_with_team_and_manager(root):
    page = submit(
        root,
        f"{ENTERPRISES}add/",
        code="globex",
        name="Globex",
        sites="https://WWW.example.com/\nhttp://shop.example:8080",
        manager_account="Gina",
    )
    assert page.status_code == 200
    gina = Member.objects.get(name="gina")
    assert gina.is_manager
    assert gina.enterprise.code == "globex"
    assert gina.enterprise.sites == "https://www.example.com\nhttp://shop.example:8080"
    assert gina.enterprise.teams.get().slug == "service"
    shown = re.search(r"<code>(\w+-\w+-\w+-\w+)</code>", page.content.decode()).group(1)
    assert gina.check_password(shown)
    assert gina.must_change_password
    assert shown not in str(page.cookies)


def test_with_an_address_the_manager_is_invited(
    root, mailoutbox, client, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        submit(
            root,
            f"{ENTERPRISES}add/",
            code="globex",
            name="Globex",
            manager_account="gina",
            manager_email="gina@example.com",
        )
    (mail,) = mailoutbox
    assert mail.to == ["gina@example.com"]
    assert "Globex" in mail.subject
    link = re.search(r"http://testserver(/agent/password/set/\S+)", mail.body).group(1)
    form = client.get(link, follow=True)
    fields = {"new_password1": GOOD, "new_password2": GOOD}
    assert client.post(form.redirect_chain[-1][0], fields).status_code == 302
    assert client.post("/agent/login/", {"username": "gina", "password": GOOD}).status_code == 302
    assert not Member.objects.get(name="gina").must_change_password


BAD = [
    ("code", "Not A Code"),
    ("code", "acme"),
    ("name", ""),
    ("accent", "red"),
    ("sites", "https://a.example; script-src *"),
    ("sites", "javascript:alert(1)"),
    ("sites", "https://a.example/path"),
    ("manager_account", "ALICE"),
    ("manager_account", ""),
    ("manager_email", "nobody"),
]


def test_a_bad_enterprise_is_refused_by_field(root, alice):
    good = {"code": "globex", "name": "Globex", "manager_account": "gina"}
    changes = [{**good, field: value} for field, value in BAD]
    answers = submit_each(root, f"{ENTERPRISES}add/", *changes)
    assert [(*errors_of(answer),) for answer in answers] == [(field,) for field, _value in BAD]
    assert Enterprise.objects.count() == 1
    assert Member.objects.count() == 2


def test_code_and_status_of_an_enterprise_stand(root, enterprise):
    submit(root, edit(enterprise), code="other", status="1", name="Acme 2")
    enterprise.refresh_from_db()
    assert (enterprise.code, enterprise.status, enterprise.name) == ("acme", 0, "Acme 2")


def test_closing_asks_first(root, enterprise, other_enterprise):
    fields = {"action": "close", "_selected_action": [enterprise.pk]}
    asked = root.post(ENTERPRISES, fields)
    assert "lose access" in asked.content.decode()
    assert stored(enterprise).is_open
    root.post(ENTERPRISES, {**fields, "confirmed": "yes"})
    enterprise.refresh_from_db()
    assert (enterprise.is_open, stored(other_enterprise).is_open) == (False, True)
    root.post(ENTERPRISES, {**fields, "action": "open", "confirmed": "yes"})
    assert stored(enterprise).is_open


def test_a_manager_edits_name_and_sites_of_the_own_enterprise(boss, enterprise):
    fields = {"name": "Acme!", "sites": "https://a.example"}
    answer = submit(boss, edit(enterprise), **fields, code="x", status="1", identity_secret="x")
    assert answer.status_code == 302
    secret = enterprise.identity_secret
    enterprise.refresh_from_db()
    assert {name: getattr(enterprise, name) for name in fields} == fields
    assert (enterprise.code, enterprise.status) == ("acme", 0)
    assert enterprise.identity_secret == secret
    boss.post(ENTERPRISES, {"action": "close", "_selected_action": [1], "confirmed": "yes"})
    assert stored(enterprise).is_open


def test_a_manager_says_what_is_held_as_spam_and_whether_a_flood_is_challenged(boss, enterprise):
    assert (enterprise.hold, enterprise.challenge) == ("same", False)
    submit(boss, edit(enterprise, "spam"), hold="links", challenge="on")
    enterprise.refresh_from_db()
    assert (enterprise.hold, enterprise.challenge) == ("links", True)
    submit(boss, edit(enterprise, "spam"), hold="everything", challenge="")
    enterprise.refresh_from_db()
    assert (enterprise.hold, enterprise.challenge) == ("links", True), "refused as a whole"


def test_a_new_team_comes_without_a_slug_and_takes_none_of_another_team(boss, team):
    assert form_of(boss.get(f"{TEAMS}add/"))["slug"] == ""
    taken = submit(boss, f"{TEAMS}add/", slug="service", name="Again")
    assert errors_of(taken) == {"slug": ["Another team has this slug."]}
    assert "slug" in errors_of(submit(boss, f"{TEAMS}add/", name="Again"))
    assert submit(boss, f"{TEAMS}add/", slug="again", name="Again").status_code == 302
    assert submit(boss, edit(team), name="As before").status_code == 302


def test_the_default_team_stays_and_others_go(boss, team):
    vip = Team.objects.create(enterprise=team.enterprise, slug="vip", name="VIP")
    for row in (team, vip):
        boss.post(f"{TEAMS}{row.pk}/delete/", {"post": "yes"})
    assert list(Team.objects.all()) == [team]


def test_an_enterprise_is_closed_and_never_deleted(root, enterprise):
    assert "Delete" not in root.get(edit(enterprise)).content.decode()
    assert root.post(f"{ENTERPRISES}{enterprise.pk}/delete/", {"post": "yes"}).status_code == 403


def test_of_what_keeps_a_team_conversations_are_only_counted(
    boss, team, django_assert_max_num_queries
):
    vip = Team.objects.create(enterprise=team.enterprise, slug="vip", name="VIP")
    for number in range(30):
        visitor = Visitor.objects.create(ent_id="acme", label=str(number), secret_hash=str(number))
        has = {"team": vip} if number % 2 else {"team": team, "door": vip}
        Conversation.objects.create(
            ent_id="acme", visitor=visitor, last_activity=timezone.now(), **has
        )
    with django_assert_max_num_queries(20):
        page = boss.post(f"{TEAMS}{vip.pk}/delete/", {"post": "yes"}).content.decode()
    assert "30 conversations" in page and "remove its topics" in page
    with django_assert_max_num_queries(20):
        chosen = {"action": "delete_selected", "_selected_action": [vip.pk], "post": "yes"}
        assert "30 conversations" in boss.post(TEAMS, chosen).content.decode()


def test_a_visitors_name_is_changed_where_it_is_shown(boss, enterprise):
    visitor = Visitor.objects.create(ent_id="acme", label="Visitor 1", secret_hash="s")
    GroupMember.objects.create(ent_id="acme", member_id=visitor.uuid, member_name="Visitor 1")
    changed = {"label": "Mr Li", "contact": "li@example.com", "ent_id": "x"}
    # The page has forms for acts, too.
    answer = submit(boss, edit(visitor), action=None, **changed)
    assert answer.status_code == 302
    visitor.refresh_from_db()
    assert (visitor.label, visitor.contact, visitor.ent_id) == ("Mr Li", "li@example.com", "acme")
    assert GroupMember.objects.get().member_name == "Mr Li"
    assert not ChatGroup.objects.exists()


def test_a_manager_chooses_how_long_and_how_much_is_kept(boss, enterprise):
    privacy = edit(enterprise, "privacy")
    page = boss.get(privacy).content.decode()
    assert "This cannot be undone" in page
    answer = submit(boss, privacy, retention_days="90", addresses="none")
    assert answer.status_code == 302
    enterprise.refresh_from_db()
    assert (enterprise.retention_days, enterprise.addresses) == (90, "none")
    bad = [{"retention_days": value} for value in ("0", "-1", "3651", "x")]
    bad.append({"addresses": "some"})
    for change, answer in zip(bad, submit_each(boss, privacy, *bad), strict=True):
        assert errors_of(answer).keys() == change.keys(), change
    submit(boss, privacy, retention_days="")
    assert stored(enterprise).retention_days is None


@pytest.mark.parametrize(
    ("language", "name"), [("en", "Customer service"), ("zh-hans", "在线客服")]
)
def test_the_first_team_is_named_in_the_enterprises_language(root, superuser, language, name):
    page = f"{ENTERPRISES}add/"
    assert (
        form_of(root.get(page, headers={"Accept-Language": "zh-CN"}))["first_language"] == "zh-hans"
    )
    submit(
        root, page, code="globex", name="Globex", manager_account="gina", first_language=language
    )
    assert Team.objects.get(enterprise__code="globex").name == name
    assert Member.objects.get(name="gina").language == language
