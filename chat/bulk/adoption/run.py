"""Looks through all that another system has, or imports it.

Groups are looked at in the order of their ids, each with what has become of it here
(`AdoptedGroup`). One that is as it was is passed over; so a run that was interrupted goes on where
it stopped, and a later one takes what has come since, also rows that were committed late under
lower ids. Nothing else remembers how far a run came.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain

from accounts import audit
from accounts.models import Enterprise, Team
from chat.models import AdoptedGroup, AdoptionSource, Conversation, GroupMessage, Visitor

from .conversation import Ids, Telling
from .people import People
from .records import Group, Message
from .storage import Store
from .texts import folded

BATCH = 2_000
"""Messages of one transaction, at the most; who writes in the chat waits for it."""
GROUPS = 200
"""Conversations of one transaction."""
AHEAD = timedelta(days=1)
"""How far after the beginning of a run a time may be: a run takes a while, and clocks differ."""


class Run:
    """A run of `reader` for an enterprise, into one of its teams. With `write` off it only counts
    what it would do, in `tally`."""

    def __init__(self, reader, enterprise: Enterprise, team: Team, now: datetime, write: bool):
        self.reader, self.enterprise, self.team, self.now = reader, enterprise, team, now
        self.write = write
        self.tally = reader.tally
        about = {"ent_id": enterprise.code, "kind": reader.kind, "name": reader.name}
        self.source = AdoptionSource.objects.filter(**about).first() or AdoptionSource(**about)
        if write and self.source.pk is None:
            with audit.recording(origin()):
                self.source.save()
                self.note(source=f"{reader.kind} {reader.name}")
        self.people = People(enterprise, team, self.source, self.tally)

    def note(self, **details) -> None:
        audit.note(audit.Action.ADDED, self.enterprise.pk, kind="adoption", details=details)

    def steps(self) -> Iterator[None]:
        """Does it all, and stops after each transaction."""
        for person in self.reader.people():
            self.people.take(person, self.write)
            yield
        self.ids = Ids(self.source, self.team.name, self.people.by_theirs)
        self.store = Store(self.source, self.team, self.people.seated(), self.tally)
        for page in self.reader.pages():
            yield from self.take_page(page)
        self.reader.look_for_orphans()

    def read(self, groups: list[Group], after: int = 0, limit: int = 0) -> list[Message]:
        """What the reader gives. A time that cannot be is that of the message before, and kept
        beside it."""
        found = self.reader.messages(groups, after, limit)
        for one in found:
            if self.is_ahead(one.at, f"message {one.id}"):
                one.their_time, one.at = one.at, None
        return found

    def is_ahead(self, at: datetime | None, sample: str) -> bool:
        ahead = at is not None and at > self.now + AHEAD
        self.tally.add("future_times", sample, ahead)
        return ahead

    def take_page(self, page: list[Group]) -> Iterator[None]:
        for group in page:
            for one in (group, *group.places):
                if self.is_ahead(one.created_at, f"group {group.theirs}"):
                    one.created_at = None
        groups = self.by_id(page)
        known = self.known(groups)
        for batch in batches([group for uuid, group in groups.items() if uuid not in known]):
            self.add(batch)
            yield
        self.tally.add("conversations", n=len(groups) - len(known))
        self.tally.add("conversations_before", n=len(known))
        # A long one has only been begun.
        for uuid, row in (self.known(groups) if self.write else known).items():
            group = groups[uuid]
            if row.visitor:
                self.reader.keep_visitor(group, row.visitor)
            if row.state != group.state or totals(row) != group.totals:
                yield from self.go_on(group, row)

    def by_id(self, page: list[Group]) -> dict[str, Group]:
        """Groups by their ids here. As ever an id is made of the spelling without capitals, unless
        that makes another group's."""
        ids = [
            (self.ids.make("group", folded(one.theirs)), self.ids.make("group as spelt", one.key))
            for one in page
        ]
        known = self.known(chain.from_iterable(ids))
        for group, (common, own) in zip(page, ids, strict=True):
            row = known.get(common)
            if row is None:
                is_own = group.key != folded(group.theirs)
            else:
                # One that was erased here has no spelling any more, and must not come back.
                is_own = bool(row.theirs) and self.reader.group_key(row.theirs) != group.key
            group.uuid = own if own in known or is_own else common
        return {group.uuid: group for group in page}

    def known(self, groups: Iterable[str]) -> dict[str, AdoptedGroup]:
        return {row.group: row for row in AdoptedGroup.objects.filter(group__in=list(groups))}

    def add(self, batch: list[Group]) -> None:
        """Conversations that are not here yet; of a long one its beginning."""
        told = {group.key: Telling(self.ids, group, self.now) for group in batch}
        said: dict[str, list[Message]] = {key: [] for key in told}
        for message in self.read(batch, limit=BATCH if len(batch) == 1 else 0):
            said[message.group].append(message)
        for key, one in told.items():
            one.tell(said[key])
            if one.is_complete:
                one.end()
        count = sum(one.messages for one in told.values())
        self.tally.add("messages", n=count)
        if not self.write:
            self.look_at(list(told.values()))
            return
        with audit.recording(origin()):
            self.store.add(list(told.values()))
            self.note(conversations=len(told), messages=count)

    def look_at(self, told: list[Telling]) -> None:
        """Counts what `Store.add` would, and the rest of a long one."""
        for one in told:
            while not one.is_complete:
                messages = self.read([one.group], one.last_id, BATCH)
                if not messages:
                    break
                # Only the last ones are held.
                one.rows.clear()
                one.tell(messages)
                self.tally.add("messages", n=len(messages))
            self.miss(one.group, one.messages)
            self.store.seats(one)

    def miss(self, group: Group, read: int) -> None:
        """Counts what the group has there, but the reader has not given of it."""
        self.tally.add("messages_apart", f"group {group.theirs}", max(group.messages - read, 0))

    def go_on(self, group: Group, row: AdoptedGroup) -> Iterator[None]:
        """Imports what has come since in a conversation that is here, or was begun."""
        if is_there(row.group):
            if not self.write:
                self.tally.add("conversations_changed")
                self.tally.add("messages", n=max(group.messages - row.messages, 0))
                return
            if row.state:
                self.tally.add("conversations_changed")
            yield from self.go_through(group, row, row.last_id, is_check=False)
            if totals(row) != group.totals:
                yield from self.go_through(group, row, 0, is_check=True)
        if not is_there(row.group):
            self.tally.add("conversations_removed", f"group {group.theirs}")

    def go_through(
        self, group: Group, row: AdoptedGroup, after: int, is_check: bool
    ) -> Iterator[None]:
        """Adds the messages with ids above `after`; those of a check only if they are not here.
        They were committed late, or others were deleted there, which stay here. It ends where the
        conversation is erased meanwhile."""
        is_last, read = False, 0
        while not is_last:
            messages = self.read([group], after, BATCH)
            is_last = len(messages) < BATCH
            after = messages[-1].id if messages else after
            with audit.recording(origin()):
                locked = Conversation.objects.select_for_update().select_related("reception")
                stored = locked.filter(uuid=row.group).first()
                if stored is None or not is_there(row.group):
                    return
                read += len(messages)
                if is_check:
                    messages = self.missing(row.group, messages)
                    self.tally.add("late_messages", n=len(messages))
                    if is_last:
                        self.miss(group, read)
                one = Telling(self.ids, group, self.now).resume(stored)
                one.tell(messages)
                if is_last:
                    one.end()
                self.store.go_on(one, is_last)
                remember(row, one, is_last, read if is_check else None)
                if messages:
                    self.tally.add("messages", n=len(messages))
                    self.note(conversations=1, messages=len(messages))
            yield

    def missing(self, group: str, messages: list[Message]) -> list[Message]:
        ids = [self.ids.client_id(message.id) for message in messages]
        there = GroupMessage.objects.in_group(group).filter(client_id__in=ids)
        known = set(there.values_list("client_id", flat=True))
        return [one for one, id in zip(messages, ids, strict=True) if id not in known]


def is_there(group: str) -> bool:
    """Whether a conversation was neither removed nor erased here."""
    return Visitor.objects.filter(conversation__uuid=group).exclude(secret_hash="").exists()


def origin() -> audit.Origin:
    return audit.of_command("adopt")


def batches(groups: list[Group]) -> Iterator[list[Group]]:
    """Groups for one transaction each; a long one stands alone."""
    batch: list[Group] = []
    size = 0
    for group in groups:
        if batch and (size + group.messages > BATCH or len(batch) == GROUPS):
            yield batch
            batch, size = [], 0
        batch.append(group)
        size += group.messages
    if batch:
        yield batch


def totals(row: AdoptedGroup) -> tuple[int, int, int]:
    return row.messages, row.id_sum, row.id_xor


def remember(row: AdoptedGroup, one: Telling, is_last: bool, checked: int | None) -> None:
    """Stores how far a conversation is imported; `checked` messages were looked at by a check. What
    it has not found is looked for again by the next run."""
    if checked is None:
        row.messages += one.messages
        row.id_sum += one.id_sum
        row.id_xor ^= one.id_xor
        row.last_id = max(row.last_id, one.last_id)
    elif is_last and checked == one.group.messages:
        row.messages, row.id_sum, row.id_xor = one.group.totals
        row.last_id = one.group.last_id
    if is_last:
        row.visitor = one.group.visitor
        row.state = one.group.state
    names = ["messages", "id_sum", "id_xor", "last_id", "visitor", "state"]
    row.save(update_fields=names)
