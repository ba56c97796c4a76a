"""Topics that lead to teams, and teams to choose from: before the first message alone."""

import json
import re
from html import unescape

import pytest

from accounts.models import Topic
from accounts.setup import find_or_create_team, join_team
from chat.conversations import seating
from chat.models import Conversation, Visitor
from chat.posting import batches
from chat.reading import profiles
from tests.chat.helpers import JSON, PAGE, database, refused, within
from tests.chat.presence.days_off import rest

PLACE = "/chat/acme/"


@pytest.fixture
def sales(enterprise, alice):
    sales = find_or_create_team(enterprise, "sales", name="Sales")
    join_team(alice, sales)
    return sales


def offer(*teams):
    for team in teams:
        team.offered = True
        team.save()


def links(page) -> list[str]:
    main = page.content.decode().partition('class="choose"')[2].partition("</main>")[0]
    return [unescape(link) for link in re.findall(r'href="([^"]+)"', main)]


@pytest.mark.django_db
def test_nothing_is_chosen_where_there_is_nothing_to_choose(visitor, team, sales):
    assert b'id="composer"' in visitor.get(PLACE).content
    offer(team)
    assert b'id="composer"' in visitor.get(PLACE).content, "one is no choice"
    topic = Topic.objects.create(team=team, label="Prices")
    assert b'id="composer"' in visitor.get(PLACE).content, "nor is one topic"
    topic.team = sales
    topic.save()
    assert visitor.get(PLACE)["Location"] == f"{PLACE}?team=sales", "to which it leads"


@pytest.mark.django_db
def test_a_new_visitor_chooses_among_the_offered_teams(visitor, team, sales):
    offer(team, sales)
    page = visitor.get(PLACE)
    assert links(page) == [f"{PLACE}?team=service", f"{PLACE}?team=sales"]
    rest(sales)
    assert visitor.get(PLACE).content.decode().count("outside working hours") == 1
    chosen = visitor.get(links(page)[1])
    assert b'id="composer"' in chosen.content and "Sales" in chosen.content.decode()
    assert not Visitor.objects.exists(), "a look stores nothing"


@pytest.mark.django_db
def test_topics_come_before_teams_and_lead_to_theirs(visitor, team, sales, alice):
    offer(team, sales)
    Topic.objects.create(team=sales, label="Prices", position=2)
    refund = Topic.objects.create(team=team, label="退款 <b>", position=1)
    page = visitor.get(PLACE)
    first, second = links(page)
    assert first == f"{PLACE}?team=service&topic={refund.pk}" and "team=sales" in second
    assert "退款 &lt;b&gt;" in page.content.decode()
    chosen = visitor.get(first).content.decode()
    assert f'name="topic" value="{refund.pk}"' in chosen and "退款 &lt;b&gt;" in chosen
    form = {"content": "hello", "topic": str(refund.pk)}
    assert visitor.post(f"{visitor.place}?team=service", form, **PAGE).status_code == 302
    row = Conversation.objects.get()
    assert (row.topic, row.team) == ("退款 <b>", team)
    told = profiles.profile(alice, row.visitor, row.uuid)
    assert told["topic"] == "退款 <b>"
    assert "退款 &lt;b&gt;" in visitor.get(f"{PLACE}privacy/").content.decode()
    again = visitor.get(PLACE).content.decode()
    assert "hello" in again and 'name="topic"' not in again


@pytest.mark.django_db
def test_who_has_written_comes_back_to_their_own_team(visitor, guest, team, sales):
    offer(team, sales)
    visitor.post(f"{visitor.place}?team=sales", {"content": "hello"}, **JSON)
    back = visitor.get(PLACE)
    assert (back.status_code, back["Location"]) == (302, f"{PLACE}?team=sales")
    framed = visitor.get(f"{PLACE}?embed=1&lang=zh-hans")["Location"]
    assert "team=sales" in framed and "embed=1" in framed and "lang=zh-hans" in framed
    group = Conversation.objects.get().uuid
    batches.post(_answer(group, sales))
    unread = json.loads(visitor.get(f"{PLACE}unread/").content)
    assert unread == {"known": True, "unread": 1}
    chosen = json.loads(visitor.get(f"{PLACE}unread/?team=service").content)
    assert chosen == {"known": False, "unread": 0}, "a site that names a team means that one"
    visitor.post(f"{visitor.place}?team=service", {"content": "you, too"}, **JSON)
    assert visitor.get(PLACE).status_code == 200
    assert seating.latest(sales.enterprise.code, guest.uuid)[1] == "service"


def _answer(group, team):
    from tests.chat.helpers import draft_of

    return draft_of(team.members.get(nickname="小艾"), group, "an answer")


@pytest.mark.django_db
def test_a_topic_of_another_enterprise_is_refused_and_shown_to_nobody(visitor, team, other_team):
    foreign = Topic.objects.create(team=other_team, label="Umbrellas")
    answer = visitor.post(visitor.place, {"content": "x", "topic": foreign.pk}, **JSON)
    assert refused(answer) == (400, "bad_field") and not Conversation.objects.exists()
    for wrong in (foreign.pk, "x", "-1", "9" * 30):
        page = visitor.get(f"{PLACE}?team=service&topic={wrong}")
        assert page.status_code == 200 and "Umbrellas" not in page.content.decode()
    assert refused(visitor.post(visitor.place, {"content": "x", "topic": "x"}, **JSON))[0] == 400


@pytest.mark.django_db
def test_the_choice_of_a_frame_stays_in_the_frame(visitor, team, sales):
    team.enterprise.sites = "https://shop.example.com"
    team.enterprise.save()
    offer(team, sales)
    page = visitor.get(f"{PLACE}?embed=1&host=https://shop.example.com")
    assert all("embed=1" in link and "host=https" in link for link in links(page))
    assert 'data-host="https://shop.example.com"' in page.content.decode()
    assert "frame-ancestors 'self' https://shop.example.com" in page["Content-Security-Policy"]
    stranger = visitor.get(f"{PLACE}?embed=1&host=https://evil.example")
    assert "data-host" not in stranger.content.decode()


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_a_topic_comes_with_the_first_message_by_socket(connect, guest, alice, team):
    topic = await database(Topic.objects.create)(team=team, label="Refunds")
    visitor = await connect(guest)
    wrong = await visitor.say(introduction={"topic": topic.pk + 1})
    assert (wrong["code"], wrong["field"]) == ("bad_field", "topic")
    for bad in ("1", -1, True, 1.5):
        assert (await visitor.say(introduction={"topic": bad}))["code"] == "bad_field"
    accepted = await visitor.say(introduction={"topic": topic.pk})
    row = await database(Conversation.objects.get)(uuid=accepted["group"])
    assert row.topic == "Refunds"
