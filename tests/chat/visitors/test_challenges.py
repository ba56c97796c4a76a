"""The small computation before a first message while its address floods."""

import hashlib
import itertools
import time
from unittest.mock import Mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Enterprise
from accounts.models.enterprise import Ask
from chat.limits import limits
from chat.models import Conversation, GroupMessage
from chat.sockets import visitor
from chat.visitors import challenges, prechat
from tests.chat.helpers import JSON, PAGE, database, new_guest, new_id, refused, within
from tests.chat.spam import LINKS

pytestmark = [pytest.mark.django_db, pytest.mark.once]

HOME, ELSEWHERE = "127.0.0.1", "203.0.113.7"


@pytest.fixture(autouse=True)
def easy(monkeypatch, enterprise, other_enterprise, stopped):
    """Both enterprises want it, and it takes no time."""
    monkeypatch.setattr(challenges, "BITS", 8)
    for one in (enterprise, other_enterprise):
        one.challenge = True
        one.save()


@pytest.fixture
def flood():
    """So many newcomers have come from here that the next one is asked."""
    use_up(31)


def use_up(count: int, address: str = HOME) -> None:
    for _ in range(count):
        limits.take("newcomer", {"address": address})


def solve(salt: str, bits: int) -> str:
    """As static/js/connection/proof.js does."""
    for number in itertools.count():
        proof = f"{salt}.{number}"
        digest = hashlib.sha256(proof.encode()).digest()
        if int.from_bytes(digest, "big") >> (256 - bits) == 0:
            return proof


def send(guest, content="你好", client_id=None, address=HOME, **fields):
    form = {"content": content, "client_id": client_id or new_id(), **fields}
    place = f"/chat/{guest.enterprise.code}/messages/"
    return guest.browser(REMOTE_ADDR=address).post(place, form, **JSON)


def asked(answer) -> dict:
    assert refused(answer) == (429, "challenge"), answer.content
    assert answer["Retry-After"] == "60" and answer.json()["retry_after"] == 60
    return answer.json()["challenge"]


def test_who_solves_it_is_let_in_and_stored_once(team, flood):
    guest, client_id = new_guest(team), new_id()
    challenge = asked(send(guest, client_id=client_id))
    assert challenge["bits"] == 8 and GroupMessage.objects.count() == 0
    proof = solve(**challenge)
    assert len(proof) <= 55, "one block of the hash"
    first = send(guest, client_id=client_id, proof=proof)
    again = send(guest, client_id=client_id, proof=proof)
    assert first.status_code == again.status_code == 200 and first.json() == again.json()
    assert Conversation.objects.count() == 1 and GroupMessage.objects.count() == 2
    assert send(guest, "and one more").status_code == 200, "known by now"


def test_an_address_that_does_not_flood_is_not_asked(team):
    use_up(30)
    assert send(new_guest(team)).status_code == 200
    asked(send(new_guest(team)))
    assert send(new_guest(team), address=ELSEWHERE).status_code == 200


def test_an_address_that_is_past_its_limit_is_refused_whatever_it_solves(team):
    use_up(60)
    guest = new_guest(team)
    proof = solve(**asked(send(guest)))
    assert refused(send(guest, proof=proof)) == (429, "rate_limited")


def test_it_is_good_for_one_visitor_address_and_enterprise(team, other_team, flood):
    use_up(31, ELSEWHERE)
    guest = new_guest(team)
    proof = solve(**asked(send(guest)))
    asked(send(new_guest(team), proof=proof))
    asked(send(new_guest(other_team), proof=proof))
    asked(send(guest, proof=proof, address=ELSEWHERE))
    assert send(guest, proof=proof).status_code == 200
    asked(send(new_guest(team), proof=proof))
    assert Conversation.objects.count() == 1


def test_it_is_good_for_five_minutes(team, flood, monkeypatch):
    guest = new_guest(team)
    proof = solve(**asked(send(guest)))
    now = time.time()
    monkeypatch.setattr(challenges.time, "time", lambda: now + 302)
    asked(send(guest, proof=proof))
    late = proof.replace(proof[:10], str(int(now + 900)))
    asked(send(guest, proof=late))
    monkeypatch.setattr(challenges.time, "time", lambda: now + 290)
    assert send(guest, proof=proof).status_code == 200


def test_a_wrong_number_is_asked_anew(team, flood):
    guest = new_guest(team)
    challenge = asked(send(guest))
    right = solve(**challenge)
    wrong = f"{challenge['salt']}.{int(right.rpartition('.')[2]) + 1}"
    while hashlib.sha256(wrong.encode()).digest()[0] == 0:
        wrong += "0"
    asked(send(guest, proof=wrong))
    made_up = f"{challenge['salt'][:-1]}{'A' if challenge['salt'][-1] != 'A' else 'B'}.1"
    asked(send(guest, proof=solve(made_up[: made_up.rindex(".")], 8)))
    assert Conversation.objects.count() == 0


@pytest.mark.parametrize(
    "proof",
    [
        *("x", "1.2.3", "0" * 100, "1764090000..1", "1764090000.aaaaaaaaaaaaaaaaaaaaaa.", "\x00"),
        *("1764090000.aaaaaaaaaaaaaaaaaaaaaa.-1", "1764090000.aaaaaaaaaaaaaaaaaaaaaa.1\n"),
        *("١٧٦٤٠٩٠٠٠٠.aaaaaaaaaaaaaaaaaaaaaa.1", "1764090000.éaaaaaaaaaaaaaaaaaaaaa.1"),
    ],
)
def test_what_is_no_proof_is_refused(team, proof):
    assert refused(send(new_guest(team), proof=proof)) == (400, "bad_field")
    assert Conversation.objects.count() == 0


def test_an_enterprise_may_do_without_it(team, enterprise, flood):
    enterprise.challenge = False
    enterprise.save()
    assert send(new_guest(team)).status_code == 200


def test_without_scripts_one_is_asked_to_wait_and_the_text_stays(team, flood):
    guest = new_guest(team)
    form = {"content": "my long question", "client_id": new_id()}
    place = f"/chat/{team.enterprise.code}/messages/"
    answer = guest.browser().post(place, form, **PAGE)
    text = answer.content.decode()
    assert answer.status_code == 429 and answer["Retry-After"] == "60"
    assert "Please wait a minute" in text and "my long question</textarea>" in text
    assert form["client_id"] in text and Conversation.objects.count() == 0
    limits.clear()
    assert guest.browser().post(place, form, **PAGE).status_code == 302


def test_a_file_comes_with_it_too(team, flood):
    guest = new_guest(team)
    file = SimpleUploadedFile("a.txt", b"hello", "text/plain")
    proof = solve(**asked(send(guest, "", file=file)))
    file.seek(0)
    assert send(guest, "", file=file, proof=proof).status_code == 200


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_by_socket_it_is_asked_and_solved(team, flood, connect):
    guest, client_id = await database(new_guest)(team), new_id()
    socket = await connect(guest)
    error = await socket.say("你好", client_id=client_id)
    assert error["code"] == "challenge" and error["client_id"] == client_id
    assert error["retry_after"] == 60
    wrong = f"{error['challenge']['salt']}.0"
    for proof in (1, ["x"], {"salt": "x"}, True, "x", ""):
        assert (await socket.say("你好", proof=proof))["code"] == "bad_field"
    other = await connect(await database(new_guest)(team))
    proof = solve(**error["challenge"])
    assert (await other.say("你好", proof=proof))["code"] == "challenge"
    assert wrong == proof or (await socket.say("x", proof=wrong))["code"] == "challenge"
    answer = await socket.say("你好", client_id=client_id, proof=proof)
    assert answer["type"] == "message.accepted" and answer["seq"] == 2
    assert (await socket.say("again"))["type"] == "message.accepted"


@pytest.mark.django_db(transaction=True)
@within(30)
async def test_by_socket_it_is_asked_before_anything_is_read(
    team, enterprise, flood, connect, monkeypatch
):
    await database(Enterprise.objects.update)(ask_name=Ask.MUST, hold=Enterprise.Hold.BOTH)
    read = Mock(side_effect=prechat.check_answers)
    monkeypatch.setattr(visitor.prechat, "check_answers", read)
    socket = await connect(await database(new_guest)(team))
    error = await socket.say("你好")
    assert error["code"] == "challenge" and not read.called
    proof = solve(**error["challenge"])
    error = await socket.say("你好", proof=proof)
    assert (error["code"], error["field"]) == ("bad_field", "name")
    # Once is enough: what is missing is not to be paid for again.
    answer = await socket.say(LINKS, introduction={"name": "Ada"})
    assert answer["type"] == "message.accepted"
    row = await database(Conversation.objects.get)()
    assert row.quarantined_since, "what is judged is what is stored"
