"""Articles: how they are written, published, withdrawn and removed. Nothing else writes their rows,
but what publishes at a time (timed.py).

What is published goes into a revision and into the index in the same transaction. All refusals are
`Refused`: `bad_field` with `field` for what cannot be an article, `not_found`, and `stale` with the
`version` and the name `by` of who has saved since.
"""

from collections.abc import Callable
from dataclasses import asdict, astuple, dataclass
from functools import wraps
from typing import Literal, ParamSpec, TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import rights
from accounts.kept import Kept
from accounts.models import Enterprise, Member
from chat import database
from chat.models import Article, ArticleRevision
from chat.models.knowledge import RESERVED, SLUG_PATTERN
from chat.protocol import fields
from chat.protocol.errors import Refused

from . import index

MAX_TITLE, MAX_CATEGORY, MAX_BODY = 200, 60, 100_000
"""Characters. The longest body is some 60 printed pages."""
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
DRAFT, PUBLISHED = Article.State.DRAFT, Article.State.PUBLISHED
EMPTY = "body is missing: what is published has a text."
Change = Literal["added", "changed", "unchanged"]
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Text:
    """What is written of an article in one language."""

    title: str
    body: str = ""
    category: str = ""
    audience: str = "public"


def may_write(member: Member) -> bool:
    """Whether a member writes drafts."""
    return member.may(rights.ARTICLES)


def may_publish(member: Member) -> bool:
    """Whether a member publishes, withdraws and removes: supervisors, managers and leaders."""
    return member.may(rights.PUBLISH) or (may_write(member) and member.leads_teams)


def of(enterprise: Enterprise):
    """All articles of an enterprise, drafts and internal ones too."""
    return Article.objects.filter(enterprise=enterprise)


def readable(enterprise: Enterprise, audience: str = "public"):
    """The published articles of an enterprise: public ones, with "internal" all."""
    found = of(enterprise).filter(state=PUBLISHED)
    return found if audience == Article.Audience.INTERNAL else found.filter(audience=audience)


def has_public(enterprise: Enterprise) -> bool:
    """Whether visitors have something to read."""
    return bool(public_keys(enterprise.pk))


@Kept
def public_keys(enterprise) -> QuerySet:
    found = Article.objects.filter(enterprise_id=enterprise, state=PUBLISHED)
    found = found.filter(audience=Article.Audience.PUBLIC).order_by()
    return found.values_list("pk", flat=True)[:1]


def written(article: Article) -> Text:
    """What was written last: the draft of a published article, else its columns."""
    return Text(**article.draft) if article.draft else as_read(article)


def as_read(article: Article | ArticleRevision) -> Text:
    return Text(article.title, article.body, article.category, article.audience)


def within(step: Callable[P, T]) -> Callable[P, T]:
    """Does it in a transaction, again where another collided. Inside of another transaction only
    that as a whole can be tried again."""

    @wraps(step)
    def done(*args: P.args, **named: P.kwargs) -> T:
        def once() -> T:
            with transaction.atomic():
                return step(*args, **named)

        return once() if connection.in_atomic_block else database.retry(once)

    return done


@within
def put(
    enterprise: Enterprise,
    slug: str,
    lang: str,
    text: Text,
    state: str = PUBLISHED,
    by: Member | None = None,
) -> Change:
    """Makes an article hold this text in this state, whatever it held: for files and programs.
    What a member has written and not published stays their draft."""
    text = checked(slug, lang, text)
    if state not in Article.State.values:
        raise Refused("bad_field", "state is published or draft.", field="state")
    row = locked(enterprise, slug, lang)
    added = row is None
    if row is None:
        row = Article(enterprise=enterprise, slug=slug, lang=lang)
    elif (row.state, as_read(row)) == (state, text):
        return "unchanged"
    store(row, text, state, by, draft=unpublished(row))
    return "added" if added else "changed"


def unpublished(row: Article) -> dict | None:
    """What a member has written of an article and nobody has published."""
    if row.draft or row.state == PUBLISHED or not (row.saved_by and may_write(row.saved_by)):
        return row.draft
    latest = revision(row, row.revision)
    return None if latest and as_read(latest) == as_read(row) else asdict(as_read(row))


@within
def save(
    enterprise: Enterprise, slug: str, lang: str, text: Text, by: Member, version: int
) -> Article:
    """Keeps what a member has written so far; readers go on reading what is published. `version`
    is the one they have seen, 0 for an article that is not there yet. What is to be published at a
    time is not any more once somebody has changed it who may not publish."""
    text = checked(slug, lang, text)
    row = locked(enterprise, slug, lang)
    if row is None and version:
        raise not_found()
    if row is None:
        row = Article(enterprise=enterprise, slug=slug, lang=lang)
    elif row.version != version:
        raise stale(row)
    if not may_publish(by):
        row.publish_at = None
    if row.state == DRAFT:
        store(row, text, DRAFT, by)
    else:
        row.draft = None if text == as_read(row) else asdict(text)
        touch(row, by)
    return row


def publish(enterprise: Enterprise, slug: str, lang: str, by: Member, version: int) -> Article:
    """Readers read what was written last."""
    return change(
        enterprise, slug, lang, version, lambda row: store(row, written(row), PUBLISHED, by)
    )


def withdraw(enterprise: Enterprise, slug: str, lang: str, by: Member, version: int) -> Article:
    """Makes a published article a draft again."""
    return change(enterprise, slug, lang, version, lambda row: store(row, written(row), DRAFT, by))


def discard(enterprise: Enterprise, slug: str, lang: str, by: Member, version: int) -> Article:
    """Forgets what is not published of a published article."""

    def drop(row: Article) -> None:
        row.draft = row.publish_at = None
        touch(row, by)

    return change(enterprise, slug, lang, version, drop)


def restore(
    enterprise: Enterprise, slug: str, lang: str, by: Member, version: int, number: int
) -> Article:
    """Makes the text of a former revision the draft."""
    row = of(enterprise).filter(slug=slug, lang=lang).first()
    former = row and revision(row, number)
    if former is None:
        raise not_found()
    return save(enterprise, slug, lang, as_read(former), by, version)


@within
def rename(enterprise: Enterprise, slug: str, to: str) -> None:
    """Gives an article another address in all languages, as long as nobody can have read it."""
    checked(to, LANGUAGES[0], Text("-"))
    rows = list(of(enterprise).select_for_update().filter(slug=slug))
    if not rows:
        raise not_found()
    if any(row.revision for row in rows):
        raise Refused("bad_field", "slug is fixed once it was published.", field="slug")
    if of(enterprise).filter(slug=to).exists():
        raise taken()
    for row in rows:
        row.slug = to
        row.save(update_fields=["slug"])


@within
def remove(enterprise: Enterprise, slug: str, lang: str, version: int | None = None) -> bool:
    """Deletes an article in one language with its revisions; whether there was one. `version` is
    the one that somebody has seen."""
    row = locked(enterprise, slug, lang)
    if row is not None and version not in (None, row.version):
        raise stale(row)
    if row is not None:
        row.delete()
    return row is not None


def show_anew(enterprise: Enterprise, condition: Q) -> None:
    """Has pages made anew of the articles that meet a condition: something in them looks different
    now, such as a picture."""
    of(enterprise).filter(condition).update(updated_at=timezone.now())


def checked(slug: str, lang: str, text: Text) -> Text:
    """The text with newlines as LF and a tidy title. Refuses what cannot be stored or found."""
    if not SLUG_PATTERN.fullmatch(slug) or slug in RESERVED:
        detail = "slug has small letters, digits, - and _, at most 80, and is no reserved one."
        raise Refused("bad_field", detail, field="slug")
    if lang not in LANGUAGES:
        raise Refused("bad_field", f"lang is one of {', '.join(LANGUAGES)}.", field="lang")
    title = line("title", text.title, MAX_TITLE)
    if not title:
        raise Refused("bad_field", "title is missing.", field="title")
    body = fields.normalise_newlines(text.body).strip("\n")
    if len(body) > MAX_BODY:
        raise Refused("bad_field", f"body has {MAX_BODY:,} characters at most.", field="body")
    if fields.has_controls(body.replace("\n", "").replace("\t", "")):
        raise Refused("bad_field", "body has no control characters.", field="body")
    if text.audience not in Article.Audience.values:
        raise Refused("bad_field", "audience is public or internal.", field="audience")
    return Text(title, body, line("category", text.category, MAX_CATEGORY), text.audience)


def line(name: str, text: str, most: int) -> str:
    text = " ".join(text.split())
    if len(text) > most or fields.has_controls(text):
        detail = f"{name} has {most} characters at most, none of which is a control."
        raise Refused("bad_field", detail, field=name)
    return text


@within
def change(
    enterprise: Enterprise, slug: str, lang: str, version: int, act: Callable[[Article], None]
) -> Article:
    """Does something to the article that somebody has seen in this version."""
    row = locked(enterprise, slug, lang)
    if row is None:
        raise not_found()
    if row.version != version:
        raise stale(row)
    act(row)
    return row


def locked(enterprise: Enterprise, slug: str, lang: str) -> Article | None:
    return of(enterprise).select_for_update().filter(slug=slug, lang=lang).first()


def store(
    row: Article, text: Text, state: str, by: Member | None, draft: dict | None = None
) -> None:
    """Writes the columns; of a text that is published and was not, a revision; and the index.
    Refuses to publish a title alone."""
    if state == PUBLISHED and not text.body.strip():
        raise empty()
    row.title, row.body, row.category, row.audience = astuple(text)
    row.draft = None if draft == asdict(text) else draft
    # What is still to be published keeps its time.
    if not (row.draft if state == PUBLISHED else row.state == DRAFT):
        row.publish_at = None
    row.state = state
    row.updated_at = timezone.now()
    latest = revision(row, row.revision) if row.revision else None
    is_new = state == PUBLISHED and (latest is None or as_read(latest) != text)
    row.revision += is_new
    touch(row, by)
    if is_new:
        ArticleRevision.objects.create(
            enterprise_id=row.enterprise_id,
            article=row,
            number=row.revision,
            member=by,
            member_name=by.name if by else "",
            **asdict(text),
        )
    index.put(row)


def touch(row: Article, by: Member | None) -> None:
    row.saved_by, row.saved_at = by, timezone.now()
    row.version += 0 if row._state.adding else 1
    row.save()


def revision(row: Article, number: int) -> ArticleRevision | None:
    """A text as it was published under this number."""
    own = Q(article=row, enterprise=row.enterprise_id)
    return ArticleRevision.objects.filter(own, number=number).first()


def not_found() -> Refused:
    return Refused("not_found", "There is no such article.")


def empty() -> Refused:
    return Refused("bad_field", EMPTY, field="body")


def taken() -> Refused:
    return Refused("bad_field", "slug is another article's.", field="taken")


def stale(row: Article) -> Refused:
    by = row.saved_by.name if row.saved_by else ""
    detail = "Somebody has saved this article since you opened it."
    return Refused("stale", detail, version=row.version, by=by)
