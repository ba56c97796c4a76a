"""What events tell. It is read from the rows at that moment, so what was recalled, edited or erased
since appears as it is now, and a conversation is with the team and the visitor that it has now."""

from collections import defaultdict

from accounts.models import Enterprise
from chat.ledger import references
from chat.ledger.threads import Row
from chat.models import (
    Conversation,
    GroupMessage,
    MergedConversation,
    Reception,
    StreamEvent,
    Visitor,
    theirs,
)
from chat.protocol import contacts, events

from .types import CLOSED, DELIVERY, MERGED, OF_VISITORS, QUARANTINED, VISITOR_ERASED


def shape(ent_id: str, found: list[StreamEvent]) -> dict[int, dict]:
    """By id, what clients get of these events of an enterprise. Those whose row is gone, or is not
    the enterprise's, are missing."""
    shaped = Reading(ent_id, found).shape()
    if missing := [each for each in found if each.id not in shaped]:
        # A conversation that is merged while it is read is in neither place: it is read once more.
        shaped |= Reading(ent_id, missing).shape()
    return shaped


class Reading:
    """Events of an enterprise, and what they are about as it is now."""

    def __init__(self, ent_id: str, found: list[StreamEvent]):
        self.found = found
        ids = [each.row_id for each in found if each.row_id]
        self.rows = GroupMessage.objects.filter(theirs(ent_id)).in_bulk(ids)
        self.messages = messages(ent_id, list(self.rows.values()))
        # A program is no person who would be asked why: what agents do not see, it does not get.
        self.sees = not Enterprise.objects.filter(code=ent_id, hide_contacts=True).exists()
        people = [each.about for each in found if each.type in OF_VISITORS]
        self.visitors = visitors(ent_id, people, self.sees)
        self.merged = merged_ones(ent_id, found)
        groups = {self.group(each) for each in found if each.type not in OF_VISITORS}
        self.conversations = conversations(ent_id, groups)
        rows = [self.rows.get(each.row_id) for each in found if each.type == CLOSED]
        self.reasons = reasons_of(ent_id, [row for row in rows if row])

    def group(self, event: StreamEvent) -> str:
        """The conversation that an event is about, whether it tells of a message or of it."""
        if event.row_id in self.rows:
            return self.rows[event.row_id].group_id  # type: ignore[return-value]  # null in no row
        merged = self.merged.get(event.about)
        return merged.into if merged else event.about

    def shape(self) -> dict[int, dict]:
        shaped = {}
        for each in self.found:
            if data := self.data(each):
                row = self.rows.get(each.row_id)
                at = row.created_at if row and each.type != DELIVERY else each.at
                shaped[each.id] = {"id": each.public_id, "type": each.type, "at": at, "data": data}
        return shaped

    def data(self, event: StreamEvent) -> dict | None:
        if event.type in OF_VISITORS:
            return self.visitors.get(event.about) or self.deleted(event)
        message = self.messages.get(event.row_id) if event.row_id else None
        if event.row_id and message is None:
            return None
        talk = self.conversations.get(self.group(event))
        if talk is None:
            return None
        data = facts(message) if message else {}
        data |= standing(talk)
        data |= {"visitor": talk.visitor.uuid, "identity": site_id(talk.visitor, self.sees)}
        if event.type.startswith("message."):
            return data | {"message": message}
        return data | self.more(event, talk)

    def deleted(self, event: StreamEvent) -> dict | None:
        """Of whom even the row is gone, as an import that is undone leaves none."""
        if event.type != VISITOR_ERASED:
            return None
        # Of any enterprise: another one's id is none of this one's business.
        is_there = Visitor.objects.filter(uuid=event.about).exists()
        return None if is_there else {"visitor": event.about}

    def more(self, event: StreamEvent, talk: Conversation) -> dict:
        """What only events of this type tell."""
        row = self.rows.get(event.row_id)
        if event.type == CLOSED and row:
            return {"reason": self.reasons.get((row.group_id, row.created_at), "")}
        if event.type == QUARANTINED:
            return {"quarantined": why(event, talk)}
        if event.type == MERGED and (one := self.merged.get(event.about)):
            return {"group": one.group, "into": one.into, "offset": one.offset}
        return {}


def messages(ent_id: str, rows: list[GroupMessage]) -> dict[int, dict]:
    """The message objects of an enterprise's rows, by the row's id."""
    by_group = defaultdict(list)
    for row in rows:
        by_group[row.group_id].append(row)
    known = Conversation.objects.whole().filter(theirs(ent_id), uuid__in=by_group)
    return {
        row.id: events.message(row, one.uuid, one.visitor_id)
        for one in known.only("uuid", "ent_id", "visitor_id")
        for row in references.dress(one, list(map(Row.stored, by_group[one.uuid])))
    }


def visitors(ent_id: str, uuids: list[str], sees: bool) -> dict[str, dict]:
    """What programs know of an enterprise's visitors, with their conversations; `sees` is whether
    they see contact data."""
    if not uuids:
        return {}
    talks = defaultdict(list)
    rows = Conversation.objects.whole().filter(theirs(ent_id), visitor_id__in=uuids)
    for one in rows.select_related("team").order_by("id"):
        talks[one.visitor_id].append(standing(one))
    return {
        row.uuid: {**events.visitor_facts(row, sees), "conversations": talks[row.uuid]}
        for row in Visitor.objects.filter(theirs(ent_id), uuid__in=uuids)
    }


def merged_ones(ent_id: str, found: list[StreamEvent]) -> dict[str, MergedConversation]:
    """Where the conversations are now that a sign-in has ended, of those that an enterprise's
    events without a row are about; by their former group."""
    groups = {each.about for each in found if each.about and each.type not in OF_VISITORS}
    if not groups:
        return {}
    ended = MergedConversation.objects.filter(theirs(ent_id), group__in=groups)
    return {one.group: one for one in ended}


def conversations(ent_id: str, groups: set[str]) -> dict[str, Conversation]:
    """These conversations of an enterprise with their teams and visitors, by group."""
    if not groups:
        return {}
    found = Conversation.objects.whole().filter(theirs(ent_id), uuid__in=groups)
    return {one.uuid: one for one in found.select_related("team", "visitor")}


def standing(one: Conversation) -> dict:
    state = "open" if one.open else "closed"
    channel = one.channel or None
    return {"group": one.uuid, "team": one.team.slug, "state": state, "channel": channel}


def site_id(visitor: Visitor, sees: bool) -> str | None:
    """The id by which the enterprise's site knows a visitor; None for none."""
    known = contacts.site_id(visitor.identity)
    return known and contacts.shown(visitor, sees)["identity"]["id"]


def why(event: StreamEvent, talk: Conversation) -> str | None:
    """Why the conversation is in quarantine from the event on; None where that was over. A process
    of an earlier version notes no reason: as long as that quarantine lasts, it is the
    conversation's."""
    since = talk.quarantined_since
    lasts = event.row_id is None and since is not None and since <= event.at
    return event.why or (talk.quarantined_for if lasts else "") or None


def reasons_of(ent_id: str, closed: list[GroupMessage]) -> dict[tuple, str]:
    """Why receptions ended, by group and by the time that their notices have, too. A close that
    was taken back has none."""
    if not closed:
        return {}
    groups, times = {row.group_id for row in closed}, {row.created_at for row in closed}
    ended = Reception.objects.filter(theirs(ent_id), group_id__in=groups, closed_at__in=times)
    return {(one.group_id, one.closed_at): one.reason for one in ended}


def facts(message: dict) -> dict:
    """Which row an event is about, and what a notice tells."""
    found = {"group": message["group"], "seq": message["seq"]}
    if message["kind"] == "notice":
        found["notice"] = message["data"]
    return found
