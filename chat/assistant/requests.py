import json

from chat.knowledge import articles
from chat.models import Conversation, GroupMessage

from .shapes import *

MOST = 500


def estimate(t):
    return len(t) // 4


def gather(assistant, group):
    c = Conversation.objects.get(uuid=group)
    rows = GroupMessage.objects.of(c).filter(message_type=1)
    lines = tuple(
        Line("visitor" if r.sender == c.visitor_id else "team", r.message_content)
        for r in rows.order_by("seq")
    )
    ps = tuple(
        Passage(f"a{a.pk}", a.pk, a.slug, a.lang, a.revision, a.title, a.body, "")
        for a in articles.readable(assistant.enterprise)
    )
    return Question("en", ps, lines, lines[-1].text, c.last_seq)


def messages(assistant, q):
    return [
        {
            "role": "user",
            "content": json.dumps(
                {
                    "task": "answer",
                    "language": q.language,
                    "passages": [{"id": p.id} for p in q.passages],
                    "conversation": [{"from": l.who, "text": l.text} for l in q.conversation],
                }
            ),
        }
    ]


def alone(assistant, text, language):
    return Question(language, (), (Line("visitor", text),), text, 0)
