"""Somebody who edits the articles of `bin/crash --assistant` by the API while it answers from them,
and what must hold then: an answer cites what everybody could read when it was stored."""

import asyncio
import json
import urllib.error
import urllib.request
from datetime import timedelta
from http.client import HTTPException
from itertools import pairwise
from random import Random

from .facts import moment
from .model import ARTICLES, SLUG

PAUSE = (0.1, 1.2)
"""Seconds between two changes."""
PATIENCE = 60
"""Seconds for an answer: longer than a server is frozen, so that nobody changes an article for whom
nobody waits any more."""
PRECISION = timedelta(milliseconds=2)
"""Of the times in revisions, on SQLite."""
REVISIONS = (
    "SELECT a.lang, r.number, r.title, r.body, r.audience, r.published_at"
    " FROM article_revision r JOIN article a ON a.id = r.article_id ORDER BY a.lang, r.number"
)
NOW = (
    "SELECT a.lang, a.state, a.revision, a.title, a.body, a.audience, i.scope"
    " FROM article a LEFT JOIN article_index i ON i.id = a.id"
)
CITED = (
    "SELECT t.conversation_id, t.message_seq, c.lang, c.revision, m.created_at"
    " FROM assistant_citation c JOIN assistant_task t ON t.id = c.task_id JOIN group_message m"
    " ON m.group_id = t.conversation_id AND m.seq = t.message_seq WHERE t.kind = 'answer'"
)


class Editor:
    """`edits` changes were answered; `texts` are what they published, by language and revision,
    `ends` when a revision was withdrawn. `seen` are revisions as an earlier comparison found them,
    and `wrong` what no answer may say."""

    def __init__(self, seed: int, token: str, servers: list[str]):
        self.chance = Random(f"{seed} articles")
        self.token, self.servers = token, servers
        self.edits, self.days = 0, 3
        self.texts: dict[tuple[str, int], str] = {}
        self.ends: dict = {}
        self.seen: dict[tuple[str, int], tuple] = {}
        self.wrong: list[str] = []

    async def edit(self, until: asyncio.Event) -> None:
        """Writes, withdraws, hides and takes back until the event is set, which may leave an
        article hidden. It comes back with another text: no revision becomes readable again."""
        while not until.is_set():
            lang = self.chance.choice(list(ARTICLES))
            former = [text for (of, _number), text in self.texts.items() if of == lang]
            self.days += 1
            new = ARTICLES[lang][1].format(self.days)
            back = self.chance.choice([*former[-5:], new])
            public = {"state": "published", "audience": "public"}
            first = self.chance.choice(
                [{}, {"body": back}, {"state": "draft"}, {"audience": "internal"}]
            )
            for change in (first, {"body": new, **public}):
                if change and not until.is_set():
                    await self.change(lang, change)
                await asyncio.sleep(self.chance.uniform(*PAUSE))

    async def change(self, lang: str, change: dict) -> None:
        """Asks for it until it is answered: what was done already is not done again."""
        while (found := await asyncio.to_thread(self.ask, lang, change)) is None:
            await asyncio.sleep(PAUSE[0])
        if not found:
            return
        self.edits += 1
        at = lang, found["revision"]
        if found["state"] == "draft":
            self.ends[at] = moment(found["updated_at"].rstrip("Z"))
        else:
            self.texts[at] = found["body"]
        if found | change != found:
            self.wrong.append(f"{lang}: asked for {change}, it became {found}")

    def ask(self, lang: str, change: dict) -> dict | None:
        """The article as the answer shows it; None where there was none, or it may be asked
        again; empty where it was refused."""
        url = f"http://{self.chance.choice(self.servers)}/api/v1/articles/{SLUG}/?lang={lang}"
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(url, json.dumps(change).encode(), headers, method="PATCH")
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)["article"]
        except urllib.error.HTTPError as error:
            if error.code != 503:
                self.wrong.append(f"{lang}: {change} was refused: {error.read()!r}")
                return {}
        except (OSError, ValueError, HTTPException):
            pass
        return None

    def check(self, select) -> list[str]:
        """A sentence for each thing that is wrong."""
        found = list(self.wrong)
        rows = {(lang, number): tuple(rest) for lang, number, *rest in select(REVISIONS)}
        for lang, state, revision, *text, indexed in select(NOW):
            numbers = [number for of, number in rows if of == lang]
            if numbers != list(range(1, revision + 1)):
                found.append(f"{lang} is at {revision}, and has the revisions {numbers}")
            elif state == "published" and rows[lang, revision][:3] != tuple(text):
                found.append(f"{lang} shows {text}, not {rows[lang, revision]}")
            if indexed != (f"{text[-1]} {lang}" if state == "published" else None):
                found.append(f"{lang} is {state}, and in the index: {indexed}")
        for at, row in self.seen.items():
            if rows.get(at) != row:
                found.append(f"revision {at} was {row}, is {rows.get(at)}")
        for at, text in self.texts.items():
            if rows.get(at, (None, None))[1] != text:
                found.append(f"{text!r} was answered as {at}, stored is {rows.get(at)}")
        self.seen |= rows
        ends = dict(self.ends)
        for (lang, number), (other, after) in pairwise(rows):
            if lang == other:
                at = moment(rows[other, after][3])
                ends[lang, number] = min(at, ends.get((lang, number), at))
        for group, seq, lang, revision, at in select(CITED):
            row, at = rows.get((lang, revision)), moment(at)
            if row is None or row[2] != "public" or at < moment(row[3]) - PRECISION:
                found.append(f"{group} {seq}: at {at} it cites {lang} {revision}: {row}")
            elif (end := ends.get((lang, revision), at)) + PRECISION < at:
                found.append(f"{group} {seq}: at {at} it cites {lang} {revision}, over since {end}")
        return found
