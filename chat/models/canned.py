"""Canned replies: who owns them, who may use them and who may change them."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Enterprise, Member, OwnKey, Team, TeamMember

PLACEHOLDER = re.compile(r"(?<!\$)\{([^\W\d]\w{0,19})\}")
"""A placeholder: a name of up to 20 letters, digits and underscores in braces. ${HOME} and \\d{3}
are code, not placeholders."""
PLACEHOLDERS = {"visitor", "agent", "team"}
"""The placeholders that the workspace replaces with a name."""


class CannedReplyQuerySet(models.QuerySet):
    def for_member(self, member: Member):
        """The replies that a member may use: their own, their teams' and their enterprise's."""
        shared = models.Q(owner=None, team=None) | models.Q(team__in=member.teams.all())
        return self.filter(models.Q(owner=member) | shared, enterprise=member.enterprise_id)

    def editable_by(self, member: Member):
        """The replies that a member may change: their own, those of teams they lead, and for a
        manager all shared ones."""
        shared = models.Q(owner=None) if member.is_manager else models.Q(team__in=led_by(member))
        return self.filter(models.Q(owner=member) | shared, enterprise=member.enterprise_id)


def led_by(member: Member):
    """The teams whose replies a member may change: those they lead; all for a manager."""
    if member.is_manager:
        return Team.objects.filter(enterprise=member.enterprise_id)
    return Team.objects.filter(places__member=member, places__member_type=TeamMember.Type.LEADER)


class CannedReply(models.Model):
    """A prepared text. It belongs to one member (`owner`), to a team, or to the enterprise."""

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, verbose_name=_("enterprise"))
    team = OwnKey(
        Team,
        models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("team"),
        help_text=_("If empty, for every team of the enterprise."),
    )
    owner = OwnKey(Member, models.CASCADE, null=True, blank=True, editable=False)
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
        """Refuses unknown placeholders, because a mistyped one would be sent to a customer. Braces
        with spaces inside are no placeholder."""
        super().clean()
        unknown = [name for name in PLACEHOLDER.findall(self.content) if name not in PLACEHOLDERS]
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
