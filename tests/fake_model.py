"""A model's endpoint on this machine that says what a test wants, well or badly.

    with Model() as model:
        model.answer = lambda asked: {"ask": "Which order?"}     # asked: the last message's object
        ...                                                      # the assistant's URL is model.url
        assert model.requests[0]["temperature"] == 0

`answer` is a value or a function of the last message's object (of its text, where it is none). It
runs on the request's own thread, so it may wait for what a test does meanwhile. A dict is sent as
JSON, a str as it is, an action does what its name says, and None is the usual answer: the first
words of the first passage with their proof, or what a summary, a translation or the test of the
connection wants. `vectors` is a function of the texts whose vectors are asked for: it returns lists
of numbers, or an action.
"""

import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.listening import Listening

PIECE = 7
"""Characters of a streamed piece."""


class Model(Listening):
    """`requests` are the bodies as they came, `keys` the values of Authorization ("" for none).

    `streams` False answers in one piece whatever is asked, `counts` False says nothing of tokens.
    `thinking` is streamed as reasoning_content before the answer. Parameters in `refuses` get a
    400 that names them, one at a time. With `context` it forgets all but so many tokens at the end
    of a prompt without a word, as Ollama does; a token are four characters here. `port` 0 takes a
    free one.
    """

    def __init__(self, answer=None, port: int = 0):
        self.answer = answer
        self.vectors = lambda texts: [[1.0, 0.0]] * len(texts)
        self.requests: list[dict] = []
        self.keys: list[str] = []
        self.streams, self.counts = True, True
        self.thinking = ""
        self.refuses: set[str] = set()
        self.context: int | None = None
        self.over = threading.Event()
        model = self

        class Handler(Line):
            def do_POST(self):
                model.serve(self)

        self.open_port(Handler, port, Server)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def close(self) -> None:
        """Ends it, and whatever hangs in it."""
        self.over.set()
        super().close()

    def serve(self, line) -> None:
        line.model = self
        body = json.loads(line.rfile.read(int(line.headers["Content-Length"])))
        self.keys.append(line.headers.get("Authorization") or "")
        self.requests.append(body)
        try:
            if line.path == "/v1/embeddings":
                self.embed(line, body)
            elif line.path != "/v1/chat/completions":
                Status(404).send(line, body)
            elif refused := sorted(self.refuses & set(body)):
                unknown(refused[0]).send(line, body)
            else:
                self.say(line, body)
        except OSError:
            pass  # Whoever asked has gone.

    def embed(self, line, body: dict) -> None:
        found = self.vectors(body["input"])
        if not isinstance(found, list):
            found.send(line, body)
            return
        data = [{"index": number, "embedding": one} for number, one in enumerate(found)]
        line.whole(200, {"data": data[::-1]})

    def say(self, line, body: dict) -> None:
        asked = last(body)
        found = self.answer(asked) if callable(self.answer) else self.answer
        if found is None:
            found = self.usual(asked, body)
        if isinstance(found, dict):
            found = json.dumps(found, ensure_ascii=False)
        if isinstance(found, str):
            found = Say(found)
        found.send(line, body)

    def usual(self, asked, body: dict) -> dict:
        kept = self.prompt(body)
        task = asked.get("task") if isinstance(asked, dict) else ""
        if task == "test":
            word = body["messages"][0]["content"].partition('"')[2].partition('"')[0]
            return {"word": word if word in kept else "none"}
        if task in ("summary", "translate"):
            return {"text": f"A {task} by the model."}
        passages = asked.get("passages") if isinstance(asked, dict) else []
        if not passages:
            return {"sentences": []}
        quote = passages[0]["text"].strip().splitlines()[0][:60]
        proof = {"id": passages[0]["id"], "quote": quote}
        return {"sentences": [{"text": quote, "proofs": [proof]}]}

    def prompt(self, body: dict) -> str:
        """What it reads of the prompt."""
        text = "\n".join(message["content"] for message in body["messages"])
        return text if self.context is None else text[-4 * self.context :]

    def usage(self, body: dict, content: str) -> dict | None:
        if not self.counts:
            return None
        counts = {"prompt_tokens": len(self.prompt(body)) // 4}
        return counts | {"completion_tokens": len(content) // 4}


def last(body: dict):
    """The object in the last message, else its text."""
    content = body["messages"][-1]["content"]
    try:
        return json.loads(content)
    except ValueError:
        return content


class Server(ThreadingHTTPServer):
    request_queue_size = 256  # Hundreds ask at once.


class Line(BaseHTTPRequestHandler):
    """The connection of a request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    model: Model

    def begin(self, status: int, kind: str, headers: dict | None = None) -> None:
        self.close_connection = True
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Connection": "close", **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()

    def whole(self, status: int, found, headers: dict | None = None) -> None:
        body = json.dumps(found).encode()
        length = {"Content-Length": str(len(body))}
        self.begin(status, "application/json", length | (headers or {}))
        self.wfile.write(body)

    def open_stream(self) -> None:
        self.begin(200, "text/event-stream", {"Transfer-Encoding": "chunked"})

    def chunk(self, text: str) -> None:
        data = text.encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def event(self, found: dict) -> None:
        self.chunk(f"data: {json.dumps(found, ensure_ascii=False)}\n\n")

    def piece(self, **delta) -> None:
        self.event({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})

    def pieces(self, text: str) -> None:
        for start in range(0, len(text), PIECE):
            self.piece(content=text[start : start + PIECE])

    def log_message(self, *args):
        pass


@dataclass
class Say:
    """The content, as it should come."""

    content: str

    def send(self, line: Line, body: dict) -> None:
        model = line.model
        usage = model.usage(body, self.content)
        if not (model.streams and body.get("stream")):
            message = {"role": "assistant", "content": self.content}
            if model.thinking:
                message["reasoning_content"] = model.thinking
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            line.whole(200, {"choices": [choice], **({"usage": usage} if usage else {})})
            return
        line.open_stream()
        line.piece(role="assistant", content="")
        for start in range(0, len(model.thinking), PIECE):
            line.piece(reasoning_content=model.thinking[start : start + PIECE])
        line.pieces(self.content)
        line.event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        if usage and (body.get("stream_options") or {}).get("include_usage"):
            line.event({"choices": [], "usage": usage})
        line.chunk("data: [DONE]\n\n")
        line.wfile.write(b"0\r\n\r\n")


@dataclass
class Hang:
    """Says this much, then nothing more for as long as the model lives; before the head if ""."""

    content: str = ""

    def send(self, line: Line, body: dict) -> None:
        if self.content:
            line.open_stream()
            line.pieces(self.content)
        line.model.over.wait()


@dataclass
class Drip:
    """The content of a plain answer, a byte each `pause` seconds."""

    content: str = "{}"
    pause: float = 1.0

    def send(self, line: Line, body: dict) -> None:
        message = {"choices": [{"message": {"content": self.content}}]}
        data = json.dumps(message).encode()
        line.begin(200, "application/json", {"Content-Length": str(len(data))})
        for byte in data:
            line.wfile.write(bytes([byte]))
            if line.model.over.wait(self.pause):
                return


@dataclass
class Endless:
    """A stream that never ends: of content, of thinking or of comments."""

    of: str = "content"

    def send(self, line: Line, body: dict) -> None:
        line.open_stream()
        while not line.model.over.is_set():
            if self.of == "comments":
                line.chunk(": waiting\n\n" * 100)
            else:
                line.piece(**{self.of: "x" * 1000})


@dataclass
class Huge:
    """A plain answer of 2 GB."""

    size: int = 2 * 1024**3

    def send(self, line: Line, body: dict) -> None:
        line.begin(200, "application/json", {"Content-Length": str(self.size)})
        sent = 0
        while sent < self.size and not line.model.over.is_set():
            sent += line.wfile.write(b'{"choices": [' + b" " * 65536)


@dataclass
class Status:
    """An error, with a body as OpenAI's."""

    status: int
    message: str = "it failed"
    param: str | None = None
    headers: dict | None = None

    def send(self, line: Line, body: dict) -> None:
        error = {"message": self.message, "type": "error", "param": self.param, "code": None}
        line.whole(self.status, {"error": error}, self.headers)


def unknown(name: str) -> Status:
    """The 400 for a parameter that it does not take."""
    return Status(400, f"Unsupported parameter: '{name}' is not supported with this model.", name)


def redirect(to: str, status: int = 307) -> Status:
    return Status(status, headers={"Location": to})


@dataclass
class Cut:
    """Closes the connection after this much of the content."""

    content: str

    def send(self, line: Line, body: dict) -> None:
        line.open_stream()
        line.pieces(self.content)
        line.wfile.write(b"40\r\ndata: ")


@dataclass
class Raw:
    """These bytes, head and all, in one write each."""

    writes: list[bytes]

    def send(self, line: Line, body: dict) -> None:
        line.close_connection = True
        for data in self.writes:
            line.wfile.write(data)
            line.wfile.flush()
