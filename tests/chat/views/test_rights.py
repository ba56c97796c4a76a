"""What each person sees in a conversation that they can do, and what comes of each action: the page
has a form exactly where the server does not refuse the person."""

from html.parser import HTMLParser
from itertools import product

import pytest
from django.db import transaction

from accounts.models import Member
from tests.chat.actions import do, make_leader, notices
from tests.chat.helpers import JSON, rows_of
from tests.conftest import hire

pytestmark = pytest.mark.django_db(transaction=True)

VOID = {"input", "img", "br", "link", "meta", "hr", "wbr", "use", "path", "circle", "option"}


class VisibleForms(HTMLParser):
    """The forms of a page that no `hidden` attribute and no template keeps from being seen, each by
    its address's end and its field `action`; and the words that can be seen."""

    def __init__(self, page: str):
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.form = None
        self.found: set[str] = set()
        self.words = ""
        self.feed(page)

    @property
    def hidden(self) -> bool:
        return any(hidden for _tag, hidden in self.open)

    def handle_starttag(self, tag, attributes):
        facts = dict(attributes)
        if tag == "form":
            self.form = facts.get("action", "").rstrip("/").rpartition("/")[2]
        self.open.append((tag, "hidden" in facts or tag in ("template", "noscript")))
        if tag == "form" and self.form == "messages" and not self.hidden:
            self.found.add("message")
        if tag == "input" and facts.get("name") == "action" and not self.hidden:
            self.found.add(facts["value"])
        if tag in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        while self.open and tag not in VOID:
            if self.open.pop()[0] == tag:
                return

    def handle_data(self, data):
        if not self.hidden:
            self.words += data


SAY = "messages", {"content": "x"}
NOTE = "messages", {"content": "x", "note": "1"}


def act(action: str, **fields) -> tuple[str, dict]:
    return "actions", {"action": action, **fields}


def about(action: str, **fields) -> tuple[str, dict]:
    return "visitor", {"action": action, **fields}


ACTIONS = {
    "message": SAY,
    "note": NOTE,
    "claim": act("claim"),
    "take over": act("claim", take_over="1"),
    "release": act("release"),
    "close": act("close"),
    "reopen": act("reopen"),
    "tag": act("tag", tag="new"),
    "untag": act("untag", tag="old"),
    "snooze": act("snooze", minutes="60"),
    "wake": act("wake"),
    "invite": act("invite", member="carol"),
    "remove": act("remove", member="bob"),
    "leave": act("leave"),
    "transfer": act("transfer", member="carol"),
    "spam": act("spam"),
    "decline": act("decline"),
    "edit": about("edit", name="x"),
    "block": about("block", minutes="60", reason="x"),
    "unblock": about("unblock"),
    "erase": about("erase", sure="1"),
    "hold": about("hold", reason="x", scope="conversation"),
}
AGENT = {"take over": "claimed", "claim": "claimed", "release": "claimed", "remove": "forbidden"}
AGENT |= {"transfer": "claimed", "erase": "forbidden", "hold": "forbidden", "spam": "conflict"}
LEADS = {"claim": "claimed", "spam": "conflict", "erase": "forbidden", "hold": "forbidden"}
SEATED_MANAGER = {"claim": "claimed", "spam": "conflict"}
MANAGER = {"message": "not_found", "claim": "forbidden", "take over": "forbidden"}
MANAGER |= {"decline": "forbidden", "spam": "conflict"}
REFUSED = {
    "agent": AGENT,
    "leader": LEADS,
    "seated supervisor": AGENT,
    "supervisor": dict.fromkeys(ACTIONS, "forbidden")
    | {"message": "not_found", "note": "not_found"},
    "seated manager": SEATED_MANAGER,
    "manager": MANAGER,
    "colleague": dict.fromkeys(ACTIONS, "not_found"),
    "foreign manager": dict.fromkeys(ACTIONS, "not_found"),
}
"""How the open conversation that bob has claimed refuses each action, by person; all others are
done."""
ALWAYS = {"invite", "tag", "untag", "edit", "block", "snooze", "close"}
SHOWN = {
    "agent": ALWAYS | {"message", "leave"},
    "leader": ALWAYS | {"message", "leave", "claim", "release", "remove", "transfer"},
    "seated supervisor": ALWAYS | {"message", "leave"},
    "supervisor": set(),
    "seated manager": ALWAYS
    | {"message", "leave", "claim", "release", "remove", "transfer", "erase", "hold"},
    "manager": ALWAYS | {"release", "remove", "transfer", "erase", "hold"},
}
"""The forms that each of them sees there; `claim` is the one that takes over."""


@pytest.fixture
def cast(enterprise, team, alice, bob, carol, other_manager, group):
    people = {
        "agent": alice,
        "leader": hire("lena", enterprise, team=team),
        "colleague": carol,
        "foreign manager": other_manager,
    }
    for name, role in (("supervisor", Member.Role.SUPERVISOR), ("manager", Member.Role.MANAGER)):
        people[name] = hire(f"{name}1", enterprise, role)
        people[f"seated {name}"] = hire(f"{name}2", enterprise, role)
    for name in ("leader", "seated supervisor", "seated manager"):
        do("invite", alice, group, member=people[name].uuid)
    make_leader(people["leader"], team, group)
    do("tag", alice, group, tag="old")
    assert do("claim", bob, group) is None
    return people


def test_every_action_is_done_or_refused_as_the_table_of_rights_says(
    cast, carol, bob, group, browser_of
):
    uuids = {"carol": carol.uuid, "bob": bob.uuid}
    browsers = {person: browser_of(cast[person]) for person in REFUSED}
    wrong = []
    for (person, browser), (name, (path, form)) in product(browsers.items(), ACTIONS.items()):
        form = {key: uuids.get(value, value) for key, value in form.items()}
        before = len(rows_of(group))
        with transaction.atomic():
            answer = browser.post(f"/agent/c/{group}/{path}/", form, **JSON)
            stored = len(rows_of(group)) - before
            transaction.set_rollback(True)
        code = "" if answer.status_code == 200 else outcome(answer)
        if code != REFUSED[person].get(name, "") or (code and stored):
            wrong.append(f"{name} by {person}: {code or 'done'}, {stored} rows")
    assert not wrong


def outcome(answer) -> str:
    """The code of the refusal. Where the conversation is not there for the person at all, the
    answer has none."""
    if answer.status_code == 404 and "json" not in answer["Content-Type"]:
        return "not_found"
    return answer.json()["error"]


def test_the_page_has_a_form_for_what_the_person_may_do_and_for_nothing_else(
    cast, group, browser_of
):
    for person, forms in SHOWN.items():
        page = browser_of(cast[person]).get(f"/agent/c/{group}/").content.decode()
        assert VisibleForms(page).found == forms, person


def test_a_supervisor_without_a_seat_reads_and_is_told_so(cast, group, browser_of):
    browser = browser_of(cast["supervisor"])
    page = VisibleForms(browser.get(f"/agent/c/{group}/").content.decode())
    assert "You can read this conversation in your role" in page.words
    facts = browser.get(f"/agent/c/{group}/", **JSON).json()["conversation"]
    assert (facts["acts"], facts["leads"], facts["seated"]) == (False, False, False)
    answer = browser.post(f"/agent/c/{group}/actions/", {"action": "close"})
    assert answer.status_code == 403
    assert "permission" in VisibleForms(answer.content.decode()).words, "without scripts, too"
    assert "closed" not in notices(group)


def test_a_manager_takes_a_seat_by_one_button_and_has_none_then(cast, group, browser_of):
    browser = browser_of(cast["manager"])
    page = browser.get(f"/agent/c/{group}/").content.decode()
    assert (
        '<button class="button" title="Join the conversation, to reply and to claim">Join</button>'
        in page
    )
    form = {"action": "invite", "member": cast["manager"].uuid}
    assert browser.post(f"/agent/c/{group}/actions/", form).status_code == 302
    found = VisibleForms(browser.get(f"/agent/c/{group}/").content.decode()).found
    assert found == SHOWN["seated manager"]
