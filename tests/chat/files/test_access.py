"""Who may fetch a file: the people of its group, as things are at that moment."""

import json

import pytest
from django.test import Client

from accounts.models import Enterprise, Member
from chat.models import ChatGroup, GroupMessage, Visitor
from tests.chat.helpers import JSON, new_guest
from tests.chat.sample_files import picture, upload

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


def test_a_disabled_member_gets_nothing(visitor, agent, alice, group):
    file = sent(visitor)
    Member.objects.filter(pk=alice.pk).update(status=Member.Status.CLOSED)
    assert 200 not in statuses(agent, file)


def test_a_message_that_was_taken_back_takes_its_file_along(visitor, agent, group):
    file = sent(visitor)
    seq = GroupMessage.objects.in_group(group).order_by("-seq").first().seq
    assert visitor.post("/chat/acme/recall/", {"seq": seq}, **JSON).status_code == 200
    assert statuses(visitor, file) == statuses(agent, file) == {404}


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


def test_a_file_without_the_csrf_token_is_refused(guest, alice, group):
    strict = guest.browser(enforce_csrf_checks=True)
    form = {"file": upload("a.png", picture())}
    assert strict.post("/chat/acme/messages/", form, **JSON).status_code == 403
    form = {"file": upload("a.png", picture()), "csrfmiddlewaretoken": "x" * 64}
    assert strict.post("/chat/acme/messages/", form, **JSON).status_code == 403


def test_an_outsider_sends_no_file(outsider, carol, group, browser_of):
    for member in (outsider, carol):
        form = {"file": upload("a.png", picture())}
        place = f"/agent/c/{group}/messages/"
        assert browser_of(member).post(place, form, **JSON).status_code == 404
