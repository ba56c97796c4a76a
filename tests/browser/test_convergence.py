"""Guarantee 9 in real browsers: what events made of a page equals the page as it is loaded anew."""

from random import Random

import pytest

from .convergence import converged
from .pages import came, open_conversation, write

pytestmark = pytest.mark.release

ACTS = 24


def act(page, group: str, **fields) -> int:
    """As this page's person, past the page itself; the answer's status."""
    token = next(one["value"] for one in page.context.cookies() if one["name"] == "csrftoken")
    answer = page.request.post(
        f"/agent/c/{group}/actions/",
        form=fields,
        headers={"X-CSRFToken": token, "Accept": "application/json"},
    )
    return answer.status


@pytest.mark.parametrize("bad", [False, True], ids=["a good line", "a bad line"])
def test_after_any_actions_of_several_people_the_open_pages_are_as_if_loaded_anew(
    browse, sign_in, line, watch, bad
):
    # Who is removed may ask for visitor and messages before having heard of it.
    watch.expect("404.*/(visitor|messages)/")
    chance = Random(9 + bad)
    words = f"who serves me {bad}?"
    visitor = came(browse, words)
    people = {name: sign_in(name, base_url=line.url) for name in ("alice", "bob", "carol")}
    people["manager"] = sign_in("manager", base_url=line.url)
    for name in ("alice", "bob", "carol"):
        open_conversation(people[name], words)

    url = people["alice"].url
    people["manager"].goto(url)
    group = url.rstrip("/").rpartition("/")[2]
    uuids = {name: page.evaluate("document.body.dataset.me") for name, page in people.items()}
    if bad:
        line.mischief.cut, line.mischief.duplicate, line.mischief.reorder = 0.1, 0.2, 0.3
    done = 0
    while done < ACTS:
        actor, whom = chance.choice(list(people)), chance.choice(["alice", "bob", "carol"])
        name = chance.choice(
            [
                "claim",
                "release",
                "close",
                "reopen",
                "leave",
                "invite",
                "remove",
                "transfer",
                "write",
            ]
        )
        if name == "write":
            write(visitor, f"line {done} {bad}", visitor)
            done += 1
        elif name in ("invite", "remove", "transfer"):
            done += act(people[actor], group, action=name, member=uuids[whom]) == 200
        else:
            done += act(people[actor], group, action=name) == 200
    line.mischief.cut = line.mischief.duplicate = line.mischief.reorder = 0
    for name in ("alice", "bob", "carol"):
        converged(people[name])
