"""Whole answers, as the document shows them. tests/chat/api/test_examples.py compares each with its
schema, and its keys with those of a real answer."""

GROUP = "4e856ead-d369-491e-be93-eee830c99050"
PERSON = "684e9983-efbc-4464-bdbd-1e95a7dbb94f"
VISITOR = "25e151d0-ee6a-43d3-a69d-d7ac49ecc4a3"
PROGRAM = "ac1a5ae0-c5da-4361-83a9-b7a45c54788a"
SENT = "10f59722-d93a-443c-9a96-5dba2ee8caff"
HOOK = "7a0e4cf2-5d0c-4c1d-9c39-52d8c8ad3c2b"
OPENED = "2026-11-25T01:38:21.686771Z"
ANSWERED = "2026-11-25T01:39:02.106086Z"
CURSOR = "WzEsNDIzXQ=="

NOT_FOUND = {"error": "not_found", "detail": "There is no such conversation for you."}
BAD_FIELD = {"error": "bad_field", "detail": "content is text.", "field": "content"}
NO_SCOPE = {
    "error": "forbidden",
    "detail": "This token may not be used for it: it lacks the scope messages:write.",
    "scope": "messages:write",
}
LIMITED = {"error": "rate_limited", "detail": "Too many at once.", "retry_after": 3}
MERGED = {
    "error": "merged",
    "detail": "It has become a part of another conversation.",
    "into": GROUP,
}
DONE = {"ok": True}

NOTICE = {
    "id": 4852,
    "group": GROUP,
    "seq": 1,
    "kind": "notice",
    "sender": "",
    "sender_name": "",
    "sender_avatar": "",
    "sender_role": "system",
    "content": "Conversation with Service opened",
    "client_id": "fe4eedee-dcb1-4ab9-a490-0bbc3309c327",
    "created_at": OPENED,
    "attachment": None,
    "data": {"event": "opened", "team": "Service", "members": ["Alice"]},
}
QUESTION = {
    **NOTICE,
    "id": 4853,
    "seq": 2,
    "kind": "message",
    "sender": VISITOR,
    "sender_name": "王建国",
    "sender_role": "visitor",
    "content": "Where is my parcel?",
    "client_id": "a4c98ebb-96e7-4026-9f9a-ec8fd005773a",
    "data": None,
}
CITED = {"n": 1, "slug": "shipping", "lang": "en", "revision": 2, "title": "When do you ship?"}
CITED |= {"url": "/help/acme/shipping/?lang=en", "quote": "leave on the same day"}
GENERATED = {
    **QUESTION,
    **{"id": 4854, "seq": 3, "sender": PROGRAM, "sender_name": "Assistant", "sender_role": "bot"},
    "content": "Parcels leave on the same day[1].",
    "data": {"generated": True, "citations": [CITED]},
}
HISTORY = {"messages": [NOTICE, QUESTION, GENERATED], "last_seq": 3, "more": False}
ACCEPTED = {
    "type": "message.accepted",
    "client_id": SENT,
    "group": GROUP,
    "seq": 3,
    "id": 4854,
    "created_at": ANSWERED,
}
ACCEPTED_FILE = {
    **ACCEPTED,
    "attachment": {
        "url": "/files/6e1ea98cd3e40b2f8d1a5b4a4a8b0b52/",
        "thumbnail": None,
        "name": "invoice.pdf",
        "size": 48213,
        "mime": "application/pdf",
        "width": None,
        "height": None,
    },
}

SEAT = {
    "member": PERSON,
    "name": "Alice",
    "avatar": "",
    "leader": False,
    "online": True,
    "state": "online",
    "read_seq": 2,
}
RECEPTION = {
    "group": GROUP,
    "team_name": "Service",
    "opened_at": "2026-11-20T08:00:11.000412Z",
    "closed_at": "2026-11-20T08:21:40.910133Z",
    "closed_name": "Alice",
    "reason": "solved",
    "summary": "A new one was sent.",
    "score": 5,
    "comment": "Quick!",
}
ABOUT_VISITOR = {
    "visitor": VISITOR,
    "name": "王建国",
    "contact": "wang@example.com",
    "identity": None,
    "attributes": {"plan": "gold", "spent": 129.5},
    "contacts_hidden": False,
    "contact_proven": False,
    "referrer": "https://shop.example.com/",
    "language": "zh-hans",
    "device": "Android 15",
    "browser": "Chrome 141",
    "address": "192.0.2.0/24",
    "path": [{"url": "https://shop.example.com/cart", "at": OPENED}],
    "created_at": OPENED,
    "consented_at": None,
    "blocked": None,
    "erased": False,
    "online": True,
}
GIVEN = {
    "visitor": VISITOR,
    "name": "王建国",
    "contact": "wang@example.com",
    "email": "wang@example.com",
    "identity": "4711",
    "attributes": {"plan": "gold", "spent": 129.5},
    "contacts_hidden": False,
    "customer": VISITOR,
    "conversations": [{"group": GROUP, "team": "service", "state": "waiting"}],
}
GIVEN_VISITOR = {"visitor": GIVEN}
CONVERSATION = {
    "group": GROUP,
    "group_name": "王建国",
    "team": "service",
    "team_name": "Service",
    "open": True,
    "claimed_by": PERSON,
    "claimed_name": "Alice",
    "bot": None,
    "bot_name": None,
    "waiting_since": OPENED,
    "due_at": "2026-11-25T01:40:21.686771Z",
    "target": 120,
    "rating": None,
    "snoozed_until": None,
    "tags": ["refund"],
    "quarantined": None,
    **{"channel": None, "window": None},
    "last_seq": 2,
    "unread": 0,
    "read_seq": 2,
    "seen_seq": 2,
    "seated": False,
    "acts": True,
    "leads": True,
}
LISTED = {
    **CONVERSATION,
    "last_activity": OPENED,
    "last": {
        "seq": 2,
        "kind": "message",
        "sender": VISITOR,
        "sender_name": "王建国",
        "excerpt": "Where is my parcel?",
        "created_at": OPENED,
        "attachment": None,
        "data": None,
    },
    "visitor": {**ABOUT_VISITOR, "topic": "Delivery"},
    "members": [SEAT],
}
VISITORS = {"visitors": [GIVEN], "cursor": CURSOR}
CONVERSATIONS = {"conversations": [LISTED], "cursor": CURSOR}
ONE_CONVERSATION = {
    "conversation": {
        **CONVERSATION,
        "at": None,
        "visitor": {
            **ABOUT_VISITOR,
            "last_seen_at": ANSWERED,
            "topic": "Delivery",
            "receptions": [RECEPTION],
            "legal_holds": [],
            "others": [],
        },
        "members": [SEAT],
        "messages": [NOTICE, QUESTION],
        "more": False,
    }
}
SEARCH = {
    "conversations": [
        {
            "group": GROUP,
            "name": "王建国",
            "team_name": "Service",
            "state": "waiting",
            "last_activity": OPENED,
            "hit": {
                "seq": 2,
                "sender_name": "王建国",
                "note": False,
                "where": "text",
                "parts": [
                    {"text": "Where is my ", "hit": False},
                    {"text": "parcel", "hit": True},
                    {"text": "?", "hit": False},
                ],
            },
        }
    ],
    "cursor": None,
}
TEAMS = {
    "teams": [
        {"team": "service", "name": "Service", "state": "online"},
        {"team": "sales", "name": "Sales", "state": "closed"},
    ]
}
MEMBERS = {
    "members": [
        {
            "member": PERSON,
            "name": "Alice",
            "avatar": "",
            "online": True,
            "state": "online",
            "account": "alice",
            "teams": ["service"],
        }
    ]
}
TOKEN = {
    "name": "crm",
    "member": PROGRAM,
    "account": "crm@acme",
    "bot": False,
    "enterprise": "acme",
    "enterprise_name": "Acme",
    "scopes": ["conversations:read", "messages:read"],
    "expires_at": "2027-11-25T00:00:00Z",
}
ONE_VISITOR = {
    "visitor": {
        **ABOUT_VISITOR,
        "last_seen_at": ANSWERED,
        "conversations": [
            {
                "group": GROUP,
                "team_name": "Service",
                "topic": "Delivery",
                "open": True,
                "last_activity": OPENED,
            }
        ],
        "receptions": [RECEPTION],
    }
}

FIGURES = {
    "receptions": 2,
    "messages_in": 5,
    "messages_out": 4,
    "unanswered": 0,
    "first_reply": {"n": 2, "mean": 50.5, "median": 41.0, "p90": 60.0},
    "next_reply": {"n": 2, "mean": 35.0, "median": 30.0, "p90": 40.0},
    "resolution": {"n": 2, "mean": 611.0, "median": 600.0, "p90": 622.0},
    "rating": {"n": 1, "mean": 5.0},
}
REPORT = {
    "from": "2026-11-25",
    "to": "2026-11-25",
    "zone": "Asia/Shanghai",
    "totals": FIGURES,
    "by_team": [{"team": "service", **FIGURES}],
    "by_member": [{"member": "alice", **FIGURES, "messages_in": 0}],
    "by_day": [{"date": "2026-11-25", **FIGURES}],
    "by_hour": [[0] * 24, [0] * 24, [0] * 9 + [1, 1] + [0] * 13, *[[0] * 24] * 4],
}
REPORT_ROWS = {
    "rows": [
        {
            "group": GROUP,
            "team": "service",
            "member": None,
            "opened_at": OPENED,
            "closed_at": None,
        }
    ],
    "n": 1,
    "cursor": None,
}

EVENTS = {
    "events": [
        {
            "id": "0000003000000000042",
            "type": "message.posted",
            "at": OPENED,
            "data": {
                **{"group": GROUP, "seq": 2},
                **{"team": "service", "state": "open", "channel": None},
                "visitor": VISITOR,
                "identity": None,
                "message": QUESTION,
            },
        }
    ],
    "cursor": "42:XCaEoFqbSqsQydz6doaW2NRVdiwQb4xq-7N0WcHIGCk",
}
WEBHOOK = {
    "id": HOOK,
    "url": "https://crm.example.com/hook",
    "events": ["message.posted", "conversation.closed"],
    "active": True,
    "created_at": OPENED,
}
WITH_SECRET = {**WEBHOOK, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
WEBHOOKS = {"webhooks": [WEBHOOK]}
DELIVERIES = {
    "deliveries": [
        {
            "id": 17,
            "event": "0000003000000000042",
            "type": "message.posted",
            "state": "due",
            "created_at": OPENED,
            "due_at": ANSWERED,
            "attempts": [
                {"at": OPENED, "seconds": 0.04, "status": 500, "error": "", "lines": "Sorry"}
            ],
        }
    ],
    "cursor": None,
}
TRIAL = {"delivered": True, "status": 204, "milliseconds": 87, "error": ""}
FAILED_TRIAL = {
    "delivered": False,
    "status": None,
    "milliseconds": 15000,
    "error": "no answer within 15 seconds",
}
