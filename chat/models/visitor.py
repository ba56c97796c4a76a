"""Visitors and their ended sign-ins."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.db.models.functions import Now
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import new_uuid

WORDS = re.compile(r"[\s,;，；、<>()（）:：]+")


class ContactBy(models.TextChoices):
    """Who gave the e-mail address in a visitor's contact: the visitor, who may also have proved it;
    the enterprise's site, by its signature; a member, a program, another system. It is unknown of
    rows that are older than the column."""

    UNKNOWN = ""
    VISITOR = "visitor"
    PROVEN = "proven"
    SITE = "site"
    MEMBER = "member"
    PROGRAM = "program"
    IMPORT = "import"
    CHANNEL = "channel"


OWN = {ContactBy.VISITOR, ContactBy.PROVEN, ContactBy.SITE}
"""Whose addresses are the visitor's own. A link that opens their conversation is mailed to no
other: whoever else gave one could have given their own."""


SURE = {ContactBy.PROVEN, ContactBy.SITE}
"""Whose addresses were proved. Whoever types an address may type that of somebody else."""


class EmailKey(models.CharField):
    """The visitor's e-mail address in small letters, whatever is stored with it."""

    def pre_save(self, model_instance, add):
        model_instance.email_key = model_instance.email.lower()
        return model_instance.email_key


class Visitor(models.Model):
    """A person who has written to an enterprise. The row is stored with the first message.

    `identity` is what the enterprise's site has signed about them (id, name, email); until it has,
    what a program or a file has given, which `by` (ContactBy) says. `identity_key` is the key to
    find it by (chat/visitors/identities.py). `label` and `contact` are unverified; `give_contact`
    changes `contact`, and notes who gave it in `contact_by`. In `attributes` are values by keys
    that the enterprise has defined (chat/customers/ writes them). `email_key` is `email` in small
    letters, to find the visitor by.
    """

    uuid = models.CharField(max_length=36, unique=True, default=new_uuid, editable=False)
    ent_id = models.CharField(_("enterprise"), max_length=100, db_index=True)
    secret_hash = models.CharField(max_length=64, editable=False)
    identity_key = models.CharField(max_length=64, null=True, unique=True, editable=False)
    identity = models.JSONField(default=dict, editable=False)
    label = models.CharField(pgettext_lazy("visitor", "name"), max_length=125)
    contact = models.CharField(_("contact"), max_length=125, blank=True, default="")
    attributes = models.JSONField(_("attributes"), default=dict, db_default={}, editable=False)
    contact_by = models.CharField(
        max_length=10,
        choices=ContactBy.choices,
        blank=True,
        default=ContactBy.UNKNOWN,
        db_default=ContactBy.UNKNOWN,
        editable=False,
    )
    email_key = EmailKey(max_length=125, blank=True, default="", db_default="", editable=False)
    referrer = models.CharField(_("came from"), max_length=500, blank=True, default="")
    language = models.CharField(_("language"), max_length=10, blank=True, default="")
    device = models.CharField(_("device"), max_length=60, blank=True, default="")
    browser = models.CharField(_("browser"), max_length=60, blank=True, default="")
    address = models.CharField(_("address"), max_length=45, blank=True, default="")
    path = models.JSONField(_("pages visited"), default=list)
    consented_at = models.DateTimeField(_("agreed"), null=True)
    blocked = models.BooleanField(_("blocked"), default=False)
    blocked_until = models.DateTimeField(_("blocked until"), null=True, db_index=True)
    block_reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    blocked_by = models.CharField(_("blocked by"), max_length=125, blank=True, default="")
    created_at = models.DateTimeField(_("first seen"), db_default=Now())
    last_seen_at = models.DateTimeField(_("last seen"), null=True)

    class Meta:
        db_table = "visitor"
        verbose_name = _("visitor")
        verbose_name_plural = _("visitors")
        indexes = [
            models.Index(fields=["ent_id", "email_key"], name="visitor_email"),
            models.Index(fields=["ent_id", "last_seen_at", "id"], name="visitor_last_seen"),
            # All that is searched for a part of a name: a tenth of what the rows have.
            models.Index(
                fields=["ent_id", "blocked", "label", "contact", "email_key"], name="visitor_words"
            ),
        ]

    def __str__(self):
        return self.label

    def save(self, *args, update_fields=None, **options):
        """Stores `email_key` with what it is made of."""
        if update_fields is not None and {"contact", "identity"} & set(update_fields):
            update_fields = {*update_fields, "email_key"}
        super().save(*args, update_fields=update_fields, **options)

    @property
    def email(self) -> str:
        """The e-mail address that the site has signed, else the first one in `contact`; "" for
        none."""
        return first_valid([self.identity.get("email", ""), *WORDS.split(self.contact)])

    @property
    def is_proven(self) -> bool:
        """Whether the address in `contact` is proven to be theirs."""
        return self.contact_by in SURE

    @property
    def own_email(self) -> str:
        """The e-mail address in `contact`, if the visitor gave or proved it, or the site signed it;
        "" otherwise."""
        return first_address(self.contact) if self.contact_by in OWN else ""

    @property
    def proper_email(self) -> str:
        """The address to which answers are mailed, if their site signed it, or the visitor gave or
        proved it; "" otherwise."""
        return first_valid([self.identity.get("email", "")]) or self.own_email

    @property
    def given_email(self) -> str:
        """The e-mail address to which answers are mailed, if the visitor gave or proved it; ""
        otherwise, also where their site signed one."""
        signed = self.identity.get("email", "")
        mine = not signed and self.contact_by in (ContactBy.VISITOR, ContactBy.PROVEN)
        return self.email if mine and self.email == first_address(self.contact) else ""

    def give_contact(self, contact: str, by: ContactBy) -> None:
        """Sets the contact, without saving it. Who gave the address changes with the address alone:
        a phone number that is added beside it makes it nobody else's."""
        if first_address(contact) != first_address(self.contact):
            self.contact_by = by
        self.contact = contact

    @property
    def is_blocked(self) -> bool:
        """Whether the visitor is blocked now. A block may have ended before a tick removes it."""
        return self.blocked and (self.blocked_until is None or self.blocked_until > now())

    @property
    def is_erased(self) -> bool:
        """Whether the visitor's personal data was erased (care/erasure.py). No cookie matches."""
        return not self.secret_hash


def first_address(text: str) -> str:
    """The first e-mail address in a text; "" for none."""
    return first_valid(WORDS.split(text))


def with_address(contact: str, email: str) -> str:
    """A contact with this e-mail address in place of its first one, as much as the column holds."""
    former = first_address(contact)
    if former.lower() == email.lower():
        return contact
    rest = contact.replace(former, "", 1).strip(" ,;，；")
    return ", ".join(filter(None, [email, rest]))[: Visitor._meta.get_field("contact").max_length]


def first_valid(words: list[str]) -> str:
    for word in words:
        if "@" in word:
            try:
                validate_email(word)
            except ValidationError:
                continue
            return word
    return ""


class EndedSession(models.Model):
    """A sign-in that ended before it expired, by its key: its cookie is not accepted any more. Or
    an anonymous visitor who has signed in since, by their uuid: kept for two weeks if their row was
    joined with the person's, else for some minutes (visitors/identities.py)."""

    key = models.CharField(max_length=36, unique=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "ended_session"
