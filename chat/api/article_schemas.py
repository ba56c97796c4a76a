"""The shapes of articles in requests and answers."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from chat.knowledge.articles import MAX_BODY, MAX_CATEGORY, MAX_TITLE

from .message_schemas import Answer, Lang, up_to, whole
from .schemas import Asked

Audience = Literal["public", "internal"]
State = Literal["published", "draft"]
Title = Annotated[str, up_to(MAX_TITLE)]
Body = Annotated[str, up_to(MAX_BODY)]
Category = Annotated[str, up_to(MAX_CATEGORY)]
EXAMPLE = {
    "slug": "broken-parts",
    "lang": "en",
    "title": "Something arrived broken",
    "body": "## First\n\nTake a photo of it, and one of the box.",
    "category": "After sales",
    "audience": "public",
    "state": "published",
    "revision": 2,
    "updated_at": "2026-11-25T01:39:02.106086Z",
}
ONE = {"article": EXAMPLE}
PAGE = {"articles": [EXAMPLE], "cursor": None}
MARKDOWN = "Markdown; what is published has some"


class Article(Answer):
    slug: str
    lang: Lang
    title: str
    body: str = Field(description="Markdown, as readers read it")
    category: str
    audience: Audience
    state: State
    revision: int = Field(description="The number of the last published text; 0 before the first")
    updated_at: datetime = Field(description="When what readers read changed last")


class ArticleAnswer(Answer):
    model_config = whole(ONE)

    article: Article


class ArticlePage(Answer):
    model_config = whole(PAGE)

    articles: list[Article] = Field(description="One for each slug and language, the oldest first")
    cursor: str | None = Field(description="For the next page; null at the end")


class NewArticle(Asked):
    slug: str = Field(examples=["broken-parts"])
    lang: Lang = Field(examples=["en"])
    title: Title = Field(examples=["Something arrived broken"])
    body: Body = Field("", description=MARKDOWN, examples=["## First\n\nTake a photo."])
    category: Category = Field("", examples=["After sales"])
    audience: Audience = "public"
    state: State = "published"


class ArticleChange(Asked):
    """What is left out stays as it is."""

    title: Title | None = Field(None, examples=["Something arrived broken"])
    body: Body | None = Field(None, description=MARKDOWN)
    category: Category | None = None
    audience: Audience | None = None
    state: State | None = Field(None, description="Publishes or withdraws it")
