"""Puts an enterprise into the database of a served product, beside the server that uses it.

Three agents sit in each of its conversations: CODE-alice, CODE-bob and CODE-carol, with the
demo's password and nicknames. All is read; the visitor and alice take turns in writing.
"""

import os
from datetime import timedelta

BATCH = 1_000
TEXTS = (
    "你好，我的订单 {number} 还没到，能帮我查一下吗？",
    "您好，我来查一下，请稍等。https://example.com/orders/{number}",
)


def fill(code: str, conversations: int, messages: int) -> None:
    from accounts import setup
    from kefu.management.commands.demo import NICKNAMES

    team = setup.create_enterprise(code, code).teams.get()
    members = [
        setup.create_member(
            f"{code}-{name}",
            os.environ["DEMO_PASSWORD"],
            enterprise=team.enterprise,
            nickname=nickname,
        )
        for name, nickname in NICKNAMES.items()
    ]
    for member in members:
        setup.join_team(member, team)
    for first in range(0, conversations, BATCH):
        numbers = range(first, min(first + BATCH, conversations))
        write(team, members, numbers, conversations, messages)


def write(team, members: list, numbers: range, conversations: int, messages: int) -> None:
    """The conversations of these numbers, one a second, of which the last one is now."""
    from django.utils import timezone

    from chat.models import ChatGroup, Conversation, GroupMember, GroupMessage, Visitor

    ent_id, now = team.enterprise.code, timezone.now()
    visitors = Visitor.objects.bulk_create(
        Visitor(ent_id=ent_id, secret_hash="0" * 64, label=f"访客 {number}") for number in numbers
    )
    made = Conversation.objects.bulk_create(
        Conversation(
            ent_id=ent_id,
            visitor=visitor,
            team=team,
            last_activity=now - timedelta(seconds=conversations - 1 - number),
            **dict.fromkeys(("last_seq", "public_seq", "message_seq"), messages),
        )
        for number, visitor in zip(numbers, visitors, strict=True)
    )
    people = [
        (conversation, who, name)
        for conversation in made
        for who, name in [
            (conversation.visitor_id, conversation.visitor.label),
            *((member.uuid, member.display_name) for member in members),
        ]
    ]
    ChatGroup.objects.bulk_create(
        ChatGroup(
            ent_id=ent_id,
            member_id=who,
            group_name=conversation.visitor.label,
            uuid=conversation.uuid,
            read_seq=messages,
        )
        for conversation, who, _name in people
    )
    GroupMember.objects.bulk_create(
        GroupMember(ent_id=ent_id, member_id=who, member_name=name, group_id=conversation.uuid)
        for conversation, who, name in people
    )
    GroupMessage.objects.bulk_create(
        message(conversation, members[0], seq, messages)
        for conversation in made
        for seq in range(1, messages + 1)
    )


def message(conversation, agent, seq: int, last: int):
    """One of them, a minute before the next; the newest when the conversation was last active."""
    from accounts.models import new_uuid
    from chat.models import GroupMessage

    by_agent = seq % 2 == 0
    return GroupMessage(
        ent_id=conversation.ent_id,
        sender=agent.uuid if by_agent else conversation.visitor_id,
        sender_name=agent.display_name if by_agent else conversation.visitor.label,
        group_id=conversation.uuid,
        message_content=TEXTS[by_agent].format(number=seq),
        created_at=conversation.last_activity - timedelta(minutes=last - seq),
        seq=seq,
        client_id=new_uuid(),
    )
