"""Fills an empty database for a benchmark: `python -m bench.data SIZES`.

SIZES is JSON, {name: [groups, agents]}, for one enterprise each. The output is JSON, {name: plan},
with what clients need to connect. A plan is {"enterprise": code, "agents": [{"who", "cookie"}],
"visitors": [{"who", "group", "agents": [uuid × 5], "cookie"}]}. With 0 groups it is {"enterprise",
"cookies"}, for as many visitors without a message as there are "agents". The team of the plan
"assign" routes so; with four conversations for each agent, some visitors go on waiting. The
enterprise of the plan "assisted" has articles, and an assistant that people leave nothing to do.

Cookies are created without a sign-in. So this refuses to run outside of bin/bench, and on a
database with any data.
"""

import hashlib
import json
import os
import random
import sys

from . import written

SEATS = 5
"""Agents in each group."""


def main() -> None:
    start_django()
    sizes_by_name = json.loads(sys.argv[1])
    json.dump({name: fill(name, *sizes) for name, sizes in sizes_by_name.items()}, sys.stdout)


def start_django() -> None:
    """Sets Django up, and creates the tables. Exits unless the database is empty."""
    if os.environ.get("KEFU_BENCH") != "1":
        raise SystemExit("only bin/bench makes this data")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.settings")
    os.environ["KEFU_COMMAND"] = "1"  # Statements may take minutes.
    import django

    django.setup()
    from django.core.management import call_command

    from accounts.models import Enterprise, Member

    call_command("migrate", interactive=False, verbosity=0)
    if Enterprise.objects.exists() or Member.objects.exists():
        raise SystemExit("this database is not empty; nothing was done")


def fill(name: str, groups: int, agents: int) -> dict:
    """Creates an enterprise with its rows, and returns its plan."""
    from django.db import transaction

    chance = random.Random(1)
    with transaction.atomic():
        enterprise, team = create_enterprise(name)
        if name == "assign":
            team.routing = name
            team.save()
        if groups == 0:
            return {
                "enterprise": name,
                "cookies": [visitor_cookie(enterprise) for _ in range(agents)],
            }
        members = create_members(enterprise, agents)
        visitors = [
            create_visitor(team, number, chance.sample(members, SEATS)) for number in range(groups)
        ]
        if name == "assisted":
            written.set_up(enterprise, "https://model.invalid/v1")
        staff = [{"who": member.uuid, "cookie": session_cookie(member)} for member in members]
    return {"enterprise": name, "visitors": visitors, "agents": staff}


def create_enterprise(code: str) -> tuple:
    """Creates an enterprise; returns it and its team."""
    from accounts import setup

    enterprise = setup.create_enterprise(code, code.title())
    return enterprise, enterprise.teams.get()


def create_members(enterprise, number: int) -> list:
    from accounts.models import Member

    members = [
        Member(name=f"{enterprise.code}{one}", nickname=f"客服{one}", enterprise=enterprise)
        for one in range(number)
    ]
    for member in members:
        member.set_unusable_password()
    Member.objects.bulk_create(members)
    # MySQL does not tell the ids of what it was given.
    return list(Member.objects.filter(enterprise=enterprise).order_by("pk"))


def create_visitor(team, number: int, members: list) -> dict:
    """Creates a visitor with a conversation in which `members` have seats; returns their entry in
    the plan."""
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
        "cookie": visitor_cookie(team.enterprise, token),
    }


def visitor_cookie(enterprise, token: str | None = None) -> str:
    """The cookie of the visitor with this token, or of a new one."""
    from chat.visitors import cookies as visitors

    return f"{visitors.cookie_name(enterprise)}={token or visitors.new_token(enterprise)}"


def session_cookie(member) -> str:
    """The cookie of a new session of `member`."""
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
