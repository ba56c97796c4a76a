"""The shapes of reports, and of the rows that their figures count."""

from datetime import datetime

from pydantic import Field

from . import examples
from .examples import GROUP
from .message_schemas import Answer, absent, identifier, whole


class Durations(Answer):
    """In seconds."""

    n: int
    mean: float | None
    median: float | None
    p90: float | None


class Ratings(Answer):
    n: int
    mean: float | None


class Figures(Answer):
    receptions: int
    messages_in: int
    messages_out: int
    unanswered: int
    first_reply: Durations
    next_reply: Durations
    resolution: Durations
    rating: Ratings


class TeamFigures(Figures):
    team: str | None = Field(description="null: of no team any more")


class MemberFigures(Figures):
    member: str | None = Field(description="null: all who were removed")


class DayFigures(Figures):
    date: str = Field(json_schema_extra={"format": "date"})


class TopicFigures(Figures):
    topic: str | None


class TagFigures(Figures):
    tag: str | None


class PageFigures(Figures):
    page: str | None


class ChannelFigures(Figures):
    channel: str | None


class Report(Answer):
    """docs/protocol.md describes all of it."""

    model_config = whole(examples.REPORT)

    from_: str = Field(alias="from", examples=["2026-11-20"])
    to: str = Field(examples=["2026-11-26"])
    zone: str = Field(examples=["Asia/Shanghai"])
    totals: Figures
    by_team: list[TeamFigures]
    by_member: list[MemberFigures]
    by_day: list[DayFigures]
    by_hour: list[list[int]]
    by_topic: list[TopicFigures] = absent(description="With by=topic; the others likewise")
    by_tag: list[TagFigures] = absent()
    by_page: list[PageFigures] = absent()
    by_channel: list[ChannelFigures] = absent()
    others: Figures | None = absent(description="With by: further lines together")


class ReportRow(Answer):
    group: str = identifier(GROUP)
    team: str | None
    member: str | None
    opened_at: datetime | None
    closed_at: datetime | None
    seconds: float = absent(description="Of durations")
    asked_at: datetime = absent(description="Of next_reply")
    provisional: bool = absent(description="Of resolution: it may still change")
    score: int = absent(description="Of rating")
    created_at: datetime = absent(description="Of messages")
    seq: int = absent(description="Of messages")


class ReportRows(Answer):
    model_config = whole(examples.REPORT_ROWS)

    rows: list[ReportRow]
    n: int = Field(description="How many rows all pages have")
    cursor: str | None
