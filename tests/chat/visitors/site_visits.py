"""Visits to an enterprise's site, as its widget tells them."""

import uuid

from django.test import Client

from chat.models import SiteVisit
from tests.chat.helpers import JSON

SHOP = "https://shop.example"


TELL, LIST = "/chat/acme/visit/", "/agent/visitors/"


def new_key() -> str:
    return uuid.uuid4().hex


def tell(browser=None, path=TELL, origin=SHOP, headers=None, **fields):
    """One telling; returns the response."""
    facts = {"key": new_key(), "url": f"{SHOP}/pricing", "visits": "1", **fields}
    given = {"Origin": origin} if origin else {}
    return (browser or Client()).post(path, facts, headers={**given, **(headers or {})})


def told(**fields) -> SiteVisit:
    fields.setdefault("key", new_key())
    assert tell(**fields).status_code == 200
    return SiteVisit.objects.get(key=fields["key"])


def invite(browser, visit: SiteVisit, text="Can I help?", **kind):
    return browser.post(f"{LIST}{visit.pk}/invite/", {"text": text}, **(kind or JSON))
