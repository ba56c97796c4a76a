"""Why the assistant did not answer, or that it answered without a proof: the values of
AssistantTask.cause, and their words."""

from django.utils.translation import gettext_lazy as _

NOTHING = "nothing"
FORM = "form"
ENDPOINT = "endpoint"
LATE = "late"
BUDGET = "budget"
HALF = "half"
PERSON = "person"
ASKED = "asked"
REPEATED = "repeated"
ANGER = "anger"
OFF = "off"
NEWER = "newer"
PEOPLE = "people"
LOST = "lost"
COURTESY = "courtesy"
ASKS = "asks"
UNPROVEN = COURTESY, ASKS
"""Of tasks in state ANSWERED: what needs no article."""
WINDOW = "window"

TEXTS = {
    NOTHING: _("no article proves an answer"),
    FORM: _("the model did not answer in the agreed form"),
    ENDPOINT: _("the endpoint failed"),
    LATE: _("no answer in time"),
    BUDGET: _("the tokens of the day are used up"),
    HALF: _("the rest of the day's tokens is kept for visitors"),
    PERSON: _("the model wants a person"),
    ASKED: _("the visitor asked for a person"),
    REPEATED: _("the visitor said the same three times"),
    ANGER: _("the visitor used a word that people answer"),
    OFF: _("the assistant was switched off"),
    NEWER: _("the visitor wrote more meanwhile"),
    PEOPLE: _("people had the conversation"),
    LOST: _("its server process ended"),
    COURTESY: _("a courtesy, in your own words"),
    ASKS: _("it asked back"),
    WINDOW: _("the channel keeps its last messages for people"),
}
