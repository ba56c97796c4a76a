"""Forms and queries of pages with a field that is wrong: each is refused by the code that is listed
and stores nothing. What is wrong in frames is in tests/chat/protocol/test_forms.py."""

import pytest

from chat.limits import limits
from chat.posting import batches
from chat.protocol.errors import HTTP_STATUS

from .helpers import JSON, PAGE, draft_of, new_id, refused
from .matrix import stored

pytestmark = [pytest.mark.once, pytest.mark.django_db]

BLOCK = {"action": "block", "reason": "spam"}
EDIT = {"action": "edit", "name": "x"}
HOLD = {"action": "hold", "scope": "conversation", "reason": "x"}
SEVERAL = {"action": "close", "group": ["x"]}
VIEW = {"view": "waiting"}
HERE = "/agent/c/{group}/"

# Who, with which method, where, the code, and what is sent.
TABLE = [
    (
        *("alice", "POST", f"{HERE}visitor/", "bad_field"),
        [
            *({}, {"action": "forget"}, {"action": "edit"}, EDIT | {"name": " \n "}),
            *(EDIT | {"name": "a\x00b"}, EDIT | {"contact": "\x1b[2J"}),
            *(
                BLOCK,
                {"action": "block", "minutes": "60"},
                BLOCK | {"minutes": "60", "reason": " "},
            ),
            *(
                BLOCK | {"minutes": minutes}
                for minutes in ("0", "-5", "1e3", "٣", "527041", "9" * 40)
            ),
        ],
    ),
    (
        *("alice", "POST", f"{HERE}visitor/", "too_long"),
        [
            EDIT | {"name": "x" * 126},
            EDIT | {"contact": "x" * 126},
            BLOCK | {"minutes": "60", "reason": "x" * 201},
        ],
    ),
    (
        *("manager", "POST", f"{HERE}visitor/", "bad_field"),
        [
            *(HOLD | {"reason": ""}, HOLD | {"reason": " "}, HOLD | {"scope": "all"}),
            *(HOLD | {"scope": ""}, {"action": "lift"}),
            *({"action": "lift", "hold": hold} for hold in ("-1", "9" * 30, "one")),
        ],
    ),
    ("manager", "POST", f"{HERE}visitor/", "too_long", [HOLD | {"reason": "x" * 201}]),
    (
        *("alice", "POST", f"{HERE}actions/", "bad_field"),
        [
            *(
                {"action": "tag"},
                {"action": "tag", "tag": " \n "},
                {"action": "tag", "tag": "\x00"},
            ),
            *({"action": "untag"}, {"action": "snooze"}, {"action": "close", "reason": "a\x00b"}),
            *({"action": "snooze", "minutes": minutes} for minutes in ("0", "x", "527041")),
        ],
    ),
    (
        *("alice", "POST", f"{HERE}actions/", "too_long"),
        [
            {"action": "tag", "tag": "x" * 31},
            {"action": "close", "reason": "x" * 61},
            {"action": "close", "summary": "x" * 1001},
        ],
    ),
    *(
        row
        for who, place in (("guest", "/chat/acme/messages/"), ("alice", f"{HERE}messages/"))
        for row in (
            (
                *(who, "POST", place, "bad_field"),
                [{}, {"content": ""}, {"content": " \r\n "}, {"content": "x", "client_id": "1"}],
            ),
            (who, "POST", place, "too_long", [{"content": "👋" * 10_001}]),
        )
    ),
    (
        *("alice", "POST", f"{HERE}messages/", "bad_field"),
        [
            {"content": "x", "note": "maybe"},
            *({"content": "x", "seen": seen} for seen in ("x", "-1", "99999999999")),
        ],
    ),
    (
        *("guest", "POST", "/chat/acme/messages/", "bad_field"),
        [
            *({"content": "x", name: "1"} for name in ("note", "seen", "mentions")),
            *(
                {"content": "x", "question": question}
                for question in ("x", "-1", "1.5", "99999999999", "²")
            ),
        ],
    ),
    (
        *("guest", "POST", "/chat/acme/transcript/", "bad_field"),
        [
            {"email": email}
            for email in (
                *("", "me", "me@", "a@example.com,b@example.com", "a@example.com b@example.com"),
                *("a@example.com\nBcc: b@example.com", "Me <me@example.com>", "mé@exämple.com"),
                f"{'x' * 120}@example.com",
            )
        ],
    ),
    (
        *("alice", "POST", "/agent/alerts/", "bad_field"),
        [
            *({"sound": ["mention"]}, {"desktop": ["mine", "everything"]}),
            *({"quiet_from": "22:00"}, {"quiet_to": "07:00"}),
            *({"quiet_from": begin, "quiet_to": "08:00"} for begin in ("25:00", "never", "08:00")),
            *({"away_minutes": minutes} for minutes in ("-1", "481", "ten")),
        ],
    ),
    (
        *("leader", "POST", "/agent/several/", "bad_field"),
        [
            *({"action": "close"}, SEVERAL, SEVERAL | {"group": [new_id() for _ in range(101)]}),
            *(
                fields | {"group": [new_id()]}
                for fields in (
                    *({"action": "snooze", "minutes": "60"}, {"action": ""}),
                    *({"action": "transfer"}, {"action": "transfer", "to": "nobody:x"}),
                    {"action": "transfer", "team": "sales", "member": new_id()},
                )
            ),
        ],
    ),
    (
        *("alice", "GET", "/agent/search/", "bad_field"),
        [{}, *({"q": q} for q in ("", "  ", "x" * 101, "a\x00b")), {"q": "x", "before": "y"}],
    ),
    *(
        ("alice", method, place, "bad_field", [VIEW | wrong for wrong in wrongs])
        for wrongs in ([{"sort": "name"}, {"sort": ""}, {"team": "x" * 51}],)
        for method, place in (("GET", "/agent/inbox/"), ("POST", "/agent/view/"))
    ),
    (
        *("manager", "GET", "/admin/archive/", "bad_field"),
        [
            *({"from": "yesterday"}, {"to": "2026-13-01"}, {"rating": "6"}, {"state": "lost"}),
            *({"team": "nowhere"}, {"member": "olga"}, {"tag": "unheard"}, {"cursor": "x"}),
            *({"q": "x" * 101}, {"visitor": "\x00"}, {"page": "\n\x07"}, {"cursor": "WzEsMl0="}),
        ],
    ),
    *(
        (
            *("manager", "GET", place, "bad_field"),
            [
                {"metric": "receptions"} | wrong
                for wrong in (
                    *({"from": day} for day in ("2026-02-30", "20260201", "2026-2-1")),
                    *({"to": "yesterday"}, {"from": "２０２６-01-01"}, {"clock": "wall"}),
                    {"from": "2026-03-02", "to": "2026-03-01"},
                    {"from": "2025-01-01", "to": "2026-02-05"},
                    {"from": "2016-01-01", "to": "2026-01-01"},
                    *({"zone": zone} for zone in ("Mars/Olympus", "../../etc/passwd", "localtime")),
                )
            ],
        )
        for place in ("/admin/reports/", "/admin/reports/rows/")
    ),
    (
        *("manager", "GET", "/admin/reports/rows/", "bad_field"),
        [
            *({"metric": ""}, {"metric": "reception"}),
            *({"metric": "rating", "limit": limit} for limit in ("0", "501", "-1")),
            *({"metric": "rating", "cursor": cursor} for cursor in ("x", "W10=", "WzEsMiwzXQ==")),
            *({"metric": metric, "cursor": "WzEsMiwzXQ=="} for metric in ("receptions",)),
            {"metric": "messages_in", "cursor": "WzEsMiwzXQ=="},
            *(
                {"metric": metric, "cursor": "WyJ4IiwieSIsMV0="}
                for metric in ("messages_in", "next_reply")
            ),
        ],
    ),
]


@pytest.fixture
def browsers(browser_of, visitor, alice, leader, manager, group):
    """By name. The visitor was answered, so that the conversation could be mailed."""
    batches.post(draft_of(alice, group, "an answer"))
    members = {"alice": alice, "leader": leader, "manager": manager}
    return {"guest": visitor} | {name: browser_of(one) for name, one in members.items()}


def test_what_is_wrong_is_refused_by_its_code_and_stores_nothing(browsers, other_manager, group):
    before, failed = stored(), []
    for who, method, place, code, wrongs in TABLE:
        ask = getattr(browsers[who], method.lower())
        for fields in wrongs:
            limits.clear()
            answer = ask(place.format(group=group), fields, **JSON)
            if refused(answer) != (HTTP_STATUS[code], code):
                failed.append((who, place, str(fields)[:80], answer.content[:80]))
        page = ask(place.format(group=group), wrongs[0], **PAGE)
        if page.status_code not in (400, 404, 413):
            failed.append((who, place, str(wrongs[0])[:80], page.status_code))
    assert failed == []
    assert stored() == before
