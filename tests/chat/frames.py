"""A frame of each type, for who tries them."""

SEND = {"type": "message.send", "client_id": None, "content": "x", "group": "group"}
TRANSLATE = {"type": "assistant.translate", "text": "x", "to": "en"}


def act(name: str, **fields) -> dict:
    """An action on the conversation."""
    return {"type": f"conversation.{name}", "group": "group", **fields}


FRAMES = {
    "message.send": SEND,
    "message.send as a note": SEND | {"note": True},
    "message.send with seen": SEND | {"seen": 2},
    "message.send in answer": SEND | {"reply_to": 2},
    "message.send as a note that calls": SEND | {"note": True, "mentions": ["bob", "outsider"]},
    "message.recall": {"type": "message.recall", "group": "group", "seq": 2},
    "message.edit": {"type": "message.edit", "group": "group", "seq": 2, "content": "x"},
    "message.read": {"type": "message.read", "group": "group", "seq": 2},
    "typing a text": {"type": "typing", "group": "group", "draft": "x"},
    "typing true": {"type": "typing", "group": "group", "draft": True},
    "knowledge.suggest": {"type": "knowledge.suggest", "group": "group", "text": "x"},
    "knowledge.suggest without a group": {"type": "knowledge.suggest", "text": "x"},
    "assistant.draft": {"type": "assistant.draft", "group": "group"},
    "assistant.summary": {"type": "assistant.summary", "group": "group"},
    "assistant.translate": TRANSLATE,
    "assistant.translate of a group": TRANSLATE | {"group": "group"},
    "assistant.feedback": {"type": "assistant.feedback", "group": "group", "helpful": True},
    "sync": {"type": "sync", "groups": "group"},
    "sync with the inbox": {"type": "sync", "groups": "group", "inbox": True},
    "conversation.claim": act("claim"),
    "conversation.release": act("release"),
    "conversation.close": act("close"),
    "conversation.reopen": act("reopen"),
    "conversation.leave": act("leave"),
    "conversation.invite": act("invite", member="manager"),
    "conversation.invite of a stranger": act("invite", member="outsider"),
    "conversation.remove": act("remove", member="bob"),
    "conversation.transfer to a member": act("transfer", member="bob"),
    "conversation.transfer to the team that has it": act("transfer", team="service"),
    "conversation.tag": act("tag", tag="x"),
    "conversation.untag": act("untag", tag="x"),
    "conversation.snooze": act("snooze", minutes=60),
    "conversation.wake": act("wake"),
    "conversation.handover": act("handover"),
    "conversation.spam outside quarantine": act("spam"),
    "conversation.not_spam outside quarantine": act("not_spam"),
    "offer.decline of what is not offered": {"type": "offer.decline", "group": "group"},
    "rate": {"type": "rate", "group": "group", "score": 5},
    "page": {"type": "page", "url": "https://shop.example.com/"},
    "queue": {"type": "queue"},
    "team": {"type": "team"},
    "presence": {"type": "presence", "away": False},
    "viewing": {"type": "viewing", "group": "group"},
    "viewing nothing": {"type": "viewing", "group": None},
    "shown": {"type": "shown"},
    "ping": {"type": "ping", "got": 1},
}
"""The frames that are tried. `None`, names of people and `group` are filled in."""
