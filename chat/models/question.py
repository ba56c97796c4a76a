"""Quick questions."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, Translated

from .knowledge import Article

MAX_QUESTIONS = 20
"""Questions that a team can have."""


class QuickQuestion(Translated):
    """A question that visitors ask with one tap, and its automatic answer (常见问题)."""

    TRANSLATED = ("question", "answer")
    ENTERPRISE = "team__enterprise"

    team = models.ForeignKey(Team, models.CASCADE, related_name="questions", verbose_name=_("team"))
    question = models.CharField(
        _("question"), max_length=100, help_text=_("As the visitor would ask it.")
    )
    answer = models.TextField(_("answer"), max_length=4000)
    article = models.CharField(
        _("article"),
        max_length=80,
        blank=True,
        default="",
        db_default="",
        help_text=_("The address of an article that is shown under the answer."),
    )
    position = models.PositiveSmallIntegerField(
        _("order"), default=0, help_text=_("Smaller numbers come first.")
    )

    class Meta:
        db_table = "quick_question"
        verbose_name = _("quick question")
        verbose_name_plural = _("quick questions")
        ordering = ["position", "id"]

    def __str__(self):
        return self.question

    def clean(self):
        """Refuses more questions than a page of the team can show, and an article that is not the
        enterprise's."""
        super().clean()
        if self.team_id is None:
            return
        own = Article.objects.filter(enterprise=self.team.enterprise_id, slug=self.article)
        if self.article and not own.exists():
            raise ValidationError({"article": _("There is no article with this address.")})
        others = QuickQuestion.objects.filter(team=self.team_id).exclude(pk=self.pk)
        if others.count() >= MAX_QUESTIONS:
            text = _("This team already has %(most)d questions, which is the limit.")
            raise ValidationError({"team": text % {"most": MAX_QUESTIONS}})
