"""What a run has found, or has done, in lines for whoever runs it."""

from collections.abc import Iterator

from .records import Tally

TAKEN = {
    "members": "members",
    "members_mapped": "members who have the account of one of this enterprise, and are taken for"
    " that one",
    "members_before": "members from an earlier run",
    "conversations": "conversations",
    "conversations_before": "conversations from an earlier run",
    "conversations_changed": "of these have something new",
    "messages": "messages",
    "late_messages": "of these were committed late, under an id below others that were here",
    "seats": "seats of members",
}
SKIPPED = {
    "orphan_messages": "messages of a group in which nobody sits",
    "messages_apart": "messages whose group ids the database there and Kefu compare differently",
    "orphan_members": "shown members of a group in which nobody sits",
    "seats_of_no_group": "seats of a group without an id",
    "seats_of_no_member": "seats of somebody who is no member, nor the visitor",
    "seats_of_disabled": "seats of members who are disabled here, or were removed",
    "doubled_seats": "further seats of the same member in a group; the last one counts",
    "shown_without_seat": "shown members without a seat",
    "members_elsewhere": "members who sit in other enterprises only",
    "groups_elsewhere": "groups of other enterprises",
    "conversations_removed": "conversations that were removed or erased here since",
    "avatars": "avatars: they are addresses of another site, which pages here do not load",
}
CHANGED = {
    "accounts_renamed": "accounts with another name here",
    "doubled_uuid": "members with the uuid of another member",
    "doubled_name": "members with the account of another member",
    "passwords_left": "members without a password here, as theirs is no md5",
    "emails_left": "e-mail addresses that are none",
    "names_cut": "names that were too long",
    "no_visitor": "conversations without a visitor; one without a name is made",
    "visitors_without_seat": "visitors without a seat, known from what they wrote or are shown as",
    "messages_of_strangers": "messages of somebody who is no member, nor the visitor; they keep the"
    " name",
    "unknown_types": "messages of an unknown type; they become messages",
    "null_contents": "messages without content; they are empty",
    "no_time": "rows without a time; they get that of the row before",
    "future_times": "times in the future; those of messages become that of the message before",
    "repaired_texts": "texts with UTF-8 in latin1, repaired",
    "negative_unread": "unread counts below 0; they are 0",
    "unread_differs": "unread counts that differ, as there are fewer messages of others",
}


def lines(tally: Tally) -> Iterator[str]:
    """The report. What was not met is left out."""
    for title, texts in (
        ("imported", TAKEN),
        ("left out", SKIPPED),
        ("imported otherwise than it stands there", CHANGED),
    ):
        found = [
            (tally.counts[key], key, text) for key, text in texts.items() if key in tally.counts
        ]
        if not found:
            continue
        yield f"{title}:"
        for n, key, text in found:
            yield f"  {n:>10,}  {text}"
            if samples := tally.samples.get(key):
                yield f"{'':14}such as {'; '.join(samples)}"
