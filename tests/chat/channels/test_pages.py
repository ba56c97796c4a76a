"""What agents' pages show of channels, without scripts."""

from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from chat.channels import health
from chat.channels.contract import Failed
from chat.channels.deliveries import Outcome, State
from chat.customers import links
from chat.models import ChannelContact, ChannelDelivery, ChatGroup, Conversation, GroupMessage
from chat.posting import batches
from tests.chat.customers.people import FROM
from tests.chat.helpers import draft_of

from .conftest import receive

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(channel, fake, alice):
    fake.writes(42, "Hello")
    receive(channel)
    return Conversation.objects.get()


def shown(browser_of, member, conversation) -> str:
    return browser_of(member).get(f"/agent/c/{conversation.uuid}/").content.decode()


def answer(conversation, member, text: str) -> ChannelDelivery:
    batches.post(draft_of(member, conversation.uuid, text))
    return ChannelDelivery.objects.latest("pk")


def end(delivery, state, failed=None) -> None:
    batches.do(Outcome(delivery.conversation_id, delivery, state, failed=failed))


def test_a_message_says_what_became_of_it(browser_of, talk, alice):
    end(answer(talk, alice, "Good morning"), State.SENT)
    failed = Failed("403", "Forbidden: bot was blocked by the user", final=True)
    end(answer(talk, alice, "Are you there?"), State.FAILED, failed)
    end(answer(talk, alice, "Hello?"), State.FAILED, Failed("777", "Strange <things>", final=True))
    page = shown(browser_of, alice, talk)
    assert '<span class="delivery">Sent</span>' in page
    assert "Not delivered: they have blocked the bot" in page
    assert "Not delivered: 777 · Strange &lt;things&gt;" in page
    assert "A message was not delivered: 777 · Strange &lt;things&gt;" in page
    listed = browser_of(alice).get("/agent/").content.decode()
    assert 'class="dot off by-telegram"' in listed and "channel-texts" in listed


def test_a_failure_stands_in_the_inbox_and_is_tried_again_once(browser_of, talk, alice):
    failed = Failed("403", "Forbidden: bot was blocked by the user", final=True)
    end(answer(talk, alice, "Hello?"), State.FAILED, failed)
    page = shown(browser_of, alice, talk)
    assert "Not delivered ·" in page and page.count("Try again</button></form></noscript>") == 1
    assert "<b>the last message did not arrive</b>" in page
    end(answer(talk, alice, "Hello?"), State.SENT)
    page = shown(browser_of, alice, talk)
    assert "Not delivered ·" not in page and "Try again</button></form></noscript>" not in page
    assert "Not delivered: they have blocked" in page and "<b>no limit</b>" in page


def test_they_can_be_written_to_again_once_they_wrote(browser_of, channel, fake, talk, alice):
    end(answer(talk, alice, "Hello?"), State.FAILED, Failed("403", final=True))
    fake.writes(42, "I am back")
    receive(channel)
    assert "<b>no limit</b>" in shown(browser_of, alice, talk)


def test_a_channel_that_does_not_work_says_so(browser_of, channel, talk, alice):
    health.fails(channel, Failed("401", breaks=True), timezone.now())
    assert "<b>does not work now; messages may wait</b>" in shown(browser_of, alice, talk)


def test_nothing_takes_back_what_has_left(browser_of, talk, alice):
    left, waits = answer(talk, alice, "Good morning"), answer(talk, alice, "Are you there?")
    end(left, State.SENT)
    page = shown(browser_of, alice, talk)
    edit = '<input type="hidden" name="seq" value="{}">\n      <textarea'
    assert edit.format(waits.seq) in page and edit.format(left.seq) not in page


def test_a_mail_has_its_subject_and_folds_what_it_quotes(browser_of, talk, alice):
    mail = {"subject": "Re: <Invoice>", "from": "Hannah <h@x.example>", "raw": "/files/raw/"}
    mail |= {"cc": ["books@x.example"], "automatic": True, "html": "/mails/1/html/"}
    row = GroupMessage.objects.get(group_id=talk.uuid, message_type=1)
    row.data = {"mail": mail, "quoted": "On Monday you wrote:\n> <b>"}
    row.save(update_fields=["data"])
    page = shown(browser_of, alice, talk)
    assert "Re: &lt;Invoice&gt;</b>" in page and "books@x.example" in page
    assert "On Monday you wrote:\n&gt; &lt;b&gt;</div></details>" in page
    assert 'href="/mails/1/html/"' in page and "/files/raw/" in page


def test_what_is_left_stands_beside_the_field(browser_of, talk, alice):
    contacts = ChannelContact.objects.filter(conversation_id=talk.uuid)
    contacts.update(left=2, until=timezone.now() + timedelta(hours=40, minutes=1))
    page = shown(browser_of, alice, talk)
    assert "Telegram: <b>2 messages left · 40 h</b>" in page and "window-closed" in page
    assert "you can answer again" not in page.partition("<template")[0]


def test_a_closed_window_says_so_and_offers_the_customers_other_ways(
    browser_of, talk, guest, alice, manager
):
    other = batches.post(guest.draft("I wrote on your site, too"))["group"]
    links.link(manager, talk.visitor_id, guest.uuid, origin=FROM)
    contacts = ChannelContact.objects.filter(conversation_id=talk.uuid)
    contacts.update(left=0, until=timezone.now() + timedelta(hours=1))
    page = shown(browser_of, alice, talk)
    assert "No further message may be sent." in page
    assert f'href="/agent/c/{other}/" data-group="{other}">Answer on your site</a>' in page
    assert "Your site: they wrote there last" in page
    # And from there, by its panel.
    there = browser_of(alice).get(f"/agent/c/{other}/").content.decode()
    assert f'data-group="{talk.uuid}" dir="auto">Person 42</a>' in there
    assert "Your site: <b>" not in there


def test_who_may_not_read_another_conversation_sees_no_way_there(
    browser_of, talk, guest, alice, manager, carol
):
    other = batches.post(guest.draft("I wrote on your site, too"))["group"]
    links.link(manager, talk.visitor_id, guest.uuid, origin=FROM)
    seats = ChatGroup.objects.filter(uuid=talk.uuid, member_id=alice.uuid)
    seats.delete()
    page = browser_of(alice).get(f"/agent/c/{other}/").content.decode()
    assert talk.uuid not in page and "Person 42" not in page


def test_a_visitor_reads_nothing_of_channels_in_templates():
    """Templates of messages are shared with the visitor's page."""
    message = {"kind": "message", "data": {"delivery": {"state": "sent"}}, "seq": 1}
    given = {"message": message, "to_visitor": True, "clock": "%H:%M"}
    html = render_to_string("chat/thread/_message.html", given)
    assert "delivery" not in html and "data-facts" not in html


def test_a_customers_page_says_how_they_are_reached_and_opens_where_they_wrote_last(
    browser_of, talk, guest, manager, supervisor, alice
):
    batches.post(guest.draft("Hello?"))
    again = GroupMessage.objects.filter(group_id=talk.uuid)
    again.update(created_at=timezone.now() + timedelta(minutes=1))
    links.link(manager, guest.uuid, talk.visitor_id, origin=FROM)
    page = (
        browser_of(manager)
        .get(f"/admin/chat/visitor/{guest.uuid}/change/", follow=True)
        .content.decode()
    )
    assert "Reached by" in page and "known by the platform" in page
    assert "telegram:" not in page and "telegram:" not in shown(browser_of, alice, talk)
    assert f'href="/agent/c/{talk.uuid}/"' in page and "css/thread/channels." in page
    theirs = browser_of(supervisor).get(f"/agent/customers/{guest.uuid}/").content.decode()
    assert f'href="/agent/c/{talk.uuid}/"' in theirs
    read = browser_of(manager).get(f"/admin/archive/{talk.uuid}/").content.decode()
    assert "Telegram · " in read and "Signed in" not in read


def test_answers_go_to_a_cc_once_somebody_who_sits_there_accepts_it(
    browser_of, talk, alice, outsider
):
    contact = ChannelContact.objects.get(conversation_id=talk.uuid)
    contact.data = {"cc": ["books@x.example"]}
    contact.save()
    assert "Answer them, too" in shown(browser_of, alice, talk)

    def settle(who, address, accepted="1"):
        fields = {"action": "copy", "address": address, "accepted": accepted}
        return browser_of(who).post(f"/agent/c/{talk.uuid}/visitor/", fields).status_code

    assert settle(outsider, "books@x.example") == 404
    assert settle(alice, "eve@x.example") == 400
    assert settle(alice, "books@x.example") == 302
    contact.refresh_from_db()
    assert contact.data["accepted"] == ["books@x.example"]
    assert "Leave out of answers" in shown(browser_of, alice, talk)
