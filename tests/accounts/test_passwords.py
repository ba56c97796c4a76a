"""Own passwords: the forced change, the wished one, links by mail."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.contrib.auth import get_user
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import mails
from accounts.factors import fresh
from accounts.models import Member
from tests.accounts.factors.apps import Phone
from tests.conftest import PASSWORD, hire, stored

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}
NEW = "quite another phrase"


@pytest.fixture(autouse=True)
def mails_at_once(monkeypatch):
    """The mail thread would be seen by the tests too late."""

    class Now:
        def submit(self, function, *args):
            function(*args)

    monkeypatch.setattr(mails, "background", Now())


@pytest.fixture
def newcomer(team):
    return hire("nina", team.enterprise, team=team, must_change_password=True)


def change(client, old=PASSWORD, new=NEW, again=None):
    fields = {"old_password": old, "new_password1": new, "new_password2": again or new}
    return client.post("/agent/password/", fields)


@pytest.mark.parametrize("signed_in", [False, True])
def test_a_link_signs_nobody_in_past_their_second_factor(
    client, browser_of, alice, mailoutbox, signed_in
):
    Phone(alice)
    client = browser_of(alice) if signed_in else client
    client.post("/agent/password/forgotten/", {"email": alice.email})
    where = client.get(link_in(mailoutbox[0]), follow=True).redirect_chain[-1][0]
    done = client.post(where, {"new_password1": NEW, "new_password2": NEW}, follow=True)
    assert done.redirect_chain == [(reverse("agent-login"), 302)]
    assert get_user(client).is_anonymous
    assert b"notice-bar ok" in done.content and b"Your password is set." in done.content


@pytest.mark.parametrize("page", ["/", "/agent/", "/agent/profile/", "/agent/inbox/"])
def test_a_password_that_others_know_is_changed_first(browser_of, newcomer, page):
    client = browser_of(newcomer)
    assert client.get(page).url.partition("?")[0] == reverse("password-change")
    refused = client.get(page, headers=JSON)
    assert (refused.status_code, refused.json()["error"]) == (403, "forbidden")
    assert "set by somebody else" in client.get("/agent/password/").content.decode()
    assert client.get("/health/live/").status_code == 200
    assert client.get("/chat/acme/").status_code == 200
    assert change(client).url == reverse("workspace")
    assert client.get("/agent/profile/").status_code == 200


def test_a_manager_meets_it_in_the_admin_too(browser_of, enterprise):
    boss = hire("nora", enterprise, Member.Role.MANAGER, must_change_password=True)
    client = browser_of(boss)
    for page in ("/admin/", "/admin/accounts/member/", "/admin/password_change/"):
        assert client.get(page).url.partition("?")[0] == reverse("password-change"), page
    assert client.post("/agent/logout/").url == reverse("agent-login")


def test_only_who_has_just_signed_in_sets_a_new_password_without_the_old_one(
    browser_of, newcomer, alice, monkeypatch
):
    fields = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    just_now = browser_of(newcomer)
    assert just_now.post("/agent/password/", fields).context["form"].errors, "the same"
    assert "old_password" in browser_of(alice).get("/agent/password/").context["form"].fields
    later = browser_of(newcomer)
    with monkeypatch.context() as patch:
        patch.setattr(fresh, "WITHIN", -1)
        errors = later.post("/agent/password/", fields).context["form"].errors
        assert list(errors) == ["old_password"], "nor is the stored one compared, uncounted"
    fields = {"new_password1": NEW, "new_password2": NEW}
    assert just_now.post("/agent/password/", fields).url == reverse("workspace")
    assert stored(newcomer).check_password(NEW)


def test_where_one_was_going_is_where_the_new_password_leads(client, newcomer):
    wanted = "/agent/?view=mine&tag=%E9%80%80%E6%AC%BE"
    fields = {"username": "nina", "password": PASSWORD, "next": wanted}
    after_login = client.post("/agent/login/", fields).url
    demand = client.get(after_login).url
    assert demand.startswith("/agent/password/?next=")
    fields = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    weak = fields | {"new_password1": "12345678", "new_password2": "12345678"}
    assert client.post(demand, weak).status_code == 200
    assert client.post(demand, fields).url == wanted


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example"]
)
def test_the_new_password_leads_to_this_host_only(browser_of, newcomer, elsewhere):
    fields = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    page = f"/agent/password/?{urlencode({'next': elsewhere})}"
    assert browser_of(newcomer).post(page, fields).url == reverse("workspace")


def test_the_new_password_must_be_another_one_and_a_good_one(browser_of, newcomer):
    client = browser_of(newcomer)
    for answer in (
        change(client, new=PASSWORD),
        change(client, new="12345678"),
        change(client, again="something else altogether"),
    ):
        assert answer.status_code == 200
        assert answer.context["form"].errors
    assert stored(newcomer).must_change_password
    assert newcomer.check_password(PASSWORD)


def test_changing_ends_the_other_sessions_and_keeps_this_one(browser_of, alice):
    here, there = browser_of(alice), browser_of(alice)
    assert change(here).url == reverse("profile")
    assert get_user(here) == alice
    assert there.get("/agent/profile/").url.startswith(reverse("agent-login"))


def link_in(mail) -> str:
    return re.search(r"https?://\S+/agent/password/set/\S+", mail.body).group()


def without_token(page) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.content.decode())


def test_a_forgotten_password_is_set_by_a_link(client, alice, mailoutbox):
    answer = client.post("/agent/password/forgotten/", {"email": "Alice@Example.com"})
    (mail,) = mailoutbox
    assert mail.to == ["alice@example.com"]
    assert "小艾" in mail.body
    page = client.get(link_in(mail), follow=True)
    assert page.status_code == 200
    # The token is not in the address any more when the page with the form is there.
    where = page.redirect_chain[-1][0]
    assert where.endswith("/set-password/")
    weak = client.post(where, {"new_password1": "short", "new_password2": "short"})
    assert weak.context["form"].errors
    done = client.post(where, {"new_password1": NEW, "new_password2": NEW})
    assert (done.url, get_user(client)) == (reverse("workspace"), alice), "signed in with it"
    assert stored(alice).check_password(NEW)
    again = Client().get(link_in(mail), follow=True)
    assert "no longer works" in again.content.decode()
    nobody = client.post("/agent/password/forgotten/", {"email": "nobody@example.com"})
    assert nobody.status_code == answer.status_code
    assert without_token(nobody) == without_token(answer)
    assert len(mailoutbox) == 1


def test_a_link_is_good_for_three_days(client, alice, mailoutbox, monkeypatch):
    from django.contrib.auth.tokens import PasswordResetTokenGenerator

    client.post("/agent/password/forgotten/", {"email": alice.email})
    real = PasswordResetTokenGenerator._now
    for days, good in ((2.9, True), (3.1, False)):
        monkeypatch.setattr(
            PasswordResetTokenGenerator,
            "_now",
            lambda self, days=days: real(self) + timedelta(days=days),
        )
        page = Client().get(link_in(mailoutbox[0]), follow=True)
        assert page.context["validlink"] is good


def test_one_address_is_not_flooded(client, alice, mailoutbox):
    for _again in range(5):
        cache.clear()  # As in another process.
        client.post("/agent/password/forgotten/", {"email": alice.email})
    assert len(mailoutbox) == 1
    Member.objects.update(link_sent_at=timezone.now() - mails.LINK_INTERVAL)
    client.post("/agent/password/forgotten/", {"email": alice.email})
    assert len(mailoutbox) == 2


def test_a_disabled_member_gets_no_link_and_an_old_one_is_dead(client, alice, mailoutbox):
    client.post("/agent/password/forgotten/", {"email": alice.email})
    alice.status = Member.Status.CLOSED
    alice.save()
    page = client.get(link_in(mailoutbox[0]), follow=True)
    assert page.context["validlink"] is False
    Member.objects.update(link_sent_at=None)
    client.post("/agent/password/forgotten/", {"email": alice.email})
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("uid", ["MQ", "AAAA", "!!!", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk"])
def test_made_up_links_open_nothing(client, alice, uid):
    page = client.get(f"/agent/password/set/{uid}/abc-def/")
    assert page.status_code == 200
    assert page.context["validlink"] is False


def test_links_lead_to_the_public_url(client, alice, mailoutbox, settings):
    settings.PUBLIC_URL = "https://chat.example.com"
    client.post("/agent/password/forgotten/", {"email": alice.email})
    assert link_in(mailoutbox[0]).startswith("https://chat.example.com/agent/password/set/")


def test_a_foreign_host_header_makes_no_link(client, alice, mailoutbox):
    fields = {"email": alice.email}
    answer = client.post("/agent/password/forgotten/", fields, headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert mailoutbox == []


def test_a_mail_server_that_is_down_breaks_nothing(client, alice, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    answer = client.post("/agent/password/forgotten/", {"email": alice.email})
    assert answer.status_code == 200
    assert mails.send_password_link(alice, answer.wsgi_request) is False


def test_mails_are_in_the_members_language(client, alice, mailoutbox, monkeypatch):
    from django.utils import translation

    seen = []
    real = mails.render_to_string
    monkeypatch.setattr(
        mails,
        "render_to_string",
        lambda *args: seen.append(translation.get_language()) or real(*args),
    )
    alice.language = "zh-hans"
    alice.save()
    client.post("/agent/password/forgotten/", {"email": alice.email})
    assert seen == ["zh-hans"]


def test_a_member_whose_password_others_know_is_a_visitor_like_any_other(newcomer, browser_of):
    """Their own chat with another business, in the same browser, asks for no new password."""
    client = browser_of(newcomer)
    page = "/chat/acme/"
    client.get(page)
    for place, fields in (("messages", {"content": "hello"}), ("rating", {"score": "5"})):
        answer = client.post(f"{page}{place}/", fields)
        assert (answer.status_code, answer.url) == (302, page), place


@pytest.mark.parametrize("name", ["password-change", "profile", "security", "confirm"])
def test_no_page_of_an_account_is_kept_by_a_browser(browser_of, alice, name):
    assert "no-store" in browser_of(alice).get(reverse(name))["Cache-Control"]
