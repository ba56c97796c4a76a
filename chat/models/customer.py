"""Customers: visitors that are linked as one person, their attributes to search by, and saved
filters of the list of customers."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Enterprise, Member, OwnKey

from .visitor import Visitor


class VisitorAttribute(models.Model):
    """A value of an attribute of a visitor, to find the visitor by. It repeats what stands in
    `visitor.attributes`, and is written with it (chat/customers/attributes.py). `value` is the
    beginning of the value in small letters; `number` is set for a number alone."""

    ent_id = models.CharField(max_length=100)
    visitor = OwnKey(Visitor, models.CASCADE, to_field="uuid", related_name="+")
    key = models.CharField(max_length=40)
    value = models.CharField(max_length=125)
    number = models.FloatField(null=True)

    class Meta:
        db_table = "visitor_attribute"
        constraints = [
            models.UniqueConstraint(fields=["visitor", "key"], name="visitor_attribute_once")
        ]
        indexes = [
            models.Index(fields=["ent_id", "key", "value"], name="visitor_attribute_value"),
            models.Index(fields=["ent_id", "key", "number"], name="visitor_attribute_number"),
        ]


class CustomerLink(models.Model):
    """That a visitor is the same person as the visitor `customer`, who is linked with nobody else
    by a row of their own: a customer is that visitor and all that are linked with them. No
    conversation is merged; parting them deletes the row."""

    class Why(models.TextChoices):
        HAND = "hand", _("by hand")
        PROOF = "proof", _("the same proven address")

    ent_id = models.CharField(max_length=100, db_index=True)
    visitor = OwnKey(Visitor, models.CASCADE, to_field="uuid", related_name="+")
    customer = OwnKey(Visitor, models.CASCADE, to_field="uuid", related_name="+")
    why = models.CharField(max_length=5, choices=Why.choices, default=Why.HAND)
    linked_by = models.CharField(max_length=36, blank=True, default="")
    linked_by_name = models.CharField(max_length=125, blank=True, default="")
    linked_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "customer_link"
        constraints = [models.UniqueConstraint(fields=["visitor"], name="customer_link_once")]


class Segment(models.Model):
    """A saved filter of the list of customers, for all managers of an enterprise. `fields` are the
    parameters of the list's address."""

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    fields = models.JSONField(default=dict)
    saved_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")

    class Meta:
        db_table = "segment"
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "name"], name="segment_once")]
