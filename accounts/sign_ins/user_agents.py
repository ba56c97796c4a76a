"""Parses User-Agent headers into the names of a browser and a system.

Browsers copy each other's names and leave out details: Windows 10 and 11 send the same header,
macOS has sent 10.15 for years, an iPad may look like a Mac. So versions are given only where they
are reliable, and an unknown browser or system is "". The names are the same in all languages.
"""

import re

MAX_LENGTH = 1_000
"""Characters of the header that are parsed."""

PROGRAMS = [
    # The first match wins: a browser that adds its name to another's header stands before it.
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
    """The browser and the system that a User-Agent header names; "" for an unknown one."""
    text = user_agent[:MAX_LENGTH]
    return first_match(PROGRAMS, text), first_match(SYSTEMS, text)


def first_match(known: list[tuple[str, str]], text: str) -> str:
    for name, pattern in known:
        if found := re.search(pattern, text):
            return f"{name} {(found[1] or '').replace('_', '.')}".strip()
    return ""
