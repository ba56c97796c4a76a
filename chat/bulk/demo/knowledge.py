"""The shop's articles, from the files in `articles/`, and what readers made of them."""

import random
from datetime import datetime, timedelta
from pathlib import Path

from accounts.models import Enterprise
from chat.knowledge import articles, files
from chat.models import Article, ArticleRevision, ArticleUse

HERE = Path(__file__).parent / "articles"
WRITTEN = timedelta(days=45)
"""So long ago the shop wrote them."""
DAYS, A_DAY = 30, 9
"""For how many days they were read, and by about how many people a day."""
READER = "demo"
"""How the reader of an invented use begins."""
SEARCHES = {
    "en": [
        *(("shipping time", "shipping-times"), ("tracking", "track-parcel")),
        *(("customs UK", "customs"), ("cup broken", "broken-parts"), ("refund", "refunds")),
        *(("season clay pot", "yixing-teapot"), ("gift card", "gifts"), ("student discount", "")),
    ],
    "zh-hans": [
        *(("多久发货", "shipping-times"), ("快递不动", "track-parcel"), ("发票", "invoices")),
        *(("杯子碎了", "broken-parts"), ("七天退货", "returns"), ("退款", "refunds")),
        *(("开壶", "yixing-teapot"), ("盖碗多大", "sizes"), ("可以自提吗", "")),
    ],
}
"""What was searched, and the article that was opened then; "" for none."""
CHINESE, VOTES, HELPFUL, SOLVED = 0.6, 0.3, 0.85, 0.2
"""Shares: of readers of Chinese; of those who vote, of these those whom it helped, and of these
those who would have written otherwise."""


def make(enterprise: Enterprise, now: datetime) -> None:
    """Stores both; nothing where somebody has written articles."""
    if articles.of(enterprise).exists():
        return
    for path in sorted(HERE.glob("*.md")):
        slug, lang, _end = path.name.split(".")
        text, _state = files.parse(path.read_text("utf-8"))
        articles.put(enterprise, slug, lang, text)
    then = now - WRITTEN
    articles.of(enterprise).update(saved_at=then, updated_at=then)
    ArticleRevision.objects.filter(enterprise=enterprise).update(published_at=then)
    uses = used(enterprise, now, random.Random(len(SEARCHES)))
    ArticleUse.objects.bulk_create(uses, batch_size=500)


def used(enterprise: Enterprise, now: datetime, chance: random.Random) -> list[ArticleUse]:
    """What readers did, the oldest first: most searched, opened what they found, and some voted."""
    rows = articles.readable(enterprise).defer("body")
    known = {(row.slug, row.lang): row for row in rows}
    found: list[ArticleUse] = []
    for _reader in range(DAYS * A_DAY):
        lang = "zh-hans" if chance.random() < CHINESE else "en"
        words, slug = chance.choice(SEARCHES[lang])
        at = now - timedelta(seconds=chance.randrange(DAYS * 24 * 3600))
        who = {"enterprise": enterprise, "reader": f"{READER}{chance.getrandbits(112):028x}"}
        found.append(ArticleUse(**who, kind="searched", lang=lang, words=words, at=at))
        if slug:
            found += read(known[slug, lang], words, at, who, chance)
    return sorted(found, key=lambda use: use.at)


def read(
    article: Article, words: str, at: datetime, who: dict, chance: random.Random
) -> list[ArticleUse]:
    """What a reader of an article did, who had searched it at this time."""
    kinds = ["opened"]
    if chance.random() < VOTES:
        kinds.append("helpful" if chance.random() < HELPFUL else "unhelpful")
    if kinds[-1] == "helpful" and chance.random() < SOLVED:
        kinds.append("solved")
    about = {"article": article, "slug": article.slug, "lang": article.lang}
    return [
        ArticleUse(
            **(who | about),
            kind=kind,
            words=words if kind == "opened" else "",
            at=at + timedelta(seconds=40 * number + 9),
        )
        for number, kind in enumerate(kinds)
    ]


def forget(enterprise: Enterprise) -> None:
    """Removes the invented uses; the articles stay."""
    ArticleUse.objects.filter(enterprise=enterprise, reader__startswith=READER).delete()
