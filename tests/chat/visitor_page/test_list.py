"""The administration's list of visitors."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.models import Presence, Visitor
from chat.presence import leases

pytestmark = pytest.mark.django_db


def test_whoever_is_there_now_or_has_just_left_is_not_blank(browser_of, manager, guest, group):
    def seen() -> str:
        shown = browser_of(manager).get("/admin/chat/visitor/").content.decode()
        return shown.split('field-seen"')[1].split("</td>")[0]

    leases.renew([guest.uuid])
    assert Visitor.objects.get().last_seen_at is None
    assert ">Online</span>" in seen()
    Presence.objects.update(expires_at=timezone.now() - timedelta(minutes=3))
    assert "minutes ago" in seen()
