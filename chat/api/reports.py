"""Reports and the rows that their figures count, as under /admin/reports/."""

from typing import Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from accounts.tokens import Scope
from chat.reports.figures import METRICS
from chat.reports.showing import breakdown, facets, facts, listing, question, report
from chat.views.common import json_response

from . import report_schemas, schemas
from .door import named, needs, reads

router = Router(tags=["reports"])
DAY = {"format": "date"}


class ReportQuery(Schema):
    from_: str | None = Field(
        None, alias="from", description="The first day", json_schema_extra=DAY
    )
    to: str | None = Field(None, description="The last day, included", json_schema_extra=DAY)
    team: str | None = Field(None, description="The slug of a team")
    member: str | None = Field(None, description="An account")
    zone: str | None = Field(None, description="A name of the tz database, such as UTC")
    clock: str | None = Field(None, description="hours: only the team's working hours count")
    demo: str | None = Field(None, description="0: without the demo's and imported conversations")
    weekday: str | None = Field(None, description="0 to 6, Monday 0; together with hour")
    hour: str | None = Field(None, description="0 to 23; together with weekday")
    topic: str | None = Field(None, description="Only conversations with this topic")
    tag: str | None = Field(None, description="Only conversations with this tag")
    page: str | None = Field(None, description="Only conversations that began on this page")
    without: str | None = Field(None, description="Some of topic,tag,page,channel: those without")
    channel: str | None = Field(None, description="Only conversations of this kind of channel")
    by: Literal[facets.FACETS] | None = Field(  # type: ignore[valid-type]
        None, description="Adds lines by it"
    )


class RowsQuery(ReportQuery):
    metric: str = Field(json_schema_extra={"enum": list(METRICS)})
    cursor: str | None = Field(None, description="That of the page before")
    sort: Literal["longest"] | None = Field(
        None, description="The longest first, where times count"
    )
    limit: int = Field(listing.USUAL, ge=1, le=listing.MOST)


@router.get(
    "",
    **needs(Scope.REPORTS_READ),
    response={200: report_schemas.Report, 413: schemas.Error, **schemas.ERRORS},
    by_alias=True,
    **named("reports", "get_report", "Figures of some days"),
)
def figures(request: HttpRequest, query: Query[ReportQuery]) -> HttpResponse:
    """At most 400 days; without them the last seven."""
    asked = question.ask(request.token.member, request.GET, timezone.now())
    split = breakdown.split(asked, query.by) if query.by else None
    return json_response(report.shaped(asked, facts.counted(asked), split))


@router.get(
    "rows/",
    **reads(report_schemas.ReportRows, Scope.REPORTS_READ),
    **named("report-rows", "list_report_rows", "What a figure counts"),
)
def rows(request: HttpRequest, query: Query[RowsQuery]) -> HttpResponse:
    """One row for each thing that was counted, in the order in which the receptions began, or as
    `sort` says."""
    now = timezone.now()
    asked = question.ask(request.token.member, request.GET, now)
    found = listing.page(asked, request.GET, now)
    return json_response({"rows": found.rows, "n": found.n, "cursor": found.cursor})
