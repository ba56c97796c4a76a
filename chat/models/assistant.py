"""What the assistant was asked, what it said, and on which articles that stands."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Enterprise, Member, OwnKey

from .conversation import Conversation, Reception
from .knowledge import Article

WRITTEN = "question", "request", "reply", "text", "edited"
"""The columns of a task with what people or the model wrote; `struck` is another."""


class AssistantRehearsal(models.Model):
    """First questions of past receptions, put to the assistant: each is an AssistantTask."""

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="+")
    member = OwnKey(Member, models.SET_NULL, null=True, related_name="+")
    since = models.DateField(_("from"))
    until = models.DateField(_("to"))
    created_at = models.DateTimeField(_("created"), db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "assistant_rehearsal"


class Tasks(models.QuerySet):
    def forget(self) -> None:
        """Nothing that anybody wrote stays of these, whoever works on them stores nothing more, and
        what they stood on is not known any more."""
        keys = list(self.values_list("pk", flat=True))
        if keys:
            AssistantCitation.objects.filter(task__in=keys).delete()
            tasks = AssistantTask.objects.filter(pk__in=keys)
            going_on = tasks.filter(state__in=AssistantTask.UNFINISHED)
            going_on.update(state=AssistantTask.State.DROPPED, leased_until=Now())
            tasks.update(**dict.fromkeys(WRITTEN, ""), struck=[])


class AssistantTask(models.Model):
    """One question to the model, and what came of it.

    Whoever has the `lease` works on it until `leased_until`. `seq` is the last row of the
    conversation that the request knew; of a rehearsal the seq of the question. `request` is word
    for word what left the server, `reply` what came back, `text` what remained after the check, and
    `struck` the sentences that did not, each with its reason; these and `question` are emptied
    after 30 days. `edited` is what a member made of a draft before they sent it. `message_seq` is
    the message that came of it. The tokens are counted here, the estimate where the endpoint does
    not say them (`estimated`).
    """

    class Kind(models.TextChoices):
        ANSWER = "answer", pgettext_lazy("assistant", "answer")
        DRAFT = "draft", pgettext_lazy("assistant", "draft")
        SUMMARY = "summary", pgettext_lazy("assistant", "summary")
        TRANSLATION = "translation", pgettext_lazy("assistant", "translation")
        REHEARSAL = "rehearsal", pgettext_lazy("assistant", "rehearsal")
        TRIAL = "trial", pgettext_lazy("assistant", "trial")

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("assistant", "waiting")
        RUNNING = "running", pgettext_lazy("assistant", "running")
        ANSWERED = "answered", pgettext_lazy("assistant", "answered with proof")
        REFUSED = "refused", pgettext_lazy("assistant", "nothing could be proven")
        HANDED_OVER = "handed_over", pgettext_lazy("assistant", "handed over")
        DROPPED = "dropped", pgettext_lazy("assistant", "dropped")

    UNFINISHED = State.WAITING, State.RUNNING

    class Judgement(models.TextChoices):
        RIGHT = "right", pgettext_lazy("judgement", "right")
        NEARLY = "nearly", pgettext_lazy("judgement", "nearly")
        WRONG = "wrong", pgettext_lazy("judgement", "wrong")

    ent_id = models.CharField(max_length=100)
    kind = models.CharField(_("kind"), max_length=11, choices=Kind.choices)
    state = models.CharField(
        _("state"), max_length=11, choices=State.choices, default=State.WAITING
    )
    cause = models.CharField(_("cause"), max_length=20, blank=True, default="")
    conversation = OwnKey(Conversation, models.CASCADE, to_field="uuid", null=True)
    reception = OwnKey(Reception, models.SET_NULL, null=True, related_name="+")
    rehearsal = models.ForeignKey(
        AssistantRehearsal, models.CASCADE, null=True, related_name="tasks"
    )
    run = models.IntegerField(default=0)
    """The id of the rehearsal, or 0: a part of what is unique, where null would not be."""
    seq = models.IntegerField(default=0)
    member = OwnKey(Member, models.SET_NULL, null=True, related_name="+")
    lease = models.CharField(max_length=36, blank=True, default="")
    leased_until = models.DateTimeField(null=True)
    language = models.CharField(max_length=10, blank=True, default="")
    question = models.TextField(blank=True, default="")
    request = models.TextField(blank=True, default="")
    reply = models.TextField(blank=True, default="")
    text = models.TextField(blank=True, default="")
    struck = models.JSONField(default=list)
    edited = models.TextField(blank=True, default="")
    prompt_tokens = models.IntegerField(default=0)
    completion_tokens = models.IntegerField(default=0)
    estimated = models.BooleanField(default=True)
    first_seconds = models.FloatField(null=True)
    seconds = models.FloatField(null=True)
    message_seq = models.IntegerField(null=True)
    helpful = models.BooleanField(null=True)
    judgement = models.CharField(max_length=6, choices=Judgement.choices, blank=True, default="")
    created_at = models.DateTimeField(_("time"), db_default=Now())
    finished_at = models.DateTimeField(null=True)

    objects = Tasks.as_manager()

    class Meta:
        db_table = "assistant_task"
        verbose_name = _("assistant's answer")
        verbose_name_plural = _("assistant's answers")
        indexes = [
            # The tokens of a day, the figures, and what is to be emptied.
            models.Index(fields=["ent_id", "created_at"], name="assistant_task_day"),
            # What waits, or whose lease has run out: few.
            models.Index(fields=["state", "leased_until"], name="assistant_task_due"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "kind", "seq", "run"], name="assistant_task_once"
            )
        ]


class AssistantCitation(models.Model):
    """What a sentence of a task's text stands on: a quote of a published revision."""

    ent_id = models.CharField(max_length=100)
    task = OwnKey(AssistantTask, models.CASCADE, related_name="citations")
    n = models.SmallIntegerField()
    article = OwnKey(Article, models.SET_NULL, null=True, related_name="+")
    slug = models.CharField(max_length=80)
    lang = models.CharField(max_length=10)
    revision = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    quote = models.TextField()

    class Meta:
        db_table = "assistant_citation"
        ordering = ["task", "n"]
