"""What makes a first message look like spam."""

import pytest

from accounts.models import Enterprise
from chat import spam
from chat.limits import limits

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture(autouse=True)
def careful(enterprise):
    """It holds all that can be held."""
    enterprise.hold = Enterprise.Hold.BOTH
    enterprise.save()


LINKS = "cheap https://a.example http://b.example www.c.example"
SAME = "Buy genuine watches from us today, half price!"


class Nameless:
    """A visitor whom the enterprise's site does not know."""

    session = None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("你好", ""),
        ("Which of these? https://a.example/1 https://a.example/2", ""),
        (LINKS, "links"),
        ("https://www.a.example https://www.b.example", ""),
        ("HTTP://a.example HTTPS://b.example WWW.c.example", "links"),
        ("[url=https://a.example]x[/url]" * 3, "links"),
        ("awww. awww. awww. nothttp:/ ://", ""),
    ],
)
def test_links_are_counted_from_three_on(enterprise, content, reason):
    assert spam.judge(enterprise, Nameless, content) == reason


def test_the_sixth_with_the_same_text_is_held(enterprise, monkeypatch):
    now = limits.clock()
    monkeypatch.setattr(limits, "clock", lambda: now)
    varied = [SAME, SAME.upper(), f"  {SAME} 😀", SAME.replace(" ", "  "), f"«{SAME}»"]
    assert [spam.judge(enterprise, Nameless, text) for text in varied] == [""] * 5
    assert spam.judge(enterprise, Nameless, SAME) == "same"
    other = Enterprise(code="elsewhere")
    assert spam.judge(other, Nameless, SAME) == "", "each enterprise by itself"
    assert spam.judge(enterprise, Nameless, SAME + " 2") == "", "another text"
    now += 600
    assert spam.judge(enterprise, Nameless, SAME) == "same", "who goes on finds none"
    now += 3_601
    assert spam.judge(enterprise, Nameless, SAME) == ""


@pytest.mark.parametrize(
    "content", ["你好，请问有人在吗？", "Hello, is anybody there?", "😀" * 40, ""]
)
def test_what_everybody_says_is_no_spam(enterprise, content):
    assert {spam.judge(enterprise, Nameless, content) for _ in range(20)} == {""}


@pytest.mark.parametrize(
    ("rule", "links", "same"),
    [("both", "links", "same"), ("links", "links", ""), ("same", "", "same"), ("off", "", "")],
)
def test_an_enterprise_chooses_what_is_held(enterprise, rule, links, same):
    enterprise.hold = rule
    assert spam.judge(enterprise, Nameless, LINKS) == links
    assert [spam.judge(enterprise, Nameless, SAME) for _ in range(6)][-1] == same


def test_limits_that_are_off_count_no_texts(enterprise, settings):
    settings.RATE_LIMITS = False
    assert {spam.judge(enterprise, Nameless, SAME) for _ in range(20)} == {""}


def test_the_same_text_is_told_to_other_processes_by_its_digest(enterprise, settings):
    settings.REDIS_URL = "redis://localhost"
    for _ in range(3):
        spam.judge(enterprise, Nameless, SAME)
    told = limits.news()["taken"]
    assert [(name, scope, count) for name, scope, _key, count in told] == [("same_text", "text", 3)]
    assert "watches" not in str(told)
    limits.clear()
    limits.heard("other", {"taken": told, "sockets": None})
    assert [spam.judge(enterprise, Nameless, SAME) for _ in range(3)] == ["", "", "same"]
