"""Topics: what a new visitor may choose before they reach a team."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .team import Team
from .translated import Translated

MAX_TOPICS = 30
"""The most topics that an enterprise's chat page offers."""


class Topic(Translated):
    """A topic (问题类型), and the team that answers questions about it."""

    TRANSLATED = ("label",)
    ENTERPRISE = "team__enterprise"

    team = models.ForeignKey(Team, models.CASCADE, related_name="topics", verbose_name=_("team"))
    label = models.CharField(_("topic"), max_length=60)
    position = models.PositiveSmallIntegerField(
        _("order"), default=0, help_text=_("Smaller numbers come first.")
    )

    class Meta:
        db_table = "topic"
        verbose_name = _("topic")
        verbose_name_plural = _("topics for this team")
        ordering = ["position", "id"]

    def __str__(self):
        return self.label
