"""Rules for greeting visitors of the enterprise's sites who have not written."""

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from .enterprise import Enterprise
from .translated import Translated

MAX_RULES = 50
"""The most active rules of an enterprise; the widget loads all of them."""
MAX_TEXT = 300
"""Characters that fit into the bubble beside the button."""


class GreetingRule(Translated):
    """A text that the widget shows: on which pages, after how many seconds, from which visit on.
    The visitor's browser decides (widget/inviting.js), and reports nothing."""

    TRANSLATED = ("text",)

    enterprise = models.ForeignKey(
        Enterprise, models.CASCADE, related_name="rules", verbose_name=_("enterprise")
    )
    text = models.CharField(_("text"), max_length=MAX_TEXT)
    page = models.CharField(
        _("page"),
        max_length=200,
        default="*",
        validators=[RegexValidator(r"^[/*]", _("Must start with / or *."))],
        help_text=_(
            "The path on your site, such as /pricing; * matches anything, as in /products/*."
        ),
    )
    seconds = models.PositiveIntegerField(
        _("time on the page (seconds)"),
        default=20,
        help_text=_("How long the visitor has been there."),
    )
    visits = models.PositiveIntegerField(
        _("from visit"),
        default=1,
        validators=[MinValueValidator(1)],
        help_text=_("1 greets everyone, 2 only visitors who come back."),
    )
    only_staffed = models.BooleanField(
        _("only while an agent is online"),
        default=True,
        help_text=_("Within the team's working hours and while one of its agents is online."),
    )
    active = models.BooleanField(_("active"), default=True)
    position = models.PositiveSmallIntegerField(
        _("order"),
        default=0,
        help_text=_("If several match, the one with the smallest number is used."),
    )

    class Meta:
        db_table = "greeting_rule"
        verbose_name = _("site greeting")
        verbose_name_plural = _("site greetings")
        ordering = ["position", "id"]

    def __str__(self):
        return self.text
