"""How an enterprise looks to its visitors."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from .columns import at_first

ACCENT = "#1f6feb"
MAX_WELCOME = 120
"""Characters of the welcome line: two lines of the widget."""


class Brand(models.Model):
    """Colours, pictures and the welcome line. The columns of the pictures hold the paths of their
    addresses (accounts/avatars.py), or are empty."""

    accent = models.CharField(
        _("accent colour"),
        max_length=7,
        default=ACCENT,
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}\Z", _("A colour such as #1f6feb."))],
        help_text=_("Buttons, links and the visitor's own messages on the chat page."),
    )
    cover_colour = models.CharField(
        _("cover colour"),
        max_length=7,
        blank=True,
        **at_first(""),
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}\Z", _("A colour such as #1f6feb."))],
        help_text=_("The head of the chat page. It follows the accent colour until you change it."),
    )
    logo = models.CharField(max_length=100, default="", db_default="", editable=False)
    cover = models.CharField(max_length=100, default="", db_default="", editable=False)
    welcome = models.CharField(
        _("welcome line"),
        max_length=MAX_WELCOME,
        blank=True,
        **at_first(""),
        help_text=_(
            "Large, above the conversation, until the visitor writes. If empty, a default text in "
            "the visitor's language."
        ),
    )

    class Meta:
        abstract = True
