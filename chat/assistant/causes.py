"""Why the assistant did not answer, or that it answered without a proof."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Cause(TextChoices):
    """The values of AssistantTask.cause."""

    NOTHING = "nothing", _("no article proves an answer")
    FORM = "form", _("the model did not answer in the agreed form")
    ENDPOINT = "endpoint", _("the endpoint failed")
    LATE = "late", _("no answer in time")
    BUDGET = "budget", _("the tokens of the day are used up")
    HALF = "half", _("the rest of the day's tokens is kept for visitors")
    PERSON = "person", _("the model wants a person")
    ASKED = "asked", _("the visitor asked for a person")
    REPEATED = "repeated", _("the visitor said the same three times")
    ANGER = "anger", _("the visitor used a word that people answer")
    OFF = "off", _("the assistant was switched off")
    NEWER = "newer", _("the visitor wrote more meanwhile")
    PEOPLE = "people", _("people had the conversation")
    LOST = "lost", _("its server process ended")
    COURTESY = "courtesy", _("a courtesy, in your own words")
    ASKS = "asks", _("it asked back")
    WINDOW = "window", _("the channel keeps its last messages for people")


UNPROVEN = Cause.COURTESY, Cause.ASKS
"""Of tasks in state ANSWERED: what needs no article."""
TEXTS = dict(Cause.choices)
