"""An assistant's answer, as what asks the model stores it."""

from accounts.models import Member
from chat.models import AssistantCitation, AssistantTask, GroupMessage
from chat.posting import batches
from tests.chat.helpers import draft_of

TEXT = "补发不收费[1]，两天到杭州 [2]。尺寸见 [3]"
"""[3] is a number that no citation has."""
SAID = "补发不收费，两天到杭州。尺寸见 [3]"


def citation(n: int, slug: str, title: str) -> dict:
    url = f"/help/acme/{slug}/?lang=zh-hans"
    facts = {"slug": slug, "lang": "zh-hans", "revision": 1, "title": title}
    return {"n": n, **facts, "url": url, "quote": f"<{slug} 的原话>"}


CITATIONS = [citation(1, "missing", "少件怎么补"), citation(2, "shipping", "到达时间")]
DATA = {"bot": True, "generated": True, "citations": CITATIONS}


def answer(bot: Member, group: str, text: str = TEXT, data: dict = DATA) -> int:
    """Its seq. `bot` has the floor there."""
    newest = GroupMessage.objects.in_group(group).order_by("-seq").first()
    draft = draft_of(bot, group, text, bot=True, seen=newest.seq)
    seq = batches.post(draft)["seq"]
    GroupMessage.objects.in_group(group).filter(seq=seq).update(data=data)
    task = AssistantTask.objects.create(
        ent_id=bot.enterprise.code,
        kind=AssistantTask.Kind.ANSWER,
        conversation_id=group,
        seq=newest.seq,
        message_seq=seq,
        text=text,
        reply=text,
    )
    for one in data.get("citations", ()):
        facts = {name: value for name, value in one.items() if name != "url"}
        AssistantCitation.objects.create(ent_id=task.ent_id, task=task, **facts)
    return seq
