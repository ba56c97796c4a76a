"""The `hello` event of a socket, and the identification of a visitor's socket."""

from dataclasses import dataclass, field
from urllib.parse import parse_qs

from django.utils import timezone, translation

from accounts import rights
from accounts.models import Enterprise, Member, Team
from chat.conversations import seating
from chat.conversations.openings import Opening
from chat.models import Conversation
from chat.presence import leases, unattended_teams
from chat.protocol import events
from chat.protocol.forms import PageForm
from chat.protocol.introduction import Introduction
from chat.protocol.selection import Selection
from chat.reading import conversation_page, inbox, offers
from chat.visitors import cookies, identities, page_views, prechat, site_visits
from chat.visitors.invitations import ShownText

from . import shared

PROTOCOL = 1
"""The version of docs/protocol.md."""


def agent_hello(member: Member) -> dict:
    """The hello of a member, with the newest conversations, closed ones too."""
    rows, cursor = inbox.page(member.uuid)
    me = {
        "member": member.uuid,
        "name": member.display_name,
        "avatar": member.avator,
        "role": role_of(member),
    }
    total, counts = inbox.total_unread(member.uuid), inbox.view_counts(member)
    facts = {"more": cursor, "total": total, "counts": counts}
    facts |= {"offers": offers.of_member(member.uuid), "state": leases.own_state(member)}
    if member.is_manager:
        facts["unattended"] = unattended_teams.of_enterprise(member.enterprise.code)
    return events.hello(me, PROTOCOL, leases.NODE_ID, rows, **facts)


def role_of(member: Member) -> str:
    if member.role == rights.BOT:
        return "bot"
    return "manager" if member.is_manager else "agent"


def inbox_event(member: Member, chosen: Selection) -> dict:
    """The first page of a selection, in reply to `sync`."""
    rows, cursor = inbox.page(member.uuid, chosen=chosen)
    total, counts = inbox.total_unread(member.uuid), inbox.view_counts(member)
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
            words=self.words,
            visit=said.visit,
        )

    def initial_name(self, said: Introduction) -> str:
        """The visitor's name in a new conversation. A visitor who was invited keeps the name that
        the agent has seen in the list of visits."""
        if self.guest.sign_in or not (self.words and self.words.sender):
            return self.guest.name
        with translation.override(self.language):
            return site_visits.visit_name(said.visit)


def identify_visitor(scope: dict, arrived: float) -> VisitorContext | int:
    """The context of a visitor's socket that came at `arrived` (time.monotonic), or the code to
    close it with; 403 stands for refusing the handshake because of a foreign Origin."""
    code = scope["url_route"]["kwargs"]["ent_id"]
    enterprise = shared.enterprises.get(code, arrived, shared.read_enterprise)
    if not scope["origin_is_ours"]:
        if enterprise is None or scope["origin"] not in enterprise.site_origins():
            return 403
    if enterprise is None:
        return 4404
    query = parse_qs(scope["query_string"].decode("latin-1"))
    team = cookies.find_team(enterprise, query.get("team", [""])[0])
    if team is None:
        return 4404
    if not enterprise.is_open:
        return 4403
    language = cookies.socket_language(scope, enterprise)
    with translation.override(language):
        guest = cookies.identify_guest(scope["cookies"], enterprise)
    if guest is None:
        return 4401
    if guest.blocked:
        return 4403
    headers = dict(scope["headers"])
    user_agent = headers.get(b"user-agent", b"").decode("latin-1")
    address = (scope.get("client") or [""])[0]
    seen = page_views.connection_columns(user_agent, address, enterprise.addresses)
    serving = seating.serving(guest.uuid, team) if guest.stored else team
    return VisitorContext(enterprise, team, guest, language, seen, serving=serving)


def visitor_hello(context: VisitorContext) -> dict:
    group = seating.find(context.guest.uuid, context.team.id)
    rows = []
    if group:
        conversation = Conversation.objects.select_related("team", "reception").get(uuid=group)
        rows = [conversation_page.visitor_row(conversation)]
    me = {"visitor": context.guest.uuid, "name": context.guest.name}
    return events.hello(me, PROTOCOL, leases.NODE_ID, rows, team=team_facts(context.serving))


def team_facts(team: Team) -> dict:
    """The team that serves a visitor, with its presence, for events.team."""
    states = leases.team_states(team)
    return {"team": team.slug, "name": team.name, **leases.for_visitors(team, states)}
