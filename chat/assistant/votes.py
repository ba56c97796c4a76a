"""Whether an answer helped: what its visitor says of it."""

from chat.models import AssistantTask, theirs
from chat.protocol.errors import Refused


def tasks(ent_id: str, group: str, seq: int):
    """What the message `seq` of a conversation (uuid) came of."""
    return AssistantTask.objects.filter(theirs(ent_id), conversation_id=group, message_seq=seq)


def latest(ent_id: str, group: str, messages: list[dict]) -> dict | None:
    """Of the latest of these message objects that stands on articles: its `seq`, and what its
    visitor has `said` of it, None for nothing yet. None without one."""
    seqs = [one["seq"] for one in messages if (one["data"] or {}).get("citations")]
    if not seqs:
        return None
    said = tasks(ent_id, group, seqs[-1]).values_list("helpful", flat=True).first()
    return {"seq": seqs[-1], "said": said}


def vote(ent_id: str, group: str, seq: int, helpful: bool) -> None:
    """Stores what the visitor of a conversation (uuid) says of the answer `seq`, in place of what
    they said before. Refuses with not_found what is no answer of an assistant there."""
    answers = tasks(ent_id, group, seq).filter(kind=AssistantTask.Kind.ANSWER)
    if not answers.update(helpful=helpful):
        raise Refused("not_found", "There is no such answer for you.", seq=seq)
