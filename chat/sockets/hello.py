"""The `hello` event of a socket, and the identification of a visitor's socket."""

from dataclasses import dataclass, field
from urllib.parse import parse_qs

from django.db.models import QuerySet
from django.utils import timezone, translation

from accounts import rights
from accounts.kept import Kept
from accounts.models import Enterprise, Member, Team
from chat.conversations import seating
from chat.conversations.openings import Opening
from chat.models import Conversation, of_these
from chat.presence import leases, unattended_teams
from chat.protocol import events
from chat.protocol.forms import PageForm
from chat.protocol.introduction import Introduction
from chat.protocol.selection import Selection
from chat.reading import conversation_page, inbox, inbox_counts, offers, unread_counts
from chat.visitors import cookies, identities, page_views, prechat
from chat.visitors.invitations import ShownText

PROTOCOL = 1
"""The version of docs/protocol.md."""


def greet_agent(member: Member) -> tuple[dict, list]:
    """A member's hello, and their unread counts (unread_counts.unread_versions)."""
    return agent_hello(member), unread_counts.unread_versions(member.uuid, member.enterprise.code)


def agent_hello(member: Member) -> dict:
    """The hello of a member, with the newest conversations, closed ones too."""
    rows, cursor = inbox.page(member)
    me = {
        "member": member.uuid,
        "name": member.display_name,
        "avatar": member.avator,
        "role": role_of(member),
    }
    total, counts = inbox_counts.numbers(member)
    facts = {"more": cursor, "total": total, "counts": counts}
    facts |= {"offers": offers.of_member(member), "state": leases.own_state(member)}
    if member.is_manager:
        facts["unattended"] = unattended_teams.of_enterprise(member.enterprise.code)
    return events.hello(me, PROTOCOL, leases.NODE_ID, rows, **facts)


def role_of(member: Member) -> str:
    if member.role == rights.BOT:
        return "bot"
    return "manager" if member.is_manager else "agent"


def inbox_event(member: Member, chosen: Selection) -> dict:
    """The first page of a selection, in reply to `sync`."""
    rows, cursor = inbox.page(member, chosen=chosen)
    total, counts = inbox_counts.numbers(member)
    return events.inbox(chosen.facts, rows, more=cursor, total=total, counts=counts)


@dataclass(slots=True)
class VisitorContext:
    """A visitor's connection: who they are, and what is stored of it with the first message."""

    enterprise: Enterprise
    team: Team
    guest: cookies.Guest
    language: str
    connection: dict[str, str] = field(default_factory=dict)
    """The columns that come from the connection (page_views.connection_columns)."""
    page: PageForm | None = None
    """The page that they reported last."""
    topic: str = ""
    """The label of the topic that they chose."""
    words: ShownText | None = None
    """The text that they read on the enterprise's site before they wrote."""
    serving: Team | None = None
    """The team that serves them: the page's team, until the conversation is transferred."""

    @property
    def door(self) -> tuple[str, str, int]:
        return self.enterprise.code, self.guest.uuid, self.team.id

    def opening(self, said: Introduction) -> Opening:
        """What is stored with their first message, besides the message."""
        session = self.guest.sign_in
        signed = identities.visitor_columns(self.enterprise, session.person) if session else {}
        answers = prechat.visitor_columns(self.enterprise, self.guest, said)
        return Opening(
            self.enterprise.code,
            self.team.id,
            self.guest.uuid,
            self.guest.secret_hash,
            answers.pop("label", self.initial_name(said)),
            self.language,
            self.connection | page_views.page_columns(self.page, timezone.now()) | answers | signed,
            topic=self.topic,
            attributes=session.attributes if session else {},
            words=self.words,
            visit=said.visit,
        )

    def initial_name(self, said: Introduction) -> str:
        """The visitor's name in a new conversation. A visitor who was invited keeps the name that
        the agent has seen in the list of visits."""
        if self.guest.sign_in or not (self.words and self.words.sender):
            return self.guest.name
        with translation.override(self.language):
            return cookies.default_name(said.visit)


def may_embed(asked: list[tuple[str, str]]) -> list[bool]:
    """For each (code of an enterprise, origin): whether the enterprise allows that site."""
    enterprises = read_enterprises({code for code, _origin in asked})
    return [
        code in enterprises and origin in enterprises[code].site_origins() for code, origin in asked
    ]


def read_enterprises(codes: set[str]) -> dict[str, Enterprise]:
    """The enterprises with these codes, and their teams."""
    found = {code: cookies.find_enterprise(code) for code in codes}
    return {code: enterprise for code, enterprise in found.items() if enterprise}


def identify_visitors(scopes: list[dict]) -> list[VisitorContext | int]:
    """The context of each visitor's socket, or the code to close it with."""
    enterprises = read_enterprises({code_of(scope) for scope in scopes})
    found = [find_entrance(scope, enterprises.get(code_of(scope))) for scope in scopes]
    let_in = [number for number, one in enumerate(found) if isinstance(one, Entrance)]
    guests = cookies.identify_guests([found[number].browser for number in let_in])
    for number, guest in zip(let_in, guests, strict=True):
        if guest is None or guest.blocked:
            found[number] = 4403 if guest else 4401
        else:
            found[number] = found[number].context(scopes[number], guest)
    stored = [one for one in found if isinstance(one, VisitorContext) and one.guest.stored]
    met = seating.find_each([one.door for one in stored])
    for context, (_group, team) in zip(stored, met, strict=True):
        teams = {one.pk: one for one in context.enterprise.teams.all()}
        context.serving = teams.get(team, context.team)
    return found


def code_of(scope: dict) -> str:
    return scope["url_route"]["kwargs"]["ent_id"]


@dataclass(slots=True, frozen=True)
class Entrance:
    """The page from which a visitor's socket comes."""

    team: Team
    browser: cookies.Browser

    def context(self, scope: dict, guest: cookies.Guest) -> VisitorContext:
        enterprise = self.browser.enterprise
        user_agent = dict(scope["headers"]).get(b"user-agent", b"").decode("latin-1")
        address = (scope.get("client") or [""])[0]
        seen = page_views.connection_columns(user_agent, address, enterprise.addresses)
        return VisitorContext(
            enterprise, self.team, guest, self.browser.language, seen, serving=self.team
        )


def find_entrance(scope: dict, enterprise: Enterprise | None) -> Entrance | int:
    """The page's team and browser, or the code to close the socket with."""
    if enterprise is None:
        return 4404
    query = parse_qs(scope["query_string"].decode("latin-1"))
    team = cookies.find_team(enterprise, query.get("team", [""])[0])
    if team is None:
        return 4404
    if not enterprise.is_open:
        return 4403
    language = cookies.socket_language(scope, enterprise)
    return Entrance(team, cookies.Browser(scope["cookies"], enterprise, language, team))


def greet_visitors(contexts: list[VisitorContext]) -> list[tuple[dict, list]]:
    """For each visitor: their hello, and their unread counts (unread_counts.unread_versions)."""
    met = seating.find_each([one.door for one in contexts])
    groups = [group for group, _team in met if group]
    codes = {one.enterprise.code for one in contexts}
    rows = conversation_page.visitor_rows(conversations_of(codes, groups))
    unread: dict[str, list] = {}
    for code in codes:
        here = [one.guest.uuid for one in contexts if one.enterprise.code == code]
        unread |= unread_counts.unread_of(here, code)
    teams = {one.serving.pk: one.serving for one in contexts}
    facts = {pk: presence_of(team) for pk, team in teams.items()}
    greetings = []
    for context, (group, _team) in zip(contexts, met, strict=True):
        guest = context.guest
        me = {"visitor": guest.uuid, "name": guest.name}
        team = named(context.serving, context.language)
        names = {"group_name": team["name"], "team_name": team["name"]}
        row = [rows[group] | names] if group in rows else []
        team |= facts[context.serving.pk]
        event = events.hello(me, PROTOCOL, leases.NODE_ID, row, team=team)
        greetings.append((event, unread[guest.uuid]))
    return greetings


@Kept
def conversations_of(codes, groups) -> QuerySet[Conversation]:
    found = Conversation.objects.whole().filter(of_these(codes), uuid__in=groups)
    return found.select_related("team", "reception")


def team_facts(team: Team, language: str) -> dict:
    """The team that serves a visitor, with its name in their language and its presence, for
    events.team."""
    return named(team, language) | presence_of(team)


def presence_of(team: Team) -> dict:
    return leases.for_visitors(team, leases.team_states(team))


def named(team: Team, language: str) -> dict:
    return {"team": team.slug, "name": team.translated("name", language)}
