"""Who is the visitor of a group of the original schema, which has no word for it.

The visitor is whoever takes part and is no member: of those who sit there or are shown there, else
of those who have written. A member who was deleted is none, either; so of several it is the one
who is no manager of the group, then of those with a seat the one who has the fewest, as a visitor
has one group and a colleague many, then the one who came first.
"""

from collections import defaultdict

LEADER = 1


def find(reader, seats: dict, shown: dict, asked: list[str]) -> dict[str, tuple[str, str]]:
    """The visitor's id for each group, and what was odd about finding it ("" for nothing)."""
    members = reader.people_by_reference
    strangers = {key: {} for key in seats}
    for key, found in strangers.items():
        for seated, rows in ((True, seats[key]), (False, shown.get(key, []))):
            for row in rows:
                who = reader.person_key(row[2] if seated else row[1])
                leads = (row[5] if seated else row[4]) == LEADER
                if who and who not in members:
                    found.setdefault(who, (leads, not seated, row[0]))
    several = {who for found in strangers.values() if len(found) > 1 for who in found}
    spread = groups_of(reader, sorted(several))
    answer = {}
    for key, found in strangers.items():
        ranks = {
            who: (leads, seatless, spread.get(who, 0), id)
            for who, (leads, seatless, id) in found.items()
        }
        best = min(ranks, key=lambda who: ranks[who], default="")
        odd = "visitors_without_seat" if best and found[best][1] else ""
        answer[key] = best, odd
    alone = {key for key, (who, _odd) in answer.items() if not who}
    if alone:
        wrote = first_writers(reader, [uuid for uuid in asked if reader.group_key(uuid) in alone])
        for key in alone:
            who = wrote.get(key, "")
            answer[key] = who, "visitors_without_seat" if who else "no_visitor"
    return answer


def groups_of(reader, people: list[str]) -> dict[str, int]:
    """In how many groups these have a seat."""
    if not people:
        return {}
    found: dict[str, int] = defaultdict(int)
    for who, n in reader.database.rows(
        "SELECT member_id, COUNT(*) FROM chat_group WHERE member_id IN %s"
        " GROUP BY CAST(member_id AS BINARY)",
        people,
    ):
        found[reader.person_key(who)] += n
    return found


def first_writers(reader, asked: list[str]) -> dict[str, str]:
    """Of each group, who of those that are no members has written first."""
    rows = reader.database.rows(
        "SELECT group_id, sender, MIN(id) FROM group_message WHERE group_id IN %s"
        " GROUP BY CAST(group_id AS BINARY), CAST(sender AS BINARY) ORDER BY 3",
        asked,
    )
    found: dict[str, str] = {}
    for uuid, sender, _id in rows:
        who = reader.person_key(sender)
        if who and who not in reader.people_by_reference:
            found.setdefault(reader.group_key(uuid), who)
    return found
