"""What a socket is told first, and what it takes to let a visitor in."""

from dataclasses import dataclass, field
from urllib.parse import parse_qs

from django.utils import timezone, translation

from accounts.models import Enterprise, Member, Team
from chat.conversations import seating
from chat.conversations.openings import Opening
from chat.models import Conversation
from chat.presence import leases, unattended_teams
from chat.protocol import events
from chat.protocol.forms import PageForm
from chat.protocol.introduction import Introduction
from chat.protocol.selection import Selection
from chat.reading import conversation_page, inbox
from chat.visitors import cookies, identities, page_views, prechat, site_visits
from chat.visitors.invitations import ShownText

PROTOCOL = 1


def agent_hello(member: Member) -> dict:
    rows, cursor = inbox.page(member.uuid)
    me = {
        "member": member.uuid,
        "name": member.display_name,
        "avatar": member.avator,
        "role": "manager" if member.is_manager else "agent",
    }
    total, counts = inbox.total_unread(member.uuid), inbox.view_counts(member)
    facts = {"more": cursor, "total": total, "counts": counts}
    if member.is_manager:
        facts["unattended"] = unattended_teams.of_enterprise(member.enterprise.code)
    return events.hello(me, PROTOCOL, leases.NODE_ID, rows, **facts)


def inbox_event(member: Member, chosen: Selection) -> dict:
    """The first page of a selection again, for a page that may have missed a push."""
    rows, cursor = inbox.page(member.uuid, chosen=chosen)
    total, counts = inbox.total_unread(member.uuid), inbox.view_counts(member)
    return events.inbox(chosen.view, chosen.tag, rows, more=cursor, total=total, counts=counts)


@dataclass(slots=True)
class VisitorContext:
    """A visitor at an enterprise's door, let in."""

    enterprise: Enterprise
    team: Team
    guest: cookies.Guest
    language: str
    seen: dict[str, str] = field(default_factory=dict)
    """What their connection tells (sightings.equipment)."""
    page: PageForm | None = None
    """Where they said last that they are."""
    topic: str = ""
    """What they chose that it is about."""
    words: ShownText | None = None
    """What they read on the enterprise's site before they wrote."""
    serving: Team | None = None
    """The team that looks after them: that of the page, until they are handed on."""

    def opening(self, said: Introduction) -> Opening:
        """What their first message brings along."""
        session = self.guest.session
        signed = identities.visitor_columns(self.enterprise, session.person) if session else {}
        told = prechat.visitor_columns(self.enterprise, self.guest, said)
        return Opening(
            self.enterprise.code,
            self.team.id,
            self.guest.uuid,
            self.guest.secret_hash,
            told.pop("label", self.name_of(said)),
            self.language,
            self.seen | page_views.page_columns(self.page, timezone.now()) | told | signed,
            topic=self.topic,
            words=self.words,
            visit=said.visit,
        )

    def name_of(self, said: Introduction) -> str:
        """Of one whom an agent invited, the name under which that agent knows them; else their
        own."""
        if self.guest.session or not (self.words and self.words.sender):
            return self.guest.name
        with translation.override(self.language):
            return site_visits.visit_name(said.visit)


def identify_visitor(scope: dict) -> VisitorContext | int:
    """Lets a visitor's socket in, or says the code to close with (403: refuse the handshake)."""
    code = scope["url_route"]["kwargs"]["ent_id"]
    enterprise = Enterprise.objects.filter(code=code).first()
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
    language = cookies.socket_language(scope)
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


def visitor_hello(arrival: VisitorContext) -> dict:
    group = seating.find(arrival.guest.uuid, arrival.team.id)
    rows = []
    if group:
        conversation = Conversation.objects.select_related("team", "reception").get(uuid=group)
        rows = [conversation_page.visitor_row(conversation)]
    me = {"visitor": arrival.guest.uuid, "name": arrival.guest.name}
    return events.hello(me, PROTOCOL, leases.NODE_ID, rows, team=team_facts(arrival.serving))


def team_facts(team: Team) -> dict:
    """The team that looks after a visitor, and whether it is there."""
    states = leases.team_states(team)
    return {"team": team.slug, "name": team.name, **leases.for_visitors(team, states)}
