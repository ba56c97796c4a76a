"""Who is on the enterprise's sites: what their pages tell, who sees it, and how soon it is gone."""

import json
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat import limits, rates
from chat.care import personal_data
from chat.models import SiteVisit, Visitor
from chat.presence import leases
from chat.visitors import site_visits
from tests.chat.helpers import JSON, PAGE, refused
from tests.chat.signed_visitors import sign_in

from .site_visits import LIST, SHOP, TELL, invite, new_key, tell, told

LONG = "长" * 2_000

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(enterprise):
    """The enterprise with one site, and the switch on."""
    enterprise.sites, enterprise.visits_told = SHOP, True
    enterprise.save()
    return enterprise


def answer(response) -> dict | None:
    assert response.status_code == 200, response.content
    return json.loads(response.content)["invitation"]


def test_a_page_tells_where_its_visitor_is_without_what_follows_the_question_mark(shop):
    visit = told(
        url=f"{SHOP}/pricing?token=secret#x",
        title=" Pricing\n and\x00 more ",
        referrer="https://search.example/find?q=secret",
        visits="3",
    )
    assert (visit.url, visit.title) == (f"{SHOP}/pricing", "Pricing and more")
    assert (visit.referrer, visit.visits) == ("https://search.example/find", 3)
    assert visit.visitor is None and visit.enterprise == shop
    shop.queries_told = True
    shop.save()
    assert told(url=f"{SHOP}/find?q=tea#x").url == f"{SHOP}/find?q=tea"
    assert len(told(url=f"{SHOP}/find?q={'x' * 900}").url) == 300


def test_one_visit_is_one_row_and_where_it_came_from_stays(shop):
    key = new_key()
    first = told(key=key, referrer="https://search.example/")
    second = told(key=key, url=f"{SHOP}/cart", referrer=f"{SHOP}/pricing")
    assert (first.pk, second.url) == (second.pk, f"{SHOP}/cart")
    assert second.referrer == "https://search.example/" and second.began_at == first.began_at
    assert told(referrer=f"{SHOP}/a").referrer == "", "the site itself is no origin"
    assert told(referrer="android-app://x").referrer == ""


def test_nothing_is_stored_where_the_enterprise_does_not_want_it_or_the_browser_does_not(shop):
    for wish in ("Sec-GPC", "DNT"):
        assert answer(tell(headers={wish: "1"})) is None
    assert answer(tell(origin="http://testserver", url="http://testserver/")) is None, "no site"
    shop.visits_told = False
    shop.save()
    assert answer(tell()) is None
    assert not SiteVisit.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"key": ""},
        {"key": "x" * 32},
        {"key": "A" * 32},
        {"key": "a" * 33},
        {"url": ""},
        {"url": "javascript:alert(1)"},
        {"url": "https://evil.example/pricing"},
        {"url": f"{SHOP}.evil.example/"},
        {"url": "https://shop.example:444/"},
        {"url": f"{SHOP}/{'x' * 2_000}"},
        {"url": f"{SHOP}/a\nb\x01"},
        {"visits": "0"},
        {"visits": "-1"},
        {"visits": "10001"},
        {"visits": "000000001" + "9" * 30},
        {"visits": "000000001" + "9" * 5_000},
        {"visits": "1e3"},
        {"visits": "٣"},
        {"visits": ""},
    ],
)
def test_what_no_page_of_the_site_tells_is_refused(shop, fields):
    assert refused(tell(**fields)) == (400, "bad_field")
    assert not SiteVisit.objects.exists()


def test_long_and_odd_words_are_cut_and_lose_nothing_else(shop):
    visit = told(title=LONG, referrer="x" * 5_000)
    assert len(visit.title) == 200 and visit.referrer == ""


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
def test_only_the_enterprises_sites_tell(shop, origin):
    assert refused(tell(origin=origin)) == (403, "forbidden")
    assert not SiteVisit.objects.exists()


def test_a_closed_enterprise_hears_nothing_and_another_ones_site_is_none(shop, other_enterprise):
    other_enterprise.visits_told = True
    other_enterprise.save()
    assert refused(tell(path="/chat/umbrella/visit/")) == (403, "forbidden")
    assert tell(path="/chat/nobody/visit/").status_code == 404
    shop.status = 1
    shop.save()
    assert refused(tell()) == (403, "forbidden")
    assert Client().get(TELL).status_code == 405


def test_a_visit_of_somebody_who_has_written_is_theirs_and_of_one_blocked_is_none(
    shop, visitor, guest, group
):
    assert told(browser=visitor).visitor_id == guest.uuid
    Visitor.objects.update(blocked=True)
    key = new_key()
    assert answer(tell(browser=visitor, key=key)) is None
    assert not SiteVisit.objects.filter(key=key).exists()


def test_ten_thousand_keys_from_one_address_are_few_rows(shop, monkeypatch):
    monkeypatch.setattr(limits.limits, "clock", lambda: 1_000.0)
    rate = rates.RATES["arrival"]["address"]
    key = new_key()
    last = [tell(key=key), *(tell() for _ in range(rate.burst))][-1]
    assert refused(last) == (429, "rate_limited") and last["Retry-After"]
    assert SiteVisit.objects.count() == rate.burst
    assert tell(key=key).status_code == 200, "who is there already goes on"
    assert json.loads(last.content)["retry_after"] >= 1


def test_agents_see_who_is_there_and_of_no_other_enterprise(shop, agent, browser_of, outsider):
    told(title="Pricing", referrer="https://search.example/find")
    page = agent.get(LIST).content.decode()
    assert "Pricing" in page and "shop.example/pricing" in page and "search.example" in page
    assert "1 visitor is looking" in page and "find" not in page
    outsider.enterprise.visits_told = True
    outsider.enterprise.save()
    other = browser_of(outsider).get(LIST).content.decode()
    assert "Pricing" not in other and "Nobody is on the site" in other


def test_who_was_not_heard_of_for_a_minute_is_not_there_and_after_an_hour_gone(shop, agent):
    visit = told(title="Pricing")
    SiteVisit.objects.update(seen_at=timezone.now() - timedelta(seconds=55))
    assert "Pricing" not in agent.get(LIST).content.decode()
    assert refused(invite(agent, visit)) == (404, "not_found")
    site_visits.delete_old()
    assert SiteVisit.objects.exists()
    SiteVisit.objects.update(seen_at=timezone.now() - timedelta(minutes=61))
    site_visits.delete_old()
    assert not SiteVisit.objects.exists()


def test_the_list_that_fetches_itself_keeps_nobody_at_the_desk(shop, agent, alice):
    leases.renew([alice.uuid], away={alice.uuid})
    for _ in range(2):
        again = agent.get(LIST, headers={"X-Requested-With": "XMLHttpRequest"})
        assert "Nobody is on the site" in again.content.decode()
    assert leases.agent_states({alice.uuid}) == {alice.uuid: leases.AWAY}
    leases.release([alice.uuid])
    agent.get(LIST, headers={"X-Requested-With": "XMLHttpRequest"})
    assert leases.agent_states({alice.uuid}) == {}
    agent.get(LIST)
    assert leases.agent_states({alice.uuid}) == {alice.uuid: leases.ONLINE}, "they have opened it"


def test_an_agent_invites_and_the_visits_page_hears_of_it(shop, agent, alice, bob, browser_of):
    key = new_key()
    visit = told(key=key)
    assert invite(agent, visit, "  Shall I\nhelp? ").status_code == 200
    assert answer(tell(key=key)) == {"text": "Shall I help?", "name": "小艾"}
    assert answer(tell()) is None, "nobody else"
    page = agent.get(LIST).content.decode()
    assert "Invited by 小艾" in page
    assert refused(invite(agent, visit)) == (409, "conflict"), "once"
    told(key=new_key())
    assert "Shall I help?" in agent.get(LIST).content.decode(), "what was said last is at hand"
    assert ">Shall I help?</textarea>" not in browser_of(bob).get(LIST).content.decode()


def test_a_plain_form_invites_too_and_says_how_it_went(shop, agent):
    visit = told()
    for text, words in (("", "enter a text"), ("x" * 301, "too long"), ("Hi", "Invited.")):
        response = invite(agent, visit, text, **PAGE)
        assert response.status_code == 302
        assert words in agent.get(LIST).content.decode()
    again = agent.get(invite(agent, visit, **PAGE).url).content.decode()
    assert "a colleague has already invited them" in again


def test_whoever_declines_is_left_in_peace(shop, agent):
    key = new_key()
    visit = told(key=key)
    assert answer(tell(key=key, dismissed="1")) is None
    assert refused(invite(agent, visit)) == (409, "conflict")
    assert answer(tell(key=key)) is None
    assert "Declined an invitation" in agent.get(LIST).content.decode()
    other = new_key()
    second = told(key=other)
    invite(agent, second)
    assert answer(tell(key=other, dismissed="1")) is None
    assert answer(tell(key=other)) is None, "also on the next page"
    third = told(dismissed="1")
    assert refused(invite(agent, third)) == (409, "conflict"), "their browser remembers it"


def test_who_writes_is_not_invited_and_only_those_who_sit_there_find_the_way(
    shop, agent, carol, browser_of, manager, visitor, group
):
    visit = told(browser=visitor)
    Visitor.objects.update(label="李雷")
    assert refused(invite(agent, visit)) == (409, "conflict")
    for browser, may in ((agent, True), (browser_of(carol), False), (browser_of(manager), True)):
        page = browser.get(LIST).content.decode()
        assert (f"/agent/c/{group}/" in page) is may
        assert ("Chatting" in page) is not may
        assert (Visitor.objects.get().label in page) is may, "whom they may not read has no name"


def test_a_visit_is_its_visitors_from_the_first_message_on_and_goes_with_them(shop, guest):
    key = new_key()
    told(key=key)
    answered = {"content": "hello", "visit": key}
    assert guest.browser().post("/chat/acme/messages/", answered, **JSON).status_code == 200
    assert SiteVisit.objects.get().visitor_id == guest.uuid
    assert told(key=key, url=f"{SHOP}/cart").visitor_id == guest.uuid, "also without their cookie"
    held = personal_data.export(shop, Visitor.objects.get(uuid=guest.uuid))
    assert [visit["url"] for visit in held["site_visits"]] == [f"{SHOP}/cart"]
    personal_data.erase(guest.uuid)
    assert not SiteVisit.objects.exists()


def test_a_first_message_takes_no_visit_of_another_enterprise(shop, other_guest):
    key = new_key()
    told(key=key)
    answered = {"content": "hello", "visit": key}
    other_guest.browser().post("/chat/umbrella/messages/", answered, **JSON)
    assert other_guest.group and SiteVisit.objects.get().visitor is None


def test_who_signs_in_keeps_their_visit(shop, customer, visitor, guest, group):
    visit = told(browser=visitor)
    sign_in(guest)
    visit.refresh_from_db()
    assert visit.visitor_id == customer.uuid


def test_that_one_is_still_there_is_stored_with_every_second_telling(shop):
    key = new_key()
    told(key=key)

    def writes(seconds: int, **fields) -> int:
        SiteVisit.objects.update(seen_at=timezone.now() - timedelta(seconds=seconds))
        with CaptureQueriesContext(connection) as queries:
            assert tell(key=key, **fields).status_code == 200
        return sum(query["sql"].startswith(("UPDATE", "INSERT")) for query in queries)

    assert writes(15) == 0
    assert writes(30) == 1
    assert writes(1, url=f"{SHOP}/cart") == 1
    assert writes(1, url=f"{SHOP}/cart", title="Cart") == 1
    assert writes(1, url=f"{SHOP}/cart", title="Cart", dismissed="1") == 1
    assert writes(1, url=f"{SHOP}/cart", title="Cart", dismissed="1") == 0
    assert SiteVisit.objects.get().dismissed_at


@pytest.mark.django_db(transaction=True)
def test_who_becomes_somebody_else_while_they_tell_is_stored_without_a_name(shop):
    key = new_key()
    for page in ("/pricing", "/cart"):
        facts = site_visits.check_report({"key": key, "url": SHOP + page}, SHOP, False)
        # Between the look at the cookie and the storing, joining.unite took the row away.
        visit = site_visits.record_visit(shop, facts, str(uuid.uuid4()), {})
        assert (visit.url, visit.visitor) == (SHOP + page, None)
