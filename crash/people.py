"""Fills an empty database with the people of a crash run: `python -m crash.people AGENTS VISITORS`.

The output is JSON: {"enterprise": code, "agents": [{"who", "cookie", "teams": [slug]}], "visitors":
[{"who", "cookie", "team": slug}]}. Visitors have a cookie and no row yet; their first message
creates it. Cookies are created without a sign-in. So this refuses to run outside of bin/crash, and
on a database with any data.
"""

import json
import os
import sys

ENTERPRISE = "crash"
TEAMS = ("service", "sales")
BESIDE = "KEFU_CRASH_BESIDE"
"""The variable with what there is to be beside pages, as JSON: the endpoint of a "model", the keys
of "channels" by kind, the types of "webhooks" by address, subscriptions of the agents' "phones"."""


def main() -> None:
    if os.environ.get("KEFU_CRASH") != "1":
        raise SystemExit("only bin/crash makes these people")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    from kefu import keys

    if not keys.is_known():
        raise SystemExit("this database is of another SECRET_KEY")
    json.dump(fill(int(sys.argv[1]), int(sys.argv[2])), sys.stdout)


def fill(agents: int, visitors: int) -> dict:
    """Creates the rows and returns the plan."""
    from accounts import setup
    from accounts.models import Enterprise, Member

    if Enterprise.objects.exists() or Member.objects.exists():
        raise SystemExit("this database is not empty; nothing was done")
    enterprise = setup.create_enterprise(ENTERPRISE, "Crash")
    teams = {slug: setup.find_or_create_team(enterprise, slug) for slug in TEAMS}
    plan = {
        "enterprise": ENTERPRISE,
        "agents": [create_agent(number, enterprise, teams) for number in range(agents)],
        "visitors": [create_visitor(number, enterprise) for number in range(visitors)],
    }
    beside = json.loads(os.environ.get(BESIDE, "{}"))
    if url := beside.get("model"):
        plan["assistant"] = create_assistant(enterprise, list(teams.values()), url)
        plan["editor"] = create_editor(enterprise)
    if keys := beside.get("channels"):
        plan["channels"] = create_channels(enterprise, list(teams.values()), keys)
    if types := beside.get("webhooks"):
        plan["webhooks"] = create_webhooks(enterprise, types)
    for agent, given in zip(plan["agents"], beside.get("phones", ()), strict=False):
        add_phone(agent, given)
    return plan


def add_phone(agent: dict, given: dict) -> None:
    from accounts.models import Member, MemberSession
    from chat.notifications.push import devices

    member, key = Member.objects.get(uuid=agent["who"]), agent["cookie"].partition("=")[2]
    MemberSession.objects.get_or_create(key=key, defaults={"member": member})
    devices.add(member, key, given)


def create_assistant(enterprise, teams: list, url: str) -> str:
    """An assistant that answers for these teams from two articles; returns its uuid."""
    from chat.assistant import assistants
    from chat.knowledge import articles

    from .model import ARTICLES, SLUG

    for language, (title, body) in ARTICLES.items():
        articles.put(enterprise, SLUG, language, articles.Text(title, body.format(3)))
    made = assistants.make(enterprise)
    assistants.change(
        made, teams, url=url, model="scripted", mode="answer", daily_tokens=1_000_000_000
    )
    return made.member.uuid


def create_editor(enterprise) -> str:
    """The token of a service account that edits articles."""
    from accounts import tokens
    from accounts.models import AccessToken

    scopes = [scope for scope in tokens.SCOPES if scope.startswith("knowledge:")]
    member = tokens.service_account(enterprise, "editor")
    return tokens.issue(AccessToken(member=member, name="editor", scopes=scopes))


def create_webhooks(enterprise, types: dict) -> dict[str, str]:
    """A webhook for each address, without types for all; returns their secrets."""
    from chat.stream.types import TYPES
    from chat.webhooks import hooks

    made = [hooks.create(enterprise, url, some or TYPES) for url, some in types.items()]
    return {hook.url: hook.secret for hook in made}


def create_channels(enterprise, teams: list, keys: dict) -> dict[str, str]:
    """A channel of each kind, for one team or the other; returns where their other sides call."""
    from chat.channels import setup

    made = [
        setup.add(enterprise, kind, given, team=teams[number % len(teams)])
        for number, (kind, given) in enumerate(keys.items())
    ]
    return {channel.kind: setup.path_of(channel) for channel in made}


def create_agent(number: int, enterprise, teams: dict) -> dict:
    """Creates a signed-in agent of one of the teams, every third one of both."""
    from accounts import setup
    from accounts.models import Member
    from bench.data import session_cookie

    member = Member(name=f"agent{number}", nickname=f"客服{number}", enterprise=enterprise)
    member.set_unusable_password()
    member.save()
    slugs = TEAMS if number % 3 == 2 else TEAMS[number % 2 :][:1]
    for slug in slugs:
        setup.join_team(member, teams[slug])
    return {"who": member.uuid, "cookie": session_cookie(member), "teams": list(slugs)}


def create_visitor(number: int, enterprise) -> dict:
    """A new visitor, whose browser has a cookie of the chat page."""
    from chat.visitors import cookies as visitors

    token = visitors.new_token(enterprise)
    return {
        "who": token.partition(".")[0],
        "cookie": f"{visitors.cookie_name(enterprise)}={token}",
        "team": TEAMS[number % 2],
    }


if __name__ == "__main__":
    main()
