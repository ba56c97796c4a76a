"""Who writes by a channel: as other visitors are blocked, erased, held back and linked."""

import pytest

from accounts.models import Enterprise
from chat.customers import links
from chat.models import Channel, ContactBy, Conversation, CustomerLink, GroupMessage, Visitor
from chat.posting import batches
from chat.posting.visitor_actions import VisitorAction
from chat.protocol import contacts, events
from tests.chat.api.program import program_of
from tests.chat.customers.people import FROM, link
from tests.chat.spam import LINKS

from .talks import channel_of, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("adapters")]


@pytest.fixture
def channel(team, alice):
    return channel_of(team)


def act(name: str, actor, talk, **fields) -> None:
    batches.do(VisitorAction(name, actor.uuid, talk.uuid, **fields))


def test_who_was_erased_writes_as_somebody_new(channel, manager):
    old = write(channel)
    act("erase", manager, old)
    new = write(channel, content="Hello again")
    assert (new.uuid != old.uuid, new.visitor_id != old.visitor_id) == (True, True)
    assert GroupMessage.objects.in_group(old.uuid).filter(message_type=1).count() == 0
    texts = GroupMessage.objects.in_group(new.uuid).filter(message_type=1)
    assert [one.message_content for one in texts] == ["Hello again"]
    assert Visitor.objects.get(uuid=old.visitor_id).is_erased


def test_what_who_is_blocked_writes_is_counted_and_not_stored(channel, alice):
    talk = write(channel)
    act("block", alice, talk, minutes=60, reason="spam")
    rows = GroupMessage.objects.count()
    write(channel, content="me again")
    write(channel, content="and again")
    assert GroupMessage.objects.count() == rows
    assert Channel.objects.get().blocked == 2
    act("unblock", alice, talk)
    write(channel, content="sorry")
    assert GroupMessage.objects.filter(message_content="sorry").exists()


def test_what_looks_like_spam_is_held_back(channel, enterprise):
    Enterprise.objects.update(hold=Enterprise.Hold.LINKS)
    assert write(channel, content=LINKS).quarantined_for == "links"


def test_the_site_does_not_know_them(channel, enterprise):
    talk = write(channel)
    program = program_of(enterprise)
    (shown,) = program.get("visitors/").json()["visitors"]
    assert shown["identity"] is None
    (one,) = program.get("conversations/").json()["conversations"]
    assert one["visitor"]["identity"]["id"] == f"telegram:{channel.key}:42"
    assert contacts.site_id(Visitor.objects.get(uuid=talk.visitor_id).identity) is None


def test_hidden_contacts_leave_of_an_id_what_is_nobodys(channel, team):
    mail = channel_of(team, "mail")
    talk = write(mail, "wang@example.com")
    visitor = Visitor.objects.get(uuid=talk.visitor_id)
    shown = events.visitor_facts(visitor, sees_contacts=False)
    assert shown["identity"]["id"] == f"mail:{mail.key}:w…@…"
    assert shown["contacts_hidden"]


def test_they_are_linked_and_parted_by_hand(channel, team, manager, enterprise):
    one, other = write(channel), write(channel_of(team, "mail"), "wang@example.com")
    first, second = [Visitor.objects.get(uuid=each.visitor_id) for each in (one, other)]
    for by, found in ((ContactBy.CHANNEL, []), (ContactBy.PROVEN, [second])):
        for each in (first, second):
            each.contact, each.contact_by = "wang@example.com", by
            each.save()
        assert links.suggestions([first]) == found, by
    link(manager, first, second)
    assert len(links.visitors_of(first)) == 2
    assert Conversation.objects.count() == 2
    links.part(manager, first.uuid, FROM)
    assert links.visitors_of(first) == [first]


def test_the_platforms_own_id_links_two_channels_once(channel, team, manager, other_team):
    one, same = write(channel), write(second := channel_of(team))
    for elsewhere in (channel_of(team, "weixin"), channel_of(other_team)):
        write(elsewhere)
    write(second, "43")
    (link,) = CustomerLink.objects.all()
    found = (link.customer_id, link.visitor_id, link.why)
    assert found == (one.visitor_id, same.visitor_id, CustomerLink.Why.PROOF)
    links.part(manager, same.visitor_id, FROM)
    write(second, content="still me")
    assert not CustomerLink.objects.exists()
