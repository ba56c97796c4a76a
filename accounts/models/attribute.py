"""Attributes: what an enterprise stores about its customers beyond name and contact."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from .enterprise import Enterprise

MAX_ATTRIBUTES = 50
"""Attributes that an enterprise may define."""
KEY = r"[a-z][a-z0-9_]{0,39}"
"""How a key is written: programs and tokens name an attribute by it."""


class Attribute(models.Model):
    """An attribute of an enterprise's customers (客户属性), as "plan" or "last_order".

    A visitor's values stand in `visitor.attributes` by key; chat/customers/ checks and writes them.
    """

    class Kind(models.TextChoices):
        TEXT = "text", _("text")
        NUMBER = "number", _("number")
        DATE = "date", _("date")
        LINK = "link", _("link")
        CHOICE = "choice", _("choice")

    enterprise = models.ForeignKey(
        Enterprise, models.CASCADE, related_name="attributes", verbose_name=_("enterprise")
    )
    key = models.CharField(
        _("key"),
        max_length=40,
        validators=[
            RegexValidator(
                rf"^{KEY}\Z", _("Small letters, digits and _, a letter first, 40 at most.")
            )
        ],
        help_text=_("As programs, tokens and the columns of a CSV file name it."),
    )
    label = models.CharField(_("label"), max_length=60, help_text=_("As your colleagues read it."))
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices, default=Kind.TEXT)
    choices = models.JSONField(_("choices"), default=list, blank=True)
    position = models.PositiveSmallIntegerField(
        _("order"), default=0, help_text=_("Smaller numbers come first.")
    )

    class Meta:
        db_table = "attribute"
        verbose_name = _("attribute")
        verbose_name_plural = _("attributes")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "key"], name="attribute_once")]

    def __str__(self):
        return self.label or self.key
