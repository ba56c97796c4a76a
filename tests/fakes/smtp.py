"""A mail server for what goes out, on this machine.

with SMTP() as server:
    ...                                   # the channel's smtp is server.url
    assert server.mails[0]["Subject"] == "Re: Order"
"""

import base64
import socketserver
from email import message_from_bytes, policy
from email.message import EmailMessage

from tests.listening import Lines, Listening

USER, PASSWORD = "shop@shop.example", "p@ss:word"


class SMTP(Listening):
    """`mails` were taken, in order; `to` are their recipients. `refuses` maps a recipient, or
    "auth", "mail" or "data", to an answer such as "550 5.1.1 no such user"; `tokens` are the
    access tokens that it takes. `drops` is how often it closes the connection instead of saying
    that it took a mail."""

    def __init__(self, port: int = 0):
        self.mails: list[EmailMessage] = []
        self.to: list[list[str]] = []
        self.senders: list[str] = []
        self.refuses: dict[str, str] = {}
        self.tokens: set[str] = set()
        self.drops = 0
        fake = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                Session(fake, self.rfile, self.wfile).run()

        self.open_port(Handler, port, Lines)

    @property
    def url(self) -> str:
        return f"smtp://shop%40shop.example:p%40ss%3Aword@127.0.0.1:{self.port}"

    def take(self, mail: EmailMessage, to: list[str], sender: str) -> None:
        self.mails.append(mail)
        self.to.append(to)
        self.senders.append(sender)


class Session:
    def __init__(self, fake: SMTP, read, write):
        self.fake, self.read, self.write = fake, read, write
        self.sender, self.to = "", []

    def say(self, line: str) -> None:
        self.write.write(line.encode() + b"\r\n")

    def run(self) -> None:
        self.say("220 fake")
        while line := self.read.readline().decode("latin-1").strip():
            verb, _space, rest = line.partition(" ")
            if verb.upper() == "QUIT":
                return self.say("221 bye")
            if getattr(self, verb.lower(), self.unknown)(rest) is False:
                return None
        return None

    def unknown(self, rest):
        self.say("502 no")

    def ehlo(self, rest):
        self.say("250-fake\r\n250-AUTH PLAIN XOAUTH2\r\n250 8BITMIME")

    def auth(self, rest):
        kind, _space, given = rest.partition(" ")
        text = base64.b64decode(given).decode()
        if "auth" in self.fake.refuses:
            return self.say(self.fake.refuses["auth"])
        if kind == "PLAIN" and text == f"\0{USER}\0{PASSWORD}":
            return self.say("235 welcome")
        token = text.partition("auth=Bearer ")[2].rstrip("\x01")
        if kind == "XOAUTH2" and token in self.fake.tokens:
            return self.say("235 welcome")
        if kind == "XOAUTH2":
            self.say("334 " + base64.b64encode(b'{"status":"400"}').decode())
            self.read.readline()
        return self.say("535 5.7.8 bad credentials")

    def mail(self, rest):
        self.sender, self.to = rest.partition("<")[2].partition(">")[0], []
        self.say(self.fake.refuses.get("mail", "250 ok"))

    def rcpt(self, rest):
        to = rest.partition("<")[2].partition(">")[0]
        if to not in self.fake.refuses:
            self.to.append(to)
        self.say(self.fake.refuses.get(to, "250 ok"))

    def rset(self, rest):
        self.say("250 ok")

    def data(self, rest):
        if "data" in self.fake.refuses:
            return self.say(self.fake.refuses["data"])
        self.say("354 go on")
        lines = []
        while (line := self.read.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        mail = message_from_bytes(b"".join(lines), policy=policy.default)
        self.fake.take(mail, self.to, self.sender)
        if self.fake.drops:
            self.fake.drops -= 1
            return False
        return self.say("250 taken")
