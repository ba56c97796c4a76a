"""Files by the API: sent into a conversation, and read by their address."""

import pytest
from django.utils import timezone

from accounts import tokens
from accounts.models import AuditRow, Member
from chat.limits import Buckets, limits
from chat.models import Attachment, ChatGroup, Conversation
from chat.posting import batches
from chat.presence import leases
from chat.rates import Rate
from tests.chat.files.uploads import sent, stored
from tests.chat.helpers import draft_of, new_guest, new_id, rows_of
from tests.chat.sample_files import HTML, picture, upload

from .program import bot_of, program_of, refusal

pytestmark = pytest.mark.django_db


def place(group: str) -> str:
    return f"conversations/{group}/files/"


def text(content=b"an invoice", name="invoice.txt"):
    return upload(name, content, "text/plain")


def test_a_file_is_a_message_of_the_programs(program, group, visitor, agent):
    answer = program.send_file(place(group), text(), {"client_id": new_id()})
    assert answer.status_code == 200, answer.content
    accepted = answer.json()
    assert (accepted["type"], accepted["seq"]) == ("message.accepted", 3)
    message = visitor.get(visitor.place).json()["messages"][-1]
    assert message["attachment"] == accepted["attachment"] and message["automatic"] is True
    assert (message["sender_role"], message["attachment"]["name"]) == ("bot", "invoice.txt")
    assert visitor.get(accepted["attachment"]["url"]).content == b"an invoice"
    note = program.send_file(place(group), text(b"secret"), {"note": "1"}).json()
    assert agent.get(note["attachment"]["url"]).content == b"secret"
    assert visitor.get(note["attachment"]["url"]).status_code == 404
    shown = program.send_file(place(group), upload("a.png", picture())).json()["attachment"]
    assert (shown["width"], shown["thumbnail"]) == (60, f"{shown['url']}small/")
    assert Conversation.objects.get().waiting_since is not None


def test_a_retry_is_one_file_and_another_file_is_a_conflict(program, group):
    fields = {"client_id": new_id()}
    first = program.send_file(place(group), text(), fields)
    assert program.send_file(place(group), text(), fields).json() == first.json()
    assert refusal(program.send_file(place(group), text(b"another"), fields)) == (409, "conflict")
    answer = program.post(f"conversations/{group}/messages/", {"content": "x", **fields})
    assert refusal(answer) == (409, "conflict")
    assert len(rows_of(group)) == 3 and len(stored()) == Attachment.objects.count() == 1


@pytest.mark.parametrize(
    ("file", "fields", "wanted"),
    [
        (text(b""), {}, (400, "bad_field")),
        (upload("a.png", HTML), {}, (415, "bad_kind")),
        (text(b"x" * (10 * 1024 * 1024 + 1)), {}, (413, "too_long")),
        (text(), {"client_id": "7"}, (400, "bad_field")),
        (text(), {"seen": "x"}, (400, "bad_field")),
        (text(), {"note": "maybe"}, (400, "bad_field")),
        (text(), {"notes": "1"}, (400, "bad_field")),
        (text(), {"again": text()}, (400, "bad_field")),
        ("no file", {}, (400, "bad_field")),
    ],
)
def test_what_uploads_refuse_is_refused(program, group, file, fields, wanted):
    assert refusal(program.send_file(place(group), file, fields)) == wanted
    assert len(rows_of(group)) == 2 and stored() == []


def test_a_body_that_is_no_form_is_refused(program, group):
    form = "multipart/form-data; boundary=x"
    for body, kind in ((b"{}", "application/json"), (b"--x", form), (b"x", "multipart/form-data")):
        answer = program.post(place(group), body, content_type=kind)
        assert answer.status_code in (400, 415) and answer.json()["error"], answer.content
    assert len(rows_of(group)) == 2


def test_a_bot_sends_files_while_it_may_speak(team, group, guest, alice):
    bot = bot_of(team)
    leases.renew([bot.member.uuid], restart=True)
    own = batches.post(new_guest(team).draft("help"))["group"]
    assert refusal(bot.send_file(place(own), text())) == (400, "bad_field"), "what it has seen"
    assert bot.send_file(place(own), text(), {"seen": 2}).status_code == 200
    assert rows_of(own)[-1].data["bot"] is True and "automatic" not in rows_of(own)[-1].data
    batches.post(draft_of(alice, own, "I take over"))
    late = {"seen": 2, "client_id": new_id()}
    assert refusal(bot.send_file(place(own), text(), late)) == (409, "stale")
    assert refusal(bot.send_file(place(group), text(), late)) == (403, "forbidden")
    assert bot.send_file(place(group), text(b"a note"), {"note": "true"}).status_code == 200
    ChatGroup.objects.for_member(bot.member.uuid).delete()
    assert refusal(bot.send_file(place(own), text(), late)) == (404, "not_found")
    assert len(stored()) == 2, "of what was refused nothing is kept"


def test_an_attachment_is_read_with_a_token_that_reads_messages(
    program, team, group, visitor, agent, other_program, carol
):
    bot, now = bot_of(team), timezone.now()
    ChatGroup.objects.for_member(bot.member.uuid).delete()
    Conversation.objects.update(quarantined_for="links", quarantined_since=now)
    for file in (sent(visitor), sent(agent, note="1")):
        for path in (file["url"], file["thumbnail"]):
            answer = program.get(path)
            assert answer.status_code == 200 and answer.content == agent.get(path).content
            assert program.call("HEAD", path).status_code == 200
            tag = {"If-None-Match": answer["ETag"]}
            assert program.call("GET", path, **tag).status_code == 304
            assert bot.get(path).status_code == 404, "it has no seat there"
            assert refused_to_all(path, team, program, other_program)
    ChatGroup.objects.create(uuid=group, member_id=bot.member.uuid, ent_id="acme")
    assert bot.get(path).status_code == 200
    assert not AuditRow.objects.filter(action="read", actor=program.member.uuid).exists()
    tokens.end(program.token)
    assert program.get(path).status_code == 404
    Member.objects.filter(pk=bot.member.pk).update(status=Member.Status.CLOSED)
    assert bot.get(path).status_code == 404


def refused_to_all(path: str, team, program, other_program) -> bool:
    blind = program_of(team.enterprise, "conversations:read", "messages:write", name="blind")
    headers = (f"Bearer {program.text}x", f"Basic {program.text}", program.text, None)
    answers = [program.call("GET", path, Authorization=one) for one in headers]
    answers += [other_program.get(path), blind.get(path)]
    return {answer.status_code for answer in answers} == {404}


def test_a_foreign_header_does_not_take_a_members_cookie_away(visitor, agent, group):
    """A proxy before the site may have sent one."""
    path = sent(visitor)["url"]
    headers = {"Authorization": "Bearer of-a-proxy"}
    assert agent.get(path, headers=headers).status_code == 200
    assert visitor.get(path, headers=headers).status_code == 200


def test_reading_is_limited_like_a_members(program, visitor, group, stopped):
    path = sent(visitor)["url"]
    limits.buckets["fetch"]["member"] = Buckets(Rate(2, 0.001))
    assert [program.get(path).status_code for _ in range(3)] == [200, 200, 429]
    limits.buckets["fetch"]["address"] = Buckets(Rate(2, 0.001))
    guesses = [program.call("GET", path, Authorization="Bearer x") for _ in range(3)]
    assert [answer.status_code for answer in guesses] == [404, 404, 429]
