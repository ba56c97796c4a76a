"""A conversation that the shop's assistant has answered from two articles. It is off, and has no
model."""

import random
from datetime import datetime, timedelta

from accounts import rights, setup
from accounts.models import DEFAULT_TEAM, Assistant, Member, TeamMember
from chat.knowledge import beside
from chat.ledger.threads import MESSAGE
from chat.models import AssistantCitation, AssistantTask

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
    """None where the articles are others by now, or no assistant sits in the team."""
    place = place_of(shop)
    found = [beside.find(shop.enterprise, slug, LANGUAGE) for slug in QUOTES]
    articles = [one for one in found if one and QUOTES[one.slug] in one.body]
    if place is None or len(articles) < len(QUOTES):
        return []
    team, bot = shop.teams[DEFAULT_TEAM], place.member
    visitor = people.visitor(shop.enterprise.code, LANGUAGE, "沈知夏", now - AGO, chance)
    story = Story(team, [*shop.places[team.pk], place], visitor, now - AGO)
    opened = story.thread.rows[0]
    opened.data = {**(opened.data or {}), "bot": bot.uuid, "bot_name": bot.display_name}
    cited = [
        {
            **{"n": n, "slug": one.slug, "lang": one.lang, "revision": one.revision},
            **{"quote": QUOTES[one.slug], **beside.facts(shop.enterprise, one)},
        }
        for n, one in enumerate(articles, 1)
    ]
    say(story, None, QUESTION)
    say(story.later(4), bot, ANSWER, {"generated": True, "citations": cited})
    say(story.later(40), None, "太好了，谢谢！")
    say(story.later(2), bot, "不客气。")
    story.later(20).leave()
    story.later(15).rate(5)
    story.read_by_all()
    return [story]


def place_of(shop: Shop) -> TeamMember | None:
    """The assistant's in the default team; it is made where the enterprise has none."""
    enterprise, team = shop.enterprise, shop.teams[DEFAULT_TEAM]
    account = f"assistant@{enterprise.code}".lower()
    known = Assistant.objects.filter(enterprise=enterprise)
    if not known.exists() and not Member.objects.filter(name=account).exists():
        member = setup.create_member(
            account, enterprise=enterprise, role=rights.BOT, nickname="山月小助"
        )
        setup.join_team(member, team)
        Assistant.objects.create(enterprise=enterprise, member=member)
    places = team.places.filter(member__in=known.values("member"))
    return places.select_related("member").first()


def say(story: Story, bot: Member | None, text: str, data: dict | None = None) -> None:
    """A message of the visitor's or the assistant's: while it answers nobody waits."""
    story.append(story.message(MESSAGE, bot, text, {**(data or {}), "bot": True} if bot else None))
    story.read(story.visitor.uuid)
    story.visitor.last_seen_at = story.at


def store(stories: list[Story]) -> None:
    """What the assistant was asked, once the rows of the conversations are stored."""
    for story in stories:
        asked, row = story.thread.rows[1:3]
        own = {"ent_id": story.thread.ent_id}
        task = AssistantTask.objects.create(
            **own,
            **{"kind": AssistantTask.Kind.ANSWER, "state": AssistantTask.State.ANSWERED},
            **{"conversation_id": story.thread.uuid, "seq": asked.seq, "message_seq": row.seq},
            **{"language": LANGUAGE, "question": asked.content, "text": row.content},
            **{"created_at": asked.created_at, "finished_at": row.created_at, "helpful": True},
        )
        for one in (row.data or {})["citations"]:
            article = beside.find(story.team.enterprise, one["slug"], one["lang"])
            facts = {name: value for name, value in one.items() if name != "url"}
            AssistantCitation.objects.create(**own, task=task, article=article, **facts)
