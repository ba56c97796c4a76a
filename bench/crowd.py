"""Fills an empty database for a storm: `python -m bench.crowd SPEC`.

SPEC is JSON, {"agents": members of the one team, "written": conversations with a message each,
"each": messages of the first conversation, "routing" of the team, "pages": visitors who have not
written, "model": the port of the one that the assistant asks; 0 without articles and assistant}.
The messages are stored as the product stores them. The output is the plan, JSON: {"enterprise":
code, "agents": [{"who", "name", "cookie"}], "visitors": [{"who", "group", "cookie"}], "cookies":
those of the pages}. All agents have the password PASSWORD.
"""

import hashlib
import json
import sys
import uuid

from . import data, written

ENTERPRISE = "storm"
PASSWORD = "a pass phrase of the storms"
CAPACITY = 20
"""Conversations that each agent may have where the team assigns."""
BATCH = 200
"""Messages of one batch, as many as a server stores at once."""
CONTENT = "您好，我昨天下的订单 20260731-4471 还没有发货，能帮我看一下吗？谢谢！"


def main() -> None:
    data.start_django()
    json.dump(fill(json.loads(sys.argv[1])), sys.stdout)


def fill(spec: dict) -> dict:
    from django.contrib.auth.hashers import make_password
    from django.db import transaction

    from accounts.models import Member, TeamMember

    with transaction.atomic():
        enterprise, team = data.create_enterprise(ENTERPRISE)
        team.routing, team.capacity = spec["routing"], CAPACITY
        team.save()
        data.create_members(enterprise, spec["agents"])
        Member.objects.filter(enterprise=enterprise).update(password=make_password(PASSWORD))
        members = list(Member.objects.filter(enterprise=enterprise).order_by("pk"))
        TeamMember.objects.bulk_create(TeamMember(team=team, member=one) for one in members)
        agents = [
            {"who": one.uuid, "name": one.name, "cookie": data.session_cookie(one)}
            for one in members
        ]
    plan = {
        "enterprise": ENTERPRISE,
        "agents": agents,
        "visitors": write(team, spec["written"], spec["each"]),
        "cookies": [data.visitor_cookie(enterprise) for _ in range(spec["pages"])],
    }
    if spec["model"]:
        # In which visitors get their answers who name none.
        enterprise.text_language = "zh-hans"
        enterprise.save()
        written.set_up(enterprise, f"http://127.0.0.1:{spec['model']}/v1")
    return plan


def write(team, number: int, each: int) -> list[dict]:
    """Has `number` new visitors write, the first one `each` messages; returns them."""
    from chat.posting import batches
    from chat.visitors import cookies

    tokens = [cookies.new_token(team.enterprise) for _ in range(number)]
    openings = [first_message(team, token) for token in tokens]
    groups = []
    for start in range(0, number, BATCH):
        answers = batches.run(openings[start : start + BATCH])
        groups += [answer["group"] for answer in answers]
    for start in range(1, each, BATCH) if groups else ():
        count = min(BATCH, each - start)
        batches.run([later_message(openings[0], groups[0]) for _ in range(count)])
    return [
        {
            "who": opening.sender,
            "group": group,
            "cookie": data.visitor_cookie(team.enterprise, token),
        }
        for token, opening, group in zip(tokens, openings, groups, strict=True)
    ]


def first_message(team, token: str):
    """What a visitor with a cookie's token writes first."""
    from chat.conversations.openings import Opening
    from chat.posting.items import Draft
    from chat.visitors import cookies

    who, _dot, rest = token.partition(".")
    digest = hashlib.sha256(rest.rpartition(":")[0].encode()).hexdigest()
    name = cookies.default_name(who)
    opening = Opening(team.enterprise.code, team.pk, who, digest, name, "zh-hans")
    return Draft(who, name, "", str(uuid.uuid4()), CONTENT, None, opening=opening)


def later_message(first, group: str):
    from chat.posting.items import Draft

    client_id = str(uuid.uuid4())
    return Draft(first.sender, first.sender_name, "", client_id, CONTENT, group)


if __name__ == "__main__":
    main()
