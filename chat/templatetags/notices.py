"""The text of notices, in the reader's language.

A notice's row stores an event and its facts (docs/protocol.md); the sentence is made when it is
read. Pages get the same sentences for static/js/thread/message.js.
"""

from collections.abc import Callable

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .channels import cause


def agent_text(message: dict) -> str:
    """The text of a notice for agents; the stored sentence of an unknown event."""
    return sentence(message, NOTICES)


def visitor_text(message: dict, me: str) -> str:
    """The text of a notice for the visitor `me` (uuid)."""
    data = message.get("data") or {}
    own = OWN_ACTIONS.get(data.get("event"))
    if own and me in (data.get("by"), data.get("member")):
        return own()
    if data.get("event") == "handed_over":
        return TO_VISITOR["handed_over"]()
    if name := (data.get("team_names") or {}).get(get_language()):
        message = {**message, "data": {**data, "team_name": name}}
    return sentence(message, NOTICES | TO_VISITOR)


def is_silent(message: dict) -> bool:
    """Whether a message object is a notice for which pages show no line: it changes another one."""
    return (message.get("data") or {}).get("event") in ("recall", "edited", "erased")


def sentence(message: dict, sentences: dict) -> str:
    data = message.get("data") or {}
    found = sentences.get(notice_key(data))
    if found is None:
        return message.get("content") or message.get("excerpt") or ""
    if data.get("event") == "undelivered":
        data = {**data, "reason": cause(data.get("reason", ""), data.get("words", ""))}
    return found() % Facts(data)


def notice_key(data: dict) -> str | None:
    """The key of a notice's sentence: the event, with a variant for some."""
    event = data.get("event")
    if event == "assigned":
        return f"assigned_{data.get('reason')}"
    if event == "rated" and data.get("comment"):
        return "rated_comment"
    if event in ("erasure", "back", "expired", "closed", "handed_over") and data.get("why"):
        return f"{event}_{data['why']}"
    if event == "closing" and not (data.get("reason") and data.get("summary")):
        return "closing_reason" if data.get("reason") else "closing_summary"
    if event == "idle" and data.get("words"):
        return "idle_told"
    if event == "closed" and not data.get("by"):
        return "closed_told" if data.get("words") else "closed_idle"
    return event


def texts_for_agents() -> list[tuple[str, str]]:
    """The keys and sentences of all notices, as scripts fill them in: with {name} for a fact."""
    return texts(NOTICES)


def texts_for_visitors() -> list[tuple[str, str]]:
    """The same for visitors, but for RARE; those of what they did themselves end in `_own`."""
    own = {f"{key}_own": words for key, words in OWN_ACTIONS.items()}
    found = BOTH | TO_VISITOR | own
    return texts({key: found[key] for key in found if key not in RARE})


def texts(sentences: dict[str, Callable[[], str]]) -> list[tuple[str, str]]:
    return [(key, words() % Places()) for key, words in sentences.items()]


class Places(dict):
    """Facts that a script fills in."""

    def __missing__(self, name):
        return f"{{{name}}}"


class Facts(dict):
    """The facts of a notice. A missing one is "", so that an old row causes no error."""

    def __missing__(self, name):
        return ""


BOTH = {
    "opened": lambda: _("Connected to %(team)s"),
    "joined": lambda: _("%(name)s joined"),
    "left": lambda: _("%(name)s left"),
    "closed": lambda: _("%(by_name)s closed the conversation"),
    "closed_adopted": lambda: _("Closed when it was imported from another system"),
    "reopened": lambda: _("%(by_name)s reopened the conversation"),
    "recalled": lambda: _("%(name)s recalled a message"),
    "erasure": lambda: _("%(by_name)s erased the messages here"),
    "erasure_visitor": lambda: _("The visitor erased the messages here"),
    "erasure_days": lambda: _("Erased automatically: the retention period has ended"),
    "rated": lambda: _("Rated %(score)s of 5"),
    "rated_comment": lambda: _("Rated %(score)s of 5: %(comment)s"),
}
"""The sentence of each key that visitors and agents read alike."""

NOTICES = BOTH | {
    "invited": lambda: _("%(by_name)s invited %(name)s"),
    "removed": lambda: _("%(by_name)s removed %(name)s"),
    "claimed": lambda: _("%(name)s claimed the conversation"),
    "taken_over": lambda: _("%(name)s took over from %(from_name)s"),
    "released": lambda: _("%(name)s released the conversation"),
    "freed": lambda: _("%(by_name)s released the claim of %(name)s"),
    "expired": lambda: _("%(name)s is away; the conversation is now unclaimed"),
    "expired_offline": lambda: _("%(name)s is offline; the conversation is now unclaimed"),
    "assigned_sticky": lambda: _(
        "Chosen by routing: %(name)s, who helped this visitor before; %(taken)s of %(limit)s taken"
    ),
    "assigned_skill": lambda: _(
        "Chosen by routing: %(name)s, who knows the language or topic; %(taken)s of %(limit)s taken"
    ),
    "assigned_least_loaded": lambda: _(
        "Chosen by routing: %(name)s, who had the fewest; %(taken)s of %(limit)s taken"
    ),
    "assigned_longest_idle": lambda: _(
        "Chosen by routing: %(name)s, who had waited longest for one; %(taken)s of %(limit)s taken"
    ),
    "overflowed": lambda: _("Colleagues from %(to_name)s have come to help"),
    "overdue": lambda: _("Nobody has replied for %(minutes)s min"),
    "no_answer": lambda: _("The visitor was asked to leave a message"),
    "handed_over_bot": lambda: _("%(by_name)s handed the conversation to people"),
    "handed_over_visitor": lambda: _("The visitor asked for a person"),
    "handed_over_member": lambda: _("%(by_name)s took the conversation from %(bot_name)s"),
    "handed_over_silent": lambda: _("%(bot_name)s did not reply in time; a person is needed"),
    "handed_over_away": lambda: _("%(bot_name)s is not connected; a person is needed"),
    "transferred": lambda: _("%(by_name)s transferred the conversation to %(name)s"),
    "moved": lambda: _("%(by_name)s transferred the conversation to %(team_name)s"),
    "closing": lambda: _("Closed as: %(reason)s\nSummary: %(summary)s"),
    "closing_reason": lambda: _("Closed as: %(reason)s"),
    "closing_summary": lambda: _("Summary: %(summary)s"),
    "closed_idle": lambda: _("Closed automatically: the visitor did not reply"),
    "closed_told": lambda: _(
        "Closed automatically: the visitor did not reply. Visitor was told: %(words)s"
    ),
    "idle": lambda: _("The visitor was warned: without a reply it closes in %(minutes)s min"),
    "idle_told": lambda: _("The visitor was warned: %(words)s"),
    "tagged": lambda: _("%(by_name)s added the tag %(tag)s"),
    "untagged": lambda: _("%(by_name)s removed the tag %(tag)s"),
    "named": lambda: _("%(by_name)s named the visitor %(name)s"),
    "contact": lambda: _("%(by_name)s changed the visitor's contact details"),
    "code_sent": lambda: _("%(by_name)s had a code sent to the visitor's e-mail address"),
    "proven": lambda: _("The visitor proved that the e-mail address is theirs"),
    "attributes": lambda: _("%(by_name)s changed attributes of the visitor: %(keys)s"),
    "blocked": lambda: _("%(by_name)s blocked the visitor: %(reason)s"),
    "unblocked": lambda: _("%(by_name)s unblocked the visitor"),
    "block_over": lambda: _("The visitor's block has ended"),
    "legal_hold": lambda: _("%(by_name)s put a legal hold on this: %(reason)s"),
    "legal_hold_over": lambda: _("%(by_name)s lifted the legal hold: %(reason)s"),
    "identified": lambda: _("%(former)s has signed in on the site: %(name)s"),
    "not_spam": lambda: _("%(by_name)s marked this as not spam"),
    "quarantine_over": lambda: _("Caught as spam for a week; closed automatically"),
    "snoozed": lambda: _("%(by_name)s snoozed the conversation"),
    "woken": lambda: _("%(by_name)s ended the snooze"),
    "back": lambda: _("The snooze has ended"),
    "back_visitor": lambda: _("The snooze has ended: the visitor has written"),
    "undelivered": lambda: _("A message was not delivered: %(reason)s"),
}
"""The sentence of each key, for agents."""

RARE = ("closed_adopted", "erasure_visitor", "erasure_days")
"""What an open page of a visitor never hears of. In older messages scripts show the stored words,
so that each first visit is lighter."""

OWN_ACTIONS = {
    "closed": lambda: _("You closed the conversation"),
    "reopened": lambda: _("You reopened the conversation"),
    "recalled": lambda: _("You recalled a message"),
}
"""The sentences of what the reading visitor did."""

TO_VISITOR = {
    "handed_over": lambda: _("A person will reply to you from here on"),
    "claimed": lambda: _("%(name)s is helping you"),
    "taken_over": lambda: _("%(name)s is now helping you"),
    "transferred": lambda: _("%(name)s is now helping you"),
    "moved": lambda: _("You have been transferred to %(team_name)s"),
    "closed_idle": lambda: _(
        "This conversation was closed because we had not heard from you. Reply to reopen it."
    ),
    "closed_told": lambda: "%(words)s",
    "no_answer": lambda: _(
        "Nobody is free right now. Leave a message, and we will reply as soon as we can."
    ),
    "idle": lambda: _(
        "We have not heard from you for a while. If you do not reply within %(minutes)s min, this "
        "conversation will be closed."
    ),
    "idle_told": lambda: "%(words)s",
}
"""The sentences that differ for the visitor."""
