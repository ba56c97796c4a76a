"""The client of the endpoint, with models of every kind."""

import json
import time

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Assistant
from chat.assistant import assistants, endpoint, replies
from chat.assistant.causes import Cause
from chat.assistant.shapes import Failed
from tests.fake_model import Cut, Drip, Endless, Hang, Huge, Model, Raw, Status, redirect, unknown

pytestmark = pytest.mark.django_db
MESSAGES = [{"role": "system", "content": "Answer."}, {"role": "user", "content": '{"task": "x"}'}]
HEAD = b"HTTP/1.1 200 OK\r\n\r\n"
WHOLE = b'{"choices": [{"message": {"content": "fine"}}]}'


@pytest.fixture
def fake(assistant, settings):
    settings.AI_ALLOW = ["127.0.0.0/8"]
    with Model("fine") as model:
        assistants.change(assistant, url=model.url, key="sk-secret")
        yield model


def ask(assistant, seconds=60.0):
    return endpoint.ask(assistant, MESSAGES, time.monotonic() + seconds, 300)


def test_the_request_is_as_it_was_promised(fake, assistant):
    reply = ask(assistant)
    assert (reply.content, reply.prompt_tokens, reply.completion_tokens) == ("fine", 5, 1)
    assert 0 < reply.first_seconds <= reply.seconds
    assert fake.keys == ["Bearer sk-secret"]
    assert fake.requests == [
        {
            **{"model": "small", "messages": MESSAGES, "temperature": 0, "max_tokens": 300},
            **{"response_format": {"type": "json_object"}, "stream": True},
            "stream_options": {"include_usage": True},
        }
    ]
    assistants.change(assistant, key="")
    ask(assistant)
    assert fake.keys[1] == ""


def test_a_plain_answer_and_one_without_counts_are_taken(fake, assistant):
    fake.thinking, fake.counts = "hmm" * 9, False
    assert (ask(assistant).content, ask(assistant).prompt_tokens) == ("fine", None)
    fake.streams, fake.counts = False, True
    assert (ask(assistant).content, ask(assistant).prompt_tokens) == ("fine", 5)


EVENT = b'data: {"choices": [{"delta": {"content": "%s"}}]}'


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_stream_is_read_wherever_it_is_cut(end):
    stream = end.join(
        [
            *(b": waiting", b"", b"event: message", EVENT % b"one \\ud83d", b""),
            *(EVENT % b"\\ude00 \xe4\xba\x8c \\udc00", b"id: 7", b""),
            *(b'data: {"choices": [],', b'data:"usage": {"prompt_tokens": 3}}', b""),
            *(b"data: [DONE]", b"", b"data: no JSON", b""),
        ]
    )
    for size in (1, 2, 3, 1000):
        pieces = [stream[start : start + size] for start in range(0, len(stream), size)]
        reply = replies.streamed(replies.events(replies.lines(pieces)), 0)
        assert (reply.content, reply.prompt_tokens) == ("one 😀 二 \ufffd", 3)


@pytest.mark.parametrize("count", [-1, 1.5, "7", True, None, [], 10**12, 10**400])
def test_a_count_that_is_none_is_not_taken(count):
    assert replies.count_of({"prompt_tokens": count}, "prompt_tokens") is None


BAD = {
    "hangs": (Hang(), Cause.LATE),
    "hangs in the middle": (Hang('{"sentences": ['), Cause.LATE),
    "drips": (Drip(pause=0.05), Cause.LATE),
    "half a head": (Raw([b"HTTP/1.1 500 x\r\n"]), Cause.ENDPOINT),
    "never ends": (Endless(), Cause.ENDPOINT),
    "thinks for ever": (Endless("reasoning_content"), Cause.ENDPOINT),
    "comments for ever": (Endless("comments"), Cause.ENDPOINT),
    "2 GB": (Huge(), Cause.ENDPOINT),
    "too much": ("x" * 100_001, Cause.ENDPOINT),
    "redirects": (redirect("http://127.0.0.1:1/"), Cause.ENDPOINT),
    "no key": (Status(401, "Wrong key: sk-secret"), Cause.ENDPOINT),
    "too often": (Status(429), Cause.ENDPOINT),
    "broken": (Status(500), Cause.ENDPOINT),
    "no model": (Status(400, "unknown model"), Cause.ENDPOINT),
    "cannot leave that out": (unknown("messages"), Cause.ENDPOINT),
    "cut": (Cut('{"sentences": ['), Cause.ENDPOINT),
    "no HTTP": (Raw([b"SSH-2.0-OpenSSH_9.6\r\n"]), Cause.ENDPOINT),
    "nothing": (Raw([HEAD]), Cause.ENDPOINT),
    "closes": (Raw([]), Cause.ENDPOINT),
    "a long head": (Raw([b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5_000]), Cause.ENDPOINT),
    "a page": (Raw([HEAD + b"<html>Log in first</html>"]), Cause.ENDPOINT),
    "a list": (Raw([HEAD + b"[]"]), Cause.ENDPOINT),
    "half": (Raw([HEAD + b'{"choices": [{"mess']), Cause.ENDPOINT),
    "less than it says": (
        Raw([b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + WHOLE]),
        Cause.ENDPOINT,
    ),
    "no choice": (Raw([HEAD + b'{"choices": []}']), Cause.ENDPOINT),
    "deep": (Raw([HEAD + b'{"a":' + b"[" * 200_000]), Cause.ENDPOINT),
    "an error in the stream": (
        Raw([HEAD + b'data: {"error": "busy"}\n\ndata: [DONE]\n\n']),
        Cause.ENDPOINT,
    ),
    "no JSON in the stream": (Raw([HEAD + b"data: hello\n\ndata: [DONE]\n\n"]), Cause.ENDPOINT),
    "a bad chunk": (
        Raw([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"]),
        Cause.ENDPOINT,
    ),
}


@pytest.mark.parametrize("answer, cause", BAD.values(), ids=BAD)
def test_whatever_is_wrong_fails_in_time_and_leaves_no_trace(
    fake, assistant, answer, cause, caplog
):
    fake.answer = answer
    with pytest.raises(Failed) as failed:
        ask(assistant, 0.3 if cause == Cause.LATE else 60)
    assert failed.value.cause == cause
    assert not fake.requests[1:]
    assert caplog.text == "" and "sk-secret" not in str(failed.value)
    assert Assistant.objects.get().refused == []


@pytest.mark.parametrize(
    "choice",
    [None, 1, [], {}, {"message": 1}, {"message": {"content": None}}, {"message": {"content": 7}}],
)
def test_content_that_is_no_text_is_none_or_fails(fake, assistant, choice):
    body = json.dumps({"choices": [choice], "usage": 7}).encode()
    fake.answer = Raw([HEAD + body])
    if isinstance(choice, dict):
        assert ask(assistant).content == ""
    else:
        with pytest.raises(Failed):
            ask(assistant)


def test_what_it_refuses_is_left_out_and_remembered(fake, assistant):
    fake.refuses = {"max_tokens", "response_format"}
    assert ask(assistant).content == "fine"
    assert len(fake.requests) == 3
    assert fake.requests[2].keys() >= {"max_completion_tokens", "temperature", "stream"}
    assert not fake.requests[2].keys() & fake.refuses
    assert ask(assistants.of(assistant.enterprise.code)).content == "fine"
    assert len(fake.requests) == 4
    assistants.change(assistant, model="other")
    assert assistant.refused == []


def test_an_endpoint_that_refuses_all_answers_the_first_question(fake, assistant):
    fake.refuses = endpoint.parameters(set(), 1).keys() | {"max_completion_tokens"}
    assert ask(assistant).content == "fine"
    assert len(fake.requests) == 6
    assert fake.requests[5].keys() == {"model", "messages"}


def test_nothing_is_remembered_that_did_not_help(fake, assistant):
    fake.answer = lambda asked: Status(500 if fake.requests[1:] else 400, "No stream, please")
    with pytest.raises(Failed):
        ask(assistant)
    assert len(fake.requests) == 2
    assert Assistant.objects.get().refused == []


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"error": {"message": "Use stream_options.", "param": "max_tokens"}}, "max_tokens"),
        ({"error": {"param": "stream_options.include_usage"}}, "stream_options"),
        ({"message": "upstream_error in streaming; stream_options: extra"}, "stream_options"),
        ({"detail": [{"loc": ["body", "response_format"]}]}, "response_format"),
        ({"error": "temperature"}, "temperature"),
        ([["temperature"]], "temperature"),
    ],
)
def test_what_is_refused_is_found_in_every_usual_form(body, named):
    sent = {"temperature", "max_tokens", "response_format", "stream", "stream_options"}
    assert replies.Refusal(400, json.dumps(body).encode()).names_of(sent) == {named}
    assert replies.Refusal(500, json.dumps(body).encode()).names_of(sent) == set()


def test_it_is_asked_only_where_that_is_allowed(fake, assistant, settings):
    settings.AI_ALLOW, settings.WEBHOOK_ALLOW = [], ["127.0.0.0/8"]
    with pytest.raises(Failed, match="AI_ALLOW") as failed:
        ask(assistant)
    assert failed.value.cause == Cause.ENDPOINT and fake.requests == []


@pytest.mark.parametrize(
    "url",
    [
        *("http://model.example/v1", "https://127.0.0.1/v1", "https://10.0.0.1/v1", "model"),
        *("https://user:pass@model.example/v1", "https://model.example/v1?key=7"),
    ],
)
def test_a_url_that_leads_elsewhere_is_not_taken(assistant, url):
    with pytest.raises(ValidationError) as error:
        assistants.change(assistant, url=url)
    assert "url" in error.value.message_dict
    assert Assistant.objects.get().url == "https://model.example/v1"


def test_a_key_of_another_time_fails_before_anything_is_sent(fake, assistant, monkeypatch):
    monkeypatch.setattr(assistants, "key_of", lambda one: None)
    with pytest.raises(Failed, match="SECRET_KEY"):
        ask(assistant)
    assert fake.requests == []


def test_the_test_of_the_connection_sees_whether_the_prompt_is_read_whole(fake, assistant):
    fake.answer = None
    found = endpoint.try_out(assistant)
    assert found["ok"] and found["json"] and found["whole"] and not found["error"]
    assert 2_500 < found["estimate"] <= 3_100 and 0 < found["first_seconds"] <= found["seconds"]
    fake.context = 1_000
    found = endpoint.try_out(assistant)
    assert (found["ok"], found["json"], found["whole"]) == (True, True, False)
    fake.answer = lambda asked: "Sure! " + fake.requests[-1]["messages"][0]["content"]
    found = endpoint.try_out(assistant)
    assert (found["json"], found["whole"], found["prompt_tokens"]) == (False, False, 1_000)


def test_the_test_says_what_the_endpoint_said_without_its_key(fake, assistant):
    fake.answer = Status(401, "Wrong key: sk-secret")
    found = endpoint.try_out(assistant)
    assert not found["ok"] and found["error"].endswith("(401). Wrong key: …")
