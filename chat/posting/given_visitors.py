"""Visitors whom a program gives: made before they write, or changed by the id that the enterprise's
site knows them by."""

import uuid
from dataclasses import dataclass

from django.utils import translation

from accounts.models import Enterprise, Member
from chat.conversations.changes import Change
from chat.models import ContactBy, Visitor
from chat.models.visitor import with_address
from chat.visitors import cookies, identities
from chat.visitors.identities import Person

from . import visitor_actions
from .items import LoneItem
from .visitor_actions import VisitorAction


@dataclass(slots=True)
class GivenVisitor(LoneItem):
    """What a program (`actor`) says of the person with the id `who`; "" and None of what it does
    not say. Once it is done `visitor` is their uuid, and `created` whether they are new."""

    actor: Member
    who: str
    name: str = ""
    email: str = ""
    language: str = ""
    values: object = None
    """Of attributes, by key (customers/attributes.py)."""
    visitor: str = ""
    created: bool = False
    group: str = ""

    @property
    def enterprise(self) -> Enterprise:
        assert self.actor.enterprise is not None, "a program has one"
        return self.actor.enterprise

    def perform(self, change: Change) -> None:
        code = self.enterprise.code
        key = identities.identity_key(code, Person(self.who))
        rows = Visitor.objects.select_for_update().filter(identity_key=key, ent_id=code)
        known = rows.first()
        self.created = known is None
        row = known or self.new(key)
        self.visitor = row.uuid
        threads = change.lock_all_of(row)
        given = VisitorAction("edit", self.actor.uuid, "", attributes=self.values)
        if known:
            given.label = self.name or None
            given.contact = with_address(row.contact, self.email) if self.email else None
        visitor_actions.edit(given, self.actor, row, threads, change)
        if self.language and self.language != row.language:
            row.language = self.language
            row.save(update_fields=["language"])
            change.visitor_changed = True
        change.visitor_changed |= self.created

    def new(self, key: str) -> Visitor:
        """Their row, stored. The address is nobody's own until they, or their site, give it."""
        code, who = self.enterprise.code, str(uuid.uuid4())
        with translation.override(self.enterprise.text_language):
            label = self.name or cookies.default_name(who)
        # By its name a token may give another one, as long as nobody else has.
        identity = {"id": self.who, "name": label, "email": "", "by": ContactBy.PROGRAM}
        row = Visitor(uuid=who, ent_id=code, label=label, identity_key=key, identity=identity)
        row.secret_hash = identities.NO_SECRET_HASH
        row.give_contact(self.email, ContactBy.PROGRAM)
        row.save()
        return row
