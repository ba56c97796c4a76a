"""What managers keep, and the assistant: articles, attributes and segments of customers, questions
to the assistant and what came of them, all with the corpus in it."""

import json

from .payloads import PAYLOADS, WHOLE
from .texts import dressed

SLUG = "whole"
"""The article that has all of it."""


def keep(home, others: list, alice, reader) -> dict:
    """Puts it into all that there is of `home`; each of `others` gets an assistant with a payload.
    Returns where to look."""
    articles = keep_articles(home, alice)
    keep_customers(home, reader)
    keep_assistants(home, others)
    return {"task": keep_tasks(home, articles)}


def keep_articles(home, alice) -> list:
    """Published to everybody, with another draft, a revision and a search for each payload."""
    from chat.knowledge import index
    from chat.models import Article, ArticleIndex, ArticleRevision, ArticleUse

    slugs = [*(f"a{number}" for number in range(len(PAYLOADS))), SLUG]
    texts = list(zip(slugs, [*PAYLOADS, WHOLE], strict=True))
    state = {"state": Article.State.PUBLISHED, "revision": 2}
    made = Article.objects.bulk_create(
        dressed(Article, text, enterprise=home, slug=slug, lang="en", **state)
        for slug, text in texts
    )
    ArticleIndex.objects.bulk_create(map(index.row, made))
    own = {"enterprise": home, "article": made[-1], "member": alice}
    ArticleRevision.objects.bulk_create(
        dressed(ArticleRevision, text, **own, number=number)
        for number, (_slug, text) in enumerate(texts, 1)
    )
    ArticleUse.objects.bulk_create(
        dressed(ArticleUse, text, enterprise=home, kind=ArticleUse.Kind.SEARCHED, reader=slug)
        for slug, text in texts
    )
    return made


def keep_customers(home, reader) -> None:
    """An attribute for each payload, some to choose from; the reader has a value of each, and is
    the same person as a visitor for each."""
    from accounts.models import Attribute
    from chat.models import CustomerLink, Segment, Visitor

    kinds = Attribute.Kind.TEXT, Attribute.Kind.CHOICE, Attribute.Kind.LINK
    Attribute.objects.bulk_create(
        dressed(Attribute, text, enterprise=home, key=f"a{number}", kind=kinds[number % 3])
        for number, text in enumerate(PAYLOADS)
    )
    values = {f"a{number}": text for number, text in enumerate(PAYLOADS)}
    Visitor.objects.filter(pk=reader.pk).update(attributes=values)
    twins = Visitor.objects.bulk_create(
        dressed(Visitor, text, ent_id=home.code, secret_hash="0" * 64) for text in PAYLOADS
    )
    CustomerLink.objects.bulk_create(
        dressed(CustomerLink, text, ent_id=home.code, visitor=visitor, customer=reader)
        for text, visitor in zip(PAYLOADS, twins, strict=True)
    )
    Segment.objects.bulk_create(
        dressed(Segment, text, enterprise=home, fields={"q": text}) for text in PAYLOADS
    )


def keep_assistants(home, others: list) -> None:
    from accounts.models import Assistant, Member

    texts = [*PAYLOADS, WHOLE]
    bots = Member.objects.bulk_create(
        Member(name=f"bot@{one.code}", enterprise=one, role=Member.Role.BOT, password="!")
        for one in [*others, home]
    )
    Assistant.objects.bulk_create(
        dressed(Assistant, text, enterprise=bot.enterprise, member=bot)
        for text, bot in zip(texts, bots, strict=True)
    )


def keep_tasks(home, articles: list) -> int:
    """Questions of a rehearsal. Returns the id of the one with all payloads."""
    from django.utils import timezone

    from chat.models import AssistantCitation, AssistantRehearsal, AssistantTask

    today = timezone.now()
    rehearsal = AssistantRehearsal.objects.create(
        enterprise=home, since=today.date(), until=today.date(), finished_at=today
    )
    facts = {"kind": AssistantTask.Kind.REHEARSAL, "state": AssistantTask.State.ANSWERED}
    made = AssistantTask.objects.bulk_create(
        dressed(
            AssistantTask,
            text,
            ent_id=home.code,
            rehearsal=rehearsal,
            run=rehearsal.pk,
            request=request_of(text) if text == WHOLE else text,
            **facts,
        )
        for text in [WHOLE, *PAYLOADS]
    )
    AssistantCitation.objects.bulk_create(
        dressed(
            AssistantCitation,
            text,
            ent_id=home.code,
            task=made[0],
            n=number,
            article=article,
            slug=article.slug,
            lang=article.lang,
            revision=1,
        )
        for number, (text, article) in enumerate(zip(PAYLOADS, articles, strict=False), 1)
    )
    return made[0].pk


def request_of(text: str) -> str:
    """As it left the server: what the model is to do, and the passages."""
    passages = [{"id": "A", "title": text, "text": text}]
    content = json.dumps({"question": text, "passages": passages})
    return json.dumps({"messages": [{"role": "user", "content": content}]})
