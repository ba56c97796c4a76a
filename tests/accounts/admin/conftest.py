"""Rows of two enterprises."""

import pytest
from django.utils import timezone

from accounts import tokens
from accounts.models import AccessToken, AuditRow, Enterprise, Member, Team
from chat.models import (
    CannedReply,
    Conversation,
    LegalHold,
    QuickQuestion,
    Visitor,
    Webhook,
    WebhookDelivery,
)
from chat.stream.types import TYPES
from chat.webhooks import deliveries, hooks


@pytest.fixture
def rows(alice, outsider, manager, other_manager):
    """By model: a row of our enterprise, and one of the other."""
    return rows_of(alice, outsider)


def rows_of(*people: Member) -> dict:
    """By model: a row for each of these members."""
    found = {
        Enterprise: tuple(member.enterprise for member in people),
        Team: tuple(member.places.get().team for member in people),
        Member: people,
    }
    visitors, conversations = [], []
    for member in people:
        visitor = Visitor.objects.create(
            ent_id=member.enterprise.code, label=f"Visitor of {member.name}", secret_hash="s"
        )
        visitors.append(visitor)
        conversation = Conversation.objects.create(
            ent_id=member.enterprise.code,
            visitor=visitor,
            team=member.places.get().team,
            last_activity=timezone.now(),
        )
        conversations.append(conversation)
    found[LegalHold] = tuple(
        LegalHold.objects.create(
            ent_id=row.ent_id, visitor=row, reason=f"Case of {row.label}", placed_by_name="mona"
        )
        for row in visitors
    )
    found[CannedReply] = tuple(
        CannedReply.objects.create(
            enterprise=member.enterprise, title=f"Reply of {member.name}", content="words"
        )
        for member in people
    )
    found[QuickQuestion] = tuple(
        QuickQuestion.objects.create(
            team=member.places.get().team, question=f"Question of {member.name}", answer="words"
        )
        for member in people
    )
    found[AccessToken] = tuple(
        AccessToken(
            member=tokens.service_account(member.enterprise, f"crm-{member.name}"), name="crm"
        )
        for member in people
    )
    for token in found[AccessToken]:
        tokens.issue(token)
    found[Webhook] = tuple(
        hooks.create(member.enterprise, f"https://{member.name}.example.com/", TYPES)
        for member in people
    )
    found[WebhookDelivery] = tuple(map(deliveries.send_test, found[Webhook]))
    found[AuditRow] = tuple(
        AuditRow.objects.filter(chain=member.enterprise_id).last() for member in people
    )
    found[Visitor], found[Conversation] = tuple(visitors), tuple(conversations)
    return found
