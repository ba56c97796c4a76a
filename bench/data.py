"""Fills an empty database for one benchmark and tells how to connect: `python -m bench.data`.

Reads the sizes from its arguments (groups, agents), writes the plan as JSON to standard output:
{"visitors": [{"who", "group", "agents": [uuid × 5], "cookie"}], "agents": [{"who", "cookie"}],
"enterprise": code}. Cookies are made here, without a login, which is why it refuses to run
outside bin/bench and on a database that holds anything.
"""

import hashlib
import json
import os
import random
import sys

SEATS = 5
"""Agents in each group."""
ENTERPRISE = "bench"


def main() -> None:
    if os.environ.get("KEFU_BENCH") != "1":
        raise SystemExit("only bin/bench makes this data")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    json.dump(fill(int(sys.argv[1]), int(sys.argv[2])), sys.stdout)


def fill(groups: int, agents: int) -> dict:
    """Makes the rows and returns the plan."""
    from django.db import transaction

    from accounts import setup
    from accounts.models import Enterprise, Member

    if Enterprise.objects.exists() or Member.objects.exists():
        raise SystemExit("this database is not empty; nothing was done")
    chance = random.Random(1)
    with transaction.atomic():
        enterprise = setup.create_enterprise(ENTERPRISE, "Bench")
        team = enterprise.teams.get()
        members = [
            Member(name=f"agent{number}", nickname=f"客服{number}", enterprise=enterprise)
            for number in range(agents)
        ]
        for member in members:
            member.set_unusable_password()
        members = Member.objects.bulk_create(members)
        visitors = [
            visitor(team, number, chance.sample(members, SEATS)) for number in range(groups)
        ]
        staff = [
            {"who": member.uuid, "cookie": f"sessionid={session(member)}"} for member in members
        ]
    return {"enterprise": ENTERPRISE, "visitors": visitors, "agents": staff}


def visitor(team, number: int, members: list) -> dict:
    """A visitor with a conversation, in which `members` sit; as the plan shows them."""
    from django.utils import timezone

    from chat import conversations, visitors
    from chat.models import Conversation, Visitor

    token = visitors.new_token(team.enterprise)
    who, _dot, secret = visitors.signer(team.enterprise).unsign(token).partition(".")
    name = f"Visitor {1000 + number}"
    Visitor.objects.create(
        uuid=who,
        ent_id=team.enterprise.code,
        secret_hash=hashlib.sha256(secret.encode()).hexdigest(),
        label=name,
    )
    conversation = Conversation.objects.create(
        ent_id=team.enterprise.code, visitor_id=who, team=team, last_activity=timezone.now()
    )
    people = [(member.uuid, member.display_name) for member in members] + [(who, name)]
    conversations.seat(
        [
            conversations.Place(team.enterprise.code, conversation.uuid, name, uuid, shown)
            for uuid, shown in people
        ]
    )
    return {
        "who": who,
        "group": conversation.uuid,
        "agents": [member.uuid for member in members],
        "cookie": f"{visitors.cookie_name(team.enterprise)}={token}",
    }


def session(member) -> str:
    """The key of a new login session of `member`."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    store = SessionStore()
    store[SESSION_KEY] = str(member.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = member.get_session_auth_hash()
    store.create()
    return store.session_key


if __name__ == "__main__":
    main()
