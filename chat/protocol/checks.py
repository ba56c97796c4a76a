"""Checks a frame's fields: a dict goes in, a form (forms.py) comes out or `Refused` is raised.

HTTP posts pass through the same checks. Each function takes the frame, and whether a visitor sent
it.
"""

from collections.abc import Callable
from typing import Any

from . import forms, introduction
from .errors import Refused
from .fields import (
    MAX_CONTENT,
    buttons,
    challenge_proof,
    content,
    language,
    line,
    multiline,
    page_url,
    slug,
    tag,
    uuid,
    whole_number,
)
from .selection import ALL, Selection

MAX_COMMENT = 1_000
"""Characters in the comment of a rating (the column's length)."""
MAX_REASON, MAX_SUMMARY = 60, 1_000
"""Characters in the reason and the summary of a closing (the columns' lengths)."""
MAX_SNOOZE_MINUTES = 366 * 24 * 60
"""Minutes: a snooze lasts a year at the most."""
MAX_MENTIONS = 20
"""Members that one note can mention."""


def check_frame(frame: dict, visitor: bool) -> forms.Form:
    """The form for a frame's `type`. Refuses with unknown_type, bad_field or too_long, or with
    forbidden if only the other side may send such a frame."""
    kind = frame.get("type")
    check = CHECKS.get(kind) if isinstance(kind, str) else None
    if check is None:
        raise Refused("unknown_type", "There is no frame of this type.")
    return check(frame, visitor)


def check_send(frame: dict, visitor: bool, with_file: bool = False) -> forms.SendForm:
    """A message. Its text may be empty only if a file comes with it. A refusal names the
    `client_id`, so that the page can tell which message was refused."""
    client_id = uuid(frame, "client_id")
    try:
        if visitor:
            return check_visitor_send(frame, client_id, with_file)
        return check_agent_send(frame, client_id, with_file)
    except Refused as refusal:
        refusal.facts["client_id"] = client_id
        raise


def check_visitor_send(frame: dict, client_id: str, with_file: bool) -> forms.SendForm:
    if {"note", "seen", "mentions", "buttons"} & frame.keys():
        raise Refused("bad_field", "note, seen, mentions and buttons are for agents.")
    group = optional_group(frame)
    return forms.SendForm(
        client_id,
        message_text(frame, with_file),
        group,
        note=False,
        seen=None,
        question=optional_number(frame, "question"),
        introduction=introduction.check(frame.get("introduction")),
        reply_to=optional_number(frame, "reply_to"),
        proof=challenge_proof(frame),
    )


def check_agent_send(frame: dict, client_id: str, with_file: bool) -> forms.SendForm:
    if {"question", "introduction", "proof"} & frame.keys():
        raise Refused("bad_field", "question, introduction and proof are for visitors.")
    note = frame.get("note", False)
    if not isinstance(note, bool):
        raise Refused("bad_field", "note is true or false.")
    seen, offered = optional_number(frame, "seen"), buttons(frame)
    if offered and note:
        raise Refused("bad_field", "buttons are for the visitor, and not on a note.")
    return forms.SendForm(
        client_id,
        message_text(frame, with_file),
        mentions=mentions(frame, note),
        group=uuid(frame, "group"),
        note=note,
        seen=seen,
        reply_to=optional_number(frame, "reply_to"),
        buttons=offered,
    )


def optional_group(frame: dict) -> str | None:
    return uuid(frame, "group") if frame.get("group") is not None else None


def optional_number(frame: dict, name: str) -> int | None:
    return whole_number(frame, name) if frame.get(name) is not None else None


def message_text(frame: dict, with_file: bool) -> str:
    value = frame.get("content")
    if with_file and (value is None or (isinstance(value, str) and not value.strip())):
        return ""
    return content(value)


def mentions(frame: dict, note: bool) -> tuple[str, ...]:
    """The uuids of the members that a note mentions."""
    people = frame.get("mentions")
    if people is None:
        return ()
    if not isinstance(people, list) or len(people) > MAX_MENTIONS or (people and not note):
        raise Refused("bad_field", f"mentions are at most {MAX_MENTIONS} members, of a note.")
    return tuple(uuid({"mentions": who}, "mentions") for who in people)


def check_recall(frame: dict, visitor: bool) -> forms.RecallForm:
    group = optional_group(frame) if visitor else uuid(frame, "group")
    return forms.RecallForm(group, whole_number(frame, "seq"))


def check_edit(frame: dict, visitor: bool) -> forms.EditForm:
    for_agents(visitor)
    group, seq, text = uuid(frame, "group"), whole_number(frame, "seq"), frame.get("content")
    # Whether there is a file is known from the message only. Its text is taken away by an empty
    # one, never by a field that is missing.
    return forms.EditForm(group, seq, text if text == "" else content(text))


def check_read(frame: dict, visitor: bool) -> forms.ReadForm:
    return forms.ReadForm(uuid(frame, "group"), whole_number(frame, "seq"))


def check_typing(frame: dict, visitor: bool) -> forms.TypingForm:
    draft: Any = frame.get("draft")
    if not isinstance(draft, bool | str if visitor else bool):
        raise Refused("bad_field", "draft is true or false, or a visitor's text.")
    if isinstance(draft, str) and len(draft) > MAX_CONTENT:
        raise Refused("too_long", "A draft has 10,000 characters at the most.")
    return forms.TypingForm(uuid(frame, "group"), draft)


def check_suggest(frame: dict, visitor: bool) -> forms.SuggestForm:
    text = frame.get("text")
    if not isinstance(text, str):
        raise Refused("bad_field", "text is a text.")
    if len(text) > MAX_CONTENT:
        raise Refused("too_long", "A text has 10,000 characters at the most.")
    return forms.SuggestForm(optional_group(frame), text)


def check_assist(frame: dict, visitor: bool) -> forms.AssistForm:
    for_agents(visitor)
    return forms.AssistForm(frame["type"].partition(".")[2], uuid(frame, "group"))


def check_translate(frame: dict, visitor: bool) -> forms.TranslateForm:
    for_agents(visitor)
    text = content(frame.get("text"), "text")
    return forms.TranslateForm(text, language(frame, "to"), optional_group(frame))


def check_feedback(frame: dict, visitor: bool) -> forms.FeedbackForm:
    for_agents(visitor)
    helpful, seq = frame.get("helpful"), optional_number(frame, "seq")
    if not isinstance(helpful, bool | None) or (helpful is None) == (seq is None):
        raise Refused("bad_field", "helpful is true or false, or seq the number of a message.")
    return forms.FeedbackForm(uuid(frame, "group"), helpful, seq)


def check_sync(frame: dict, visitor: bool) -> forms.SyncForm:
    groups = frame.get("groups")
    if not isinstance(groups, dict):
        raise Refused("bad_field", "groups is an object.")
    inbox = frame.get("inbox", False)
    if not isinstance(inbox, bool) or (inbox and visitor):
        raise Refused("bad_field", "inbox is true or false, and for agents.")
    known = {uuid({"groups": key}, "groups"): whole_number(groups, key) for key in groups}
    return forms.SyncForm(known, inbox, Selection.parse(frame) if inbox else ALL)


def check_action(frame: dict, visitor: bool) -> forms.ActionForm:
    for_agents(visitor)
    name = frame["type"].partition(".")[2]
    take_over = frame.get("take_over", False)
    if not isinstance(take_over, bool):
        raise Refused("bad_field", "take_over is true or false.")
    member = team = None
    if name in ("invite", "remove") or (name == "transfer" and frame.get("member") is not None):
        member = uuid(frame, "member")
    if name == "transfer":
        team = slug(frame.get("team")) if frame.get("team") is not None else None
        if (member is None) == (team is None):
            raise Refused("bad_field", "A transfer goes to a member or to a team.")
    label = tag(frame.get("tag")) if name in ("tag", "untag") else ""
    wait = minutes(frame) if name == "snooze" else 0
    form = forms.ActionForm(
        name, uuid(frame, "group"), member, team, note(frame), take_over, label, wait
    )
    if name == "close":
        form.reason = line(frame, "reason", MAX_REASON, optional=True)
        form.summary = multiline(frame, "summary", MAX_SUMMARY)
    return form


def check_handover(frame: dict, visitor: bool) -> forms.ActionForm | forms.WishForm:
    """Of a visitor, a wish; the note to colleagues is for members."""
    if not visitor:
        return check_action(frame, visitor)
    if "note" in frame:
        raise Refused("bad_field", "note is for agents.")
    return forms.WishForm(optional_group(frame))


def check_decline(frame: dict, visitor: bool) -> forms.DeclineForm:
    for_agents(visitor)
    return forms.DeclineForm(uuid(frame, "group"))


def for_agents(visitor: bool) -> None:
    if visitor:
        raise Refused("forbidden", "This is for agents.")


def for_visitors(visitor: bool) -> None:
    if not visitor:
        raise Refused("forbidden", "This is for visitors.")


def minutes(frame: dict) -> int:
    value = whole_number(frame, "minutes")
    if not 1 <= value <= MAX_SNOOZE_MINUTES:
        raise Refused("bad_field", f"minutes is from 1 to {MAX_SNOOZE_MINUTES:,}.")
    return value


def note(frame: dict) -> str:
    """The note to colleagues that comes with an action; "" for none."""
    value = frame.get("note")
    if value is None or (isinstance(value, str) and not value.strip()):
        return ""
    return content(value, "note")


def check_rating(frame: dict, visitor: bool) -> forms.RatingForm:
    for_visitors(visitor)
    group = optional_group(frame)
    score = frame.get("score")
    if type(score) is not int or not 1 <= score <= 5:
        raise Refused("bad_field", "score is a whole number from 1 to 5.")
    return forms.RatingForm(group, score, multiline(frame, "comment", MAX_COMMENT))


def check_presence(frame: dict, visitor: bool) -> forms.PresenceForm:
    if visitor or not isinstance(frame.get("away"), bool):
        raise Refused("forbidden" if visitor else "bad_field", "away is true or false, for agents.")
    return forms.PresenceForm(frame["away"])


def check_viewing(frame: dict, visitor: bool) -> forms.ViewingForm | forms.ShownForm:
    for_agents(visitor)
    if frame["type"] == "shown":
        return forms.ShownForm()
    if "group" not in frame:
        raise Refused("bad_field", "group is a UUID, or null.")
    return forms.ViewingForm(optional_group(frame))


def check_ping(frame: dict, visitor: bool) -> forms.PingForm:
    return forms.PingForm(optional_number(frame, "got") or 0)


def check_page(frame: dict, visitor: bool) -> forms.PageForm:
    for_visitors(visitor)
    url, referrer = page_url(frame.get("url"), "url"), frame.get("referrer", "")
    return forms.PageForm(url, "" if referrer == "" else page_url(referrer, "referrer"))


def check_queue(frame: dict, visitor: bool) -> forms.QueueForm:
    for_visitors(visitor)
    return forms.QueueForm()


def check_team(frame: dict, visitor: bool) -> forms.TeamForm:
    for_visitors(visitor)
    return forms.TeamForm()


ACTIONS = (
    *("claim", "release", "close", "reopen", "leave", "invite", "remove", "transfer"),
    *("tag", "untag", "snooze", "wake", "spam", "not_spam"),
)
CHECKS: dict[str, Callable[[dict, bool], forms.Form]] = {
    "message.send": check_send,
    "message.recall": check_recall,
    "message.edit": check_edit,
    "message.read": check_read,
    "typing": check_typing,
    "knowledge.suggest": check_suggest,
    "assistant.draft": check_assist,
    "assistant.summary": check_assist,
    "assistant.translate": check_translate,
    "assistant.feedback": check_feedback,
    "sync": check_sync,
    "presence": check_presence,
    "viewing": check_viewing,
    "shown": check_viewing,
    "ping": check_ping,
    "offer.decline": check_decline,
    "conversation.handover": check_handover,
    "rate": check_rating,
    "page": check_page,
    "queue": check_queue,
    "team": check_team,
    **{f"conversation.{name}": check_action for name in ACTIONS},
}
"""The check of each frame type."""
