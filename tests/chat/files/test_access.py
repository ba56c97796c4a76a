"""Who may fetch a file: the people of its group, as things are at that moment."""

import json

import pytest
from django.test import Client

from accounts.models import Enterprise
from chat.models import ChatGroup, Visitor
from tests.chat.helpers import new_guest

from .uploads import sent

pytestmark = pytest.mark.django_db


def statuses(browser, file) -> set[int]:
    return {browser.get(file[part]).status_code for part in ("url", "thumbnail")}


def test_the_address_opens_for_the_people_of_the_group_alone(
    visitor, agent, team, alice, bob, carol, manager, outsider, other_manager, superuser,
    other_guest, browser_of,
):  # fmt: skip
    for file in (sent(visitor), sent(agent)):
        for browser in (visitor, agent, browser_of(bob), browser_of(manager)):
            assert statuses(browser, file) == {200}
        strangers = [browser_of(one) for one in (carol, outsider, other_manager, superuser)]
        strangers += [Client(), new_guest(team).browser(), other_guest.browser()]
        for browser in strangers:
            assert statuses(browser, file) == {404}


def test_a_notes_file_is_never_the_visitors(visitor, agent, bob, browser_of):
    file = sent(agent, note="1")
    assert statuses(browser_of(bob), file) == {200}
    assert statuses(visitor, file) == {404}
    page = json.loads(visitor.get(visitor.place).content)
    assert file["url"] not in json.dumps(page)


def test_who_lost_the_right_loses_the_files(visitor, agent, alice, guest, group, enterprise):
    file = sent(visitor)
    ChatGroup.objects.for_member(alice.uuid).delete()
    assert statuses(agent, file) == {404}
    Visitor.objects.update(blocked=True)
    assert statuses(visitor, file) == {404}
    Visitor.objects.update(blocked=False)
    assert statuses(visitor, file) == {200}
    Enterprise.objects.update(status=Enterprise.Status.CLOSED)
    assert statuses(visitor, file) == {404}


def test_a_browser_that_has_it_asks_again_and_is_told_that_it_is_the_same(
    visitor, agent, alice, group
):
    file = sent(visitor)
    for url in (file["url"], file["thumbnail"]):
        tag = agent.get(url)["ETag"]
        answer = agent.get(url, headers={"If-None-Match": tag})
        assert answer.status_code == 304 and not answer.content and answer["ETag"] == tag
    ChatGroup.objects.for_member(alice.uuid).delete()
    assert agent.get(url, headers={"If-None-Match": tag}).status_code == 404


def test_what_is_packed_already_is_not_packed_again(visitor, group):
    file = sent(visitor, "a.txt", b"a" * 10_000)
    answer = visitor.get(file["url"], headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer and answer["Content-Length"] == "10000"


def test_a_wrong_key_is_not_found(visitor, group):
    key = sent(visitor)["url"].split("/")[2]
    for wrong in (key[:-1], key.upper(), key + "0", "0" * 32, "..", "%2e%2e", f"{key}.small"):
        assert visitor.get(f"/files/{wrong}/").status_code == 404
    assert visitor.post(f"/files/{key}/").status_code == 405
