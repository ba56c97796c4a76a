"""What a member wants to be alerted of, and how loud."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Member

KINDS = {
    "unclaimed": _("An unclaimed visitor writes"),
    "mine": _("Activity in a conversation that you claimed"),
    "others": _("Activity in a conversation that a colleague claimed"),
}
"""What can be chosen. A mention is not among them: it alerts whatever was muted."""


def usual() -> list[str]:
    """After a claim the others are left in peace."""
    return ["unclaimed", "mine"]


class AlertChoices(models.Model):
    """One member's choices; who has chosen nothing has no row. They are the member's and not the
    browser's: who sits down at another desk is alerted as at the own one."""

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
