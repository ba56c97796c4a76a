"""The client of the model's endpoint: a question and its answer, by a time that is never passed.

It speaks OpenAI's API for chats, as Ollama, vLLM, DeepSeek and others do, through the webhooks'
guarded sender. It logs nothing, and keeps of what is sent and comes back only which parameters the
endpoint does not take.
"""

import json
import secrets
import ssl
import time
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import Assistant, Endpoint
from chat.webhooks import sender
from chat.webhooks.addresses import Forbidden
from chat.webhooks.sender import Answer

from . import assistants, checking, replies, requests
from .causes import Cause
from .replies import Refusal, failed
from .shapes import Failed, Reply

T = TypeVar("T")

LIMIT, NEWER_LIMIT = "max_tokens", "max_completion_tokens"
TEST_WITHIN = 30.0
"""Seconds: more than a visitor waits, since a model of one's own may have to be loaded first."""
MOST_SAID = 200
"""Characters of what an endpoint says of an error."""
FILLER = (
    "The shop opens in the morning and closes in the evening. The windows are cleaned on Mondays. "
    "Parcels stand on the left, letters lie on the right. The kettle is next to the door. "
)
"""What a test fills a prompt with. English, of which the estimate is nearly right everywhere."""


def ask(assistant: Assistant, messages: list[dict], deadline: float, most: int) -> Reply:
    """The model's answer to these messages, of up to `most` tokens, by `deadline` of
    time.monotonic. What the endpoint does not take is left out from then on, and remembered in the
    assistant's row. Raises Failed."""
    refused = {*assistant.refused}
    while True:
        options = parameters(refused, most)
        body = {"model": assistant.model, "messages": messages, **options}
        try:
            reply = exchange(assistant, "chat/completions", body, deadline, replies.read)
        except Refusal as refusal:
            named = refusal.names_of({*options})
            if not named:
                raise
            # Each time there is less that can be refused.
            refused |= named
            continue
        remember(assistant, refused)
        return reply


def parameters(refused: set[str], most: int) -> dict:
    """What is asked for beside the model and the messages, but for what the endpoint refuses."""
    options = {
        "temperature": 0,
        (LIMIT if LIMIT not in refused else NEWER_LIMIT): most,
        "response_format": {"type": "json_object"},
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if "stream" in refused:
        del options["stream_options"]
    return {name: value for name, value in options.items() if name not in refused}


def exchange(
    asked: Endpoint, path: str, body: dict, deadline: float, read: Callable[[Answer, float], T]
) -> T:
    """What `read` makes of the answer to one request, and the time.monotonic of its beginning.
    Raises Failed, whatever goes wrong."""
    key = assistants.key_of(asked)
    if key is None:
        raise failed(_("Its key cannot be read, since SECRET_KEY has changed. Enter it again."))
    headers = {"Content-Type": "application/json"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    began = time.monotonic()
    url, data = f"{asked.url.rstrip('/')}/{path}", json.dumps(body).encode()
    try:
        with sender.sent(url, headers, data, deadline, settings.AI_ALLOW) as answer:
            return read(answer, began)
    except Forbidden as error:
        text = _("It may not be asked: %(why)s. AI_ALLOW on the server names networks that may.")
        raise failed(text % {"why": error}) from None
    except (sender.Late, TimeoutError):
        raise Failed(Cause.LATE, _("It gave no answer in time.")) from None
    except ssl.SSLCertVerificationError as error:
        text = _("Its certificate is not valid: %(why)s.")
        raise failed(text % {"why": error.verify_message}) from None
    except ValueError:
        raise failed(_("Its answer ends in the middle, or is none.")) from None
    except OSError as error:
        text = _("There is no connection: %(why)s.")
        raise failed(text % {"why": error.strerror or "TLS"}) from None


def remember(assistant: Assistant, refused: set[str]) -> None:
    """Keeps what this endpoint refuses, while it is the one that is set."""
    if refused == {*assistant.refused}:
        return
    same = Assistant.objects.filter(pk=assistant.pk, url=assistant.url, model=assistant.model)
    assistant.refused = sorted(refused)
    same.update(refused=assistant.refused)


def try_out(assistant: Assistant) -> dict:
    """Tests the endpoint with a prompt as long as the assistant's may be, which asks for a JSON
    object with the word at its very start.

    Returns `ok`, whether an answer came, else `error` in words; the seconds to its first and last
    piece; `json`, whether it is such an object; and `whole`, whether the model read all: it gives
    the word back, and its `prompt_tokens` (None where it counts none) are at least half of our
    `estimate`. Ollama forgets the beginning of what is too long, and says nothing. The caller keeps
    what is found.
    """
    word = secrets.token_hex(4)
    messages = test_of(word, assistant.prompt_tokens)
    found = {"ok": False, "error": "", "first_seconds": None, "seconds": None, "json": False}
    found |= {"whole": False, "prompt_tokens": None}
    found["estimate"] = estimate = sum(requests.estimate(one["content"]) for one in messages)
    try:
        reply = ask(assistant, messages, time.monotonic() + TEST_WITHIN, requests.MOST)
    except Failed as failure:
        return found | {"error": words_of(failure, assistant)}
    tokens = reply.prompt_tokens
    return found | {
        "ok": True,
        "first_seconds": reply.first_seconds,
        "seconds": reply.seconds,
        "json": checking.object_of(reply.content, {"word"}) is not None,
        "whole": word in reply.content and (tokens is None or tokens * 2 >= estimate),
        "prompt_tokens": tokens,
    }


def test_of(word: str, limit: int) -> list[dict]:
    """The messages of a test, of about `limit` tokens by our estimate."""
    task = {
        "task": "test",
        "text": "",
        "do": 'Answer with a JSON object {"word": …}: the word in quotation marks at the very '
        "beginning of this conversation, or an empty text if you do not see it.",
    }
    rest = limit - requests.estimate(json.dumps(task)) - 10
    task["text"] = FILLER * max(1, rest // requests.estimate(FILLER))
    return [
        {"role": "system", "content": f'The word is "{word}". You answer in JSON.'},
        {"role": "user", "content": json.dumps(task, ensure_ascii=False)},
    ]


def words_of(failure: Failed, asked: Endpoint) -> str:
    """What happened, with the beginning of the endpoint's own words, without its key. They may
    repeat what it was asked."""
    said = failure.said if isinstance(failure, Refusal) else ""
    if key := assistants.key_of(asked):
        said = said.replace(key, "…")
    return f"{failure} {said[:MOST_SAID]}".strip()
