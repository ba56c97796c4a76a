"""An address is proven by a code that was mailed there and comes back in the conversation."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection, connections
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from chat.care import codes
from chat.mail import jobs
from chat.models import ContactBy, CustomerLink, StreamDue, Visitor
from chat.posting import batches
from chat.posting.items import Draft
from tests.chat.helpers import JSON, draft_of, new_guest, new_id, refused, rows_of

from .talks import channel_of, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("adapters")]
MINE, OTHER = "li@example.com", "lei@example.com"


@pytest.fixture
def channel(team, alice):
    return channel_of(team)


@pytest.fixture
def talk(channel):
    found = write(channel)
    Visitor.objects.update(contact=f"{MINE} 13800138000", contact_by=ContactBy.MEMBER)
    return found


@pytest.fixture
def ask(browser_of, talk, django_capture_on_commit_callbacks):
    """A function: a member has a code mailed. Returns it, or the answer where none was."""

    def asked(member):
        mail.outbox = []
        with django_capture_on_commit_callbacks(execute=True):
            where = f"/agent/c/{talk.uuid}/visitor/"
            answer = browser_of(member).post(where, {"action": "code"}, **JSON)
        jobs.POST.submit(int).result()
        if not mail.outbox:
            return answer
        assert mail.outbox[0].to == [MINE]
        return re.search(r"\n(\d{6})\n", mail.outbox[0].body)[1]

    return asked


@pytest.fixture
def says(channel, talk, django_capture_on_commit_callbacks):
    """A function: the visitor writes something. Returns how their address is known then."""

    def said(text):
        with django_capture_on_commit_callbacks(execute=True):
            write(channel, content=text)
        return Visitor.objects.get(uuid=talk.visitor_id).contact_by

    return said


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_the_code_proves_the_address_and_links_who_has_proved_it(
    ask, says, team, alice, talk, browser_of
):
    def is_offered() -> bool:
        page = browser_of(alice).get(f"/agent/c/{talk.uuid}/").content.decode()
        return '<div class="proving"><dt>' in page

    batches.post((guest := new_guest(team)).draft("hello"))
    typed = write(channel_of(team, "weixin"), "wx-1").visitor_id
    for who, by in ((guest.uuid, ContactBy.PROVEN), (typed, ContactBy.VISITOR)):
        Visitor.objects.filter(uuid=who).update(contact=MINE, email_key=MINE, contact_by=by)
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.console.EmailBackend"):
        assert refused(ask(alice)) == (409, "conflict"), "no mail server is set"
    code = ask(alice)
    assert is_offered()
    assert says(wrong(code)) == ContactBy.MEMBER and not CustomerLink.objects.exists()
    StreamDue.objects.all().delete()
    assert says(f"Here it is: {code}.") == ContactBy.PROVEN
    notices = [row.data["event"] for row in rows_of(talk.uuid) if row.data]
    assert notices[-2:] == ["code_sent", "proven"]
    (link,) = CustomerLink.objects.all()
    found = {link.customer_id, link.visitor_id}, link.why
    assert found == ({guest.uuid, talk.visitor_id}, CustomerLink.Why.PROOF)
    assert StreamDue.objects.filter(type="visitor.updated", about=talk.visitor_id).exists()
    assert refused(ask(alice)) == (409, "conflict") and not is_offered(), "it is proven"


def test_only_a_message_with_the_code_locks_its_visitor(ask, alice, talk):
    def settled(*drafts):
        with CaptureQueriesContext(connection) as queries:
            answers = batches.settle([*drafts]).answers
        assert [one["type"] for one in answers] == ["message.accepted"] * len(drafts)
        locks = (one["sql"].replace("`", '"') for one in queries)
        return sum('ORDER BY "visitor"."id"' in one for one in locks)

    def written(text):
        return Draft(talk.visitor_id, "Li", "", new_id(), text, talk.uuid)

    code = ask(alice)
    assert settled(written(wrong(code)), draft_of(alice, talk.uuid, "471142 is your order.")) == 0
    assert settled(written("hello"), written(code)) == 1
    assert Visitor.objects.get(uuid=talk.visitor_id).contact_by == ContactBy.PROVEN


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="It has one lock for all rows.")
def test_while_somebody_has_the_row_this_message_alone_is_to_be_sent_again(ask, alice, talk):
    code, other = ask(alice), connections.create_connection("default")
    other.inc_thread_sharing()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT id FROM visitor WHERE uuid = %s FOR UPDATE", [talk.visitor_id])
        drafts = [
            Draft(talk.visitor_id, "Li", "", new_id(), text, talk.uuid) for text in (code, "!")
        ]
        answers = batches.run(drafts)
        assert [answer["type"] for answer in answers] == ["error", "message.accepted"]
        assert answers[0]["code"] == "unavailable"
    finally:
        # MariaDB frees the row some time after a connection was closed.
        other.rollback()
        other.close()
    batches.post(drafts[0])
    assert Visitor.objects.get(uuid=talk.visitor_id).contact_by == ContactBy.PROVEN


def test_a_code_is_for_this_address_for_a_while_and_a_few_messages(ask, says, alice, monkeypatch):
    code = ask(alice)
    with monkeypatch.context() as later:
        later.setattr(codes, "VALID", timedelta())
        assert says(code) == ContactBy.MEMBER
    with monkeypatch.context() as fewer:
        fewer.setattr(codes, "MOST", 1)
        assert says(code) == ContactBy.MEMBER
    Visitor.objects.update(contact=OTHER)
    assert says(code) == ContactBy.MEMBER
    Visitor.objects.update(contact=MINE)
    assert says(f"{wrong(code)} {code}") == ContactBy.MEMBER, "one guess a message"
    assert says(code) == ContactBy.PROVEN


def test_who_is_erased_meanwhile_refuses_no_message(ask, says, team, alice, talk, monkeypatch):
    batches.post((guest := new_guest(team)).draft("hello"))
    erased = Visitor.objects.get(uuid=guest.uuid)
    Visitor.objects.filter(pk=erased.pk).update(secret_hash="")
    monkeypatch.setattr(codes.links, "suggestions", lambda visitors: [erased])
    code = ask(alice)
    assert says(code) == ContactBy.PROVEN and not CustomerLink.objects.exists()
    assert code in [row.message_content for row in rows_of(talk.uuid)]


def test_the_address_that_their_site_signed_is_another_one(ask, says, team, alice, talk):
    batches.post((guest := new_guest(team)).draft("hello"))
    other = Visitor.objects.get(uuid=guest.uuid)
    other.give_contact(OTHER, ContactBy.PROVEN)
    other.save()
    mine = Visitor.objects.get(uuid=talk.visitor_id)
    mine.identity = {"id": "4711", "name": "Li", "email": OTHER}
    mine.save()
    assert says(ask(alice)) == ContactBy.PROVEN and not CustomerLink.objects.exists()


def test_nobody_elses_words_prove_it(ask, team, alice, talk):
    code = ask(alice)
    batches.post((guest := new_guest(team)).draft("hello"))
    Visitor.objects.filter(uuid=guest.uuid).update(contact=MINE)
    batches.post(guest.draft(code))
    batches.post(draft_of(alice, talk.uuid, code))
    assert not Visitor.objects.filter(contact_by=ContactBy.PROVEN).exists()


def test_who_may_have_it_mailed_and_how_often(ask, alice, outsider, settings):
    assert refused(ask(outsider))[0] == 404
    settings.RATE_LIMITS = True
    assert all(isinstance(ask(alice), str) for _ in range(3))
    assert refused(ask(alice)) == (429, "rate_limited")
    Visitor.objects.update(contact="13800138000")
    assert refused(ask(alice)) == (409, "conflict")
