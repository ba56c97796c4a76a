"""A conversation that the shop's assistant answers from two articles, with what it was asked. The
assistant is off and has no model."""

import random
from datetime import datetime, timedelta

from accounts import rights, setup
from accounts.models import DEFAULT_TEAM, Assistant, Enterprise, Member, TeamMember
from chat.knowledge import beside
from chat.ledger.threads import MESSAGE, Row
from chat.models import Article, AssistantCitation, AssistantTask

from . import people
from .shop import Shop
from .story import Story

AGO = timedelta(minutes=50)
LANGUAGE = "zh-hans"
QUESTION = "盖碗收到少了个盖子，能补吗？要多久到杭州"
ANSWER = "很抱歉！是我们漏放的，当天补寄，不用您出运费[1]。从发货到江浙沪一般 1–2 天[2]。"
QUOTES = {
    "missing-parts": "是我们漏放的，当天补寄，不用您出运费",
    "shipping-times": "江浙沪 | 顺丰、中通 | 1–2 天",
}
"""By article, in the order of their numbers."""


def tell(shop: Shop, now: datetime, chance: random.Random) -> list[Story]:
    """None where these articles or the assistant are others by now."""
    bot = assistant_of(shop)
    found = [beside.find(shop.enterprise, slug, LANGUAGE) for slug in QUOTES]
    articles = [one for one in found if one and QUOTES[one.slug] in one.body]
    if bot is None or len(articles) < len(QUOTES):
        return []
    team, at = shop.teams[DEFAULT_TEAM], now - AGO
    visitor = people.visitor(shop.enterprise.code, LANGUAGE, "沈知夏", at, chance)
    places = [*shop.places[team.pk], bot]
    story = Story(team, places, visitor, at)
    story.thread.rows[0].data |= {"bot": bot.member.uuid, "bot_name": bot.member.display_name}
    say(story, None, QUESTION)
    cited = [shown(n, one, shop.enterprise) for n, one in enumerate(articles, 1)]
    say(story.later(4), bot.member, ANSWER, {"generated": True, "citations": cited})
    say(story.later(40), None, "太好了，谢谢！")
    say(story.later(2), bot.member, "不客气。")
    story.later(20).leave()
    story.later(15).rate(5)
    story.read_by_all()
    return [story]


def assistant_of(shop: Shop) -> TeamMember | None:
    """Its place in the default team, made if there is no assistant; None if it sits elsewhere, or
    somebody else has its name."""
    enterprise, team = shop.enterprise, shop.teams[DEFAULT_TEAM]
    account = f"assistant@{enterprise.code}".lower()
    if not Assistant.objects.filter(enterprise=enterprise).exists():
        if Member.objects.filter(name=account).exists():
            return None
        member = setup.create_member(
            account, enterprise=enterprise, role=rights.BOT, nickname="山月小助"
        )
        setup.join_team(member, team)
        Assistant.objects.create(enterprise=enterprise, member=member)
    own = team.places.filter(
        member__in=Assistant.objects.filter(enterprise=enterprise).values("member")
    )
    return own.select_related("member").first()


def shown(n: int, article: Article, enterprise: Enterprise) -> dict:
    """A citation as the message has it."""
    facts = {"slug": article.slug, "lang": article.lang, "revision": article.revision}
    url = beside.address(enterprise, article.slug, article.lang)
    return {"n": n, **facts, "title": article.title, "url": url, "quote": QUOTES[article.slug]}


def say(story: Story, bot: Member | None, text: str, data: dict | None = None) -> Row:
    """A message of the visitor's or the assistant's: while it answers nobody waits."""
    marked = {**(data or {}), "bot": True} if bot else None
    row = story.append(story.message(MESSAGE, bot, text, marked))
    story.read(story.visitor.uuid)
    story.visitor.last_seen_at = story.at
    return row


def store(stories: list[Story]) -> None:
    """What the assistant was asked, once the rows of the conversations are stored."""
    for story in stories:
        asked, row = story.thread.rows[1:3]
        code = story.thread.ent_id
        task = AssistantTask.objects.create(
            ent_id=code,
            kind=AssistantTask.Kind.ANSWER,
            state=AssistantTask.State.ANSWERED,
            conversation_id=story.thread.uuid,
            seq=asked.seq,
            message_seq=row.seq,
            member=Member.objects.get(uuid=row.sender),
            language=LANGUAGE,
            question=asked.content,
            text=row.content,
            created_at=asked.created_at,
            finished_at=row.created_at,
            helpful=True,
        )
        for one in row.data["citations"]:
            facts = {name: value for name, value in one.items() if name != "url"}
            article = Article.objects.get(enterprise__code=code, slug=one["slug"], lang=one["lang"])
            AssistantCitation.objects.create(ent_id=code, task=task, article=article, **facts)
