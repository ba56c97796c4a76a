"""What visitors of the enterprise's sites are told before they write: greetings by rule, and what
an agent says to one of them. Words that they answer become the conversation's first message.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Enterprise, GreetingRule, Member, Team
from accounts.models.greeting_rule import MAX_WORDS, MOST
from chat.models import Conversation, SiteVisit
from chat.presence import leases
from chat.protocol.errors import Refused
from chat.protocol.fields import line
from chat.protocol.introduction import Introduction

from . import site_visits


@dataclass(slots=True)
class ShownText:
    """What a visitor read before the first message, and from whom; `sender` is empty for a rule,
    which speaks for the enterprise."""

    text: str
    name: str
    sender: str = ""
    avatar: str = ""


def active_rules(enterprise: Enterprise, team: Team) -> list[dict]:
    """The greetings that its sites may show at this moment, the first that fits first."""
    found = list(enterprise.rules.filter(active=True)[:MOST])
    if any(rule.only_staffed for rule in found) and leases.is_team_away(team):
        found = [rule for rule in found if not rule.only_staffed]
    return [
        {
            "rule": rule.pk,
            "page": rule.page,
            "seconds": rule.seconds,
            "visits": rule.visits,
            "text": rule.text,
            "staffed": rule.only_staffed,
        }
        for rule in found
    ]


def invite(member: Member, pk: int, fields: Mapping[str, str]) -> None:
    """Says something to who is on the site of the member's enterprise. Refuses with bad_field or
    too_long; not_found where they are gone or not the enterprise's; conflict where they were
    invited already, want nothing of it, or have written."""
    text = line(fields, "text", MAX_WORDS)
    with transaction.atomic():
        found = site_visits.current_visits(member.enterprise).select_for_update()
        visit = found.filter(pk=pk).first() if member.enterprise.visits_told else None
        if visit is None:
            raise Refused("not_found", "Nobody of this number is on the site now.")
        state = site_visits.visit_state(visit, has_written(visit))
        if state != "browsing":
            raise Refused("conflict", f"Not invited: {state}.", state=state)
        visit.invitation, visit.invited_by, visit.invited_at = text, member, timezone.now()
        visit.save(update_fields=["invitation", "invited_by", "invited_at"])


def has_written(visit: SiteVisit) -> bool:
    who = visit.visitor_id
    return who is not None and Conversation.objects.filter(visitor_id=who).exists()


def invitation_of(visit: SiteVisit) -> dict | None:
    """What the visit's page has to show; nothing to who wants none or has written."""
    if not visit.invitation or site_visits.visit_state(visit, has_written(visit)) != "invited":
        return None
    name = visit.invited_by.display_name if visit.invited_by else visit.enterprise.name
    return {"text": visit.invitation, "name": name}


def suggested_text(member: Member) -> str:
    """What a field for the member's next invitation begins with: the words of their own last one,
    as long as they are there. A colleague's may name whom it was for."""
    said = SiteVisit.objects.filter(enterprise=member.enterprise, invited_by=member)
    last = said.order_by("-invited_at").values_list("invitation", flat=True).first()
    return last or _("Hello! Can I help you with anything?")


def shown_text(enterprise: Enterprise, said: Introduction, who: str) -> ShownText | None:
    """What stood before the first message of the visitor `who` (uuid), by the rule or visit that
    their page names; None where that is nothing of this enterprise's, gone, or the visit of another
    visitor."""
    if said.rule is not None:
        active = GreetingRule.objects.filter(enterprise=enterprise, active=True)
        rule = active.filter(pk=said.rule).first()
        return rule and ShownText(rule.text, enterprise.name)
    if not said.visit:
        return None
    visits = site_visits.available_to(who).filter(enterprise=enterprise, key=said.visit)
    visit = visits.exclude(invitation="").select_related("invited_by").first()
    if visit is None:
        return None
    member = visit.invited_by
    if member is None or not member.is_active:
        return ShownText(visit.invitation, enterprise.name)
    return ShownText(visit.invitation, member.display_name, member.uuid, member.avator)
