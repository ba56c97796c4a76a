"""What the visitors of the thirty days talked about, as the files dialogues.*.txt tell it.

A dialogue begins with a line `# subject | tag | team` and lasts until the next one. Its other lines
begin with a letter: V the visitor says, A the agent answers, N the agent notes; `=` closes it with
a reason and a summary. Of words that are separated by ` / ` one is chosen. Names in braces are
those of GOODS and PLACES.
"""

import random
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from accounts.models import DEFAULT_TEAM

HERE = Path(__file__).parent


@dataclass(slots=True)
class Dialogue:
    tag: str
    team: str = DEFAULT_TEAM
    lines: list[tuple[str, str]] = field(default_factory=list)
    """What is said: a letter, and a text."""
    reason: str = ""
    summary: str = ""


GOODS = {
    "zh-hans": {
        "item": ["汝窑盖碗", "紫砂西施壶", "建盏主人杯", "白瓷公道杯", "竹制茶盘", "旅行茶具套装"],
        "tea": ["明前龙井", "五年老白茶", "正山小种", "凤凰单丛", "安溪铁观音"],
        "carrier": ["顺丰", "中通", "京东快递"],
        "city": ["上海", "成都", "杭州", "广州", "武汉", "西安"],
        "price": ["128", "239", "268", "359", "468"],
    },
    "en": {
        "item": [
            *("Ru-glaze gaiwan", "Yixing teapot", "Jian tea bowl", "porcelain pitcher"),
            *("bamboo tea tray", "travel tea set"),
        ],
        "tea": ["Longjing", "aged white tea", "Lapsang Souchong", "Phoenix oolong", "Tieguanyin"],
        "carrier": ["DHL", "FedEx", "UPS"],
        "city": ["Manchester", "Portland", "Toronto", "Melbourne", "Dublin", "Austin"],
        "price": ["24", "38", "45", "59", "72"],
    },
}
"""By language, what the names in braces stand for."""


@cache
def read(language: str) -> tuple[Dialogue, ...]:
    """The dialogues of a language."""
    found = []
    for line in (HERE / f"dialogues.{language}.txt").read_text("utf-8").splitlines():
        letter, _space, text = line.partition(" ")
        parts = [part.strip() for part in text.split("|")]
        if letter == "#":
            _subject, tag, team = parts
            found.append(Dialogue(tag, team))
        elif letter == "=":
            found[-1].reason, found[-1].summary = parts
        elif letter:
            found[-1].lines.append((letter, text))
    return tuple(found)


def words(text: str, facts: dict[str, str], chance: random.Random) -> str:
    """One of the wordings, with the facts filled in."""
    return chance.choice(text.split(" / ")).format(**facts)


def facts_of(language: str, chance: random.Random) -> dict[str, str]:
    """What one dialogue is about: the same in all of its lines."""
    order = f"HM{chance.randrange(20_000, 90_000)}"
    return {"order": order} | {
        name: chance.choice(choices) for name, choices in GOODS[language].items()
    }
