"""Canned replies: whose they are, who may answer with them, and who may change them."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Enterprise, Member, Team, TeamMember

NAMED = re.compile(r"(?<!\$)\{([^\W\d]\w{0,19})\}")
"""What looks like a name to be put in; ${HOME} and \\d{3} are code, and so is what is longer."""
KNOWN = {"visitor", "agent", "team"}
"""What the workspace puts a name in place of."""


class CannedReplyQuerySet(models.QuerySet):
    def for_member(self, member: Member):
        """What a member may answer with: their own, their teams', their enterprise's."""
        shared = models.Q(owner=None, team=None) | models.Q(team__in=member.teams.all())
        return self.filter(models.Q(owner=member) | shared, enterprise=member.enterprise_id)

    def editable_by(self, member: Member):
        """Their own; of a team those who lead it change it, and managers all that is shared."""
        shared = models.Q(owner=None) if member.is_manager else models.Q(team__in=led_by(member))
        return self.filter(models.Q(owner=member) | shared, enterprise=member.enterprise_id)


def led_by(member: Member):
    """The teams whose replies a member may change."""
    if member.is_manager:
        return Team.objects.filter(enterprise=member.enterprise_id)
    return Team.objects.filter(places__member=member, places__member_type=TeamMember.Type.LEADER)


class CannedReply(models.Model):
    """A text that is ready to be sent: of one member, of a team, or of a whole enterprise."""

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, verbose_name=_("enterprise"))
    team = models.ForeignKey(
        Team,
        models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("team"),
        help_text=_("If empty, for every team of the enterprise."),
    )
    owner = models.ForeignKey(Member, models.CASCADE, null=True, blank=True, editable=False)
    title = models.CharField(_("title"), max_length=60)
    content = models.TextField(
        _("text"),
        max_length=4000,
        help_text=_("{visitor}, {agent} and {team} are replaced by the names in the conversation."),
    )
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = CannedReplyQuerySet.as_manager()

    class Meta:
        db_table = "canned_reply"
        verbose_name = _("canned reply")
        verbose_name_plural = _("canned replies")
        ordering = ["title", "id"]

    def __str__(self):
        return self.title

    def clean(self):
        """A name that is mistyped would be sent to a customer as it stands there. Where it is meant
        so, as in code, a blank tells."""
        super().clean()
        unknown = [name for name in NAMED.findall(self.content) if name not in KNOWN]
        if unknown:
            text = _(
                "%(name)s is not known. Use %(known)s. To send braces as they are, put spaces "
                "inside them: %(plain)s."
            ) % {
                "name": f"{{{unknown[0]}}}",
                "known": "{visitor}, {agent}, {team}",
                "plain": f"{{ {unknown[0]} }}",
            }
            raise ValidationError({"content": text})
