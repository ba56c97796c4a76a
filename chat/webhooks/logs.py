"""The log of deliveries: what receivers answered may repeat what was sent to them, so it goes when
that goes."""

from chat.delivery.references import GONE
from chat.models import GroupMessage, StreamEvent, Visitor, WebhookAttempt, WebhookDelivery


def empty(about: list[str]) -> None:
    """Removes the answers to what was sent about these conversations and visitors (uuids), in the
    transaction that has erased or recalled something of theirs."""
    attempts = WebhookAttempt.objects.filter(delivery__about__in=about).exclude(lines="")
    ids = list(attempts.values_list("pk", flat=True))
    WebhookAttempt.objects.filter(pk__in=ids).update(lines="")


def move(about: str, to: str) -> None:
    """A conversation or visitor has become a part of another one."""
    WebhookDelivery.objects.filter(about=about).update(about=to)


def may_keep_lines(delivery: WebhookDelivery) -> bool:
    """Whether all that the delivery tells is still there. Its rows are locked until the
    transaction ends, so an erasure meanwhile waits, and then finds what is stored now."""
    event = StreamEvent.objects.filter(pk=delivery.event).first()
    if event is None:
        return delivery.event is None
    if event.visitor:
        row = Visitor.objects.select_for_update().filter(uuid=event.visitor).first()
        return row is not None and not row.is_erased
    row = GroupMessage.objects.filter(pk=event.row_id).first()
    if row is None:
        return False
    # With what it quotes or edits.
    seqs = {row.seq, *((row.data or {}).get(name) for name in ("reply_to", "of"))} - {None}
    rows = GroupMessage.objects.in_group(row.group_id).filter(seq__in=seqs).order_by("seq")
    told = [one.data or {} for one in rows.select_for_update()]
    return bool(told) and not any(data.get("event") in GONE for data in told)
