"""What reports count that is not in the tables yet."""

from collections.abc import Callable
from typing import TypeVar

from chat import sweeps
from chat.protocol.errors import Refused
from chat.reports import counting
from chat.reports.counting.story import Story

from . import facets
from .question import Question

Found = TypeVar("Found")
TRIES = 5
"""How often what is newer is read again because the background has stored some of it meanwhile."""


class News:
    """What is not in the tables yet, of one enterprise."""

    def __init__(self, told: list[Story]):
        self.receptions = [one for story in told for one in story.receptions]
        self.replies = [one for story in told for one in story.replies]
        self.messages = [one for story in told for one in story.messages.values()]
        self.stored = [one for one in self.receptions if one.pk]
        self.replaced = {one.pk for one in self.stored}
        """The keys of stored receptions that are different by now."""


def read(questions: list[Question], reader: Callable[..., Found]) -> Found:
    """What `reader` finds in the tables and in what is newer, the News of each of these questions
    about one enterprise. Again where the background has stored some of that meanwhile: it would be
    counted twice."""
    for _try in range(TRIES):
        told = counting.uncounted(questions[0].enterprise.code)
        found = reader(*(News(narrowed(question, told)) for question in questions))
        if counting.are_uncounted(told):
            return found
    raise Refused("unavailable", "Too much is being counted. Try again.")


def narrowed(question: Question, told: list[Story]) -> list[Story]:
    """Those of the conversations that a question is about."""
    if not question.facets:
        return told
    groups = facets.groups_of(question.enterprise.code, question.facets)
    known: set[str] = set()
    for part in sweeps.parts([story.group for story in told], facets.BATCH):
        known.update(groups.filter(uuid__in=part).values_list("uuid", flat=True))
    return [story for story in told if story.group in known]
