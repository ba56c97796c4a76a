"""What a member is alerted of, and how."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Member

KINDS = {
    "unclaimed": _("An unclaimed visitor writes"),
    "mine": _("Activity in a conversation that you claimed"),
    "others": _("Activity in a conversation that a colleague claimed"),
}
"""The occasions that a member can choose. A mention is not among them: it always alerts."""


def usual() -> list[str]:
    """The default choices: once a conversation is claimed, it alerts its claimant only."""
    return ["unclaimed", "mine"]


class AlertChoices(models.Model):
    """A member's choices for all their browsers; without a row the defaults hold."""

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True)
    sound = models.JSONField(_("sound"), default=usual)
    desktop = models.JSONField(_("notification"), default=usual)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_to = models.TimeField(_("until"), null=True, blank=True)
    away_minutes = models.PositiveSmallIntegerField(
        _("away after (minutes without input)"),
        default=10,
        db_default=10,
        validators=[MaxValueValidator(480)],
        help_text=_("Colleagues see you as away; visitors do not see you online. 0 means never."),
    )

    class Meta:
        db_table = "alert_choices"
