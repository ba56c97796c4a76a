"""Requests with a field that is wrong: each is refused as listed, and stores nothing."""

import pytest

from chat.knowledge import articles
from chat.knowledge.articles import Text
from chat.limits import limits
from chat.stream.types import TYPES
from chat.webhooks import hooks
from tests.chat.matrix import stored

from .program import refusal

pytestmark = [pytest.mark.once, pytest.mark.django_db]

BAD, LONG = (400, "bad_field"), (413, "too_long")
MISSING, FORBIDDEN, CONFLICT = (404, "not_found"), (403, "forbidden"), (409, "conflict")
NEW = {"slug": "new", "lang": "en", "title": "New", "body": "Boil."}
HERE, HOOK = "conversations/{group}/", "https://crm.example.com/hook"

QUERIES = {
    "conversations/": [
        *(({"status": "open"}, BAD), ({"team": "typo"}, BAD), ({"states": "", "limit": 5}, BAD)),
        *(({"state": "asleep"}, BAD), ({"limit": "0"}, BAD), ({"limit": "101"}, BAD)),
        *(({"limit": "many"}, BAD), ({"cursor": "x"}, BAD), ({"cursor": "WzEsMl0"}, BAD)),
        *(({"cursor": "WyJhIiwiYiJd"}, BAD), ({"cursor": "WzEsMiwzXQ=="}, BAD)),
        *(({"cursor": "W3RydWUsMV0="}, BAD), ({"cursor": "%00%ff"}, BAD)),
        ({"state": "open&state=closed"}, BAD),
    ],
    f"{HERE}messages/": [
        *(({"after": 1, "before": 2}, BAD), ({"limit": 0}, BAD), ({"limit": 201}, BAD)),
        *(({"after": -1}, BAD), ({"after": "x"}, BAD), ({"before": 2**40}, BAD)),
        ({"limit": "1e3"}, BAD),
    ],
    "events/": [
        *(({"after": "x"}, BAD), ({"after": "1:x"}, BAD), ({"limit": "0"}, BAD)),
        *(({"limit": "1001"}, BAD), ({"limit": "x"}, BAD)),
    ],
    "reports/": [
        *(({"from": "2026-02-30"}, BAD), ({"from": "2026-02-02", "to": "2026-02-01"}, BAD)),
        *(({"zone": "Nowhere"}, BAD), ({"clock": "sun"}, BAD), ({"team": "nowhere"}, MISSING)),
        *(({"member": "nobody"}, MISSING), ({"enterprise": "umbrella"}, BAD)),
    ],
    "articles/": [
        *(({"lang": "fr"}, BAD), ({"lang": ""}, BAD), ({"state": "draft"}, BAD)),
        *(({"limit": 0}, BAD), ({"cursor": "x"}, BAD), ({"cursor": "WzEsMiwzXQ=="}, BAD)),
    ],
    "articles/tea/": [({"lang": "de"}, BAD), ({"slug": "tea"}, BAD)],
    "articles/Tea/": [({}, MISSING)],
    "articles/tea/?lang=zh-hans": [({}, MISSING)],
    "teams/": [({"team": "service"}, BAD)],
    "reports/rows/": [({}, BAD), ({"metric": "rating", "limit": "0"}, BAD)],
    "search/": [
        *(({}, BAD), ({"q": ""}, BAD), ({"q": "%20"}, BAD), ({"q": "x" * 101}, BAD)),
        *(({"q": "x", "team": "nothing"}, BAD), ({"q": "x", "state": "gone"}, BAD)),
        *(({"q": "x", "from": "soon"}, BAD), ({"q": "x", "cursor": "x"}, BAD)),
        ({"q": "x", "from": "2026-02-02", "to": "2026-02-01"}, BAD),
        ({"q": "x", "limit": 101}, BAD),
    ],
}
BODIES = {
    f"{HERE}actions/": [
        *(({}, BAD), ({"action": "dance"}, BAD), ({"action": 7}, BAD)),
        *(({"action": "claim"}, FORBIDDEN), ({"action": "leave"}, FORBIDDEN)),
        *(({"action": "snooze"}, BAD), ({"action": "snooze", "minutes": "5"}, BAD)),
        *(({"action": "tag"}, BAD), ({"action": "tag", "tag": "x" * 31}, LONG)),
        *(({"action": "transfer"}, BAD), ({"action": "transfer", "team": "nowhere"}, MISSING)),
        ({"action": "transfer", "member": "4e856ead-d369-491e-be93-eee830c99050"}, MISSING),
        *(({"action": "spam"}, CONFLICT), ({"action": "close", "reason": "x" * 61}, LONG)),
        *(
            ({"action": "close", "tag": "x"}, BAD),
            ({"action": "tag", "tag": "x", "team": "x"}, BAD),
        ),
    ],
    f"{HERE}messages/": [
        *(({}, BAD), ({"content": "x" * 10_001}, LONG)),
        *(({"content": content}, BAD) for content in ("", None, 7, ["x"])),
        *(({"content": "x", "client_id": id}, BAD) for id in ("1", 1)),
        *(({"content": "x", "note": note}, BAD) for note in (1, "true")),
        *(({"content": "x", "seen": seen}, BAD) for seen in ("1", 1.5, -1, 2**70)),
        *(({"content": "x", "reply_to": to}, BAD) for to in (99, True)),
        *(({"contents": "x"}, BAD), ({"content": "x", "notes": True}, BAD)),
    ],
    f"{HERE}messages/?quiet=1": [({"content": "x"}, BAD)],
    "articles/": [
        *(({}, BAD), ({"slug": "x", "lang": "en"}, BAD), (NEW | {"states": "draft"}, BAD)),
        *((NEW | {"slug": slug}, BAD) for slug in ("", "A", "../a", "-a", "a" * 81, "search", 7)),
        *((NEW | {"lang": lang}, BAD) for lang in ("fr", "zh-Hans", "", None)),
        *((NEW | {"title": title}, BAD) for title in ("", " \n", "x" * 201, "\u0000", 7)),
        *((NEW | {"body": body}, BAD) for body in ("", "\u0007", "x" * 100_001, ["x"])),
        *((NEW | {"audience": "all"}, BAD), (NEW | {"state": "withdrawn"}, BAD)),
        *((NEW | {"category": "x" * 61}, BAD), (NEW | {"slug": "tea"}, CONFLICT)),
        (NEW | {"body": "x" * 700_000}, LONG),
    ],
    "webhooks/{webhook}/test/": [({"url": HOOK}, BAD)],
    "webhooks/": [
        ({}, BAD),
        *(({"url": "http://crm.example.com/"}, BAD), ({"url": "https://127.0.0.1/"}, BAD)),
        *(({"url": 1}, BAD), ({"url": HOOK, "events": []}, BAD)),
        *(({"url": HOOK, "events": events}, BAD) for events in (["nothing"], "x", [1], [[HOOK]])),
    ],
}
CHANGES = [
    *(({"title": ""}, BAD), ({"state": "gone"}, BAD), ({"slug": "x"}, BAD), ({"lang": "en"}, BAD)),
    *(({"revision": 7}, BAD), ({"audience": 1}, BAD)),
]
EDITS = [
    *(({}, BAD), ({"name": ""}, BAD), ({"name": "a\u0000b"}, BAD), ({"name": 7}, BAD)),
    *(({"name": "x" * 126}, LONG), ({"contact": ["x"]}, BAD), ({"email": "x"}, BAD)),
]


def test_what_is_wrong_is_refused_as_listed_and_stores_nothing(
    program, other_enterprise, group, guest
):
    def check(place, fields, wanted, answer):
        assert refusal(answer) == wanted, (place, str(fields)[:80])
        assert not answer.json().get("field", "").isdigit(), fields
        assert place != "conversations/" or answer.json()["field"] in fields, fields
        limits.clear()

    program.get("token/")
    hook = hooks.create(program.member.enterprise, HOOK, TYPES).uuid
    articles.put(program.member.enterprise, "tea", "en", Text("Tea", "Text."))
    before = stored()
    for places, call in ((QUERIES, program.get), (BODIES, program.post)):
        for place, cases in places.items():
            path = place.format(group=group, webhook=hook)
            for fields, wanted in cases:
                more = fields if call == program.get else {"body": fields}
                check(place, fields, wanted, call(path, **more))
    for fields, wanted in EDITS:
        check("visitors/", fields, wanted, program.patch(f"visitors/{guest.uuid}/", fields))
    for fields, wanted in CHANGES:
        check("articles/", fields, wanted, program.patch("articles/tea/", fields))
    assert stored() == before
