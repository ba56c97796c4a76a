"""Attributes: what an enterprise stores about its customers beyond name and contact."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from accounts.signals import attribute_reshaped, values_asked

from .enterprise import Enterprise

MAX_ATTRIBUTES = 50
"""Attributes that an enterprise may define."""
MAX_CHOICES, MAX_CHOICE = 50, 100
"""Choices of an attribute, and characters of one."""
RESERVED = ("identity", "email", "name", "language")
"""Keys that no new attribute has: a file with customers has these columns beside attributes."""
KEY = r"[a-z][a-z0-9_]{0,39}"
"""How a key is written: programs and tokens name an attribute by it."""


class Attribute(models.Model):
    """An attribute of an enterprise's customers (客户属性), as "plan" or "last_order".

    A visitor's values stand in `visitor.attributes` by key; chat/customers/ checks and writes them.
    """

    class Kind(models.TextChoices):
        TEXT = "text", pgettext_lazy("attribute", "text")
        NUMBER = "number", pgettext_lazy("attribute", "number")
        DATE = "date", pgettext_lazy("attribute", "date")
        LINK = "link", pgettext_lazy("attribute", "link")
        CHOICE = "choice", pgettext_lazy("attribute", "choice")

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

    def save(self, *args, **options):
        reshaped = self.is_reshaped
        super().save(*args, **options)
        if reshaped:
            attribute_reshaped.send(Attribute, attribute=self)

    def clean(self):
        """Refuses a key that means something else, choices that cannot be chosen, and a kind or
        choices by which values that are stored would be lost."""
        if self._state.adding and self.key in RESERVED:
            text = _("Every customer has this anyway. Choose another key.")
            raise ValidationError({"key": text})
        kept = self.choices if self.kind == self.Kind.CHOICE else []
        self.choices = list(dict.fromkeys(text for one in kept if (text := " ".join(one.split()))))
        if self.kind == self.Kind.CHOICE and not 1 <= len(self.choices) <= MAX_CHOICES:
            text = _("A choice has between 1 and %(most)d choices.") % {"most": MAX_CHOICES}
            raise ValidationError({"choices": text})
        if any(len(one) > MAX_CHOICE or not one.isprintable() for one in self.choices):
            text = _("A choice has at most %(most)d characters.") % {"most": MAX_CHOICE}
            raise ValidationError({"choices": text})
        if self.is_reshaped and (lost := self.count_values(lost=True)):
            text = ngettext(
                "%(n)d customer has a value that would be lost.",
                "%(n)d customers have a value that would be lost.",
                lost,
            )
            raise ValidationError({"kind": text % {"n": lost}})

    @property
    def is_reshaped(self) -> bool:
        """Whether values may be none of this kind and these choices: it has another kind than is
        stored, or lacks a choice."""
        stored = Attribute.objects.filter(pk=self.pk).values_list("kind", "choices").first()
        if stored is None:
            return False
        kind, choices = stored
        return kind != self.kind or not set(choices) <= set(self.choices)

    def count_values(self, lost: bool = False) -> int:
        """How many customers have a value; with `lost`, one that this kind and these choices do not
        allow."""
        found = values_asked.send(Attribute, attribute=self, lost=lost)
        return sum(int(number or 0) for _receiver, number in found)
