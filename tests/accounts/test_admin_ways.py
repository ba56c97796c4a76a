"""Ways through the administration: those that are offered lead somewhere."""

import re

import pytest
from django.contrib import admin
from django.urls import reverse

from chat.models import Conversation
from tests.conftest import hire

from .test_admin_gate import address, rows  # noqa: F401

pytestmark = [pytest.mark.once, pytest.mark.django_db]
CHINESE = re.compile("[\u4e00-\u9fff]")


def links(answer, prefix: str) -> list[str]:
    return re.findall(rf'href="({prefix}[^"]*)"', answer.content.decode())


def test_a_list_of_conversations_leads_to_those_that_its_reader_may_read(browser_of, manager, rows):  # noqa: F811
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


def test_managers_and_superusers_find_the_administration_in_the_workspace_and_back(
    browser_of, alice, manager, superuser
):
    workspace, site = reverse("workspace"), reverse("admin:index")
    assert site not in links(browser_of(alice).get(workspace), "/admin/")
    local = hire("lara", manager.enterprise, is_superuser=True)
    for member in (manager, local):
        client = browser_of(member)
        assert links(client.get(workspace), "/admin/").count(site) == 1
        assert workspace in links(client.get(site), "/agent/")
    assert workspace not in links(browser_of(superuser).get(site), "/agent/"), "belongs to none"


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
        columns = re.findall(r'<th scope="col"[^>]*class="[^"]*column-.*?</th>', page, re.DOTALL)
        for column in columns:
            words = re.sub(r"<[^>]*>", "", column).strip()
            if words and not CHINESE.search(words):
                assert words in ("Expiration", "Status"), (model, words)
