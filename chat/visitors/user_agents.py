"""What a browser says of itself, in two short names: the program, and what it runs on.

Browsers tell half of it and copy each other's names, so only what they tell is told: Windows 10
and 11 call themselves the same, macOS has been 10.15 for years, an iPad may pass for a Mac. What is
not recognised is empty, not guessed. Every program and system here is a name of its own, the same
in all languages.
"""

import re

MAX_LENGTH = 1_000
"""Characters of the header that are looked at."""

PROGRAMS = [
    # In the order in which they copy each other's names: whoever adds to another's comes first.
    ("WeChat", r"MicroMessenger/(\d{1,5}(?:\.\d{1,5})?)"),
    ("DingTalk", r"DingTalk/(\d{1,5}(?:\.\d{1,5})?)"),
    ("Alipay", r"AlipayClient/(\d{1,5}(?:\.\d{1,5})?)"),
    ("QQ Browser", r"M?QQBrowser/(\d{1,5})"),
    ("UC Browser", r"UC?Browser/(\d{1,5})"),
    ("Huawei Browser", r"HuaweiBrowser/(\d{1,5})"),
    ("Mi Browser", r"MiuiBrowser/(\d{1,5})"),
    ("Samsung Internet", r"SamsungBrowser/(\d{1,5})"),
    ("Edge", r"Edg(?:e|A|iOS)?/(\d{1,5})"),
    ("Opera", r"OPR/(\d{1,5})"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d{1,5})"),
    ("Chrome", r"(?:Headless)?(?:Chrome|CriOS)/(\d{1,5})"),
    ("Safari", r"Version/(\d{1,5}(?:\.\d{1,5})?).* Safari/"),
]
SYSTEMS = [
    ("HarmonyOS", r"(?:HarmonyOS|OpenHarmony)[ /]?(\d{1,5})?"),
    ("iPhone · iOS", r"iPhone; CPU iPhone OS (\d{1,5}(?:_\d{1,5})?)"),
    ("iPad · iPadOS", r"iPad; CPU OS (\d{1,5}(?:_\d{1,5})?)"),
    ("Android", r"Android (\d{1,5})"),
    ("Android", r"Android()"),
    ("Windows 7", r"Windows NT 6\.1()"),
    ("Windows", r"Windows NT ()"),
    ("ChromeOS", r"CrOS ()"),
    ("macOS", r"Macintosh()"),
    ("Linux", r"(?:X11|Linux)()"),
]


def parse_user_agent(user_agent: str) -> tuple[str, str]:
    """The program and the system that a User-Agent header names, each "" where it is unknown."""
    text = user_agent[:MAX_LENGTH]
    return first_match(PROGRAMS, text), first_match(SYSTEMS, text)


def first_match(known: list[tuple[str, str]], text: str) -> str:
    for name, pattern in known:
        if found := re.search(pattern, text):
            return f"{name} {(found[1] or '').replace('_', '.')}".strip()
    return ""
