"""The log of deliveries: what receivers answered may repeat what was sent to them, so it goes when
that goes."""

from django.db.models import Q

from chat.ledger.references import GONE
from chat.models import (
    Conversation,
    GroupMessage,
    MergedConversation,
    StreamEvent,
    Visitor,
    WebhookAttempt,
    WebhookDelivery,
    theirs,
)


def empty(ent_id: str, about: list[str]) -> None:
    """Removes the answers to what an enterprise sent about these conversations and visitors
    (uuids), in the transaction that has erased or recalled something of theirs."""
    attempts = WebhookAttempt.objects.filter(
        delivery__about__in=about, delivery__webhook__enterprise__code=ent_id
    ).exclude(lines="")
    ids = list(attempts.values_list("pk", flat=True))
    WebhookAttempt.objects.filter(pk__in=ids).update(lines="")


def move(ent_id: str, about: str, to: str) -> None:
    """A conversation or visitor has become a part of another one."""
    found = WebhookDelivery.objects.filter(about=about, webhook__enterprise__code=ent_id)
    WebhookDelivery.objects.filter(pk__in=list(found.values_list("pk", flat=True))).update(about=to)


def may_keep_lines(delivery: WebhookDelivery) -> bool:
    """Whether all that the delivery tells is still there. Its rows are locked until the
    transaction ends, so an erasure meanwhile waits, and then finds what is stored now."""
    event = StreamEvent.objects.filter(pk=delivery.event).first()
    if event is None:
        return delivery.event is None
    own = theirs(delivery.webhook.enterprise.code)
    if event.row_id is None:
        who = Visitor.objects.select_for_update().filter(own)
        merged = MergedConversation.objects.filter(own, group=event.about).values("into")
        groups = Conversation.objects.filter(own).filter(Q(uuid=event.about) | Q(uuid__in=merged))
        whose = groups.values("visitor_id")
        row = who.filter(Q(uuid=event.about) | Q(uuid__in=whose)).first()
        return row is not None and not row.is_erased
    row = GroupMessage.objects.filter(own, pk=event.row_id).first()
    if row is None:
        return False
    # With what it quotes or edits.
    seqs = {row.seq, *((row.data or {}).get(name) for name in ("reply_to", "of"))} - {None}
    rows = GroupMessage.objects.in_group(row.group_id).filter(own, seq__in=seqs).order_by("seq")
    told = [one.data or {} for one in rows.select_for_update()]
    return bool(told) and not any(data.get("event") in GONE for data in told)
