"""Members and their places in the admin: what is possible, and what is refused."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member, Team, TeamMember
from accounts.signals import access_changed
from chat.assistant import assistants
from chat.presence import leases
from tests.accounts.pictures import picture
from tests.conftest import PASSWORD, stored

from .page import GOOD, MEMBERS, TEAMS, edit, errors_of, form_of, submit, submit_each

pytestmark = pytest.mark.django_db


def place(field, row, number=0, **more) -> dict:
    return {
        "places-TOTAL_FORMS": number + 1,
        f"places-{number}-{field}": row.pk,
        f"places-{number}-member_type": 2,
        **more,
    }


def test_a_manager_makes_a_member_with_a_place(boss, team):
    page = submit(
        boss, f"{MEMBERS}add/", name="Nina", nickname="妮娜", tel="123", **place("team", team)
    )
    nina = Member.objects.get(name="nina")
    assert (nina.enterprise, nina.role) == (team.enterprise, Member.Role.AGENT)
    assert nina.places.get().team == team
    shown = re.search(r"<code>(\w+-\w+-\w+-\w+)</code>", page.content.decode()).group(1)
    assert nina.check_password(shown)
    assert "<code>http://testserver/agent/login/</code>" in page.content.decode()
    assert nina.must_change_password


def test_a_new_member_starts_in_the_default_team(boss, root, team):
    Team.objects.create(enterprise=team.enterprise, slug="vip", name="VIP")
    page = submit(boss, f"{MEMBERS}add/", name="nina")
    assert Member.objects.get(name="nina").places.get().team == team
    assert "not in any team" not in page.content.decode()
    assert not form_of(root.get(f"{MEMBERS}add/"))["places-0-team"], "of which enterprise?"


def test_a_member_without_a_team_is_told_of_with_the_way_to_one(boss, root, team):
    page = submit(boss, f"{MEMBERS}add/", name="nina", **{"places-0-team": ""})
    nina = Member.objects.get(name="nina")
    assert not nina.places.exists()
    way = f'is not in any team and receives no conversations. <a href="{edit(nina)}#places-group">'
    assert way in page.content.decode()
    assert 'id="places-group"' in boss.get(edit(nina)).content.decode()
    submit(boss, edit(nina), tel="123")
    assert way in boss.get(edit(nina)).content.decode()
    submit(boss, edit(nina), **place("team", team))
    assert way not in boss.get(edit(nina)).content.decode()
    given = {"name": "super", "first_password": GOOD, "is_superuser": "on"}
    submit(root, f"{MEMBERS}add/", **given)
    assert "not in any team" not in root.get(MEMBERS).content.decode(), "who needs none"


def test_the_list_shows_who_is_there(boss, manager, alice, bob):
    Member.objects.filter(pk__in=[alice.pk, bob.pk]).update(last_login=timezone.now())
    assert presences(boss) == ["Offline", "Offline", "Offline"], "all are switched on"
    leases.renew([alice.uuid, bob.uuid])
    Member.objects.filter(pk=bob.pk).update(busy=True)
    Member.objects.filter(pk=manager.pk).update(last_login=None)
    assert presences(boss) == ["Busy", "Online", "never signed in"]


def presences(boss) -> list[str]:
    page = boss.get(MEMBERS).content.decode()
    return sorted(re.findall(r'field-presence"[^>]*><span[^>]*>([^<]*)<', page))


def test_a_first_password_is_changed_by_its_owner(boss, team):
    given = " a blank at each end "
    assert submit(boss, f"{MEMBERS}add/", name="nina", first_password=given).status_code == 302
    nina = Member.objects.get(name="nina")
    assert nina.check_password(given)
    assert nina.must_change_password


def test_a_weak_first_password_is_refused_with_the_reason(boss):
    names = {"name": "wilhelmina", "nickname": "Minchen Z"}
    weak = {
        "p w": "too short",
        "password1": "too common",
        "8305127764": "entirely numeric",
        "wilhelmina": "too similar to the account",
        "Minchen-Z": "too similar to the nickname",
    }
    changes = [{"first_password": password, **names} for password in weak]
    answers = submit_each(boss, f"{MEMBERS}add/", *changes)
    for reason, answer in zip(weak.values(), answers, strict=True):
        assert list(errors_of(answer)) == ["first_password"], reason
        assert reason in str(errors_of(answer))
    assert not Member.objects.filter(name="wilhelmina").exists()


@pytest.mark.django_db(transaction=True)
def test_a_new_member_with_an_address_is_invited(boss, team, mailoutbox):
    submit(boss, f"{MEMBERS}add/", name="nina", email="nina@example.com")
    assert mailoutbox[0].to == ["nina@example.com"]
    assert not Member.objects.get(name="nina").has_usable_password()
    assert "is being sent to" in boss.get(MEMBERS).content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_fails_is_told(boss, team, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    answer = submit(boss, f"{MEMBERS}add/", name="nina", email="nina@example.com")
    assert answer.status_code == 302
    assert "could not be sent" in boss.get(MEMBERS).content.decode()
    assert Member.objects.filter(name="nina").exists()


def test_a_bad_member_is_refused_by_field(boss, alice):
    bad = [{"name": name} for name in ("ALICE", "", "a b")]
    bad += [{"name": "nina", "email": "x"}, {"name": "nina", "role": "7"}]
    fields = [[*errors_of(answer)] for answer in submit_each(boss, f"{MEMBERS}add/", *bad)]
    assert fields == [["name"], ["name"], ["name"], ["email"], ["role"]]
    assert Member.objects.count() == 2


def test_a_manager_makes_nobody_of_another_enterprise(boss, team, other_team):
    foreign = other_team.enterprise.pk
    for value in (foreign, "", "x", "999999"):
        answer = submit(boss, f"{MEMBERS}add/", name="nina", enterprise=value)
        assert "enterprise" in errors_of(answer), value
    answer = submit(boss, f"{MEMBERS}add/", name="nina", **place("team", other_team))
    assert "places-0-team" in errors_of(answer)
    answer = submit(boss, f"{TEAMS}add/", slug="vip", name="VIP", enterprise=foreign)
    assert "enterprise" in errors_of(answer)
    assert not Member.objects.filter(name="nina").exists()
    assert Team.objects.count() == 2


def test_a_manager_makes_no_superuser(boss, alice, team):
    submit(boss, f"{MEMBERS}add/", name="nina", is_superuser="on", is_staff="on")
    submit(boss, edit(alice), is_superuser="on", must_change_password="on", password="x")
    assert not Member.objects.filter(is_superuser=True).exists()
    assert stored(alice).check_password(PASSWORD)


def test_members_and_teams_stay_in_their_enterprise(boss, root, alice, other_team, team):
    foreign = other_team.enterprise.pk
    for client in (boss, root):
        assert submit(client, edit(alice), enterprise=foreign, name="x").status_code == 302
        assert submit(client, edit(team), enterprise=foreign, slug="x").status_code == 302
    alice.refresh_from_db()
    assert (alice.enterprise, alice.name) == (stored(team).enterprise, "alice")
    assert (team.enterprise.code, team.slug) == ("acme", "service")


def test_nobody_is_placed_in_a_foreign_team(boss, root, alice, team, outsider, other_team):
    for client in (boss, root):
        answer = submit(client, edit(alice), **place("team", other_team, 1))
        assert errors_of(answer), "team"
        answer = submit(client, edit(team), **place("member", outsider, 1))
        assert errors_of(answer), "member"
    assert TeamMember.objects.count() == 2


def test_a_place_is_not_turned_into_another(boss, alice, bob, team, outsider):
    for member in (bob, outsider):
        number = {"places-0-member": member.pk}
        submit(boss, edit(team), **number)
    assert set(team.members.all()) == {alice, bob}


def test_foreign_places_cannot_be_edited_by_their_id(boss, alice, team, outsider):
    foreign = outsider.places.get()
    answer = submit(boss, edit(team), **{"places-0-id": foreign.pk, "places-0-DELETE": "on"})
    assert answer.status_code in (200, 302)
    assert TeamMember.objects.filter(pk=foreign.pk).exists()
    assert stored(foreign).team != team


def test_a_leader_is_named_and_a_place_is_taken_away(boss, alice, team):
    submit(boss, edit(team), **{"places-0-member_type": "1"})
    assert alice.places.get().member_type == TeamMember.Type.LEADER
    submit(boss, edit(alice), **{"places-0-DELETE": "on"})
    assert not alice.places.exists()


def test_a_second_place_in_one_team_is_refused(boss, alice, team):
    answer = submit(boss, edit(alice), **place("team", team, 1))
    assert errors_of(answer)
    assert alice.places.count() == 1


def test_profile_fields_are_saved_without_undoing_other_changes(boss, alice):
    page = boss.get(edit(alice))
    Member.objects.filter(pk=alice.pk).update(online_status=Member.OnlineStatus.OFFLINE)
    boss.post(edit(alice), {**form_of(page), "nickname": "Ann", "email": "ann@example.com"})
    alice.refresh_from_db()
    assert (alice.nickname, alice.email) == ("Ann", "ann@example.com")
    assert alice.online_status == Member.OnlineStatus.OFFLINE


def test_a_face_is_given_and_taken(boss, alice):
    file = SimpleUploadedFile("face.png", picture(), "image/png")
    submit(boss, edit(alice), picture=file)
    assert stored(alice).avator.startswith("/agent/avatar/")
    submit(boss, edit(alice), without_picture="on")
    assert stored(alice).avator == ""
    bad = SimpleUploadedFile("face.png", b"<svg/>", "image/png")
    assert "picture" in errors_of(submit(boss, edit(alice), picture=bad))


def test_disabling_and_enabling_are_told_to_who_listens(boss, alice, bob, manager):
    heard = []

    def listen(member, **kwargs):
        heard.append((member.name, member.is_active))

    access_changed.connect(listen)
    keys = {"_selected_action": [alice.pk, bob.pk, manager.pk]}
    asked = boss.post(MEMBERS, {"action": "disable", **keys}).content.decode()
    assert heard == [] and ">Disable</h1>" in asked
    assert "They are signed out everywhere" in asked and "小艾" in asked
    boss.post(MEMBERS, {"action": "disable", "confirmed": "yes", **keys})
    assert sorted(heard) == [("alice", False), ("bob", False)]
    boss.post(MEMBERS, {"action": "enable", **keys})
    assert sorted(heard[2:]) == [("alice", True), ("bob", True)]
    page = boss.get(edit(alice)).content.decode()
    assert f'action="{MEMBERS}"' in page and 'value="disable"' in page, "its page offers the same"


def test_nobody_disables_or_demotes_the_own_account(boss, manager, root, superuser):
    submit(boss, edit(manager), role="2")
    submit(root, edit(superuser), is_superuser=None)
    assert 'value="disable"' not in boss.get(edit(manager)).content.decode()
    for member in (manager, superuser):
        assert stored(member).is_active
        assert member.is_staff


def test_a_manager_sets_a_password_that_its_owner_changes(boss, alice, browser_of):
    agent = browser_of(alice)
    url = reverse("admin:accounts_member_password", args=[alice.pk])
    page = boss.get(url)
    assert page.status_code == 200
    weak = boss.post(url, {"new_password1": "123", "new_password2": "123"})
    assert weak.context["form"].errors
    done = boss.post(url, {"new_password1": GOOD, "new_password2": GOOD})
    assert done.url == edit(alice)
    assert stored(alice).check_password(GOOD)
    assert alice.must_change_password
    assert agent.get("/agent/profile/").url.startswith("/agent/login/")
    assert "has to change it" in boss.get(edit(alice)).content.decode()


def test_the_own_password_is_changed_elsewhere_with_the_old_one(boss, manager):
    url = reverse("admin:accounts_member_password", args=[manager.pk])
    assert boss.get(url).url == reverse("password-change")
    fields = {"new_password1": GOOD, "new_password2": GOOD}
    assert boss.post(url, fields).url == reverse("password-change")
    assert stored(manager).check_password(PASSWORD)


@pytest.mark.django_db(transaction=True)
def test_links_are_sent_to_those_with_an_address(boss, alice, bob, mailoutbox):
    keys = {"_selected_action": [alice.pk, bob.pk]}
    page = boss.post(MEMBERS, {"action": "send_link", **keys}, follow=True).content.decode()
    assert [mail.to for mail in mailoutbox] == [["alice@example.com"]]
    assert "No e-mail was sent to bob" in page


def test_a_superuser_makes_superusers_and_members_of_any_enterprise(root, other_team):
    submit(root, f"{MEMBERS}add/", name="second", first_password=GOOD, is_superuser="on")
    assert Member.objects.get(name="second").is_superuser
    fields = {"name": "otto", "first_password": GOOD, "enterprise": other_team.enterprise.pk}
    submit(root, f"{MEMBERS}add/", **fields, **place("team", other_team))
    assert Member.objects.get(name="otto").places.get().team == other_team
    answer = submit(root, f"{MEMBERS}add/", name="lost", first_password=GOOD)
    assert errors_of(answer)
    assert not Member.objects.filter(name="lost").exists()


def test_the_assistant_stays_what_it_is(boss, root, enterprise, other_enterprise):
    made = assistants.make(enterprise)
    facts = ("name", "enterprise", "role")
    stored = Member.objects.filter(pk=made.member_id).values(*facts)
    (before,) = stored
    other = {"name": "other@acme", "enterprise": other_enterprise.pk, "role": Member.Role.AGENT}
    for client in (boss, root):
        submit(client, edit(made.member), nickname="Mo", **other)
        assert [*stored] == [before]
        assert client.get(f"{MEMBERS}{made.member_id}/password/").status_code == 404
        page = client.post(f"{MEMBERS}{made.member_id}/delete/", {"post": "yes"})
        assert "is the AI assistant" in page.content.decode() or page.status_code == 403
        for action in ("disable", "delete_selected"):
            chosen = {"action": action, "_selected_action": made.member_id}
            sure = {"confirmed": "yes", "post": "yes"}
            page = client.post(MEMBERS, {**chosen, **sure}, follow=True).content.decode()
            assert "is the AI assistant" in page or (client, action) == (boss, "delete_selected")
    kept = assistants.of(enterprise.code).member
    assert (kept.display_name, kept.is_active) == ("Mo", True)
