"""The other side of a channel as a process of its own, which may be killed at any moment:
`python -m crash.other_sides KIND PORTS FOLDER SEED` (of mail the ports of IMAP and SMTP).

It is a fake of the tests with its state in the file FOLDER/KIND, stored before anything is
answered. What people write it reads from FOLDER/KIND.said, a line of JSON each: {"who", "text",
"calls": addresses of the channel}. It is moody: it refuses, is slow, gives short pages, calls
again what was answered, and breaks off after it has done what it was asked.
"""

import json
import pickle
import sys
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from random import Random
from urllib.parse import urlencode

from tests.fakes.imap import Imap
from tests.fakes.smtp import SMTP
from tests.fakes.telegram import Telegram, refusal
from tests.fakes.wechat import error
from tests.fakes.weixin import Weixin
from tests.fakes.weixin_kf import WeixinKf

REFUSES, LATE, DEAF = 0.03, 0.05, 0.08
"""Of a hundred answers three are refusals, two come late, and three never."""
AGAIN, SILENT = 0.15, 0.3
"""How many calls are repeated though they were answered, and how many messages ring no bell."""
RESTORED = 0.99
"""After one of a hundred mails the mailbox is restored: all of them have other UIDs."""
TICK, PAUSE = 0.02, 0.2
DOMAIN, OUR_SERVER = "customer.example", "mx.crash.example"


class Moods:
    """Stands before a fake that answers requests; `kept` are attributes of its state. `heard`
    counts the lines of what people write that it has read, `wrote` is who wrote what, in order."""

    kept: tuple[str, ...] = ()

    def __init__(self, file: Path, chance: Random):
        self.file, self.chance = file, chance
        self.heard, self.wrote = 0, []
        self.pool = ThreadPoolExecutor(8)

    @property
    def earlier(self) -> dict:
        return pickle.loads(self.file.read_bytes()) if self.file.exists() else {}

    def keep(self) -> None:
        content = pickle.dumps(
            {name: getattr(self, name) for name in ("heard", "wrote", *self.kept)}
        )
        other = self.file.with_suffix(".new")
        other.write_bytes(content)
        other.replace(self.file)

    def listen(self) -> None:
        """Has people write what stands in the file, for ever."""
        said = self.file.with_suffix(".said")
        while True:
            # The last line may be half written.
            lines = said.read_text().split("\n")[:-1] if said.exists() else []
            for line in lines[self.heard :]:
                found = json.loads(line)
                with self.lock:
                    self.hear(found)
                    self.wrote.append((found["who"], found["text"]))
                    self.heard += 1
                    self.keep()
            self.call()
            time.sleep(TICK)

    def call(self) -> None:
        """Calls the channel, where this side does."""

    def answer(self, *asked):
        with self.lock:
            dice = self.chance.random()
        if dice < REFUSES:
            return self.refuse()
        if dice < LATE:
            time.sleep(0.2 + 20 * dice)
        with self.lock:
            found = super().answer(*asked)
            self.keep()
        if LATE <= dice < DEAF:
            raise ConnectionAbortedError("on purpose")
        return found


class TelegramSide(Moods, Telegram):
    kept = "updates", "sent", "number"

    def __init__(self, port: int, file: Path, chance: Random):
        Moods.__init__(self, file, chance)
        Telegram.__init__(self, port, self.earlier)

    def hear(self, said: dict) -> None:
        self.writes(int(said["who"]), said["text"])

    def getUpdates(self, fields):
        return super().getUpdates({**fields, "limit": self.chance.choice((2, 100))})

    def refuse(self):
        return 429, refusal(429, "Too Many Requests") | {"parameters": {"retry_after": 1}}


class WeChatSide(Moods):
    """`calls` are (who, address, query, body) that were not answered yet, the oldest first. Of each
    person one is under way."""

    def __init__(self, port: int, file: Path, chance: Random):
        Moods.__init__(self, file, chance)
        self.calls: list[tuple] = []
        self.busy: set[str] = set()
        super(Moods, self).__init__(port, file)

    def refuse(self):
        return 200, error(self.chance.choice((-1, 45009)), "system busy")

    def call(self) -> None:
        with self.lock:
            for one in self.calls:
                if one[0] not in self.busy:
                    self.busy.add(one[0])
                    self.pool.submit(self.deliver, one)

    def deliver(self, call: tuple) -> None:
        who, url, query, body = call
        status = posted(url, query, body)
        with self.lock:
            self.busy.discard(who)
            if status == 200:
                self.calls.remove(call)
                self.keep()
            repeats = self.chance.random() < AGAIN
        if status != 200:
            time.sleep(PAUSE)
        elif repeats:
            time.sleep(self.chance.uniform(0, 2))
            posted(url, query, body)


class WeixinSide(WeChatSide, Weixin):
    kept = *Weixin.kept, "heard", "wrote", "calls"
    keep = Weixin.keep

    def hear(self, said: dict) -> None:
        call = self.says(said["who"], said["text"])
        self.calls.append((said["who"], self.chance.choice(said["calls"]), *call))


class WeixinKfSide(WeChatSide, WeixinKf):
    kept = *WeixinKf.kept, "heard", "wrote", "calls"
    keep = WeixinKf.keep

    def hear(self, said: dict) -> None:
        self.says(said["who"], said["text"])
        if self.chance.random() > SILENT:
            self.pool.submit(posted, self.chance.choice(said["calls"]), *self.rings())

    def kf_sync_msg(self, fields):
        self.page, self.empty = self.chance.choice((1, 3, 100)), self.chance.random() < 0.1
        return super().kf_sync_msg(fields)


class Once(dict):
    """Refusals, each of which is said once."""

    def __getitem__(self, what):
        return self.pop(what)


class Post(SMTP):
    """The mail server of MailSide."""

    def __init__(self, port: int, side: "MailSide"):
        self.side = side
        super().__init__(port)
        self.refuses = Once()

    def take(self, mail: EmailMessage, to: list[str], sender: str) -> None:
        side = self.side
        with side.lock:
            text = mail.get_body(("plain",)).get_content().strip()
            side.sent.append((to[0].partition("@")[0], mail["Message-ID"], text))
            side.keep()
            self.drops = int(side.chance.random() < DEAF)
            if side.chance.random() < REFUSES:
                self.refuses["data"] = "451 4.3.0 later"


class MailSide(Moods):
    """A mailbox, and a mail server for what goes out. People answer the last mail that they have,
    or go on after their own first one."""

    kept = "box", "sent", "firsts"

    def __init__(self, ports: str, file: Path, chance: Random):
        super().__init__(file, chance)
        self.lock = threading.RLock()
        self.sent: list[tuple[str, str, str]] = []
        self.firsts: dict[str, str] = {}
        self.coming: tuple[bytes, datetime] | None = None
        earlier = self.earlier
        box = earlier.pop("box", {})
        self.__dict__.update(earlier)
        reading, writing = map(int, ports.split(","))
        self.imap = Imap(reading, state=box)
        self.smtp = Post(writing, self)

    @property
    def box(self) -> dict:
        """The mailbox with the mail that comes next."""
        mails, following = self.imap.mails, self.imap.next
        if self.coming:
            raw, when = self.coming
            mails, following = [*mails, (following, when, raw)], following + 1
        return {"mails": mails, "validity": self.imap.validity, "next": following}

    def keep(self) -> None:
        # Nobody reads a mail that a kill would take back: the next one in its place is another.
        super().keep()
        if self.coming:
            self.imap.put(*self.coming)
            self.coming = None

    def hear(self, said: dict) -> None:
        who, mail = said["who"], EmailMessage()
        own = f"<{len(self.imap.mails)}.{who}@{DOMAIN}>"
        ours = [id for to, id, _text in self.sent if to == who][-1:]
        cited = [self.firsts.setdefault(who, own), *ours]
        mail["Message-ID"], mail["From"] = own, f"{who}@{DOMAIN}"
        mail["To"], mail["Subject"] = "shop@crash.example", "包裹"
        now = datetime.now(timezone.utc)
        mail["Date"] = format_datetime(now)
        passed = f"{OUR_SERVER}; spf=pass smtp.mailfrom={DOMAIN}"
        mail["Authentication-Results"] = passed
        if cited[-1] != own:
            mail["In-Reply-To"], mail["References"] = cited[-1], " ".join(cited)
        mail.set_content(said["text"])
        self.coming = mail.as_bytes().replace(b"\n", b"\r\n"), now
        dice = self.chance.random()
        if dice < REFUSES:
            self.imap.dies_after = self.chance.randrange(300)
        elif dice > RESTORED:
            self.imap.loses_uids()


def posted(url: str, query: dict, body: bytes) -> int:
    """The status that a call gets within five seconds; 0 for none."""
    request = urllib.request.Request(f"{url}?{urlencode(query)}", body)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status
    except OSError as error_:
        return getattr(error_, "code", 0)


SIDES = {
    "telegram": TelegramSide,
    "weixin": WeixinSide,
    "weixin_kf": WeixinKfSide,
    "mail": MailSide,
}


def main(kind: str, ports: str, folder: str, seed: str) -> None:
    chance = Random(f"{seed} {kind} {time.time()}")
    SIDES[kind](ports if kind == "mail" else int(ports), Path(folder) / kind, chance).listen()


if __name__ == "__main__":
    main(*sys.argv[1:])
