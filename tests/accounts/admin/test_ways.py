"""Ways through the administration: those that are offered lead somewhere."""

import re
from datetime import datetime, timezone

import pytest
from django.contrib import admin
from django.utils.timezone import get_current_timezone_name

from accounts.models import AccessToken, Enterprise, Member
from chat.models import Conversation
from tests.conftest import hire

from .page import address

pytestmark = [pytest.mark.once, pytest.mark.django_db]
CHINESE = re.compile("[\u4e00-\u9fff]")


def links(answer, prefix: str) -> list[str]:
    return re.findall(rf'href="({prefix}[^"]*)"', answer.content.decode())


def test_a_list_of_conversations_leads_to_those_that_its_reader_may_read(browser_of, manager, rows):
    own, foreign = rows[Conversation]
    page = address(Conversation, "changelist")
    client = browser_of(manager)
    (way,) = links(client.get(page), "/agent/c/")
    assert own.uuid in way and client.get(way).status_code == 200
    root = hire("root", None, is_superuser=True)
    assert links(browser_of(root).get(page), "/agent/c/") == []
    local = hire("lara", manager.enterprise, is_superuser=True)
    assert links(browser_of(local).get(page), "/agent/c/") == [], "an agent there, by role"
    local.role = local.Role.MANAGER
    local.save()
    client = browser_of(local)
    (way,) = links(client.get(page), "/agent/c/")
    assert client.get(way).status_code == 200, "the foreign one is listed without"
    assert str(foreign.visitor) in client.get(page).content.decode()


def test_an_empty_list_says_what_its_rows_are_for_and_leads_to_the_first(browser_of, manager):
    client, page = browser_of(manager), address(AccessToken, "changelist")
    answer = client.get(page).content.decode()
    assert "<h1>Access tokens <small" in answer and "A token lets a program in" in answer
    (add,) = set(links(client.get(page), page + "add/"))
    assert client.get(add).status_code == 200
    searched = client.get(page, {"q": "zebra"}).content.decode()
    assert "Nothing matches." in searched and "A token lets a program in" not in searched


def test_a_conversations_page_leads_to_what_was_said_and_back(browser_of, manager, superuser, rows):
    own, foreign = rows[Conversation]
    place, list_of = address(Conversation, "change", own.pk), address(Conversation, "changelist")
    page = browser_of(manager).get(place)
    (way,) = links(page, "/agent/c/")
    assert own.uuid in way and own.uuid not in page.content.decode().replace(way, "")
    assert f'<p class="back"><a href="{list_of}">' in page.content.decode()
    assert links(browser_of(superuser).get(place), "/agent/c/") == []
    assert browser_of(manager).get(address(Conversation, "change", foreign.pk)).status_code == 302


def test_the_administration_is_chinese_all_over(browser_of, superuser, client):
    """What packages name as well: headings, tables, columns."""
    client.post("/agent/login/", {"username": "nobody", "password": "guess"})
    client = browser_of(superuser)
    chinese = {"Accept-Language": "zh-CN"}
    for app in client.get("/admin/", headers=chinese).context["available_apps"]:
        assert CHINESE.search(str(app["name"])), app["name"]
        for model in app["models"]:
            assert CHINESE.search(str(model["name"])), model["name"]
    for model in admin.site._registry:
        page = client.get(address(model, "changelist"), headers=chinese).content.decode()
        columns = re.findall(r'<th scope="col".*?</th>', page, re.DOTALL)
        for column in columns:
            words = re.sub(r"<[^>]*>", "", column).strip()
            if words and not CHINESE.search(words):
                assert words in ("Expiration", "Status"), (model, words)


def test_times_are_those_of_the_enterprises_zone_which_every_page_names(
    browser_of, manager, other_manager, superuser
):
    moment = datetime(2026, 3, 27, 20, 30, tzinfo=timezone.utc)
    mine = manager.enterprise
    Enterprise.objects.filter(pk=mine.pk).update(zone="Asia/Kathmandu")
    alice = hire("alice", mine)
    page = address(Member, "changelist")
    chosen = f"{page}?enterprise={mine.pk}", f"/admin/?enterprise={mine.code}"
    for reader, places, clock, zone in (
        (manager, (page, "/admin/"), "02:15", "Asia/Kathmandu"),
        (superuser, chosen, "02:15", "Asia/Kathmandu"),
        (superuser, (page, "/admin/"), "20:30", "UTC"),
        (manager, (page, "/admin/"), "02:15", "Asia/Kathmandu"),
    ):
        client = browser_of(reader)
        Member.objects.filter(pk=alice.pk).update(last_login=moment)
        listed, home = (client.get(place).content.decode() for place in places)
        assert clock in listed and f": {zone}</p>" in listed, (reader, places)
        assert f": {zone}</p>" in home, (reader, places)
    assert get_current_timezone_name() == "UTC", "no page leaves its zone behind"
