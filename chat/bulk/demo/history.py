"""Thirty days of conversations that are over, for reports and lists to show something.

Visitors come by the hours of the day and the days of the week, agents work in shifts, and who
writes at night is answered in the morning.
"""

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.models import Member

from . import dialogues, people
from .dialogues import Dialogue
from .shop import Shop
from .story import Story

DAYS = 30
ZONE = ZoneInfo("Asia/Shanghai")
"""The shop's own clock."""
OPENS, CLOSES = 9, 22
A_DAY = 17, 16, 17, 15, 18, 13, 10
"""Conversations a day, Monday first."""
BY_HOUR = (
    *(1, 0, 0, 0, 0, 0, 1, 2, 6, 15, 20, 21),
    *(11, 13, 19, 21, 19, 15, 11, 15, 18, 15, 8, 3),
)
"""How many of 234 visitors come in each hour of a day."""
SHIFTS = {
    "alice": ((9, 18), {0, 1, 2, 3, 4, 5}),
    "bob": ((13, 22), {0, 1, 3, 4, 5, 6}),
    "carol": ((9, 22), {2, 6}),
}
"""Of each agent the hours and the days of the week."""
ENGLISH = 0.4
AGAIN = 0.1
"""The share of visitors who write English, and of those who come back."""
UNANSWERED, RATED = 0.04, 0.38
SCORES, SHARES = (5, 4, 3, 2, 1), (62, 23, 8, 4, 3)
PRAISE = {
    "zh-hans": [
        "回复很快，态度也好",
        "很耐心，讲得很清楚",
        "处理得很利落",
        "客服专业，会回购",
        "👍",
    ],
    "en": [
        *("Super quick and friendly.", "Very patient, thank you!", "Solved in two minutes."),
        *("Great advice, will buy again.", "👍"),
    ],
}
BLAME = {
    "zh-hans": ["等了很久才有人回", "问题说了两遍才明白", "希望物流能快一点"],
    "en": [
        *("Had to wait quite long.", "Had to explain it twice."),
        *("Nice people, slow shipping.",),
    ],
}
REST = timedelta(minutes=45)
"""Whatever would not be over for so long is left out."""


def tell(shop: Shop, now: datetime, chance: random.Random) -> list[Story]:
    """The conversations of DAYS days before `now`, the oldest first."""
    told: dict[str, Story] = {}
    today = now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    for day in (today - timedelta(days=before) for before in range(DAYS, -1, -1)):
        count = A_DAY[day.weekday()] + chance.randint(-3, 3)
        hours = chance.choices(range(24), BY_HOUR, k=count)
        moments = [day + timedelta(hours=hour, seconds=chance.randrange(3600)) for hour in hours]
        former = list(told.values())
        for moment in sorted(moments):
            if moment > now - REST:
                break
            story = begin(shop, moment, former, chance)
            if story.at <= now - REST:
                told[story.thread.uuid] = story
            else:
                # Also an earlier one that has just been told on beyond the present.
                told.pop(story.thread.uuid, None)
    return list(told.values())


def begin(shop: Shop, at: datetime, former: list[Story], chance: random.Random) -> Story:
    """A new conversation, or another reception of an earlier one, told to its end."""
    language = "en" if chance.random() < ENGLISH else "zh-hans"
    dialogue = chance.choice(dialogues.read(language))
    known = [
        story
        for story in former
        if story.at < at
        and story.visitor.language == language
        and story.team == shop.teams[dialogue.team]
    ]
    if known and chance.random() < AGAIN:
        story = chance.choice(known)
        story.at = at
    else:
        visitor = people.invent(shop.enterprise.code, language, at, chance)
        team = shop.teams[dialogue.team]
        story = Story(team, shop.places[team.pk], visitor, at)
    converse(story, dialogue, language, chance)
    return story


def converse(story: Story, dialogue: Dialogue, language: str, chance: random.Random) -> None:
    """Tells a dialogue from the visitor's first words to the rating."""
    facts = dialogues.facts_of(language, chance)
    lines = [(letter, dialogues.words(text, facts, chance)) for letter, text in dialogue.lines]
    story.ask(lines[0][1])
    if chance.random() < UNANSWERED:
        story.later(chance.uniform(300, 2400)).leave()
        story.read_by_all()
        return
    agent = on_shift(story, story.at, chance)
    for letter, text in lines[1:]:
        if letter == "V":
            story.later(chance.lognormvariate(3.9, 0.6)).ask(text)
            continue
        story.later(delay(story, letter, chance))
        first = story.reception.first_reply_at is None
        agent = on_shift(story, story.at, chance) if first else agent
        if letter == "N":
            story.note(agent, text)
        else:
            story.answer(agent, text)
    if story.reception.first_reply_at and chance.random() < 0.7:
        story.tag(agent, dialogue.tag)
    story.later(chance.uniform(60, 600)).close(agent, dialogue.reason, dialogue.summary)
    if chance.random() < RATED:
        rate(story.later(chance.uniform(10, 400)), language, chance)
    story.read_by_all()


def delay(story: Story, letter: str, chance: random.Random) -> float:
    """Seconds until an agent writes: until the shop opens, if it is closed; longer at midday and on
    the first message."""
    local = story.at.astimezone(ZONE)
    if not OPENS <= local.hour < CLOSES:
        opening = local.replace(hour=OPENS, minute=0, second=0, microsecond=0)
        if local.hour >= CLOSES:
            opening += timedelta(days=1)
        return (opening - local).total_seconds() + chance.uniform(60, 1500)
    first = story.reception.first_reply_at is None
    usual = chance.lognormvariate(3.8 if first else 3.4, 0.8 if first else 0.5)
    return usual * (2.5 if local.hour == 12 else 1)


def on_shift(story: Story, at: datetime, chance: random.Random) -> Member:
    """One of the conversation's agents who works at this moment; any of them, if nobody does."""
    local = at.astimezone(ZONE)
    agents = [place.member for place in story.places]
    here = []
    for agent in agents:
        (begins, ends), days = SHIFTS[agent.name]
        if begins <= local.hour < ends and local.weekday() in days:
            here.append(agent)
    return chance.choice(here or agents)


def rate(story: Story, language: str, chance: random.Random) -> None:
    (score,) = chance.choices(SCORES, SHARES)
    reception = story.reception
    waited = reception.first_reply_at and reception.first_reply_at - reception.opened_at
    if waited and waited > timedelta(minutes=10):
        score = max(1, score - chance.randint(0, 2))
    words = PRAISE if score >= 4 else BLAME
    story.rate(score, chance.choice(words[language]) if chance.random() < 0.4 else "")
