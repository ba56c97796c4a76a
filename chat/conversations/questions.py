"""Quick questions: the answer that comes with a visitor's tap, in the same commit.

Both are rows like all others. As nobody has to do anything about them, they let nobody wait, end no
wait, reopen nothing, and count as nobody's first reply.
"""

import uuid

from django.db.models import QuerySet

from accounts.kept import Kept
from accounts.models import Team
from chat.knowledge import beside
from chat.ledger.threads import MESSAGE, Row, Thread
from chat.models import QuickQuestion
from chat.models.question import MAX_QUESTIONS
from chat.protocol import formatting


def of_team(team: Team) -> list[dict]:
    """What the team's page offers. `client_id` is for its plain form, where a second press of the
    same button is no second question."""
    return [
        {"id": one.pk, "question": one.translated("question"), "client_id": str(uuid.uuid4())}
        for one in offered_in(team.pk)
    ]


@Kept
def offered_in(team) -> QuerySet[QuickQuestion]:
    return QuickQuestion.objects.filter(team_id=team).defer("answer")[:MAX_QUESTIONS]


def answer(thread: Thread, pressed: int | None, content: str) -> Row | None:
    """The row that answers question `pressed`; None where there is none, or its words are others by
    now: then people have to answer what the visitor read."""
    if pressed is None:
        return None
    known = QuickQuestion.objects.filter(pk=pressed, team__enterprise__code=thread.ent_id)
    found = known.select_related("team__enterprise").first()
    language = language_of(found, content) if found else None
    if found is None or language is None:
        return None
    # In the language of the question that the visitor read.
    text = found.translated("answer", language) if language else found.answer
    client_id, data = str(uuid.uuid4()), {"automatic": True, **formatting.facts(text)}
    if found.article:
        data |= named_article(found, language)
    name = found.team.translated("name", language) if language else found.team.name
    return Row(MESSAGE, "", name, "", text, client_id, data)


def named_article(question: QuickQuestion, language: str) -> dict:
    """What the answer's `data` has of the article that the question names: nothing while that is no
    public one."""
    enterprise = question.team.enterprise
    found = beside.find(enterprise, question.article, language or enterprise.text_language)
    return {"article": beside.facts(enterprise, found)} if found else {}


def language_of(question: QuickQuestion, words: str) -> str | None:
    """The language in which the question has these words, "" for the enterprise's; None if it has
    them in no language."""
    if question.question == words:
        return ""
    others = question.translations.items()
    return next((code for code, texts in others if texts.get("question") == words), None)
