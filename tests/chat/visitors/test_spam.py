"""What makes a first message look like spam."""

import hashlib

import pytest

from accounts.models import Enterprise
from chat.limits import limits
from chat.posting import batches
from chat.visitors import spam
from tests.chat.helpers import new_guest, new_id
from tests.chat.spam import row_of, write

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.usefixtures("careful")]


LINKS = "cheap https://a.example http://b.example www.c.example"
SAME = (
    "Buy genuine watches from us today, half price! Write to the address below,"
    " and we send you our list with all that is left of this week's stock."
)


class Nameless:
    """A visitor whom the enterprise's site does not know, another one each time."""

    sign_in = None

    def __init__(self):
        self.uuid = new_id()


def judge(enterprise: Enterprise, content: str) -> str:
    return spam.classify(enterprise, Nameless(), content)


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
    assert judge(enterprise, content) == reason


def test_the_sixth_with_the_same_text_is_quarantined(enterprise, monkeypatch):
    now = limits.clock()
    monkeypatch.setattr(limits, "clock", lambda: now)
    varied = [SAME, SAME.upper(), f"  {SAME} 😀", SAME.replace(" ", "  "), f"«{SAME}»"]
    assert [judge(enterprise, text) for text in varied] == [""] * 5
    assert judge(enterprise, SAME) == "same"
    other = Enterprise(code="elsewhere")
    assert judge(other, SAME) == "", "each enterprise by itself"
    assert judge(enterprise, SAME + " 2") == "", "another text"
    now += 600
    assert judge(enterprise, SAME) == "same"
    now += 121
    assert judge(enterprise, SAME) == "", "what was quarantined has used nothing up"
    assert judge(enterprise, SAME) == "same"


@pytest.mark.parametrize(
    "content",
    [
        *("你好，请问有人在吗？", "请问这个什么时候可以发货", "Hello, is anybody there?"),
        *("您好，我昨天在你们店里下的订单到现在还没有发货请问", "😀" * 40, ""),
    ],
)
def test_what_everybody_says_is_no_spam(enterprise, content):
    assert {judge(enterprise, content) for _ in range(20)} == {""}


@pytest.mark.parametrize(("characters", "last"), [(29, ""), (30, "same")])
def test_thirty_chinese_characters_are_no_accident(enterprise, characters, last):
    assert [judge(enterprise, "货" * characters + "！ ") for _ in range(6)][-1] == last


def test_one_who_tries_again_counts_once(team, alice, monkeypatch):
    guest = new_guest(team)
    with monkeypatch.context() as broken:
        broken.setattr(batches, "settle", batches.unavailable)
        assert {write(guest, SAME).status_code for _ in range(6)} == {503}
    assert write(guest, SAME).status_code == 200 and not row_of(guest).quarantined_since
    assert [judge(team.enterprise, SAME) for _ in range(5)] == ["", "", "", "", "same"]


@pytest.mark.parametrize(
    ("rule", "links", "same"),
    [("both", "links", "same"), ("links", "links", ""), ("same", "", "same"), ("off", "", "")],
)
def test_an_enterprise_chooses_what_is_quarantined(enterprise, rule, links, same):
    enterprise.hold = rule
    assert judge(enterprise, LINKS) == links
    assert [judge(enterprise, SAME) for _ in range(6)][-1] == same


def test_limits_that_are_off_count_no_texts(enterprise, settings):
    settings.RATE_LIMITS = False
    assert {judge(enterprise, SAME) for _ in range(20)} == {""}


def test_the_same_text_is_told_to_other_processes_by_a_keyed_digest(enterprise, settings):
    settings.REDIS_URL = "redis://localhost"
    guests = [Nameless() for _ in range(3)]
    for guest in guests:
        spam.classify(enterprise, guest, SAME)
    told = limits.pending_update()["taken"]
    counted = sorted((scope, count) for _name, scope, _key, count in told)
    assert counted == [("text", 3)] + [("try", 1)] * 3
    plain = hashlib.sha256(f"acme:{spam.normalise(SAME)}".encode()).hexdigest()
    for word in ("watches", plain, *(guest.uuid for guest in guests)):
        assert word not in str(told), "what one could guess, and check"
    limits.clear()
    limits.apply_update("other", {"taken": told, "sockets": None})
    assert spam.classify(enterprise, guests[0], SAME) == "", "the same one's next try"
    assert [judge(enterprise, SAME) for _ in range(3)] == ["", "", "same"]
    settings.SECRET_KEY = "another" * 9
    assert judge(enterprise, SAME) == ""
