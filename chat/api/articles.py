"""Articles: listed, read, written, published and removed."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from django.db.models import QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from accounts import audit, rights
from accounts.models import AccessToken, Enterprise, Member
from accounts.tokens import Scope
from chat import database
from chat.knowledge import articles
from chat.models import Article
from chat.protocol.errors import Refused
from chat.views.common import json_response

from . import article_schemas, pages, schemas
from .door import demand, makes, named, needs, reads, writes

T = TypeVar("T")
router = Router(tags=["articles"])
COLUMNS = (
    *("slug", "lang", "title", "body", "category", "audience", "state", "revision", "updated_at"),
)
PAGE_LENGTH = 500_000
"""Characters of all texts of a page, unless its first one alone is longer."""


class LangQuery(Schema):
    lang: article_schemas.Lang | None = Field(
        None, description="Without it, the enterprise's language, or the other if that is missing"
    )


class ListQuery(pages.PageQuery):
    lang: article_schemas.Lang | None = Field(None, description="Without it, all languages")
    cursor: str | None = Field(None, description="That of the page before")
    limit: int = Field(50, ge=1, le=100)


def readable(token: AccessToken) -> QuerySet[Article]:
    """The articles that a token's scopes read; it changes and removes none but these."""
    enterprise = home(token.member)
    if Scope.KNOWLEDGE_INTERNAL in token.scopes:
        return articles.of(enterprise)
    return articles.readable(enterprise)


def allow(token: AccessToken, text: articles.Text, state: str) -> None:
    """Refuses to hide a text from a token that could not read it."""
    if state != articles.PUBLISHED or text.audience != Article.Audience.PUBLIC:
        demand(token, Scope.KNOWLEDGE_INTERNAL)


def home(member: Member) -> Enterprise:
    assert member.enterprise is not None, "a program has one"
    return member.enterprise


def shown(article: Article) -> dict:
    return {name: getattr(article, name) for name in COLUMNS}


@router.get(
    "",
    **reads(article_schemas.ArticlePage, Scope.KNOWLEDGE_READ),
    **named("articles", "list_articles", "List articles"),
)
def listed(request: HttpRequest, query: Query[ListQuery]) -> HttpResponse:
    """The published articles for everybody; with the scope knowledge:internal drafts and those for
    colleagues, too. Pages neither skip nor repeat one while others come and change. One with long
    texts may have fewer than `limit`."""
    token = request.token  # type: ignore[attr-defined]
    (after,) = pages.place(query.cursor, token, "articles", int) or [0]
    rows = readable(token).filter(pk__gt=after).order_by("pk")
    rows = rows.filter(lang=query.lang) if query.lang else rows
    sizes = list(rows.values_list("pk", Length("body"))[: query.limit + 1])
    chosen: list[int] = []
    length = 0
    for pk, size in sizes[: query.limit]:
        length += size
        if chosen and length > PAGE_LENGTH:
            break
        chosen.append(pk)
    cursor = None
    if len(chosen) < len(sizes):
        cursor = pages.cursor(token, "articles", chosen[-1])
    return json_response(
        {"articles": [shown(one) for one in rows.filter(pk__in=chosen)], "cursor": cursor}
    )


@router.post(
    "",
    **makes(article_schemas.ArticleAnswer, Scope.KNOWLEDGE_WRITE),
    **named("articles", "create_article", "Write an article"),
)
def create(request: HttpRequest, body: article_schemas.NewArticle) -> HttpResponse:
    """201 for a new one, which is published unless `state` says otherwise; 200 where it is there as
    given. `conflict` where another text has this slug and language. Drafts, and those for
    colleagues, need knowledge:internal, too. For service accounts."""
    member = writer(request)
    text = articles.Text(body.title, body.body, body.category, body.audience)
    allow(request.token, text, body.state)  # type: ignore[attr-defined]

    def step() -> tuple[Article, bool]:
        at = home(member), body.slug, body.lang
        done = articles.put(*at, text, body.state, by=member)
        if done == "changed":
            # Ends the transaction, so nothing has changed.
            detail = "There is another article with this slug and language."
            raise Refused("conflict", detail, field="slug")
        return one_of(articles.of(home(member)), body.slug, body.lang), done == "added"

    article, is_new = written(request, step)
    return json_response({"article": shown(article)}, 201 if is_new else 200)


def writer(request: HttpRequest) -> Member:
    """The account that writes. Refuses bots: theirs are the conversations of their seats."""
    member = request.token.member  # type: ignore[attr-defined]
    if member.role != rights.SERVICE:
        raise Refused("forbidden", "Articles are written by service accounts.")
    return member


def written(request: HttpRequest, step: Callable[[], T]) -> T:
    """The result of `step`, noted in the audit, all in one transaction."""

    def once() -> T:
        with audit.during(request):
            return step()

    return database.retry(once)


@router.get(
    "{slug:slug}/",
    **reads(article_schemas.ArticleAnswer, Scope.KNOWLEDGE_READ),
    **named("article", "get_article", "Read an article"),
)
def read(request: HttpRequest, slug: str, query: Query[LangQuery]) -> HttpResponse:
    """As readers read it; of a draft, what was written last."""
    token = request.token  # type: ignore[attr-defined]
    return json_response({"article": shown(one_of(readable(token), slug, query.lang))})


def one_of(rows: QuerySet[Article], slug: str, lang: str | None) -> Article:
    """The article in this language; without one, in the enterprise's, else in the other."""
    found = all_of(rows, slug, lang)
    if len(found) > 1:
        usual = found[0].enterprise.text_language
        found.sort(key=lambda row: row.lang != usual)
    return found[0]


def all_of(rows: QuerySet[Article], slug: str, lang: str | None) -> list[Article]:
    """The article in this language or in all. Refuses where none is among these rows."""
    rows = rows.filter(slug=slug, lang=lang) if lang else rows.filter(slug=slug)
    # MySQL's equality ignores case.
    found = [row for row in rows if row.slug == slug]
    if not found:
        raise articles.not_found()
    return found


@router.patch(
    "{slug:slug}/",
    **writes(article_schemas.ArticleAnswer, Scope.KNOWLEDGE_WRITE),
    **named("article", "change_article", "Change, publish or withdraw an article"),
)
def change(
    request: HttpRequest,
    slug: str,
    body: article_schemas.ArticleChange,
    query: Query[LangQuery],
) -> HttpResponse:
    """Of one language, as GET chooses it. What a member has written on and not published stays
    their draft. Drafts, and those for colleagues, need knowledge:internal, too. For service
    accounts."""
    token, member = request.token, writer(request)  # type: ignore[attr-defined]

    def step() -> Article:
        row = one_of(readable(token).select_for_update(), slug, query.lang)
        changes = body.dict(exclude_none=True)
        state = changes.pop("state", row.state)
        text = replace(articles.as_read(row), **changes)
        allow(token, text, state)
        articles.put(home(member), slug, row.lang, text, state, by=member)
        return one_of(articles.of(home(member)), slug, row.lang)

    return json_response({"article": shown(written(request, step))})


@router.delete(
    "{slug:slug}/",
    **needs(Scope.KNOWLEDGE_WRITE),
    response={204: None, **schemas.WRITE_ERRORS},
    **named("article", "delete_article", "Remove an article"),
)
def delete(request: HttpRequest, slug: str, query: Query[LangQuery]) -> HttpResponse:
    """In one language, or in all that the token may read, with its revisions. For service
    accounts."""
    token, member = request.token, writer(request)  # type: ignore[attr-defined]

    def step() -> None:
        for row in all_of(readable(token), slug, query.lang):
            articles.remove(home(member), row.slug, row.lang)

    written(request, step)
    return HttpResponse(status=204)
