"""Teams (客服组), and the places of members in them."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from .enterprise import Enterprise, code_validator
from .member import Member

DEFAULT_TEAM = "service"
"""Slug of the team that every enterprise starts with, and that visitors get without `?team=`."""


class Team(models.Model):
    """A group of agents who serve the enterprise's visitors together (客服组)."""

    enterprise = models.ForeignKey(
        Enterprise, models.CASCADE, related_name="teams", verbose_name=_("enterprise")
    )
    slug = models.CharField(
        _("slug"),
        max_length=50,
        default=DEFAULT_TEAM,
        validators=[code_validator],
        help_text=_("Chooses the team in the chat page's address: ?team=…"),
    )
    name = models.CharField(_("name"), max_length=125)
    greeting = models.CharField(
        _("greeting"),
        max_length=500,
        blank=True,
        default="",
        help_text=_(
            "What a visitor reads before writing the first message. Left empty, a few words in"
            " the visitor's own language."
        ),
    )
    offered = models.BooleanField(
        _("offered on the chat page"),
        default=False,
        db_default=False,
        help_text=_(
            "Where two or more teams are offered, a new visitor chooses one of them first; where"
            " any team has topics, one of these."
        ),
    )
    answer_seconds = models.PositiveIntegerField(
        _("answer within (seconds)"),
        default=120,
        db_default=120,
        validators=[MinValueValidator(5), MaxValueValidator(86_400)],
        help_text=_(
            "How long a visitor should wait at the most: 120 are two minutes. The inbox warns from"
            " half of it on."
        ),
    )
    mail_minutes = models.PositiveSmallIntegerField(
        _("mail after (minutes)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
        help_text=_(
            "When a visitor whom nobody has claimed, or a colleague's mention, waits longer than"
            " so many minutes, members with an e-mail address are told, each time once. Empty:"
            " never."
        ),
    )
    mail_left = models.BooleanField(
        _("mail what is left while nobody is there"),
        default=True,
        db_default=True,
        help_text=_(
            "When a visitor writes outside of the working hours, or while nobody of the team is"
            " online, its members with an e-mail address are told, once for each reception."
        ),
    )
    reminded_at = models.DateTimeField(null=True, editable=False)
    left_mailed_at = models.DateTimeField(null=True, editable=False)
    idle_hours = models.PositiveSmallIntegerField(
        _("close after (hours)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(8760)],
        help_text=_(
            "After so many hours in which the visitor has not answered, a conversation is closed"
            " by itself; their next message reopens it. Empty: never."
        ),
    )
    warn_minutes = models.PositiveSmallIntegerField(
        _("warn before (minutes)"),
        default=30,
        db_default=30,
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
        help_text=_("So long before it the visitor is told."),
    )
    warning = models.CharField(
        _("warning"),
        max_length=500,
        blank=True,
        default="",
        db_default="",
        help_text=_("Left empty, a few words in the visitor's own language."),
    )
    farewell = models.CharField(
        _("words at the closing"),
        max_length=500,
        blank=True,
        default="",
        db_default="",
        help_text=_("Left empty, a few words in the visitor's own language."),
    )
    hours = models.JSONField(default=dict, editable=False)
    members = models.ManyToManyField(
        Member, through="TeamMember", related_name="teams", verbose_name=_("members")
    )

    class Meta:
        db_table = "team"
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "slug"], name="team_enterprise_slug")
        ]

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        if self.idle_hours and (self.warn_minutes or 0) >= self.idle_hours * 60:
            message = _("The warning has to come after the visitor's silence has begun.")
            raise ValidationError({"warn_minutes": message})

    @property
    def chat_path(self) -> str:
        return f"{self.enterprise.chat_path}?team={self.slug}"


class TeamMember(models.Model):
    """A member's place in a team, as its leader or not."""

    class Type(models.IntegerChoices):
        LEADER = 1, _("leader")
        MEMBER = 2, _("member")

    team = models.ForeignKey(Team, models.CASCADE, related_name="places", verbose_name=_("team"))
    member = models.ForeignKey(
        Member, models.CASCADE, related_name="places", verbose_name=_("member")
    )
    member_type = models.SmallIntegerField(_("place"), choices=Type.choices, default=Type.MEMBER)

    class Meta:
        db_table = "team_member"
        verbose_name = _("place in a team")
        verbose_name_plural = _("places in teams")
        constraints = [models.UniqueConstraint(fields=["team", "member"], name="team_member_once")]

    def __str__(self):
        return f"{self.member} · {self.team}"
