"""Invented visitors: names, browsers, where they came from and what they looked at."""

import random
import secrets
import uuid
from datetime import datetime, timedelta

from django.utils import translation

from chat.models import Visitor
from chat.visitors import cookies
from chat.visitors.page_views import path_entry

SITE = "https://hillmoon.example"
FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐"
GIVEN = (
    "晓雨 梓涵 思远 佳怡 子墨 静怡 浩然 雨桐 俊杰 若曦 一鸣 书瑶"
    " 嘉豪 婉清 志强 丽华 建国 明月 海燕 文博 欣妍 宇航"
)
FIRST = (
    "Emma Oliver Grace Liam Sofia Noah Chloe Lucas Hannah Ethan Isla Mateo Freya Daniel Maya Oscar"
    " Ruby Julian Nora Felix Amelia Theo Clara Hugo"
)
LAST = (
    "Clarke Bennett Murphy Rossi Keller Novak Walsh Fischer Lindqvist Moreau Silva Parker Hughes"
    " Sato Andersen Kowalski Brooks Dubois Meyer Castillo"
)
NAMED = 0.7
"""The share of visitors who told their name. The others have the name that Kefu gives."""
MACHINES = {
    "zh-hans": [
        *(("WeChat 8.0", "iPhone · iOS 18.1"), ("WeChat 8.0", "Android 14")),
        *(("Chrome 131", "Windows"), ("Huawei Browser 15", "HarmonyOS 4"), ("Edge 131", "Windows")),
    ],
    "en": [
        *(("Safari 18.1", "iPhone · iOS 18.1"), ("Chrome 131", "Windows")),
        *(("Safari 18.0", "macOS"), ("Chrome 131", "Android 15"), ("Firefox 133", "Linux")),
    ],
}
CAME_FROM = {
    "zh-hans": ["https://www.baidu.com/", "https://www.xiaohongshu.com/", "", ""],
    "en": ["https://www.google.com/", "https://www.instagram.com/", "https://www.reddit.com/", ""],
}
NETWORKS = "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"
"""Networks that exist in examples only."""
PAGES = "gaiwan", "teapots", "tea", "travel-set", "gifts", "shipping", "care"


def invent(ent_id: str, language: str, at: datetime, chance: random.Random) -> Visitor:
    """A visitor who comes at this moment; not stored."""
    if chance.random() >= NAMED:
        return visitor(ent_id, language, "", at, chance)
    if language == "en":
        name = f"{chance.choice(FIRST.split())} {chance.choice(LAST.split())}"
    else:
        name = chance.choice(FAMILY) + chance.choice(GIVEN.split())
    return visitor(ent_id, language, name, at, chance)


def visitor(ent_id: str, language: str, name: str, at: datetime, chance: random.Random) -> Visitor:
    """A visitor of this name, or of the one that Kefu gives."""
    who = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    browser, device = chance.choice(MACHINES[language])
    prefix = "" if language == "en" else "/zh"
    seen = chance.sample(PAGES, chance.randint(1, 3))
    with translation.override(language):
        label = name or cookies.default_name(who)
    return Visitor(
        uuid=who,
        ent_id=ent_id,
        # The hash of nothing that anybody knows: no cookie opens the conversation.
        secret_hash=secrets.token_hex(32),
        label=label,
        language=language,
        browser=browser,
        device=device,
        address=chance.choice(NETWORKS),
        referrer=chance.choice(CAME_FROM[language]),
        path=[
            path_entry(f"{SITE}{prefix}/{page}", at - timedelta(minutes=2 * len(seen) - 2 * number))
            for number, page in enumerate(seen)
        ],
    )
