"""A small IMAP server on this machine, with one mailbox.

    with Imap() as imap:
        imap.put(b"Subject: Hello\\r\\n\\r\\nHi")
        ...                                   # the channel's imap is imap.url

It knows what Kefu asks: CAPABILITY, LOGIN, AUTHENTICATE XOAUTH2, ID, EXAMINE, UID SEARCH,
UID FETCH, IDLE, LOGOUT.
"""

import base64
import re
import socketserver
import threading
from datetime import datetime, timezone
from urllib.parse import quote

from tests.listening import Lines, Listening

USER, PASSWORD = "shop@example.com", 'p"a ss\\'


class Imap(Listening):
    """`mails` are (uid, when, raw) in their order. `abilities` are what it offers; `token` is the
    access token that it takes; `seen` are the UIDs of those that were read; `commands` what it was
    asked, without their tags; `dies_after` lets it close after so many bytes of the next answer to
    FETCH; `refuses` are UIDs whose text it does not give; `on_idle` is called as IDLE begins,
    after `talk`; `state` are attributes to begin with."""

    def __init__(self, port: int = 0, idle: bool = True, state: dict | None = None):
        self.mails: list[tuple[int, datetime, bytes]] = []
        self.validity, self.next, self.seen = 1, 1, set[int]()
        self.refuses = set[int]()
        self.abilities = "IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 ID" + (" IDLE" if idle else "")
        self.user, self.password, self.token = USER, PASSWORD, ""
        self.commands: list[str] = []
        self.dies_after: int | None = None
        self.on_idle = lambda: None
        self.talk = b""
        self.changed = threading.Condition()
        self.__dict__.update(state or {})
        fake = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                try:
                    Session(fake, self.rfile, self.wfile).run()
                except OSError:
                    pass

        self.open_port(Handler, port, Lines)

    @property
    def url(self) -> str:
        return f"imap://{quote(self.user)}:{quote(self.password)}@127.0.0.1:{self.port}/INBOX"

    def put(self, raw: bytes, when: datetime | None = None) -> int:
        """A mail comes; returns its UID."""
        with self.changed:
            self.mails.append((self.next, when or datetime.now(timezone.utc), raw))
            self.next += 1
            self.changed.notify_all()
            return self.next - 1

    def loses_uids(self) -> None:
        """All mails get other UIDs, as after a restore: the latest first, but those of one second
        in their order, which nothing else tells."""
        with self.changed:
            self.validity += 1
            rest = [(when, raw) for _uid, when, raw in self.mails]
            rest.sort(key=lambda one: int(one[0].timestamp()), reverse=True)
            self.mails = [(number, *one) for number, one in enumerate(rest, 1)]
            self.next = len(rest) + 1


class Session:
    def __init__(self, fake: Imap, rfile, wfile):
        self.fake, self.rfile, self.wfile = fake, rfile, wfile
        self.open, self.validity = True, fake.validity

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def run(self):
        self.say("* OK ready")
        # No server gives mails other UIDs within a session.
        while self.open and (line := self.rfile.readline()) and self.validity == self.fake.validity:
            tag, _, rest = line.decode("utf-8").strip().partition(" ")
            name, _, arguments = rest.partition(" ")
            if name.upper() == "UID":
                name, _, arguments = arguments.partition(" ")
            self.fake.commands.append(f"{name} {arguments}".strip())
            answer = getattr(self, name.lower(), None)
            said = answer(arguments, tag) if answer else "BAD unknown"
            if self.open:
                self.say(f"{tag} {said}")

    def capability(self, arguments, tag):
        self.say(f"* CAPABILITY {self.fake.abilities}")
        return "OK done"

    def login(self, arguments, tag):
        found = re.findall(r'"((?:[^"\\]|\\.)*)"', arguments)
        user, password = (re.sub(r"\\(.)", r"\1", one) for one in found)
        good = (user, password) == (self.fake.user, self.fake.password)
        return "OK signed in" if good else f"NO [AUTHENTICATIONFAILED] {password} is wrong"

    def authenticate(self, arguments, tag):
        self.say("+ ")
        said = base64.b64decode(self.rfile.readline())
        wanted = f"user={self.fake.user}\1auth=Bearer {self.fake.token}\1\1".encode()
        if said == wanted:
            return "OK signed in"
        self.say("+ " + base64.b64encode(b'{"status":"400"}').decode())
        self.rfile.readline()
        return "NO [AUTHENTICATIONFAILED] Invalid credentials"

    def id(self, arguments, tag):
        self.say('* ID ("name" "fake")')
        return "OK done"

    def examine(self, arguments, tag):
        fake = self.fake
        if arguments.strip('"') != "INBOX":
            return "NO no such mailbox"
        self.say(f"* {len(fake.mails)} EXISTS")
        self.say(f"* OK [UIDVALIDITY {fake.validity}] valid")
        self.say(f"* OK [UIDNEXT {fake.next}] next")
        return "OK [READ-ONLY] done"

    def search(self, arguments, tag):
        first, _last = re.search(r"UID (\d+|\*)(?::(\*|\d+))?", arguments).groups()
        uids = [uid for uid, _when, _raw in self.fake.mails]
        # n:* always has the last mail in it.
        low = uids[-1] if uids and (first == "*" or int(first) > uids[-1]) else int(first or 0)
        found = [mail for mail in self.fake.mails if mail[0] >= low]
        if since := re.search(r"(?<!SENT)SINCE (\S+)", arguments):
            day = datetime.strptime(since[1], "%d-%b-%Y").date()
            found = [mail for mail in found if mail[1].date() >= day]
        if "UNSEEN" in arguments:
            found = [mail for mail in found if mail[0] not in self.fake.seen]
        self.say("* SEARCH" + "".join(f" {mail[0]}" for mail in found))
        return "OK done"

    def fetch(self, arguments, tag):
        wanted, _, what = arguments.partition(" ")
        uids = {int(uid) for uid in wanted.split(",")}
        answer = b""
        if "BODY.PEEK[]" in what and uids & self.fake.refuses:
            return "NO [SERVERBUG] internal error"
        for number, (uid, when, raw) in enumerate(self.fake.mails, 1):
            if uid not in uids:
                continue
            if "SIZE" in what:
                date = when.strftime("%d-%b-%Y %H:%M:%S %z")
                facts = f'UID {uid} RFC822.SIZE {len(raw)} INTERNALDATE "{date}"'
                answer += f"* {number} FETCH ({facts})\r\n".encode()
                continue
            part = re.search(r"<0\.(\d+)>", what)
            content, name = (raw[: int(part[1])], "BODY[]<0>") if part else (raw, "BODY[]")
            head = f"* {number} FETCH (UID {uid} {name} {{{len(content)}}}\r\n"
            answer += head.encode() + content + b")\r\n"
        if self.fake.dies_after is not None and "SIZE" not in what:
            answer, self.fake.dies_after = answer[: self.fake.dies_after], None
            self.open = False
        self.wfile.write(answer)
        return "OK done"

    def idle(self, arguments, tag):
        if "IDLE" not in self.fake.abilities:
            return "BAD unknown"
        before = self.fake.next
        self.say("+ idling")
        self.wfile.write(self.fake.talk)
        threading.Thread(target=self.tell, args=(before,), daemon=True).start()
        self.fake.on_idle()
        self.rfile.readline()
        return "OK done"

    def tell(self, before):
        with self.fake.changed:
            self.fake.changed.wait_for(lambda: self.fake.next > before, timeout=30)
            if self.fake.next > before:
                self.say(f"* {len(self.fake.mails)} EXISTS")

    def logout(self, arguments, tag):
        self.open = False
        self.say("* BYE")
        return ""
