"""Reads an account of a Chatwoot by its API, with the token of one of its administrators.

Only GET is sent. A page of conversations is read with all of their messages; its API has no moment
of which all answers are, so what changes meanwhile is found by the next run.
"""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from functools import reduce
from operator import xor
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from . import records
from .database import CannotAdopt

ADDRESS = re.compile(r"(https?://[^/?#@]+)/(?:app/|api/v1/)?accounts/(\d+)(?:/.*)?\Z")
INCOMING, OUTGOING, ACTIVITY = 0, 1, 2
BATCH = 100
"""Messages of one answer, as many as their API gives."""
LONGEST = 50_000_000
"""Bytes of an answer."""
TRIES, PAUSE = 4, 2.0
"""How often something is asked that fails for the moment; seconds before the second try, then
twice as long each time."""


class Api:
    """GET of an account. `address` is that of the account, such as https://HOST/app/accounts/1."""

    def __init__(self, address: str, token: str, pause: float = PAUSE):
        found = ADDRESS.match(address)
        if not found:
            raise CannotAdopt("The address must look like https://chatwoot.example/app/accounts/1.")
        if not token:
            raise CannotAdopt("CHATWOOT_TOKEN is not set: the access token of an administrator.")
        self.host, self.account = found.groups()
        self.token, self.pause = token, pause

    def get(self, path: str, **query) -> dict | list:
        url = f"{self.host}/api/v1/accounts/{self.account}/{path}?{urlencode(query)}"
        request = Request(url, headers={"api_access_token": self.token})
        for left in reversed(range(TRIES)):
            try:
                with urlopen(request, timeout=60) as answer:
                    return json.loads(answer.read(LONGEST))
            except HTTPError as error:
                reason = f"{error.code} for {path}"
                if error.code < 500 and error.code != 429:
                    break
            except (URLError, OSError) as error:
                reason = str(getattr(error, "reason", error))
            except ValueError:
                reason = f"no JSON for {path}"
                break
            if left:
                time.sleep(self.pause * 2 ** (TRIES - 1 - left))
        raise CannotAdopt(f"Their Chatwoot cannot be read: {reason}.")


class ChatwootReader:
    kind = "chatwoot"
    group_key = staticmethod(str)

    def __init__(self, api: Api):
        self.api, self.tally = api, records.Tally()
        self.name = f"{api.host}/{api.account}"
        with of_known_shape():
            self.agents = {row["id"]: row for row in api.get("agents")}
        self.told: dict[str, list[records.Message]] = {}
        """The messages of the present page."""

    def describe(self) -> list[str]:
        return [f"account {self.api.account} of the Chatwoot at {self.api.host}"]

    def people(self) -> Iterator[records.Person]:
        """Their accounts are their e-mail addresses; no password is told."""
        for id, row in sorted(self.agents.items()):
            if row.get("thumbnail"):
                self.tally.add("avatars", f"agent {id}")
            yield records.Person(
                theirs=str(id),
                account=row.get("email") or "",
                nickname=row.get("available_name") or row.get("name") or "",
                email=row.get("email") or "",
                tel="",
                password="",
                disabled=False,
                offline=row.get("availability_status") == "offline",
                created_at=None,
            )

    def pages(self) -> Iterator[list[records.Group]]:
        seen: set[int] = set()
        page = 0
        while True:
            page += 1
            with of_known_shape():
                answer = self.api.get("conversations", status="all", assignee_type="all", page=page)
                rows = answer["data"]["payload"]
                if not rows:
                    return
                # One that somebody has written in comes first, and moves the others down.
                rows = [row for row in rows if row["id"] not in seen]
                seen.update(row["id"] for row in rows)
                self.told = {str(row["id"]): self.read(row["id"]) for row in rows}
                groups = [self.group(row) for row in rows]
            yield groups

    def read(self, conversation: int) -> list[records.Message]:
        found, after = {}, 0
        while True:
            answer = self.api.get(f"conversations/{conversation}/messages", after=after)
            rows = answer["payload"]
            for row in rows:
                found[row["id"]] = self.message(row, str(conversation))
            if len(rows) < BATCH:
                return [found[id] for id in sorted(found)]
            after = max(row["id"] for row in rows)

    def group(self, row: dict) -> records.Group:
        meta = row.get("meta") or {}
        contact, assignee = meta.get("sender") or {}, meta.get("assignee") or {}
        messages = self.told[str(row["id"])]
        seen = moment(row.get("contact_last_seen_at"))
        answers = [
            one for one in messages if one.kind == records.MESSAGE and one.sender != records.VISITOR
        ]
        group = records.Group(
            theirs=str(row["id"]),
            name=contact.get("name") or "",
            created_at=moment(row.get("created_at")),
            visitor=str(contact.get("id") or ""),
            visitor_name=contact.get("name") or "",
            visitor_unread=sum(not seen or (one.at and one.at > seen) for one in answers),
            contact=" ".join(filter(None, (contact.get("email"), contact.get("phone_number")))),
            topic=(meta.get("team") or {}).get("name") or "",
            closed=row.get("status") == "resolved",
        )
        if not group.visitor:
            self.tally.add("no_visitor", f"conversation {row['id']}")
        wrote = {one.sender for one in messages}
        for id, agent in sorted(self.agents.items()):
            holds = id == assignee.get("id")
            if holds or records.of_member(str(id)) in wrote:
                name = agent.get("available_name") or agent.get("name") or ""
                unread = row.get("unread_count") or 0
                group.places.append(records.Place(str(id), name, holds, unread, group.created_at))
        ids = [one.id for one in messages]
        group.messages, group.id_sum = len(ids), sum(ids)
        group.id_xor, group.last_id = reduce(xor, ids, 0), max(ids, default=0)
        return group

    def keep_visitor(self, group: records.Group, visitor: str) -> None:
        """Whoever wrote as the visitor is the visitor, also after two contacts became one."""

    def messages(
        self, groups: list[records.Group], after: int = 0, limit: int = 0
    ) -> list[records.Message]:
        found = [one for group in groups for one in self.told[group.theirs] if one.id > after]
        found.sort(key=lambda one: one.id)
        return found[:limit] if limit else found

    def message(self, row: dict, group: str) -> records.Message:
        sender = row.get("sender") or {}
        at = moment(row.get("created_at"))
        if at is None:
            self.tally.add("no_time", f"message {row['id']}")
        files = [one.get("data_url") or "" for one in row.get("attachments") or []]
        kind = records.NOTICE if row["message_type"] == ACTIVITY else records.MESSAGE
        return records.Message(
            id=row["id"],
            group=group,
            sender=self.sender(row, sender),
            name=sender.get("available_name") or sender.get("name") or "",
            kind=records.NOTE if row.get("private") and kind == records.MESSAGE else kind,
            content="\n".join(filter(None, [row.get("content") or "", *files])),
            at=at,
        )

    def sender(self, row: dict, sender: dict) -> str:
        if row["message_type"] == INCOMING:
            return records.VISITOR
        if row["message_type"] != OUTGOING or sender.get("type") != "user":
            return records.NOBODY
        if sender.get("id") in self.agents:
            return records.of_member(str(sender["id"]))
        self.tally.add("messages_of_strangers", f"message {row['id']}")
        return records.of_stranger(str(sender.get("id")))

    def look_for_orphans(self) -> None:
        """Their API tells of none."""


@contextmanager
def of_known_shape() -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise CannotAdopt(f"Their Chatwoot answers what is not known: {error!r}.") from error


def moment(value: int | str | None) -> datetime | None:
    """Seconds since 1970, or a time in ISO format; 0 is none."""
    try:
        if isinstance(value, str):
            at = datetime.fromisoformat(value.replace("Z", "+00:00"))
            return at if at.tzinfo else at.replace(tzinfo=timezone.utc)
        return datetime.fromtimestamp(value, timezone.utc) if value else None
    except (ValueError, OverflowError, OSError, TypeError):
        return None
