"""What is read from a browser's own name, and what is not guessed."""

import pytest

from accounts.sign_ins.user_agents import parse_user_agent

KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
NAMES = {
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {KIT} Chrome/131.0.0.0 Safari/537.36": (
        "Chrome 131",
        "Windows",
    ),
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {KIT} Chrome/131.0.0.0 Safari/537.36 Edg/131.0": (
        "Edge 131",
        "Windows",
    ),
    f"Mozilla/5.0 (Windows NT 6.1; WOW64) {KIT} Chrome/109.0 Safari/537.36 OPR/95.0": (
        "Opera 95",
        "Windows 7",
    ),
    "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0": (
        "Firefox 133",
        "Linux",
    ),
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.1 Safari/605.1.15": ("Safari 18.1", "macOS"),
    "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " CriOS/130.0.6723.90 Mobile/15E148 Safari/604.1": ("Chrome 130", "iPad · iPadOS 16.6"),
    f"Mozilla/5.0 (Linux; Android 10; K) {KIT} Chrome/131.0.0.0 Mobile Safari/537.36": (
        "Chrome 131",
        "Android 10",
    ),
    f"Mozilla/5.0 (Linux; Android 14; SM-S918B) {KIT} SamsungBrowser/27.0 Chrome/125.0 Mobile"
    " Safari/537.36": ("Samsung Internet 27", "Android 14"),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML,"
    " like Gecko) Mobile/15E148 MicroMessenger/8.0.50(0x1800323d) NetType/WIFI Language/zh_CN": (
        "WeChat 8.0",
        "iPhone · iOS 17.5",
    ),
    f"Mozilla/5.0 (Linux; U; Android 13; zh-cn; M2012K11AC) {KIT} Version/4.0 Chrome/109.0"
    " MQQBrowser/14.4 Mobile Safari/537.36": ("QQ Browser 14", "Android 13"),
    f"Mozilla/5.0 (Phone; OpenHarmony 5.0) {KIT} Chrome/114.0 Safari/537.36 ArkWeb/4.1": (
        "Chrome 114",
        "HarmonyOS 5",
    ),
    f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {KIT} Chrome/131.0 Safari/537.36": (
        "Chrome 131",
        "ChromeOS",
    ),
    "curl/8.5.0": ("", ""),
    "": ("", ""),
    "Windows": ("", ""),
}


@pytest.mark.parametrize("name", NAMES)
def test_browsers_and_systems_are_recognised(name):
    assert parse_user_agent(name) == NAMES[name]


def test_a_hostile_name_is_short_and_quick():
    for text in (
        "Version/1" * 100_000,
        "Android 9" * 99_999,
        "\x00" * 5000,
        f"Chrome/{'9' * 5000}",
    ):
        found = parse_user_agent(text)
        assert all(len(part) <= 60 for part in found), [len(part) for part in found]
