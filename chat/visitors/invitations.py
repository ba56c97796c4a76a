"""Texts that the enterprise's sites show to visitors before they write: greetings by rule, and
invitations by agents. A text that the visitor replies to becomes the conversation's first message.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Enterprise, GreetingRule, Member, Team
from accounts.models.greeting_rule import MAX_RULES, MAX_TEXT
from chat.ledger import visible_names
from chat.models import Conversation, SiteVisit
from chat.presence import leases
from chat.protocol.errors import Refused
from chat.protocol.fields import line
from chat.protocol.introduction import Introduction

from . import site_visits


@dataclass(slots=True)
class ShownText:
    """A text that a visitor read before their first message, with the name, uuid and avatar of its
    sender. `sender` is "" for the greeting of a rule, whose name is the enterprise's."""

    text: str
    name: str
    sender: str = ""
    avatar: str = ""


def active_rules(enterprise: Enterprise, team: Team) -> list[dict]:
    """The greeting rules that the enterprise's sites may apply now. The site shows the first that
    matches."""
    found = list(enterprise.rules.filter(active=True)[:MAX_RULES])
    if any(rule.only_staffed for rule in found) and leases.is_team_away(team):
        found = [rule for rule in found if not rule.only_staffed]
    return [
        {
            "rule": rule.pk,
            "page": rule.page,
            "seconds": rule.seconds,
            "visits": rule.visits,
            "text": rule.translated("text"),
            "staffed": rule.only_staffed,
        }
        for rule in found
    ]


def invite(member: Member, pk: int, fields: Mapping[str, str]) -> None:
    """Stores the invitation in `fields["text"]` for the visit `pk`. Refuses with bad_field or
    too_long a wrong text, with not_found a visit that is over or another enterprise's, and with
    conflict (fact `state`) one that was invited, declined invitations, or has written."""
    text = line(fields, "text", MAX_TEXT)
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
    return who is not None and Conversation.objects.whole().filter(visitor_id=who).exists()


def invitation_of(visit: SiteVisit) -> dict | None:
    """The invitation that the visit's page should show; None for none, also once it was declined or
    the visitor has written."""
    if not visit.invitation or site_visits.visit_state(visit, has_written(visit)) != "invited":
        return None
    member = visit.invited_by
    name = visible_names.of(member) if member else visit.enterprise.name
    return {"text": visit.invitation, "name": name}


def suggested_text(member: Member) -> str:
    """The initial text of the member's next invitation: that of their own last one, while its row
    exists. A colleague's text may contain a visitor's name."""
    said = SiteVisit.objects.filter(enterprise=member.enterprise, invited_by=member)
    last = said.order_by("-invited_at").values_list("invitation", flat=True).first()
    return last or _("Hello! Can I help you with anything?")


def shown_text(enterprise: Enterprise, said: Introduction, who: str) -> ShownText | None:
    """The text that the visitor `who` (uuid) read before their first message, by the rule or visit
    in the introduction. None if that is another enterprise's, does not exist any more, or is the
    visit of another visitor."""
    if said.rule is not None:
        active = GreetingRule.objects.filter(enterprise=enterprise, active=True)
        rule = active.filter(pk=said.rule).first()
        return rule and ShownText(rule.translated("text"), enterprise.name)
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
