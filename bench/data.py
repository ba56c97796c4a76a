"""Fills an empty database for one benchmark and tells how to connect: `python -m bench.data`.

Reads what to make as JSON from its argument, {name: [groups, agents]}, one enterprise each, and
writes the plans as JSON to standard output, {name: plan}. A plan: {"enterprise": code, "agents":
[{"who", "cookie"}], "visitors": [{"who", "group", "agents": [uuid × 5], "cookie"}]}. Without
groups a plan is {"enterprise", "cookies"}: visitors who never wrote, as many as "agents" says.

Cookies are made here, without a login, which is why it refuses to run outside bin/bench and on
a database that holds anything.
"""

import hashlib
import json
import os
import random
import sys

SEATS = 5
"""Agents in each group."""


def main() -> None:
    start_django()
    made = json.loads(sys.argv[1])
    json.dump({name: fill(name, *sizes) for name, sizes in made.items()}, sys.stdout)


def start_django() -> None:
    """Sets Django up on a database that is this benchmark's own, and empty."""
    if os.environ.get("KEFU_BENCH") != "1":
        raise SystemExit("only bin/bench makes this data")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from accounts.models import Enterprise, Member

    call_command("migrate", interactive=False, verbosity=0)
    if Enterprise.objects.exists() or Member.objects.exists():
        raise SystemExit("this database is not empty; nothing was done")


def fill(name: str, groups: int, agents: int) -> dict:
    """Makes one enterprise's rows and returns its plan."""
    from django.db import transaction

    chance = random.Random(1)
    with transaction.atomic():
        enterprise, team = new_enterprise(name)
        if groups == 0:
            return {"enterprise": name, "cookies": [cookie(enterprise) for _ in range(agents)]}
        members = new_members(enterprise, agents)
        visitors = [
            visitor(team, number, chance.sample(members, SEATS)) for number in range(groups)
        ]
        staff = [{"who": member.uuid, "cookie": session_cookie(member)} for member in members]
    return {"enterprise": name, "visitors": visitors, "agents": staff}


def new_enterprise(code: str) -> tuple:
    """An enterprise and its team."""
    from accounts import setup

    enterprise = setup.create_enterprise(code, code.title())
    return enterprise, enterprise.teams.get()


def new_members(enterprise, number: int) -> list:
    from accounts.models import Member

    members = [
        Member(name=f"{enterprise.code}{one}", nickname=f"客服{one}", enterprise=enterprise)
        for one in range(number)
    ]
    for member in members:
        member.set_unusable_password()
    return Member.objects.bulk_create(members)


def visitor(team, number: int, members: list) -> dict:
    """A visitor with a conversation, in which `members` sit; as the plan shows them."""
    from django.utils import timezone

    from chat.conversations import seating
    from chat.models import Conversation, Visitor
    from chat.visitors import cookies as visitors

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
    seating.seat(
        [
            seating.Place(team.enterprise.code, conversation.uuid, name, uuid, shown)
            for uuid, shown in people
        ]
    )
    return {
        "who": who,
        "group": conversation.uuid,
        "agents": [member.uuid for member in members],
        "cookie": cookie(team.enterprise, token),
    }


def cookie(enterprise, token: str | None = None) -> str:
    """The cookie of a visitor, of somebody new without a token."""
    from chat.visitors import cookies as visitors

    return f"{visitors.cookie_name(enterprise)}={token or visitors.new_token(enterprise)}"


def session_cookie(member) -> str:
    """The cookie of a new login of `member`."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    store = SessionStore()
    store[SESSION_KEY] = str(member.pk)
    store[BACKEND_SESSION_KEY] = "accounts.backends.MemberBackend"
    store[HASH_SESSION_KEY] = member.get_session_auth_hash()
    store.create()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}"


if __name__ == "__main__":
    main()
