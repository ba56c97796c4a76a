"""How the lists look: one for all models, whose cells say what is the case."""

from datetime import datetime, timedelta, timezone

import pytest
from axes.models import AccessLog
from django.contrib import admin
from django.urls import reverse

from accounts.admin.cells import minute_of, moment
from accounts.admin.navigation import SIGN_INS
from accounts.models import Enterprise, Member, Team
from chat.models import CannedReply, Conversation, Webhook

from .page import MEMBERS, address

pytestmark = [pytest.mark.once, pytest.mark.django_db]
NOW = datetime(2026, 11, 30, 12, 0, tzinfo=timezone.utc)


def page_of(browser, model, query="") -> str:
    return browser.get(address(model, "changelist") + query).content.decode()


@pytest.mark.parametrize("model", sorted(admin.site._registry, key=str), ids=str)
def test_every_list_has_the_one_look(root, rows, model):
    page = page_of(root, model)
    assert 'id="listed"' in page
    assert page.count('aria-current="page"') or model is Conversation, "read in the archive"
    for raw in ("icon-yes", "icon-no", "---------", "breadcrumbs", 'type="submit"'):
        assert raw not in page, raw
    assert "form-TOTAL_FORMS" not in page, "rows are changed on their pages, which know what is new"


def test_a_filter_that_is_set_can_be_taken_away_and_the_search_stays(boss, rows):
    page = page_of(boss, Member, "?q=a&role__exact=2")
    assert 'class="filter set" href="?q=a"' in page
    assert '<input type="hidden" name="role__exact" value="2">' in page


def test_an_enterprise_without_a_row_is_no_search_without_a_result(root, enterprise):
    place = f"?enterprise={enterprise.pk}"
    page = page_of(root, Webhook, place)
    assert "Nothing matches" not in page and "recipe=1" in page
    assert "Nothing matches" in page_of(root, Webhook, f"{place}&q=shop")


def test_who_is_in_no_team_is_shown_with_the_way_to_one(boss, rows, alice):
    assert "In no team" not in page_of(boss, Member)
    alice.places.all().delete()
    page = page_of(boss, Member)
    assert "In no team" in page
    assert f'href="{reverse("admin:accounts_member_change", args=[alice.pk])}#places-group"' in page
    assert "Nobody is in it" in page_of(boss, Team)


def test_what_will_be_deleted_is_named(boss, rows):
    reply = rows[CannedReply][0]
    fields = {"action": "delete_selected", "index": "0", "_selected_action": [reply.pk]}
    asked = boss.post(address(CannedReply, "changelist"), fields).content.decode()
    assert "Reply of alice" in asked and CannedReply.objects.filter(pk=reply.pk).exists()
    boss.post(address(CannedReply, "changelist"), {**fields, "post": "yes"})
    assert not CannedReply.objects.filter(pk=reply.pk).exists()


def test_the_lists_of_sign_ins_are_one(root):
    places = [address(model, "changelist") for model in SIGN_INS]
    for place in places:
        page = root.get(place).content.decode()
        tasks, tabs = page.split("</nav>")[:2]
        assert tasks.count('href="/admin/axes/') == 1 and tasks.count('aria-current="page"') == 1
        assert all(f'href="{one}"' in tabs for one in places)


def test_a_sign_in_is_called_by_its_account_and_time(root):
    row = AccessLog.objects.create(username="alice", ip_address="192.0.2.1", user_agent="")
    page = root.get(f"/admin/axes/accesslog/{row.pk}/change/").content.decode()
    assert "+00:00" not in page and f"alice · {minute_of(row.attempt_time)}" in page


def test_a_superuser_sees_the_only_enterprise_there_is(root, enterprise):
    settings = reverse("admin:accounts_enterprise_change", args=[enterprise.pk])
    assert f'href="{settings}"' in root.get(MEMBERS).content.decode()


def test_of_several_a_superuser_sees_the_one_that_the_address_names(root, rows):
    theirs = rows[Enterprise][1]
    settings = reverse("admin:accounts_enterprise_change", args=[theirs.pk])
    assert settings not in root.get(MEMBERS).content.decode()
    for query in (f"{MEMBERS}?enterprise={theirs.pk}", f"/admin/live/?enterprise={theirs.code}"):
        page = root.get(query).content.decode()
        assert f'href="{settings}"' in page and f'href="{MEMBERS}?enterprise={theirs.pk}"' in page
    for name in ("widget", "identity"):
        further = reverse(f"admin:accounts_enterprise_{name}", args=[theirs.pk])
        page = root.get(further).content.decode()
        assert f'href="{settings}"' in page and f'href="{further}" aria-current="page"' in page


@pytest.mark.parametrize("model", [CannedReply, Member, Team, Webhook])
def test_a_superuser_adds_to_the_enterprise_whose_list_they_came_from(root, rows, model):
    theirs = rows[Enterprise][1]
    add = f"{address(model, 'add')}?_changelist_filters=enterprise%3D{theirs.pk}"
    fields = root.get(add).context["adminform"].form
    assert fields["enterprise"].value() == theirs.pk


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=2), "10:00"),
        (timedelta(hours=13), "yesterday 23:00"),
        (timedelta(days=40), "October 21"),
        (timedelta(days=400), "Oct. 26, 2025"),
        (-timedelta(days=90), "Feb. 28, 2027"),
    ],
)
def test_times_are_said_as_people_say_them(before, words):
    assert moment(NOW - before, NOW) == words
