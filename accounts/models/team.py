"""Teams (客服组), and the places of members in them."""

import copy

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .. import rights
from .columns import at_first
from .enterprise import Enterprise, code_validator
from .member import MAX_CAPACITY, Member
from .own_key import OwnKey
from .translated import Translated

DEFAULT_TEAM = "service"
"""Slug of the team that every enterprise starts with, and that visitors get without `?team=`."""


class Routing(models.TextChoices):
    """Who gets a conversation in which a visitor waits and which nobody holds."""

    EVERYONE = "everyone", _("everyone: agents claim by themselves")
    OFFER = "offer", _("offer: one agent at a time is asked")
    ASSIGN = "assign", _("assign: one agent gets it at once")


class Team(Translated):
    """A group of agents who serve the enterprise's visitors together (客服组)."""

    TRANSLATED = ("name", "greeting", "warning", "farewell")

    enterprise = models.ForeignKey(
        Enterprise, models.CASCADE, related_name="teams", verbose_name=_("enterprise")
    )
    slug = models.CharField(
        _("slug"),
        max_length=50,
        default=DEFAULT_TEAM,
        validators=[code_validator],
        help_text=_("Selects the team in the chat page's address: ?team=…"),
    )
    name = models.CharField(_("name"), max_length=125)
    greeting = models.CharField(
        _("greeting"),
        max_length=500,
        blank=True,
        default="",
        help_text=_(
            "Shown to visitors before their first message. If empty, a default text in the "
            "visitor's language."
        ),
    )
    offered = models.BooleanField(
        _("offered on the chat page"),
        **at_first(False),
        help_text=_(
            "If two or more teams are offered, a new visitor first chooses one of them; if any "
            "team has topics, the visitor chooses a topic instead."
        ),
    )
    answer_seconds = models.PositiveIntegerField(
        _("first reply within (seconds)"),
        **at_first(120),
        validators=[MinValueValidator(5), MaxValueValidator(86_400)],
        help_text=_(
            "The longest time within working hours that a visitor should wait for the first "
            "reply. The inbox warns from half of it on."
        ),
    )
    next_seconds = models.PositiveIntegerField(
        _("further replies within (seconds)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(5), MaxValueValidator(86_400)],
        help_text=_("The same for later replies. If empty, as for the first one."),
    )
    mail_answer_hours = models.PositiveSmallIntegerField(
        _("first reply to a mail within (hours)"),
        **at_first(8),
        validators=[MinValueValidator(1), MaxValueValidator(240)],
    )
    mail_next_hours = models.PositiveSmallIntegerField(
        _("further replies by mail within (hours)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(240)],
        help_text=_("The same for later replies. If empty, as for the first one."),
    )
    answering_claims = models.BooleanField(
        _("an answer claims the conversation"),
        **at_first(True),
        help_text=_(
            "Who answers in a conversation that nobody has claimed gets the claim with the answer."
        ),
    )
    bot_seconds = models.PositiveSmallIntegerField(
        _("a bot answers within (seconds)"),
        **at_first(30),
        validators=[MinValueValidator(5), MaxValueValidator(600)],
        help_text=_("What a bot has not answered by then waits for people."),
    )
    mail_minutes = models.PositiveSmallIntegerField(
        _("e-mail after (minutes)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
        help_text=_(
            "When an unclaimed visitor has waited for this long, or a note that mentions a "
            "colleague has not been read for as long, members with an e-mail address get an "
            "e-mail, once per wait. If empty, never."
        ),
    )
    mail_left = models.BooleanField(
        _("e-mail about messages left while nobody is online"),
        **at_first(True),
        help_text=_(
            "When a visitor writes outside working hours, or while nobody in the team is online, "
            "the members with an e-mail address get an e-mail, once per reception."
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
            "When the visitor has not replied for this long, the conversation is closed "
            "automatically; the visitor's next message reopens it. If empty, never."
        ),
    )
    warn_minutes = models.PositiveSmallIntegerField(
        _("warn before (minutes)"),
        **at_first(30),
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
        help_text=_("How long before the automatic closing the visitor is warned."),
    )
    warning = models.CharField(
        _("warning"),
        max_length=500,
        blank=True,
        **at_first(""),
        help_text=_("If empty, a default text in the visitor's language."),
    )
    farewell = models.CharField(
        _("closing text"),
        max_length=500,
        blank=True,
        **at_first(""),
        help_text=_("If empty, a default text in the visitor's language."),
    )
    retention_days = models.PositiveIntegerField(
        _("keep conversations for"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=_(
            "In this team's closed conversations, everything older is erased permanently, "
            "including files. This cannot be undone. If empty, as the enterprise has it."
        ),
    )
    hours = models.JSONField(default=dict, editable=False)
    routing = models.CharField(
        _("routing"),
        max_length=8,
        choices=Routing.choices,
        **at_first(Routing.EVERYONE),
        help_text=_(
            "Who gets a conversation in which a visitor waits. Every agent in the team sees it and "
            "may answer in any case."
        ),
    )
    capacity = models.PositiveSmallIntegerField(
        _("conversations at a time"),
        **at_first(4),
        validators=[MaxValueValidator(MAX_CAPACITY)],
        help_text=_(
            "How many open conversations an agent may hold before no more are offered or assigned, "
            "unless the agent has a number of their own. Snoozed ones do not count."
        ),
    )
    offer_seconds = models.PositiveSmallIntegerField(
        _("an offer lasts (seconds)"),
        **at_first(30),
        validators=[MinValueValidator(5), MaxValueValidator(600)],
        help_text=_("Then the next agent is asked."),
    )
    overflow = OwnKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("overflows into"),
        help_text=_(
            "The team whose agents come to help when visitors have waited too long. The "
            "conversation stays with its own team."
        ),
    )
    overflow_minutes = models.PositiveSmallIntegerField(
        _("overflows after (minutes)"),
        **at_first(5),
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
        help_text=_(
            "Only working hours count. If nobody has answered after twice the time, the leaders "
            "are told; after three times, the visitor is asked to leave a message."
        ),
    )
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

    def save(self, *args, **kwargs):
        """Saves the row; other hours than before are kept with the moment until which they
        held, so that figures of earlier days stay the same."""
        before = getattr(self, "_stored_hours", None)
        with transaction.atomic():
            super().save(*args, **kwargs)
            if before is not None and before != self.hours:
                FormerHours.objects.create(team=self, until=timezone.now(), hours=before)
        self._stored_hours = copy.deepcopy(self.hours)

    def clean(self):
        super().clean()
        if self.idle_hours and (self.warn_minutes or 0) >= self.idle_hours * 60:
            message = _(
                "The warning time must be shorter than the time until the automatic closing."
            )
            raise ValidationError({"warn_minutes": message})
        if message := self.refused_overflow():
            raise ValidationError({"overflow": message})

    def refused_overflow(self) -> str | None:
        """Why this team cannot overflow into the one that was chosen; None if it can. It stays so
        until the end of the transaction, in which the team is to be saved, too."""
        if self.overflow is None:
            return None
        if self.overflow.enterprise_id != self.enterprise_id:
            return _("A team cannot overflow into a team of another enterprise.")
        if self.overflow == self:
            return _("A team cannot overflow into itself.")
        with transaction.atomic():
            # Of two who save at once the second waits here, and then sees what the first saved.
            list(Enterprise.objects.select_for_update().filter(pk=self.enterprise_id))
            teams = Team.objects.filter(enterprise=self.enterprise_id, overflow__isnull=False)
            following = dict(teams.values_list("pk", "overflow_id"))
        team, passed = self.overflow_id, set()
        while team and team not in passed:
            passed.add(team)
            team = following.get(team)
            if team == self.pk and team is not None:
                return _("These teams would overflow into each other in a circle.")
        return None

    def target(self, replied: bool, by_mail: bool = False) -> int:
        """Within how many seconds of its hours a first answer, or another one, is due."""
        if by_mail:
            return ((replied and self.mail_next_hours) or self.mail_answer_hours) * 3600
        return self.next_seconds if replied and self.next_seconds else self.answer_seconds

    @classmethod
    def from_db(cls, db, field_names, values):
        team = super().from_db(db, field_names, values)
        team._stored_hours = copy.deepcopy(team.__dict__.get("hours"))
        return team

    @property
    def chat_path(self) -> str:
        return f"{self.enterprise.chat_path}?team={self.slug}"


class FormerHours(models.Model):
    """Working hours that a team had until a moment; before it, those of the row before."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="former_hours")
    until = models.DateTimeField()
    hours = models.JSONField(default=dict)

    class Meta:
        db_table = "former_hours"


class TeamMember(models.Model):
    """A member's place in a team, as its leader or not."""

    class Type(models.IntegerChoices):
        LEADER = 1, _("leader")
        MEMBER = 2, _("member")

    team = OwnKey(
        Team, models.CASCADE, related_name="places", verbose_name=_("team"), within="member"
    )
    member = OwnKey(
        Member, models.CASCADE, related_name="places", verbose_name=_("member"), within="team"
    )
    member_type = models.SmallIntegerField(_("place"), choices=Type.choices, default=Type.MEMBER)
    takes_seats = True
    """Whether saving this row seats the member in the team's open conversations; not stored."""

    class Meta:
        db_table = "team_member"
        verbose_name = _("place in a team")
        verbose_name_plural = _("places in teams")
        constraints = [models.UniqueConstraint(fields=["team", "member"], name="team_member_once")]

    def __str__(self):
        return f"{self.member} · {self.team}"

    @classmethod
    def with_teams(cls) -> models.Prefetch:
        """For `prefetch_related` of members: their places, each with its team."""
        return models.Prefetch("places", cls.objects.select_related("team"))

    @property
    def is_leader(self) -> bool:
        return self.member_type == self.Type.LEADER

    def check_role(self) -> None:
        """Raises ValidationError for a member whose role has no seats, as a place brings them."""
        if self.member.enterprise is not None and not self.member.may(rights.SEAT):
            raise ValidationError(
                _("A member with this role has no conversations and is in no team.")
            )
