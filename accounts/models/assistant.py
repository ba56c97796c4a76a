"""The assistant of an enterprise: which model answers, when, and with which words."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .endpoint import Endpoint
from .enterprise import Enterprise
from .member import Member
from .own_key import OwnKey

SHORTEST_PROMPT, LONGEST_PROMPT = 500, 100_000
"""Tokens of a request, by our estimate."""


class Assistant(Endpoint):
    """A bot member that the server itself makes speak (chat/assistant/). It sits in the teams that
    it answers for.

    `refused` are the parameters that its endpoint does not take. `words` has by language and name
    what the assistant says word for word; a missing text is the usual one
    (chat/assistant/words.py). `test` is what the last test of the endpoint found, at `tested_at`.
    """

    class Mode(models.TextChoices):
        ANSWER = "answer", pgettext_lazy("assistant", "answers visitors")
        WHISPER = "whisper", pgettext_lazy("assistant", "drafts for agents")
        OFF = "off", pgettext_lazy("assistant", "off")

    class When(models.TextChoices):
        ALWAYS = "always", pgettext_lazy("assistant", "always")
        CLOSED = "closed", pgettext_lazy("assistant", "outside of the team's hours")
        NOBODY = "nobody", pgettext_lazy("assistant", "while nobody of the team is online")

    enterprise = models.OneToOneField(
        Enterprise, models.CASCADE, related_name="assistant", verbose_name=_("enterprise")
    )
    member = OwnKey(Member, models.CASCADE, related_name="+")
    mode = models.CharField(_("mode"), max_length=7, choices=Mode.choices, default=Mode.OFF)
    when = models.CharField(_("when"), max_length=6, choices=When.choices, default=When.ALWAYS)
    daily_tokens = models.PositiveIntegerField(_("tokens a day"), default=200_000)
    prompt_tokens = models.PositiveIntegerField(
        _("tokens of a request"),
        default=3_000,
        validators=[MinValueValidator(SHORTEST_PROMPT), MaxValueValidator(LONGEST_PROMPT)],
    )
    tone = models.TextField(_("tone"), max_length=1_000, blank=True, default="")
    anger_words = models.TextField(_("words of anger"), max_length=1_000, blank=True, default="")
    words = models.JSONField(default=dict, blank=True)
    refused = models.JSONField(default=list, blank=True, editable=False)
    test = models.JSONField(null=True, editable=False)
    tested_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        db_table = "assistant"
        verbose_name = _("assistant")
        verbose_name_plural = _("assistants")

    def __str__(self):
        return self.member.display_name
