"""A file whose sender turns out to be somebody else while it is on its way."""

import json
from datetime import timedelta

import pytest
from django.db import OperationalError, transaction
from django.test import Client
from django.utils import timezone

from chat.files import storage
from chat.models import Attachment
from chat.posting import batches, uploads
from chat.visitors import identities
from tests.chat.helpers import check_ledger, new_id, refused
from tests.chat.sample_files import picture
from tests.chat.signed_visitors import WANG, exchange, session_guest, signed

from .uploads import send, sent, stored

pytestmark = pytest.mark.django_db


def browser_of_session(person) -> Client:
    browser = Client()
    browser.cookies[identities.cookie_name(person.enterprise)] = person.token
    browser.place = "/chat/acme/messages/"
    return browser


@pytest.fixture
def meanwhile(monkeypatch):
    """A function: what it is given happens once, after the next file is stored and before its
    message is."""

    def meanwhile(event):
        take = uploads.receive

        def taken(*args):
            monkeypatch.setattr(uploads, "receive", take)
            file = take(*args)
            event()
            return file

        monkeypatch.setattr(uploads, "receive", taken)

    return meanwhile


def sweep() -> None:
    """As it is two hours later."""
    Attachment.objects.update(created_at=timezone.now() - timedelta(hours=2))
    storage.sweep(0)


def test_a_first_file_stays_when_another_browser_of_the_person_writes_first(
    enterprise, team, alice, browser_of, meanwhile
):
    first, second = (session_guest(enterprise, team, "7", **WANG) for _ in range(2))
    assert first.uuid != second.uuid, "neither has written yet"
    browser, content, client_id = browser_of_session(second), picture(), new_id()
    meanwhile(lambda: batches.post(first.draft("I was faster")))
    file = sent(browser, "a.png", content, client_id=client_id)
    assert first.uuid == second.uuid
    sweep()
    readers = browser, browser_of_session(first), browser_of(alice)
    for url in (file["url"], file["thumbnail"]):
        assert [reader.get(url).status_code for reader in readers] == [200] * 3
    assert sent(browser, "a.png", content, client_id=client_id) == file, "a retry is the same"
    assert Attachment.objects.count() == 1 and len(stored()) == 2
    assert check_ledger() == 3


def test_a_first_file_stays_where_its_transaction_is_tried_again(
    enterprise, team, alice, browser_of, meanwhile, monkeypatch
):
    """The database refuses the first try after the sender is settled."""
    first, second = (session_guest(enterprise, team, "7", **WANG) for _ in range(2))
    browser = browser_of_session(second)
    commit, tries = batches.commit, []

    def deadlock(items, look_up):
        tries.append(items)
        with transaction.atomic():
            outcome = commit(items, look_up)
            if len(tries) == 1:
                raise OperationalError(1213, "Deadlock found")
        return outcome

    def faster():
        batches.post(first.draft("I was faster"))
        monkeypatch.setattr(batches, "commit", deadlock)

    meanwhile(faster)
    file = sent(browser)
    assert len(tries) == 2
    sweep()
    assert browser_of(alice).get(file["url"]).status_code == 200


@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
def test_a_file_on_its_way_while_its_sender_signs_in_is_kept_or_refused_whole(
    request, enterprise, team, guest, visitor, group, alice, browser_of, meanwhile, known
):
    if known:
        request.getfixturevalue("customer")
    before, browser = sent(visitor), guest.browser()
    browser.place = visitor.place
    content, client_id = picture(), new_id()
    meanwhile(lambda: exchange(browser, signed(enterprise, "7", **WANG)))
    response = send(visitor, "b.png", content, client_id=client_id)
    if known:
        assert refused(response) == (404, "not_found")
        assert len(stored()) == 2, "the earlier one, whose message is the person's now"
    else:
        assert response.status_code == 200
    again = sent(browser, "b.png", content, client_id=client_id)
    if not known:
        assert again == json.loads(response.content)["attachment"]
    sweep()
    for file in (before, again):
        assert browser.get(file["url"]).status_code == 200
        assert browser_of(alice).get(file["url"]).status_code == 200
    assert Attachment.objects.count() == 2 and len(stored()) == 4
    check_ledger()
