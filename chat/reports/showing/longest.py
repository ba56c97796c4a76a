"""Rows of times in another order: the longest first."""

from datetime import datetime, timedelta

from django.db.models import DurationField, ExpressionWrapper, F, Q, Value
from django.db.models.functions import Greatest

from chat.protocol import cursors

from .news import News
from .question import Question

DIGITS = 18
"""Those of a length in microseconds, in a cursor: 31,000 years."""


class LongestFirst:
    """Put before a class of rows that have a length. Such a class says in TIMES for each figure
    the columns of its begin, its end and its working time, in ORDER how rows are sorted, and in
    PLACE of which kinds the parts of a cursor are."""

    TIMES: dict[str, tuple[str, str, str]]
    PLACE: tuple[type, ...]

    def __init__(self, question: Question, metric: str, news: News, now: datetime):
        super().__init__(question, metric, news, now)
        begin, end, worked = self.TIMES[metric]
        passed = ExpressionWrapper(F(end) - F(begin), output_field=DurationField())
        passed = Greatest(passed, Value(timedelta(0), output_field=DurationField()))
        self.stored = self.stored.annotate(lasts=F(worked) if question.hours else passed)

    def place(self, one) -> list:
        # Texts sort upwards: the rest to the greatest length, so that the longest comes first.
        rest = 10**DIGITS - 1 - self.length(one)
        return [f"{rest:0{DIGITS}}", *super().place(one)[1:]]

    def beyond(self, place: list) -> Q:
        rest, *same = cursors.checked(place, *self.PLACE)
        if not (rest.isascii() and rest.isdecimal() and len(rest) == DIGITS):
            raise cursors.wrong()
        lasts = 10**DIGITS - 1 - int(rest)
        if not self.question.hours:
            lasts = timedelta(microseconds=lasts)
        return Q(lasts__lt=lasts) | Q(lasts=lasts) & self.behind(*same)
