"""Visitors who are linked as one customer."""

from accounts.audit import Origin
from chat.customers import links
from chat.models import Visitor

FROM = Origin(source="a test")


def visitor(enterprise, **fields) -> Visitor:
    fields = {"label": "V", "secret_hash": "x", "ent_id": enterprise.code, **fields}
    return Visitor.objects.create(**fields)


def link(actor, *pair) -> None:
    links.link(actor, *(one.uuid for one in pair), origin=FROM)
