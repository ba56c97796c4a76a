"""Many members invited at once by their addresses: what comes of each, and who may."""

import re
from datetime import UTC, datetime

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import mails, setup
from accounts.factors import fresh
from accounts.forms import invitations
from accounts.forms.invitations import entries
from accounts.models import AuditRow, Member
from chat.models import CannedReply

from .page import GOOD, MEMBERS, edit, submit

pytestmark = pytest.mark.django_db(transaction=True)
INVITE = f"{MEMBERS}invite/"
PRINTED = "django.core.mail.backends.console.EmailBackend"


@pytest.fixture(autouse=True)
def mails_at_once(monkeypatch):
    class Now:
        def submit(self, function, *args):
            function(*args)

    monkeypatch.setattr(mails, "invitations", Now())
    monkeypatch.setattr(mails.connection, "close", lambda: None)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a@x.io, b@x.io;c@x.io d@x.io\r\n\ne@x.io", "a@x.io b@x.io c@x.io d@x.io e@x.io"),
        ("a@x.io，b@x.io；c@x.io、d@x.io", "a@x.io b@x.io c@x.io d@x.io"),
        ("Mei Lin <mei@x.io>, Tao<tao@x.io>", "Mei Lin|mei@x.io Tao|tao@x.io"),
        ('"Lin, Mei" <mei@x.io>', "Lin Mei|mei@x.io"),
        ("a@x.io Mei <mei@x.io> b@x.io", "a@x.io Mei|mei@x.io b@x.io"),
        ("Mei <mei@x.io", "Mei|mei@x.io"),
        (" ,;\n", ""),
    ],
)
def test_a_pasted_list_is_read_as_people_write_it(text, found):
    assert (
        " ".join("|".join(filter(None, (one.name, one.address))) for one in entries(text)) == found
    )


def invite(client, text: str, teams=(), role=Member.Role.AGENT, **more):
    fields = {"addresses": text, "role": role, "teams": [team.pk for team in teams]}
    return client.post(INVITE, fields | more)


def test_each_address_is_answered_for_and_only_bad_ones_stay(
    boss, alice, team, outsider, other_enterprise, mailoutbox
):
    setup.create_member("taken@x.io", enterprise=other_enterprise)
    Member.objects.filter(pk=outsider.pk).update(email="otto@x.io")
    text = "Mei <Mei@x.io>, o'neil@x.io, mei@x.io, alice@example.com, nobody, taken@x.io, otto@x.io"
    page = invite(boss, text, [team])
    assert [one.words for one in page.context["outcomes"]] == [
        *("Invited", "Invited", "Twice in the list", "A member already", "Not an e-mail address"),
        *("The account is taken: add this member by hand", "Invited"),
    ]
    assert page.context["invite"].initial["addresses"] == "nobody\ntaken@x.io"
    mei = Member.objects.get(name="mei@x.io")
    assert (mei.nickname, mei.email, mei.role) == ("Mei", "Mei@x.io", Member.Role.AGENT)
    assert (mei.enterprise, mei.places.get().team) == (team.enterprise, team)
    assert Member.objects.filter(name="o-neil@x.io").exists()
    assert [mail.to for mail in mailoutbox] == [["Mei@x.io"], ["o'neil@x.io"], ["otto@x.io"]]
    noted = AuditRow.objects.filter(object_name="mei@x.io").values_list("action", flat=True)
    assert {*noted} == {"added", "link_sent"}
    assert "Invited already" in invite(boss, "mei@x.io").content.decode()


def test_who_was_made_before_the_database_failed_is_mailed(boss, team, mailoutbox, monkeypatch):
    joined = []

    def join_team(member, team):
        joined.append(member)
        if len(joined) == 3:
            raise OperationalError

    monkeypatch.setattr(setup, "join_team", join_team)
    page = invite(boss, "a@x.io b@x.io c@x.io d@x.io", [team])
    assert page.context["invite"].initial["addresses"] == "c@x.io\nd@x.io"
    assert [mail.to for mail in mailoutbox] == [["a@x.io"], ["b@x.io"]]
    assert Member.objects.filter(name__endswith="@x.io").count() == 2


def test_until_it_is_accepted_an_invitation_says_how_long_its_link_is_good(boss, team):
    invite(boss, "mei@x.io", [team])
    mei = Member.objects.get(name="mei@x.io")
    sent = AuditRow.objects.filter(action="link_sent")
    Member.objects.filter(pk=mei.pk).update(created_at=datetime(2026, 1, 2, 9, tzinfo=UTC))
    sent.update(at=datetime(2026, 1, 4, 9, tzinfo=UTC))
    assert "invited on Jan. 2, 2026, the link has expired" in boss.get(edit(mei)).content.decode()
    assert "Link expired" in boss.get(MEMBERS).content.decode()
    sent.update(at=timezone.now())
    for page in (MEMBERS, edit(mei)):
        assert "invited on Jan. 2, 2026, link valid until" in boss.get(page).content.decode()
    for page in ("/admin/accounts/team/", edit(team)):
        assert "mei@x.io (invited)" in boss.get(page).content.decode()
    mei.set_password(GOOD)
    mei.save()
    assert "invited" not in boss.get(edit(mei)).content.decode()


@pytest.mark.parametrize("text", [" ".join(f"a{n}@x.io" for n in range(101)), "x" * 30_000])
def test_too_many_cost_nothing_and_stay(boss, text, monkeypatch):
    monkeypatch.setattr(setup, "create_member", None)
    page = invite(boss, text)
    assert "at most 100 addresses" in page.content.decode()
    assert page.context["invite"]["addresses"].value() == text


def test_a_list_of_nobody_is_not_called_too_long(boss):
    page = invite(boss, ", ;").content.decode()
    assert "This field is required." in page and "Nobody was invited" not in page


def test_an_hour_has_an_end(boss, alice, monkeypatch):
    monkeypatch.setattr(invitations, "HOURLY", 3)
    assert "within an hour" in invite(boss, "a@x.io b@x.io").content.decode()
    assert Member.objects.count() == 2


def test_only_managers_invite_and_only_into_teams_of_their_own(
    boss, browser_of, alice, supervisor, other_team, other_manager
):
    for member in (alice, supervisor):
        assert invite(browser_of(member), "a@x.io").url.startswith("/admin/login/")
    assert "teams" in invite(boss, "a@x.io", [other_team]).context["invite"].errors
    for role in (Member.Role.BOT, Member.Role.SERVICE, 9):
        assert "role" in invite(boss, "a@x.io", role=role).context["invite"].errors
    assert not Member.objects.filter(name="a@x.io").exists()
    invite(boss, "a@x.io", role=Member.Role.ANALYST, teams=[], is_superuser="on")
    one = Member.objects.get(name="a@x.io")
    assert not one.is_superuser and not one.places.exists()
    page = reverse("admin:accounts_member_invitation", args=[one.pk])
    assert browser_of(other_manager).post(page, {"withdraw": "yes"}).status_code == 404


def test_a_superuser_invites_into_the_enterprise_that_is_looked_at(root, other_team, enterprise):
    assert root.get(INVITE).status_code == 404
    fields = {"addresses": "a@x.io", "role": "2", "teams": [other_team.pk]}
    root.post(f"{INVITE}?enterprise=umbrella", fields)
    assert Member.objects.get(name="a@x.io").enterprise == other_team.enterprise


def test_an_old_sign_in_loses_nothing_of_the_list(boss, monkeypatch):
    monkeypatch.setattr(fresh, "WITHIN", -1)
    page = invite(boss, "a@x.io")
    assert "Confirm in a new window" in page.content.decode()
    assert page.context["invite"]["addresses"].value() == "a@x.io"
    assert not Member.objects.filter(name="a@x.io").exists()


@pytest.mark.parametrize("refused", [False, True])
def test_without_mails_the_links_are_shown_once(boss, client, settings, monkeypatch, refused):
    if refused:
        monkeypatch.setattr(mails, "deliver", lambda mail: False)
    else:
        settings.EMAIL_BACKEND = PRINTED
    page = invite(boss, "a@x.io b@x.io").content.decode()
    assert "is being sent" not in page
    links = re.findall(r"<code[^>]*>http://testserver(/agent/password/set/[^<]+)</code>", page)
    assert len(links) == 2
    assert client.get(links[0], follow=True).context["validlink"]
    assert "/password/set/" not in boss.get(INVITE).content.decode()
    assert "/password/set/" not in boss.get(MEMBERS).content.decode()


def test_one_full_mailbox_stops_no_other_mail_and_a_refused_address_gets_a_link(boss, monkeypatch):
    answers = {"b@x.io": False, "no@x.io": None}
    tried = []
    monkeypatch.setattr(mails, "deliver", lambda mail: tried.append(*mail.to) or answered(mail))
    monkeypatch.setattr(mails.invitations, "submit", lambda do, *args: do(*args))

    def answered(mail):
        return answers.get(mail.to[0], True)

    invite(boss, "a@x.io b@x.io c@x.io")
    assert tried == ["a@x.io", "b@x.io", "c@x.io"]
    page = invite(boss, "no@x.io d@x.io").content.decode()
    assert "1 invitation is being sent" in page and page.count("/password/set/") == 1
    answers |= dict.fromkeys(("f@x.io", "g@x.io", "h@x.io"), False)
    invite(boss, "e@x.io f@x.io g@x.io h@x.io i@x.io")
    assert tried[-1] == "h@x.io", "the server takes none"


def test_where_mails_are_printed_a_new_member_gets_a_password(boss, settings):
    settings.EMAIL_BACKEND = PRINTED
    page = submit(boss, f"{MEMBERS}add/", name="nina", email="nina@x.io").content.decode()
    assert "shown only once" in page
    assert Member.objects.get(name="nina").has_usable_password()


def test_an_invitation_is_sent_again_or_withdrawn(boss, client, mailoutbox, team):
    invite(boss, "a@x.io", [team])
    one = Member.objects.get(name="a@x.io")
    page = reverse("admin:accounts_member_invitation", args=[one.pk])
    rows = boss.get(f"{MEMBERS}?invited=open")
    assert page in rows.content.decode() and rows.context["cl"].result_count == 1
    assert rows.context["unaccepted"] == 1
    for _again in range(2):
        assert boss.post(page).status_code == 302
    assert len(mailoutbox) == 2, "not twice within two minutes"
    link = re.search(r"/agent/password/set/\S+", mailoutbox[1].body).group()
    assert "Withdraw" in boss.get(page).content.decode()
    boss.post(page, {"withdraw": "yes"})
    assert not client.get(link, follow=True).context["validlink"]
    assert boss.post(page).status_code == 404
    assert "disabled" in invite(boss, "A@x.io").content.decode()


def test_an_accepted_invitation_is_none_any_more(boss, client, mailoutbox, team):
    invite(boss, "Mei <a@x.io>", [team])
    page = Client().get("/chat/acme/").content.decode()
    assert not re.search(r"\bMei\b", page), "no visitor sees them yet"
    link = re.search(r"/agent/password/set/\S+", mailoutbox[0].body).group()
    form = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(form, {"new_password1": GOOD, "new_password2": GOOD})
    assert boss.get(f"{MEMBERS}?invited=open").context["cl"].result_count == 0
    assert "Mei" in Client().get("/chat/acme/").content.decode()


def test_a_list_says_which_members_need_a_team(boss, alice, team):
    alice.places.all().delete()
    assert "小艾 is in no team" in boss.get(MEMBERS).content.decode()


def test_a_list_with_hardly_any_rows_suggests_forms_that_are_filled_in(boss, team):
    for name, filled in (
        ("accounts/team", 'value="support"'),
        ("chat/cannedreply", 'value="Refund"'),
        ("chat/quickquestion", 'value="Can I return something?"'),
        ("chat/webhook", 'value="conversation.rated" checked'),
    ):
        page = f"/admin/{name}/"
        assert "add/?recipe=2" in boss.get(page).content.decode(), page
        form = re.sub(' id="[^"]*"', "", boss.get(f"{page}add/?recipe=2").content.decode())
        assert filled in form, page
        assert boss.get(f"{page}add/?recipe=9").status_code == 200
    read = {"HTTP_ACCEPT_LANGUAGE": "en"}
    form = boss.get("/admin/chat/quickquestion/add/?recipe=2", **read).context["adminform"].form
    assert form.initial["question"] == {"en": "Can I return something?", "zh-hans": "可以退货吗？"}
    for title in "ab":
        CannedReply.objects.create(enterprise=team.enterprise, title=title, content="c")
    assert "recipe" not in boss.get("/admin/chat/cannedreply/").content.decode()
