"""Reports about articles: what readers did, and what they did not find."""

from datetime import date
from typing import cast
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import Member
from chat.knowledge import articles, figures, missing
from chat.models import ArticleUse
from chat.protocol.errors import Refused
from chat.reports import form
from chat.reports.page import query_of
from chat.reports.showing import question

from .reports import for_readers, show

Kind = ArticleUse.Kind
COLUMNS: dict[str, Promise] = {
    Kind.SEARCHED: gettext_lazy("Searches"),
    Kind.OPENED: gettext_lazy("Opened"),
    Kind.HELPFUL: gettext_lazy("Helpful"),
    Kind.UNHELPFUL: gettext_lazy("Not helpful"),
    Kind.SOLVED: gettext_lazy("Conversations avoided"),
}
ROWS = 100
"""Rows on a page."""


@require_safe
@for_readers
def page(request: HttpRequest) -> HttpResponse:
    """The figures by article and by week; each number leads to its rows."""
    asked = ask(request)
    reads_all = request.user.is_superuser or articles.may_write(cast(Member, request.user))
    readable = (articles.of if reads_all else articles.readable)(asked.enterprise)
    by_article = figures.by_article(asked.enterprise, asked.begin, asked.end, readable)
    by_week = figures.by_week(asked.enterprise, asked.first, asked.last, asked.zone)
    all_days = days(asked.first, asked.last)

    def linked(one: figures.Line | figures.Week, fields: dict) -> tuple:
        return one, cells(request, asked, one.counts, fields)

    tiles = cells(request, asked, figures.totals(by_week), all_days)
    context = {
        "tiles": [(name, *cell) for name, cell in zip(COLUMNS.values(), tiles, strict=True)],
        "columns": list(COLUMNS.values()),
        "weeks": [
            (one, cells(request, asked, one.counts, days(one.first, one.last))) for one in by_week
        ],
        "articles": [
            linked(one, all_days | {"slug": one.slug, "lang": one.lang}) for one in by_article
        ],
    }
    return show(request, "reports/articles.html", shared(request, asked) | context)


@require_safe
@for_readers
def rows(request: HttpRequest) -> HttpResponse:
    """The rows that a figure counts."""
    asked = ask(request)
    refuse_without_names(asked)
    kind = request.GET.get("kind", "")
    if kind not in COLUMNS:
        raise Refused("not_found", "There is no such figure.")
    wanted = (request.GET.get(name, "")[:80] for name in ("slug", "lang"))
    found = figures.rows(asked.enterprise, asked.begin, asked.end, kind, *wanted)
    if like := request.GET.get("like", ""):
        groups = missing.groups(asked.enterprise, asked.begin, asked.end)
        alike = next((one for one in groups if like in one.phrases), missing.Group())
        found = found.filter(pk__in=alike.rows)
    context = {
        "title": COLUMNS[kind],
        "found": Paginator(found, ROWS).get_page(request.GET.get("page")),
        "is_search": kind == Kind.SEARCHED,
    }
    return show(request, "reports/article_rows.html", shared(request, asked) | context)


@require_safe
@for_readers
def unanswered(request: HttpRequest) -> HttpResponse:
    """What readers searched without a good end."""
    asked = ask(request)
    refuse_without_names(asked)
    found = missing.groups(asked.enterprise, asked.begin, asked.end)
    all_days = days(asked.first, asked.last)
    context = {
        "title": _("What was not found"),
        "groups": [
            (one, link(request, asked, all_days | {"like": one.words}, Kind.SEARCHED))
            for one in found[:ROWS]
        ],
        "may_write": articles.may_write(cast(Member, request.user)),
    }
    return show(request, "reports/missing.html", shared(request, asked) | context)


def ask(request: HttpRequest) -> question.Question:
    return question.ask(cast(Member, request.user), request.GET, timezone.now())


def refuse_without_names(asked: question.Question) -> None:
    if not asked.names:
        raise Refused("forbidden", "Your reports are without what people wrote.")


def shared(request: HttpRequest, asked: question.Question) -> dict:
    """What the three pages have in common."""
    superuser = request.user.is_superuser
    query = query_of(asked, superuser)
    today = timezone.now().astimezone(asked.zone).date()
    return {
        "title": _("Articles"),
        "asked": asked,
        "query_text": urlencode(query),
        "periods": [
            (name, urlencode(query | days(*ends)), tuple(ends) == (asked.first, asked.last))
            for name, *ends in form.periods(today)[2:]
        ],
    }


def days(first: date, last: date) -> dict[str, str]:
    """The fields of an address that asks for these days."""
    return {"from": first.isoformat(), "to": last.isoformat()}


def cells(
    request: HttpRequest, asked: question.Question, counts: dict[str, int], fields: dict
) -> list[tuple[int, str]]:
    """A number and the address of its rows for each column."""
    return [(counts.get(kind, 0), link(request, asked, fields, kind)) for kind in COLUMNS]


def link(request: HttpRequest, asked: question.Question, fields: dict, kind: str) -> str:
    """The query of the rows of a figure; "" for whoever may not read them."""
    query = query_of(asked, request.user.is_superuser, **fields, kind=kind)
    return urlencode(query) if asked.names else ""
