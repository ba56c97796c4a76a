"""Articles that are published at a time."""

from datetime import datetime

from accounts.models import Enterprise, Member
from chat import sweeps
from chat.models import Article

from . import articles
from .articles import PUBLISHED


def schedule(
    enterprise: Enterprise, slug: str, lang: str, by: Member, version: int, at: datetime | None
) -> Article:
    """Has what is written published at a time; None: not any more."""

    def set_time(row: Article) -> None:
        if at and not articles.written(row).body.strip():
            raise articles.empty()
        row.publish_at = at
        articles.touch(row, by)

    return articles.change(enterprise, slug, lang, version, set_time)


def publish_due(now: datetime) -> int:
    """Publishes all that is due, as written now, in the name of who saved it last; how many. What
    was emptied meanwhile stays a draft."""
    due = Article.objects.filter(publish_at__lte=now).order_by("publish_at")
    found = list(due.values_list("pk", flat=True)[:100])
    return sum(bool(sweeps.run_step(publish_if_due, pk, now)) for pk in found)


@articles.within
def publish_if_due(pk: int, now: datetime) -> bool:
    row = Article.objects.select_for_update().filter(pk=pk, publish_at__lte=now).first()
    if row is None:
        return False
    text = articles.written(row)
    is_due = bool(text.body.strip())
    if is_due:
        articles.store(row, text, PUBLISHED, row.saved_by)
    else:
        row.publish_at = None
        row.save(update_fields=["publish_at"])
    return is_due
