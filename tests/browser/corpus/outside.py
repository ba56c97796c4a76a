"""Other ways than the page: channels, robots, webhooks, and files of customers, all with the corpus
in it."""

import itertools
from datetime import timedelta

from .payloads import PAYLOADS, WHOLE
from .texts import dressed

TEXTS = [*PAYLOADS, WHOLE]


def connect(home, service, conversations: list, alice) -> dict:
    """A channel, a robot, a webhook's answer and a customers' file for each payload, and one with
    all of them; `conversations` are by channels, and as many as channels. Returns where to look."""
    from django.utils import timezone

    now = timezone.now()
    return {
        "channel": connect_channels(home, service, conversations, now),
        "robot": add_robots(home, now),
        "delivery": answer_a_webhook(home, now),
        "import": import_customers(home, alice, now),
    }


def connect_channels(home, service, conversations: list, now) -> str:
    """Broken ones, which are somebody else's to serve. Returns the key of the last."""
    from chat.models import Channel, ChannelContact, ChannelDelivery, Conversation

    served = {"lease": "corpus", "leased_until": now + timedelta(days=1), "failed_at": now}
    made = Channel.objects.bulk_create(
        dressed(Channel, text, ent_id=home.code, kind=kind, team=service, **served)
        for text, kind in zip(TEXTS, itertools.cycle(Channel.Kind.values))
    )
    rows = list(zip(TEXTS, made, conversations, strict=True))
    for _text, channel, conversation in rows:
        conversation.channel = channel.kind
    Conversation.objects.bulk_update(conversations, ["channel"])
    ChannelContact.objects.bulk_create(
        dressed(
            ChannelContact,
            text,
            ent_id=home.code,
            channel=channel,
            their_id=str(number),
            visitor_id=conversation.visitor_id,
            conversation=conversation,
        )
        for number, (text, channel, conversation) in enumerate(rows)
    )
    failed = {"state": ChannelDelivery.State.FAILED, "created_at": now, "ended_at": now}
    ChannelDelivery.objects.bulk_create(
        dressed(
            ChannelDelivery,
            text,
            ent_id=home.code,
            channel=channel,
            conversation=conversation,
            seq=1,
            due_at=now,
            **failed,
        )
        for text, channel, conversation in rows
    )
    return made[-1].key


def add_robots(home, now) -> int:
    """Broken ones. Returns the id of the last."""
    from chat.models import Robot

    broken = {"failures": Robot.TIMES, "failed_at": now - 2 * Robot.FOR}
    made = Robot.objects.bulk_create(
        dressed(Robot, text, ent_id=home.code, kind=kind, **broken)
        for text, kind in zip(TEXTS, itertools.cycle(Robot.Kind.values))
    )
    return made[-1].pk


def answer_a_webhook(home, now) -> int:
    """A delivery with an answer for each payload. Returns its id."""
    from chat.models import Webhook, WebhookAttempt, WebhookDelivery

    hook = Webhook.objects.create(enterprise=home, url="https://shop.example/", active=False)
    delivery = WebhookDelivery.objects.create(
        webhook=hook,
        type="conversation.opened",
        state=WebhookDelivery.State.PARKED,
        due_at=now,
        created_at=now,
        ended_at=now,
    )
    WebhookAttempt.objects.bulk_create(
        dressed(WebhookAttempt, text, delivery=delivery, at=now, seconds=1) for text in TEXTS
    )
    return delivery.pk


def import_customers(home, alice, now) -> int:
    """A file for each payload, and one with a line for each. Returns the id of that."""
    from chat.models import CustomerImport, CustomerImportRow

    State, What = CustomerImport.State, CustomerImportRow.What
    own = {"enterprise": home, "member": alice, "finished_at": now}
    made = CustomerImport.objects.bulk_create(
        dressed(CustomerImport, text, **own, state=State.READY if text == WHOLE else State.DONE)
        for text in TEXTS
    )
    CustomerImportRow.objects.bulk_create(
        dressed(
            CustomerImportRow,
            text,
            ent_id=home.code,
            customer_import=made[-1],
            line=line,
            what=what,
            problem="value" if what == What.PROBLEM else "",
        )
        for line, (text, what) in enumerate(zip(PAYLOADS, itertools.cycle(What.values)))
    )
    return made[-1].pk
