"""An enterprise with something in most tables."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts import setup, tokens
from accounts.models import AccessToken, Team
from chat.models import (
    Webhook,
)
from chat.posting import batches
from chat.posting.visitor_actions import VisitorAction
from chat.reports import counting
from tests.chat.helpers import JSON, act_of, draft_of, new_guest


@pytest.fixture
def busy(enterprise, team, alice, bob, manager, guest, group, visitor):
    """An enterprise with something in most tables."""
    upload = SimpleUploadedFile("a.txt", "text of a 文件".encode(), "text/plain")
    visitor.post(visitor.place, {"content": "", "file": upload}, **JSON)
    batches.post(draft_of(alice, group, "hello 👋"))
    batches.post(draft_of(bob, group, "a note", note=True, mentions=(alice.uuid,)))
    batches.do(act_of("tag", alice.uuid, group, tag="urgent"))
    batches.do(VisitorAction("hold", manager.uuid, group, reason="case 7"))
    batches.do(act_of("close", alice.uuid, group))
    sales = setup.find_or_create_team(enterprise, "sales")
    setup.join_team(bob, sales)
    Team.objects.filter(pk=team.pk).update(overflow=sales)
    other = new_guest(team)
    batches.post(other.draft("somebody else"))
    token = AccessToken(member=tokens.service_account(enterprise, "crm"), name="crm")
    tokens.issue(token)
    Webhook.objects.create(enterprise=enterprise, url="https://x.example/", secret="s")
    counting.settle([group])
    return enterprise
