import pytest

from chat.channels import kinds, sealed
from chat.models import Channel
from tests.fakes.smtp import SMTP

from .mails import Adapter


@pytest.fixture
def server():
    with SMTP() as one:
        yield one


@pytest.fixture
def box(enterprise, team, server, settings, monkeypatch):
    """A mailbox of the enterprise's."""
    settings.CHANNEL_ALLOW = ["127.0.0.0/8"]
    monkeypatch.setitem(kinds.ADAPTERS, "mail", Adapter())
    known = {"address": "shop@shop.example", "authserv": "mx.shop.example", "signature": "Shop"}
    keys = sealed.seal({"smtp": server.url})
    given = {"ent_id": enterprise.code, "kind": "mail", "name": "Mail", "team": team}
    return Channel.objects.create(**given, settings=known, sealed=keys)
